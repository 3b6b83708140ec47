"""Runs a baseline: articles from Citewire's library, its own index, a record for every question."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from eval.baselines.corpus import Answerer, Corpus, Finder, read_corpus
from eval.baselines.table import Baseline, baseline_named
from qa.evaluation.metrics import Record
from qa.evaluation.runs import Run, finish_run
from qa.evaluation.runs.ask import PASSAGES, Step, open_set, sources_of
from qa.evaluation.runs.fingerprint import digest, fingerprint
from qa.evaluation.runs.folder import clear, make_folder, start_of
from qa.evaluation.sets import EvalSet, Query
from qa.settings import Settings
from qa.show.document import answer_json
from qa.types import Answer, Question


def run_baseline(
    name: str,
    eval_set: EvalSet,
    settings: Settings,
    out: Path,
    on_progress: Callable[[Step], None] = lambda step: None,
    *,
    cache: Path | None = None,
) -> Run:
    """Asks every question of one of BASELINES, and writes what a run of Citewire writes to the folder `out`.

    It works on the stored texts of the library that Citewire has for the set, so that offsets, articles and metrics
    are the same; `timings.ingest_s` is the making of its own index from them, in memory. What only finds has no answer
    metrics: they do not apply. Raises QAError.
    """
    baseline = baseline_named(name)
    make_folder(out)
    clear(out)
    with open_set(eval_set, settings, cache, on_progress) as (assistant, notices, _):
        corpus = read_corpus(assistant.library)
        baseline.load()(corpus.first(1))  # imports are not part of the comparison
        began = time.perf_counter()
        answer, mode = _answerer(name, baseline, corpus)
        indexed = time.perf_counter()
        records = _ask_all(answer, eval_set, on_progress)
        timings = {"ingest_s": indexed - began, "questions_s": time.perf_counter() - indexed, "asked": len(records)}
        sources = sources_of(assistant.library, eval_set, records)
    llm = settings.llm if baseline.answers else None
    values = {"baseline": name, "title": baseline.title, "llm": llm, "embed": settings.embed}
    print_ = {**fingerprint(eval_set, settings), "settings": digest(values), "splitter": digest(name)}
    start = start_of(eval_set, print_, values, mode, notices)
    return finish_run(out, eval_set, start, records, sources, timings)


def _answerer(name: str, baseline: Baseline, corpus: Corpus) -> tuple[Answerer, str]:
    """The function that answers a question, and the mode of its records."""
    if baseline.answers:
        return baseline.load()(corpus), corpus.settings.llm
    return _only_finding(baseline.load()(corpus), name), name


def _only_finding(find: Finder, mode: str) -> Answerer:
    def answer(query: Query) -> Answer:
        return Answer(Question(query.text, query.text, as_of=query.date), "", mode, hits=tuple(find(query)))

    return answer


def _ask_all(answer: Answerer, eval_set: EvalSet, on_progress: Callable[[Step], None]) -> list[Record]:
    records: list[Record] = []
    for done, query in enumerate(eval_set.queries):
        on_progress(Step("questions", done, len(eval_set.queries)))
        began = time.perf_counter()
        given = answer(query)
        took = (time.perf_counter() - began) * 1000
        document = answer_json(replace(given, timings_ms={"total": took}))
        records.append({"_id": query.id, **document, "passages": document["passages"][:PASSAGES]})
    on_progress(Step("questions", len(records), len(records)))
    return records
