"""The steps of articles, done here; and what all have in common who do them elsewhere."""

from __future__ import annotations

import signal
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from types import TracebackType
from typing import Any, Literal

from qa.errors import ModelError
from qa.ingest.read import Failure, Record
from qa.ingest.steps import FoundArticle, Steps
from qa.models import EMBEDDERS, Embedder
from qa.runtime import bound_seconds, seconds_for
from qa.settings import SECRETS, Settings

Step = Literal["lines", "build", "embed"]
"""A method of Steps."""
_TOGETHER: dict[Step, int] = {"lines": 64, "build": 16, "embed": 1}
"""Items that go to a worker at once: some tens of milliseconds of work."""
_AHEAD = 3
"""How many times that a worker has before it, so that it need not wait for the writer."""
_WORTH = 48
"""Articles from which on workers are started, which takes each a second."""


class Workers:
    """Does the steps in this process. A context manager; those who do them elsewhere end with it."""

    reading = 1
    """Processes of this machine that read files."""

    def __init__(self, settings: Settings, embedder: Embedder) -> None:
        self.steps = Steps(settings, embedder)

    def map(self, step: Step, items: Iterable[Any], name_of: Callable[[Any], str] = str) -> Iterator[Any]:
        """What the step gives for each item, in order. `name_of` names an item that cannot be done.

        Raises what the step raises.
        """
        return map(getattr(self.steps, step), items)

    @property
    def seconds(self) -> dict[str, float]:
        """Spent in the steps so far by all workers together, by stage."""
        return self.steps.seconds

    def close(self) -> None:
        """Ends what was started."""

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker gives back."""

    results: list[Any]
    seconds: dict[str, float]
    """By stage."""
    error: Exception | None = None
    """What a step raised; the results are those before it."""


class WorkerDied(Exception):
    """The process that a worker was has ended; the argument is how: a return code, or a sentence."""


class Elsewhere(Workers):
    """Workers in other processes: items go out a few at a time, and what becomes of them comes back in order.

    Where a worker dies, its items are given out again, each alone; one of which two more die is left out.
    """

    count = 1
    """How many there are."""

    def __init__(self, settings: Settings, embedder: Embedder, embeds: Sequence[str]) -> None:
        super().__init__(settings, embedder)
        self._embeds = embedder.name == settings.embed and embedder.name.partition(":")[0] in embeds
        """Whether they embed as well: they load the embedder by its name."""
        self._is_started = False

    @abstractmethod
    def start(self) -> None:
        """Starts them."""

    @abstractmethod
    def submit(self, step: Step, items: Sequence[Any]) -> Any:
        """Gives out items; what is returned is for `wait`."""

    @abstractmethod
    def wait(self, submitted: Any) -> Done:
        """What became of items that were given out. Raises WorkerDied."""

    def map(self, step: Step, items: Iterable[Any], name_of: Callable[[Any], str] = str) -> Iterator[Any]:
        """As `Workers`; few articles are done here, and so is embedding where the others cannot."""
        if step == "embed":
            is_worth = self._embeds and self._is_started
        else:
            first = list(islice(items := iter(items), _WORTH))
            items, is_worth = chain(first, items), self._is_started or len(first) == _WORTH
        if not is_worth:
            return super().map(step, items, name_of)
        if not self._is_started:
            self.start()
            self._is_started = True
        return self._map(step, items, name_of)

    def _map(self, step: Step, items: Iterable[Any], name_of: Callable[[Any], str]) -> Iterator[Any]:
        waiting: deque[tuple[list[Any], Any]] = deque()
        left = iter(items)
        while some := list(islice(left, _TOGETHER[step])):
            waiting.append((some, self.submit(step, some)))
            if len(waiting) > _AHEAD * self.count:
                yield from self._results(step, *waiting.popleft(), name_of)
        while waiting:
            yield from self._results(step, *waiting.popleft(), name_of)

    def _results(
        self, step: Step, items: Sequence[Any], submitted: Any, name_of: Callable[[Any], str]
    ) -> Iterator[Any]:
        try:
            yield from self._counted(self.wait(submitted))
            return
        except WorkerDied:
            pass
        for item in items:
            yield from self._alone(step, item, name_of)

    def _alone(self, step: Step, item: Any, name_of: Callable[[Any], str]) -> Iterator[Any]:
        """The result of one item, tried twice: whoever ended the first worker may have ended the next one with it."""
        died = WorkerDied()
        for _ in range(2):
            try:
                found = self._counted(self.wait(self.submit(step, [item])))
            except WorkerDied as again:
                died = again
            else:
                yield from found
                return
        if step == "embed":
            raise ModelError(f"The process that embeds ended three times ({_how(died)}).")
        yield Failure(name_of(item), _why(died, item))

    def _counted(self, done: Done) -> list[Any]:
        for stage, seconds in done.seconds.items():
            self.steps.seconds[stage] = self.steps.seconds.get(stage, 0.0) + seconds
        if done.error:
            raise done.error
        return done.results


def _why(died: WorkerDied, item: Any) -> str:
    if died.args[0] == -signal.SIGXCPU:
        return f"takes more than {_seconds(item)} seconds to clean and split; it was left out. Split it"
    return f"the process that cleaned and split it ended three times ({_how(died)}); it was left out"


def _how(died: WorkerDied) -> str:
    code = died.args[0]
    return str(code) if isinstance(code, str) else f"signal {-code}" if code < 0 else f"code {code}"


def _seconds(item: Any) -> int:
    """Seconds of computing that a step may take over an article."""
    record: Record = item.record if isinstance(item, FoundArticle) else item
    return seconds_for(len(record.text))


def do(steps: Steps, step: Step, items: Sequence[Any]) -> Done:
    """In a worker: does the items. One that computes for too long ends its process."""
    steps.seconds = {}
    results: list[Any] = []
    try:
        for item in items:
            if step != "embed":
                bound_seconds(_seconds(item))
            results.append(getattr(steps, step)(item))
    except Exception as error:
        return Done(results, steps.seconds, error)
    return Done(results, steps.seconds)


def for_workers(settings: Settings) -> Settings:
    """The settings without the secrets that no step needs."""
    return settings.model_copy(update=dict.fromkeys(SECRETS - {"openai_key"}))


EVERY_EMBEDDER = tuple(EMBEDDERS)
