"""Decides which days of publication a question asks for, and if articles of other days are left out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from qa.ask.understand.calendar import Stretch, shifted, year
from qa.ask.understand.outlets import OutletMention
from qa.ask.understand.time_words import TimeWords
from qa.language.lexicon import SUBJECTS, any_of
from qa.types import TimeWindow

ANNOUNCED = 3
"""Days before an event on which articles about it begin to appear."""
REPORTED = 21
"""Days after an event on which articles about it still appear."""
FORESEEN = 30
"""Days before the question within which a future event was announced."""


def window_of(
    text: str, said: Sequence[TimeWords], sources: Sequence[OutletMention] = (), asked: dt.date | None = None
) -> TimeWindow | None:
    """The window that the time words of a question give; None if none of them dates what is asked for.

    It is hard only where the words speak of reporting ("articles from March", "what did the BBC report on 3 May",
    "the article published on 7 October"): whoever says so wants nothing of other days. All other time words date the
    event, and news of an event is not bound to its days: it is announced some days before, and reported, explained and
    commented on for weeks. So their window is soft, and reaches from ANNOUNCED days before to REPORTED days after. A
    year that belongs to a name ("the 2022 World Cup") dates the reports less still: the year before is inside as well.
    Days that are only compared with ("the first since 2017", "more than in 2019") or that date something else
    ("a firm founded in 1998") give none. Of several, those counted from the day of asking say most, then the narrower.
    An undated article is neither inside nor outside of any window.
    """
    known = [words for words in said if words.stretch]
    hard = [words for words in known if speaks_of_reporting(text, words, sources)]
    if hard:
        return _window(hard, hard=True, asked=asked)
    dating = [words for words in known if not _is_aside(text, words) and not _is_far_ahead(words, asked)]
    counted = [words for words in dating if words.counted]
    exact = [words for words in dating if words.unit in ("day", "week")]
    chosen = _of_one_time(counted) or exact or [words for words in dating if not words.in_name] or dating
    return _window(chosen, hard=False, asked=asked) if chosen else None


def _of_one_time(counted: Sequence[TimeWords]) -> list[TimeWords]:
    """Among words counted from the day of asking, those of the latest days: "this week", not "47 years ago"."""
    latest = max((words.stretch for words in counted if words.stretch), key=_end_of, default=None)
    return [
        words
        for words in counted
        if latest and words.stretch and _end_of(words.stretch) >= (latest.first or dt.date.min)
    ]


def _end_of(stretch: Stretch) -> dt.date:
    return stretch.last or dt.date.max


def _window(chosen: Sequence[TimeWords], hard: bool, asked: dt.date | None) -> TimeWindow | None:
    stretches = [words.stretch if hard else _widened(words, asked) for words in chosen]
    first, last = _common([stretch for stretch in stretches if stretch])
    named = chosen[0] if len(chosen) == 1 else None
    words = named.words if named else ", ".join(dict.fromkeys(words.words for words in chosen))
    days = _common([each.stretch for each in chosen if each.stretch])
    return TimeWindow(first, last, hard, words, (days.first, days.last))


def _widened(words: TimeWords, asked: dt.date | None) -> Stretch:
    assert words.stretch
    first, last = words.stretch
    if words.in_name and first and last:
        first = year(max(first.year - 1, 1)).first
    is_ahead = first and asked and first > asked
    before = max(ANNOUNCED, FORESEEN + (first - asked).days) if first and asked and is_ahead else ANNOUNCED
    return Stretch(first and shifted(first, -before), last and shifted(last, REPORTED))


def _common(stretches: Sequence[Stretch]) -> Stretch:
    """The days that are in all of them; if there are none, from the first to the last day of any."""
    firsts = [stretch.first for stretch in stretches if stretch.first]
    lasts = [stretch.last for stretch in stretches if stretch.last]
    first, last = max(firsts, default=None), min(lasts, default=None)
    if first and last and first > last:
        first = min(firsts) if len(firsts) == len(stretches) else None
        last = max(lasts) if len(lasts) == len(stretches) else None
    return Stretch(first, last)


# --- words that speak of reporting ------------------------------------------------------------------------------------

_ARTICLE = r"(?:articles|article|news|stor(?:y|ies)|coverage|editorials?|columns|press\sreports|news\sreports)"
_ARTICLES = re.compile(
    rf"""(?xi)\b{_ARTICLE}
    (?P<between> (?: \s(?:published|reported|printed|posted|written|dated|that\s(?:was|were)\spublished
    |which\s(?:was|were)\spublished) )?
    (?: ,?\s(?:about|on|of|from|by|in|covering|regarding)\s(?:(?!\b(?:did|was|were|is|are|said|says|has|have|that
    |which|who)\b)[\w.'&-]+\s?){{1,8}} )?? )
    (?P<published>,?\s[(]?(?:published|reported|printed|posted|written|dated|that\sappeared|which\sappeared))?
    (?:\s(?:by|in)\s[A-Z][\w.'& -]{{1,30}})?\s?$"""
)
_PUBLISHED = re.compile(
    r"(?i)[\s(](?:published|printed|posted|dated|appeared)(?:\s(?:by|in|online|at)\s[^,?]{1,30})?[\s,]*$"
)
_NOT_ARTICLES = re.compile(
    r"(?i)\b(?:stud(?:y|ies)|research|papers?|books?|memoirs?|novels?|data|figures|surveys?|journals?|polls?|rankings?|videos?"
    r"|photos?|images?|lists?|censuses|albums?)\b"
)
_WHAT_WAS_REPORTED = re.compile(
    r"(?i)^(?:and\s|so\s)?(?:what|which\snews)(?:'s|\sis|\swas|\swere|\shas\sbeen|\shave\sbeen)\s(?:being\s)?"
    r"(?:reported|published|written|in\sthe\snews)(?:\s(?:about|on|of)\s[\w' -]{1,40}?)?\s?$"
)
_OWN_NEWS = re.compile(rf"(?i)(?:'s)?\s(?:[\w-]+\s)?(?:{_ARTICLE}|headlines)\b")
_MEDIA = r"(?:media|press|papers?|newspapers?|journalists?|reporters?|outlets?)"
_DID_REPORT = re.compile(
    r"(?i)^(?:and\s|so\s)?what\s(?:did|has|have|had)\s(?P<who>[^?]{1,40}?)\s(?:report|reported|publish|published|write|written|print|printed)"
    r"(?P<about>\s(?:about|on|of)\s[^?]{1,60}?)?\s?$"
)
_LOOSE = {"on", "in", "at", "during", "over", "within", ""}
_RUSSIAN = re.compile(
    r"(?i)\b(?:стат(?:ьи|ей|ьях)|новост(?:и|ей|ях)|публикаци[ийях]+|писал[аи]?|сообщал[аи]?|опубликован\w*)\s$"
)


def speaks_of_reporting(text: str, words: TimeWords, sources: Sequence[OutletMention] = ()) -> bool:
    """True if time words say when something was reported, not when it happened."""
    before, after = text[: words.start], text[words.end :]
    if _OWN_NEWS.match(after) and not words.link == "since":
        return not re.match(r"\s(?:in|on|at)\b", after)
    if any(_dates_a_source(text, source, words) for source in sources):
        return True
    if _WHAT_WAS_REPORTED.search(before) or _RUSSIAN.search(before):
        return True
    if (match := _DID_REPORT.search(before)) and _reports(match, sources):
        return not match["about"] or words.link not in _LOOSE
    if match := _ARTICLES.search(before):
        # "Articles about the summit on 12 October": the day is the summit's as likely as theirs.
        return (
            bool(match["published"])
            or not match["between"].strip()
            or words.link not in _LOOSE
            or _says_published(match)
        )
    if _PUBLISHED.search(before):
        named = any(source.start < words.start for source in sources)
        spoken_of = re.search(rf"(?i)\b{_ARTICLE}\b", before)
        return named or bool(spoken_of) or (not _NOT_ARTICLES.search(before) and before.lower().startswith("what was"))
    return False


_SOURCE_NOUN = re.compile(
    r"(?i)\b(?:reports?|articles?|stor(?:y|ies)|pieces?|coverage|that|those|one|editorials?|columns?)\b"
)
_TO_ITS_DAY = re.compile(r"(?i)[\s,(]*(?:(?:as|which\swas|that\swas)\s)?(?:(?:published|dated|from|printed)\s)?[\s,(]*")


def _dates_a_source(text: str, source: OutletMention, words: TimeWords) -> bool:
    """True if the words directly follow a report: "the Reuters report of 9 May"."""
    return (
        source.end <= words.start
        and bool(_SOURCE_NOUN.search(text[source.start : source.end]))
        and bool(_TO_ITS_DAY.fullmatch(text[source.end : words.start]))
    )


def _says_published(match: re.Match[str]) -> bool:
    return bool(re.match(r"(?i)\s(?:published|printed|posted|written|dated)\b\s?$", match["between"]))


def _reports(match: re.Match[str], sources: Sequence[OutletMention]) -> bool:
    start, end = match.span("who")
    return bool(re.search(rf"(?i)\b{_MEDIA}$", match["who"])) or any(a < end and start < b for a, b, _ in sources)


# --- words that date something else -----------------------------------------------------------------------------------

_SUPERLATIVE = re.compile(
    r"(?i)\b(?:first|only|(?!latest|interest|protest|arrest|west|request|forest|guest|test|contest|harvest|invest|rest|quest"
    r"|nest|best-known|honest)\w+est|most|least|worst|best|record|unseen|seen|time|ever)\b[^.?!;]*$"
)
_COMPARED = re.compile(
    rf"(?i)\b(?:than(?:\s{any_of((*SUBJECTS, 'we'))}\s(?:was|were|had|did))?|compared\s(?:with|to)"
    r"|up\sfrom|down\sfrom|versus|unlike|pre-?|post-?|back\sto|dates?\sto)\s?(?:the\s)?(?:in\s|that\sof\s)?$"
)
_DATED_THING = re.compile(
    r"(?i)(?<!was\s)(?<!were\s)(?<!been\s)\b(?:founded|born|established|built|made|dating|invented|formed|launched|opened)\s$"
)


def _is_aside(text: str, words: TimeWords) -> bool:
    before = text[: words.start]
    if words.link in ("since", "с") and _SUPERLATIVE.search(before):
        return True
    if _COMPARED.search(text[: words.end - len(words.words)] if words.words else before) or _COMPARED.search(before):
        return True
    return not words.counted and bool(_DATED_THING.search(before))


def _is_far_ahead(words: TimeWords, asked: dt.date | None) -> bool:
    """A future year does not say when a plan for it was reported."""
    if not asked or words.unit not in ("year", "season") or words.counted or not words.stretch:
        return False
    begins = words.stretch.first or (words.stretch.last if words.link in ("by", "until", "till") else None)
    return bool(begins and begins > asked)
