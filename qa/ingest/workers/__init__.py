"""Who does the steps of articles: this process, others of this machine, or a Ray cluster. All give the same."""

from __future__ import annotations

from qa.ingest.workers.base import Step, Workers
from qa.models import Embedder
from qa.settings import Settings

__all__ = ["Step", "Workers", "workers_for"]


def workers_for(settings: Settings, embedder: Embedder) -> Workers:
    """Those that the settings ask for, which start when there is enough to do. Raises MissingExtra, UsageError."""
    if settings.ray:
        from qa.ingest.workers.on_ray import RayWorkers

        return RayWorkers(settings, embedder)
    if settings.workers > 1:
        from qa.ingest.workers.processes import Processes

        return Processes(settings, embedder)
    return Workers(settings, embedder)
