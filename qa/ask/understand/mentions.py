"""Finds what a question or answer speaks of, by kind: people, countries, places, organisations, events, things."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from qa.ask.understand.coordination import listed_names
from qa.ask.understand.time_words import find_time_words
from qa.language.lexicon import COURTESIES, DEMONSTRATIVES, OWNERS, any_of
from qa.language.names import country, find_names
from qa.language.text import STOPWORDS, stem

Kind = Literal["person", "country", "place", "organisation", "event", "thing", "several", "name"]


class Mention(NamedTuple):
    """Words that name or describe something."""

    start: int
    end: int
    text: str
    """As it can stand in another question: a possessive 's is left off, "how many troops" is "the troops"."""
    kind: Kind
    head: str
    """Stem of the noun that says what it is; of a name, of its last word."""
    is_name: bool


_ORGANISATIONS = frozenset(
    """council ministry party bank company inc corp university union group committee court agency association
    commission parliament senate congress assembly federation league institute foundation organisation
    organization office department police army club team church board bureau service airlines motors press times
    post news university college hospital school museum government cabinet firm startup bloc coalition
    administration secretariat authority alliance corporation fund network""".split()
)
_EVENTS = frozenset(
    """summit meeting talks exercise exercises election elections fair match war attack ceremony conference session
    festival trial race concert vote referendum visit games cup olympics championship championships forum
    congress final strike strikes protest protests earthquake flood fire storm hurricane crash accident wedding
    funeral awards parade march inauguration opening launch negotiations invasion battle coup siege explosion
    bombing raid tour hearing inquiry investigation drills manoeuvres maneuvers event anniversary celebration
    exhibition expo competition tournament debate speech interview ruling decision announcement deal agreement
    treaty""".split()
)
_PLACES = frozenset(
    """city river island islands street airport lake mount mountain sea square bridge region oblast province county
    state harbour harbor bay park palace town village district stadium capital port border beach road valley
    desert hotel venue building""".split()
)
_PEOPLE = frozenset(
    """president minister mayor chairman chairwoman chair director secretary king queen prince princess senator
    governor judge officer man woman boy girl leader spokesman spokeswoman spokesperson deputy chief coach
    captain player singer actor actress author writer journalist reporter scientist doctor teacher lawyer
    premier chancellor ambassador general colonel commander head founder ceo boss winner candidate suspect
    victim driver owner pope bishop speaker envoy commissioner prosecutor diplomat manager artist star""".split()
)
_TITLES = re.compile(rf"(?i)\b{any_of(COURTESIES | _PEOPLE)}\.?,?\s$")
_ACTS = re.compile(
    r"(?i)\s(?:said|say|says|told|tell|think|thinks|resigned?|tweet(?:ed)?|wrote|write|married|marry|die[ds]?|was\sborn|born|win|won|beat)\b"
)
_IN = re.compile(r"(?i)\b(?:in|at|near|from|to|across|outside|around|throughout)\s(?:the\s)?$")
_AUX = r"(?:did|does|do|will|would|can|could|should|may|might|must)"
_BE = r"(?:is|are|was|were|has|have|had|been|be)"
_DETERMINER = re.compile(
    rf"(?i)\b(?P<det>the|a|an|{any_of({*DEMONSTRATIVES, *OWNERS})}|which|what|how\smany|how\smuch)\s(?=[\w'-])"
)
_WORD = re.compile(r"[\w'-]+")
_PARTICIPLE = re.compile(
    r"(?i)(?:\w+(?:ed|en)|held|made|built|won|sold|sent|set|put|born|found|told|led|met|cut|hit|shut|said|begun|known|shown|drawn|due|based|like)"
)
# Verbs that a noun phrase often stands before, so that they are taken for no noun.
_VERBS = frozenset(
    """take takes took begin begins began start starts started end ends ended say says said win wins won cost costs
    happen happened come came go goes went get got make made mean become became include includes decide decided
    have has had be agree agreed discuss discussed meet met sign signed hold held last lasted open opened close
    closed want wanted plan plans planned visit visited send sent use used cause caused announce announced leave
    left lose lost kill killed buy bought sell sold call called ask asked approve approved reject rejected adopt
    adopted vote voted report reported give gave join joined host hosted hosts chairs chaired belong belongs
    recall recalled release released attend attended tell told arrive arrived help helped affect affected owns
    own leads led need needs expect expected receive received find found live lives work works worked stand
    stands""".split()
)
_NO_HEADS = frozenset(
    "first second third last next same other one ones way part kind lot number name names time day year date".split()
)
_DEMONYM_NOUNS = frozenset("usa us uk america britain burma holland türkiye".split())


def mentions(text: str, known: Collection[str] = ()) -> list[Mention]:
    """What a text speaks of, in order: names, lists of names, and noun phrases such as "the CIS chairmanship".

    `known` are lower-case words that are names even where one opens a sentence.
    """
    found = [
        Mention(listed.start, listed.end, text[listed.start : listed.end], "several", "", True)
        for listed in listed_names(text)
    ]
    phrases = list(_phrases(text))
    for start, end in find_names(text, known):
        if (name := _name(text, start, end)) and not any(
            p.start <= start and end < p.end and not JOINS.search(p.text) for p in phrases
        ):
            found.append(name)
    taken = [(name.start, name.end) for name in found]
    for phrase in phrases:
        # "The Kremlin" and "the United States" are names already.
        if not any(a <= phrase.start + 4 and phrase.end <= b for a, b in taken):
            found.append(phrase)
    return sorted(found, key=lambda mention: (mention.start, -mention.end))


