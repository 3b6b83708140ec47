"""Builds questions by rule: they ask for one fact of a sentence, or leave it blank if no rule fits.

A rule is used only if it surely gives a sound question: "Mayor Anna Holt opened the bridge" becomes "Who opened the
bridge?" because the name is the whole subject. All others become a cloze with ___ in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.evaluation.sets.build.clauses import Clause, inverted, parse
from qa.evaluation.sets.build.sentences import SourceSentence
from qa.language.dates import Date
from qa.language.facts import Fact
from qa.language.lexicon import OWNERS, any_of, months
from qa.language.names import country, name_matches, name_words
from qa.language.numbers import Quantity
from qa.language.text import stems

BLANK = "___"
_BE = ("is", "are", "was", "were")
_FEWEST_STEMS, _FEWEST_WITHOUT_NAME = 4, 8


@dataclass(frozen=True, slots=True)
class FactQuestion:
    """A question and the answers in its sentence."""

    text: str
    answers: tuple[str, ...]
    """The sentence's own words first."""
    is_blank: bool = False
    """True when it is the sentence itself with ___ in it."""


def ask_number(sentence: SourceSentence) -> Iterator[FactQuestion]:
    """Yields questions about a number, share or sum of the sentence: by rule first, then with a blank."""
    for fact in sentence.facts:
        quantity = fact.value
        if not isinstance(quantity, Quantity) or quantity.unit in ("th", "s") or not _is_specific(sentence, fact):
            continue
        answers = _number_answers(fact, quantity)
        yield from _sound_question(_number_question(sentence, fact, quantity), answers, fact)
        if len(answers) == 1:
            yield from _blank(sentence, fact, answers)


def ask_date(sentence: SourceSentence) -> Iterator[FactQuestion]:
    """Yields questions about a day, month or year of the sentence: by rule first, then with a blank."""
    for fact in sentence.facts:
        # "Tuesday", "in May" and "last year" are too vague to compare an answer with.
        if isinstance(fact.value, Date) and any(map(str.isdigit, fact.text)) and not _is_range(sentence.text, fact):
            answers = _date_answers(fact, fact.value)
            yield from _sound_question(_date_question(sentence, fact), answers, fact)
            yield from _blank(sentence, fact, answers)


def ask_name(sentence: SourceSentence) -> Iterator[FactQuestion]:
    """Yields questions about a name of the sentence: by rule for a person, then with a blank for any name."""
    for fact in sentence.facts:
        if fact.kind != "name" or len(fact.text) < 3:
            continue
        person = _person(sentence, fact)
        answers = tuple(dict.fromkeys([fact.text, *([person] if person else [])]))
        if person:
            yield from _sound_question(_who_question(sentence, fact), answers, fact)
        yield from _sound_question(_role_question(sentence, fact), answers, fact)
        if person or _is_whole_name(sentence, fact):
            yield from _blank(sentence, fact, answers)


def _sound_question(question: str | None, answers: tuple[str, ...], fact: Fact) -> Iterator[FactQuestion]:
    """Yields the question if it is specific enough to search with and does not reveal its answer."""
    if question and not _BROKEN_OFF.search(question) and not _gives_away(question, fact):
        fewest = _FEWEST_STEMS if re.search(r"(?<!^)(?<!\w)[A-Z\d]", question) else _FEWEST_WITHOUT_NAME
        if len(stems(question)) >= fewest:
            yield FactQuestion(question, answers)


_BROKEN_OFF = re.compile(r"\b(?:and|or|but|the|an?|that|which)\?$")


def _blank(sentence: SourceSentence, fact: Fact, answers: tuple[str, ...]) -> Iterator[FactQuestion]:
    text = sentence.text[: fact.start] + BLANK + sentence.text[fact.end :]
    if len(stems(text)) > _FEWEST_STEMS and not _gives_away(text, fact):
        yield FactQuestion(text, answers, is_blank=True)


