"""The commands of `qa eval` that make question sets, check them, and bring them in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qa.cli.options import (
    Chroma,
    Collection,
    Config,
    Database,
    Embed,
    Index,
    Llm,
    SetName,
    Verbose,
    console,
    open_library,
    read_day,
    read_settings,
    within,
)

sets = typer.Typer()

NewSet = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the set, which may not be there yet.")]


@sets.command(epilog="Example: qa eval check seeds")
def check(
    set_name: SetName,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Look for what is wrong with a set, and how much of its evidence the passages can hold at best."""
    from rich.text import Text

    from qa.evaluation.sets.check import check_set

    settings = read_settings(index, embed, llm, database, chroma, config)
    problems = check_set(set_name, settings.passage_words, clean_articles=settings.clean)
    for problem in problems:
        head = (f"{problem.kind}  ", "red" if problem.is_error else "yellow")
        console().print(Text.assemble(head, f"{problem.where}: {problem.message}"), soft_wrap=True)
    errors = sum(problem.is_error for problem in problems)
    _say(f"{errors:,} errors, {len(problems) - errors:,} notices")
    return 1 if errors else 0


@sets.command(epilog="Example: qa eval make --count 50 --out sets/mine")
def make(
    out: NewSet,
    count: Annotated[int, typer.Option("--count", min=1, help="Questions to make.")] = 100,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Only of this kind; again for more.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another number makes other questions.")] = 0,
    collection: Collection = None,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Make questions about the articles of the library, by rule or with the language model, each checked."""
    from qa.cli.terminal import progress_bar
    from qa.evaluation.sets.build import build_set
    from qa.models import load_language_model
    from qa.types import Filters

    settings = read_settings(index, embed, llm, database, chroma, config)
    model = load_language_model(settings.llm, timeout=settings.model_timeout)
    with open_library(settings) as library, progress_bar(console(stderr=True), "Making questions") as advance:
        built = build_set(
            library,
            out,
            count,
            kinds=kind or (),
            model=model,
            seed=seed,
            filters=within(library, collection, Filters()),
            on_progress=advance,
        )
    for notice in built.notices:
        console(stderr=True).print(notice, style="yellow", highlight=False, markup=False)
    _say(", ".join(f"{number:,} {type}" for type, number in built.types.items()))
    if built.dropped:
        _say("dropped: " + ", ".join(f"{number:,} {reason}" for reason, number in built.dropped.items()))
    _say(f"{len(built.eval_set.queries):,} questions in {out}. Ask them with: qa eval run {out} --out DIR")
    return 0


@sets.command("import", epilog="Example: qa eval import csv questions.csv --out sets/quiz")
def import_(
    format: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="beir, csv, llama-index, multihop-rag, realtimeqa, squad or trec.",
            show_default=False,
        ),
    ],
    sources: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="The files, or their folder.", show_default=False)
    ],
    out: NewSet,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Questions at most.")] = None,
    split: Annotated[str, typer.Option("--split", help="Part of the judgements, where there are several.")] = "test",
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Only questions from this day on.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Only questions up to this day.")] = None,
    articles_from: Annotated[
        str | None, typer.Option("--articles-from", metavar="DATE", help="First day of the articles.")
    ] = None,
    articles_to: Annotated[
        str | None, typer.Option("--articles-to", metavar="DATE", help="Last day of the articles.")
    ] = None,
    verbose: Verbose = False,
) -> int:
    """Make a set of what others publish."""
    from qa.evaluation.sets.importing import Period, import_set

    made = import_set(
        format,
        sources,
        out,
        limit=limit,
        split=split,
        questions=Period(read_day("--from", first), read_day("--to", last)),
        articles=Period(read_day("--articles-from", articles_from), read_day("--articles-to", articles_to)),
    )
    counts = f"{len(made.queries):,} questions over {len(made.articles):,} articles"
    _say(f"{counts} in {out}. Ask them with: qa eval run {out} --out DIR")
    return 0


@sets.command(epilog="Example: qa eval export seeds --format trec --out exported")
def export(
    set_name: SetName,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the files.")],
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="trec or beir.")] = "beir",
    verbose: Verbose = False,
) -> int:
    """Write a set for other tools."""
    from qa.evaluation.sets import load_set
    from qa.evaluation.sets.export import export_set

    export_set(format, load_set(set_name), out)
    _say(f"Written to {out}")
    return 0


def _say(text: str) -> None:
    console().print(text, highlight=False, markup=False, soft_wrap=True)
