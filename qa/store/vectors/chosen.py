"""The nearest passages of chosen articles, all of them compared: the vector index takes no long list of ids."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from qa.models.base import Vectors
from qa.store.articles.articles import Articles
from qa.types import Filters


class ChosenVectors:
    """The vectors of the articles that pass some filters, kept for the next search with the same."""

    def __init__(self, articles: Articles) -> None:
        self._articles = articles
        self._lock = threading.Lock()
        self._kept: tuple[tuple[int, Filters, list[int]], NDArray[np.int64], Vectors] | None = None
        """Passages of the articles that were chosen last, and their vectors of length 1."""

    def nearest(self, vector: Vectors, count: int, filters: Filters) -> dict[int, float]:
        """Passage id -> cosine, the nearest first."""
        ids, vectors = self._passing(filters, len(vector))
        cosines = vectors @ (vector / max(float(np.linalg.norm(vector)), 1e-9))
        nearest = np.argsort(-cosines, kind="stable")[:count]
        return {int(ids[place]): float(cosines[place]) for place in nearest}

    def _passing(self, filters: Filters, dimension: int) -> tuple[NDArray[np.int64], Vectors]:
        with self._lock:
            # What is in a collection changes without a change of the articles.
            held = self._articles.passage_ids(filters) if filters.collection else []
            key = (self._articles.generation(), filters, held)
            if self._kept is None or self._kept[0] != key:
                there = self._articles.embedded(held or self._articles.passage_ids(filters))
                vectors = np.stack([each.vector for each in there]) if there else np.zeros((0, dimension), np.float32)
                ids = np.array([each.passage_id for each in there], np.int64)
                self._kept = key, ids, vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
            return self._kept[1:]
