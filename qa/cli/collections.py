"""The commands for collections: named sets of articles that questions, lists and question sets can be limited to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.options import (
    Config,
    Database,
    Index,
    Json,
    Verbose,
    console,
    is_library,
    library_there,
    print_json,
    read_filters,
    read_settings,
)

if TYPE_CHECKING:
    from qa.store import CollectionRow, Collections

collections = typer.Typer(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the collection.", show_default=False)]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids as `qa articles` shows them.", show_default=False)]
Outlets = Annotated[
    list[str] | None,
    typer.Option("--outlet", metavar="NAME", help="Fill it with the articles of this outlet; again for more."),
]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="Fill it with the articles from this day on.")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Fill it with the articles up to this day.")]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="PATH_OR_URL", help="Fill it with what came from here; again for more."),
]


@collections.callback(epilog="Example: qa collections list")
def _group(context: typer.Context) -> None:
    """List collections, which are named sets of articles, and make, fill, share and delete them."""
    if context.invoked_subcommand is None:
        list_()


@collections.command("list", epilog="Example: qa collections list --json")
def list_(
    as_json: Json = False,
    index: Index = None,
    database: Database = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """List the collections of every user; their articles: qa articles --collection NAME."""
    from qa.cli.terminal import print_collections

    settings = read_settings(index, None, None, database, None, config)
    rows: list[CollectionRow] = []
    if is_library(settings):  # to look makes no library
        with _opened(index, database, config) as kept:
            rows = kept.all()
    if as_json:
        print_json([_json(row) for row in rows])
    else:
        print_collections(console(), rows, settings.index)
    return 0


@collections.command(epilog='Example: qa collections create "Port project" --outlet BelTA --from 2017-01-01')
def create(
    name: Name,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Articles to begin with.", show_default=False)
    ] = None,
    outlet: Outlets = None,
    date_from: From = None,
    date_to: To = None,
    source: Sources = None,
    shared: Annotated[bool, typer.Option("--shared", help="Let every user of the window read it.")] = False,
    as_json: Json = False,
    index: Index = None,
    database: Database = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Make a collection: of articles by hand, of what fits a filter at any time, of what comes from a source."""
    filters = read_filters(outlet, date_from, date_to)
    sources = [_source(each) for each in source or ()]
    with _opened(index, database, config) as kept:
        row = kept.create(name, is_shared=shared, filter=filters or None, sources=sources, articles=ids or ())
    _tell(f"Made “{row.name}”; it holds {_articles(row.articles)}.", row, as_json)
    return 0


@collections.command(epilog='Example: qa collections add "Port project" harbour-bridge-opens')
def add(
    name: Name,
    ids: Ids,
    index: Index = None,
    database: Database = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Put articles into a collection."""
    with _opened(index, database, config) as kept:
        count = kept.add(kept.find(name).named, ids)
        row = kept.find(name)
    _tell(f"Added {_articles(count)} to “{row.name}”; it holds {row.articles:,}.", row)
    return 0


@collections.command(epilog='Example: qa collections remove "Port project" harbour-bridge-opens')
def remove(
    name: Name,
    ids: Ids,
    index: Index = None,
    database: Database = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Take articles out of a collection; the library keeps them."""
    with _opened(index, database, config) as kept:
        count = kept.take_out(kept.find(name).named, ids)
        row = kept.find(name)
    _tell(f"Took {_articles(count)} out of “{row.name}”; it holds {row.articles:,}.", row)
    return 0


@collections.command(epilog='Example: qa collections rename "Port project" "Harbour"')
def rename(
    name: Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW_NAME", help="What it is called then.", show_default=False)],
    index: Index = None,
    database: Database = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Give a collection another name; what is limited to it stays so."""
    with _opened(index, database, config) as kept:
        row = kept.rename(kept.find(name).named, new_name)
    _tell(f"It is called “{row.name}” now.", row)
    return 0


@collections.command(epilog='Example: qa collections share "Port project"')
def share(
    name: Name,
    stop: Annotated[bool, typer.Option("--stop", help="Let its owner alone read it again.")] = False,
    index: Index = None,
    database: Database = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Let every user of the window read a collection; only its owner changes it."""
    with _opened(index, database, config) as kept:
        row = kept.share(kept.find(name).named, not stop)
    _tell(f"“{row.name}” is {'shared with everybody' if row.is_shared else 'not shared any more'}.", row)
    return 0


@collections.command(epilog='Example: qa collections delete "Port project"')
def delete(
    name: Name, index: Index = None, database: Database = None, config: Config = None, verbose: Verbose = False
) -> int:
    """Delete a collection; its articles stay in the library."""
    with _opened(index, database, config) as kept:
        row = kept.find(name)
        kept.delete(row.named)
    _tell(f"Deleted “{row.name}”; its articles stay.", row)
    return 0


@contextmanager
def _opened(index: Path | None, database: str | None, config: Path | None) -> Iterator[Collections]:
    """The collections of the library, which need no model. Raises UsageError where there is no library."""
    from qa.library import address_of
    from qa.store import Store

    settings = library_there(read_settings(index, None, None, database, None, config))
    folder, address = settings.index, address_of(settings)
    built = Store.built_with(folder, address)
    store = Store(folder, *(built.embedder, built.dimension) if built else ("", 0), database=address)
    try:
        yield store.collections
    finally:
        store.close()


def _source(text: str) -> str:
    from qa.ingest.fetch import is_address

    return text if is_address(text) else str(Path(text).expanduser().resolve())


def _articles(count: int) -> str:
    return f"{count:,} article{'' if count == 1 else 's'}"


def _tell(words: str, row: CollectionRow, as_json: bool = False) -> None:
    if as_json:
        print_json(_json(row))
    else:
        console().print(words, highlight=False, markup=False)


def _json(row: CollectionRow) -> dict[str, Any]:
    from qa.show.collection import collection_json

    return collection_json(row)
