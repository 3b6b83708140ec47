"""python -m eval.baselines SET: compares Citewire with the baselines, quality and speed in one table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from eval.baselines.running import run_baseline
from eval.baselines.side_by_side import side_by_side
from eval.baselines.table import BASELINES, baseline_named
from qa.errors import QAError
from qa.evaluation.runs import Run, run_set
from qa.evaluation.runs.ask import Step
from qa.evaluation.sets import EvalSet, load_set
from qa.settings import Settings, load_settings

Watch = Callable[[str], Callable[[Step], None]]
"""Takes the name of a task and returns a callback for its progress."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def run_all(eval_set: EvalSet, settings: Settings, names: list[str], out: Path, watch: Watch) -> list[Run]:
    """The runs of Citewire and of each baseline, each in its folder below `out`. Raises QAError."""
    runs = [run_set(eval_set, settings, out / "citewire", watch("citewire"), fresh=True)]
    return runs + [run_baseline(name, eval_set, settings, out / name, watch(name)) for name in names]


def chosen(only: str | None, eval_set: EvalSet, llm: str) -> list[str]:
    """The baselines named, between commas; else all that can do something of their own.

    That is, without a language model none that writes, and no prior for dates where no question has one.
    """
    if only:
        names = [name.strip() for name in only.split(",") if name.strip()]
        for name in names:
            baseline_named(name)
        return names
    dated = any(query.date for query in eval_set.queries)
    return [
        name
        for name, baseline in BASELINES.items()
        if (llm != "extractive" or not baseline.answers) and (dated or not baseline.dates)
    ]


@app.command()
def main(
    eval_set: Annotated[str, typer.Argument(metavar="SET", help="A bundled set, or a folder.")],
    only: Annotated[
        str | None, typer.Option(metavar="NAMES", help=f"Some of {', '.join(BASELINES)}; commas between.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the runs below this folder, for qa eval report.")
    ] = None,
    embed: Annotated[str | None, typer.Option(metavar="PROVIDER:MODEL", help="Embedder of all of them.")] = None,
    llm: Annotated[
        str | None, typer.Option(metavar="PROVIDER:MODEL", help="Language model, for CitationQueryEngine too.")
    ] = None,
) -> None:
    """Ask Citewire and the baselines the same questions, and print quality and speed side by side."""
    console = Console(width=max(Console().width, 120))
    try:
        settings = load_settings(embed=embed, llm=llm)
        asked = load_set(eval_set)
        names = chosen(only, asked, settings.llm)
        with TemporaryDirectory(prefix="citewire-") as folder, _bars(Console(stderr=True)) as watch:
            runs = run_all(asked, settings, names, out or Path(folder), watch)
    except QAError as error:
        sys.stderr.write(f"baselines: {error}\n")
        raise typer.Exit(error.exit_code) from None
    console.print(side_by_side(runs))


@contextmanager
def _bars(console: Console) -> Iterator[Watch]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:

        def watch(name: str) -> Callable[[Step], None]:
            task = bars.add_task(name, total=None)
            return lambda step: bars.update(
                task, description=f"{name}: {step.stage}", completed=step.done, total=step.total
            )

        yield watch


if __name__ == "__main__":
    app(prog_name="python -m eval.baselines")
