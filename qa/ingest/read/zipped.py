"""Documents that are archives of XML, as DOCX and ODT are: what the two share, and how any ZIP archive is opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from qa.errors import ReadError
from qa.ingest.read.fields import likely_title
from qa.ingest.read.stream import LARGEST_ARTICLE, MEGABYTE

_MOST_UNPACKED = 200 * MEGABYTE
_MOST_PARTS = 10_000
# Text packs twenty times at most; what packs better was made to fill memories.
_MOST_PACKED, _SMALL = 200, 5 * MEGABYTE


def open_zip(file: BinaryIO, kind: str) -> zipfile.ZipFile:
    """The archive. Raises ReadError for what is none; `kind` is what it should be, such as "a DOCX file"."""
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        raise ReadError(f"not {kind}, or a damaged one") from None


def is_dense(part: zipfile.ZipInfo) -> bool:
    """Whether a part of an archive unpacks to far more than any text does."""
    return part.file_size > max(_SMALL, _MOST_PACKED * part.compress_size)


def check_size(data: bytes, kind: str) -> None:
    """Raises ReadError where a document would fill the memory, by the directory of its archive.

    No more than that says is read. `kind` is as `open_zip` takes it.
    """
    parts = open_zip(io.BytesIO(data), kind).infolist()
    unpacked = sum(part.file_size for part in parts)
    largest = max((part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))), default=0)
    dense = any(map(is_dense, parts))
    if unpacked > _MOST_UNPACKED or largest > LARGEST_ARTICLE or len(parts) > _MOST_PARTS or dense:
        raise ReadError(f"would unpack to {unpacked // MEGABYTE} MB in {len(parts)} parts, which no article does")


def rows(table: Any, row: str, cell: str, blocks: Callable[[Any], Iterator[str]]) -> Iterator[str]:
    """The rows of a table that hold anything, its cells in one line; `row` and `cell` are the names of the elements."""
    for one in table.iter(row):
        cells = [" ".join(" ".join(blocks(each)).split()) for each in one.iterchildren(cell)]
        if any(cells):
            yield " | ".join(cells)


def titled(styled: str, named: str, heading: str) -> dict[str, Any]:
    """The field of the title: what has the style of one, what the properties name, else the first heading."""
    title = styled or (named.strip() if likely_title(named) else "") or heading
    return {"title": title} if title else {}
