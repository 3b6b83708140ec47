"""Compares word vectors: "lawyer" in the question is near "attorney" in the passage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.ask.retrieve.rank.overlap import Overlap
from qa.ask.retrieve.rank.segments import Floats
from qa.models.static import StaticEmbedder

WINDOW, STRIDE = 40, 20
"""Tokens of a window, about one long sentence, and tokens from the start of one window to the next."""


@dataclass(frozen=True, slots=True)
class PassageSimilarity:
    """Similarity of a question to passages, by word vectors."""

    nearest: Floats
    """Cosine of each word of the question to its nearest token in a passage, shape (passages, words)."""
    best_window: Floats
    """Weighted mean of those cosines within the best window of a passage, shape (passages,)."""
    cosine: Floats
    """Cosine of the question's vector and the passage's, shape (passages,)."""
    window_cosine: Floats
    """Cosine of the question's vector and the nearest window of the passage, shape (passages,)."""


# BLAS may flag an invalid value that lies beside a small matrix in memory; its results are right.
@np.errstate(invalid="ignore")
def similarity_of(
    embedder: StaticEmbedder, question: str, words: Sequence[str], weights: Floats, texts: Sequence[str]
) -> PassageSimilarity:
    """Similarity of `question`, and of its `words` with their `weights`, to the passages `texts`."""
    ids, starts = embedder.tokens(texts)
    if not len(words) or not len(ids):
        count = len(texts)
        nothing = np.zeros(count, np.float32)
        return PassageSimilarity(np.zeros((count, len(words)), np.float32), nothing, nothing, nothing)
    unique, places = np.unique(ids, return_inverse=True)
    vectors = embedder.vectors_of(unique)
    directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    asked = embedder.embed_passages(words)
    near = np.asarray(directions @ asked.T, np.float32)[places]  # (tokens, words): rows of tokens reduce fast

    # Blocks of STRIDE tokens; a window is two neighbouring blocks.
    blocks, owner = _blocks(starts)
    last = _last_of_window(owner)
    block_nearest = np.maximum.reduceat(near, blocks, axis=0)
    share = weights / max(float(weights.sum()), 1e-9)
    window = np.maximum(block_nearest, block_nearest[last]) @ share
    nearest = np.zeros((len(texts), len(words)), np.float32)
    np.maximum.at(nearest, owner, block_nearest)

    sums = np.add.reduceat(vectors[places], blocks, axis=0)
    windows = sums + np.where((last != np.arange(len(last)))[:, None], sums[last], 0)
    totals = np.zeros((len(texts), vectors.shape[1]), np.float32)
    np.add.at(totals, owner, sums)
    query = embedder.embed_query(question)
    return PassageSimilarity(
        nearest,
        _largest(window, owner, len(texts)),
        _cosine(totals, query),
        _largest(_cosine(windows, query), owner, len(texts)),
    )


def _cosine(sums: Floats, query: Floats) -> Floats:
    lengths = np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
    return np.asarray((sums @ query) / lengths, np.float32)


def _blocks(starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each block of up to STRIDE tokens begins, and the passage it belongs to; no block spans two passages."""
    sizes = np.diff(starts)
    counts = -(-sizes // STRIDE)
    owner = np.repeat(np.arange(len(sizes)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return starts[:-1][owner] + within * STRIDE, owner


def _last_of_window(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """The last block of the window that begins with each block: the next one, if it is of the same passage."""
    following = np.minimum(np.arange(len(owner)) + WINDOW // STRIDE - 1, len(owner) - 1)
    return np.where(owner[following] == owner, following, np.arange(len(owner)))


def _largest(values: Floats, owner: NDArray[np.int64], count: int) -> Floats:
    best = np.zeros(count, np.float32)
    np.maximum.at(best, owner, values.astype(np.float32))
    return best


@np.errstate(invalid="ignore")
def similarity_columns(similarity: PassageSimilarity, overlap: Overlap) -> dict[str, Floats]:
    """Name of a feature -> its value for each passage: similarity by word vectors."""
    idf = overlap.idf
    whole = max(float(idf.sum()), 1e-6)
    lacking = np.where(np.maximum(overlap.passages, overlap.titles) > 0, 0, idf)
    return {
        "soft": similarity.nearest @ idf / whole,
        "soft_lacking": (similarity.nearest * lacking).sum(axis=1) / np.maximum(lacking.sum(axis=1), 1e-6),
        "soft_window": similarity.best_window,
        "cosine": similarity.cosine,
        "cosine_window": similarity.window_cosine,
    }
