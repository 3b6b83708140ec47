"""How an answer came about, as a JSON document, and read again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, get_args

from qa.show.saved.fields import Fields, day_text
from qa.show.saved.filters import filters_json, read_filters
from qa.types import (
    Considered,
    DatePrecision,
    Fate,
    Message,
    Part,
    Question,
    Role,
    Search,
    TimeWindow,
    Trace,
)

LONGEST_TITLE = 200
"""Characters of a title that are kept with each passage."""


def trace_json(trace: Trace) -> dict[str, Any]:
    """The trace as a document; `read_trace` reads it back."""
    question = trace.question
    return {
        "understood": {
            "text": question.text,
            "standalone": question.standalone,
            "filters": filters_json(question.filters),
            "as_of": day_text(question.as_of),
            "window": _window_json(question.window),
            "is_present": question.is_present,
            "parts": [
                {"text": part.text, "outlets": list(part.outlets), "window": _window_json(part.window)}
                for part in question.parts
            ],
            "outlets": list(question.outlets),
        },
        "searches": [
            {"text": one.text, "found": one.found, "best": _round(one.best), "added": one.added}
            for one in trace.searches
        ],
        "look_again_below": trace.look_again_below,
        "considered": [_considered_json(row) for row in trace.considered],
        "left_out": trace.left_out,
        "confidence": _round(trace.confidence),
        "refuse_below": trace.refuse_below,
        "prompt": None
        if trace.prompt is None
        else [{"role": message.role, "content": message.content} for message in trace.prompt],
        "raw": trace.raw,
        "stages_ms": {stage: round(ms, 2) for stage, ms in trace.stages_ms.items()},
    }


def _considered_json(row: Considered) -> dict[str, Any]:
    """What says nothing is left out, for there are many."""
    said = {
        "article_id": row.article_id,
        "title": row.title[:LONGEST_TITLE],
        "start": row.start,
        "end": row.end,
        "outlet": row.outlet,
        "date": day_text(row.date),
        "date_precision": row.date_precision if row.date and row.date_precision != "day" else None,
        "rank": row.rank,
        "ranks": dict(row.ranks),
        "scores": {name: _round(score) for name, score in row.scores.items()},
        "fate": row.fate,
        "reason": row.reason or None,
        "cites": list(row.cites),
        "part": row.part or None,
        "is_second": row.is_second or None,
    }
    return {name: value for name, value in said.items() if value is not None and value != []}


def _window_json(window: TimeWindow | None) -> dict[str, Any] | None:
    if window is None:
        return None
    return {
        "from": day_text(window.date_from),
        "to": day_text(window.date_to),
        "hard": window.hard,
        "words": window.words,
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


# --- read again -------------------------------------------------------------------------------------------------------


def read_trace(document: object) -> Trace:
    """The trace of a document that `trace_json` made. Raises ReadError, which says what is wrong."""
    fields = Fields(document, "the trace")
    prompt = None
    if fields.get("prompt") is not None:
        prompt = tuple(_read_message(item) for item in fields.items("prompt"))
    return Trace(
        _read_question(fields.get("understood")),
        tuple(_read_search(item) for item in fields.items("searches")),
        _share(fields.get("look_again_below")) or 0.0,
        tuple(_read_considered(item) for item in fields.items("considered")),
        fields.number("left_out"),
        _share(fields.get("confidence")),
        _share(fields.get("refuse_below")) or 0.0,
        prompt,
        fields.text_or_none("raw"),
        _numbers(fields.mapping("stages_ms")),
    )


def _read_question(document: object) -> Question:
    fields = Fields(document, "the question")
    return Question(
        fields.text("text"),
        fields.text("standalone"),
        read_filters(fields.get("filters")),
        fields.day("as_of"),
        _read_window(fields.get("window")),
        fields.truth("is_present"),
        tuple(_read_part(item) for item in fields.items("parts")),
        fields.texts("outlets"),
    )


def _read_part(document: object) -> Part:
    fields = Fields(document, "a part of the question")
    return Part(fields.text("text"), fields.texts("outlets"), _read_window(fields.get("window")))


def _read_window(document: object) -> TimeWindow | None:
    if document is None:
        return None
    fields = Fields(document, "a window of time")
    return TimeWindow(fields.day("from"), fields.day("to"), fields.truth("hard"), fields.text_or_none("words") or "")


def _read_search(document: object) -> Search:
    fields = Fields(document, "a search")
    added = None if fields.get("added") is None else fields.number("added")
    return Search(fields.text("text"), fields.number("found"), _share(fields.get("best")), added)


def _read_message(document: object) -> Message:
    fields = Fields(document, "a message")
    return Message(fields.choice("role", get_args(Role)), fields.text("content"))


def _read_considered(document: object) -> Considered:
    fields = Fields(document, "a passage that was found")
    precision: DatePrecision = fields.choice("date_precision", get_args(DatePrecision), default="day")
    fate: Fate = fields.choice("fate", get_args(Fate))
    ranks = {name: int(rank) for name, rank in _numbers(fields.mapping("ranks")).items()}
    return Considered(
        fields.text("article_id"),
        fields.text("title"),
        fields.number("start"),
        fields.number("end"),
        fields.text_or_none("outlet"),
        fields.day("date"),
        precision,
        None if fields.get("rank") is None else fields.number("rank"),
        ranks,
        _numbers(fields.mapping("scores")),
        fate,
        fields.text_or_none("reason") or "",
        tuple(n for n in fields.items("cites") if isinstance(n, int)),
        fields.text_or_none("part") or "",
        fields.truth("is_second"),
    )


def _numbers(mapping: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in mapping.items() if _share(value) is not None}


def _share(value: object) -> float | None:
    return value if isinstance(value, int | float) and math.isfinite(value) else None
