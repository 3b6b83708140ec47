"""The runs of a report with what they are called, how they are drawn, and their records by question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa.evaluation.comparison import names_of
from qa.evaluation.metrics import Record
from qa.evaluation.reports.html.plots import SHAPES
from qa.evaluation.runs import Run
from qa.evaluation.runs.folder import StoredArticle


@dataclass(frozen=True, slots=True)
class Labelled:
    """A run in its place among the others."""

    number: int
    """Chooses its colour."""
    name: str
    about: str
    """What answered, in a few words."""
    run: Run
    records: Mapping[str, Record]
    sources: Mapping[str, StoredArticle]
    """What is known of articles, from all of the runs."""

    @property
    def shape(self) -> str:
        """The path of its mark."""
        return SHAPES[self.number]

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of its numbers must know."""
        return self.run.notices


def labelled(runs: Sequence[Run]) -> list[Labelled]:
    """The runs with names that tell them apart, in their order."""
    sources = {id: source for run in runs for id, source in run.sources.items()}
    return [
        Labelled(number, name, about(run), run, {record["_id"]: record for record in run.records}, sources)
        for number, (name, run) in enumerate(zip(names_of(runs), runs, strict=True))
    ]


def about(run: Run) -> str:
    """What answered: what a baseline is, or language model and embedder."""
    settings = run.settings
    if "baseline" in settings:
        return str(settings.get("title") or settings["baseline"])
    return " · ".join(str(settings[name]) for name in ("llm", "embed") if settings.get(name))
