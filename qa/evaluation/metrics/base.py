"""A metric: a row with a name, and a pure function of a record and its case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from qa.evaluation.sets import Query

Record = Mapping[str, Any]
"""One line of records.jsonl: what `qa ask --json` prints, and `_id`."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question with everything that its answer is compared with."""

    query: Query
    judgements: Mapping[str, int]
    """Article id -> relevance."""
    texts: Mapping[str, str]
    """Article id -> stored text, at least for the articles that the record cites."""

    @property
    def relevant(self) -> frozenset[str]:
        """Ids of the relevant articles."""
        return frozenset(article for article, relevance in self.judgements.items() if relevance > 0)


Function = Callable[[Record, Case], float | None]
"""Returns None if the metric does not apply to the question; means leave None out."""

Judge = Callable[[str, str], bool]
"""Returns true when a claim follows from evidence, according to an NLI cross-encoder or a language model."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A row of METRICS."""

    name: str
    title: str
    function: Function
    failure: str | None = None
    """What is wrong with an answer that has the worst value; None if such answers are not listed."""
    worst: float = 0.0
    stage: Literal["finding", "answering"] = "answering"
    """Whether it measures the passages found or the answer."""

    @property
    def less_is_better(self) -> bool:
        """True when lower values are better."""
        return self.worst > 0

    def failed(self, value: float | None) -> bool:
        """True when `value` puts the question on the list of failures."""
        return self.failure is not None and value == self.worst
