"""What was asked and said before, as the search and the reader take it along with a question."""

from __future__ import annotations

from collections.abc import Sequence

from qa.prompts import refusal
from qa.types import Turn

_MOST_SAID = 20
"""Words of the last answer; the reader learned with a few."""


def searched_besides(text: str, history: Sequence[Turn]) -> tuple[str, ...]:
    """The question behind the last two questions, and behind the last one with its answer; none without a history.

    A question that leans on what was before has too few words to be found by, and nobody can be sure that it does:
    all of it is searched for, and the passages say which search was right.
    """
    if not history:
        return ()
    questions = " ".join(turn.question for turn in history[-2:])
    answered = " ".join(filter(None, (history[-1].question, _said(history[-1]))))
    return tuple(dict.fromkeys(f"{text} ({before})" for before in (questions, answered)))


def read_as(text: str, history: Sequence[Turn]) -> str:
    """A question that leans on the turn before as the reader learned to read it: behind that turn.

    What a rule puts together of two questions is none that the reader knows.
    """
    return f"{history[-1].question} {_said(history[-1])} | {text}"


def _said(turn: Turn) -> str:
    """The first words of an answer; empty for a refusal."""
    said = turn.said
    return "" if said.startswith(refusal()) else " ".join(said.split()[:_MOST_SAID])
