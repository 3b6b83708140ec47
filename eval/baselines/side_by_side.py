"""Runs side by side: quality with intervals and paired p-values against the first, and speed, in one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from qa.evaluation.metrics import metric_named
from qa.evaluation.reports.words import NOT_APPLICABLE, p_text, size, tone_of
from qa.evaluation.runs import Run
from qa.evaluation.statistics import Comparison, Estimate, compare, mean, together

FINDING = ("recall@1", "ndcg@10", "answer_passage@1", "answer_passage@5", "evidence_recall@5")
ANSWERING = ("answer_correct", "citation_correct", "citation_recall", "refused_right", "refused_wrong")
_STYLES = {"better": "green", "worse": "red", "same": "dim"}

Compared = Mapping[tuple[str, str], Comparison]
"""Run and metric -> the difference from the first run."""


def side_by_side(runs: Sequence[Run]) -> Group:
    """A row for each run and a column for each metric: the mean and p, and the interval below; then milliseconds.

    p is of the paired test against the first run, adjusted for all comparisons that are shown (Holm); green is better
    than the first run by more than chance, red is worse. Metrics of answers follow, where two runs have them.
    """
    first, *others = runs
    finding = [name for name in FINDING if any(run.metrics[name].n for run in runs)]
    answering = [name for name in ANSWERING if sum(run.metrics[name].n > 0 for run in runs) > 1]
    compared = _compared(first, others, [*finding, *answering])
    tables: list[RenderableType] = [_table(runs, finding, compared, _SPEED)]
    if answering:
        those = [run for run in runs if any(run.metrics[name].n for name in answering)]
        tables += [Text(""), _table(those, answering, compared)]
    questions, articles = len(first.records), len(first.eval_set.articles)
    head = Text(f"{first.eval_set.name}: {questions:,} questions, {articles:,} articles\n", style="bold")
    return Group(head, *tables, Text("\n" + _note(first, answering, len(compared)), style="dim"))


def _table(runs: Sequence[Run], names: Sequence[str], compared: Compared, more: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 1, 0))
    table.add_column("run", no_wrap=True)
    for title in (*(metric_named(name).title.partition(" (")[0] for name in names), *more):
        table.add_column(title, justify="right")
    for run in runs:
        cells = [_cell(run.metrics[name], name, compared.get((run.name, name))) for name in names]
        table.add_row(Text(run.name), *cells, *(_speed(run) if more else ()))
    return table


def _compared(first: Run, others: Iterable[Run], names: Sequence[str]) -> Compared:
    ids = [query.id for query in first.eval_set.queries]
    return together(
        {
            (run.name, name): compare([first.scores[id][name] for id in ids], [run.scores[id][name] for id in ids])
            for run in others
            for name in names
            if run.metrics[name].n and first.metrics[name].n
        }
    )


def _cell(result: Estimate, name: str, found: Comparison | None) -> Text:
    if result.value is None or result.low is None or result.high is None:
        return Text(NOT_APPLICABLE)
    text = Text(size(result.value))
    if found:
        text.append(f" p {p_text(found)}", _STYLES[tone_of(name, found)])
    return text.append(f"\n{size(result.low)} to {size(result.high)}", "dim")


_SPEED = ("words", "p50 ms", "p95 ms", "index s")


def _speed(run: Run) -> tuple[str, str, str, str]:
    """Words per passage, milliseconds per question, and seconds to build the index."""
    total, seconds = run.timings["stages_ms"]["total"], run.timings.get("ingest_s")
    words, _ = mean(float(len(passage["text"].split())) for record in run.records for passage in record["passages"][:5])
    return (
        f"{words or 0:.0f}",
        f"{total['p50']:.1f}",
        f"{total['p95']:.1f}",
        NOT_APPLICABLE if seconds is None else f"{seconds:.1f}",
    )


def _note(first: Run, names: Sequence[str], count: int) -> str:
    less = [metric_named(name).title.partition(" (")[0] for name in names if metric_named(name).less_is_better]
    lines = [
        f"p: paired, against {first.name}, adjusted for {count} comparisons (Holm). In the second line: 95% interval."
    ]
    lines += [f"Of {' and '.join(less)}, less is better."] if less else []
    lines.append("words: in a passage, of the first five; longer ones hold answers and evidence more easily.")
    lines.append(
        f"{first.name} answers and checks what it says, and its index is made from raw articles and kept on disk; "
        "the others only find unless they have numbers for answers, and index its cleaned texts in memory."
    )
    return "\n".join(lines)
