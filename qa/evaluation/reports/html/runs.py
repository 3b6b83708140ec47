"""The runs of a report with their names, colours and shapes, and their records by question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa.evaluation.comparison import names_of
from qa.evaluation.metrics import Record
from qa.evaluation.reports.html.plots import SHAPES
from qa.evaluation.runs import Run
from qa.evaluation.runs.folder import StoredArticle
from qa.show.wording import mode_text


@dataclass(frozen=True, slots=True)
class Labelled:
    """A run of a report, with its name and number."""

    number: int
    """Its place among the runs, which decides its colour."""
    name: str
    about: str
    """The system that answered, in a few words."""
    run: Run
    records: Mapping[str, Record]
    sources: Mapping[str, StoredArticle]
    """Id -> article, from all runs."""

    @property
    def shape(self) -> str:
        """The SVG path of its mark."""
        return SHAPES[self.number]

    @property
    def notices(self) -> tuple[str, ...]:
        """What readers of its numbers must know."""
        return self.run.notices


def labelled(runs: Sequence[Run]) -> list[Labelled]:
    """The runs in order, with distinct names."""
    sources = {id: source for run in runs for id, source in run.sources.items()}
    return [
        Labelled(number, name, about(run), run, {record["_id"]: record for record in run.records}, sources)
        for number, (name, run) in enumerate(zip(names_of(runs), runs, strict=True))
    ]


def about(run: Run) -> str:
    """The system that answered: the baseline's title, or in words what writes the answers, and the embedder."""
    settings = run.settings
    if "baseline" in settings:
        return str(settings.get("title") or settings["baseline"])
    return " · ".join(mode_text(str(settings[name])) for name in ("llm", "embed") if settings.get(name))
