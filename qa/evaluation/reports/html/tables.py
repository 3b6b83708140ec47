"""The tables of a report: metrics with their intervals, paired differences, milliseconds, slices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa.evaluation.comparison import Comparisons, MetricDifference, groups_of
from qa.evaluation.metrics import METRICS, metric_named
from qa.evaluation.reports.html.plots import UNIT, Bar, Tick, balanced, times
from qa.evaluation.reports.html.runs import Labelled
from qa.evaluation.reports.words import (
    HEADLINE,
    NOT_APPLICABLE,
    interval_text,
    number,
    p_text,
    signed,
    size,
    subject_of,
    tokens_text,
    tone_of,
)
from qa.evaluation.statistics import Estimate, mean

FEW = 10
"""In a slice with fewer questions, one answer moves the mean by more than a tenth."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A metric of one run."""

    run: Labelled
    bar: Bar
    value: str
    interval: str
    n: int
    words: str


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric of all runs that have it."""

    title: str
    hint: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class MetricGroup:
    """Metrics of the same subject."""

    title: str
    metrics: tuple[MetricRow, ...]


def metric_groups(runs: Sequence[Labelled]) -> list[MetricGroup]:
    """The metrics that apply to a question of any run, by subject."""
    groups: dict[str, list[MetricRow]] = {}
    for name in applying(runs):
        groups.setdefault(subject_of(name), []).append(_metric_row(name, runs))
    return [MetricGroup(title, tuple(rows)) for title, rows in groups.items()]


def applying(runs: Sequence[Labelled]) -> list[str]:
    """Names of the metrics that apply to a question of any run, in the order of METRICS."""
    names = dict.fromkeys([*METRICS, *(name for labelled in runs for name in labelled.run.metrics)])
    return [name for name in names if any(_estimate(labelled, name).n for labelled in runs)]


def absent(runs: Sequence[Labelled]) -> str:
    """Titles of the metrics that apply to no question."""
    there = set(applying(runs))
    return ", ".join(metric_named(name).title for name in runs[0].run.metrics if name not in there)


def _metric_row(name: str, runs: Sequence[Labelled]) -> MetricRow:
    title, hint = _title(name)
    return MetricRow(
        title, hint, tuple(cell for labelled in runs if (cell := _cell(labelled, _estimate(labelled, name))))
    )


def _cell(labelled: Labelled, result: Estimate) -> Cell | None:
    if result.value is None or result.low is None or result.high is None:
        return None
    value, interval = number(result.value), interval_text(result)
    bar = UNIT.bar(result.value, result.low, result.high)
    return Cell(labelled, bar, value, interval, result.n, f"{labelled.name}: {value}, {interval}")


def _estimate(labelled: Labelled, name: str) -> Estimate:
    return labelled.run.metrics.get(name, Estimate(None, None, None, 0))


def _title(name: str) -> tuple[str, str]:
    """The title, and the hint in brackets."""
    title, _, hint = metric_named(name).title.partition(" (")
    return title, hint.rstrip(")")


# --- differences -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """How a run differs from the first in one metric."""

    title: str
    hint: str
    bar: Bar
    value: str
    interval: str
    p: str
    smallest: str
    """The smallest difference that this many questions detect."""
    tally: str
    words: str
    tone: str
    """"better", "worse" or "same"."""


@dataclass(frozen=True, slots=True)
class Forest:
    """How a run differs from the first."""

    run: Labelled
    ticks: tuple[Tick, ...]
    rows: tuple[DifferenceRow, ...]
    same: str
    """Titles of the metrics in which no question differs."""


def forest(labelled: Labelled, rows: Sequence[MetricDifference]) -> Forest:
    """The differences of a run from the first, by metric, on one axis."""
    rows = [row for row in rows if row.comparison.n]
    moved = [row for row in rows if row.comparison.ties < row.comparison.n]
    axis, ticks = balanced(bound for row in moved for bound in (row.comparison.low or 0.0, row.comparison.high or 0.0))

    def shown(row: MetricDifference) -> DifferenceRow:
        found, (title, hint) = row.comparison, _title(row.metric)
        difference, low, high = found.difference or 0.0, found.low or 0.0, found.high or 0.0
        return DifferenceRow(
            title,
            hint,
            axis.bar(difference, low, high),
            signed(difference),
            f"{signed(low)} to {signed(high)}",
            p_text(found),
            NOT_APPLICABLE if found.smallest is None else size(found.smallest),
            f"{found.wins} · {found.ties} · {found.losses}",
            row.words.partition(" (")[0],
            tone_of(row.metric, found),
        )

    same = ", ".join(row.title for row in rows if row not in moved)
    return Forest(labelled, ticks, tuple(map(shown, moved)), same)


# --- speed -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duration:
    """The milliseconds of a stage in one run."""

    run: Labelled
    bar: Bar
    p50: str
    p95: str
    n: int
    words: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage in all runs that have it."""

    title: str
    rows: tuple[Duration, ...]


