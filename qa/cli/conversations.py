"""The commands for kept conversations: list, rename, delete and export them, and check an export again."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    is_library,
    library_there,
    print_json,
    read_settings,
)
from qa.errors import QAError, ReadError, UsageError

if TYPE_CHECKING:
    from qa.library import Library
    from qa.settings import Settings
    from qa.show.export import Export
    from qa.store import ConversationRow

Format = Annotated[
    str | None,
    typer.Option("--format", metavar="md|html|json", help="What to write. [default: what --out ends in, else md]"),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="File to write. [default: the terminal]")]


def conversations(
    name: Annotated[
        str | None, typer.Argument(metavar="[CONVERSATION]", help="Show this one: its id, or its title.")
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(
            "--search", metavar="WORDS", help="Only those with these words in titles, questions, answers or sources."
        ),
    ] = None,
    title: Annotated[str | None, typer.Option("--rename", metavar="TITLE", help="Give it another title.")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete it.")] = False,
    as_json: Json = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """List the conversations that were kept, show one, rename or delete it."""
    from qa.ask.conversation import kept_turns
    from qa.cli.terminal import print_conversation, print_conversations
    from qa.show.document import document_json

    if name is None and (title is not None or delete):
        raise UsageError("Say which conversation: qa conversations lists them.")
    if title is not None and delete:
        raise UsageError("--rename and --delete do not go together. Give one of them.")
    settings = read_settings(index, embed, llm, database, chroma, config)
    if name is None:
        rows = _rows(settings, search or "")
        if as_json:
            print_json([_row_json(row) for row in rows])
        else:
            print_conversations(console(), rows, settings.index)
        return 0
    with _library(settings) as library:
        kept = library.store.conversations
        row = kept.find(name)
        if delete:
            kept.delete(row.id)
            console().print(f"Deleted {row.id}.", highlight=False)
            return 0
        if title is not None:
            row = kept.rename(row.id, title)
        turns = kept_turns(kept, row.id)
    if as_json:
        print_json(_row_json(row) | {"turns": [document_json(turn) for turn in turns]})
    else:
        print_conversation(console(), row, turns)
    return 0


def export(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[CONVERSATION]",
            help="Id or title of a conversation, or a file that qa ask --json or qa export wrote. [default: the last]",
        ),
    ] = None,
    format: Format = None,
    out: Out = None,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Write a conversation as Markdown, HTML or JSON, with all that qa verify needs to check it again."""
    from qa.show.export import FORMATS, write_export

    chosen = format or (out.suffix.lstrip(".").lower() if out else "md")
    chosen = {"markdown": "md", "htm": "html"}.get(chosen, chosen)
    if chosen not in FORMATS:
        raise UsageError(f"Unknown format '{chosen}'. Choose one of: {', '.join(sorted(FORMATS))}, with --format.")
    text = write_export(_exported(name, read_settings(index, embed, llm, database, chroma, config)), chosen)
    if out is None:
        sys.stdout.write(text)
    else:
        _write(out, text)
        console(stderr=True).print(f"Wrote {out}. Check it again with: qa verify {out}", highlight=False, markup=False)
    return 0


def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What qa export or qa ask --json wrote.", show_default=False)
    ],
    as_json: Json = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Check an export again: does the library still say what it cites? Exit code 1 where something no longer holds."""
    from qa.cli.terminal import print_verification
    from qa.show.export import read_export
    from qa.show.verify import verification_json, verify

    try:
        read = read_export(file)
    except ReadError as error:
        raise UsageError(str(error)) from None
    with _library(read_settings(index, embed, llm, database, chroma, config)) as library:
        found = verify(read, library)
    if as_json:
        print_json(verification_json(found))
    else:
        print_verification(console(), found)
    return 0 if found.holds else 1


def _library(settings: Settings) -> Library:
    from qa.library import Library

    return Library.open(library_there(settings))


def _rows(settings: Settings, search: str) -> list[ConversationRow]:
    if not is_library(settings):  # to look makes no library
        return []
    with _library(settings) as library:
        return library.store.conversations.rows(search)


def _exported(name: str | None, settings: Settings) -> Export:
    """The named conversation, or the contents of a file. Raises UsageError."""
    from qa.ask.conversation import kept_turns
    from qa.show.export import make_export, read_export

    if name is not None and Path(name).is_file():
        try:
            read = read_export(Path(name)).export
        except ReadError as error:
            raise UsageError(str(error)) from None
        return make_export(read.title, read.turns, read.conversation)
    with _library(settings) as library:
        kept = library.store.conversations
        row = kept.last() if name is None else kept.find(name)
        turns = kept_turns(kept, row.id)
    if not turns:
        raise UsageError(
            f"Conversation {row.id} holds no answers yet. Ask in it with: qa ask ... --conversation {row.id}"
        )
    return make_export(row.title, tuple(turns), row.id)


def _write(path: Path, text: str) -> None:
    """Writes the whole file or nothing. Raises QAError if the disk refuses."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, "utf-8", newline="\n")
        part.replace(path)
    except (OSError, ValueError) as error:
        with suppress(OSError):
            part.unlink()
        reason = getattr(error, "strerror", None) or str(error)
        raise QAError(f"{path} cannot be written: {reason}. Name another file with --out.") from None


def _row_json(row: ConversationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "created": row.created.isoformat(timespec="seconds"),
        "updated": row.updated.isoformat(timespec="seconds"),
        "owner": row.owner,
        "turns": row.turns,
    }
