"""The vector index of the library as it is now: brought up to date, and made again where it is damaged or gone."""

from __future__ import annotations

from collections.abc import Callable

from qa.errors import LibraryError
from qa.models.base import Vectors
from qa.store.articles.articles import Articles
from qa.store.articles.followed import can_be_whole
from qa.store.database import Database
from qa.store.vectors.chosen import ChosenVectors
from qa.store.vectors.index import VectorIndex
from qa.types import Filters

_AT_ONCE = 500  # passages that the vector index follows before it lets others search


class CurrentVectors:
    """Follows what this process and others add or remove, under the lock on the index."""

    def __init__(
        self,
        index: VectorIndex,
        articles: Articles,
        database: Database,
        kept_by: str,
        on_mended: Callable[[str], None],
    ) -> None:
        """`kept_by` is noted in the database as who keeps the index: a server's address, or "embedded".

        `on_mended` is told, in a sentence, of what was damaged and has been made again from the articles.
        """
        self._index, self._articles, self._database = index, articles, database
        self._kept_by, self._on_mended = kept_by, on_mended
        self._chosen = ChosenVectors(articles)

    def follow(self, until: Callable[[], bool] = lambda: False) -> None:
        """Brings the vector index up to date, and makes it anew where it is damaged or gone; or stops when told."""
        try:
            while not until() and self._follow_some():
                pass
        except LibraryError:
            # Damaged files are made anew, now that they are known to be; whatever else it was is said again.
            while not until() and self._follow_some():
                pass

    def _follow_some(self) -> bool:
        """Whether there was something to follow. A portion at a time, so that searches need not wait for the whole."""
        with self._index.held():
            self._start_again_if_needed()
            pending = self._articles.pending(_AT_ONCE)
            if pending:
                there = self._articles.embedded(list(pending.values()))
                self._index.forget(sorted(set(pending.values()) - {passage.passage_id for passage in there}))
                self._index.add(there)
                self._articles.note_followed(pending)
        return bool(pending)

    def start_again(self) -> None:
        """Makes the index anew from the articles."""
        with self._index.held():
            self._articles.start_again()
            self._index.start_again()
        self.follow()

    def nearest(self, vector: Vectors, count: int, filters: Filters) -> dict[int, float]:
        """Passage id -> cosine, the nearest first."""
        if filters.is_choice or self._database.is_read_only:
            return self._chosen.nearest(vector, count, filters)
        with self._index.held():
            was_open = self._index.is_open()
            if not self._is_whole() or self._articles.pending(1):
                self.follow()
            try:
                held = -1 if was_open else self._index.count()
                if not was_open and not can_be_whole(self._database, held, self._articles.keeper):
                    self._start_again(f"it has {held:,} passages, another number than the library")
                    self.follow()
                return self._index.nearest(vector, count, filters)
            except LibraryError:  # damaged
                self.follow()
                return self._index.nearest(vector, count, filters)

    def ids(self) -> set[int] | None:
        """Ids of the passages in the vector index as it is; None where it is damaged or not there."""
        with self._index.held():
            return self._index.ids() if self._is_whole() else None

    def damage(self) -> str | None:
        """What is damaged in the files of the vector index, every byte compared; None where nothing is."""
        with self._index.held():
            return self._index.damage() if self._is_kept_here() else None

    def _is_whole(self) -> bool:
        """Whether the vector index is there, undamaged, and the one that was last brought up to date."""
        return self._index.is_whole() and self._is_kept_here()

    def _is_kept_here(self) -> bool:
        return self._articles.facts().get(self._articles.keeper) == self._kept_by

    def _start_again_if_needed(self) -> None:
        """Notes every passage as new where the vector index is damaged, gone, or not the one that was last filled."""
        if not self._is_whole():
            self._start_again(self.damage())

    def _start_again(self, damage: str | None) -> None:
        self._articles.remember({self._articles.keeper: ""})  # first: what others change from here on is noted for it
        self._articles.start_again()
        self._index.start_again()
        self._articles.remember({self._articles.keeper: self._kept_by})
        if damage:
            self._on_mended(f"The vector index was damaged ({damage}); it has been made again from the articles.")
