"""Finds the time words of a question and the days they mean, counted from the day the question is asked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple

from qa.ask.understand.calendar import Stretch, month, part_of, shifted, the_day
from qa.ask.understand.time_cores import PAST, Core, Unit, day_of, find_cores, speaks_of_the_future
from qa.language.lexicon import OWNERS, any_of


class TimeWords(NamedTuple):
    """Words of a text that say when, and what they say."""

    start: int
    """With a preposition such as "in" or "since"."""
    end: int
    words: str
    """As shown to a reader: without "in" and "on", but with words that change the meaning, such as "since"."""
    stretch: Stretch | None
    """None if they count from a day that was not given."""
    unit: Unit
    counted: bool
    """True if they count from the day of asking, as "last week" does and "in 2022" does not."""
    link: str = ""
    """Its preposition in lower case, such as "since"."""
    in_name: bool = False
    """True for a year that belongs to a name or noun: "the 2022 World Cup"."""


def find_time_words(text: str, asked: dt.date | None = None) -> list[TimeWords]:
    """The time words of a question in order, none overlapping. `asked` is the day that "last week" counts from.

    A date without a year is the last one before that day, or the next one where the question speaks of the future.
    "After the summit" says when, but no day can be read from it: it is not among them.
    """
    return _joined(text, find_cores(text, asked), asked)


# --- what stands before them, and ranges ------------------------------------------------------------------------------

_THIRD = re.compile(
    r"(?i)(?:\b(?P<part>early|late|mid|earlier|later)(?:\s(?:in\s)?|-)(?:the\s)?"
    r"|\b(?:the\s)?(?P<edge>beginning|start|middle|end|close|turn)\sof\s(?:the\s)?)$"
)
_PART = {"beginning": "early", "start": "early", "turn": "early", "middle": "mid", "end": "late", "close": "late"}
_LINK = re.compile(
    r"(?i)\b(?P<link>since|after|following|from|starting|as\sof|before|ahead\sof|prior\sto|until|till|up\sto|through|by"
    r"|in|on|at|during|throughout|within|over|between|for|of|to|around|about|с|со|после|до|перед|к|в|во|на|за)"
    r"\s(?:(?:in|on|at)\s)?(?:the\s|about\s|around\s)?$"
)
_OPENS = {"since", "after", "following", "starting", "с", "со", "после"}
_CLOSES = {"before", "ahead of", "prior to", "until", "till", "up to", "through", "by", "as of", "до", "перед", "к"}
_CONNECTOR = re.compile(r"(?i)(?:\s?[-–—]\s?|\s(?:and|to|until|till|through)\s(?:the\s|in\s|on\s)?)")
_NAMES_ON = re.compile(
    r"\s(?!in\b|on\b|at\b|and\b|or\b|to\b|by\b|of\b|for\b|from\b|with\b|is\b|was\b|were\b|are\b|has\b|had\b|did\b"
    r"|does\b|do\b|have\b|that\b|who\b|which\b|after\b|before\b|about\b|year\b|than\b|as\b|but\b|when\b|the\b|a\b"
    rf"|because\b|will\b|would\b|compared\b|against\b|during\b|over\b|under\b|{any_of(OWNERS)}\b)[^\W\d_]"
)
_NAMED_BEFORE = re.compile(
    r"\b(?!In\b|Since\b|By\b|From\b|Of\b|Early\b|Late\b|Before\b|After\b|During\b|Until\b|Between\b|Through\b"
    r"|Year\b|And\b|To\b|What\b|Who\b)[A-Z][\w']+\s$"
)


_LONG = ("month", "season", "year")


def _joined(text: str, cores: Sequence[Core], asked: dt.date | None) -> list[TimeWords]:
    found: list[TimeWords] = []
    at = 0
    while at < len(cores):
        core = cores[at]
        following = cores[at + 1] if at + 1 < len(cores) else None
        begin, third = _third_before(text, core)
        link, lead = _link_before(text, begin)
        if following and _is_range(text, core, following, link):
            _, other = _third_before(text, following)
            last = _placed(following, text, asked)
            first = _placed(core, text, asked, before=last)
            stretch = None
            if first and last:
                ends = _cut(first, third).first, _cut(last, other).last
                stretch = Stretch(*ends) if ends[0] and ends[1] and ends[0] <= ends[1] else None
            words = text[lead : following.end] if link in ("between", "from") else text[begin : following.end]
            counted = core.counted and following.counted
            found.append(TimeWords(lead, following.end, words, stretch, following.unit, counted, "between"))
            at += 2
            continue
        stretch = _placed(core, text, asked)
        if stretch:
            stretch = _until_now(_cut(stretch, third), third, asked)
        in_name = core.unit == "year" and not core.counted and _is_in_name(text, core, link)
        opens = link in _OPENS or (link == "from" and _begins_here(text, core.end))
        if stretch and opens and link in ("after", "following") and core.unit in _LONG and not in_name and stretch.last:
            stretch = Stretch(shifted(stretch.last, 1), None)  # "after 2022" is 2023
        elif stretch and opens:
            stretch = Stretch(stretch.first, None)
        elif stretch and link in _CLOSES and stretch.first:
            until = stretch.last if link in ("by", "through", "as of", "up to", "until", "till") else None
            stretch = Stretch(None, until or shifted(stretch.first, -1))
        worded = lead if (opens or link in _CLOSES) and not in_name else begin
        found.append(
            TimeWords(lead, core.end, text[worded : core.end], stretch, core.unit, core.counted, link, in_name)
        )
        at += 1
    return found


def _third_before(text: str, core: Core) -> tuple[int, str]:
    """Where "early", "the end of" or the like begins before the words, and which part of them it takes."""
    match = _THIRD.search(text, max(0, core.start - 24), core.start)
    if not match or core.unit in ("day", "while"):
        return core.start, ""
    part = (match["part"] or "").lower()
    return match.start(), part or _PART[match["edge"].lower()]


def _link_before(text: str, begin: int) -> tuple[str, int]:
    match = _LINK.search(text, max(0, begin - 24), begin)
    return (" ".join(match["link"].lower().split()), match.start()) if match else ("", begin)


def _cut(stretch: Stretch, third: str) -> Stretch:
    return part_of(stretch, third) if third in ("early", "mid", "late") else stretch


def _until_now(stretch: Stretch, third: str, asked: dt.date | None) -> Stretch:
    if asked and stretch.first and stretch.last and stretch.first <= asked <= stretch.last:
        if third == "earlier":
            return Stretch(stretch.first, asked)
        if third == "later":
            return Stretch(asked, stretch.last)
    return stretch


def _is_range(text: str, core: Core, following: Core, link: str) -> bool:
    begin, _ = _third_before(text, following)
    if begin < core.end:
        return False
    between = text[core.end : begin]
    if not _CONNECTOR.fullmatch(between):
        return False
    joins = between.strip().lower().split(" ")[0]
    return joins != "and" or link == "between" or (core.unit == following.unit == "day" and core.day > 0)


def _begins_here(text: str, end: int) -> bool:
    """True if "from March" begins an open time ("from March on") and does not say where something is from."""
    return bool(re.match(r"(?i)\s(?:on|onwards?|forward)\b", text[end:]))


def _placed(core: Core, text: str, asked: dt.date | None, before: Stretch | None = None) -> Stretch | None:
    """The stretch; for a date without a year, the one that the question most likely means."""
    if core.stretch or not core.month:
        return core.stretch
    if before and before.last:
        years = [before.last.year, before.last.year - 1]
    elif asked:
        years = [asked.year + 1, asked.year, asked.year - 1]
    else:
        return None
    found = [stretch for number in years if (stretch := _in_year(core, number)) and stretch.first]
    if before and before.last:
        return next((s for s in found if s.first and s.first <= before.last), None)
    assert asked
    past = [s for s in found if s.first and s.first <= asked]
    coming = [s for s in reversed(found) if s.last and s.last >= asked]
    if speaks_of_the_future(text):
        return next(iter([*coming, *past]), None)
    # A day within the next weeks may be meant ahead of time; otherwise the last such day is meant.
    near = [s for s in coming if s.first and (s.first - asked).days <= _NEAR_FUTURE]
    if near and not PAST.search(text):
        return near[0]
    return next(iter([*past, *coming]), None)


_NEAR_FUTURE = 31


def _in_year(core: Core, number: int) -> Stretch | None:
    if not 1 <= number <= 9999:
        return None
    if not core.day:
        return month(number, core.month)
    day = day_of(number, core.month, core.day)
    return the_day(day) if day else None


def _is_in_name(text: str, core: Core, link: str) -> bool:
    if link and text[max(0, core.start - 4) : core.start].lower() != "the ":
        return bool(re.match(r"\s[A-Z]", text[core.end :]))  # "in 2022 found", but "in 2022 World Cup qualifiers"
    if _NAMES_ON.match(text, core.end) or text[core.end : core.end + 1] == "-":
        return True
    return not link and bool(_NAMED_BEFORE.search(text, max(0, core.start - 24), core.start))
