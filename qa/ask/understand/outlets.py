"""Finds the outlets that a question names as its sources: "the BBC report", "according to Reuters", "as CNN wrote"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple


class OutletMention(NamedTuple):
    """Words of a question that name who reported."""

    start: int
    """With its article and the nouns around it: "the report of the BBC"."""
    end: int
    outlets: tuple[str, ...]
    """As the library writes them; as typed if the library has none."""


# Hosts and short names that are not made of the letters of the name; the first is the one to show.
_SAME = [
    line.split(", ")
    for line in """bbc, bbc news, bbc sport, british broadcasting corporation
cnn, cable news network, edition cnn
nytimes, new york times, nyt
wsj, wall street journal
ft, financial times
ap, associated press, apnews, ap news
afp, agence france-presse
washingtonpost, washington post, wapo
latimes, los angeles times, la times
theguardian, guardian
theindependent, independent
telegraph, daily telegraph
dailymail, daily mail, mail online
usatoday, usa today
aljazeera, al jazeera
dw, deutsche welle
scmp, south china morning post
smh, sydney morning herald
timesofindia, times of india, indiatimes
hindustantimes, hindustan times
abc, abc news, abcnews, abcnews go
cbs, cbs news, cbsnews
nbc, nbc news, nbcnews
fox, fox news, foxnews
sky, sky news, skynews
rferl, radio free europe, radio liberty
npr, national public radio
pbs, pbs newshour
thehill, hill
theverge, verge
theatlantic, atlantic
theeconomist, economist
politico, politico europe
belta, belta news
tass, itar-tass
ria, ria novosti
sportingnews, sporting news
cbssports, cbs sports
espn, espn sports
yahoo, yahoo news
globeandmail, globe and mail""".split("\n")
]
# Names that are words as well: outlets only with a capital letter.
_WORDS = frozenset(
    """time times people fortune variety nature science metro express mirror sun independent guardian verge hill
    post week age star standard herald nation atlantic economist conversation register intercept observer mail
    wired vox insider slate salon athletic ringer cell fox sky abc ap ft rt dw ria yahoo telegraph today
    chronicle globe tribune examiner dispatch gazette journal record echo local onion cut root spectator
    stranger""".split()
)
_ENDING = re.compile(r"\s(?:news|online|newspaper|magazine|com|news agency)$")
_DOMAIN = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*?(?P<label>[\w-]+)(?P<suffix>\.(?:(?:com|co|org|net|gov|ac)\.\w\w|\w{2,6}))(?:/.*)?"
)


def forms_of(outlet: str) -> frozenset[str]:
    """Lower-case ways to write the name of an outlet, given as a name or as a host: "bbc.co.uk" -> bbc, bbc news."""
    plain = " ".join(outlet.lower().replace("’", "'").split())
    host = _DOMAIN.fullmatch(plain) if " " not in plain else None
    forms = {plain}
    if host:
        forms |= {host["label"], host["label"].removeprefix("the"), host["label"] + host["suffix"]}
    name = plain.removeprefix("the ")
    # "CNBC | World Business News Leader", "The Independent - Life and Style"
    forms |= {name, _ENDING.sub("", name), re.split(r"\s[|–-]\s", name)[0]}
    squeezed = {form.replace(" ", "").replace("-", "").replace("'", "").removeprefix("the") for form in forms}
    for names in _SAME:
        if forms & set(names) or squeezed & {names[0], names[0].removeprefix("the")}:
            forms |= set(names)
    return frozenset(form for form in forms if len(form) > 1) | {form for form in squeezed if len(form) > 2}


@lru_cache(maxsize=8)
def _table(outlets: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Every form with the library's outlets that it may mean; of no library the well known outlets, as they are
    typed.
    """
    meant: dict[str, list[str]] = {}
    for outlet in sorted(outlets):
        for form in forms_of(outlet):
            meant.setdefault(form, []).append(outlet)
    if not outlets:
        return {form: () for names in _SAME for form in names}
    return {form: tuple(named) for form, named in meant.items()}


_WORD = re.compile(r"[^\W_](?:[\w.&-]*[^\W_])?")
_MOST_WORDS = 5


