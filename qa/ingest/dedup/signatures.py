"""MinHash signatures of texts: small enough to keep, and enough to find copies and to say how alike two texts are."""

from __future__ import annotations

import hashlib
import re
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from datasketch import MinHash

Signature: TypeAlias = NDArray[np.uint32]
"""Shape (PERMUTATIONS + NUMERALS,): the MinHash of the text's shingles, then that of the numbers in it."""

SIGNATURE_VERSION = 1
"""Counted up when the same text would get another signature or other band keys."""
PERMUTATIONS = 128
NUMERALS = 32
SHINGLE = 5
"""Words in a shingle."""
CANDIDATE = 0.4
"""Similarity from which two texts are likely to share a band key: copies with half of the text cut off lie near it."""

# A letter of a script without spaces is a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")
_NUMERAL = re.compile(r"\d+(?:[.,]\d+)*")


def signature(text: str) -> Signature:
    """The signature of a text; case and punctuation do not count. A text shorter than one shingle has one of its own.

    A. Broder (1997), "On the resemblance and containment of documents".
    """
    lower = text.lower()
    shingles = _minhash(_shingles(_WORD.findall(lower)), PERMUTATIONS)
    return np.concatenate([shingles, _minhash(_hashes(_NUMERAL.findall(lower)), NUMERALS)])


def similarity(a: Signature, b: Signature) -> float:
    """How many of their shingles two texts share: estimated Jaccard index, 0 to 1, standard error below .05."""
    return np.count_nonzero(a[:PERMUTATIONS] == b[:PERMUTATIONS]) / PERMUTATIONS


def numeral_similarity(a: Signature, b: Signature) -> float:
    """How many of their numbers two texts share, 0 to 1, standard error below .09; 1 where neither has any."""
    return np.count_nonzero(a[PERMUTATIONS:] == b[PERMUTATIONS:]) / NUMERALS


def band_keys(signature: Signature) -> list[int]:
    """One signed 64-bit integer for each band of the signature: texts that share one are candidates to compare."""
    bands, rows = _bands()
    pieces = signature[: bands * rows].astype("<u4").reshape(bands, rows)
    return [_key(bytes([band]) + piece.tobytes()) for band, piece in enumerate(pieces)]


def _key(piece: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(piece, digest_size=8).digest(), "little", signed=True)


@lru_cache(maxsize=1)
def _bands() -> tuple[int, int]:
    """How many bands of how many rows find texts of the similarity CANDIDATE best."""
    from datasketch import MinHashLSH

    # To miss a copy is worse than to compare in vain.
    index = MinHashLSH(threshold=CANDIDATE, num_perm=PERMUTATIONS, weights=(0.2, 0.8))
    return index.b, index.r


def _minhash(hashes: NDArray[np.uint32], permutations: int) -> Signature:
    empty = _empty(permutations)
    minhash = type(empty)(num_perm=permutations, permutations=empty.permutations, scheme=empty.scheme, hashfunc=int)
    minhash.update_batch(hashes.tolist())
    return np.asarray(minhash.hashvalues, dtype=np.uint32)


@lru_cache(maxsize=2)
def _empty(permutations: int) -> MinHash:
    """A MinHash of nothing, whose permutations the others take over: to draw them takes longer than to use them."""
    from datasketch import MinHash

    return MinHash(num_perm=permutations, seed=1, scheme="affine32")


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
