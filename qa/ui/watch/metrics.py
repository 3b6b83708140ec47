"""What the server has done, as Prometheus reads it: questions, verdicts, refusals, times, memory, the queue."""

from __future__ import annotations

import math
from typing import Any

from qa.errors import MissingExtra
from qa.library import Library
from qa.types import Answer

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
"""Upper bounds of the histograms."""


class Metrics:
    """The counts of one server, since it was started. Without the package nothing is counted."""

    def __init__(self, library: Library) -> None:
        self.asking = 0
        """Requests of programs that are under way."""
        try:
            import prometheus_client as prometheus
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "prometheus_client":
                raise
            self._registry: Any = None
            return
        self._registry = registry = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=registry)
        count, gauge, times = prometheus.Counter, prometheus.Gauge, prometheus.Histogram
        self._questions = count("citewire_questions", "Questions answered or refused.", ["mode"], registry=registry)
        self._refusals = count("citewire_refusals", "Questions that the articles do not answer.", registry=registry)
        self._notices = count("citewire_notices", "Answers with a notice for the reader.", registry=registry)
        self._sentences = count("citewire_sentences", "Sentences of answers.", ["verdict"], registry=registry)
        self._requests = count("citewire_requests", "HTTP requests, once answered.", ["status"], registry=registry)
        self._seconds = times("citewire_answer_seconds", "From question to answer.", buckets=SECONDS, registry=registry)
        self._stages = times(
            "citewire_stage_seconds", "Time of each stage.", ["stage"], buckets=SECONDS, registry=registry
        )
        for name, words, value in (
            ("citewire_articles", "Articles in the library; NaN while it cannot be read.", lambda: _count(library)),
            ("citewire_behind_seconds", "How long the word index has been behind the articles.", library.behind),
            ("citewire_work_waiting", "Computations that wait for their turn.", lambda: library.turns.waiting),
            ("citewire_work_running", "Computations that have their turn.", lambda: library.turns.running),
        ):
            gauge(name, words, registry=registry).set_function(value)

    def answered(self, answer: Answer) -> None:
        """Counts an answer."""
        if self._registry is None:
            return
        self._questions.labels(answer.mode).inc()
        self._refusals.inc(answer.abstained)
        self._notices.inc(bool(answer.notice))
        for sentence in answer.sentences:
            self._sentences.labels(sentence.verdict).inc()
        self._seconds.observe(answer.timings_ms.get("total", 0.0) / 1000)
        for stage, ms in (answer.trace.stages_ms if answer.trace else {}).items():
            self._stages.labels(stage).observe(ms / 1000)

    def requested(self, status: int) -> None:
        """Counts a request that was answered with this status."""
        if self._registry is not None:
            self._requests.labels(str(status)).inc()

    def page(self) -> tuple[bytes, str]:
        """All counts in the text form of Prometheus, and its media type. Raises MissingExtra without the package."""
        if self._registry is None:
            raise MissingExtra("/metrics", "metrics")
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self._registry), CONTENT_TYPE_LATEST


def _count(library: Library) -> float:
    try:
        return library.count()
    except Exception:
        return math.nan
