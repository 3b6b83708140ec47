"""What the other hits say of a passage: those of its own article, and the words that the first ones share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from qa.ask.retrieve.rank.segments import Floats
from qa.store import WordIndex, WordQuery
from qa.types import Hit

FIRST, TERMS = 5, 20
"""How many hits are asked for their words, and how many of those are looked for."""


def company_columns(hits: Sequence[Hit], fused: Floats, cover: Floats) -> dict[str, Floats]:
    """Of the hit's article: how many hits, the best of them, and the place of this one among them."""
    groups: dict[str, list[int]] = {}
    for place, hit in enumerate(hits):
        groups.setdefault(hit.passage.article.id, []).append(place)
    names = ("of_article", "article_best", "article_cover", "in_article")
    columns = {name: np.zeros(len(hits), np.float32) for name in names}
    for group in groups.values():
        columns["of_article"][group] = len(group)
        columns["article_best"][group] = fused[group].max()
        columns["article_cover"][group] = cover[group].max()
        columns["in_article"][group] = np.argsort(np.argsort(-fused[group], kind="stable"))
    return columns


def shared_words(index: WordIndex, asked: WordQuery, hits: Sequence[Hit], fused: Floats) -> Floats:
    """How much of what the first hits say beyond the question each passage says too, 0 to 1, shape (hits,).

    A relevance model (Lavrenko and Croft 2001) over the FIRST hits, each weighing what it scores, cut to its TERMS
    most telling words.
    """
    tokens, offsets = index.tokens_of([hit.passage.id for hit in hits])
    asked_for = {token for term in asked.terms for token in term.tokens}
    rows = [np.unique(tokens[a:b], return_counts=True) for a, b in zip(offsets, offsets[1:], strict=False)]
    share: Counter[int] = Counter()
    for place in np.argsort(-fused, kind="stable")[:FIRST].tolist():
        words, counts = rows[place]
        weights = counts * float(fused[place]) / max(offsets[place + 1] - offsets[place], 1)
        share.update(dict(zip(words.tolist(), weights.tolist(), strict=True)))
    telling = {word: s * index.idf_of(word) for word, s in share.items() if word >= 0 and word not in asked_for}
    best = sorted(telling, key=lambda word: (-telling[word], word))[:TERMS]
    worth = np.zeros(index.vocabulary_size + 1, np.float32)
    worth[best] = [telling[word] for word in best]
    whole = float(worth.sum()) or 1.0
    return np.array([worth[words[words >= 0]].sum() / whole for words, _ in rows], np.float32)
