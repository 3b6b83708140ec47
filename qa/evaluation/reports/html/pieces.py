"""The report in pieces, for a page that places them itself: numbers, list of questions, one question."""

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
    """Finished runs over the same questions as parts of an HTML page; all texts are escaped.

    Safe to use from several threads. Questions are rendered one by one, because there may be thousands.
    """

    def __init__(self, runs: Sequence[Run], comparisons: Comparisons | None = None) -> None:
        """`comparisons` is the result of `compare_runs` for these runs."""
        self._runs = labelled(runs)
        self._comparisons = comparisons

    @cached_property
    def _page(self) -> ReportPage:
        return make_page(self._runs, self._comparisons)

    @cached_property
    def numbers(self) -> str:
        """The runs and their results in words, then tables and plots."""
        return template("pieces.html").render(page=self._page, part="numbers")

    @cached_property
    def questions(self) -> str:
        """The list of questions, with fields to filter it.

        Each is a `details` with `data-id`, `data-type`, `data-status` and `data-right`: a digit for each run, 1 if
        its answer has no failure. The page fills each with `question` when it is opened.
        """
        pairs = list(permutations(self._runs, 2))
        return template("pieces.html").render(page=self._page, part="questions", pairs=pairs)

    def question(self, query_id: str) -> str:
        """The details of a question: what is known of it, and the result of each run. Raises EvalError."""
        found = next((entry for entry in self._page.questions if entry.id == query_id), None)
        if found is None:
            raise EvalError(f"There is no question '{query_id}' in these runs. Load the page anew.")
        return template("pieces.html").render(page=self._page, part="question", question=found)


def pieces_style() -> str:
    """The CSS of the pieces, for a separate sheet or inside a rule. It needs an inline-size container `report`."""
    return (ASSETS / "parts.css").read_text("utf-8")
