"""The facts of a text that code can compare: numbers, percentages, sums, dates, times, names and quotations."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import Literal

from qa.language.dates import Date, TimeOfDay, find_dates, find_times, same_date, same_time
from qa.language.names import find_names, name_matches, name_words
from qa.language.numbers import Quantity, find_numbers, same_quantity
from qa.language.text import words

Kind = Literal["number", "percent", "money", "date", "time", "name", "quotation"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One checkable fact of a text."""

    kind: Kind
    start: int
    end: int
    text: str
    """As written: text[start:end]."""
    value: Hashable
    """What two wordings of a fact share: a Quantity, a Date, a TimeOfDay, or the words of a name or quotation."""


def find_facts(text: str, published: dt.date | None = None, known: Collection[str] = ()) -> list[Fact]:
    """The facts of `text` in order; number-like ones never overlap, a name may lie inside a quotation.

    `published` is the day that "yesterday", "Tuesday" and "19 January" count from. `known` holds lower-case words that
    are names wherever they are capitalised, also as the first word of a sentence.
    """
    named = [Fact("name", a, b, text[a:b], name_words(text[a:b])) for a, b in find_names(text, known)]
    found = [*find_measures(text, published), *find_quotations(text), *named]
    return sorted(found, key=lambda fact: (fact.start, -fact.end))


def find_measures(text: str, published: dt.date | None = None) -> list[Fact]:
    """Dates, times, numbers, percentages and sums in order, none overlapping another."""
    found: list[Fact] = []
    taken = bytearray(len(text))
    for kind, start, end, value in _measures(text, published):
        if 1 not in taken[start:end]:
            found.append(Fact(kind, start, end, text[start:end], value))
            taken[start:end] = b"\1" * (end - start)
    return sorted(found, key=lambda fact: fact.start)


def _measures(text: str, published: dt.date | None) -> Iterator[tuple[Kind, int, int, Hashable]]:
    """Every reading of a stretch of the text, the better one first."""
    for start, end, date in find_dates(text, published):
        yield "date", start, end, date
    for start, end, clock in find_times(text):
        yield "time", start, end, clock
    for start, end, quantity in find_numbers(text):
        yield quantity.kind, start, end, quantity


def same(claimed: Fact, stated: Fact, about: bool = False) -> bool:
    """Whether the `claimed` fact is the `stated` one, however each is written.

    "5m" is "5 million"; "January 2017" is true of "19 January 2017"; "more than 300" is true of 312, "300" alone is
    not. `about` lets every number be rounded. Not symmetric: a claim may say less than its source, never more.
    """
    match claimed.value, stated.value:
        case Quantity() as a, Quantity() as b:
            return same_quantity(a, b, about)
        case Date() as a, Date() as b:
            return same_date(a, b)
        case TimeOfDay() as a, TimeOfDay() as b:
            return same_time(a, b)
        case (Quantity() as number, Date() as date) | (Date() as date, Quantity() as number):
            return date.is_year and not number.unit and number.amount == date.year
    if claimed.kind == stated.kind == "name":
        return name_matches(claimed.text, stated.text)
    return claimed.kind == stated.kind and claimed.value == stated.value


# --- quotations -------------------------------------------------------------------------------------------------------

_QUOTED = re.compile(
    r"""["“”„«](?P<double>[^"“”„«»\n]{1,2000})["“”»]"""
    r"""|(?<!\w)['‘](?P<single>(?:[^'‘’\n]|(?<=\w)['’](?=\w)){1,600})['’](?!\w)"""
)
_MARK = re.compile(r'["“”„«»]')


def find_quotations(text: str) -> list[Fact]:
    """The text between quotation marks; if the text cuts a pair in two, the words on the quoted side of the mark."""
    whole = [match.span(match.lastgroup or 0) for match in _QUOTED.finditer(text)]
    marks = {match.start() for match in _MARK.finditer(text)}
    marks -= {at for start, end in whole for at in range(start - 1, end + 1) if at in marks}
    cut = [_half(text, marks.pop(), whole)] if len(marks) == 1 else []
    return [
        Fact("quotation", start, end, text[start:end], tuple(words(text[start:end])))
        for start, end in sorted([*whole, *cut])
        if text[start:end].strip()
    ]


def _half(text: str, mark: int, whole: list[tuple[int, int]]) -> tuple[int, int]:
    """What a lone quotation mark opens or closes: up to the next whole quotation, or from the last one."""
    before, after = text[mark - 1 : mark], text[mark + 1 : mark + 2]
    opens = (
        bool(after.strip()) and after not in ".,;:)" and not before.isalnum() and (not before or before not in ".,!?…")
    )
    if opens:
        return mark + 1, next((start - 1 for start, _ in whole if start > mark), len(text))
    return max((end + 1 for _, end in whole if end < mark), default=0), mark
