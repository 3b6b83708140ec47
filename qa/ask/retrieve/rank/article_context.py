"""Article context: features of a passage from the other hits of its article."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qa.ask.retrieve.rank.segments import Floats
from qa.types import Hit


def article_columns(hits: Sequence[Hit], fused: Floats, cover: Floats) -> dict[str, Floats]:
    """For each hit: how many hits its article has, their best scores, and the rank of this hit among them."""
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