def _gives_away(question: str, fact: Fact) -> bool:
    """True when the question contains the answer, or a word of the name it asks for."""
    if fact.kind == "name":
        wanted = set(name_words(fact.text))
        return any(wanted & set(name_words(word)) for word in re.findall(r"\w[\w'-]*", question))
    return re.search(rf"(?<!\w){re.escape(fact.text)}(?!\w)", question, re.IGNORECASE) is not None


# --- numbers ---------------------------------------------------------------------------------------------------------

_NEXT = (
    r"(?:in|at|on|to|from|for|of|with|by|over|during|after|before|since|as|near|across|around|between|against|into|under"
    r"|who|that|and|while|through|within)\b"
)
_THINGS = re.compile(
    rf"\s(?P<things>(?!{_NEXT})(?:[a-z][\w'-]*\s){{0,3}}?(?:people|men|women|children|police|[a-z]{{3,}}s))(?=\s{_NEXT}|[,.;]|$)"
)
_MEASURE = re.compile(r"\s(?P<things>[a-z]{4,}s?\s(?:long|high|wide|tall|deep|old))\b")
_ROUGHLY = (
    r"(?:about|around|roughly|approximately|some|more than|over|at least|nearly|almost|less than|fewer than|up to"
    r"|at most|as many as|as much as|an estimated|a total of|only|just)"
)
_BEFORE = re.compile(rf"(?:(?P<verb>(?:be )?\w+(?: (?:been|by|to))?)\s)??(?:{_ROUGHLY}\s)?$")
_CHANGES = frozenset(
    "rise fall grow increase decrease decline drop climb jump shrink slip plunge surge gain double".split()
)
_OPENS = re.compile(rf"(?:{_ROUGHLY}\s)?$", re.IGNORECASE)
_THERE = re.compile(rf"There (?P<be>are|were|will be)\s(?:{_ROUGHLY}\s)?$")


def _number_question(sentence: SourceSentence, fact: Fact, quantity: Quantity) -> str | None:
    before, after = sentence.text[: fact.start], sentence.text[fact.end :].rstrip(" .")
    if _OPENS.fullmatch(before):
        return _count_of_subject(after, quantity)
    if there := _THERE.fullmatch(before):
        return _count_of_there(there["be"], after, quantity)
    if (clause := sentence.clause) and fact.text in clause.predicate:
        return _count_of_object(clause, fact, quantity)
    return None


def _count_of_subject(after: str, quantity: Quantity) -> str | None:
    """From "Three men were arrested in Riga": How many men were arrested in Riga?"""
    counted = parse(f"The{after}.")
    things = counted and counted.subject.removeprefix("the").strip()
    if not counted or not things or not after.startswith(" "):
        return None
    if quantity.kind == "percent" and things.startswith("of "):
        return _line(f"What percentage {things}", counted.told)
    if quantity.kind == "number" and re.match(r"(?:[a-z'-]+ ){0,2}(?:people|men|women|children|[a-z]+s)\b", things):
        return _line(f"How many {things}", counted.told)
    return None


def _count_of_there(be: str, after: str, quantity: Quantity) -> str | None:
    things = _THINGS.match(after)
    if not things or quantity.kind != "number":
        return None
    first, _, rest = be.partition(" ")
    return _line(f"How many {things['things']} {first} there {rest}", _until_comma(after[things.end() :]))


def _count_of_object(clause: Clause, fact: Fact, quantity: Quantity) -> str | None:
    """From "The bridge cost 40 million euros": How much did the bridge cost? Also for things and shares."""
    start = clause.predicate.index(fact.text)
    before, after = _BEFORE.fullmatch(clause.predicate[:start]), clause.predicate[start + len(fact.text) :]
    if not before:
        return None
    verb = before["verb"] or ""
    base, _, particle = verb.partition(" ")
    end = _until_comma(after)
    if quantity.kind == "money":
        what = "How much" if base == "cost" else "How much money"
        acts = clause.auxiliary not in _BE or re.search(r"(?:ing|ed|paid)$", verb)
        return _line(what, inverted(clause, f"{verb}{end}")) if acts and _is_free(end) else None
    if quantity.kind == "percent":
        changes = base in _CHANGES and particle in ("", "by") and _is_free(end)
        return _line("By what percentage", inverted(clause, f"{base}{end}")) if changes else None
    if measure := _MEASURE.match(after):
        return _line(f"How many {measure['things']}", inverted(clause, verb))
    things = _THINGS.match(after)
    if not things or not verb or particle in ("by", "to"):
        return None
    end = _until_comma(after[things.end() :])
    if re.match(r" (?:of|that|who)\b", end):  # would be torn from what it belongs to
        return None
    return _line(f"How many {things['things']}", inverted(clause, f"{verb}{end}"))


