"""The same report in pieces, for a page that shows them where it wants: numbers, the list, a question opened."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import permutations

from qa.errors import EvalError
from qa.evaluation.comparison import Comparisons
from qa.evaluation.reports.html.page import ASSETS, ReportPage, make_page, template
from qa.evaluation.reports.html.runs import labelled
from qa.evaluation.runs import Run


class Pieces:
    """Finished runs over the same questions as HTML that is a part of a page; all that is shown is escaped.

    Safe to use from several threads. Questions are opened one by one, for there may be thousands.
    """

    def __init__(self, runs: Sequence[Run], comparisons: Comparisons | None = None) -> None:
        """`comparisons` are what `compare_runs` gives for these runs."""
        self._runs = labelled(runs)
        self._comparisons = comparisons

    @cached_property
    def _page(self) -> ReportPage:
        return make_page(self._runs, self._comparisons)

    @cached_property
    def numbers(self) -> str:
        """What was run and what came of it in words, then tables and plots."""
        return template("pieces.html").render(page=self._page, part="numbers")

    @cached_property
    def questions(self) -> str:
        """The list, with fields that narrow it.

        Each is a `details` with `data-id`, `data-type`, `data-status` and `data-right`: a digit for each run, 1 where
        nothing is wrong with its answer. What opens under it is to be filled in with `question`.
        """
        pairs = list(permutations(self._runs, 2))
        return template("pieces.html").render(page=self._page, part="questions", pairs=pairs)

    def question(self, query_id: str) -> str:
        """What opens under a question: what is known of it, and what each run made of it. Raises EvalError."""
        found = next((entry for entry in self._page.questions if entry.id == query_id), None)
        if found is None:
            raise EvalError(f"There is no question '{query_id}' in these runs. Load the page anew.")
        return template("pieces.html").render(page=self._page, part="question", question=found)


def pieces_style() -> str:
    """The style of the pieces, for a sheet of its own or within a rule. It wants an inline-size container `report`."""
    return (ASSETS / "parts.css").read_text("utf-8")
