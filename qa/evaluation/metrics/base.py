"""What a metric is: a row with a name, and a pure function of a record and the case it is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from qa.evaluation.sets import Query

Record = Mapping[str, Any]
"""One line of records.jsonl: what `qa ask --json` prints, and `_id`."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question with everything that an answer to it is held against."""

    query: Query
    judgements: Mapping[str, int]
    """Article id -> relevance."""
    texts: Mapping[str, str]
    """Article id -> stored text, at least of the articles that the record cites."""

    @property
    def relevant(self) -> frozenset[str]:
        """Ids of the relevant articles."""
        return frozenset(article for article, relevance in self.judgements.items() if relevance > 0)


Function = Callable[[Record, Case], float | None]
"""Returns None where the metric does not apply to the question; None is left out of every mean."""

Judge = Callable[[str, str], bool]
"""Whether a claim follows from evidence, as an NLI cross-encoder or a language model says."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A row of METRICS."""

    name: str
    title: str
    function: Function
    failure: str | None = None
    """What is wrong with an answer that has the worst value; None where one number says too little to list."""
    worst: float = 0.0
    stage: Literal["finding", "answering"] = "answering"
    """Whether it looks at what was found, or at what was answered."""

    @property
    def less_is_better(self) -> bool:
        """Whether a lower value is a better one."""
        return self.worst > 0

    def failed(self, value: float | None) -> bool:
        """Whether `value` puts the question on the list of failures."""
        return self.failure is not None and value == self.worst
