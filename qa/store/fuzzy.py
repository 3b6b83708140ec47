"""Words of the vocabulary that a misspelled word may have meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

MOST = 3
"""Words that one slip may mean."""
_LONG = 8
"""Letters from which on two slips are forgiven."""


class Slips:
    """Finds the nearest words by Damerau-Levenshtein distance; made once for a vocabulary."""

    def __init__(self, vocabulary: Mapping[str, int], holding: NDArray[np.int64]) -> None:
        """`holding` says, by number of the word, how many passages hold it."""
        self._words = list(vocabulary)
        self._holding = holding
        codes = np.frombuffer("".join(self._words).encode("utf-32-le", "surrogatepass"), np.uint32)
        self._codes = codes
        self._sizes = np.fromiter(map(len, self._words), np.int64, len(self._words))
        self._starts = np.concatenate([[0], np.cumsum(self._sizes)])
        # A bit a letter: of words that are near, few bits differ, and that is told of all words at once.
        bits = np.left_shift(np.uint64(1), (codes % 64).astype(np.uint64))
        self._letters = np.bitwise_or.reduceat(bits, self._starts[:-1]) if len(bits) else np.zeros(0, np.uint64)
        self._firsts = codes[self._starts[:-1]] if len(bits) else np.zeros(0, np.uint32)

    def nearest(self, word: str) -> list[tuple[str, int]]:
        """At most three words and their distances, nearest first, those with the same first letter before others,
        then the more frequent ones; none for a word of fewer than four letters or with a digit.
        """
        if len(word) < 4 or not word.isalpha() or not len(self._letters):
            return []
        for most in range(1, 3 if len(word) >= _LONG else 2):
            if found := self._within(word, most):
                return found
        return []

    def _within(self, word: str, most: int) -> list[tuple[str, int]]:
        codes = np.frombuffer(word.encode("utf-32-le", "surrogatepass"), np.uint32)
        letters = np.bitwise_or.reduce(np.left_shift(np.uint64(1), (codes % 64).astype(np.uint64)))
        near = np.abs(self._sizes - len(word)) <= most
        near &= self._holding[: len(near)] > 0
        if most > 1:  # whoever makes two slips has the first letter right
            near &= self._firsts == codes[0]
        rows = np.flatnonzero(near)
        rows = rows[np.bitwise_count(self._letters[rows] ^ letters) <= 2 * most]
        if not len(rows):
            return []
        distances = self._distances(codes, rows, most)
        rows, distances = rows[distances <= most], distances[distances <= most]
        ranked = sorted(
            (self._firsts[row] != codes[0], distance, -int(self._holding[row]), self._words[row])
            for row, distance in zip(rows.tolist(), distances.tolist(), strict=True)
        )
        return [(known, int(distance)) for _, distance, _, known in ranked[:MOST]]

    def _distances(
        self, word: Sequence[int] | NDArray[np.uint32], rows: NDArray[np.intp], most: int
    ) -> NDArray[np.int8]:
        """The distance of the word to each of the others; neighbours that changed places are one slip."""
        sizes = self._sizes[rows]
        longest = int(sizes.max())
        columns = np.minimum(self._starts[rows][:, None] + np.arange(longest), len(self._codes) - 1)
        others = np.where(np.arange(longest) < sizes[:, None], self._codes[columns], 0)
        before = np.zeros((longest + 1, len(rows)), np.int8)
        above = np.repeat(np.arange(longest + 1, dtype=np.int8)[:, None], len(rows), axis=1)
        for i, letter in enumerate(word, start=1):
            here = np.empty_like(above)
            here[0] = i
            for j in range(1, longest + 1):
                same = others[:, j - 1] == letter
                here[j] = np.minimum(np.minimum(above[j], here[j - 1]) + 1, above[j - 1] + ~same)
                if i > 1 and j > 1:
                    swapped = _swapped(word, others, i, j)
                    here[j] = np.where(swapped, np.minimum(here[j], before[j - 2] + 1), here[j])
            before, above = above, here
        return np.asarray(above[sizes, np.arange(len(rows))], np.int8)


def _swapped(word: Sequence[int] | NDArray[np.uint32], others: NDArray[np.uint32], i: int, j: int) -> NDArray[np.bool_]:
    """Of each of the others, whether its letters j - 1 and j are the word's letters i and i - 1."""
    return np.asarray((others[:, j - 2] == word[i - 1]) & (others[:, j - 1] == word[i - 2]))
