"""Reads the articles that a damaged articles.db still gives, row by row, from a copy of it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

_COLUMNS = "id title title_is_made outlet date date_precision authors url language text text_hash".split()
_QUERY = (
    f"SELECT {', '.join(_COLUMNS)} FROM articles NOT INDEXED WHERE rowid BETWEEN ? AND ?"  # an index may be damaged
)
_SMALLEST = 256
"""Bytes that an article takes at least: what bounds the number of rows where the file does not tell."""
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class SalvagedArticle:
    """An article as its row has it."""

    id: str
    title: str | None
    """None where it was made from the text."""
    outlet: str | None
    date: str | None
    """YYYY-MM-DD, YYYY-MM or YYYY, as exact as it is known."""
    authors: str
    """As JSON."""
    url: str | None
    language: str | None
    text: str
    is_altered: bool
    """True if the text is not the one that was stored: some of its bytes are damaged."""


def salvage_articles(path: Path) -> Iterator[SalvagedArticle]:
    """The articles in a database that can still be read; none where nothing can be. Raises OSError."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "articles.db"
        for suffix in ("", "-wal"):
            if (there := path.with_name(path.name + suffix)).is_file():
                shutil.copyfile(there, f"{copy}{suffix}")
        if not copy.is_file():
            return
        if not _opens(copy):
            _mend_header(copy)
        with suppress(sqlite3.Error), closing(_connected(copy)) as db:
            for row in _rows(db, 1, _last_row(db, copy)):
                if (article := _article(dict(zip(_COLUMNS, row, strict=True)))) is not None:
                    yield article


def count_articles(path: Path) -> int | None:
    """How many articles a database says it holds; None where it does not say."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM articles").fetchone()[0])
    return None


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    db.text_factory = lambda content: content.decode("utf-8", "replace")
    return db


def _opens(path: Path) -> bool:
    with suppress(sqlite3.Error), closing(_connected(path)) as db:
        db.execute("SELECT 1 FROM articles LIMIT 1")
        return True
    return False


def _mend_header(path: Path) -> None:
    """Writes the fixed fields of SQLite's file header anew (https://sqlite.org/fileformat.html, section 1.3)."""
    header = bytearray(path.read_bytes()[:100])
    if len(header) < 100:
        return
    header[:24] = b"SQLite format 3\0" + _PAGE.to_bytes(2, "big") + bytes([2, 2, 0, 64, 32, 32])
    header[28:32] = (path.stat().st_size // _PAGE).to_bytes(4, "big")
    header[36:40] = bytes(4)  # free pages; its list begins in the four bytes before
    header[32:36] = bytes(4)
    header[44:48] = (4).to_bytes(4, "big")
    header[52:60] = (1).to_bytes(8, "big")  # no vacuum; UTF-8
    header[64:68] = bytes(4)
    header[92:96] = header[24:28]
    with path.open("r+b") as file:
        file.write(header)


_PAGE = 4096
"""SQLite's own size of a page, which the library keeps."""


def _last_row(db: sqlite3.Connection, path: Path) -> int:
    with suppress(sqlite3.Error):
        return int(db.execute("SELECT max(rowid) FROM articles NOT INDEXED").fetchone()[0] or 0)
    return path.stat().st_size // _SMALLEST


def _rows(db: sqlite3.Connection, first: int, last: int) -> Iterator[tuple[Any, ...]]:
    """The rows that can be read; where a range of them cannot, each half of it is tried."""
    for start in range(first, last + 1, _AT_ONCE) if last - first >= _AT_ONCE else (first,):
        end = min(start + _AT_ONCE - 1, last)
        try:
            yield from db.execute(_QUERY, (start, end)).fetchall()
        except (sqlite3.Error, MemoryError, OverflowError):
            if end > start:
                middle = (start + end) // 2
                yield from _rows(db, start, middle)
                yield from _rows(db, middle + 1, end)


def _article(row: dict[str, Any]) -> SalvagedArticle | None:
    """None where the row has lost its text."""
    text = row["text"]
    if not isinstance(text, str) or not text.strip():
        return None
    words = {name: value for name, value in row.items() if isinstance(value, str) and value}
    digits = {"day": 10, "month": 7, "year": 4}.get(words.get("date_precision", ""), 10)
    return SalvagedArticle(
        words.get("id", ""),
        None if row["title_is_made"] else words.get("title"),
        words.get("outlet"),
        words.get("date", "")[:digits] or None,
        words.get("authors", "[]"),
        words.get("url"),
        words.get("language"),
        text,
        sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != row["text_hash"],
    )
