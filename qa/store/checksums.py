"""Checksums of the files of an index: noted when they are put down, compared before anybody reads them."""

from __future__ import annotations

import json
import os
import random
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

BLOCK = 1 << 20
"""Bytes that share one checksum."""
_ALL = 4
"""Blocks up to which every opening compares all of a file: of larger files, it compares as many."""


class Checksums(NamedTuple):
    """What a file held."""

    size: int
    """In bytes."""
    blocks: tuple[int, ...]
    """The CRC-32 of each MiB; none where only the size was noted."""


class Stamp(NamedTuple):
    """What a file system says of a file."""

    size: int
    changed: int
    """In nanoseconds."""


def checksums_of(path: Path) -> Checksums:
    """The checksums of a file as it is. Raises OSError."""
    with path.open("rb") as file:
        blocks = tuple(map(zlib.crc32, iter(lambda: file.read(BLOCK), b"")))
        return Checksums(file.tell(), blocks)


def stamp_of(path: Path) -> Stamp:
    """Size and time of change of a file. Raises OSError."""
    stat = path.stat()
    return Stamp(stat.st_size, stat.st_mtime_ns)


def find_damage(folder: Path, noted: Mapping[str, Checksums], *, whole: bool = True) -> str | None:
    """Says of one file how it differs from what was noted; None where none does.

    Unless the `whole` of every file is compared, at most 4 MiB of each are: the first, the last and two others, which
    differ from opening to opening.
    """
    for name, checksums in noted.items():
        try:
            with (folder / name).open("rb") as file:
                if os.fstat(file.fileno()).st_size != checksums.size:
                    return f"{name} has another size"
                for block in _compared(len(checksums.blocks), whole):
                    file.seek(block * BLOCK)
                    if zlib.crc32(file.read(BLOCK)) != checksums.blocks[block]:
                        return f"{name} has other bytes than were written"
        except FileNotFoundError:
            return f"{name} is missing"
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}"
    return None


def _compared(blocks: int, whole: bool) -> Iterable[int]:
    if whole or blocks <= _ALL:
        return range(blocks)
    return 0, blocks - 1, *random.sample(range(1, blocks - 1), _ALL - 2)


def as_json(noted: Mapping[str, Checksums], of: str = "") -> str:
    """The checksums as one line of JSON, with a checksum of their own and of what they are said to be `of`."""
    files = {name: [checksums.size, list(checksums.blocks)] for name, checksums in sorted(noted.items())}
    return json.dumps({"files": files, "crc32": _own(files, of)})


def from_json(text: str, of: str = "") -> dict[str, Checksums] | None:
    """What `as_json` wrote; None where it is damaged."""
    try:
        document = json.loads(text)
        files = document["files"]
        if document["crc32"] != _own(files, of):
            return None
        return {name: Checksums(size, tuple(blocks)) for name, (size, blocks) in files.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _own(files: object, of: str) -> int:
    return zlib.crc32((of + json.dumps(files, sort_keys=True)).encode(errors="replace"))


def write_as_a_whole(path: Path, text: str) -> None:
    """Writes a file that is either the old one or the new one, whenever a kill comes. Raises OSError."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(text, "utf-8")
    os.replace(temporary, path)
