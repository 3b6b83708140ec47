"""One search with all that it came to, kept for whoever asks how an answer came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qa.types import Hit, Search


@dataclass(frozen=True, slots=True)
class SearchPass:
    """One search with all that it came to."""

    text: str
    first: Sequence[Hit] = ()
    """What words, vectors and days brought, as they were fused."""
    second: Sequence[Hit] = ()
    """The same of the second search."""
    best: float | None = None
    """Score of the best passage before the second search."""
    is_second_made: bool = False
    orders: Mapping[str, Sequence[Hit]] = field(default_factory=dict)
    """Name -> the hits as that ordered and scored them, best first: "ranker", "reranker". The last one counts."""
    nearness: Mapping[int, float] = field(default_factory=dict)
    """Id of a passage -> nearness of its day to the time asked about, 0 to 1; empty where there is none."""

    @property
    def search(self) -> Search:
        """The search in numbers."""
        known = {hit.passage.id for hit in self.first}
        added = sum(hit.passage.id not in known for hit in self.second) if self.is_second_made else None
        return Search(self.text, len(self.first), self.best, added)

    @property
    def final(self) -> Sequence[Hit]:
        """The hits as the last order left them."""
        return list(self.orders.values())[-1] if self.orders else self.first