def _name(text: str, start: int, end: int) -> Mention | None:
    written = text[start:end]
    kind = _kind_of_name(text, start, end)
    if kind is None:
        return None
    the = "the " if text[max(0, start - 4) : start].lower() == "the " else ""
    return Mention(start - len(the), end, the + written, kind, stem(written.split()[-1].lower()), True)


def _kind_of_name(text: str, start: int, end: int) -> Kind | None:
    """The kind of a name; None where it is the adjective of a country."""
    tokens = [word.lower().strip(".") for word in text[start:end].split()]
    last = tokens[-1]
    if of := country(" ".join(tokens)):
        return "country" if of in tokens or set(tokens) & _DEMONYM_NOUNS else None
    if " ".join(tokens) in (
        "united states",
        "united kingdom",
        "saudi arabia",
        "south korea",
        "north korea",
        "new zealand",
        "south africa",
    ):
        return "country"
    if last in _EVENTS:
        return "event"
    if set(tokens) & _ORGANISATIONS:
        return "organisation"
    if last in _PLACES:
        return "place"
    if _TITLES.search(text, max(0, start - 20), start):
        return "person"
    letters = text[start:end].replace(".", "")
    if len(tokens) == 1 and letters.isupper() and len(letters) > 1:
        return "organisation"
    if _IN.search(text, max(0, start - 20), start):
        return "place"
    if _ACTS.match(text, end) or (2 <= len(tokens) <= 3 and text[max(0, start - 4) : start].lower() != "the "):
        return "person"
    return "name"


def _phrases(text: str) -> Iterator[Mention]:
    for match in _DETERMINER.finditer(text):
        run = _run(text, match.end())
        if not run:
            continue
        run = _without_verb(text, match, run)
        if not run:
            continue
        end = run[-1].end()
        head = run[-1][0].lower().removesuffix("'s")
        if head in _NO_HEADS or head.isdigit():
            continue
        words = text[match.end() : end]
        if words.endswith("'s"):
            words, end = words[:-2], end - 2
        kind = _kind_of_noun(head)
        of = _of_phrase(text, end, kind)
        det = match["det"].lower()
        shown = f"{det if det in OWNERS else 'the'} {words}{of}"
        yield Mention(match.start(), end + len(of), shown, kind, stem(head), False)


def _run(text: str, start: int) -> list[re.Match[str]]:
    """Up to five neighbouring words that may make up a noun phrase."""
    run: list[re.Match[str]] = []
    at = start
    while len(run) < 5 and (word := _WORD.match(text, at)):
        lower = word[0].lower()
        if lower in STOPWORDS or (run and lower in _VERBS and not word[0][0].isupper()):
            break
        run.append(word)
        if word[0].endswith("'s") or text[word.end() : word.end() + 1] != " ":
            break
        at = word.end() + 1
    return run


def _without_verb(text: str, match: re.Match[str], run: list[re.Match[str]]) -> list[re.Match[str]]:
    """The run without the verb at its end: "did the council decide" speaks of the council."""
    before = text[: match.start()].rstrip().lower()
    after = text[run[-1].end() : run[-1].end() + 1]
    last = run[-1][0].lower()
    if len(run) < 2 or last.endswith("'s"):
        return run
    if re.search(rf"\b{_AUX}$", before) and after in (" ", "?", "", ".") and last not in _EVENTS:
        return run[:-1]
    if re.search(rf"\b{_BE}$", before) and _PARTICIPLE.fullmatch(last):
        return run[:-1]
    if match["det"].lower() in ("which", "what", "how many", "how much") and _PARTICIPLE.fullmatch(last):
        return run[:-1]
    return run


JOINS = re.compile(r"\s(?:of|in|at)\s")
"""What joins a noun to what says more of it: "the chairman of the council", "the fair in Riga"."""
_OF = re.compile(r"\sof\s(?:the\s)?(?:[A-Z][\w'.-]*(?:\s[A-Z][\w'.-]*)*|[a-z]+(?=[?.,]|$))")
_WHERE = re.compile(r"\s(?:in|at)\s(?:the\s)?[A-Z][\w'.-]*(?:\s[A-Z][\w'.-]*)*")


def _of_phrase(text: str, end: int, kind: Kind) -> str:
    match = _OF.match(text, end) or (_WHERE.match(text, end) if kind == "event" else None)
    if not match or (match[0][1:3] != "of" and find_time_words(match[0])):
        return ""
    return match[0].removesuffix("'s")


def _kind_of_noun(head: str) -> Kind:
    if head in _PEOPLE:
        return "person"
    if head in _EVENTS:
        return "event"
    if head in _ORGANISATIONS:
        return "organisation"
    if head in _PLACES:
        return "place"
    if head in ("people", "police", "troops") or (head.endswith("s") and not head.endswith(("ss", "us", "is", "news"))):
        return "several"
    return "thing"
