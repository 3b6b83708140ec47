"""The kind of answer that a question asks for, and where in a sentence one may stand."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from qa.language.facts import find_measures, find_quotations
from qa.language.lexicon import POINTING_BACK, SAID, SPEAKING, UNITS, any_of
from qa.language.names import country, find_names
from qa.language.text import STOPWORDS, stem, words

Kind = Literal[
    "person",
    "place",
    "name",
    "date",
    "duration",
    "count",
    "money",
    "percent",
    "reason",
    "manner",
    "statement",
    "yes",
    "thing",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the answer to a question should look like."""

    kind: Kind
    nouns: frozenset[str] = frozenset()
    """Stems of the noun asked for: "what anti-terrorism centre ..." asks for a centre."""
    several: bool = False
    """True where a list is asked for."""


_NOUNS: dict[Kind, str] = {
    "date": "year date day month century decade time era week weekday birthday season deadline",
    "person": """person people president minister premier leader actor actress singer author writer king queen
        ambassador official player man woman men women artist scientist director character coach chairman chairwoman
        chair secretary senator governor mayor founder owner inventor winner musician composer candidate judge lawyer
        politician celebrity star athlete driver journalist envoy general commander plenipotentiary participant attendee
        speaker name""",
    "place": """country countries city state town place region continent location county capital area village island
        province nation river district street neighborhood venue site airport address hometown birthplace""",
    "name": """company organization organisation team group party agency band university school newspaper magazine brand
        club movie film book song show network department court bank airline firm ministry council committee title""",
    "count": """number age population score rate size temperature speed distance height length weight depth width
        magnitude total quantity capacity toll ratio amount area""",
    "money": "price cost salary budget revenue fee fine value worth",
    "percent": "percentage percent proportion share",
    "duration": "duration",
    "reason": "reason cause purpose aim goal motive",
}
_KIND_OF_NOUN = {noun: kind for kind, nouns in _NOUNS.items() for noun in nouns.split()}

_AUXILIARY = frozenset(
    """is are was were be been am do does did has have had can could will would should may might must 's 're""".split()
)
_ENDS_PHRASE = _AUXILIARY | frozenset(
    """of in on at to from by for with about that which who whose the a an and or as into than between during after
    before""".split()
).union(POINTING_BACK, SPEAKING)
_ASKS = frozenset("who whom whose when where why how what which whats whos wheres".split())
_PAYING = frozenset(
    "cost pay paid price money worth spend spent fine fined raise raised dollar dollars earn earned".split()
)
_SAYING = frozenset(
    "say said saying tell told claim claimed state stated write wrote announce announced stress stressed".split()
)
_GATHERING = frozenset("attended attend participated participate participants members attendees list".split())
_MEASURES = frozenset("old tall high far big large fast deep wide heavy hot cold close near often".split())


def expect(question: str) -> Expectation:
    """What `question` asks for, by its question word, its noun and its verb; "thing" where none of them tells."""
    tokens = words(question)
    at = next((i for i, token in enumerate(tokens) if token in _ASKS), None)
    several = bool(_GATHERING & set(tokens))
    if at is None:
        if tokens and tokens[0] in _AUXILIARY:
            return Expectation("yes")
        return _of_noun(tokens[:4], several or tokens[:1] == ["name"])
    asked, rest = tokens[at].removesuffix("s") if tokens[at].endswith("s") else tokens[at], tokens[at + 1 :]
    if asked in ("who", "whom", "whose"):
        return Expectation("person", several=several or rest[:1] in (["are"], ["were"]))
    if asked == "when":
        return Expectation("date")
    if asked == "where":
        return Expectation("place")
    if asked == "why":
        return Expectation("reason")
    if asked == "how":
        return _how(rest)
    return _what(rest, several)


def _how(rest: Sequence[str]) -> Expectation:
    first = rest[0] if rest else ""
    if first == "many":
        return Expectation("count", _phrase(rest[1:]))
    if first == "much":
        return Expectation("money" if _PAYING & set(rest) else "count", _phrase(rest[1:]))
    if first == "long":
        return Expectation("duration")
    if first in _MEASURES:
        return Expectation("count")
    if first == "come":
        return Expectation("reason")
    return Expectation("manner")


