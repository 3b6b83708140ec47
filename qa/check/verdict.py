"""The verdict that evidence, discrepancies and a verifier's reading give, and the thresholds between the verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import expit, logit

from qa.check.discrepancies import Cited, Discrepancies
from qa.check.evidence import Stems, Weights, recall
from qa.models.base import Entailment, SupportFit, Verifier
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
    support: float | None = None
    """How likely the evidence bears the claim out, 0 to 1; None where no verifier read them."""


def judge(said: Stems, cited: Cited, found: Discrepancies, weights: Weights) -> Judgement:
    """The verdict of the rules alone on a claim whose content is `said`, from its evidence and what differs there."""
    spans, share = cited.shown, shared(said, cited, weights)
    if found.hard:
        return Judgement("unsupported", found.hard + found.soft, spans)
    if share < UNSUPPORTED_RECALL:
        return Judgement("unsupported", (LITTLE, *found.soft), spans)
    if found.soft:
        return Judgement("unverified", found.soft, spans)
    if found.in_order < SUPPORTED_ORDER:
        return Judgement("unverified", ("the cited passage puts it in another order",), spans)
    return Judgement("supported", (), spans)


def shared(said: Stems, cited: Cited, weights: Weights) -> float:
    """Share of the claim, by weight, that its evidence contains, 0 to 1."""
    return recall(said, (stem for window in cited.windows for stem in window.stems), weights)


# --- with a verifier --------------------------------------------------------------------------------------------------


CONTRARY = 0.8
"""Probability from which a verifier that knows contradictions is believed about one."""
NEAR_COPY = 0.85
"""Share of a claim's words, by weight, from which a word that differs leaves it open, whatever is read.

Of a sentence of the source with a word changed, a small network reads hardly more than the rest. On sentences that
models wrote it costs .016 of balanced accuracy; of 43 with two names in each other's place none passes, where 33 did.
"""
COPIED, EVEN = 0.98, 0.5
"""Share of a claim's words in their order, a date in another form among them, from which it is the source's own
sentence: where nothing differs, an even chance is enough. 11 of 50 sentences with a weekday as its date need it."""
DOUBTS = "the cited passage may not bear this out"
LITTLE = "the cited passage says little of this"


def support(read: Entailment, fit: SupportFit, share: float, found: Discrepancies) -> float:
    """How likely the evidence bears the claim out, 0 to 1, from a verifier's reading and from what the rules found."""
    odds = fit.reading * logit(min(max(read.entailed, 1e-6), 1 - 1e-6)) + fit.constant
    odds += fit.share * share + fit.in_order * found.in_order
    odds += fit.hard * bool(found.hard) + fit.soft * bool(found.soft)
    return round(float(expit(odds)), 4)


def judge_read(read: Entailment, by: Verifier, share: float, cited: Cited, found: Discrepancies) -> Judgement:
    """The verdict of the rules and of what a verifier read.

    Red only with something to show: a contradiction that the verifier is sure of, or a hard discrepancy that it does
    not gainsay, or in words that otherwise stand in the source. Where the two disagree, the reasons say both.
    """
    fit = by.fit
    likely, differing = support(read, fit, share, found), found.hard + found.soft
    follows, contrary = (f"{verb} the passage, says {by.name}" for verb in ("follows from", "contradicts"))
    is_copied = not differing and found.in_order >= COPIED
    verdict: Verdict = "unverified"
    if read.contradicted >= CONTRARY:
        verdict, reasons = "unsupported", (contrary, *differing)
    elif found.hard and (found.in_order >= SUPPORTED_ORDER or likely < fit.doubted):
        verdict, reasons = "unsupported", differing
    elif found.hard:
        reasons = (*differing, follows) if likely >= fit.sure else differing
    elif likely >= (min(EVEN, fit.sure) if is_copied else fit.sure) and not (found.soft and share >= NEAR_COPY):
        is_plain = not differing and found.in_order >= SUPPORTED_ORDER and share >= UNSUPPORTED_RECALL
        verdict, reasons = "supported", () if is_plain else (follows,)
    else:
        reasons = differing or ((LITTLE,) if share < UNSUPPORTED_RECALL else (DOUBTS,))
    return Judgement(verdict, reasons, cited.shown, likely)
