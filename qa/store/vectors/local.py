"""The vector index as files of this machine, kept by a Chroma inside this process."""

from __future__ import annotations

import re
import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from qa.errors import LibraryError, first_line
from qa.store.checksums import (
    Checksums,
    Stamp,
    as_json,
    checksums_of,
    find_damage,
    from_json,
    stamp_of,
    write_as_a_whole,
)
from qa.store.vectors.index import CONFIGURATION, VectorIndex

if TYPE_CHECKING:
    from chromadb import Collection


class LocalVectors(VectorIndex):
    """A Chroma collection in a folder. Raises LibraryError where Chroma or the disk fails.

    Chroma is made for one process: a second one does not see what the first wrote, and both write their copy of the
    index over the other's, even when they only search, until a third crashes on reading it. So one process at a time
    may touch the files (`held`), who comes after another reads them anew, and what somebody died at is made again.
    Chroma also crashes on damaged files: it opens none before their checksums are compared.
    """

    def __init__(self, folder: Path, embedder: str, dimension: int) -> None:
        self._folder = folder.absolute()
        self._metadata = {"embedder": embedder, "dimension": dimension}
        self._threads = threading.RLock()
        self._processes = FileLock(self._folder.with_name("vectors.lock"), poll_interval=0.005)
        self._state = self._folder / "last"
        """Holds who was last at the files and what they held then, or BUSY while they are being touched."""
        self._name = uuid.uuid4().hex
        self._compared = ""
        """The state that the files were compared with, or that this process wrote; emptied when it lets go of them."""
        self._noted: dict[str, Checksums] = {}
        self._stamps: dict[str, Stamp] = {}
        self._client: Any = None
        self._path = ""
        self._opened: Collection | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the exclusive lock on the index, across threads and processes."""
        with self._threads, self._processes:
            yield

    def is_whole(self) -> bool:
        """Whether the files hold what was noted when they were put down, and nobody died while touching them.

        Ask while it is held. The files are compared once; those that this process has open are not compared again.
        """
        state = self._read_state()
        if state in ("", _BUSY):
            return False
        if state != self._compared and not self.is_open():
            stamps = self._stamps_now()
            noted, damage = self._compare(state)
            if damage:
                return False
            self._compared, self._noted, self._stamps = state, noted, stamps
        return True

    def damage(self) -> str | None:
        """What is damaged or missing, every byte compared; None where nothing is, or somebody died at the files."""
        state = self._read_state()
        if state == _BUSY:
            return None
        return self._compare(state)[1] if state else "its files are missing"

    def is_open(self) -> bool:
        """True if this process has the files open, and no other has touched them since."""
        return self._opened is not None and self._last() == self._name

    def start_again(self) -> None:
        """Empties the index, whatever state its files are in."""
        with self.held():
            self._let_go()
            shutil.rmtree(self._folder, ignore_errors=True)
            with self._collection(changes=True):
                pass

    def note(self) -> None:
        """Notes the checksums of what this process wrote, unless another is at the files."""
        with self._threads, suppress(Timeout, OSError):
            if self._last() == self._name:
                with self._processes.acquire(timeout=0):
                    if self._last() == self._name:
                        self._put_down(whole=True)

    def close(self) -> None:
        """Frees the memory; the next call reads the disk."""
        with self._threads:
            self._let_go()
            self.note()  # also what Chroma wrote when it closed

    def _let_go(self) -> None:
        client, self._client, self._opened = self._client, None, None
        self._compared = ""
        if client is not None:
            with suppress(Exception):  # of a client that failed, nothing can be expected
                client.close()
                _give_back(self._path)

    @contextmanager
    def _collection(self, changes: bool = False) -> Iterator[Collection]:
        with self.held():
            if not self.is_open():
                if self._read_state() != self._compared:
                    self._noted, self._stamps = {}, {}
                self._let_go()
            try:
                opens = self._opened is None
                if opens or changes:  # opening may write too: Chroma tidies up
                    self._folder.mkdir(exist_ok=True)
                    write_as_a_whole(self._state, _BUSY)
                collection = self._opened = self._opened or self._open()
                yield collection
                # After each portion of a long ingest the checksums would take as long as it does; its end notes them.
                self._put_down(whole=opens and not changes)
            except (KeyboardInterrupt, SystemExit, GeneratorExit):  # comes between Chroma's calls, never within one
                self._put_down(whole=False)
                raise
            except BaseException as error:  # Chroma raises of many kinds; BUSY stays, so that the index is made again
                self._let_go()
                raise LibraryError(
                    f"The vectors of library {self._folder.parent} cannot be used: {first_line(error)}. "
                    "Free some space if there is none; the next command makes them again."
                ) from error

    def _put_down(self, *, whole: bool) -> None:
        """Notes who was last at the files, their sizes, and the checksums: of `whole` files, or only the known ones."""
        stamps = self._stamps_now()
        is_noted = stamps == self._stamps and self._last() == self._name
        if is_noted and not (whole and any(each.size and not each.blocks for each in self._noted.values())):
            return
        noted: dict[str, Checksums] = {}
        for name, stamp in stamps.items():
            known = self._noted.get(name) if self._stamps.get(name) == stamp else None
            if known is None or (whole and not known.blocks):
                known = checksums_of(self._folder / name) if whole else Checksums(stamp.size, ())
            noted[name] = known
        self._compared = f"{self._name}\n{as_json(noted, self._name)}"
        write_as_a_whole(self._state, self._compared)
        self._noted, self._stamps = noted, stamps

    def _compare(self, state: str) -> tuple[dict[str, Checksums], str | None]:
        """What was noted of the files, and the first difference from it."""
        name, _, line = state.partition("\n")
        if not line and _NAME.fullmatch(name):  # put down by an older version, which noted nothing
            return {}, None
        noted = from_json(line, name)
        if noted is None:
            return {}, f"{self._state.name} has other bytes than were written"
        return noted, find_damage(self._folder, noted)

    def _stamps_now(self) -> dict[str, Stamp]:
        paths = (path for path in self._folder.rglob("*") if path.is_file() and path.suffix != ".new")
        return {str(path.relative_to(self._folder)): stamp_of(path) for path in paths if path != self._state}

    def _last(self) -> str:
        return self._read_state().partition("\n")[0]

    def _read_state(self) -> str:
        try:
            return self._state.read_bytes().decode(errors="replace")
        except OSError:
            return ""

    def _open(self) -> Collection:
        import chromadb
        from chromadb.config import Settings

        self._path = _own_path(self._folder)  # never given back where this fails: Chroma keeps what it failed to open
        self._client = chromadb.PersistentClient(self._path, settings=Settings(anonymized_telemetry=False))
        collection: Collection = self._client.get_or_create_collection(
            "passages", configuration=CONFIGURATION, metadata=self._metadata, embedding_function=None
        )
        return collection


_BUSY = "busy"
_NAME = re.compile(r"[0-9a-f]{32}")

# Chroma shares one index among all clients of a process that spell a path alike, so that none of them could be closed
# and read again: two indexes of this process spell it differently.
_taken: set[str] = set()
_taking = threading.Lock()


def _own_path(folder: Path) -> str:
    path = str(folder)
    with _taking:
        while path in _taken:
            path += "/."
        _taken.add(path)
    return path


def _give_back(path: str) -> None:
    with _taking:
        _taken.discard(path)
