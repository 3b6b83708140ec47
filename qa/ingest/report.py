"""What an ingest tells while it runs and when it is done."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from qa.ingest.read import Failure
from qa.store import KnownSource

T = TypeVar("T")
Outcome = Literal["added", "updated", "unchanged", "duplicate"]
_EVERY = 64  # articles read between two steps of the progress bar


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest has come."""

    done: int
    """Articles that are in, where one that was read and is not in yet counts half."""
    total: int
    """Articles known to be there; a file that turns out to hold fewer lowers it."""
    name: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of every article that was incoming. All but the failures are ids."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    """Ids of the articles in the library that others were exact copies of, or older versions of the same page."""
    removed: tuple[str, ...] = ()
    """Articles whose file, or whose place in it, is gone."""
    failures: tuple[Failure, ...] = ()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    """What became of each article by where it came from: a path or address, and where that holds many, a key in it."""
    passages: int = 0
    """Written in this run."""
    seconds: float = 0.0
    stages: Mapping[str, float] = field(default_factory=dict)
    """Seconds by stage; of those that workers do, of all workers together."""

    @property
    def failed_entirely(self) -> bool:
        """Whether nothing that was offered could be read."""
        fine = self.added or self.updated or self.unchanged or self.duplicates or self.removed
        return bool(self.failures) and not fine


class Tally:
    """Counts what an ingest does, and tells how far it has come."""

    def __init__(self, on_progress: Callable[[Progress], None] | None) -> None:
        self._on_progress = on_progress
        self._outcomes: dict[str, tuple[Outcome, str]] = {}
        self._added: set[str] = set()
        self._failures: dict[Failure, None] = {}
        self._stages: dict[str, float] = {}
        self.removed: list[str] = []
        self.read = self.stored = self.total = self.passages = 0

    # --- outcomes -----------------------------------------------------------------------------------------------------

    def became(self, source: str, outcome: Outcome, article_id: str) -> None:
        """Notes what became of an offer; an article that was added in this run stays so, whatever is read again."""
        if outcome == "updated" and article_id in self._added:
            outcome = "added"
        if outcome == "added":
            self._added.add(article_id)
        self._outcomes[source] = (outcome, article_id)

    def gives_way(self, source: str, article_id: str) -> None:
        """Notes that an article is read from another source now, if this one was offered in this run."""
        if source in self._outcomes:
            self._outcomes[source] = ("duplicate", article_id)

    def is_unchanged(self, known: KnownSource) -> None:
        """Notes an offer that has not changed; what was told of it before in this run stands."""
        outcome: Outcome = "unchanged" if known.role == "article" else "duplicate"
        self._outcomes.setdefault(known.source, (outcome, known.article_id))

    def takes_back(self, source: str) -> None:
        """Forgets what became of an offer, which is about to become something else."""
        self._outcomes.pop(source, None)

    def has_seen(self, source: str) -> bool:
        """Whether something became of this offer in this run."""
        return source in self._outcomes

    def fail(self, failure: Failure) -> None:
        """Notes a failure; the same one is told once."""
        self._failures[failure] = None

    # --- progress -----------------------------------------------------------------------------------------------------

    def count_read(self, name: str) -> None:
        """Counts an article that was read."""
        self.read += 1
        if self.read % _EVERY == 0:
            self.tell(name)

    def tell(self, name: str) -> None:
        """Says how far it has come."""
        if self._on_progress:
            done = (self.read + self.stored) // 2
            self._on_progress(Progress(done, max(self.total, done), name))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts the time that is spent inside."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._stages[name] = self._stages.get(name, 0.0) + time.perf_counter() - began

    def timed(self, name: str, items: Iterator[T]) -> Iterator[T]:
        """The items; the time that it takes to come by them counts as a stage."""
        while True:
            with self.stage(name):
                item = next(items, None)
            if item is None:
                return
            yield item

    def add_seconds(self, stages: Mapping[str, float]) -> None:
        """Adds what others have spent, by stage."""
        for name, seconds in stages.items():
            self._stages[name] = self._stages.get(name, 0.0) + seconds

    def report(self) -> IngestReport:
        """All of it."""
        self.read = self.stored = self.total
        self.tell("")
        ids: dict[str, list[str]] = defaultdict(list)
        for outcome, id_ in self._outcomes.values():
            ids[outcome].append(id_)
        return IngestReport(
            added=tuple(ids["added"]),
            updated=tuple(ids["updated"]),
            unchanged=tuple(ids["unchanged"]),
            duplicates=tuple(ids["duplicate"]),
            removed=tuple(self.removed),
            failures=tuple(self._failures),
            outcomes={source: outcome for source, (outcome, _) in self._outcomes.items()},
            passages=self.passages,
            stages=dict(self._stages),
        )
