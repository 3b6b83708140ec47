"""python -m eval.bench: every comparison in one run, one table."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from eval.bench.articles import Raw, read_articles, synthetic_articles
from eval.bench.askers import asking
from eval.bench.filling import filling
from eval.bench.large import SIZES, enough, growing
from eval.bench.measure import QUICK, Advance, Size, finding, ingest, start_up
from eval.bench.report import Measurement, machine, table
from qa.errors import QAError


def run(articles: Path | None, size: Size, start: Callable[[str], Advance]) -> list[Measurement]:
    """Every measurement. `start` takes the name of a task and returns a callback for its progress.

    Articles that the file does not have, or all of them without a file, are synthetic. Raises QAError.
    """

    def source() -> Iterator[Raw]:
        return chain(read_articles(articles) if articles else (), synthetic_articles())

    some = list(islice(source(), size.articles))
    with tempfile.TemporaryDirectory(prefix="citewire-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        return [
            *start_up(folder, size.starts, start("Starting up")),
            *ingest(folder, some, size.plain_articles, start("Ingesting")),
            *filling(folder, source(), size, start("Filling")),
            *finding(folder, source(), size, start("Finding")),
            *asking(folder, some, size.asked, start("Asking at once")),
        ]


def run_large(articles: Path | None, size: Size, start: Callable[[str], Advance]) -> list[Measurement]:
    """Every measurement of a library that grows: of the file's articles, and of others made of their sentences."""
    some = list(islice(read_articles(articles) if articles else synthetic_articles(), _KEPT))
    with tempfile.TemporaryDirectory(prefix="citewire-bench-", ignore_cleanup_errors=True) as name:
        sizes = SIZES if size.library > QUICK.library else (size.passages // 4, size.passages)
        return list(growing(Path(name), enough(some), sizes, start("Growing")))


_KEPT = 20_000
"""Articles whose sentences others are made of."""


@contextmanager
def _bars(console: Console) -> Iterator[Callable[[str], Advance]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:

        def start(name: str) -> Advance:
            task = bars.add_task(name, total=None)
            return lambda done, total: bars.update(task, completed=done, total=total)

        yield start


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    articles: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help=".jsonl or .jsonl.xz. [default: synthetic]"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A small run, to see that all of it works.")] = False,
    large: Annotated[
        bool, typer.Option("--large", help="A library that grows to a million passages, which takes hours.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the numbers to this file as well.")
    ] = None,
) -> None:
    """Measure speed and size, beside a plain llama-index pipeline on the same machine."""
    here = machine()
    try:
        with _bars(Console(stderr=True)) as start:
            measurements = (run_large if large else run)(articles, QUICK if quick else Size(), start)
    except QAError as error:
        sys.stderr.write(f"bench: {error}\n")
        raise typer.Exit(error.exit_code) from None
    console = Console(width=max(Console().width, 120))
    console.print(", ".join(f"{name} {value}" for name, value in here.items() if value is not None), highlight=False)
    console.print(f"articles: {articles.name if articles else 'synthetic'}\n", highlight=False, markup=False)
    if (here["load"] or 0) > here["cores"]:
        console.print("The machine was busy with other work: times are too long, ratios stand.\n", style="yellow")
    console.print(table(measurements))
    if out:
        rows = [row.to_json() for row in measurements]
        document = {"machine": here, "articles": articles.name if articles else None, "measurements": rows}
        out.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    app(prog_name="python -m eval.bench")
