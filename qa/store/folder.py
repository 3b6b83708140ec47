"""The folder of a library: made where there is none, and looked at before it is opened."""

from __future__ import annotations

import os
from pathlib import Path

from qa.errors import LibraryError
from qa.store.database import DAMAGED, has_content, has_indexes


def make_folder(folder: Path) -> None:
    """Raises LibraryError where no library can be kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise LibraryError(f"Library {folder} is not a folder. Name another with --index.") from None
    except OSError as error:
        raise LibraryError(f"Library {folder} cannot be made: {error.strerror}. Name another with --index.") from None
    for lock in (folder / "writer.lock", folder / "vectors.lock"):
        if lock.is_dir():
            raise LibraryError(f"{lock} is a folder, where Citewire keeps a lock file. Move it out of the library.")
    if not os.access(folder, os.W_OK) and not (folder / "articles.db").is_file():
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
