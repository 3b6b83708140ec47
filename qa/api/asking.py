"""A question over HTTP: its answer at once or as events, ended with the model's request when the asker goes away."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import Request

from qa.api.errors import Busy, Missing, Taken, told
from qa.api.schema import AskRequest
from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.errors import UsageError
from qa.runtime import drain
from qa.show.document import answer_json, passage_json
from qa.types import Answer, Draft, Filters

AT_ONCE = 32
"""Questions that are under way at the same time; more are asked to come again."""
INTERVAL = 0.1
"""Seconds between two drafts, at least."""
QUIET = 15.0
"""Seconds of silence after which a comment is sent, so that nothing between takes the connection for dead."""

Step = Draft | Answer


@dataclass
class Askings:
    """The questions that are under way."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _count: int = 0
    _conversations: set[str] = field(default_factory=set)

    @contextmanager
    def one(self, conversation: str | None) -> Iterator[None]:
        """Room for a question. Raises Busy where there is none, Taken where its conversation has another."""
        with self._lock:
            if self._count >= AT_ONCE:
                raise Busy("Too many questions are under way. Ask again in a few seconds.")
            if conversation in self._conversations:
                raise Taken("This conversation is answering another question. Wait for it.")
            self._count += 1
            if conversation:
                self._conversations.add(conversation)
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1
                self._conversations.discard(conversation or "")


@dataclass(frozen=True)
class Asking:
    """A question that is about to be asked."""

    steps: Generator[Step]
    conversation: Conversation | None
    """Where it is kept."""


def begin(assistant: Assistant, asked: AskRequest, owner: str | None) -> Asking:
    """The steps of a question. Raises UsageError for what does not go together, Missing for a conversation."""
    if not asked.question.strip():
        raise UsageError("The question is empty.")
    named = None
    if asked.collection:
        named = assistant.library.store.collections.find(asked.collection, owner=owner).named
    filters = asked.filters(named)
    if not (asked.conversation or asked.keep):
        history = [each.turn() for each in asked.history]
        steps = assistant.stream(asked.question, history=history, filters=filters or Filters(), as_of=asked.as_of)
        return Asking(steps, None)
    if asked.history:
        raise UsageError("A kept conversation has its own history. Leave out 'history', 'conversation' or 'keep'.")
    if asked.conversation is None:
        conversation = Conversation(assistant, owner=owner)
    elif asked.keep:
        raise UsageError("'keep' begins a conversation and 'conversation' goes on with one. Give one of them.")
    elif assistant.library.store.conversations.get(asked.conversation, owner=owner) is None:
        raise Missing(f"There is no conversation '{asked.conversation}'.")
    else:
        conversation = Conversation.resume(assistant, asked.conversation, owner=owner)
        if filters is None:
            filters = assistant.library.store.collections.allowed(conversation.filters, owner=owner)
    steps = conversation.stream(asked.question, filters=filters, as_of=asked.as_of or ...)
    return Asking(steps, conversation)


async def whole(asking: Asking, request: Request) -> Answer | None:
    """The answer; None where the asker has gone, with whom the question ends."""
    gone = asyncio.ensure_future(_left(request))
    try:
        async with aclosing(drain(asking.steps)) as steps:
            while True:
                async with _beginning(steps) as step:
                    await asyncio.wait({step, gone}, return_when=asyncio.FIRST_COMPLETED)
                    if not step.done():
                        return None
                    if isinstance(given := step.result(), Answer):
                        return given
    finally:
        gone.cancel()


async def events(asking: Asking) -> AsyncGenerator[str]:
    """Server-sent events: `draft` as the answer grows, then `answer`, or `error` in its place.

    Where a model writes, one `draft` has the `first` answer, checked; `answer` says what stands and what it replaced.
    """
    loop = asyncio.get_running_loop()
    shown, is_first, is_told = 0.0, True, False
    async with aclosing(drain(asking.steps)) as steps:
        try:
            async for step in _with_comments(steps):
                if isinstance(step, str):
                    yield step
                elif isinstance(step, Answer):
                    if asking.conversation and asking.conversation.id:
                        yield _event("conversation", {"id": asking.conversation.id})
                    yield _event("answer", answer_json(step))
                elif is_first or (step.first and not is_told) or loop.time() >= shown + INTERVAL:
                    passages = [passage_json(rank, hit) for rank, hit in enumerate(step.hits, start=1)]
                    first = {"first": answer_json(replace(step.first, hits=()))} if step.first and not is_told else {}
                    yield _event("draft", {"text": step.text} | ({"passages": passages} if is_first else {}) | first)
                    shown, is_first, is_told = loop.time(), False, bool(step.first)
        except Exception as error:
            status, words = told(error)
            yield _event("error", {"error": words, "status": status})


async def _with_comments(steps: AsyncIterator[Step]) -> AsyncGenerator[Step | str]:
    """The steps, with a comment whenever there was none for a while."""
    while True:
        async with _beginning(steps) as step:
            while not (await asyncio.wait({step}, timeout=QUIET))[0]:
                yield ": still here\n\n"
            given = step.result()
        if given is None:
            return
        yield given


@asynccontextmanager
async def _beginning(steps: AsyncIterator[Step]) -> AsyncIterator[asyncio.Task[Step | None]]:
    """The next step under way; over in any case afterwards, as steps cannot be closed while one is made."""
    step = asyncio.create_task(_next(steps))
    try:
        yield step
    finally:
        if not step.done():
            step.cancel()
            with suppress(asyncio.CancelledError):
                await step


async def _next(steps: AsyncIterator[Step]) -> Step | None:
    return await anext(steps, None)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
