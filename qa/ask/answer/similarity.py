"""How near a question is in meaning to each sentence, by the word vectors of the bundled embedder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qa.models.static import StaticEmbedder, load_bundled

Floats = NDArray[np.float32]


@cache
def word_vectors() -> StaticEmbedder:
    """The embedder that the sentence scorer was fitted with, whichever finds the passages."""
    return load_bundled("news")


@dataclass(frozen=True, slots=True)
class SentenceSimilarity:
    """How near a question is to sentences, by word vectors."""

    nearest: Floats
    """Cosine of each word of the question to the nearest token of a sentence, 0 to 1, shape (sentences, words)."""
    cosine: Floats
    """Of the question's vector and the sentence's, shape (sentences,)."""
    cosine_around: Floats
    """Of the question's vector and that of the sentence with the ones before and after it."""


# BLAS may raise the flag of an invalid value over what lies beside a small matrix in memory; what it returns is right.
@np.errstate(invalid="ignore")
def similarity_of(
    question: str, words: Sequence[str], texts: Sequence[str], passages: Sequence[int]
) -> SentenceSimilarity:
    """Compares `question` and its `words` with sentences; neighbours are those of the same number in `passages`."""
    embedder = word_vectors()
    ids, starts = embedder.tokens(texts)
    nearest = np.zeros((len(texts), len(words)), np.float32)
    if not len(ids):
        return SentenceSimilarity(nearest, np.zeros(len(texts), np.float32), np.zeros(len(texts), np.float32))
    unique, places = np.unique(ids, return_inverse=True)
    vectors = embedder.vectors_of(unique)
    filled = np.flatnonzero(np.diff(starts))
    if len(words):
        directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        near = np.clip(embedder.embed_passages(words) @ directions.T, 0, 1)[:, places]
        nearest[filled] = np.maximum.reduceat(near, starts[filled], axis=1).T
    sums = np.zeros((len(texts), vectors.shape[1]), np.float32)
    sums[filled] = np.add.reduceat(vectors[places], starts[filled], axis=0)
    around = sums.copy()
    beside = (np.diff(np.asarray(passages)) == 0)[:, None]
    around[1:] += np.where(beside, sums[:-1], 0)
    around[:-1] += np.where(beside, sums[1:], 0)
    asked = embedder.embed_query(question)
    return SentenceSimilarity(nearest, _cosine(sums, asked), _cosine(around, asked))


def _cosine(sums: Floats, unit: Floats) -> Floats:
    return np.asarray(sums @ unit / np.maximum(np.linalg.norm(sums, axis=1), 1e-9), np.float32)
