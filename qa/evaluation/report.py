"""A run as people read it: tables of metrics, question types and latencies, and the questions that failed."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from qa.evaluation.metrics import METRICS, metric_named
from qa.evaluation.reporting import NOT_APPLICABLE, failures_of, interval_text, number
from qa.evaluation.runs import Run
from qa.evaluation.statistics import mean

_SLICED = ("answer_correct", "citation_correct", "refused_right", "refused_wrong")


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
    """A row for each metric that applies to a question: mean, 95% interval, and over how many questions."""
    table = _table("metric", "value", "95% interval", "n")
    for name, result in run.metrics.items():
        if result.n:
            table.add_row(metric_named(name).title, number(result.value), interval_text(result), str(result.n))
    return table


def _absent(run: Run) -> list[Text]:
    titles = [metric_named(name).title for name, result in run.metrics.items() if not result.n]
    return [Text(f"Of no question here: {', '.join(titles)}", style="dim")] if titles else []


def types_table(run: Run) -> Table:
    """A row for each type of question: how many there are, and the answer metrics over those that each applies to."""
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


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _of(value: float | None, n: int) -> str:
    return NOT_APPLICABLE if value is None else f"{number(value)} of {n}"
