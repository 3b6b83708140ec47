"""The command that reads articles into a library, once or for as long as something changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.options import (
    Chroma,
    Config,
    Database,
    Embed,
    Index,
    Llm,
    NoWait,
    Verbose,
    console,
    on_wait,
    open_library,
    read_settings,
)

if TYPE_CHECKING:
    from qa.library import IngestReport, Library


def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH_OR_URL...",
            help="Files, folders, globs, addresses of pages and feeds. Read: text, Markdown, HTML, PDF, DOCX, ODT, "
            "RTF, mail, JSON, JSONL, CSV, RSS, Atom and WARC, each also as .gz or .xz, and ZIP and TAR of these.",
        ),
    ],
    prune: Annotated[
        bool, typer.Option("--prune", help="Take out articles whose file, or row of a file, has gone.")
    ] = False,
    follow: Annotated[bool, typer.Option("--watch", help="Go on and follow what changes, until Ctrl-C.")] = False,
    no_clean: Annotated[bool, typer.Option("--no-clean", help="Keep every line, boilerplate as well.")] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Read pages on private networks and this machine too.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", metavar="N", help="Read, clean, split and embed in N processes beside the one that stores."
        ),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            "--ray",
            metavar="ADDRESS",
            help="Let a Ray cluster do so: its address, auto for one here, local for its own.",
        ),
    ] = None,
    no_wait: NoWait = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Take articles into the library; what has not changed is left alone."""
    if follow:
        from qa.library import check_roots

        check_roots(sources)
    flags = {
        "clean": False if no_clean else None,
        "allow_private": allow_private or None,
        "workers": workers,
        "ray": ray,
    }
    with open_library(read_settings(index, embed, llm, database, chroma, config, **flags)) as library:
        report = read_in(library, sources, prune=prune, wait=not no_wait)
        tell_report(report, library, verbose)
        if follow:
            _watch(library, sources, prune, not no_wait, verbose)
    return 1 if report.failed_entirely else 0


def read_in(library: Library, sources: list[str], *, prune: bool = False, wait: bool = True) -> IngestReport:
    """Reads the sources into the library, with a progress bar; Ctrl-C leaves what is in."""
    from qa.cli.terminal import progress_bar

    try:
        with progress_bar(console(stderr=True), "Reading articles") as advance:
            return library.ingest(
                sources,
                lambda progress: advance(progress.done, progress.total),
                on_wait,
                prune=prune,
                wait=wait,
            )
    except KeyboardInterrupt:
        console(stderr=True).print(
            f"{library.count():,} articles are in; the same command goes on from here.", highlight=False
        )
        raise


def _watch(library: Library, sources: list[str], prune: bool, wait: bool, verbose: bool) -> None:
    from qa.library import watch

    def ready() -> None:
        console(stderr=True).print("Following what changes (Ctrl-C stops it).", highlight=False)

    def tell(report: IngestReport) -> None:
        tell_report(report, library, verbose)

    watch(library, sources, tell, prune=prune, wait=wait, on_wait=on_wait, on_ready=ready)


def tell_report(report: IngestReport, library: Library, verbose: bool) -> None:
    """Prints what came of each source, and what the library has to say."""
    from qa.cli.terminal import print_report

    print_report(console(stderr=True), report, library.count(), library.settings.index, verbose=verbose)
    for notice in library.store.take_notices():
        console(stderr=True).print(notice, style="yellow", highlight=False, markup=False)
