"""Answers with a language model, and without it where it fails."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from qa.ask.answer.answerer import Answered, Answerer, Exchange
from qa.ask.answer.context import widened
from qa.ask.answer.prompt import SENTENCES, build_messages
from qa.ask.answer.prompt_size import USUAL, PromptSize
from qa.ask.answer.remarks import Remarks
from qa.ask.answer.reply import Reply
from qa.errors import ModelError
from qa.models.base import LanguageModel
from qa.types import Draft, Hit, Question, Turn


@dataclass(frozen=True, slots=True)
class Made:
    """An answer that is there already."""

    answered: Answered

    @property
    def mode(self) -> str:
        """That of the answer."""
        return self.answered.mode

    def answer(
        self, question: Question, hits: Sequence[Hit], remarks: Remarks, history: Sequence[Turn] = ()
    ) -> Generator[Draft, None, Answered]:
        """No drafts, and the answer."""
        yield from ()
        return self.answered


@dataclass(frozen=True, slots=True)
class GenerativeAnswerer:
    """Lets a language model write; where it fails, another answerer takes over."""

    model: LanguageModel
    fallback: Answerer
    sentences: int = SENTENCES
    """Of an answer, at most."""
    size: PromptSize = USUAL
    """Of its prompt."""

    @property
    def mode(self) -> str:
        """`provider:model`."""
        return self.model.name

    def answer(
        self, question: Question, hits: Sequence[Hit], remarks: Remarks, history: Sequence[Turn] = ()
    ) -> Generator[Draft, None, Answered]:
        """Drafts as the model writes. It is not asked where nothing was found."""
        read = tuple(widened(hits))
        failure = exchange = None
        if read:
            reply = write(self.model, question, read, history, self.sentences, self.size)
            try:
                for text in reply:
                    yield Draft(text, read, *reply.so_far)
            except ModelError as error:
                failure = str(error)
            exchange = Exchange(tuple(reply.messages), reply.raw, tuple(reply.passages))
            if not failure and not reply.refused and reply.claims:
                note = f"{self.mode} {reply.cut} and was cut off." if reply.cut else None
                return Answered(self.mode, read, reply.claims, beside=remarks, exchange=exchange, note=note)
        instead = yield from self.fallback.answer(question, hits, remarks, history)
        instead = replace(instead, sources=read, failure=failure, exchange=exchange)
        if failure:
            return instead
        # A model that says the articles do not answer is believed; what they hold closest is shown.
        return replace(instead, mode=self.mode, claims=(), is_correction=False, unanswered=(), beside=remarks)


def write(
    model: LanguageModel,
    question: Question,
    hits: Sequence[Hit],
    history: Sequence[Turn] = (),
    sentences: int = SENTENCES,
    size: PromptSize = USUAL,
) -> Reply:
    """The model's reply to the question from the passages of the hits. Nothing is sent before it is iterated.

    A prompt that is too long for the model is sent again with half the passages, and again, down to a few sentences and
    no earlier turns; the question is never cut.
    """
    hits, most = hits[: size.passages], size.characters
    messages, passages = build_messages(question, hits, history, most, sentences)
    shorter = (
        build_messages(question, hits, history if limit > most // 4 else (), limit, sentences)
        for limit in (most // 2, most // 4, most // 10)
    )
    return Reply(model, messages, passages, shorter, sentences)