def _until_comma(text: str) -> str:
    return re.split(r"[,;]", text, maxsplit=1)[0]


def _is_free(text: str) -> bool:
    """True when the sum before `text` stands alone, unlike in "$40 million bridge"."""
    return not text or re.match(rf"\s{_NEXT}", text) is not None


def _number_answers(fact: Fact, quantity: Quantity) -> tuple[str, ...]:
    spelled = not any(character.isdigit() for character in fact.text)
    plain = spelled and not quantity.unit and quantity.amount.is_integer()
    return (fact.text, f"{quantity.amount:.0f}") if plain else (fact.text,)


def _is_specific(sentence: SourceSentence, fact: Fact) -> bool:
    """True when the number is more than "one" or "two" and no part of a name, an age or another number."""
    quantity = fact.value
    assert isinstance(quantity, Quantity)
    named = any(f.kind == "name" and f.start <= fact.start and fact.end <= f.end for f in sentence.facts)
    is_year = quantity.kind == "number" and re.fullmatch(r"1[5-9]\d\d|20\d\d", fact.text)
    glued = re.match(r"[-–/:\w]", sentence.text[fact.end :]) or re.search(r"[-–/:\w.]$", sentence.text[: fact.start])
    return not (named or is_year or glued or _is_range(sentence.text, fact)) and (
        quantity.amount > 2 or quantity.kind != "number"
    )


def _is_range(text: str, fact: Fact) -> bool:
    """True when the fact is one end of a range: the question would show the other end."""
    return bool(
        re.match(r"\s?[-–—]\s?\d|\sto\s\d", text[fact.end :])
        or re.search(r"\d\s?[-–—]\s?$|\d\sto\s$", text[: fact.start])
    )


# --- dates -----------------------------------------------------------------------------------------------------------

_LINK = re.compile(
    r"\b(?:that|which|who|whose|where|when|while|because|if|after|before|until|since|and|but)\b|[,;:\"–—]"
)
_TO_COME = re.compile(r"(?:also |now |to be )?(?:set|due|scheduled|expected|planned|to|likely|supposed)\b")
_SAYING = frozenset(
    """add agree announce argue ask believe claim conclude confirm consider declare deny estimate expect explain express
    find hear hope indicate inform insist know learn note plan pledge predict promise propose recall recommend report
    request reveal say see show suggest tell testify think tweet urge vow want warn write""".split()
)
_PREPOSITION = re.compile(r"\s?\b(?:on|in|On|In)\s$")


def _date_question(sentence: SourceSentence, fact: Fact) -> str | None:
    """From "On 4 May the mayor opened the bridge": When did the mayor open the bridge?"""
    before, after = sentence.text[: fact.start], sentence.text[fact.end :]
    preposition = _PREPOSITION.search(before)
    if not preposition or _LINK.search(before) or not re.match(rf"[,.]|$|\s{_NEXT}|\s[A-Z]|\s(?:the|a|an)\s", after):
        return None
    stem = before[: preposition.start()]
    rest = f"{stem}{after}" if stem else after.lstrip(" ,")
    if not stem and not rest[:1].isupper():
        rest = rest[:1].upper() + rest[1:]
    clause = parse(rest, sentence.small)
    # Picture captions: "The mayor is seen on 4 May."
    if clause and clause.auxiliary in ("is", "are") and not _TO_COME.match(clause.predicate):
        return None
    # With a verb of saying, the day may belong to the statement or to the event.
    if not clause or (stem and clause.predicate.split(" ", 1)[0] in _SAYING):
        return None
    return _line("When", inverted(clause, clause.predicate))


