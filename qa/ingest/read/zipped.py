"""Documents that are archives of XML, as DOCX and ODT are: refused where they would fill the memory."""

from __future__ import annotations

import io
import zipfile

from qa.errors import ReadError
from qa.ingest.read.stream import LARGEST_ARTICLE, MEGABYTE

_MOST_UNPACKED = 200 * MEGABYTE
_MOST_PARTS = 10_000
# Text packs twenty times at most; what packs better was made to fill memories.
_MOST_PACKED, _SMALL = 200, 5 * MEGABYTE


def is_dense(part: zipfile.ZipInfo) -> bool:
    """Whether a part of an archive unpacks to far more than any text does."""
    return part.file_size > max(_SMALL, _MOST_PACKED * part.compress_size)


def check_size(data: bytes, kind: str) -> None:
    """Raises ReadError where a document would fill the memory, by the directory of its archive.

    No more than that says is read. `kind` is what it is called to the user, such as "a DOCX".
    """
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        raise ReadError(f"not {kind} file, or a damaged one") from None
    unpacked = sum(part.file_size for part in parts)
    largest = max((part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))), default=0)
    dense = any(map(is_dense, parts))
    if unpacked > _MOST_UNPACKED or largest > LARGEST_ARTICLE or len(parts) > _MOST_PARTS or dense:
        raise ReadError(f"would unpack to {unpacked // MEGABYTE} MB in {len(parts)} parts, which no article does")
