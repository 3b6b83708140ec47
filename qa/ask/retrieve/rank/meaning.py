"""Compares what words mean by their vectors: "lawyer" in the question with "attorney" in the passage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.ask.retrieve.rank.overlap import Overlap
from qa.ask.retrieve.rank.segments import Floats
from qa.models.static import StaticEmbedder

WINDOW, STRIDE = 40, 20
"""Tokens of a stretch of a passage that is looked at as one, about a long sentence, and how far apart two begin."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """How near a question is to passages, by word vectors."""

    nearest: Floats
    """Cosine of each word of the question to the nearest token of a passage, shape (passages, words)."""
    best_window: Floats
    """The same within the stretch of a passage that is nearest on the whole, weighted sum 0 to 1, shape (passages,)."""
    cosine: Floats
    """Of the question's vector and the passage's, shape (passages,)."""
    window_cosine: Floats
    """Of the question's vector and the nearest stretch of the passage, shape (passages,)."""


# BLAS may raise the flag of an invalid value over what lies beside a small matrix in memory; what it returns is right.
@np.errstate(invalid="ignore")
def meaning_of(
    embedder: StaticEmbedder, question: str, words: Sequence[str], weights: Floats, texts: Sequence[str]
) -> Meaning:
    """Compares `question`, and its `words` with their `weights`, with passages."""
    ids, starts = embedder.tokens(texts)
    if not len(words) or not len(ids):
        count = len(texts)
        nothing = np.zeros(count, np.float32)
        return Meaning(np.zeros((count, len(words)), np.float32), nothing, nothing, nothing)
    unique, places = np.unique(ids, return_inverse=True)
    vectors = embedder.vectors_of(unique)
    directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    asked = embedder.embed_passages(words)
    near = np.asarray(directions @ asked.T, np.float32)[places]  # (tokens, words): a row a token is quick to reduce

    # Blocks of STRIDE tokens; a stretch is two of them, one after the other.
    blocks, owner = _blocks(starts)
    last = _last_of_stretch(owner)
    block_nearest = np.maximum.reduceat(near, blocks, axis=0)
    share = weights / max(float(weights.sum()), 1e-9)
    window = np.maximum(block_nearest, block_nearest[last]) @ share
    nearest = np.zeros((len(texts), len(words)), np.float32)
    np.maximum.at(nearest, owner, block_nearest)

    sums = np.add.reduceat(vectors[places], blocks, axis=0)
    stretches = sums + np.where((last != np.arange(len(last)))[:, None], sums[last], 0)
    totals = np.zeros((len(texts), vectors.shape[1]), np.float32)
    np.add.at(totals, owner, sums)
    query = embedder.embed_query(question)
    return Meaning(
        nearest,
        _largest(window, owner, len(texts)),
        _cosine(totals, query),
        _largest(_cosine(stretches, query), owner, len(texts)),
    )


def _cosine(sums: Floats, query: Floats) -> Floats:
    lengths = np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
    return np.asarray((sums @ query) / lengths, np.float32)


def _blocks(starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each block of STRIDE tokens begins, none across two passages, and the passage it belongs to."""
    sizes = np.diff(starts)
    counts = -(-sizes // STRIDE)
    owner = np.repeat(np.arange(len(sizes)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return starts[:-1][owner] + within * STRIDE, owner


def _last_of_stretch(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """The last block of the stretch that begins with each block: the next one, where that is of the same passage."""
    following = np.minimum(np.arange(len(owner)) + WINDOW // STRIDE - 1, len(owner) - 1)
    return np.where(owner[following] == owner, following, np.arange(len(owner)))


def _largest(values: Floats, owner: NDArray[np.int64], count: int) -> Floats:
    best = np.zeros(count, np.float32)
    np.maximum.at(best, owner, values.astype(np.float32))
    return best


@np.errstate(invalid="ignore")
def meaning_columns(meaning: Meaning, overlap: Overlap) -> dict[str, Floats]:
    """What the word vectors say of each passage, by the name of the feature."""
    idf = overlap.idf
    whole = max(float(idf.sum()), 1e-6)
    lacking = np.where(np.maximum(overlap.passages, overlap.titles) > 0, 0, idf)
    return {
        "soft": meaning.nearest @ idf / whole,
        "soft_lacking": (meaning.nearest * lacking).sum(axis=1) / np.maximum(lacking.sum(axis=1), 1e-6),
        "soft_window": meaning.best_window,
        "cosine": meaning.cosine,
        "cosine_window": meaning.window_cosine,
    }
