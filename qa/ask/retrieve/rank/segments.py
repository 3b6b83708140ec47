"""Sums and maxima over segments of an array, such as the sentences of each passage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Starts = NDArray[np.int64]
"""Where each segment begins, and where the last one ends: shape (segments + 1,)."""


def owners(starts: Starts) -> NDArray[np.int64]:
    """The number of the segment that each element belongs to."""
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def largest(values: Floats, starts: Starts) -> Floats:
    """The largest value of each segment, shape (elements, ...) -> (segments, ...). No segment may be empty."""
    return np.asarray(np.maximum.reduceat(values, starts[:-1], axis=0), np.float32)


def total(values: Floats, starts: Starts) -> Floats:
    """The sum of each segment. No segment may be empty."""
    return np.asarray(np.add.reduceat(values, starts[:-1], axis=0), np.float32)


def first_largest(values: Floats, starts: Starts) -> NDArray[np.int64]:
    """Place of the first largest value of each segment."""
    order = np.lexsort((np.arange(len(values)), -values, owners(starts)))
    return np.asarray(order[starts[:-1]])


def second_largest(values: Floats, starts: Starts) -> Floats:
    """The second largest value of each segment; 0 for a segment of one element."""
    order = np.lexsort((-values, owners(starts)))
    places = np.minimum(starts[:-1] + 1, len(values) - 1)
    return np.where(np.diff(starts) > 1, values[order[places]], 0.0).astype(np.float32)


def ranks(values: Floats) -> Floats:
    """The rank of each value, 0 for the largest; equal values keep their order."""
    places = np.empty(len(values), np.float32)
    places[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return places
