"""Compares what words mean by their vectors: "lawyer" in the question with "attorney" in the passage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.models.static import StaticEmbedder
from qa.rank.overlap import Overlap
from qa.rank.segments import Floats, Starts

WINDOW, STRIDE = 40, 20
"""Tokens of a stretch of a passage that is looked at as one, and how far apart two begin: a long sentence, half over."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """How near a question is to passages, by word vectors."""

    nearest: Floats
    """Cosine of each word of the question to the nearest token of a passage, shape (passages, words)."""
    best_window: Floats
    """The same within the stretch of a passage that is nearest on the whole, weighted sum 0 to 1, shape (passages,)."""
    similar: Floats
    """How many tokens are near a word, in three rings of nearness: a weighted log sum, shape (passages, 3)."""
    cosine: Floats
    """Of the question's vector and the passage's, shape (passages,)."""
    window_cosine: Floats
    """Of the question's vector and the nearest stretch of the passage, shape (passages,)."""


RINGS = ((0.85, 0.995), (0.65, 0.85), (0.45, 0.65))


def meaning_of(
    embedder: StaticEmbedder, question: str, words: Sequence[str], weights: Floats, texts: Sequence[str]
) -> Meaning:
    """Compares `question`, and its `words` with their `weights`, with passages."""
    ids, starts = embedder.tokens(texts)
    if not len(words) or not len(ids):
        count = len(texts)
        nothing = np.zeros(count, np.float32)
        return Meaning(np.zeros((count, len(words)), np.float32), nothing, np.zeros((count, 3), np.float32), nothing, nothing)
    # A text without any token gets one that is like nothing, so that every passage has a stretch.
    unique, places = np.unique(ids, return_inverse=True)
    vectors = embedder.vectors_of(unique)
    directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    asked = embedder.embed_passages(words)
    near = (asked @ directions.T).astype(np.float32)[:, places]  # (words, tokens)

    share = weights / max(float(weights.sum()), 1e-9)
    first, last, owner = _windows(starts)
    passage_max = np.maximum.reduceat(near, _safe(starts[:-1], len(ids)), axis=1).T
    empty = np.diff(starts) == 0
    passage_max[empty] = 0.0
    # A stretch is two blocks of STRIDE tokens: the largest of either.
    blocks, block_of = _blocks(starts)
    block_max = np.maximum.reduceat(near, blocks, axis=1)
    window_max = np.maximum(block_max[:, first], block_max[:, last])
    window_score = share @ window_max
    sums = np.add.reduceat(vectors[places], blocks, axis=0)
    window_sum = sums[first] + np.where((first != last)[:, None], sums[last], 0)
    query = embedder.embed_query(question)
    window_cos = (window_sum @ query) / np.maximum(np.linalg.norm(window_sum, axis=1), 1e-9)
    total = np.zeros((len(texts), vectors.shape[1]), np.float32)
    np.add.at(total, block_of, sums)
    cosine = (total @ query) / np.maximum(np.linalg.norm(total, axis=1), 1e-9)

    similar = np.zeros((len(texts), len(RINGS)), np.float32)
    for ring, (low, high) in enumerate(RINGS):
        counted = np.add.reduceat(((near >= low) & (near < high)).astype(np.float32), _safe(starts[:-1], len(ids)), axis=1)
        similar[:, ring] = share @ np.log1p(counted)
    similar[empty] = 0.0
    return Meaning(
        passage_max,
        _largest(window_score, owner, len(texts)),
        similar,
        cosine.astype(np.float32),
        _largest(window_cos, owner, len(texts)),
    )


def _safe(starts: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Where segments begin, those of empty ones behind the end moved to the last token; their values are set apart."""
    return np.minimum(starts, count - 1)


def _blocks(starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each block of STRIDE tokens begins, none across two passages, and the passage it belongs to."""
    sizes = np.diff(starts)
    counts = -(-sizes // STRIDE)
    owner = np.repeat(np.arange(len(sizes)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return starts[:-1][owner] + within * STRIDE, owner


def _windows(starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """First and last block of each stretch, and the passage it belongs to; the last of a passage stands alone."""
    _, owner = _blocks(starts)
    first = np.arange(len(owner))
    last = np.minimum(first + WINDOW // STRIDE - 1, len(owner) - 1)
    last = np.where(owner[last] == owner, last, first)
    return first, last, owner


def _largest(values: Floats, owner: NDArray[np.int64], count: int) -> Floats:
    best = np.zeros(count, np.float32)
    np.maximum.at(best, owner, values.astype(np.float32))
    return best


def meaning_columns(meaning: Meaning, overlap: Overlap) -> dict[str, Floats]:
    """What the word vectors say of each passage, by the name of the feature."""
    idf = overlap.idf
    whole = max(float(idf.sum()), 1e-6)
    lacking = np.where(np.maximum(overlap.passages, overlap.titles) > 0, 0, idf)
    return {
        "soft": meaning.nearest @ idf / whole,
        "soft_lacking": (meaning.nearest * lacking).sum(axis=1) / np.maximum(lacking.sum(axis=1), 1e-6),
        "soft_window": meaning.best_window,
        "ring_near": meaning.similar[:, 0],
        "ring_middle": meaning.similar[:, 1],
        "ring_far": meaning.similar[:, 2],
        "cosine": meaning.cosine,
        "cosine_window": meaning.window_cosine,
    }
