"""Opens a source: decompresses it, and stops before it fills the memory."""

from __future__ import annotations

import gzip
import io
import lzma
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from qa.errors import ReadError
from qa.ingest.read.record import Source

MEGABYTE = 1_000_000
LARGEST_ARTICLE = 50 * MEGABYTE
LONGEST_LINE = 20 * MEGABYTE
COMPRESSED = (".gz", ".xz")

DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError)
"""What is raised while a damaged compressed file is read."""


def open_stream(source: Source) -> BinaryIO:
    """The bytes of a source, decompressed where they begin as gzip or xz do, whatever its name says.

    Raises OSError, and ReadError for what is not a regular file: a pipe would never end.
    """
    if source.data is None and source.path:
        mode = source.path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise ReadError("is a folder, not a file" if stat.S_ISDIR(mode) else "is a pipe or a device, not a file")
    file = source.open()
    head = file.read(6)
    unpack = next((unpack for magic, unpack in _UNPACK.items() if head.startswith(magic)), None)
    if unpack is None:
        file.seek(0)
        return file
    file.close()
    packed = source.path if source.path and source.data is None else io.BytesIO(source.data or b"")
    return io.BufferedReader(_Unpacked(unpack(packed)))


_Packed = gzip.GzipFile | lzma.LZMAFile
_UNPACK: Mapping[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ\x00": lzma.open}


class _Unpacked(io.RawIOBase):
    """A compressed file that gives all that comes before a damage: its own `read` gives nothing of its last piece."""

    def __init__(self, packed: _Packed) -> None:
        self._packed = packed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._packed.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._packed.close()
        super().close()


def beginning(source: Source, size: int) -> bytes:
    """The first bytes of a source, decompressed: as many as come before a damage. Raises what `open_stream` does."""
    with open_stream(source) as file:
        pieces: list[bytes] = []
        try:
            while size > 0 and (piece := file.read(min(size, 4096))):
                pieces.append(piece)
                size -= len(piece)
        except DAMAGED:
            pass  # Reading on comes to it again.
    return b"".join(pieces)


def contents(source: Source, limit: int = LARGEST_ARTICLE, remedy: str = "split it") -> bytes:
    """All bytes of a source, decompressed. Raises ReadError where there are more than `limit`, without reading on."""
    with open_stream(source) as file:
        is_small = source.data is not None or not source.path or source.path.stat().st_size <= limit
        data = file.read(limit + 1) if is_small else b""
    if len(data) > limit or not is_small:
        raise ReadError(f"holds more than {limit // MEGABYTE} MB; {remedy}")
    return data


def lines(file: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a file with their ends, one after the other; None in the place of one over 20 MB.

    Raises ReadError where such a line does not end within five times as much: then the file is not made of lines.
    """
    while line := file.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        for _ in range(4):
            rest = file.readline(LONGEST_LINE)
            if len(rest) < LONGEST_LINE or rest.endswith(b"\n"):
                break
        else:
            raise ReadError(f"holds a line of more than {5 * LONGEST_LINE // MEGABYTE} MB; is it made of lines?")
        yield None