def _what(rest: Sequence[str], several: bool) -> Expectation:
    if rest and rest[0] in _AUXILIARY:
        if rest[0] in ("did", "does", "has", "have") and _SAYING & set(rest):
            return Expectation("statement")
        if rest[0] in ("is", "was", "are", "were") and rest[1:2] == ["the"]:
            return _of_noun(rest[2:], several or rest[0] in ("are", "were"))
        return Expectation("thing", several=several or rest[0] in ("are", "were"))
    return _of_noun(rest, several)


def _of_noun(rest: Sequence[str], several: bool) -> Expectation:
    phrase = _noun_phrase(rest)
    head = phrase[-1] if phrase else ""
    kind = _KIND_OF_NOUN.get(head) or _KIND_OF_NOUN.get(head.removesuffix("s"), "thing")
    plural = head.endswith("s") and not head.endswith(("ss", "us", "is"))
    return Expectation(kind, frozenset(map(stem, phrase)) - {"name"}, several or plural)


def _noun_phrase(rest: Sequence[str]) -> list[str]:
    phrase: list[str] = []
    for token in rest[:4]:
        if token in _ENDS_PHRASE or (phrase and token.endswith(("ed", "ing"))):
            break
        phrase.append(token)
    return phrase


def _phrase(rest: Sequence[str]) -> frozenset[str]:
    return frozenset(stem(word) for word in _noun_phrase(rest)[:2])


# --- where an answer may stand ---------------------------------------------------------------------------------------

_FACTS: dict[Kind, frozenset[str]] = {
    "date": frozenset({"date", "time"}),
    "duration": frozenset({"number", "date"}),
    "count": frozenset({"number", "percent", "money"}),
    "money": frozenset({"money"}),
    "percent": frozenset({"percent"}),
}
_NAMED: frozenset[Kind] = frozenset({"person", "place", "name", "thing"})
_QUOTED: frozenset[Kind] = frozenset({"name", "thing", "statement"})
_CUES: dict[Kind, re.Pattern[str]] = {
    "reason": re.compile(
        r"\b(?:because|since|due to|in order to|as a result|so that|so as to|thanks to|caused by|owing to|reason"
        r"|blam\w+|amid|aim\w* (?:to|at)|intended to|stem\w* from|result\w* from|needed to|so as not)\b",
        re.I,
    ),
    "manner": re.compile(r"\b(?:by|through|using|via|with|without)\b", re.I),
    "place": re.compile(r"\b(?:in|at|from|near|to|on|outside|inside|across|into|through) (?=(?:the )?[A-Z])"),
    "statement": re.compile(rf"\b(?:{any_of(SAID)}|that)\b", re.I),
    "duration": re.compile(
        rf"\b(?:\d+|an?|{any_of(UNITS)}|several|few|\w+ty)[ -]+"
        r"(?:and a half )?(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|centur(?:y|ies))\b",
        re.I,
    ),
}


def possible_answers(
    expectation: Expectation, text: str, published: dt.date | None, asked: frozenset[str]
) -> list[tuple[int, int]]:
    """Offsets in the sentence `text` of what may be the answer: of the kind asked for, not among the `asked` terms."""
    kind = expectation.kind
    found = [(start, end) for start, end in _facts(kind, text, published) if _says_more(text[start:end], asked)]
    if kind == "place":
        return [(a, b) for a, b in found if country(text[a:b].lower()) or _PLACED.search(text, max(0, a - 12), a)]
    if cue := _CUES.get(kind):
        found += [match.span() for match in cue.finditer(text)]
    return found


@lru_cache(maxsize=256)  # of one question; of the next hardly any is asked for again
def _facts(kind: Kind, text: str, published: dt.date | None) -> tuple[tuple[int, int], ...]:
    facts = [f for f in find_measures(text, published) if f.kind in _FACTS[kind]] if kind in _FACTS else []
    if kind in _QUOTED:
        facts += find_quotations(text)
    return (*((fact.start, fact.end) for fact in facts), *(find_names(text) if kind in _NAMED else ()))


_PLACED = re.compile(r"\b(?:in|at|from|near|to|on|outside|inside|across|into|through|of)(?: the)? $", re.I)


def _says_more(text: str, asked: frozenset[str]) -> bool:
    return any(stem(word) not in asked for word in words(text) if word not in STOPWORDS)
