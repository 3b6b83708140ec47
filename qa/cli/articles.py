"""Commands of the articles that a library holds: list, show, correct and remove them."""

from __future__ import annotations

from typing import Annotated

import typer

from qa.cli.options import (
    Chroma,
    Collection,
    Config,
    Database,
    Embed,
    Index,
    Json,
    Llm,
    NoWait,
    Verbose,
    console,
    library_there,
    on_wait,
    open_library,
    print_json,
    read_settings,
    within,
)
from qa.errors import UsageError


def articles(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Show these articles whole.")] = None,
    as_json: Json = False,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="Correct title, date, outlet or authors by hand, for good."),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option("--unset", metavar="FIELD", help="Take back what was set; the file counts again."),
    ] = None,
    collection: Collection = None,
    no_wait: NoWait = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """List what the library holds, show articles whole, or correct what is known of them."""
    from qa.cli.terminal import print_article, print_articles
    from qa.show.document import article_json, whole_article_json
    from qa.types import Filters

    corrections = dict(map(_field_and_value, given or ()))
    if (corrections or unset) and not ids:
        raise UsageError("Name the articles to correct, such as: qa articles ID --set date=2024-05-03")

    if collection is not None and ids:
        raise UsageError("--collection lists articles and ids show them. Give one of them.")
    settings = read_settings(index, embed, llm, database, chroma, config)
    wants_library = ids or collection is not None or settings.database
    if not (wants_library or settings.index.expanduser().exists()):  # to look makes no library
        if as_json:
            print_json([])
        else:
            print_articles(console(), [], settings.index)
        return 0
    with open_library(settings if not ids and collection is None else library_there(settings)) as library:
        if not ids:
            filters = within(library, collection, Filters())
            rows = library.articles(filters)
            if as_json:
                print_json([article_json(row) for row in rows])
            else:
                print_articles(console(), rows, library.settings.index, filters.collection)
            return 0
        if corrections or unset:
            library.correct(list(dict.fromkeys(ids)), corrections, unset or (), on_wait, wait=not no_wait)
        found = [(library.require(id_), library.dropped(id_), library.corrections(id_)) for id_ in ids]
    if as_json:
        documents = [whole_article_json(*each) for each in found]
        print_json(documents[0] if len(documents) == 1 else documents)
    else:
        for each in found:
            print_article(console(), *each)
    return 0


def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids as `qa articles` shows them.")],
    no_wait: NoWait = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Take articles out of the library; the files they came from stay."""
    with open_library(library_there(read_settings(index, embed, llm, database, chroma, config))) as library:
        gone = library.remove(list(dict.fromkeys(ids)), on_wait, wait=not no_wait)
        left = library.count()
    console().print(f"Removed {len(gone)}; the library holds {left:,} articles.", highlight=False)
    return 0


def _field_and_value(option: str) -> tuple[str, str]:
    field, equals, value = option.partition("=")
    if not equals:
        raise UsageError(f"--set {option!r} has no value. Write it as FIELD=VALUE, such as --set date=2024-05-03.")
    return field.strip(), value
