"""MinHash signatures of texts: small enough to keep, and enough to find copies and to say how alike two texts are."""

from __future__ import annotations

import hashlib
import re
import zlib
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qa.language.text import SHINGLE_WORD

Signature: TypeAlias = NDArray[np.uint32]
"""Shape (PERMUTATIONS + NUMERALS,): the MinHash of the text's shingles, then that of the numbers in it."""

SIGNATURE_VERSION = 1
"""Counted up when the same text would get another signature or other band keys."""
PERMUTATIONS = 128
NUMERALS = 32
SHINGLE = 5
"""Words in a shingle."""
_AT_ONCE = 20_000  # hashes that are permuted together: 10 MB
BANDS, ROWS = 31, 3
"""The bands of a signature. Two texts of similarity s share one with probability 1 - (1 - s^3)^31: .87 at .4.

Copies with half of the text cut off lie near .4; to miss a copy is worse than to compare in vain.
"""

_NUMERAL = re.compile(r"\d+(?:[.,]\d+)*")


def signature(text: str) -> Signature:
    """The signature of a text; case and punctuation do not count. A text shorter than one shingle has one of its own.

    A. Broder (1997), "On the resemblance and containment of documents".
    """
    lower = text.lower()
    shingles = _minhash(_shingles(SHINGLE_WORD.findall(lower)), PERMUTATIONS)
    return np.concatenate([shingles, _minhash(_hashes(_NUMERAL.findall(lower)), NUMERALS)])


def similarity(a: Signature, b: Signature) -> float:
    """How many of their shingles two texts share: estimated Jaccard index, 0 to 1, standard error below .05."""
    return np.count_nonzero(a[:PERMUTATIONS] == b[:PERMUTATIONS]) / PERMUTATIONS


def numeral_similarity(a: Signature, b: Signature) -> float:
    """How many of their numbers two texts share, 0 to 1, standard error below .09; 1 where neither has any."""
    return np.count_nonzero(a[PERMUTATIONS:] == b[PERMUTATIONS:]) / NUMERALS


def band_keys(signature: Signature) -> list[int]:
    """One signed 64-bit integer for each band of the signature: texts that share one are candidates to compare."""
    pieces = signature[: BANDS * ROWS].astype("<u4").reshape(BANDS, ROWS)
    return [_key(bytes([band]) + piece.tobytes()) for band, piece in enumerate(pieces)]


def _key(piece: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(piece, digest_size=8).digest(), "little", signed=True)


def _minhash(hashes: NDArray[np.uint32], permutations: int) -> Signature:
    """The least value of each permutation a * h + b modulo 2^32 over the hashes; 2^32 - 1 where there are none."""
    factors, shifts = _permutations(permutations)
    least = np.full(permutations, 0xFFFFFFFF, np.uint32)
    for start in range(0, len(hashes), _AT_ONCE):
        mixed = _mixed(hashes[start : start + _AT_ONCE])
        least = np.minimum(least, (mixed[:, None] * factors + shifts).min(axis=0))
    return least


@lru_cache(maxsize=2)
def _permutations(count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Odd factors, which make each a bijection, and shifts; the same in every process and on every machine."""
    random = np.random.RandomState(1)
    factors = random.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, random.randint(0, 1 << 32, count, dtype=np.uint32)


def _mixed(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The finalizer of MurmurHash3: hashes that are near each other lie far apart after it."""
    hashes = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    hashes = (hashes ^ (hashes >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return hashes ^ (hashes >> np.uint32(16))


def _hashes(words: list[str]) -> NDArray[np.uint32]:
    """A hash of each word that is the same in every process."""
    return np.fromiter(map(_hash, words), dtype=np.uint32, count=len(words))


@lru_cache(maxsize=200_000)
def _hash(word: str) -> int:
    return zlib.crc32(word.encode())


def _shingles(words: list[str]) -> NDArray[np.uint32]:
    """A hash of each run of SHINGLE words; of all words where there are fewer."""
    hashes = _hashes(words).astype(np.uint64)
    width = min(SHINGLE, len(hashes))
    rolled = np.zeros(len(hashes) - width + 1 if width else 0, dtype=np.uint64)
    for shift in range(width):
        # 2^64 divided by the golden ratio, as in Knuth's multiplicative hashing; the arithmetic is modulo 2^64.
        rolled = rolled * np.uint64(0x9E3779B97F4A7C15) + hashes[shift : shift + len(rolled)]
    mixed = (rolled ^ (rolled >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(32)
    return mixed.astype(np.uint32)
