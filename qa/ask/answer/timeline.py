"""A dated list, in order, for a question about a course of events: "timeline of", "what happened after"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from qa.ask.answer.choose import Scored, alike, article_spans, claims_of
from qa.ask.answer.features import COLUMN
from qa.ask.answer.sentences import PassageSentence
from qa.language.told_days import PartialDate, first_day, published_day
from qa.types import Claim

_TIMELINE = re.compile(
    r"(?:please |can you |could you )*(?:(?:give|show|make|write|draw up|tell|list)(?: me| us)? )?(?:the |a |an )?"
    r"(?:brief |short |full |complete )?(?:timeline|time line|chronology|sequence of events|course of events)"
    r"(?: (?:of|for|about|on|in|to|around))?\s+(?P<topic>.+)",
    re.I,
)
_AFTER = re.compile(
    r"(?:and |so |but )?what (?:has |have )?(?:happened|followed|came|took place|occurred)(?: next)? "
    r"(?:after|since|following|in the (?:wake|aftermath) of)\s+(?P<topic>.+)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Course:
    """The course of events that is asked for."""

    topic: str
    """What it is about, without the words that ask for a timeline."""
    after: bool
    """True where only what followed is asked for."""


def course_asked(question: str) -> Course | None:
    """The course of events that a question asks for; None for other questions."""
    text = question.strip().rstrip("?.! ")
    for pattern, after in ((_TIMELINE, False), (_AFTER, True)):
        if match := pattern.fullmatch(text):
            return Course(match["topic"], after)
    return None


MOST = 8
"""Entries of a timeline, at most."""
_RELEVANT = 0.6
"""Share of the best sentence's words in common with the topic that an entry must have."""
_OF_ONE_DAY = 2


def timeline(scored: Scored, course: Course) -> list[Claim]:
    """Entries in order, each led by its date; empty where fewer than two sentences have one."""
    if scored.rows.shape[1] != len(COLUMN):
        return []  # of another language, whose sentences have other features
    entries = sorted(_entries(scored, course), key=lambda entry: entry[0])
    if len(entries) < 2:
        return []
    claims = claims_of(scored, [sentence.span for _, sentence in entries])
    return [
        replace(claim, prefix="- " if not number else "\n- ", lead=str(day), bold=())
        for number, (claim, (day, _)) in enumerate(zip(claims, entries, strict=True))
    ]


def _entries(scored: Scored, course: Course) -> Iterator[tuple[PartialDate, PassageSentence]]:
    begins = _dated(scored.sentences[scored.order[0]]) if course.after else None
    about = np.maximum(scored.column("soft_title"), scored.column("cover_near"))
    taken: list[tuple[PartialDate, PassageSentence]] = []
    for number in [n for n in np.argsort(-(about + 0.01 * scored.scores), kind="stable") if _is_told(scored, n)]:
        sentence, day = scored.sentences[number], _dated(scored.sentences[number])
        if day is None or about[number] < _RELEVANT * about.max() or len(taken) == MOST:
            continue
        if course.after and (begins is None or day <= begins):
            continue
        if sum(day == other for other, _ in taken) < _OF_ONE_DAY and not any(
            alike(sentence, other) for _, other in taken
        ):
            taken.append((day, sentence))
            yield day, sentence


def _is_told(scored: Scored, number: int) -> bool:
    return not scored.column("question")[number] and not scored.column("boilerplate")[number]


def _dated(sentence: PassageSentence) -> PartialDate | None:
    """The day that the sentence names; the opening sentence of an article falls back on the day of publication."""
    article = sentence.span.article
    opens = sentence.span.start <= article_spans(article)[0][0]
    return first_day(sentence.span.text, article.date) or (published_day(article.date) if opens else None)