def _date_answers(fact: Fact, date: Date) -> tuple[str, ...]:
    if not (date.day and date.month) or date.weekday is not None:
        return (fact.text,)
    month = months("en")[date.month - 1]
    return tuple(dict.fromkeys([fact.text, f"{date.day} {month}", f"{month} {date.day}"]))


# --- names -----------------------------------------------------------------------------------------------------------


def _who_question(sentence: SourceSentence, fact: Fact) -> str | None:
    """From "Mayor Anna Holt opened the bridge": Who opened the bridge? From "was opened by" her: by whom?"""
    clause = sentence.clause
    if not clause:
        return None
    titled = clause.subject[: -len(fact.text)].strip() if clause.subject.endswith(fact.text) else None
    if titled is not None and fact.start < len(clause.subject) + 1:
        return _line("Who", clause.told) if _is_title(titled) else None
    stem = sentence.text[: fact.start].rstrip()
    passive = clause.auxiliary in _BE and stem.endswith(" by")
    if passive and not sentence.text[fact.end :].strip(" ."):
        return _line("Who", inverted(clause, clause.predicate[: -len(fact.text)]))
    return None


_ROLE = re.compile(
    r", (?:who (?P<be>is|was) )?(?P<role>(?:the )?(?:[\w'-]+ ){0,4}?(?i:secretary|chair(?:man|woman|person)?|mayor"
    r"|minister|president|director|head|leader|founder|governor|spokes\w+|professor|judge|coach|ambassador|commissioner|editor)"
    r"(?: [Gg]eneral)? (?:of|at|for|to) [^,;.–—]+?)(?=[,.;]|\s[–—])"
)


def _role_question(sentence: SourceSentence, fact: Fact) -> str | None:
    """From "Anna Holt, the mayor of Port Ellery, ...": Who is the mayor of Port Ellery?"""
    role = _ROLE.match(sentence.text, fact.end)
    if not role or " " not in fact.text or re.search(rf"\b(?:{any_of(OWNERS)}|former|who)\b", role["role"]):
        return None
    the = "" if role["be"] or role["role"].startswith("the ") else "the "
    return _line(f"Who {role['be'] or 'is'}", f"{the}{role['role']}")


def _is_whole_name(sentence: SourceSentence, fact: Fact) -> bool:
    """True when a blank would cover a whole name, unlike in "the Council of Ministers" or a list of names."""
    # The only single words are countries, but not their adjectives: "the ___ company".
    if " " not in fact.text and country(fact.text.lower()) != fact.text.lower():
        return False
    before, after = sentence.text[: fact.start], sentence.text[fact.end :]
    beside = re.match(r" (?:of|on|for|[A-Z])\b|,? and [A-Z]|, [A-Z]|['-]", after) or re.search(
        r"[A-Z]\w+(?: of| of the| on| for|,|,? and|,? and the)? $|-$", before
    )
    return not beside


def _is_title(words: str) -> bool:
    """True when the words before a name can be its title, and not a second person or thing."""
    if not words:
        return True
    last = words.split()[-1]
    titled = last[0].isupper() or re.search(r"(?:man|woman|person|or|er|ian|ist|ant)$", last)
    return bool(titled) and len(words.split()) <= 6 and not {"and", "or", "of"} & set(words.lower().split())


def _person(sentence: SourceSentence, fact: Fact) -> str | None:
    """The full name of the person; None if it may not be a person."""
    surname = fact.text.split()[-1]
    same = (person for person in sentence.people if person.split()[-1] == surname)
    return next((person for person in same if name_matches(fact.text, person)), None)


def _line(asks: str, rest: str | None) -> str | None:
    """The question; None without a `rest`."""
    if rest is None:
        return None
    return re.sub(r"\s+([?.,])", r"\1", " ".join(f"{asks} {rest}".rstrip(" ,.").split())) + "?"
