"""The folder of a library: made where there is none, and looked at before it is opened."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from filelock import FileLock

from qa.errors import LibraryError
from qa.store.checksums import write_as_a_whole
from qa.store.database import Database, has_indexes
from qa.store.dialects import DAMAGED, has_content


def make_folder(folder: Path, *, holds_articles: bool = True) -> None:
    """Raises LibraryError where no library can be kept, or only the indexes of one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise LibraryError(f"Library {folder} is not a folder. Name another with --index.") from None
    except OSError as error:
        raise LibraryError(f"Library {folder} cannot be made: {error.strerror}. Name another with --index.") from None
    for lock in (folder / "writer.lock", folder / "vectors.lock"):
        if lock.is_dir():
            raise LibraryError(f"{lock} is a folder, where Citewire keeps a lock file. Move it out of the library.")
    if not os.access(folder, os.W_OK) and not (holds_articles and (folder / "articles.db").is_file()):
        raise LibraryError(f"Library {folder} is not writable. Change its permissions, or name another with --index.")


def require_articles(folder: Path, is_empty: bool = False) -> None:
    """Raises LibraryError where the articles are lost: where there is none, but indexes that followed some."""
    path = folder / "articles.db"
    if has_content(path) and not is_empty:
        return
    if has_indexes(folder):
        state = "empty" if path.is_file() else "missing"
        raise LibraryError(
            f"Library {folder} has lost its articles: articles.db is {state}, though its indexes are there. {DAMAGED}"
        )


def open_database(folder: Path, address: str | None) -> Database:
    """The database at the address, else the one in the folder. Raises LibraryError."""
    if address:
        return Database(address)
    require_articles(folder)
    return Database(folder / "articles.db")


def machine_of(folder: Path) -> str:
    """The name that the indexes in a folder, which follow a server's databases, are known by there."""
    path = folder / "citewire-machine"
    with FileLock(folder / "words.lock"):
        if not has_content(path):
            write_as_a_whole(path, uuid4().hex)
    return path.read_text("utf-8")
