"""The words that the first hits share beyond the question's own: a relevance model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from qa.ask.retrieve.rank.segments import Floats
from qa.store import WordIndex, WordQuery
from qa.types import Hit

FIRST = 5
"""Hits whose words make the model."""
TERMS = 20
"""Words of the model that are looked for."""


def shared_words(index: WordIndex, asked: WordQuery, hits: Sequence[Hit], fused: Floats) -> Floats:
    """The share of the relevance model that each passage contains, 0 to 1, shape (hits,).

    A relevance model (Lavrenko and Croft 2001) over the FIRST hits, each weighted by its fused score, without the
    question's own words, cut to the TERMS words of greatest probability times idf.
    """
    tokens, offsets = index.tokens_of([hit.passage.id for hit in hits])
    asked_for = {token for term in asked.terms for token in term.tokens}
    rows = [np.unique(tokens[a:b], return_counts=True) for a, b in zip(offsets, offsets[1:], strict=False)]
    probability: Counter[int] = Counter()
    for place in np.argsort(-fused, kind="stable")[:FIRST].tolist():
        words, counts = rows[place]
        weights = counts * float(fused[place]) / max(offsets[place + 1] - offsets[place], 1)
        probability.update(dict(zip(words.tolist(), weights.tolist(), strict=True)))
    model = {word: p * index.idf_of(word) for word, p in probability.items() if word >= 0 and word not in asked_for}
    best = sorted(model, key=lambda word: (-model[word], word))[:TERMS]
    weight_of = np.zeros(index.vocabulary_size + 1, np.float32)
    weight_of[best] = [model[word] for word in best]
    total = float(weight_of.sum()) or 1.0
    return np.array([weight_of[words[words >= 0]].sum() / total for words, _ in rows], np.float32)
