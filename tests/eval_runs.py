"""Small finished runs for the tests of reports: records in the shape of `qa ask --json`, scored by the real metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.evaluation.runs import Run, rescored, stages
from qa.evaluation.runs.folder import StoredArticle
from qa.evaluation.sets import EvalSet, Query

Span = tuple[str, int, int]
"""Article, start, end."""


def make_set(
    name: str, queries: Sequence[Query], articles: Sequence[str], qrels: Mapping[str, Mapping[str, int]]
) -> EvalSet:
    """A set that lies nowhere."""
    return EvalSet(name, Path(name), tuple(articles), tuple(queries), qrels)


def make_record(
    query: Query,
    sources: Mapping[str, StoredArticle],
    *,
    sentence: str = "",
    cites: Span | None = None,
    found: Sequence[Span] = (),
    answer: str | None = None,
    ms: float = 6.0,
) -> dict[str, Any]:
    """The record of a question: one sentence with one citation, or a refusal, and the passages found.

    Where `answer` is given it is all that is said, as by what only finds.
    """
    refused = answer is None and not sentence
    citations = []
    if cites:
        id, start, end = cites
        quote, source = sources[id].text[start:end], sources[id]
        about = {"title": source.title, "outlet": source.outlet, "date": source.date}
        citations.append({"n": 1, "article_id": id, "start": start, "end": end, "quote": quote, **about})
    said = {"text": sentence, "citations": [c["n"] for c in citations], "verdict": "verbatim", "reasons": []}
    return {
        "_id": query.id,
        "question": query.text,
        "answer": "The articles do not say." if refused else sentence if answer is None else answer,
        "abstained": refused,
        "mode": "extractive",
        "notice": None,
        "sentences": [said] if sentence else [],
        "citations": citations,
        "passages": [
            {"rank": n, "article_id": id, "start": a, "end": b, "score": 1 / n, "text": sources[id].text[a:b]}
            for n, (id, a, b) in enumerate(found, start=1)
        ],
        "timings_ms": {"retrieve": 2.0, "total": ms},
    }


def make_run(
    eval_set: EvalSet,
    sources: Mapping[str, StoredArticle],
    records: Sequence[Mapping[str, Any]],
    *,
    name: str = "run",
    settings: Mapping[str, Any] | None = None,
    notices: tuple[str, ...] = (),
) -> Run:
    """The records as a finished run with its scores, in a folder of that name which is not there."""
    told = settings or {"llm": "extractive", "embed": "bundled:news"}
    timings = {"stages_ms": stages(records), "ingest_s": 0.5, "questions_s": 1.0, "asked": len(records)}
    print_ = {"corpus": "c", "queries": "q", "qrels": "j", "settings": name}
    run = Run(eval_set, print_, told, tuple(records), {}, {}, timings, notices, sources, Path(name))
    return rescored(run)
