"""A run: builds a library of the set's articles, asks every question, keeps the records, then scores them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.errors import EvalError
from qa.evaluation.metrics import METRICS, Case, Metric, Record, load_judges, metric_named, run_costs, score_all
from qa.evaluation.metrics.ranking import Measure
from qa.evaluation.runs.ask import PASSAGES, Step, ask_rest, open_set, sources_of
from qa.evaluation.runs.fingerprint import differences, fingerprint, metrics_code, public_settings
from qa.evaluation.runs.folder import (
    RECORDS,
    RUN,
    Start,
    StoredArticle,
    clear,
    make_folder,
    read_json,
    read_records,
    read_set,
    read_start,
    salvage,
    start_of,
    write_json,
    write_records,
    write_set,
    write_start,
)
from qa.evaluation.sets import EvalSet
from qa.evaluation.statistics import Estimate, estimate

if TYPE_CHECKING:
    from qa.settings import Settings

__all__ = [
    "PASSAGES",
    "Run",
    "Step",
    "cases_of",
    "finish_run",
    "load_run",
    "measured",
    "rescored",
    "run_set",
    "score_run",
]

Scores = Mapping[str, Mapping[str, float | None]]
"""Query id -> metric -> value."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: the questions, the records and their scores."""

    eval_set: EvalSet
    fingerprint: Mapping[str, str]
    """Runs are comparable if corpus, queries, qrels and metrics are equal; the other parts show what changed."""
    settings: Mapping[str, Any]
    records: tuple[Record, ...]
    scores: Scores
    metrics: Mapping[str, Estimate]
    timings: Mapping[str, Any]
    notices: tuple[str, ...] = ()
    """What readers of the numbers must know, such as unreadable articles."""
    sources: Mapping[str, StoredArticle] = field(default_factory=dict)
    """Id -> article, for the articles in judgements, evidence and citations that the library has."""
    folder: Path | None = None
    """The folder of the run."""

    @property
    def name(self) -> str:
        """The name of its folder, as tables show it."""
        return self.folder.resolve().name if self.folder else self.eval_set.name


def run_set(
    eval_set: EvalSet,
    settings: Settings,
    out: Path,
    on_progress: Callable[[Step], None] = lambda step: None,
    on_notice: Callable[[str], None] = lambda notice: None,
    *,
    metrics: Iterable[str] = (),
    cache: Path | None = None,
    jobs: int = 1,
    fresh: bool = False,
) -> Run:
    """Asks every question of the set, and writes run.json, records.jsonl and run.trec to the folder `out`.

    Each record is on disk as soon as its question is answered. A run that stopped is continued if its fingerprint is
    the same, unless `fresh`; otherwise all questions are asked again, and `on_notice` receives the reason. run.json is
    written only when all questions are answered. `metrics` are measured in addition to METRICS.

    The articles go into a separate library under `cache` (by default the user's cache folder). It is kept by
    fingerprint, so that the next run over the same articles need not embed them again. The library at
    `settings.index` is neither read nor changed. `jobs` questions are asked at a time; the records and their order do
    not depend on it. Raises QAError.
    """
    wanted = [metric_named(name).name for name in metrics]
    load_judges(wanted)  # before hours of asking, not after them
    make_folder(out)
    print_ = fingerprint(eval_set, settings)
    kept = [] if fresh else _kept(out, print_, settings, on_notice)
    if len(kept) == len(eval_set.queries) and (out / RUN).is_file():
        return score_run(out, wanted)
    (out / RUN).unlink(missing_ok=True)
    if not kept:
        clear(out)
    with open_set(eval_set, settings, cache, on_progress) as (assistant, notices, timings):
        start = start_of(eval_set, print_, public_settings(settings), assistant.mode, notices)
        write_start(out, start)
        began = time.perf_counter()
        records = ask_rest(assistant, eval_set, out, kept, on_progress, jobs)
        timings |= {"questions_s": time.perf_counter() - began, "asked": len(records) - len(kept)}
        sources = sources_of(assistant.library, eval_set, records)
    return finish_run(out, eval_set, start, records, sources, timings, wanted)


def finish_run(
    out: Path,
    eval_set: EvalSet,
    start: Start,
    records: Sequence[Record],
    sources: Mapping[str, StoredArticle],
    timings: Mapping[str, Any],
    metrics: Iterable[str] = (),
) -> Run:
    """Scores the records and writes all files of a finished run, run.json last."""
    run = Run(
        eval_set=eval_set,
        fingerprint=start.fingerprint,
        settings=start.settings,
        records=tuple(records),
        scores={},
        metrics={},
        timings={**timings, "stages_ms": stages(records), "tokens": model_tokens(records)},
        notices=(*start.notices, *_fallbacks(records, start.mode)),
        sources=sources,
        folder=out,
    )
    write_start(out, start)
    write_set(out, eval_set, sources)
    return _written(rescored(run, metrics), out)


def _written(run: Run, out: Path) -> Run:
    write_records(out, run.records, run.scores)
    summary = {
        "fingerprint": run.fingerprint,
        "settings": run.settings,
        "metrics": {name: asdict(value) for name, value in run.metrics.items()},
        "timings": run.timings,
    }
    write_json(out / RUN, summary)
    return run


def load_run(folder: Path) -> Run:
    """The finished run in a folder. Raises EvalError if there is none, or if it stopped half-way."""
    start, summary = _require(folder)
    eval_set, sources = read_set(folder, start.set)
    lines = read_records(folder)
    if [line["_id"] for line in lines] != [query.id for query in eval_set.queries]:
        raise _meddled_with(folder)
    try:
        return Run(
            eval_set=eval_set,
            fingerprint=summary["fingerprint"],
            settings=summary["settings"],
            records=tuple(map(_unscored, lines)),
            scores={line["_id"]: line["metrics"] for line in lines},
            metrics={name: Estimate(**values) for name, values in summary["metrics"].items()},
            timings=summary["timings"],
            notices=(*start.notices, *_fallbacks(lines, start.mode)),
            sources=sources,
            folder=folder,
        )
    except (KeyError, TypeError, AttributeError):
        raise _meddled_with(folder) from None


