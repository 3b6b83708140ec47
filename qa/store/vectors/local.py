"""The vector index as files of this machine, kept by a Chroma inside this process."""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from qa.errors import LibraryError
from qa.store.vectors.index import CONFIGURATION, VectorIndex, first_line

if TYPE_CHECKING:
    from chromadb import Collection


class LocalVectors(VectorIndex):
    """A Chroma collection in a folder. Raises LibraryError where Chroma or the disk fails.

    Chroma is made for one process: a second one does not see what the first wrote, and both write their copy of the
    index over the other's, even when they only search, until a third crashes on reading it. So one process at a time
    may touch the files (`held`), who comes after another reads them anew, and what somebody died at is made again.
    """

    def __init__(self, folder: Path, embedder: str, dimension: int) -> None:
        self._folder = folder.absolute()
        self._metadata = {"embedder": embedder, "dimension": dimension}
        self._threads = threading.RLock()
        self._processes = FileLock(self._folder.with_name("vectors.lock"), poll_interval=0.005)
        self._state = self._folder / "last"
        """Holds the name of who was last at the files, or BUSY while they are being touched."""
        self._name = uuid.uuid4().hex
        self._client: Any = None
        self._path = ""
        self._opened: Collection | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps all other threads and processes from the index."""
        with self._threads, self._processes:
            yield

    def is_whole(self) -> bool:
        """Whether the files are there and nobody died while touching them; ask while it is held."""
        return self._last() not in ("", _BUSY)

    def start_again(self) -> None:
        """Empties the index, whatever state its files are in."""
        with self.held():
            self.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            with self._collection(changes=True):
                pass

    def close(self) -> None:
        """Lets go of what is in memory; the next call reads what is on disk."""
        with self._threads:
            client, self._client, self._opened = self._client, None, None
            if client is not None:
                with suppress(Exception):  # of a client that failed, nothing can be expected
                    client.close()
                    _give_back(self._path)

    @contextmanager
    def _collection(self, changes: bool = False) -> Iterator[Collection]:
        with self.held():
            if self._last() != self._name:
                self.close()
            try:
                if self._opened is None or changes:  # opening may write too: Chroma tidies up
                    self._folder.mkdir(exist_ok=True)
                    self._state.write_text(_BUSY)
                collection = self._opened = self._opened or self._open()
                yield collection
            except (KeyboardInterrupt, SystemExit, GeneratorExit):  # comes between Chroma's calls, never within one
                self._state.write_text(self._name)
                raise
            except BaseException as error:  # Chroma raises of many kinds; BUSY stays, so that the index is made again
                self.close()
                raise LibraryError(
                    f"The vectors of library {self._folder.parent} cannot be used: {first_line(error)}. "
                    "Free some space if there is none; the next command makes them again."
                ) from error
            if self._last() != self._name:
                self._state.write_text(self._name)

    def _last(self) -> str:
        try:
            return self._state.read_text()
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
