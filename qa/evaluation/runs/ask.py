"""Asks the questions of a set: keeps a library of its articles between runs, and records every answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from qa.errors import EvalError
from qa.evaluation.metrics import Record
from qa.evaluation.runs.fingerprint import library_folder, library_path
from qa.evaluation.runs.folder import Journal, StoredArticle, read_json, write_json
from qa.evaluation.sets import EvalSet, Query

if TYPE_CHECKING:
    from qa.ask.assistant import Assistant
    from qa.library import IngestReport, Library
    from qa.settings import Settings

# Reading and comparing finished runs need not wait for imports that only asking needs.

PASSAGES = 50
_MADE = "made.json"
"""A file in the folder of a library. It says that the library is complete, and what building it took."""


@dataclass(frozen=True, slots=True)
class Step:
    """The progress of a run."""

    stage: Literal["articles", "questions"]
    done: int
    total: int


def is_made(eval_set: EvalSet, settings: Settings, cache: Path | None = None) -> bool:
    """True when the library for `open_set` is already complete: no article must be embedded."""
    return (library_path(eval_set, settings, cache) / _MADE).is_file()


@contextmanager
def open_set(
    eval_set: EvalSet, settings: Settings, cache: Path | None, on_progress: Callable[[Step], None]
) -> Iterator[tuple[Assistant, list[str], dict[str, Any]]]:
    """An assistant over a library of the set's articles, with notices about the articles and timings.

    Raises EvalError if no article can be read.
    """
    from qa.ask.assistant import Assistant

    folder = library_folder(eval_set, settings, cache)
    with Assistant.open(settings.model_copy(update={"index": folder, "database": None})) as assistant:
        assistant.is_live = False
        library = assistant.library
        try:
            made = read_json(folder / _MADE)
        except EvalError:
            report = library.ingest([eval_set.corpus], lambda p: on_progress(Step("articles", p.done, p.total)))
            made = {"notices": _missing(eval_set, library, report), "timings": _ingest_timings(library, report)}
            write_json(folder / _MADE, made)
        yield assistant, made["notices"], made["timings"]


def _ingest_timings(library: Library, report: IngestReport) -> dict[str, Any]:
    sizes = [path.stat().st_size for path in library.settings.index.rglob("*") if path.is_file()]
    return {
        "ingest_s": report.seconds,
        "passages": report.passages,
        "passages_per_s": report.passages / report.seconds if report.passages else None,
        "index_bytes": sum(sizes),
    }


def ask_rest(
    assistant: Assistant,
    eval_set: EvalSet,
    out: Path,
    kept: Sequence[Record],
    on_progress: Callable[[Step], None],
    jobs: int,
) -> list[Record]:
    """The record of every question, in the order of the set. Questions without a kept record are asked."""
    records: dict[str, Record] = {record["_id"]: record for record in kept}
    total = len(eval_set.queries)
    left = [query for query in eval_set.queries if query.id not in records]
    on_progress(Step("questions", len(records), total))
    with Journal(out) as journal:
        for record in _asked(assistant, left, jobs):
            journal.add(record)
            records[record["_id"]] = record
            on_progress(Step("questions", len(records), total))
    return [records[query.id] for query in eval_set.queries]


def _asked(assistant: Assistant, queries: Sequence[Query], jobs: int) -> Iterator[Record]:
    """Yields the records of the questions in order."""
    from qa.show.document import answer_json

    def ask(query: Query) -> Record:
        answer = answer_json(assistant.ask(query.text, history=query.history, as_of=query.date))
        return {"_id": query.id, **answer, "passages": answer["passages"][:PASSAGES]}

    if jobs == 1:
        yield from map(ask, queries)
        return
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(ask, queries)
        finally:
            pool.shutdown(cancel_futures=True)


def sources_of(library: Library, eval_set: EvalSet, records: Iterable[Record]) -> dict[str, StoredArticle]:
    """Id -> stored article, for the articles in judgements, evidence and citations."""
    queries = {query.id for query in eval_set.queries}
    ids = {article for query in queries for article in eval_set.qrels.get(query, ())}
    ids |= {evidence.article_id for query in eval_set.queries for evidence in query.evidence}
    ids |= {citation["article_id"] for record in records for citation in record["citations"]}
    return {
        id: StoredArticle(
            article.title, article.outlet, article.date.isoformat() if article.date else None, article.text
        )
        for id in sorted(ids)
        if (article := library.article(id))
    }


def _missing(eval_set: EvalSet, library: Library, report: IngestReport) -> list[str]:
    """A notice if articles of the corpus did not reach the library and cannot be found.

    Raises EvalError if none did: every number would be a zero that looks real.
    """
    held = {row.id for row in library.articles()}
    missing = [article for article in eval_set.articles if article not in held]
    reason = "".join(f" First reason: {failure.name}: {failure.reason}." for failure in report.failures[:1])
    if not held:
        raise EvalError(f"No article of {eval_set.corpus} could be read, so nothing can be measured.{reason}")
    if not missing:
        return []
    judged = sum(article in judgements for article in missing for judgements in eval_set.qrels.values())
    share = f"{len(missing)} of {len(eval_set.articles)} articles"
    return [f"{share} are not in the library, though {judged} judgements name them.{reason}"]
