"""One search with its hits at every stage, for the trace of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qa.types import Hit, Search


@dataclass(frozen=True, slots=True)
class SearchPass:
    """One search with its hits at every stage."""

    text: str
    first: Sequence[Hit] = ()
    """The fused hits of words, vectors and days."""
    second: Sequence[Hit] = ()
    """The same for the second search."""
    best: float | None = None
    """Score of the best passage before the second search."""
    is_second_made: bool = False
    orders: Mapping[str, Sequence[Hit]] = field(default_factory=dict)
    """Name -> the hits as that ordered and scored them, best first: "ranker", "reranker". The last one counts."""
    nearness: Mapping[int, float] = field(default_factory=dict)
    """Id of a passage -> nearness of its day to the time asked about, 0 to 1; empty if the question names no time."""

    @property
    def search(self) -> Search:
        """The search in numbers."""
        known = {hit.passage.id for hit in self.first}
        added = sum(hit.passage.id not in known for hit in self.second) if self.is_second_made else None
        return Search(self.text, len(self.first), self.best, added)

    @property
    def final(self) -> Sequence[Hit]:
        """The hits in their last order."""
        return list(self.orders.values())[-1] if self.orders else self.first
