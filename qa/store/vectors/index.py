"""The vector index: passages in a Chroma collection of cosine space, wherever Chroma keeps it."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.models.base import Vectors
from qa.store.articles.articles import PassageVector
from qa.types import Filters

if TYPE_CHECKING:
    from chromadb import Collection

AT_ONCE = 500  # Chroma's own limit is 5,461 records; smaller portions keep memory, requests and locks short
# ef_search well above the number of neighbours asked for: at the default, one in twenty of the nearest is missed.
# Articles that are almost alike, as reports of matches are, need many neighbours each: of 150 such, half could not be
# found with 16. One thread takes less of the processor than several do, and leaves the rest to the next articles.
CONFIGURATION: Any = {
    "hnsw": {"space": "cosine", "ef_construction": 200, "max_neighbors": 32, "ef_search": 250, "num_threads": 1}
}
_PAGE = 5_000  # ids that are listed at once
_EQUAL = 8
"""Equal vectors that are added together as they are."""
_NUDGE = 1e-3
"""By how much of its length a further copy is moved, in a direction of its own: its cosine changes by a millionth."""


class VectorIndex(ABC):
    """A Chroma collection, opened when it is first needed. Raises LibraryError where Chroma fails."""

    @abstractmethod
    def held(self) -> AbstractContextManager[None]:
        """Holds the exclusive lock on the index."""

    @abstractmethod
    def is_whole(self) -> bool:
        """True if the index exists and no process died while it wrote; call while it is held."""

    @abstractmethod
    def is_open(self) -> bool:
        """True if the next call finds the index open."""

    def damage(self) -> str | None:
        """What is damaged or missing, in words for the user, or None. Call while it is held."""
        return None

    def note(self) -> None:  # noqa: B027
        """Notes checksums of what was written; does nothing if a server keeps the files."""

    @abstractmethod
    def start_again(self) -> None:
        """Empties the index, whatever state it is in."""

    @abstractmethod
    def close(self) -> None:
        """Frees the memory; the next call opens the index again."""

    @abstractmethod
    def _collection(self, changes: bool = False) -> AbstractContextManager[Collection]:
        """The collection, to be read or to be changed; what Chroma raises inside becomes a LibraryError."""

    def add(self, passages: Sequence[PassageVector]) -> None:
        """Adds passages; known ids are skipped."""
        for start in range(0, len(passages), AT_ONCE):
            some = passages[start : start + AT_ONCE]
            with self._collection(changes=True) as collection:
                collection.add(
                    ids=[str(passage.passage_id) for passage in some],
                    embeddings=_apart(np.stack([passage.vector for passage in some])),
                    metadatas=[_metadata(passage) for passage in some],
                )

    def forget(self, passage_ids: Sequence[int]) -> None:
        """Removes passages; unknown ids are skipped."""
        for start in range(0, len(passage_ids), AT_ONCE):
            with self._collection(changes=True) as collection:
                collection.delete(ids=[str(id_) for id_ in passage_ids[start : start + AT_ONCE]])

    def nearest(self, vector: Vectors, count: int, filters: Filters = Filters()) -> dict[int, float]:
        """The passages nearest to a vector of shape (dimension,): passage id -> cosine similarity, nearest first."""
        with self._collection() as collection:
            found = collection.query(
                query_embeddings=vector.reshape(1, -1),
                n_results=count,
                where=_where(filters),
                include=["distances"],
            )
        distances = (found["distances"] or [[]])[0]
        return {int(id_): 1.0 - distance for id_, distance in zip(found["ids"][0], distances, strict=True)}

    def count(self) -> int:
        """How many passages there are."""
        with self._collection() as collection:
            return collection.count()

    def ids(self) -> set[int]:
        """The ids of all passages; exact, while a nearest-neighbour search may miss some."""
        found: set[int] = set()
        with self._collection() as collection:
            for offset in range(0, collection.count(), _PAGE):
                found |= {int(id_) for id_ in collection.get(include=[], limit=_PAGE, offset=offset)["ids"]}
        return found


def _apart(vectors: Vectors) -> Vectors:
    """The vectors, the ninth and later copies of each moved a little apart from one another.

    HNSW visits every neighbour that is no farther than the nearest: among n equal vectors, each new one visits all.
    """
    _, kinds, counts = np.unique(vectors, axis=0, return_inverse=True, return_counts=True)
    if counts.max() <= _EQUAL:
        return vectors
    moved, random = vectors.copy(), np.random.default_rng(0)
    nowhere = random.standard_normal(vectors.shape[1]) / vectors.shape[1] ** 0.5  # near no text; zeros cannot be moved
    for kind in np.flatnonzero(counts > _EQUAL):
        copies = np.flatnonzero(kinds.ravel() == kind)[_EQUAL:]
        place = vectors[copies[0]] if vectors[copies[0]].any() else nowhere
        steps = random.standard_normal((len(copies), len(place))) / len(place) ** 0.5
        moved[copies] = place + _NUDGE * np.linalg.norm(place) * steps
    return moved


def _metadata(passage: PassageVector) -> dict[str, str | int]:
    return {
        "outlet": (passage.outlet or "").lower(),
        "date": _number(passage.date),
        "date_last": _number(passage.date_last),
    }


def _number(date: dt.date | None) -> int:
    """YYYYMMDD: Chroma compares no strings. 0 where nobody knows."""
    return date.year * 10_000 + date.month * 100 + date.day if date else 0


def _where(filters: Filters) -> Any:
    """Chroma's own words for the filters: one condition stands alone, none is None.

    A date that is known to the month or the year passes where any day of it does. Chosen articles are none of these:
    Chroma fails on long lists, so that the store compares those itself.
    """
    conditions: list[dict[str, Any]] = []
    if filters.date_from:
        conditions.append({"date_last": {"$gte": _number(filters.date_from)}})
    if filters.date_to:
        conditions += [{"date": {"$gt": 0}}, {"date": {"$lte": _number(filters.date_to)}}]
    if filters.dated_until:
        conditions.append({"date": {"$lte": _number(filters.dated_until)}})  # 0, of an undated article, is less
    if filters.outlets:
        conditions.append({"outlet": {"$in": [outlet.lower() for outlet in filters.outlets]}})
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else {"$and": conditions}
