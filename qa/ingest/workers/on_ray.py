"""Workers that are tasks of a Ray cluster, on this machine or on many.

Tasks, not stages of Ray Data: an article is cleaned of the lines that recur in its outlet, which are known when a
window of 2,000 was read and those before it are stored. Each window would be a plan of its own to set up and run, and
its rows would go through Arrow, which holds none of what the steps give.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

from qa.errors import MissingExtra, UsageError
from qa.ingest.steps import Steps, versions_of
from qa.ingest.workers.base import EVERY_EMBEDDER, Done, Elsewhere, Step, WorkerDied, do, for_workers
from qa.models import Embedder
from qa.runtime import unbound_seconds
from qa.settings import Settings

LOCAL = "local"
"""The address of a Ray that is started here for as long as the ingest takes."""
_OBJECTS = 200_000_000
"""Bytes that a Ray which is started here keeps of what is under way."""


class RayWorkers(Elsewhere):
    """As many tasks at once as the cluster has processors, or as the setting `workers` says. They embed as well."""

    def __init__(self, settings: Settings, embedder: Embedder) -> None:
        super().__init__(settings, embedder, EVERY_EMBEDDER)
        if not find_spec("ray"):
            raise MissingExtra("An ingest by Ray", "ray")
        self._settings, self._embedder = settings, embedder
        self.reading = settings.workers
        self._is_ours = False

    def start(self) -> None:
        """Joins the cluster, or starts one here. Raises UsageError where none answers."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine
        import ray  # takes a second

        self._ray: Any = ray
        address, wanted = str(self._settings.ray), self._settings.workers
        if not self._ray.is_initialized():
            options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "include_dashboard": False}
            if address == LOCAL:
                options |= {"num_cpus": wanted if wanted > 1 else None, "object_store_memory": _OBJECTS}
            try:
                self._ray.init(address, **options)
            except Exception as error:  # Ray raises many kinds
                said = f"({str(error).splitlines()[0]:.200})" if str(error) else ""
                if address == LOCAL:
                    raise UsageError(f"No Ray starts here {said}. Do without it, such as with: --workers 2") from None
                raise UsageError(
                    f"No Ray cluster answers at '{address}' {said}. Start one with: ray start --head, or let this "
                    "ingest start its own with: --ray local"
                ) from None
            self._is_ours = True
        self.count = wanted if wanted > 1 else max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        told = _Told(for_workers(self._settings), versions_of(self._settings), self._embedder.revision)
        self._told = self._ray.put(told)
        self._task = self._ray.remote(max_retries=0)(_do_there)  # it is tried again here, each article alone

    def submit(self, step: Step, items: Sequence[Any]) -> Any:
        """Gives items to a worker that Ray chooses."""
        return self._task.remote(self._told, step, items)

    def wait(self, submitted: Any) -> Done:
        """What became of the items. Raises WorkerDied."""
        errors = self._ray.exceptions
        try:
            done: Done = self._ray.get(submitted)
        except errors.RayTaskError:
            raise
        except errors.RayError as error:
            raise WorkerDied(type(error).__name__) from None
        return done

    def close(self) -> None:
        """Leaves the cluster, which ends one that was started here."""
        if self._is_ours:
            self._ray.shutdown()


@dataclass(frozen=True, slots=True)
class _Told:
    """What every task is told."""

    settings: Settings
    versions: str
    """Of the steps, as they are where the articles are stored."""
    weights: str
    """The revision of the embedder."""


def _do_there(told: _Told, step: Step, items: Sequence[Any]) -> Done:
    """In a task: does the items, if its machine has the same steps and the same weights."""
    steps = _steps(told.settings)
    if versions_of(told.settings) != told.versions or (step == "embed" and steps.embedder.revision != told.weights):
        reason = "A machine of the Ray cluster has another version of Citewire, or other weights of its embedder"
        return Done([], {}, UsageError(f"{reason}. Install the same on all of them."))
    try:
        return do(steps, step, items)
    finally:
        unbound_seconds()  # the process goes on for others


@cache
def _steps(settings: Settings) -> Steps:
    return Steps(settings)
