"""Orders hits across articles: each story once, and no article fills the first page alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qa.types import Hit

FIRST_PAGE = 10


def one_per_story(hits: Sequence[Hit]) -> list[Hit]:
    """The hits without copies of text that another version of the same story has.

    The version that leads the story stays; if it was not found, the first one that was.
    """
    said_by: dict[str, str] = {}
    for hit in sorted(hits, key=lambda hit: hit.passage.is_copy):
        said_by.setdefault(hit.passage.article.story, hit.passage.article.id)
    return [
        hit for hit in hits if not hit.passage.is_copy or said_by[hit.passage.article.story] == hit.passage.article.id
    ]


def spread(hits: Sequence[Hit], per_article: int) -> list[Hit]:
    """The same hits; those beyond `per_article` of one article are moved behind the first page."""
    seen: Counter[str] = Counter()
    page: list[Hit] = []
    behind: list[Hit] = []
    for hit in hits:
        article = hit.passage.article.id
        if len(page) < FIRST_PAGE and seen[article] < per_article:
            seen[article] += 1
            page.append(hit)
        else:
            behind.append(hit)
    return page + behind


def interleaved(lists: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The hits of several lists, each once: the first of every list, then the second of every list, and so on.

    Each part of a question so has its place among the first hits, however much better another part matches.
    """
    seen: set[int] = set()
    merged: list[Hit] = []
    for place in range(max(map(len, lists), default=0)):
        for hits in lists:
            if place < len(hits) and hits[place].passage.id not in seen:
                seen.add(hits[place].passage.id)
                merged.append(hits[place])
    return merged
