"""Compares finished runs over the same questions: what changed between them, and how the metrics differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa.errors import EvalError, UsageError
from qa.evaluation.metrics import metric_named
from qa.evaluation.runs import Run, measured, rescored
from qa.evaluation.runs.fingerprint import differences
from qa.evaluation.sets import Query
from qa.evaluation.statistics import Comparison, Estimate, compare, mean, together

SAME = ("corpus", "queries", "qrels")
"""Parts of a fingerprint that must be equal: numbers over other questions or articles cannot be compared."""
SLICED = ("ndcg@10", "answer_correct", "citation_correct", "refused_right", "refused_wrong")
"""The metrics compared within groups of questions."""
_GROUPS = 12  # of one kind; the smallest are merged


@dataclass(frozen=True, slots=True)
class MetricDifference:
    """One metric of one run compared with the first run."""

    run: str
    metric: str
    title: str
    first: Estimate
    second: Estimate
    comparison: Comparison
    """Over the questions where both have a value; p is adjusted for the number of rows."""
    words: str
    """Such as "better by .04 to .09"."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A metric difference over a group of questions, such as those of one type."""

    kind: str
    """`type`, `hops`, `date` or `outlet`."""
    group: str
    row: MetricDifference


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Runs compared with the first of them."""

    first: str
    others: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    """Run -> what changed since the first, such as "the settings (words_weight 0.8, 0.5)"."""
    rows: tuple[MetricDifference, ...]
    slices: tuple[Slice, ...]


def compare_runs(runs: Sequence[Run], metrics: Iterable[str] = ()) -> Comparisons:
    """Compares each run with the first, by `metrics` or by every metric that all runs have.

    With fewer metrics each p is adjusted less: name the metric of your decision before looking at any.

    Runs scored by other versions of the metrics are scored again first. Raises EvalError if articles, questions or
    judgements differ, and says which; UsageError for fewer than two runs.
    """
    if len(runs) < 2:
        raise UsageError("A comparison wants two runs or more.")
    require_comparable(runs)
    wanted = [metric_named(name).name for name in metrics]
    if len({run.fingerprint.get("metrics") for run in runs}) > 1:
        runs = [rescored(run) for run in runs]
    runs = [measured(run, wanted) for run in runs]
    first, *others = runs
    first_name, *names = names_of(runs)
    shared = wanted or [name for name in first.metrics if all(name in run.metrics for run in others)]
    ids = [query.id for query in first.eval_set.queries]
    rows, slices = [], []
    for name, run in zip(names, others, strict=True):
        rows += [_row(name, metric, first, run, ids) for metric in shared if first.metrics[metric].n]
        slices += list(_slices(name, first, run, [metric for metric in wanted or SLICED if metric in shared]))
    return Comparisons(
        first_name,
        tuple(names),
        {name: tuple(_changed(first, run).values()) for name, run in zip(names, others, strict=True)},
        tuple(_adjusted(rows)),
        tuple(
            Slice(slice.kind, slice.group, row)
            for slice, row in zip(slices, _adjusted([slice.row for slice in slices]), strict=True)
        ),
    )


def require_comparable(runs: Sequence[Run]) -> None:
    """Raises EvalError if runs use other articles, questions or judgements than the first."""
    first, *others = runs
    for run in others:
        differing = [words for name, words in _changed(first, run).items() if name in SAME]
        if differing:
            raise EvalError(
                f"{first.folder or first.name} and {run.folder or run.name} cannot be compared, because these differ: "
                f"{' and '.join(differing)}. Run both over the same set."
            )


def names_of(runs: Sequence[Run]) -> list[str]:
    """A name for each run: its folder's name, or the path if two folders have the same name."""
    counts = Counter(run.name for run in runs)
    return [run.name if counts[run.name] == 1 else str(run.folder or n) for n, run in enumerate(runs, start=1)]


def _changed(first: Run, run: Run) -> dict[str, str]:
    changed = differences(first.fingerprint, run.fingerprint, (first.settings, run.settings))
    return {name: words for name, words in changed.items() if name not in ("set", "metrics")}


