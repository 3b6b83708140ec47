"""The folders that word indexes are saved in: one for each state of the library, with checksums of its files."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from qa.store.checksums import as_json, checksums_of, find_damage, from_json

FORMAT = "4"
"""Counted up when the files or the terms change: an index of another format is made again from the articles."""
VOCABULARY = "vocabulary.json"
_MANIFEST = "checksums.json"


class OtherFormat(Exception):
    """Another version of the program saved the index."""


class Damaged(Exception):
    """A file does not hold what was written; the message says which."""


def generations(folder: Path) -> list[int]:
    """The states of the library whose index is saved in `folder`, newest first."""
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else iter(())
    return sorted((int(name) for name in names if name.isdecimal()), reverse=True)


def save(folder: Path, generation: int, write: Callable[[Path], None]) -> None:
    """Saves in `folder/<generation>` what `write` puts into a folder, as a whole or not at all, and drops older ones.

    The checksums are written last. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
    write(temporary)
    (temporary / "format").write_text(FORMAT)
    noted = {path.name: checksums_of(path) for path in temporary.iterdir()}
    (temporary / _MANIFEST).write_text(as_json(noted))
    target = folder / str(generation)
    if target.exists():  # damaged, else it would not be saved again
        _set_aside(target)
    os.replace(temporary, target)
    for other in folder.iterdir():
        if other != target and other.name.isdecimal():
            _set_aside(other)
    for other in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(other, ignore_errors=True)


def _set_aside(folder: Path) -> None:
    """Renames it first: whoever opens it finds all of its files or none."""
    os.replace(folder, tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder.parent) + "/gone")


_UNFINISHED = "new-"


def require_undamaged(folder: Path, *, whole: bool) -> None:
    """Compares a saved index with its checksums: all bytes, or those that `find_damage` samples.

    The vocabulary, which is read whole, is always compared whole. Raises OtherFormat, Damaged, or OSError where the
    folder has gone.
    """
    try:
        noted = from_json((folder / _MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        if _format(folder) != FORMAT:
            raise OtherFormat from None
        raise Damaged(f"{_MANIFEST} is missing") from None
    except ValueError:
        noted = None
    if noted is None:
        raise Damaged(f"{_MANIFEST} has other bytes than were written")
    vocabulary = {VOCABULARY: noted[VOCABULARY]} if VOCABULARY in noted else {}
    if damage := find_damage(folder, vocabulary) or find_damage(folder, noted, whole=whole):
        raise Damaged(damage)
    if _format(folder) != FORMAT:
        raise OtherFormat


def _format(folder: Path) -> str:
    return (folder / "format").read_bytes().decode(errors="replace")
