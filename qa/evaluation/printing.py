"""Comparisons, sweeps, gates and scores of other benchmarks as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qa.evaluation.comparing import Comparisons, Row, Slice
from qa.evaluation.compat import Compatible
from qa.evaluation.gates import Verdict
from qa.evaluation.metrics import metric_named
from qa.evaluation.reporting import NOT_APPLICABLE, interval_text, number, p_text, tone_of
from qa.evaluation.statistics import Comparison
from qa.evaluation.sweeping import Point, Sweep

_COMPARED = ("difference", "95% interval", "p", "visible", "win/tie/loss")
_NOTE = "p is adjusted for {} comparisons (Holm). Visible: the smallest difference that so many questions show."
_STYLES = {"better": "green", "worse": "red", "same": ""}


def print_comparisons(console: Console, comparisons: Comparisons) -> None:
    """For each run what was changed, every metric beside the first run's, and the groups where something differs."""
    for name in comparisons.others:
        changed = "; ".join(comparisons.changed[name]) or "nothing"
        console.print(Text(f"{name} beside {comparisons.first}", style="bold"))
        console.print(Text(f"changed: {changed}\n", style="dim"))
        rows = [row for row in comparisons.rows if row.run == name]
        console.print(rows_table(rows, comparisons.first, name))
        console.print(Text(f"\n{_NOTE.format(len(comparisons.rows))}", style="dim"))
        _print_slices(console, [slice for slice in comparisons.slices if slice.row.run == name])


def rows_table(rows: Sequence[Row], first: str, second: str) -> Table:
    """A row for each metric: both values, the difference with its interval, p, and what can be said."""
    table = _table("metric", Text(first), Text(second), *_COMPARED)
    table.add_column("", justify="left")
    for row in rows:
        style = _STYLES[tone_of(row.metric, row.comparison)]
        cells = [row.metric, number(row.first.value), number(row.second.value), *_compared(row)]
        table.add_row(*(Text(cell, style=style) for cell in cells))
    return table


def _print_slices(console: Console, slices: Sequence[Slice]) -> None:
    """The groups of questions where a difference is more than chance; how many were looked at, in any case."""
    found = [slice for slice in slices if slice.row.comparison.differs]
    if not slices:
        return
    looked = f"{len(found)} of {len(slices)} numbers by type, hops, date and outlet"
    console.print(Text(f"{looked} differ by more than chance."))
    if found:
        table = _table("group", "metric", *_COMPARED)
        table.add_column("", justify="left")
        for slice in found:
            cells = [f"{slice.kind} {slice.group}", slice.row.metric, *_compared(slice.row)]
            table.add_row(
                *(Text(cell, style=_STYLES[tone_of(slice.row.metric, slice.row.comparison)]) for cell in cells)
            )
        console.print(table)


def print_sweep(console: Console, sweep: Sweep) -> None:
    """What was tried on the tuning part, the best first, and what the winner is worth on the test part."""
    table = _table(f"{sweep.metric} on the tuning part", "95% interval", "n")
    table.add_column("settings", justify="left")
    less = metric_named(sweep.metric).less_is_better
    for point in sorted(sweep.points, key=lambda point: _order(point, less)):
        result = point.result
        style = "bold" if point == sweep.winner else ""
        cells = (number(result.value), interval_text(result), str(result.n), settings_text(point))
        table.add_row(*(Text(cell, style=style) for cell in cells))
    console.print(table)
    if sweep.comparisons is None:
        result = sweep.present.metrics[sweep.metric]
        stand = f"the present settings ({number(result.value)} on the test part)"
        console.print(Text(f"\nNothing that was tried does better than {stand}."))
        return
    console.print(Text(f"\nBest: {settings_text(sweep.winner)}. Beside the present settings on the test part:\n"))
    console.print(rows_table(sweep.comparisons.rows, "present", "best"))


def print_compatible(console: Console, name: str, scores: Compatible) -> None:
    """The scores of a run as another benchmark's script has them, and as their names are commonly understood."""
    console.print(Text(f"{name}: {scores.benchmark} over {scores.n:,} questions", style="bold"))
    table = _table("score", "its script", "correct")
    table.add_column("", justify="left")
    for row in scores.rows:
        table.add_row(row.name, number(row.script), number(row.correct), Text(row.differs, style="dim"))
    console.print(table)


def settings_text(point: Point) -> str:
    """What a point changes, such as "words_weight 0.6, top 5"."""
    return ", ".join(f"{name} {value}" for name, value in point.settings.items()) or "the present settings"


def print_verdicts(console: Console, verdicts: Iterable[Verdict]) -> None:
    """A line for each gate."""
    for verdict in verdicts:
        sign, colour = ("✓", "green") if verdict.passed else ("✗", "red")
        console.print(Text.assemble((f"{sign} {verdict.gate}  ", colour), verdict.said), soft_wrap=True)


def _order(point: Point, less: bool) -> float:
    value = point.result.value
    return float("inf") if value is None else value if less else -value


def _compared(row: Row) -> list[str]:
    """The cells under _COMPARED, and what can be said."""
    found = row.comparison
    return [
        NOT_APPLICABLE if found.difference is None else f"{found.difference:+.3f}",
        _interval(found),
        p_text(found),
        NOT_APPLICABLE if found.smallest is None else f"{found.smallest:.3f}",
        f"{found.wins}/{found.ties}/{found.losses}",
        row.words.partition(" (")[0],
    ]


def _interval(comparison: Comparison) -> str:
    low, high = comparison.low, comparison.high
    return NOT_APPLICABLE if low is None or high is None else f"{low:+.3f} to {high:+.3f}"


def _table(*names: str | Text) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, name in enumerate(names):
        table.add_column(name, justify="right" if place else "left")
    return table
