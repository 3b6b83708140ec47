"""The files of a word index: one for each segment, and a list that names them and is replaced as a whole.

Whoever is killed leaves the list as it was, and files that it does not name, which the next writer clears away.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from qa.store.checksums import as_json, checksums_of, find_damage, from_json, write_as_a_whole
from qa.store.words.segment import File, Segment, merged

FORMAT = 5
"""Counted up when the files or the terms change: an index of another format is made again from the articles."""
LIST = "segments.json"
_SEGMENT = "segment-"
_OF_OLDER_VERSIONS = "new-"
_ALIGNED = 64


class Damaged(Exception):
    """A file does not hold what was written; the message says which."""


class Overtaken(Exception):
    """Another process has replaced the list meanwhile."""


class Listed(NamedTuple):
    """What the list says."""

    generation: int = -1
    """The state of the library that the index is of; -1 where there is no list."""
    files: tuple[File, ...] = ()
    """Those of the segments, in their order."""
    gone: tuple[int, ...] = ()
    """Ids of passages that a segment has, and that have been taken away since; ascending."""


def read_list(folder: Path) -> Listed:
    """The list in `folder`; an empty one where there is none of this format. Raises Damaged."""
    try:
        said, line = (folder / LIST).read_text("utf-8").split("\n")
        checksums, listed = from_json(line, said), json.loads(said)
        if checksums is None:
            raise Damaged(f"{LIST} has other bytes than were written")
    except FileNotFoundError:
        return Listed()
    except OSError as error:
        raise Damaged(f"{LIST} cannot be read: {error.strerror}") from None
    except ValueError:
        raise Damaged(f"{LIST} has other bytes than were written") from None
    if listed["format"] != FORMAT:
        return Listed()
    files = (File(name, layout, checksums[name]) for name, layout in listed["segments"].items())
    return Listed(listed["generation"], tuple(files), tuple(listed["gone"]))


def listed_names(folder: Path) -> list[str]:
    """Names of the files in the list; none where there is no list, or a damaged one."""
    with suppress(Damaged):
        return [file.name for file in read_list(folder).files]
    return []


def write_list(folder: Path, listed: Listed) -> None:
    """Replaces the list. The writer's lock is held. Raises OSError."""
    layouts = {file.name: file.layout for file in listed.files}
    said = json.dumps({"format": FORMAT, "generation": listed.generation, "segments": layouts, "gone": listed.gone})
    checksums = {file.name: file.checksums for file in listed.files}
    write_as_a_whole(folder / LIST, f"{said}\n{as_json(checksums, said)}")


def clear_away(folder: Path, listed: Listed) -> None:
    """Removes what the list does not name, and what older versions have left. The writer's lock is held."""
    names = {file.name for file in listed.files}
    for path in folder.iterdir():
        if path.name.startswith(_SEGMENT) and path.name not in names:
            path.unlink(missing_ok=True)
        elif path.is_dir() and (path.name.isdecimal() or path.name.startswith(_OF_OLDER_VERSIONS)):
            shutil.rmtree(path, ignore_errors=True)


def what_is_missing(folder: Path) -> str | None:
    """Says what is not there of an index that was saved; None where all is, though it may be of another format."""
    if (folder / LIST).exists() or any(path.name.isdecimal() for path in folder.glob("*")):
        return None
    return f"{LIST} is missing" if any(folder.glob(f"{_SEGMENT}*")) else "its files are missing"


def merging(folder: Path) -> FileLock:
    """Held by whoever writes a segment without the writer's lock, so that nobody clears it away meanwhile."""
    return FileLock(folder / "merging.lock")


def write_segment(folder: Path, segments: Sequence[Segment]) -> File:
    """Writes several segments that follow each other as one, which no list names yet. Raises OSError."""
    shapes, portions = merged(segments)
    layout, end = dict[str, tuple[str, Sequence[int], int]](), 0
    for name, (dtype, shape) in shapes.items():
        layout[name] = np.dtype(dtype).str, shape, end
        end += -(-np.dtype(dtype).itemsize * int(np.prod(shape)) // _ALIGNED) * _ALIGNED
    path = folder / f"{_SEGMENT}{token_hex(4)}"
    with path.open("wb") as file:
        file.truncate(end + _ALIGNED)  # a byte at least: no empty file can be mapped
        for name, place, values in portions:
            file.seek(layout[name][2] + place * values.itemsize)
            file.write(values.tobytes())
    return File(path.name, layout, checksums_of(path))


def open_segment(folder: Path, file: File, *, whole: bool) -> Segment:
    """A segment, mapped; at most 4 MiB of it are compared with its checksums, unless the `whole` is to be.

    Raises Damaged.
    """
    require_undamaged(folder, file, whole=whole)
    return map_segment(folder, file, is_compared=whole)


def map_segment(folder: Path, file: File, *, is_compared: bool) -> Segment:
    """A segment, mapped without a look at it. Raises OSError, ValueError."""
    memory = np.asarray(np.memmap(folder / file.name, np.uint8, "r"))  # a slice of a plain array is many times quicker
    arrays = {name: _part(memory, *part) for name, part in file.layout.items()}
    return Segment.of(arrays, file=file, is_compared=is_compared)


def require_undamaged(folder: Path, file: File, *, whole: bool = True) -> None:
    """Compares the file with its checksums. Raises Damaged."""
    if damage := find_damage(folder, {file.name: file.checksums}, whole=whole):
        raise Damaged(damage)


def _part(memory: NDArray[np.uint8], dtype: str, shape: Sequence[int], begin: int) -> NDArray[Any]:
    size = np.dtype(dtype).itemsize * int(np.prod(shape))
    return memory[begin : begin + size].view(dtype).reshape(shape)
