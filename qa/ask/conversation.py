"""A conversation: questions that build on one another, under the same filters, kept in the library."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import replace
from types import EllipsisType

from qa.ask.assistant import Assistant
from qa.errors import DatabaseGone, LibraryError, ReadError
from qa.runtime import drain
from qa.show.document import document_of, read_answer, stored_json
from qa.show.document_form import AnswerDocument
from qa.store import Claim, Conversations, StoredTurn
from qa.types import Answer, Draft, Filters

_PAUSES = (0.5, 1.5, 3.0)
"""Seconds until an answer is stored that could not be, where the database's server did not answer."""


class Conversation:
    """Asks an assistant, with all earlier turns. The library keeps it from its first answer on.

    Not safe to use from several threads: each question follows the one before it. Another process may add to the same
    conversation; its turns are seen when the conversation is resumed.
    """

    def __init__(
        self,
        assistant: Assistant,
        *,
        filters: Filters = Filters(),
        as_of: dt.date | None = None,
        title: str | None = None,
        owner: str | None = None,
        kept: bool = True,
    ) -> None:
        """A new conversation; without a title its first question names it. Only a `kept` one is stored."""
        self.assistant = assistant
        self.filters = filters
        """The limits of every search in the conversation."""
        self.as_of = as_of
        self.title = title
        self.owner = owner
        self.is_kept = kept
        self.id: str | None = None
        """None until the first answer is stored."""
        self.is_stored = False
        """True if the last answer was stored."""
        self._turns: list[AnswerDocument] = []

    @classmethod
    def resume(cls, assistant: Assistant, name: str | None = None, *, owner: str | None = None) -> Conversation:
        """The conversation with this id, beginning of an id or title, or the last one, with its filters and as-of day.

        Raises UsageError where there is none.
        """
        conversations = assistant.library.store.conversations
        row = conversations.last(owner=owner) if name is None else conversations.find(name, owner=owner)
        resumed = cls(assistant, title=row.title, owner=row.owner)
        resumed.id = row.id
        resumed._turns = kept_turns(conversations, row.id)
        if resumed._turns:
            last = resumed._turns[-1]
            resumed.filters, resumed.as_of = replace(last.filters, any_time=False), last.as_of
        return resumed

    @property
    def turns(self) -> tuple[AnswerDocument, ...]:
        """The questions and answers so far, oldest first."""
        return tuple(self._turns)

    def ask(self, text: str, *, filters: Filters | None = None, as_of: dt.date | EllipsisType | None = ...) -> Answer:
        """The finished answer. Filters and an as-of day given here also hold for later questions."""
        *_, answer = self.stream(text, filters=filters, as_of=as_of)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self,
        text: str,
        *,
        filters: Filters | None = None,
        as_of: dt.date | EllipsisType | None = ...,
        replace_last: bool = False,
        is_wanted: Callable[[], bool] = lambda: True,
        claim: Claim | None = None,
    ) -> Generator[Draft | Answer]:
        """Drafts, then the one Answer, which is stored before it is yielded. A stream that is stopped stores nothing.

        With `replace_last` the new answer takes the place of the last turn, which stays until then. Once it is no
        longer wanted, no model is asked anything more, and the answer that is made without one is not stored. With a
        `claim` it is stored while that holds.
        """
        asked_of = self.filters if filters is None else filters
        self.filters = replace(asked_of, any_time=False)  # it holds for one question
        self.as_of = self.as_of if isinstance(as_of, EllipsisType) else as_of
        asked = dt.datetime.now(dt.UTC)
        before = self._turns[:-1] if replace_last else self._turns
        history = [turn.turn for turn in before]
        steps = self.assistant.stream(text, history=history, filters=asked_of, as_of=self.as_of, is_wanted=is_wanted)
        for step in steps:
            if isinstance(step, Answer) and is_wanted():
                step = self._keep(step, asked, replace_last=replace_last and bool(self._turns), claim=claim)
            yield step

    async def aask(
        self, text: str, *, filters: Filters | None = None, as_of: dt.date | EllipsisType | None = ...
    ) -> Answer:
        """Returns what `ask` returns, without blocking the event loop."""
        async for step in self.astream(text, filters=filters, as_of=as_of):
            answer = step
        assert isinstance(answer, Answer)
        return answer

    def astream(
        self, text: str, *, filters: Filters | None = None, as_of: dt.date | EllipsisType | None = ...
    ) -> AsyncGenerator[Draft | Answer]:
        """Yields what `stream` yields, without blocking the event loop."""
        return drain(self.stream(text, filters=filters, as_of=as_of))

    def _keep(self, answer: Answer, asked: dt.datetime, *, replace_last: bool, claim: Claim | None) -> Answer:
        """The answer, stored; or with the reason why it could not be."""
        turn = document_of(answer, asked, passages=self.assistant.settings.top)
        if replace_last:
            self._turns[-1] = turn
        else:
            self._turns.append(turn)
        self.is_stored = False
        if self.is_kept:
            try:
                self._write_down_in_time(replace_last, claim)
                self.is_stored = True
            except LibraryError as error:  # a full disk, or a library that can only be read
                notice = " ".join(filter(None, (answer.notice, f"This answer is not kept. {error}")))
                return replace(answer, notice=notice)
        return answer

    def _write_down_in_time(self, replace_last: bool, claim: Claim | None) -> None:
        """Stores the last turn, also where a server is away for the moment that it takes to start again."""
        for pause in _PAUSES:
            try:
                return self._write_down(replace_last, claim)
            except DatabaseGone:
                time.sleep(pause)
        self._write_down(replace_last, claim)

    def _write_down(self, replace_last: bool, claim: Claim | None) -> None:
        """Stores the last turn; all turns where the conversation is new, or was deleted meanwhile."""
        conversations = self.assistant.library.store.conversations
        turns = self._turns[-1:]
        if self.id is None or not conversations.get(self.id):
            self.title = self.title or self._turns[0].question
            self.id = conversations.start(self.title, owner=self.owner).id
            turns, replace_last = self._turns, False
        for turn in turns:
            conversations.add(
                self.id,
                turn.question,
                turn.standalone_question,
                stored_json(turn),
                replaces_last=replace_last,
                claim=claim if turn is turns[-1] else None,
            )


def kept_turns(conversations: Conversations, conversation_id: str) -> list[AnswerDocument]:
    """The stored turns of a conversation, oldest first. Raises LibraryError where one cannot be read."""
    return [_read(turn) for turn in conversations.turns(conversation_id)]


def _read(turn: StoredTurn) -> AnswerDocument:
    try:
        return read_answer(turn.document)
    except ReadError as error:
        raise LibraryError(
            f"Turn {turn.number} of conversation {turn.conversation} cannot be read: {error}. "
            f"Delete the conversation with: qa conversations {turn.conversation} --delete"
        ) from None
