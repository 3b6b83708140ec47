"""What every answerer does, with a language model or without: it turns a question and passages into claims."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from qa.ask.answer.remarks import Remarks
from qa.types import Claim, Draft, Hit, Message, Passage, Question, Span, Turn


@dataclass(frozen=True, slots=True)
class Exchange:
    """What passed between the program and a language model."""

    messages: tuple[Message, ...]
    raw: str
    """The reply, before its citations were read and anything was checked."""
    passages: tuple[Passage, ...]
    """Those that the prompt held, whole or in part."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answerer made of a question, before anything is checked."""

    mode: str
    """`extractive`, or `provider:model` of the language model that wrote the claims or refused."""
    sources: tuple[Hit, ...]
    """What was read; the claims may rest on any of it."""
    claims: tuple[Claim, ...] = ()
    """Empty for a refusal."""
    is_correction: bool = False
    """True where the claims only say what is wrong with the question."""
    closest: tuple[Span, ...] = ()
    """Up to three best sentences of different passages, best first, to be shown with a refusal."""
    confidence: float | None = None
    """Probability that the articles answer, 0 to 1; of several parts that of the surest. None where a model wrote."""
    unanswered: tuple[str, ...] = ()
    """The parts of the question that the articles do not answer, where they answer another."""
    beside: Remarks = Remarks()
    """What is told beside the answer, as no claim says it."""
    failure: str | None = None
    """Why the language model that was asked could not answer, for the reader."""
    note: str | None = None
    """What else the reader should know of the language model's part."""
    exchange: Exchange | None = None
    """None where no language model was asked."""


class Answerer(Protocol):
    """Answers a question from the passages that were found for it."""

    @property
    def mode(self) -> str:
        """`extractive`, or `provider:model` of the language model that writes."""

    def answer(
        self, question: Question, hits: Sequence[Hit], remarks: Remarks, history: Sequence[Turn] = ()
    ) -> Generator[Draft, None, Answered]:
        """Drafts while the answer grows, if it does; returns what there is to check.

        `remarks` are what the articles say besides; an answerer makes claims of them or leaves them for the notice.
        Closing the generator ends what it waits for. Raises ModelError only where nothing can take over.
        """