def _named(text: str, table: dict[str, tuple[str, ...]]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Where a text names outlets: start, end, and the outlets, the longest name first; "Tech Crunch" is techcrunch."""
    tokens = [match.span() for match in _WORD.finditer(text)]
    at = 0
    while at < len(tokens):
        for count in range(min(_MOST_WORDS, len(tokens) - at), 0, -1):
            start, end = tokens[at][0], tokens[at + count - 1][1]
            written = text[start:end]
            form = " ".join(written.lower().split())
            named = table.get(form)
            if named is None and 1 < count < 4:
                named = table.get(form.replace(" ", ""))
            if named is not None and _is_written_as_name(written):
                yield start, end, named or (written,)
                at += count - 1
                break
        at += 1


_NOUN = (
    r"(?:reports?|articles?|stor(?:y|ies)|pieces?|coverage|reporting|editorials?|columns?|posts?|reviews?|interviews?"
    r"|analys[ie]s|dispatch)"
)
_BEFORE = re.compile(
    rf"""(?xi)(?: \b(?: according\sto | as\s(?:reported|covered|told|noted|described|stated|said|written)\sby |
    (?:reported|covered|published
    |written|featured|printed|quoted|highlighted|mentioned|described|detailed|discussed)\s(?:by|in)(?:\sboth|\san?\sarticles?\s(?:by|from|in|on))?
    | (?:portrayal|account|depiction|description|picture|version|view)\s(?:[\w' -]{{1,40}}\s)?by
    | interview\s(?:with|to)
    | {_NOUN}\s(?:(?:\w+\s){{0,2}}?)?(?:of|by|from|in|on)(?:\sboth)? | (?:that|those|the\sone|ones?)\s(?:of|by|from
    |in|on)
    | (?:news|information|headlines?)\s(?:of|by|from|in|on)
    | did|does|do|has|have|had|what|told|tells?|via|says|per | both | between )\s
    | [(]) (?:the\s|an?\s)?$"""
)
_AFTER = re.compile(
    rf"""(?xi)(?: 's(?=\s*[?.,]|$) | 's\s(?:\w+\s){{0,2}}{_NOUN}\b | \s(?:\w+\s)?{_NOUN}\b
    | \s(?:(?:also|both|each|then)\s)?(?:reports?|reported|reporting|sa(?:y|id|ys)|writes?|wrote|written
    |publish(?:es|ed)?|cover(?:s|ed)?
    |notes?|noted|claims?|claimed|suggests?|suggested|describes?|described|mentions?|mentioned|states?|stated|quotes?|quoted
    |discuss(?:es|ed)?|detail(?:s|ed)?|highlights?|highlighted|print(?:s|ed)?|tell|told)\b )"""
)
# After "did X" only these say that X reported, and not that X did something.
_TELLS = re.compile(
    r"(?i)\s(?:(?:also|both|each)\s)?(?:report|say|write|publish|cover|note|claim|describe|mention|print|tell|suggest|state|quote)\b"
)
_WEAK = re.compile(r"(?i)(?:did|does|do|has|have|had|what|both|between|says|via|per)\s(?:the\s|an?\s)?")
_LISTED = re.compile(
    r"(?i)(?:,|\s(?:and|or)|,\s(?:and|or))\s(?:(?:that|those|the\sone|the\s(?:report|article|story))\s(?:of|by|from|in)\s)?(?:the\s)?"
)
_AND_BY = re.compile(r"(?i)\b(?:and|but|or|while)\s(?:by|in|from)\s(?:the\s)?$")
_LEAD = re.compile(
    rf"(?i)(?:\b(?:the|an?|this|that|one)\s)?(?:\b(?:recent|new|latest|original)\s)?(?:\b{_NOUN}\s)?"
    r"(?:\b(?:published|written|featured)\s)?(?:\b(?:of|by|from|in|on)\s)?(?:\bthe\s)?$"
)
_TYPED = re.compile(
    rf"\b(?:[Tt]he|[Aa]n?|[Tt]hat)\s(?:{_NOUN}\s)?(?:of|by|from|in)\s(?:the\s)?(?P<name>[A-Z][\w.&'-]*(?:\s(?:of\s)?[A-Z][\w.&'-]*)*)"
)


def find_sources(text: str, outlets: Collection[str] = ()) -> list[OutletMention]:
    """Where a question names outlets as its sources, in order. An outlet that the question is about is none.

    `outlets` are those of the library, names ("The Verge") or hosts ("cnn.com").
    """
    found: list[OutletMention] = []
    seen = list(_named(text, _table(frozenset(outlets))))
    sure = [_is_source(text, start, end) for start, end, _ in seen]
    listed = [bool(_LISTED.fullmatch(text[a[1] : b[0]])) for a, b in zip(seen, seen[1:], strict=False)]
    for at, is_listed in enumerate(listed):  # of "articles by A, B and C" only A stands after "by"
        sure[at + 1] |= sure[at] and is_listed
    for at in reversed(range(len(listed))):  # of "did A and B report" only B stands before "report"
        sure[at] |= sure[at + 1] and listed[at]
    for at, (start, _, _) in enumerate(seen):  # "described by A as ... and by B as ..."
        sure[at] |= any(sure) and bool(_AND_BY.search(text, max(0, start - 16), start))
    for (start, end, named), is_source in zip(seen, sure, strict=True):
        if is_source:
            found.append(_with_lead(text, start, end, named))
    if not outlets:
        covered = [(source.start, source.end) for source in found]
        for match in _TYPED.finditer(text):
            start, end = match.span("name")
            if not any(a < end and start < b for a, b in covered) and re.search(_NOUN, match[0]):
                found.append(_with_lead(text, start, end, (match["name"],)))
    return sorted(found)


def _is_written_as_name(written: str) -> bool:
    name = " ".join(written.lower().split())
    if name.removeprefix("the ") not in _WORDS:
        return True
    word = written.split()[-1]
    return word.isupper() if word.lower() in _ACRONYMS else word[0].isupper()


_ACRONYMS = frozenset("abc ap ft rt dw ria".split())


def _is_source(text: str, start: int, end: int) -> bool:
    before = _BEFORE.search(text, max(0, start - 70), start)
    if before and (_TELLS.match(text, end) or not _WEAK.fullmatch(before[0])):
        return True
    return bool(_AFTER.match(text, end))


def _with_lead(text: str, start: int, end: int, outlets: tuple[str, ...]) -> OutletMention:
    lead = _LEAD.search(text, max(0, start - 60), start)
    noun = _NOUN_AFTER.match(text, end)
    return OutletMention(lead.start() if lead else start, noun.end() if noun else end, outlets)


_NOUN_AFTER = re.compile(rf"(?i)'s?(?:\s(?:\w+\s)?{_NOUN}\b)?|\s{_NOUN}\b")


def outlets_of(sources: Sequence[OutletMention]) -> tuple[str, ...]:
    """Every outlet of the sources, each once."""
    return tuple(dict.fromkeys(outlet for source in sources for outlet in source.outlets))
