"""The commands of `qa eval`: sets are asked, and runs are scored, compared, reported and held to gates."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.options import (
    Chroma,
    Config,
    Database,
    DraftFirst,
    Embed,
    Index,
    Llm,
    Rerank,
    SetName,
    Verbose,
    Verify,
    console,
    read_settings,
)
from qa.cli.sets import sets
from qa.errors import UsageError

if TYPE_CHECKING:
    from qa.evaluation.runs import Run

evals = typer.Typer(no_args_is_help=True, help="Measure how well questions are answered, and whether a change helped.")

RunFolder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished run.", show_default=False)]
RunFolders = Annotated[
    list[Path], typer.Argument(metavar="DIR...", help="Folders of finished runs.", show_default=False)
]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", metavar="NAME", help="A metric, such as ndcg@20 with any k; again for more."),
]
Gates = Annotated[
    list[str] | None,
    typer.Option("--gate", metavar="GATE", help="Fail unless met, such as 'recall@10>=.80'; again for more."),
]
Baseline = Annotated[
    Path | None, typer.Option("--baseline", metavar="DIR", help="Run that 'ndcg@10>=baseline-.01' is held against.")
]
Jobs = Annotated[
    int,
    typer.Option("--jobs", min=1, max=64, help="Questions asked at a time: of use with a model behind a server."),
]


@evals.command(epilog="Example: qa eval run seeds --out runs/seeds --gate 'recall@10>=.80'")
def run(
    set_name: SetName,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for run.json, records.jsonl and run.trec.")],
    metric: Metrics = None,
    gate: Gates = None,
    baseline: Baseline = None,
    jobs: Jobs = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask every question, answered before or not.")] = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    rerank: Rerank = None,
    verify: Verify = None,
    draft: DraftFirst = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Ask every question of a set and measure what came out; the same command goes on where it was stopped."""
    from qa.cli.terminal import progress_bar
    from qa.evaluation.gates import parse_gate
    from qa.evaluation.reports.terminal import print_run
    from qa.evaluation.runs import load_run, run_set
    from qa.evaluation.sets import load_set

    gates = [parse_gate(text) for text in gate or ()]
    base = load_run(baseline) if baseline else None
    if base is None and any(one.relative for one in gates):
        raise UsageError("A gate on the baseline needs the folder of one. Name it with --baseline DIR.")
    settings = read_settings(index, embed, llm, database, chroma, config, rerank=rerank, verify=verify, draft=draft)
    try:
        with progress_bar(console(stderr=True), "Evaluating") as advance:
            done = run_set(
                load_set(set_name),
                settings,
                out,
                lambda step: advance(step.done, step.total, f"Evaluating: {step.stage}"),
                _say,
                metrics=metric or (),
                jobs=jobs,
                fresh=fresh,
            )
    except KeyboardInterrupt:
        _say(f"What was answered is kept in {out}; the same command goes on from here, without --fresh.")
        raise
    print_run(console(), done, verbose=verbose)
    return _gated(done, gate, base)


@evals.command(epilog="Example: qa eval score runs/seeds --metric ndcg@20")
def score(folders: RunFolders, metric: Metrics = None, verbose: Verbose = False) -> int:
    """Measure old runs anew, by today's metrics and more of them, without asking again."""
    from qa.evaluation.reports.terminal import print_run
    from qa.evaluation.runs import score_run

    for folder in folders:
        print_run(console(), score_run(folder, metric or ()), verbose=verbose)
    return 0


@evals.command(epilog="Example: qa eval compare runs/before runs/after")
def compare(folders: RunFolders, metric: Metrics = None, verbose: Verbose = False) -> int:
    """Hold runs against the first: differences with intervals and p, and what was changed."""
    from qa.evaluation.comparison import compare_runs
    from qa.evaluation.reports.terminal import print_comparisons
    from qa.evaluation.runs import load_run

    print_comparisons(console(), compare_runs([load_run(folder) for folder in folders], metric or ()))
    return 0


