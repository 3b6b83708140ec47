"""The words of an index by number: each segment brings those that no segment before it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from qa.store.words.postings import Ids, starts

_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Words:
    """Words in the order of their numbers, in arrays that can be mapped: no list of them is ever made."""

    letters: NDArray[np.uint8]
    """All of them, one after the other, in UTF-8."""
    places: Ids
    """Word w is `letters[places[w]:places[w + 1]]`."""
    hashes: NDArray[np.uint64]
    """Those of the words, ascending; of ten million words no two have the same in all likelihood."""
    numbers: NDArray[np.int32]
    """The number of the word with each hash."""
    lengths: NDArray[np.uint8]
    """Letters of each word, up to 255."""
    kinds: NDArray[np.uint64]
    """A bit for each kind of letter in a word: words that are near differ in few bits."""

    @classmethod
    def of(cls, words: Sequence[str]) -> Words:
        """The words as arrays."""
        encoded = [_encoded(word) for word in words]
        sizes = np.fromiter(map(len, words), np.int64, len(words))
        bits = np.append(_bits("".join(words)), np.uint64(0))  # so that an empty word may be the last
        return cls(
            np.frombuffer(b"".join(encoded), np.uint8),
            starts(np.fromiter(map(len, encoded), np.int64, len(words))),
            *_sorted(np.fromiter(map(hash_of, words), np.uint64, len(words))),
            np.minimum(sizes, _LONGEST).astype(np.uint8),
            np.bitwise_or.reduceat(bits, starts(sizes)[:-1]) if len(words) else np.zeros(0, np.uint64),
        )

    @classmethod
    def joined(cls, parts: Sequence[Words]) -> Words:
        """The words of several that follow each other."""
        hashes = np.zeros(sum(map(len, parts)), np.uint64)
        for first, part in zip(_firsts(parts), parts, strict=True):
            hashes[first + part.numbers] = part.hashes
        return cls(
            np.concatenate([part.letters for part in parts]),
            starts(np.concatenate([np.diff(part.places) for part in parts])),
            *_sorted(hashes),
            np.concatenate([part.lengths for part in parts]),
            np.concatenate([part.kinds for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, number: int) -> str:
        word = self.letters[self.places[number] : self.places[number + 1]]
        return word.tobytes().decode("utf-8", "surrogatepass")


def hash_of(word: str) -> int:
    """A number of 64 bits that stands for the word."""
    return int.from_bytes(blake2b(_encoded(word), digest_size=8).digest(), "little")


def kinds_of(word: str) -> np.uint64:
    """A bit for each kind of letter in the word; see `Words.kinds`."""
    return np.uint64(np.bitwise_or.reduce(_bits(word)))


class Vocabulary(Mapping[str, int]):
    """The words of all segments; those of the first come first."""

    def __init__(self, parts: Sequence[Words]) -> None:
        self.parts = list(zip(_firsts(parts), parts, strict=True))
        """Each segment's words, and the number of the first of them."""
        self._size = sum(map(len, parts))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        return (part[number] for _, part in self.parts for number in range(len(part)))

    def __getitem__(self, word: str) -> int:
        wanted = np.uint64(hash_of(word))
        for first, part in self.parts:
            place = part.hashes.searchsorted(wanted)
            if place < len(part) and part.hashes[place] == wanted:
                return first + int(part.numbers[place])
        raise KeyError(word)

    def word(self, number: int) -> str:
        """The word with this number."""
        first, part = next((first, part) for first, part in reversed(self.parts) if first <= number)
        return part[number - first]

    def numbered(self, words: Sequence[str]) -> tuple[NDArray[np.int32], list[str]]:
        """Numbers of different words, and those of them that are new: these get the numbers after the last."""
        wanted = np.fromiter(map(hash_of, words), np.uint64, len(words))
        numbers = np.full(len(words), -1, np.int32)
        for first, part in self.parts:
            if len(part):
                places = np.minimum(part.hashes.searchsorted(wanted), len(part) - 1)
                found = part.hashes[places] == wanted
                numbers[found] = first + part.numbers[places[found]]
        new = np.flatnonzero(numbers < 0)
        numbers[new] = self._size + np.arange(len(new))
        return numbers, [words[place] for place in new.tolist()]


def _firsts(parts: Sequence[Words]) -> list[int]:
    return [int(first) for first in starts(np.array(list(map(len, parts)), np.int64))[:-1]]


def _encoded(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")


def _sorted(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    order = np.argsort(hashes, kind="stable")
    return hashes[order], order.astype(np.int32)


def _bits(letters: str) -> NDArray[np.uint64]:
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32)
    return np.left_shift(np.uint64(1), (codes % 64).astype(np.uint64))
