"""Other ways of finding and answering, over the same articles and questions, in records of the same shape."""

from eval.baselines.running import run_baseline
from eval.baselines.table import BASELINES, Baseline, baseline_named

__all__ = ["BASELINES", "Baseline", "baseline_named", "run_baseline"]