def _row(name: str, metric: str, first: Run, second: Run, ids: Sequence[str]) -> MetricDifference:
    one, other = ([run.scores[id].get(metric) for id in ids] for run in (first, second))
    whole = len(ids) == len(first.eval_set.queries)
    estimates = (first.metrics[metric], second.metrics[metric]) if whole else (_bare(one), _bare(other))
    return MetricDifference(name, metric, metric_named(metric).title, *estimates, compare(one, other), "")


def _bare(values: Sequence[float | None]) -> Estimate:
    """The mean of a group without an interval, which takes time; the difference has one."""
    value, n = mean(values)
    return Estimate(value, None, None, n)


def _adjusted(rows: Sequence[MetricDifference]) -> Iterable[MetricDifference]:
    """The rows with p adjusted for their number, and with words."""
    adjusted = together(dict(enumerate(row.comparison for row in rows)))
    for number, row in enumerate(rows):
        less = metric_named(row.metric).less_is_better
        words = adjusted[number].words(less_is_better=less)
        yield MetricDifference(row.run, row.metric, row.title, row.first, row.second, adjusted[number], words)


# --- slices ----------------------------------------------------------------------------------------------------------


def _slices(name: str, first: Run, run: Run, metrics: Sequence[str]) -> Iterable[Slice]:
    for kind, groups in groups_of(first).items():
        for group, ids in groups.items():
            rows = [_row(name, metric, first, run, ids) for metric in metrics]
            yield from (Slice(kind, group, row) for row in rows if row.comparison.n)


def groups_of(run: Run) -> dict[str, dict[str, list[str]]]:
    """Kind -> group -> ids of its questions, largest group first. Groups beyond a dozen are merged.

    Kinds are `type`, `hops`, `date` and `outlet`, if they divide the questions.
    """
    kinds = {kind: grouped(run, group_of) for kind, group_of in _KINDS.items()}
    return {kind: groups for kind, groups in kinds.items() if len(groups) > 1}


def grouped(run: Run, group_of: Callable[[Run], Mapping[str, str]]) -> dict[str, list[str]]:
    """Group -> ids of its questions. `group_of` returns question id -> group."""
    groups: dict[str, list[str]] = {}
    for id, group in group_of(run).items():
        groups.setdefault(group, []).append(id)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    if len(ordered) <= _GROUPS:
        return dict(ordered)
    kept, small = ordered[: _GROUPS - 1], ordered[_GROUPS - 1 :]
    return {**dict(kept), f"{len(small)} others": [id for _, ids in small for id in ids]}


def _types(run: Run) -> dict[str, str]:
    return {query.id: query.type or "other" for query in run.eval_set.queries}


def _hops(run: Run) -> dict[str, str]:
    """Number of pieces of evidence for an answer, or of articles if no evidence is given."""
    counts = {query.id: len(set(query.evidence)) or len(_relevant(run, query)) for query in run.eval_set.queries}
    return {id: str(count) if count else "none" for id, count in counts.items()}


def _dates(run: Run) -> dict[str, str]:
    """Year of the question, or of the first article that answers it; the month if all are in one year."""
    days = {query.id: _day(run, query) for query in run.eval_set.queries}
    places = 7 if len({day[:4] for day in days.values() if day}) == 1 else 4
    return {id: day[:places] if day else "undated" for id, day in days.items()}


def _day(run: Run, query: Query) -> str | None:
    if query.date:
        return query.date.isoformat()
    dates = [source.date for id in _relevant(run, query) if (source := run.sources.get(id))]
    return min((date for date in dates if date), default=None)


def _outlets(run: Run) -> dict[str, str]:
    """The outlet of the article that answers the question."""
    return {query.id: _outlet(run, query) for query in run.eval_set.queries}


def _outlet(run: Run, query: Query) -> str:
    outlets = {source.outlet for id in _relevant(run, query) if (source := run.sources.get(id))}
    if len(outlets) > 1:
        return "several outlets"
    return next(iter(outlets), None) or "no outlet"


def _relevant(run: Run, query: Query) -> list[str]:
    """Ids of the articles that answer a question."""
    judged = [id for id, relevance in run.eval_set.qrels.get(query.id, {}).items() if relevance > 0]
    return sorted({*judged, *(evidence.article_id for evidence in query.evidence)})


_KINDS: Mapping[str, Callable[[Run], dict[str, str]]] = {
    "type": _types,
    "hops": _hops,
    "date": _dates,
    "outlet": _outlets,
}
