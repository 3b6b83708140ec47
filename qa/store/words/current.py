"""The word index of the library as it is now: loaded, brought up to date, saved, and made again where it is damaged."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from qa.runtime import start_module
from qa.store.articles.articles import Articles
from qa.store.words.files import Damaged, Overtaken, listed_names, read_list, what_is_missing
from qa.store.words.index import WordIndex
from qa.store.words.merging import AT_HAND, due
from qa.store.words.wording import wording_of

_SAVED = "words"
"""The fact that a library remembers once its word index has been saved: from then on, a missing one is a loss."""


class CurrentWords:
    """Follows what this process and others add or remove. Safe to use from several threads."""

    def __init__(
        self,
        folder: Path,
        articles: Articles,
        writer: FileLock,
        on_mended: Callable[[str], None],
        *,
        machine: str = "",
    ) -> None:
        """`on_mended` is told, in a sentence, of what was damaged and has been made again from the articles.

        `machine` tells it apart from others that keep an index of the same articles.
        """
        self._fact = f"{_SAVED} {machine}".rstrip()
        self._folder, self._articles, self._writer, self._on_mended = folder, articles, writer, on_mended
        self._lock = threading.RLock()
        self._damage: str | None = None
        """What has been found damaged and was not made again yet."""
        self._is_damaged_on_disk = False
        self._merger: subprocess.Popen[bytes] | None = None
        self._index, self._generation = WordIndex.empty(), -1
        self._index, self._generation = self._load()

    def get(self) -> WordIndex:
        """The index of the library as it is now."""
        with self._lock:
            generation = self._articles.generation()
            if generation != self._generation:
                self._index, self._generation = self._refreshed(), generation
            if self._damage:
                self._save_unless_busy()
                self._say_mended()
            return self._index

    def is_behind(self) -> bool:
        """True if the library has changed since the index was brought up to date."""
        return self._articles.generation() != self._generation

    def save(self, most: int = AT_HAND) -> None:
        """Saves the index as it is now, unless that was done before. The writer's lock is held. Raises OSError.

        Segments are merged up to so many passages; what is due beyond is merged behind, in a process of its own.
        """
        with self._lock:
            while not self._is_saved(most):
                self._index, self._generation = self._load()
            self._say_mended()
            if due(self._index.segments):
                self._merge_behind()

    def _is_saved(self, most: int) -> bool:
        """Saves the index, unless another process has written one that was not seen yet."""
        if not self._is_damaged_on_disk and listed_names(self._folder) != self._index.files:
            return False
        self.get()
        try:
            if self._is_damaged_on_disk or self._saved_generation() != self._generation:
                self._put(most)
        except Overtaken:
            return False
        return True

    def start_again(self) -> None:
        """Makes the index again from the articles and saves it, whatever is there. Raises OSError."""
        with self._lock:
            self._index, self._generation = WordIndex.empty(), -1
            shutil.rmtree(self._folder, ignore_errors=True)
            self._damage = None
            self.get()
            self._put()

    def mend(self) -> bool:
        """True if the files are damaged, every byte compared; the next `get` then makes the index again."""
        with self._lock:
            self._index, self._generation = self._load(whole=True)
            return self._damage is not None

    def saved(self) -> tuple[WordIndex, str | None]:
        """The index on disk, and what is damaged there, every byte compared."""
        damage: list[str] = []
        index, generation = WordIndex.load(self._folder, whole=True, on_damage=damage.append)
        return index, next(iter(damage), None if generation >= 0 else self._loss())

    def _load(self, whole: bool = False) -> tuple[WordIndex, int]:
        index, generation = WordIndex.load(self._folder, whole=whole, known=self._index, on_damage=self._note)
        if generation < 0 and (loss := self._loss()):
            self._note(loss)
        return index, generation

    def _note(self, damage: str) -> None:
        self._damage, self._is_damaged_on_disk = self._damage or damage, True

    def _loss(self) -> str | None:
        return what_is_missing(self._folder) if self._articles.facts().get(self._fact) else None

    def _saved_generation(self) -> int:
        with suppress(Damaged):
            return read_list(self._folder).generation
        return -1

    def _refreshed(self) -> WordIndex:
        words = self._index
        if self._saved_generation() > self._generation:
            words, _ = self._load(whole=self._is_damaged_on_disk)
        gone, new = self._articles.changes_since(words.passage_ids)
        added = ((passage.id, wording_of(passage)) for passage in self._articles.all_passages(new))
        return words.updated(added, gone)

    def _say_mended(self) -> None:
        damage, self._damage = self._damage, None
        if damage:
            self._on_mended(f"The word index was damaged ({damage}); it has been made again from the articles.")

    def _save_unless_busy(self) -> None:
        """A writer that is at work saves the index itself when it is done."""
        with suppress(Timeout, OSError, Overtaken), self._writer.acquire(timeout=0):
            self._put()

    def _put(self, most: int = AT_HAND) -> None:
        try:
            self._index = self._index.save(self._folder, self._generation, most)
        except Damaged as damage:  # which no sample had met
            self._note(str(damage))
            self._index = WordIndex.empty()
            self._index = self._refreshed().save(self._folder, self._generation, most)
        self._is_damaged_on_disk = False
        if not self._articles.facts().get(self._fact):
            self._articles.remember({self._fact: "saved"})

    def _merge_behind(self) -> None:
        if self._merger is None or self._merger.poll() is not None:
            self._merger = start_module("qa.store.words")
            assert self._merger.stdin
            places = [str(Path(path).absolute()) for path in (self._folder, self._writer.lock_file)]
            with self._merger.stdin as told:
                told.write(json.dumps(places).encode() + b"\n")