def score_run(folder: Path, metrics: Iterable[str] = ()) -> Run:
    """Scores the run in a folder again by METRICS, its earlier metrics and `metrics`, without asking again.

    Raises EvalError like `load_run`, and for an unknown metric.
    """
    return _written(rescored(load_run(folder), metrics), folder)


def _meddled_with(folder: Path) -> EvalError:
    return EvalError(f"{folder} is not as `qa eval run` left it. Ask again with: qa eval run --fresh")


def _require(folder: Path) -> tuple[Start, dict[str, Any]]:
    """The start and the summary of a finished run."""
    start = read_start(folder)
    if (folder / RUN).is_file() and start:
        return start, read_json(folder / RUN)
    if start:
        done = len(salvage(folder))
        raise EvalError(
            f"The run in {folder} stopped after {done} of {start.questions} questions, so it has no numbers yet. "
            f"Go on with: qa eval run {start.folder} --out {folder}"
        )
    raise EvalError(f"There is no run in {folder}. Make one with: qa eval run SET --out {folder}")


# --- asking ----------------------------------------------------------------------------------------------------------


def _kept(
    out: Path, print_: Mapping[str, str], settings: Settings, on_notice: Callable[[str], None]
) -> list[dict[str, Any]]:
    """The records of an earlier run that are still valid for this one."""
    if not (out / RECORDS).is_file():
        return []
    start = read_start(out)
    if start is None:
        on_notice(f"The records in {out} are of another version of Citewire. Every question is asked again.")
        return []
    changed = differences(start.fingerprint, print_, (start.settings, public_settings(settings)))
    changed.pop("metrics", None)  # they score records and do not change them
    if changed:
        what = ", ".join(changed.values())
        on_notice(f"Since the run in {out}, there changed: {what}. Every question is asked again.")
        return []
    records = [_unscored(record) for record in salvage(out)]
    if records:
        on_notice(f"{len(records)} of {start.questions} questions were answered before; their records are kept.")
    return records


def _unscored(record: Record) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "metrics"}


# --- scores ----------------------------------------------------------------------------------------------------------


def rescored(run: Run, metrics: Iterable[str] = ()) -> Run:
    """The run, scored by today's METRICS, its earlier metrics and `metrics`. Raises EvalError."""
    names = dict.fromkeys([*METRICS, *run.metrics, *metrics])
    bare = replace(run, scores={}, metrics={}, fingerprint={**run.fingerprint, "metrics": metrics_code()})
    return measured(bare, names)


def measured(run: Run, metrics: Iterable[str]) -> Run:
    """The run, scored by those of `metrics` that it lacks too. Raises EvalError for an unknown metric."""
    missing = {name: metric_named(name) for name in metrics if name not in run.metrics}
    if not missing:
        return run
    added = score_all(run.records, cases_of(run), missing)
    if not any(record["answer"] for record in run.records):  # even a refusal has words: this run only retrieves
        added = {id: _of_finding(values, missing) for id, values in added.items()}
    scores = {id: {**run.scores.get(id, {}), **values} for id, values in added.items()}
    return replace(run, scores=scores, metrics={**run.metrics, **summarise(added)})


def _of_finding(values: Mapping[str, float | None], metrics: Mapping[str, Metric]) -> dict[str, float | None]:
    """The values without answer metrics, which do not apply: zeros would look real."""
    return {
        name: value if isinstance(metrics[name].function, Measure) or "@" in name else None
        for name, value in values.items()
    }


def cases_of(run: Run) -> dict[str, Case]:
    """Query id -> its case."""
    texts = {id: source.text for id, source in run.sources.items()}
    return {query.id: Case(query, run.eval_set.qrels.get(query.id, {}), texts) for query in run.eval_set.queries}


def summarise(scores: Scores) -> dict[str, Estimate]:
    """Metric -> mean, interval and number of questions."""
    names = dict.fromkeys(name for values in scores.values() for name in values)
    return {name: estimate(values[name] for values in scores.values()) for name in names}


def stages(records: Sequence[Record]) -> dict[str, dict[str, float | None]]:
    """Stage -> p50, p95 in milliseconds, and n."""
    costs = run_costs(records)
    names = dict.fromkeys(stage for record in records for stage in record["timings_ms"])
    return {
        name: {
            "p50": costs[f"{name}_p50_ms"],
            "p95": costs[f"{name}_p95_ms"],
            "n": sum(name in record["timings_ms"] for record in records),
        }
        for name in names
    }


def model_tokens(records: Sequence[Record]) -> dict[str, float | None] | None:
    """The calls of a language model and the tokens in and out over all questions; None where none was asked."""
    used = [record["usage"] for record in records if record.get("usage")]
    if not used:
        return None
    costs = run_costs(records)
    return {
        "calls": sum(usage.get("calls", 1) for usage in used),
        "in": costs["prompt_tokens"],
        "out": costs["completion_tokens"],
    }


def _fallbacks(records: Sequence[Record], mode: str) -> list[str]:
    """A notice if answers came from another mode than the one measured: its server was down, or the first one stood."""
    others = [record for record in records if record["mode"] != mode]
    if not others:
        return []
    lost = f"{len(others)} of {len(records)} answers did not come from {mode}; the numbers are not those of {mode}."
    return [" ".join([lost, *(f"First notice: {record['notice']}" for record in others[:1])])]
