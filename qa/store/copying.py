"""Copies a library while others ask it and write to it: the articles of one moment, and all that is kept beside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from qa.errors import LibraryBusy, LibraryError, UsageError
from qa.store.articles.articles import Articles
from qa.store.database import DAMAGED, Database
from qa.store.store import Store

_LOCK = "writer.lock"
_INDEXES = ("words", "vectors")


@dataclass(frozen=True, slots=True)
class Copied:
    """What is in a copy."""

    articles: int
    passages: int
    conversations: int


def copy_library(source: Path, target: Path) -> Copied:
    """Makes a whole library in the folder `target`, which comes into being at the end and not before.

    Articles, vectors, conversations and corrections are those of one moment. Both indexes are made from them anew: a
    copy of their files would be of another moment. What readers keep beside them (settings, question sets, runs, files
    that were sent) comes along. Raises UsageError for folders that cannot be meant, LibraryBusy where another process
    makes the same copy, LibraryError where one of the two fails.
    """
    source, target = source.expanduser().resolve(), target.expanduser().absolute()
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


def _check(source: Path, target: Path) -> None:
    if Store.built_with(source) is None:
        raise UsageError(f"There is no library in {source}. Name the folder that holds articles.db.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is there already. Name a new folder for the copy.")
    if target.resolve().is_relative_to(source):
        raise UsageError(f"{target} is inside the library. Name a folder outside it for the copy.")


def _fill(source: Path, folder: Path) -> Copied:
    for path in folder.iterdir():  # what a copy that was killed has left
        if path.name != _LOCK:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
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
    database, copy = Database(source / "articles.db"), folder / "articles.db"
    try:
        database.copy_to(copy)
    finally:
        database.close()
    made = Database(copy)
    try:
        articles = Articles(made)
        if problems := articles.problems():
            raise LibraryError(f"Library {source} is damaged: articles.db says '{problems[0]}'. {DAMAGED}")
        # Its own id, for a Chroma server holds the vectors of both; and no index, which it has lost none of.
        articles.remember({"id": uuid4().hex, "keeper": "", "words": ""})
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
        rows = store.conversations.rows()
        return Copied(store.articles.count(), len(store.articles.passage_ids()), len(rows))
    finally:
        store.close()
