"""Finds the outlets that a question names as its sources: "the BBC report", "according to Reuters", "as CNN wrote"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple


class Source(NamedTuple):
    """Words of a question that name who reported."""

    start: int
    """With the article and the nouns around it: "the report of the BBC"."""
    end: int
    outlets: tuple[str, ...]
    """As the library writes them; as typed where the library has none."""


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
    """time times people fortune variety nature science metro express mirror sun independent guardian verge hill post week age
    star standard herald nation atlantic economist conversation register intercept observer mail wired vox insider
    slate salon athletic ringer cell fox sky abc ap ft rt dw ria yahoo telegraph today chronicle globe tribune
    examiner dispatch gazette journal record echo local onion cut root spectator stranger""".split()
)
_ENDING = re.compile(r"\s(?:news|online|newspaper|magazine|com|news agency)$")
_DOMAIN = re.compile(
    r"(?:https?://)?(?:www\d?\.|edition\.|m\.|amp\.|news\.|en\.|eng\.)*((?:[\w-]+\.)*?[\w-]+)"
    r"\.(?:co\.\w\w|com\.\w\w|org\.\w\w|net\.\w\w|gov\.\w\w|\w{2,6})(?:/.*)?"
)


def forms_of(outlet: str) -> frozenset[str]:
    """Lower-case ways to write the name of an outlet, given as a name or as a host: "bbc.co.uk" -> bbc, bbc news."""
    plain = " ".join(outlet.lower().replace("’", "'").split())
    host = _DOMAIN.fullmatch(plain) if " " not in plain else None
    forms = {plain}
    if host:
        forms |= {host[1], host[1].split(".")[-1].removeprefix("the"), plain.removeprefix("www.")}
    name = plain.removeprefix("the ")
    forms |= {name, _ENDING.sub("", name)}
    squeezed = {form.replace(" ", "").replace("-", "").replace("'", "").removeprefix("the") for form in forms}
    for names in _SAME:
        if forms & set(names) or squeezed & {names[0], names[0].removeprefix("the")}:
            forms |= set(names)
    return frozenset(form for form in forms if len(form) > 1) | {form for form in squeezed if len(form) > 2}


@lru_cache(maxsize=8)
def _table(outlets: frozenset[str]) -> tuple[dict[str, tuple[str, ...]], re.Pattern[str]]:
    """Every form with the library's outlets that it may mean, and a pattern that finds a form in a text."""
    meant: dict[str, list[str]] = {}
    for outlet in sorted(outlets):
        for form in forms_of(outlet):
            meant.setdefault(form, []).append(outlet)
    if not outlets:
        meant = {form: [] for names in _SAME for form in names}
    # A name written in one word is found in two as well: "Tech Crunch", "The Washington Post" of washingtonpost.com.
    ways = sorted(meant, key=len, reverse=True)
    spaced = "|".join(_spaced(way) for way in ways)
    return {form: tuple(named) for form, named in meant.items()}, re.compile(rf"(?i)(?<![\w.@/-])(?:{spaced})(?![\w@])")


def _spaced(form: str) -> str:
    return re.escape(form).replace(r"\ ", r"\s")