@dataclass(frozen=True, slots=True)
class Speed:
    """The milliseconds of all stages on one axis."""

    ticks: tuple[Tick, ...]
    stages: tuple[Stage, ...]
    facts: tuple[tuple[Labelled, str], ...]


def speed(runs: Sequence[Labelled]) -> Speed:
    """Median and 95th percentile of each stage, and what is known of indexing."""
    stages = dict.fromkeys(name for labelled in runs for name in labelled.run.timings.get("stages_ms", {}))
    measured = {name: [(run, found) for run in runs if (found := _stage(run, name))] for name in stages}
    axis, ticks = times(ms for found in measured.values() for _, row in found for ms in (row["p50"], row["p95"]))

    def duration(labelled: Labelled, row: Mapping[str, float]) -> Duration:
        p50, p95 = f"{row['p50']:.1f}", f"{row['p95']:.1f}"
        words = f"{labelled.name}: median {p50} ms, 95th percentile {p95} ms"
        return Duration(labelled, axis.bar(row["p50"], row["p50"], row["p95"]), p50, p95, int(row["n"]), words)

    rows = [Stage(name, tuple(duration(*pair) for pair in found)) for name, found in measured.items()]
    facts = tuple((labelled, fact) for labelled in runs if (fact := _indexing(labelled)))
    return Speed(ticks, tuple(rows), facts)


def _stage(labelled: Labelled, name: str) -> Mapping[str, float] | None:
    found: Mapping[str, float] | None = labelled.run.timings.get("stages_ms", {}).get(name)
    return found


def _indexing(labelled: Labelled) -> str:
    timings = labelled.run.timings
    seconds, passages, size = (timings.get(name) for name in ("ingest_s", "passages", "index_bytes"))
    facts = [
        f"indexed in {seconds:,.{1 if seconds >= 1 else 3}f} s" if seconds else "",
        f"{passages:,} passages" if passages else "",
        f"{timings['passages_per_s']:,.0f} a second" if timings.get("passages_per_s") else "",
        f"{size / 1e6:,.1f} MB on disk" if size else "",
        tokens_text(timings),
    ]
    return ", ".join(filter(None, facts))


# --- slices ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """A metric of one run over one slice."""

    run: Labelled
    value: str
    n: int
    tone: str
    """How it stands to the first run: "better", "worse", "same"; empty where they were not compared."""


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A slice with a cell for each metric, which holds a share for each run that it applies to."""

    name: str
    n: int
    few: bool
    cells: tuple[tuple[Share, ...], ...]


@dataclass(frozen=True, slots=True)
class SliceTable:
    """The slices by one property of the questions."""

    title: str
    kind: str
    metrics: tuple[str, ...]
    rows: tuple[SliceRow, ...]


def slice_tables(runs: Sequence[Labelled], comparisons: Comparisons | None) -> list[SliceTable]:
    """A table for each way of parting the questions that makes more than one part."""
    there = applying(runs)
    names = [name for name in HEADLINE if name in there]
    compared = comparisons.slices if comparisons else ()
    tones = {(s.kind, s.group, s.row.run, s.row.metric): tone_of(s.row.metric, s.row.comparison) for s in compared}

    def row(kind: str, group: str, ids: Sequence[str]) -> SliceRow:
        shares = [
            [_share(run, name, ids, tones.get((kind, group, run.name, name), "")) for run in runs] for name in names
        ]
        cells = (tuple(share for share in some if share.n) for some in shares)
        return SliceRow(group, len(ids), len(ids) < FEW, tuple(cells))

    titles = tuple(_title(name)[0] for name in names)
    return [
        SliceTable(f"By {kind}", kind, titles, tuple(row(kind, group, ids) for group, ids in groups.items()))
        for kind, groups in groups_of(runs[0].run).items()
    ]


def _share(labelled: Labelled, name: str, ids: Iterable[str], tone: str) -> Share:
    value, n = mean(labelled.run.scores[id].get(name) for id in ids)
    return Share(labelled, number(value), n, tone)
