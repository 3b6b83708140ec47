"""Which segments become one: so that there are few, and each passage is written seldom.

Segments that follow each other are merged when the later ones have together grown as large as the one before them.
So each is larger than all after it, and a passage is written again only when its segment has doubled. A segment of
LARGEST passages is closed: it is merged no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from qa.store.words.files import (
    Damaged,
    Listed,
    clear_away,
    merging,
    open_segment,
    read_list,
    require_undamaged,
    write_list,
    write_segment,
)
from qa.store.words.segment import File, Segment

LARGEST = 250_000
"""Passages of a segment, some 270 MB: who makes one of that size needs thrice that in memory, mapped files and all."""
AT_HAND = 16_000
"""Passages that who adds some may merge: a fraction of a second. What is larger is merged behind."""
_GONE = 8
"""Parts of a segment of which one has gone before it is written again without them."""
_PATIENCE = 60
"""Seconds that the writer's lock is waited for; whoever holds it for longer merges as well."""


def due(segments: Sequence[Segment], most: int = LARGEST) -> slice | None:
    """The segments that should become one of at most so many passages, or the one that should be written again."""
    later = 0
    found = None
    for place in reversed(range(len(segments))):
        if later and len(segments[place]) <= later and len(segments[place]) + later <= most:
            found = slice(place, len(segments))
        later += len(segments[place])
    if found:
        return found
    for place, segment in enumerate(segments):
        if len(segment.gone) * _GONE > len(segment.passage_ids) and len(segment.passage_ids) <= most:
            return slice(place, place + 1)
    return None


def compacted(
    segments: Sequence[Segment], merge: Callable[[Sequence[Segment]], Segment], most: int = LARGEST
) -> list[Segment]:
    """The segments after all merges that are due."""
    done = list(segments)
    while some := due(done, most):
        done[some] = [merge(done[some])]
    return done


def merge_behind(folder: Path, writer: FileLock) -> None:
    """Merges the segments of the index in `folder`, while others read it and write to it."""
    with suppress(Timeout, Damaged, OSError), merging(folder).acquire(timeout=0):
        while _merge_some(folder, writer):
            pass


def _merge_some(folder: Path, writer: FileLock) -> bool:
    """Whether something was merged."""
    listed = read_list(folder)
    segments = [open_segment(folder, file, whole=False).without(listed.gone) for file in listed.files]
    if not (some := due(segments)):
        return False
    old = [file.name for file in listed.files[some]]
    made = write_merged(folder, segments[some])
    with writer.acquire(timeout=_PATIENCE):
        now = read_list(folder)
        at = next((place for place, file in enumerate(now.files) if file.name == old[0]), 0)
        if [file.name for file in now.files[at : at + len(old)]] != old:
            return False  # somebody else has merged them
        files = (*now.files[:at], made, *now.files[at + len(old) :])
        dropped = {id_ for segment in segments[some] for id_ in segment.passage_ids[segment.gone].tolist()}
        listed = Listed(now.generation, files, tuple(id_ for id_ in now.gone if id_ not in dropped))
        write_list(folder, listed)
        clear_away(folder, listed)
    return True


def write_merged(folder: Path, segments: Sequence[Segment]) -> File:
    """Writes several segments as one, after all bytes of them have been compared. Raises Damaged, OSError."""
    for segment in segments:
        if segment.file and not segment.is_compared:
            require_undamaged(folder, segment.file)
    return write_segment(folder, segments)
