"""Boosted decision trees in numpy: what the weights that training/quote.py fits are applied with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.errors import ModelError

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Trees:
    """A sum of trees over a logistic link. Arrays have the shape (trees, nodes); unused nodes are leaves of value 0."""

    base: float
    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: NDArray[np.float32]
    depth: int

    def logits(self, rows: Matrix) -> NDArray[np.float64]:
        """Log-odds of each row of `rows`, shape (rows, features) -> (rows,). A value up to the threshold goes left."""
        # One flat array each: to take from it by number is several times as fast as by row and column.
        trees = np.arange(len(self.feature))[:, None] * self.feature.shape[1]
        columns = np.arange(len(rows))[None, :] * rows.shape[1]
        values, place = np.ascontiguousarray(rows).ravel(), trees + np.zeros_like(columns)
        for _ in range(self.depth):
            goes_left = values.take(columns + self.feature.take(place)) <= self.threshold.take(place)
            place = trees + np.where(goes_left, self.left.take(place), self.right.take(place))
        return np.asarray(self.base + self.value.take(place).sum(axis=0, dtype=np.float64))


def load_trees(data: Mapping[str, Any], columns: Sequence[int] | None = None) -> Trees:
    """Trees from their JSON form: `base`, `depth`, and lists of nodes per tree; a leaf points at itself.

    `columns` has the column of the rows for each feature of the file; without it they stand in the file's order.
    """
    feature = _padded(data["feature"]).astype(np.int16)
    return Trees(
        base=float(data["base"]),
        feature=feature if columns is None else np.array(columns, np.int16)[feature],
        threshold=_padded(data["threshold"]).astype(np.float32),
        left=_padded(data["left"]).astype(np.int16),
        right=_padded(data["right"]).astype(np.int16),
        value=_padded(data["value"]).astype(np.float32),
        depth=int(data["depth"]),
    )


def columns_of(fitted: Sequence[str], computed: Sequence[str], source: str) -> list[int]:
    """The place of each feature that trees were fitted on among those computed. Raises ModelError where one is not."""
    places = {name: place for place, name in enumerate(computed)}
    if missing := [name for name in fitted if name not in places]:
        raise ModelError(f"{source} was fitted on features that are not computed: {', '.join(missing)}. Fit it again.")
    return [places[name] for name in fitted]


def _padded(lists: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    array = np.zeros((len(lists), max(map(len, lists))))
    for row, values in zip(array, lists, strict=True):
        row[: len(values)] = values
    return array


def probability(logit: float) -> float:
    """The logistic function, 0 to 1."""
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))
