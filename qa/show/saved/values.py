"""A question with its answer as it is kept: all that a reader needs to see it and to check it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qa.types import DatePrecision, DateSource, Filters, Sentence, Turn

MOST_PASSAGES = 50
"""Passages that are kept with a turn, at most: as many as an answer may rest on."""


@dataclass(frozen=True, slots=True)
class KeptCitation:
    """A quotation with what was known of its article when it was made."""

    n: int
    article_id: str
    title: str
    start: int
    end: int
    quote: str
    outlet: str | None = None
    date: dt.date | None = None
    date_source: DateSource = "unknown"
    date_precision: DatePrecision = "day"
    url: str | None = None
    path: str | None = None
    page: int | None = None
    """Of a document with pages."""
    corrections: tuple[str, ...] | None = None
    """Those that the article carried then; None where that was not written down."""
    link: str | None = None
    """The address of the page with the quotation as a text fragment."""
    updated: dt.date | None = None
    """A later day on which the page says that it was changed."""


@dataclass(frozen=True, slots=True)
class KeptPassage:
    """A passage that the answer could rest on; its text may have been left out."""

    article_id: str
    start: int
    end: int
    score: float
    text: str | None = None


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question and its answer, without the articles themselves."""

    question: str
    standalone: str
    answer: str
    mode: str
    abstained: bool = False
    notice: str | None = None
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[KeptCitation, ...] = ()
    passages: tuple[KeptPassage, ...] = ()
    filters: Filters = Filters()
    as_of: dt.date | None = None
    asked: dt.datetime | None = None
    """When, with its time zone."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Article id -> `text_hash` of the whole text that offsets point into."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    trace: Mapping[str, Any] | None = None
    """How the answer came about, as a document for `read_trace`, which few ever ask for; None where it was not kept."""

    @property
    def turn(self) -> Turn:
        """What a follow-up question needs to know of it."""
        return Turn(self.question, self.standalone, self.answer)

    def citing(self, n: int) -> tuple[Sentence, ...]:
        """The sentences that rest on citation `n`, in order."""
        return tuple(sentence for sentence in self.sentences if n in sentence.citations)
