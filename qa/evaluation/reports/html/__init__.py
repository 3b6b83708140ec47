"""Runs as one HTML file that needs no network: tables, plots, slices, and every question with its passages."""

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
"""Most runs that readers can distinguish by colour and shape."""


def html_report(runs: Sequence[Run], comparisons: Comparisons | None = None) -> str:
    """One HTML file of finished runs over the same questions; the others are compared with the first.

    The file is complete: styles, plots, the passages and evidence of every question. It needs no network, works
    without scripts and can be printed. Texts of articles, questions and models are escaped. `comparisons` is the result
    of `compare_runs` for these runs. Raises EvalError for no run and for more than MOST_RUNS.
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
