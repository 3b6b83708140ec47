"""The commands for a library as a whole: a copy of it."""

from __future__ import annotations

from typing import Annotated

import typer

from qa.cli.options import Json, Verbose, console, print_json

libraries = typer.Typer(
    help="Copy a library as a whole, also while it is served.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@libraries.callback()
def _group() -> None:
    """Copy a library as a whole, also while it is served."""


@libraries.command(epilog="Example: qa library copy .citewire backup/monday")
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Folder of the library, or its PostgreSQL database.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="A new folder for the copy, or a PostgreSQL database.")],
    as_json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Copy a library to a new folder or a database, as it is at one moment, while others ask it and write to it."""
    from dataclasses import asdict

    from qa.store.copying import copy_library

    copied = copy_library(source, target)
    if as_json:
        print_json(asdict(copied))
    else:
        of = f"{copied.articles:,} articles in {copied.passages:,} passages, {copied.conversations:,} conversations"
        console().print(f"Copied {of} to {_shown(target)}", highlight=False, markup=False)
    return 0


def _shown(place: str) -> str:
    """The place as it may be printed: an address holds a password."""
    return "the database" if "://" in place else place
