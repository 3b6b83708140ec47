"""A kept turn as a JSON document, and a document from outside as a kept turn."""

from __future__ import annotations

import math
import re
from typing import Any, get_args

from qa.errors import ReadError
from qa.show.saved.fields import Fields, day_text
from qa.show.saved.filters import filters_json, read_filters
from qa.show.saved.values import MOST_PASSAGES, KeptCitation, KeptPassage, KeptTurn
from qa.types import DatePrecision, DateSource, Sentence, Verdict

_PREFIX = re.compile(r"\s*(?:(?:[-*•]|\d+[.)])\s+)?")


def stored_json(turn: KeptTurn) -> dict[str, Any]:
    """What the library holds of a turn: `turn_json` with how the answer came about, which no export carries."""
    return turn_json(turn) | ({"trace": turn.trace} if turn.trace else {})


def turn_json(turn: KeptTurn, *, texts_of_passages: bool = True) -> dict[str, Any]:
    """The document of `qa ask --json`, with what is known besides. `read_turn` reads it back."""
    return {
        "question": turn.question,
        "standalone_question": turn.standalone,
        "answer": turn.answer,
        "abstained": turn.abstained,
        "mode": turn.mode,
        "notice": turn.notice,
        "sentences": [
            {
                "text": s.text,
                "citations": list(s.citations),
                "verdict": s.verdict,
                "reasons": list(s.reasons),
                "prefix": s.prefix,
                "lead": s.lead,
                "bold": [list(span) for span in s.bold],
                "missed": [list(span) for span in s.missed],
            }
            for s in turn.sentences
        ],
        "citations": [_citation_json(citation) for citation in turn.citations],
        "passages": [
            {"rank": rank, "article_id": p.article_id, "start": p.start, "end": p.end, "score": p.score}
            | ({"text": p.text} if texts_of_passages and p.text is not None else {})
            for rank, p in enumerate(turn.passages, start=1)
        ],
        "filters": filters_json(turn.filters),
        "as_of": day_text(turn.as_of),
        "asked": turn.asked.isoformat(timespec="seconds") if turn.asked else None,
        "timings_ms": {stage: round(ms, 2) for stage, ms in turn.timings_ms.items()},
        "texts": dict(turn.texts),
    }


def _citation_json(citation: KeptCitation) -> dict[str, Any]:
    return {
        "n": citation.n,
        "article_id": citation.article_id,
        "title": citation.title,
        "outlet": citation.outlet,
        "date": day_text(citation.date),
        "date_source": citation.date_source,
        "date_precision": citation.date_precision,
        "url": citation.url,
        "path": citation.path,
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "link": citation.link,
        "corrections": None if citation.corrections is None else list(citation.corrections),
    } | ({"updated": day_text(citation.updated)} if citation.updated else {})


def read_turn(document: object) -> KeptTurn:
    """The turn of a document that `turn_json` or `qa ask --json` made. Raises ReadError, which says what is wrong."""
    fields = Fields(document, "the answer")
    turn = KeptTurn(
        fields.text("question"),
        fields.text("standalone_question"),
        fields.text("answer"),
        fields.text("mode"),
        fields.truth("abstained"),
        fields.text_or_none("notice"),
        tuple(_read_sentence(item) for item in fields.items("sentences")),
        tuple(_read_citation(item) for item in fields.items("citations")),
        tuple(_read_passage(item) for item in fields.items("passages")[:MOST_PASSAGES]),
        read_filters(fields.get("filters")),
        fields.day("as_of"),
        fields.moment("asked"),
        {id_: hash_ for id_, hash_ in fields.mapping("texts").items() if isinstance(hash_, str)},
        {stage: float(ms) for stage, ms in fields.mapping("timings_ms").items() if isinstance(ms, int | float)},
        fields.mapping("trace") or None,
    )
    numbers = [citation.n for citation in turn.citations]
    if len(set(numbers)) < len(numbers):
        raise ReadError("two citations of one answer have the same number")
    if strays := {n for sentence in turn.sentences for n in sentence.citations} - set(numbers):
        raise ReadError(f"a sentence cites [{min(strays)}], which is not among the citations")
    return turn


def _read_sentence(document: object) -> Sentence:
    fields = Fields(document, "a sentence")
    numbers = fields.items("citations")
    if not all(isinstance(n, int) for n in numbers):
        raise ReadError("'citations' of a sentence are not numbers")
    verdict: Verdict = fields.choice("verdict", get_args(Verdict))
    prefix = fields.text_or_none("prefix") or ""
    if not _PREFIX.fullmatch(prefix):
        raise ReadError("'prefix' of a sentence is neither white space nor the mark of a list")
    text, lead = fields.text("text"), fields.text_or_none("lead") or ""
    bold, missed = (tuple(_read_span(name, item, text) for item in fields.items(name)) for name in ("bold", "missed"))
    return Sentence(text, tuple(numbers), verdict, fields.texts("reasons"), prefix, lead, bold, missed)


def _read_span(name: str, document: object, text: str) -> tuple[int, int]:
    match document:
        case [int(start), int(end)] if 0 <= start <= end <= len(text):
            return start, end
    raise ReadError(f"'{name}' of a sentence is not a list of offsets in its text")


def _read_citation(document: object) -> KeptCitation:
    fields = Fields(document, "a citation")
    noted = fields.get("corrections") is not None
    source: DateSource = fields.choice("date_source", get_args(DateSource), default="unknown")
    precision: DatePrecision = fields.choice("date_precision", get_args(DatePrecision), default="day")
    return KeptCitation(
        fields.number("n"),
        fields.text("article_id"),
        fields.text_or_none("title") or "",
        fields.number("start"),
        fields.number("end"),
        fields.text("quote"),
        fields.text_or_none("outlet"),
        fields.day("date"),
        source,
        precision,
        fields.text_or_none("url"),
        fields.text_or_none("path"),
        fields.number("page") if fields.get("page") is not None else None,
        fields.texts("corrections") if noted else None,
        fields.text_or_none("link"),
        fields.day("updated"),
    )


def _read_passage(document: object) -> KeptPassage:
    fields = Fields(document, "a passage")
    score = fields.get("score")
    return KeptPassage(
        fields.text("article_id"),
        fields.number("start"),
        fields.number("end"),
        float(score) if isinstance(score, int | float) and math.isfinite(score) else 0.0,
        fields.text_or_none("text"),
    )
