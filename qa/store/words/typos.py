"""Words of the vocabulary that a misspelled word may have meant."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

MOST = 3
"""Words that one typo may stand for."""
_LONG = 8
"""Letters from which on two typos are forgiven."""


class Typos:
    """Finds the nearest words by Damerau-Levenshtein distance; made once for a vocabulary."""

    def __init__(self, vocabulary: Mapping[str, int], document_frequencies: NDArray[np.int64]) -> None:
        """`document_frequencies` are by the number of the word."""
        self._words = list(vocabulary)
        self._frequencies = document_frequencies
        self._sizes = np.fromiter(map(len, self._words), np.int64, len(self._words))
        self._firsts = np.array([word[:1] for word in self._words], "U1")
        # A bit per letter: words that are near differ in few bits, and all words are compared at once.
        codes = _codes("".join(self._words))
        starts = np.cumsum(self._sizes) - self._sizes
        self._letters = np.bitwise_or.reduceat(_bits(codes), starts) if len(codes) else np.zeros(0, np.uint64)

    def nearest(self, word: str) -> list[tuple[str, int]]:
        """At most three words and their distances, nearest first, those with the same first letter before others,
        then the more frequent ones; none for a word of fewer than four letters or with a digit.
        """
        if len(word) < 4 or not word.isalpha():
            return []
        for most in range(1, 3 if len(word) >= _LONG else 2):
            if found := self._within(word, most):
                return found
        return []

    def _within(self, word: str, most: int) -> list[tuple[str, int]]:
        near = (np.abs(self._sizes - len(word)) <= most) & (self._frequencies[: len(self._words)] > 0)
        if most > 1:  # whoever makes two typos has the first letter right
            near &= self._firsts == word[0]
        rows = np.flatnonzero(near)
        rows = rows[np.bitwise_count(self._letters[rows] ^ np.bitwise_or.reduce(_bits(_codes(word)))) <= 2 * most]
        words = [self._words[row] for row in rows]
        distances = process.cdist([word], words, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)[0]
        ranked = sorted(
            (known[0] != word[0], int(distance), -int(self._frequencies[row]), known)
            for row, known, distance in zip(rows, words, distances, strict=True)
            if distance <= most
        )
        return [(known, distance) for _, distance, _, known in ranked[:MOST]]


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _bits(codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
    return np.left_shift(np.uint64(1), (codes % 64).astype(np.uint64))
