"""Which lines of an article are the rows of a table, and which one is its head."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from qa.types import Article

_CELLS = " | "
"""Between the cells of a row, as an article's text has them."""


@lru_cache(maxsize=64)
def table_heads(article: Article) -> Mapping[int, tuple[int, int]]:
    """Where each row of a table begins, its first row aside -> where that first row, the head, begins and ends."""
    heads: dict[int, tuple[int, int]] = {}
    at, cells, head = 0, 0, (0, 0)
    for line in article.text.split("\n"):
        if line.strip():
            before, cells = cells, line.count(_CELLS)
            if cells and cells == before:
                heads[at] = head
            else:
                head = (at, at + len(line))
        at += len(line) + 1
    return heads