@evals.command(epilog="Example: qa eval report runs/before runs/after --html report.html")
def report(
    folders: RunFolders,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one HTML file.")] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write Markdown, for a pull request.")
    ] = None,
    compat: Annotated[
        str | None, typer.Option("--compat", metavar="NAME", help="Scores as another benchmark's script has them.")
    ] = None,
    verbose: Verbose = False,
) -> int:
    """Show runs side by side, in the terminal or as a file."""
    if compat:
        return _print_compatible(compat, folders)
    from qa.evaluation.comparison import compare_runs
    from qa.evaluation.reports.html import html_report
    from qa.evaluation.reports.markdown import markdown_report
    from qa.evaluation.reports.terminal import print_comparisons, print_run
    from qa.evaluation.runs import load_run

    runs = [load_run(folder) for folder in folders]
    comparisons = compare_runs(runs) if len(runs) > 1 else None
    if html:
        _write(html, html_report(runs, comparisons))
    if markdown:
        _write(markdown, markdown_report(runs, comparisons))
    if not (html or markdown):
        for one in runs:
            print_run(console(), one, verbose=verbose)
        if comparisons:
            print_comparisons(console(), comparisons)
    return 0


@evals.command(epilog="Example: qa eval gate runs/after --baseline runs/before --gate 'ndcg@10>=baseline-.01'")
def gate(
    folder: RunFolder,
    gate: Annotated[
        list[str],
        typer.Option("--gate", metavar="GATE", help="Such as 'recall@10>=.80'; again for more.", show_default=False),
    ],
    baseline: Baseline = None,
    verbose: Verbose = False,
) -> int:
    """Hold a finished run to gates: exit code 1 where it does not meet one."""
    from qa.evaluation.runs import load_run

    return _gated(load_run(folder), gate, load_run(baseline) if baseline else None)


@evals.command(epilog="Example: qa eval sweep seeds grid.toml --out runs/sweep")
def sweep(
    set_name: SetName,
    grid: Annotated[
        Path,
        typer.Argument(
            metavar="GRID.toml",
            help="Lists of values under [settings], such as words_weight = [0.6, 0.8]; metric and share beside it.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for sweep.json and the runs.")],
    jobs: Jobs = 1,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Try every combination of settings on one part of a set, and the best once on the rest."""
    from qa.cli.terminal import progress_bar
    from qa.evaluation.reports.terminal import print_sweep
    from qa.evaluation.runs.sweep import read_grid
    from qa.evaluation.runs.sweep import sweep as sweep_set
    from qa.evaluation.sets import load_set

    tried, settings = read_grid(grid), read_settings(index, embed, llm, database, chroma, config)
    with progress_bar(console(stderr=True), "Sweeping") as advance:
        done = sweep_set(
            load_set(set_name),
            tried,
            settings,
            out,
            lambda title, step: advance(step.done, step.total, f"{title}: {step.stage}"),
            jobs=jobs,
        )
    print_sweep(console(), done)
    return 0


evals.add_typer(sets)  # without a name: its commands are commands of `qa eval`


# --- what the commands share -----------------------------------------------------------------------------------------


def _say(notice: str) -> None:
    console(stderr=True).print(notice, style="yellow", highlight=False, markup=False)


def _gated(run: Run, gates: list[str] | None, baseline: Run | None) -> int:
    """Prints a line for each gate; 1 where the run does not meet one."""
    from qa.evaluation.gates import check_gates
    from qa.evaluation.reports.terminal import print_gate_results

    results = check_gates(run, gates or (), baseline)
    print_gate_results(console(), results)
    return 0 if all(result.passed for result in results) else 1


def _print_compatible(benchmark: str, folders: list[Path]) -> int:
    from qa.evaluation.reports.compat import compatible
    from qa.evaluation.reports.terminal import print_compatible
    from qa.evaluation.runs import load_run

    for folder in folders:
        print_compatible(console(), str(folder), compatible(benchmark, load_run(folder)))
    return 0


def _write(path: Path, text: str) -> None:
    """Writes a report as a whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Name another file.") from None
    console().print(f"Written to {path}", highlight=False, markup=False)
