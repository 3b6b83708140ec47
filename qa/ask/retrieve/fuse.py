"""Fuses the scores of words, vectors and days into one: a convex combination of min-max normalised scores.

Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023): it needs one weight and few examples
to set it, and it beats reciprocal rank fusion, most of all where one arm is weak.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qa.store import Candidate, Nearness, days_of
from qa.types import Hit


def fuse(candidates: Sequence[Candidate], words_weight: float, nearness: Nearness | None = None) -> list[Hit]:
    """The candidates as hits, best first: score = w * words + (1 - w) * vectors, each 0 to 1, + nearness in days.

    BM25 is divided by the best one (its least is 0). The cosine is min-max normalised over the candidates; a passage
    that the vectors did not find counts as the least. With `nearness` the days count in the order of the hits, but
    `Hit.score` is the sum without them.
    """
    most = max((candidate.bm25 for candidate in candidates), default=0.0)
    cosines = [candidate.cosine for candidate in candidates if candidate.cosine is not None]
    low, high = min(cosines, default=0.0), max(cosines, default=0.0)
    hits = []
    for candidate in candidates:
        words = candidate.bm25 / most if most > 0 else 0.0
        vectors = (candidate.cosine - low) / (high - low) if candidate.cosine is not None and high > low else 0.0
        score = words_weight * words + (1 - words_weight) * vectors
        hits.append(Hit(candidate.passage, score, candidate.bm25, candidate.cosine, words, vectors))
    near = nearness(days_of(hit.passage.article for hit in hits)) if nearness else np.zeros(len(hits))
    order = sorted(range(len(hits)), key=lambda i: (-hits[i].score - near[i], hits[i].passage.id))
    return [hits[i] for i in order]
