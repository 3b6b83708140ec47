"""Copies a library while others ask it and write to it: the articles of one moment, and all that is kept beside.

Where one of the two is in a PostgreSQL database, every table is carried over and compared, row by row.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard
from uuid import uuid4

from filelock import FileLock, Timeout

from qa.errors import LibraryBusy, LibraryError, UsageError
from qa.store.articles.articles import Articles
from qa.store.conversations import Conversations
from qa.store.database import Database
from qa.store.dialects import DAMAGED, SQLite
from qa.store.store import Store
from qa.store.tables import SCHEMA_VERSION
from qa.store.transfer import transfer
from qa.store.windows import forget_windows

_LOCK = "writer.lock"
_INDEXES = ("words", "vectors")


@dataclass(frozen=True, slots=True)
class Copied:
    """What is in a copy."""

    articles: int
    passages: int
    conversations: int


def copy_library(source: Path | str, target: Path | str) -> Copied:
    """Makes a whole library in the folder `target`, which comes into being at the end and not before.

    Either may be the address of a PostgreSQL database, which holds articles, vectors and conversations alone.

    Articles, vectors, conversations and corrections are those of one moment. Both indexes are made from them anew: a
    copy of their files would be of another moment. What readers keep beside them (settings, question sets, runs, files
    that were sent) comes along. Raises UsageError for folders that cannot be meant, LibraryBusy where another process
    makes the same copy, LibraryError where one of the two fails.
    """
    source = source if _is_address(source) else Path(source).expanduser().resolve()
    if _is_address(target):
        return _copy_to_server(source, target)
    target = Path(target).expanduser().absolute()
    _check(source, target)
    unfinished = target.with_name(f".{target.name}.copying")
    try:
        unfinished.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(unfinished / _LOCK).acquire(timeout=0):
                copied = _fill(source, unfinished)
                os.rename(unfinished, target)
        except Timeout:
            raise LibraryBusy(f"Another process is making the copy {target}. Wait for it.") from None
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    except OSError as error:
        raise LibraryError(
            f"The copy {target} cannot be made: {error.strerror or error}. Free some space or change its permissions, "
            "or name another folder."
        ) from None
    return copied


def _is_address(place: Path | str) -> TypeGuard[str]:
    return isinstance(place, str) and "://" in place


def _copy_to_server(source: Path | str, target: str) -> Copied:
    _require_library(source)
    if Store.built_with(Path(), target) is not None:
        raise UsageError("TO holds a library already. Name another database, or another schema of it: ?schema=NAME")
    with closing(_database(source)) as there, closing(Database(target)) as here:
        transfer(there, here)
        return _counted(here)


def _database(source: Path | str) -> Database:
    """The source's. Raises LibraryError where an older version made it."""
    database = Database(source / "articles.db" if isinstance(source, Path) else source)
    number = Articles(database).fact("schema")
    if number != str(SCHEMA_VERSION):
        database.close()
        raise LibraryError(
            f"The library to copy has schema {number}, this version of Citewire writes {SCHEMA_VERSION}. Bring it up "
            "to date with this version first: qa articles"
        )
    return database


def _counted(database: Database) -> Copied:
    articles = Articles(database)
    return Copied(articles.count(), len(articles.passage_ids()), len(Conversations(database).rows()))


def _require_library(source: Path | str) -> None:
    if isinstance(source, str):
        if Store.built_with(Path(), source) is None:
            raise UsageError("There is no library in the database FROM. Check its name and its schema.")
    elif Store.built_with(source) is None:
        raise UsageError(f"There is no library in {source}. Name the folder that holds articles.db.")


def _check(source: Path | str, target: Path) -> None:
    _require_library(source)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is there already. Name a new folder for the copy.")
    if isinstance(source, Path) and target.resolve().is_relative_to(source):
        raise UsageError(f"{target} is inside the library. Name a folder outside it for the copy.")


def _fill(source: Path | str, folder: Path) -> Copied:
    for path in folder.iterdir():  # what a copy that was killed has left
        if path.name != _LOCK:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if isinstance(source, str):
        with closing(_database(source)) as there, closing(Database(folder / "articles.db")) as here:
            transfer(there, here)
            Articles(here).remember({"keeper": ""})
        return _index(folder)
    _copy_articles(source, folder)
    for path in _beside(source):
        made = folder / path.relative_to(source)
        made.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(path, made)
        except FileNotFoundError:  # gone meanwhile
            continue
    return _index(folder)


def _copy_articles(source: Path, folder: Path) -> None:
    copy = folder / "articles.db"
    SQLite(source / "articles.db").copy_to(copy)
    made = Database(copy)
    try:
        articles = Articles(made)
        if problems := articles.problems():
            raise LibraryError(f"Library {source} is damaged: articles.db says '{problems[0]}'. {DAMAGED}")
        # Its own id, for a Chroma server holds the vectors of both; and no index, which it has lost none of.
        articles.remember({"id": uuid4().hex, "keeper": "", "words": ""})
        forget_windows(made)
    finally:
        made.close()


def _beside(source: Path) -> Iterator[Path]:
    """The files of a library's folder but those of its three stores."""
    for name, folders, files in os.walk(source):
        folder = Path(name)
        if folder == source:
            folders[:] = [one for one in folders if one not in _INDEXES]
            files = [one for one in files if not one.startswith("articles.db")]
        paths = (folder / one for one in files if not one.endswith((".lock", ".new")))
        yield from (path for path in paths if path.is_file() and not path.is_symlink())


def _index(folder: Path) -> Copied:
    built = Store.built_with(folder)
    assert built
    store = Store(folder, built.embedder, built.dimension, revision=built.revision)
    try:
        store.follow()
        store.save_words()
    finally:
        store.close()
    with closing(Database(folder / "articles.db")) as made:
        return _counted(made)
