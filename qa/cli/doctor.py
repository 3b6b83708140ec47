"""The command that compares what a library keeps, says what is wrong, and mends or saves what can be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.options import (
    Chroma,
    Config,
    Database,
    Embed,
    Index,
    Json,
    Llm,
    Verbose,
    console,
    library_there,
    print_json,
    read_settings,
)
from qa.errors import UsageError

if TYPE_CHECKING:
    from qa.doctor import Salvaged


def doctor(
    mend: Annotated[bool, typer.Option("--repair", help="Mend what is wrong.")] = False,
    salvage_to: Annotated[
        Path | None,
        typer.Option(
            "--salvage",
            metavar="FOLDER",
            help="Write the articles that can still be read into a new folder, as Markdown for `qa ingest`.",
        ),
    ] = None,
    as_json: Json = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Compare articles, vectors and words, say what is wrong, and mend it."""
    from qa.cli.terminal import print_findings, progress_bar
    from qa.doctor import examine, repair, salvage
    from qa.library import Library, with_own_embedder
    from qa.models import load_embedder

    settings = library_there(read_settings(index, embed, llm, database, chroma, config))
    if salvage_to is not None:
        if mend:
            raise UsageError("--repair and --salvage are two things. Give one of them.")
        if settings.database:
            raise UsageError("--salvage reads a damaged articles.db. Restore a PostgreSQL database with its own tools.")
        return _print_salvaged(salvage(settings.index, salvage_to), salvage_to, as_json)
    settings = with_own_embedder(settings)
    with Library.over(settings, load_embedder(settings.embed, settings), whatever_embedder=True) as library:
        findings = examine(library)
        if mend and not all(finding.is_fine for finding in findings):
            if not as_json:
                print_findings(console(), findings)
            with progress_bar(console(stderr=True), "Making vectors") as advance:
                repair(library, lambda done, total: advance(done, total))
            findings = examine(library)
    if as_json:
        print_json([{"name": one.name, "fine": one.is_fine, "said": one.said} for one in findings])
    else:
        print_findings(console(), findings, mended=mend)
    return 0 if all(finding.is_fine for finding in findings) else 1


def _print_salvaged(salvaged: Salvaged, out: Path, as_json: bool) -> int:
    total = "an unknown number of" if salvaged.total is None else f"{salvaged.total:,}"
    if as_json:
        print_json({"saved": salvaged.saved, "total": salvaged.total, "altered": list(salvaged.altered)})
    else:
        console().print(f"Saved {salvaged.saved:,} of {total} articles in {out}.", highlight=False)
        if salvaged.altered:
            altered = f"Damaged in part, compare before use: {', '.join(salvaged.altered)}"
            console().print(altered, highlight=False, markup=False)
        if salvaged.saved:
            console().print(f"Take them in with: qa ingest {out} --index NEW_FOLDER", highlight=False, markup=False)
    return 0 if salvaged.saved else 1
