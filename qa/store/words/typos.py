"""Words of the vocabulary that a misspelled word may have meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from qa.store.words.vocabulary import Vocabulary, Words, kinds_of

MOST = 3
"""Words that one typo may stand for."""
_LONG = 8
"""Letters from which on two typos are forgiven."""
_MIDDLE = 6
"""The same where what stands beside the word tells which one is meant; from here on the first letter may be wrong."""


class Typos:
    """Finds the nearest words by Damerau-Levenshtein distance."""

    def __init__(self, vocabulary: Vocabulary, document_frequency: Callable[[int], int]) -> None:
        """`document_frequency` takes the number of a word."""
        self._vocabulary, self._df = vocabulary, document_frequency

    def nearest(self, word: str) -> list[tuple[str, int]]:
        """At most three words and their distances, nearest first, those with the same first letter before others,
        then the more frequent ones; none for a word of fewer than four letters or with a digit.
        """
        if not _may_be_wrong(word):
            return []
        for most in range(1, 3 if len(word) >= _LONG else 2):
            if found := self._within(word, most):
                return found[:MOST]
        return []

    def near(self, word: str) -> list[str]:
        """Every other word within two letters, within one of a short word, in the same order."""
        found = self._within(word, 2 if len(word) >= _MIDDLE else 1) if _may_be_wrong(word) else []
        return [known for known, distance in found if distance]

    def _within(self, word: str, most: int) -> list[tuple[str, int]]:
        near = {part[n]: first + n for first, part in self._vocabulary.parts for n in _similar(part, word, most)}
        distances = process.cdist([word], list(near), scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)[0]
        ranked = sorted(
            (known[0] != word[0], int(distance), -frequency, known)
            for (known, number), distance in zip(near.items(), distances, strict=True)
            # Whoever makes two typos, or one in a short word, has the first letter right: "song" is not "long".
            if distance <= most
            and (known[0] == word[0] or (most == 1 and len(word) >= _MIDDLE))
            and (frequency := self._df(number))
        )
        return [(known, distance) for _, distance, _, known in ranked]


def _may_be_wrong(word: str) -> bool:
    return len(word) >= 4 and word.isalpha()


def _similar(words: Words, word: str, most: int) -> Iterator[int]:
    """Numbers of the words that may be so near, all compared at once by length and kinds of letters."""
    size = min(len(word), 255)
    numbers = np.flatnonzero((words.lengths >= max(size - most, 1)) & (words.lengths <= min(size + most, 255)))
    if most > 1:
        numbers = numbers[words.letters[words.places[numbers]] == word.encode("utf-8", "surrogatepass")[0]]
    different = np.bitwise_count(words.kinds[numbers] ^ kinds_of(word))
    yield from numbers[different <= 2 * most].tolist()
