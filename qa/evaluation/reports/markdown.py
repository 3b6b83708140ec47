"""Runs as Markdown for a pull request: a short table, the differences in words, the biggest losses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from qa.evaluation.comparison import Comparisons, MetricDifference, names_of
from qa.evaluation.metrics import metric_named
from qa.evaluation.reports.words import (
    HEADLINE,
    NOT_APPLICABLE,
    Loss,
    biggest_losses,
    interval_text,
    number,
    p_text,
    signed,
    summary_lines,
)
from qa.evaluation.runs import Run

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|#~&]")


def markdown_report(runs: Sequence[Run], comparisons: Comparisons | None = None) -> str:
    """The main metrics, the differences in words, and the five biggest losses of each run against the first.

    For GitHub and similar sites. `comparisons` is the result of `compare_runs` for these runs. Texts from a set are in
    code spans, where links, tags and mentions have no effect.
    """
    first, names = runs[0], names_of(runs)
    questions, articles = len(first.records), len(first.eval_set.articles)
    parts = [f"### {_plain(first.eval_set.name)}: {questions:,} questions, {articles:,} articles"]
    parts += [
        f"> {_plain(name)}: {_plain(notice)}" for name, run in zip(names, runs, strict=True) for notice in run.notices
    ]
    shown = [name for name in HEADLINE if any(run.metrics[name].n for run in runs if name in run.metrics)]
    if comparisons is None:
        parts.append(_table(["metric", "value", "95% interval", "n"], (_alone(first, name) for name in shown)))
        return "\n\n".join(parts) + "\n"
    rows = {(row.run, row.metric): row for row in comparisons.rows}
    parts.append(_table(["metric", *names], ([_title(name), *_beside(runs, names, name, rows)] for name in shown)))
    parts.append("In brackets: difference to the first run, and p of the paired test, adjusted for several (Holm).")
    parts += [_plain(line) for line, _ in summary_lines(comparisons)]
    for name, run in zip(names[1:], runs[1:], strict=True):
        if losses := biggest_losses(first, run):
            parts.append(f"<details><summary>The biggest losses of {_plain(name)}</summary>")
            parts.append("\n".join(f"{place}. {_loss(found)}" for place, found in enumerate(losses, start=1)))
            parts.append("</details>")
    return "\n\n".join(parts) + "\n"


def _alone(run: Run, name: str) -> list[str]:
    result = run.metrics[name]
    return [_title(name), number(result.value), interval_text(result), str(result.n)]


def _beside(
    runs: Sequence[Run], names: Sequence[str], metric: str, rows: Mapping[tuple[str, str], MetricDifference]
) -> Iterator[str]:
    for name, run in zip(names, runs, strict=True):
        value = number(run.metrics[metric].value) if metric in run.metrics else NOT_APPLICABLE
        row = rows.get((name, metric))
        if row is None or row.comparison.difference is None:
            yield value
        else:
            yield f"{value} ({signed(row.comparison.difference)}, p {p_text(row.comparison)})"


def _loss(found: Loss) -> str:
    changes = (f"{_title(name)} {number(one)} → {number(other)}" for name, (one, other) in found.lost.items())
    return f"{_code(found.id)} {_code(found.question)}: {', '.join(changes)}"


def _title(metric: str) -> str:
    return _plain(metric_named(metric).title)


def _table(head: Sequence[str], rows: Iterator[list[str]]) -> str:
    lines = [[_plain(head[0]), *map(_plain, head[1:])], ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    """The text on one line, with all Markdown characters escaped."""
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", " ".join(text.split()))


def _code(text: str) -> str:
    """The text on one line as a code span, with a fence longer than any run of backticks in it."""
    text = " ".join(text.split())
    fence = "`" * (1 + max(map(len, re.findall(r"`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"
