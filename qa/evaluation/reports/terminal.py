"""Prints runs, comparisons, sweeps, gates and scores of other benchmarks in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from qa.evaluation.comparison import Comparisons, MetricDifference, Slice
from qa.evaluation.gates import GateResult
from qa.evaluation.metrics import METRICS, metric_named
from qa.evaluation.reports.compat import Compatible
from qa.evaluation.reports.words import NOT_APPLICABLE, failures_of, interval_text, number, p_text, tokens_text, tone_of
from qa.evaluation.runs import Run
from qa.evaluation.runs.sweep import Point, Sweep
from qa.evaluation.statistics import Comparison, mean

_SLICED = ("answer_correct", "citation_correct", "refused_right", "refused_wrong")
_COMPARED = ("difference", "95% interval", "p", "visible", "win/tie/loss")
_NOTE = "p is adjusted for {} comparisons (Holm). Visible: the smallest difference that so many questions show."
_STYLES = {"better": "green", "worse": "red", "same": ""}


# --- a run -----------------------------------------------------------------------------------------------------------


def print_run(console: Console, run: Run, *, verbose: bool = False) -> None:
    """Prints the tables of a run; `verbose` adds every question that failed and why."""
    console.print(run_tables(run))
    if verbose:
        console.print("", failures(run), sep="\n")


def run_tables(run: Run) -> Group:
    """Title, notices, metrics with intervals, question types, latencies."""
    notices = [Text(notice, style="yellow") for notice in run.notices]
    gap = Text("")
    tables: tuple[RenderableType, ...] = (
        metrics_table(run),
        *_absent(run),
        gap,
        types_table(run),
        gap,
        latency_table(run),
    )
    return Group(_title(run), *notices, gap, *tables)


def _title(run: Run) -> Text:
    questions, articles = len(run.records), len(run.eval_set.articles)
    names = " · ".join(str(run.settings[name]) for name in ("baseline", "llm", "embed") if run.settings.get(name))
    return Text(f"{run.eval_set.name}: {questions:,} questions, {articles:,} articles · {names}", style="bold")


def metrics_table(run: Run) -> Table:
    """A row for each metric that applies: mean, 95% interval and number of questions."""
    table = _table("metric", "value", "95% interval", "n")
    for name, result in run.metrics.items():
        if result.n:
            table.add_row(metric_named(name).title, number(result.value), interval_text(result), str(result.n))
    return table


def _absent(run: Run) -> list[Text]:
    titles = [metric_named(name).title for name, result in run.metrics.items() if not result.n]
    return [Text(f"Of no question here: {', '.join(titles)}", style="dim")] if titles else []


def types_table(run: Run) -> Table:
    """A row for each type of question: their number and the answer metrics."""
    types = [query.type or "other" for query in run.eval_set.queries]
    table = _table("type", "n", *(METRICS[name].title.partition(" (")[0].lower() for name in _SLICED))
    for kind in sorted(set(types), key=lambda kind: (-types.count(kind), kind)):
        ids = [query.id for query in run.eval_set.queries if (query.type or "other") == kind]
        means = (mean(run.scores[id].get(name) for id in ids) for name in _SLICED)
        table.add_row(Text(kind), str(len(ids)), *(_of(*result) for result in means))
    return table


def latency_table(run: Run) -> Table:
    """A row for each stage: median and 95th percentile."""
    table = _table("stage", "p50 ms", "p95 ms", "n")
    for stage, values in run.timings["stages_ms"].items():
        table.add_row(stage, f"{values['p50']:.1f}", f"{values['p95']:.1f}", str(values["n"]))
    table.caption = tokens_text(run.timings)
    return table


def failures(run: Run) -> Text:
    """The questions that failed: id, question, what is wrong, and the answer."""
    lines = list(_failures(run))
    if not lines:
        return Text("No question failed.")
    return Text("\n").join([Text("Questions that failed", style="bold"), *lines])


def _failures(run: Run) -> Iterator[Text]:
    for record in run.records:
        if reasons := failures_of(run, record["_id"]):
            head = f"{record['_id']}  {record['question']}"
            yield Text.assemble(head, (f"\n    {'; '.join(reasons)}", "red"), f"\n    {record['answer']}")


def _of(value: float | None, n: int) -> str:
    return NOT_APPLICABLE if value is None else f"{number(value)} of {n}"


# --- comparisons, sweeps, gates ---------------------------------------------------------------------------------------


def print_comparisons(console: Console, comparisons: Comparisons) -> None:
    """Prints for each run what changed, every metric compared with the first run, and groups that differ."""
    for name in comparisons.others:
        changed = "; ".join(comparisons.changed[name]) or "nothing"
        console.print(Text(f"{name} beside {comparisons.first}", style="bold"))
        console.print(Text(f"changed: {changed}\n", style="dim"))
        rows = [row for row in comparisons.rows if row.run == name]
        console.print(rows_table(rows, comparisons.first, name))
        console.print(Text(f"\n{_NOTE.format(len(comparisons.rows))}", style="dim"))
        _print_slices(console, [slice for slice in comparisons.slices if slice.row.run == name])


def rows_table(rows: Sequence[MetricDifference], first: str, second: str) -> Table:
    """A row for each metric: both values, the difference with its interval, p, and the result in words."""
    table = _table("metric", Text(first), Text(second), *_COMPARED)
    table.add_column("", justify="left")
    for row in rows:
        style = _STYLES[tone_of(row.metric, row.comparison)]
        cells = [row.metric, number(row.first.value), number(row.second.value), *_compared(row)]
        table.add_row(*(Text(cell, style=style) for cell in cells))
    return table


def _print_slices(console: Console, slices: Sequence[Slice]) -> None:
    """Prints the groups with a significant difference, and always how many numbers were compared."""
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
    """Prints the points on the tuning part, best first, and the winner's result on the test part."""
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
    """Prints the scores of a run by another benchmark's script, and as usually understood."""
    console.print(Text(f"{name}: {scores.benchmark} over {scores.n:,} questions", style="bold"))
    table = _table("score", "its script", "correct")
    table.add_column("", justify="left")
    for row in scores.rows:
        table.add_row(row.name, number(row.script), number(row.correct), Text(row.differs, style="dim"))
    console.print(table)


def settings_text(point: Point) -> str:
    """What a point changes, such as "words_weight 0.6, top 5"."""
    return ", ".join(f"{name} {value}" for name, value in point.settings.items()) or "the present settings"


def print_gate_results(console: Console, results: Iterable[GateResult]) -> None:
    """Prints a line for each gate."""
    for result in results:
        sign, colour = ("✓", "green") if result.passed else ("✗", "red")
        console.print(Text.assemble((f"{sign} {result.gate}  ", colour), result.message), soft_wrap=True)


def _order(point: Point, less: bool) -> float:
    value = point.result.value
    return float("inf") if value is None else value if less else -value


def _compared(row: MetricDifference) -> list[str]:
    """The cells under _COMPARED, and the result in words."""
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
