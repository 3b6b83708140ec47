"""What articles say besides what was asked: that the question is wrong about something, or that they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa.ask.answer.differ import find_difference
from qa.ask.answer.premise import find_false_premise
from qa.check.claims import Composed
from qa.types import Hit, Question


@dataclass(frozen=True, slots=True)
class Remarks:
    """Sentences that the program composes, each with the spans that it rests on."""

    false_premise: Composed | None = None
    """Says what the question takes for granted and the articles contradict."""
    difference: Composed | None = None
    """Lists the values that differ, with outlet and date."""

    @property
    def text(self) -> str | None:
        """Both in one line; None where there is nothing to say."""
        return " ".join(claim.text for claim in (self.false_premise, self.difference) if claim) or None


def find_remarks(question: Question, hits: Sequence[Hit]) -> Remarks:
    """What the passages contradict in the question, and where they contradict one another."""
    return Remarks(find_false_premise(question, hits), find_difference(question, hits))
