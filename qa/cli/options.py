"""What all commands share: their options, the settings made from them, and how a command prints."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from qa.library import Library
    from qa.settings import Settings
    from qa.types import Filters

Index = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="Folder of the library. [default: .citewire]")
]
Embed = Annotated[
    str | None,
    typer.Option(
        "--embed", metavar="PROVIDER:MODEL", help="Embedder. [default: the library's own; of a new one bundled:news]"
    ),
]
Llm = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="PROVIDER:MODEL",
        help="Language model that writes the answers; auto for one that runs here. [default: extractive]",
    ),
]
Rerank = Annotated[
    str | None,
    typer.Option(
        "--rerank", metavar="PROVIDER:MODEL", help="Model that orders the passages found. [default: bundled:news]"
    ),
]
Verify = Annotated[
    str | None,
    typer.Option(
        "--verify",
        metavar="PROVIDER:MODEL",
        help="Model that decides with the check's rules, or none. [default: bundled:news]",
    ),
]
DraftFirst = Annotated[
    str | None,
    typer.Option(
        "--draft",
        metavar="on|off",
        help="Whether the answer in the articles' own words stands until a language model's is no worse. [default: on]",
    ),
]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings file. [default: qa.toml]")]
Chroma = Annotated[
    str | None,
    typer.Option("--chroma", metavar="URL", help="Chroma server for the vectors. [default: a folder of the library]"),
]
Outlets = Annotated[
    list[str] | None, typer.Option("--outlet", metavar="NAME", help="Only this outlet; again for more.")
]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="Only articles from this day on.")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Only articles up to this day.")]
Collection = Annotated[
    str | None, typer.Option("--collection", metavar="NAME", help="Only the articles of this collection.")
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", help="PostgreSQL database for the articles. [default: a file of the library]"
    ),
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Fail at once when another process is writing.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more; show the trace of an error.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]

_WIDE = 140  # columns

SetName = Annotated[
    str, typer.Argument(metavar="SET", help="A bundled set, such as seeds, or the folder of one.", show_default=False)
]


def read_settings(
    index: Path | None,
    embed: str | None,
    llm: str | None,
    database: str | None,
    chroma: str | None,
    config: Path | None,
    **flags: Any,
) -> Settings:
    """The settings in force under the flags of a command. Raises SettingsError."""
    from qa.settings import load_settings

    return load_settings(config, index=index, embed=embed, llm=llm, database=database, chroma=chroma, **flags)


def library_there(settings: Settings) -> Settings:
    """The settings, if their library exists; looking creates none. Raises UsageError otherwise."""
    if not is_library(settings):
        if settings.database:
            raise UsageError("There is no library in the database yet. Make one with: qa ingest FOLDER --database URL")
        raise UsageError(
            f"There is no library in {settings.index}. Name its folder with --index, or make one with: qa ingest FOLDER"
        )
    return settings


def is_library(settings: Settings) -> bool:
    """True if the folder holds a library, or what is left of one; where a database is named, if that does."""
    from qa.store.database import has_indexes

    if settings.database:
        from qa.store import Store

        return Store.built_with(settings.index, settings.database.get_secret_value()) is not None

    folder = settings.index.expanduser()
    return (folder / "articles.db").is_file() or has_indexes(folder)


def read_filters(outlet: list[str] | None, date_from: str | None, date_to: str | None) -> Filters:
    """The filters that `--outlet`, `--from` and `--to` name. Raises SettingsError."""
    from qa.types import Filters

    return Filters(read_day("--from", date_from), read_day("--to", date_to), tuple(outlet or ()))


def within(library: Library, collection: str | None, filters: Filters) -> Filters:
    """The filters with the collection that `--collection` names. Raises UsageError where there is none."""
    if collection is None:
        return filters
    return replace(filters, collection=library.store.collections.find(collection).named)


def read_day(flag: str, value: str | None) -> dt.date | None:
    """The day that an option names. Raises SettingsError."""
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise SettingsError(f"{flag} {value!r} is not a day. Write it as YYYY-MM-DD, such as 2017-01-19.") from None


def console(stderr: bool = False) -> Console:
    """A console on stdout or stderr; in a pipe it is wide enough for a table."""
    from rich.console import Console

    is_seen = (sys.stderr if stderr else sys.stdout).isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, soft_wrap=False, width=None if is_seen else _WIDE)


def print_json(document: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def open_library(settings: Settings) -> Library:
    """The library that the settings name; a new one where there is none."""
    from qa.library import Library

    return Library.open(settings)


def on_wait() -> None:
    """Says that another process writes, and that this one waits."""
    console(stderr=True).print("Another process is writing to this library; waiting until it is done.")