_NOUN = r"(?:reports?|articles?|stor(?:y|ies)|pieces?|coverage|reporting|editorials?|columns?|posts?|reviews?|interviews?|analys[ie]s|dispatch)"
_BEFORE = re.compile(
    rf"""(?xi)(?: \b(?: according\sto | as\s(?:reported|covered|told|noted|described|stated|said|written)\sby | (?:reported|covered|published
    |written|featured|printed|quoted|highlighted|mentioned|described|detailed|discussed)\s(?:by|in)(?:\sboth|\san?\sarticles?\s(?:by|from|in|on))?
    | interview\s(?:with|to)
    | {_NOUN}\s(?:(?:\w+\s){{0,2}}?)?(?:of|by|from|in|on)(?:\sboth)? | (?:that|those|the\sone|ones?)\s(?:of|by|from|in|on)
    | (?:news|information|headlines?)\s(?:of|by|from|in|on)
    | did|does|do|has|have|had|what|told|via|says|per | both | between )\s
    | [(]) (?:the\s|an?\s)?$"""
)
_AFTER = re.compile(
    rf"""(?xi)(?: 's\s(?:\w+\s){{0,2}}{_NOUN}\b | \s(?:\w+\s)?{_NOUN}\b
    | \s(?:(?:also|both|each|then)\s)?(?:reports?|reported|reporting|sa(?:y|id|ys)|writes?|wrote|written|publish(?:es|ed)?|cover(?:s|ed)?
    |notes?|noted|claims?|claimed|suggests?|suggested|describes?|described|mentions?|mentioned|states?|stated|quotes?|quoted
    |discuss(?:es|ed)?|detail(?:s|ed)?|highlights?|highlighted|print(?:s|ed)?|tell|told)\b )"""
)
# After "did X" only these say that X reported, and not that X did something.
_TELLS = re.compile(
    r"(?i)\s(?:(?:also|both|each)\s)?(?:report|say|write|publish|cover|note|claim|describe|mention|print|tell|suggest|state|quote)\b"
)
_WEAK = re.compile(r"(?i)\b(?:did|does|do|has|have|had|what|both|between|says|via|per)\s(?:the\s|an?\s)?$")
_LISTED = re.compile(
    r"(?i)(?:,|\s(?:and|or)|,\s(?:and|or))\s(?:(?:that|those|the\sone|the\s(?:report|article|story))\s(?:of|by|from|in)\s)?(?:the\s)?"
)
_LEAD = re.compile(
    rf"(?i)(?:\b(?:the|an?|this|that|one)\s)?(?:\b(?:recent|new|latest|original)\s)?(?:\b{_NOUN}\s)?"
    r"(?:\b(?:published|written|featured)\s)?(?:\b(?:of|by|from|in|on)\s)?(?:\bthe\s)?$"
)
_TYPED = re.compile(
    rf"\b(?:[Tt]he|[Aa]n?|[Tt]hat)\s(?:{_NOUN}\s)?(?:of|by|from|in)\s(?:the\s)?(?P<name>[A-Z][\w.&'-]*(?:\s(?:of\s)?[A-Z][\w.&'-]*)*)"
)


def find_sources(text: str, outlets: Collection[str] = ()) -> list[Source]:
    """Where a question names outlets as its sources, in order. An outlet that the question is about is none.

    `outlets` are those of the library, names ("The Verge") or hosts ("cnn.com").
    """
    table, pattern = _table(frozenset(outlets))
    found: list[Source] = []
    seen = [(match, table.get(_form(match[0]), ())) for match in pattern.finditer(text)]
    seen = [(match, named or (() if outlets else (match[0],))) for match, named in seen]
    seen = [(match, named) for match, named in seen if named and _is_written_as_name(match[0])]
    sure = [_is_source(text, match) for match, _ in seen]
    for at in range(len(seen) - 1):  # of "articles by A, B and C" only A stands after "by"
        between = text[seen[at][0].end() : seen[at + 1][0].start()]
        sure[at + 1] |= sure[at] and bool(_LISTED.fullmatch(between))
    for at in range(len(seen) - 2, -1, -1):  # of "did A and B report" only B stands before "report"
        between = text[seen[at][0].end() : seen[at + 1][0].start()]
        sure[at] |= sure[at + 1] and bool(_LISTED.fullmatch(between))
    for (match, named), is_source in zip(seen, sure, strict=True):
        if is_source:
            found.append(_with_lead(text, match.start(), match.end(), named))
    if not outlets:
        covered = [(source.start, source.end) for source in found]
        for match in _TYPED.finditer(text):
            start, end = match.span("name")
            if not any(a < end and start < b for a, b in covered) and re.search(_NOUN, match[0]):
                found.append(_with_lead(text, start, end, (match["name"],)))
    return sorted(found)


def _form(written: str) -> str:
    return " ".join(written.lower().split())


def _is_written_as_name(written: str) -> bool:
    if _form(written).removeprefix("the ") not in _WORDS:
        return True
    word = written.split()[-1]
    return (
        word.isupper()
        if len(word) <= 3 and word.lower() not in ("sun", "age", "cut", "sky", "fox")
        else word[0].isupper()
    )


def _is_source(text: str, match: re.Match[str]) -> bool:
    before = _BEFORE.search(text, max(0, match.start() - 70), match.start())
    if before and not _WEAK.search(text, max(0, match.start() - 20), match.start()):
        return True
    if before and _TELLS.match(text, match.end()):
        return True
    return bool(_AFTER.match(text, match.end()))


def _with_lead(text: str, start: int, end: int, outlets: tuple[str, ...]) -> Source:
    lead = _LEAD.search(text, max(0, start - 60), start)
    return Source(lead.start() if lead else start, end, outlets)


def outlets_of(sources: Sequence[Source]) -> tuple[str, ...]:
    """Every outlet of the sources, each once."""
    return tuple(dict.fromkeys(outlet for source in sources for outlet in source.outlets))
