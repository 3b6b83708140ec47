"""The verdict that evidence and discrepancies give, and the thresholds that divide the verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from qa.check.discrepancies import Cited, Discrepancies
from qa.check.evidence import Stems, Weights, recall
from qa.types import Span, Verdict

# training/check_thresholds.py measures both on falsified and fairly reworded news sentences.
SUPPORTED_ORDER = 0.75
"""Share of a claim's words that must stand in its evidence in the same order for `supported`.

0.6 to 0.9 let the same fair sentences through; 0.9 stops one more in a hundred with two names exchanged, but also a
short sentence whose date was moved to the front.
"""
UNSUPPORTED_RECALL = 0.35
"""Share of a claim's words, by weight, under which its citation is called wrong rather than not verified."""
PASSED: tuple[Verdict, ...] = ("verbatim", "supported")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about one claim, before citations have numbers."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    evidence: tuple[Span, ...] = ()


def judge(said: Stems, cited: Cited, found: Discrepancies, weights: Weights) -> Judgement:
    """The verdict on a claim whose content is `said`, from its evidence and what the evidence does not bear out."""
    spans = tuple(window.span for window in cited.windows)
    share = recall(said, (stem for window in cited.windows for stem in window.stems), weights)
    if found.hard:
        return Judgement("unsupported", found.hard + found.soft, spans)
    if share < UNSUPPORTED_RECALL:
        return Judgement("unsupported", ("the cited passage says little of this", *found.soft), spans)
    if found.soft:
        return Judgement("unverified", found.soft, spans)
    if found.in_order < SUPPORTED_ORDER:
        return Judgement("unverified", ("the cited passage puts it in another order",), spans)
    return Judgement("supported", (), spans)
