"""Other ways to retrieve and answer, over the same articles and questions, with records of the same form."""

from eval.baselines.running import run_baseline
from eval.baselines.table import BASELINES, Baseline, baseline_named

__all__ = ["BASELINES", "Baseline", "baseline_named", "run_baseline"]
