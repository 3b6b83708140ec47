"""What the verifier, a small bundled model, decides of claims that the words alone left unverified."""

from __future__ import annotations

from collections.abc import Sequence

from qa.check.claims import NO_STATEMENT
from qa.check.verdict import Judgement
from qa.language.text import normalise
from qa.models.base import Verifier
from qa.types import Claim

SURE = 0.8
"""Probability from which a verifier's word counts."""


def verified(claims: Sequence[Claim], judgements: Sequence[Judgement], verifier: Verifier) -> list[Judgement]:
    """The judgements, those that left a claim unverified decided where the verifier is sure. Raises its ModelError."""
    undecided = [i for i, judgement in enumerate(judgements) if _is_undecided(judgement)]
    pairs = [(" ".join(span.text for span in judgements[i].evidence), normalise(claims[i].text)) for i in undecided]
    decided = list(judgements)
    for i, found in zip(undecided, verifier.judge(pairs) if pairs else (), strict=True):
        evidence, reasons = judgements[i].evidence, judgements[i].reasons
        if found.entailed >= SURE:
            decided[i] = Judgement("supported", (f"follows from the passage, says {verifier.name}",), evidence)
        elif found.contradicted >= SURE:
            decided[i] = Judgement(
                "unsupported", (f"contradicts the passage, says {verifier.name}", *reasons), evidence
            )
    return decided


def _is_undecided(judgement: Judgement) -> bool:
    return judgement.verdict == "unverified" and bool(judgement.evidence) and NO_STATEMENT not in judgement.reasons
