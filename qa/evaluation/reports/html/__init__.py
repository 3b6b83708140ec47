"""Runs as one HTML file that needs no network: tables, plots, slices, and every question with what was found for it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import sha256

from qa.errors import EvalError
from qa.evaluation.comparison import Comparisons
from qa.evaluation.reports.html.page import ASSETS, make_page, template
from qa.evaluation.reports.html.pieces import Pieces, pieces_style
from qa.evaluation.reports.html.runs import labelled
from qa.evaluation.runs import Run

__all__ = ["MOST_RUNS", "Pieces", "html_report", "pieces_style"]

MOST_RUNS = 8
"""Runs that a reader can tell apart by colour and shape."""


def html_report(runs: Sequence[Run], comparisons: Comparisons | None = None) -> str:
    """One HTML file of finished runs over the same questions, the first of which the others are held against.

    Everything is in it: styles, drawings, the passages and evidence of every question. It asks nothing of a network,
    can be read without scripts and printed. Texts of articles, questions and models are escaped. `comparisons` are
    what `compare_runs` gives for these runs. Raises EvalError for no run, and for more than can be told apart.
    """
    if not 1 <= len(runs) <= MOST_RUNS:
        raise EvalError(f"A report shows 1 to {MOST_RUNS} runs, not {len(runs)}.")
    script = (ASSETS / "report.js").read_text("utf-8")
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    return template("report.html").render(
        page=make_page(labelled(runs), comparisons),
        css=pieces_style() + (ASSETS / "report.css").read_text("utf-8"),
        script=script,
        script_hash=f"sha256-{digest}",
    )
