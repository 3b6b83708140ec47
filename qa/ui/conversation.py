"""The conversation: what was asked and answered in it, the question under way, and the screen before the first one."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from qa.ask.conversation import Conversation, kept_turns
from qa.errors import QAError, UsageError
from qa.language.text import without_halves
from qa.show.document import answer_of
from qa.store import Thumb
from qa.types import Answer, Draft, Filters
from qa.ui.asking import QuestionRun, QuestionRuns, Snapshot
from qa.ui.collecting import keep_thumb
from qa.ui.context import AppState, Payload, owner_of, served, told_to
from qa.ui.narrowing import dated, filters_json, read_filters
from qa.ui.overview import questions_html, start_html, stories_html
from qa.ui.pages import render
from qa.ui.turns import REASONS, TurnPlace, answered_html, run_html

BUSIEST = 5
"""Stories that the start page names."""
LONGEST_ID = 64
"""Characters of an id that a page makes up."""


@dataclass(frozen=True)
class SentQuestion:
    """A question as a page sends it."""

    run: str
    """An id that the page made up, by which it finds the question again."""
    question: str
    conversation: str | None
    """None begins a new one."""
    replaces: bool
    """Whether it takes the place of the last question."""
    filters: Filters = Filters()
    as_of: dt.date | None = None
    turn: int = 0
    """Its number in the page, which shows stopped questions too; 0 where nobody said."""


def conversation_panel(app: AppState, runs: QuestionRuns) -> None:
    """The column in the middle."""

    async def ask(request: gr.Request, event: gr.EventData) -> AsyncIterator[str]:
        owner = owner_of(request)
        data = _data(event)
        asked = read_asked(data)
        try:
            filters, as_of = read_filters(data.get("filters"))
            filters = await asyncio.to_thread(app.library.store.collections.allowed, filters, owner=owner)
            asked = replace(asked, filters=filters, as_of=as_of)
            run = await asyncio.to_thread(begin, app, runs, asked, owner)
        except QAError as error:
            failed = Snapshot("failed", error=told_to(request, str(error)))
            yield run_html(TurnPlace(asked.turn, asked.question, run=asked.run), failed, 0)
            return
        async for html in _shown(app, run, request):
            yield html

    async def look_on(request: gr.Request, event: gr.EventData) -> AsyncIterator[str]:
        if run := runs.get(str(_data(event).get("run")), owner_of(request)):
            async for html in _shown(app, run, request):
                yield html

    def stop(payload: Payload, owner: str | None) -> bool:
        run = runs.get(str(payload.get("run")), owner)
        if run:
            run.stop()
        return run is not None

    def under_way(payload: Payload, owner: str | None) -> dict[str, Any] | None:
        run = runs.get(str(payload.get("run")), owner)
        return {"number": run.number, "conversation": run.conversation} if run else None

    def open_conversation(payload: Payload, owner: str | None) -> dict[str, Any]:
        return opened(app, str(payload["conversation"]), owner, before=payload.get("before"))

    def follow_ups(payload: Payload, owner: str | None) -> str:
        turns = kept_turns(app.library.store.conversations, _mine(app, str(payload["conversation"]), owner))
        turn = turns[int(payload["number"]) - 1]
        assistant = app.assistant_for(owner)
        asked = [words for turn in turns for words in (turn.question, turn.standalone_question)]
        return examples_html(assistant.follow_ups(answer_of(turn, app.library.article), asked))

    def rate(payload: Payload, owner: str | None) -> None:
        conversation, number = _mine(app, str(payload["conversation"]), owner), int(payload["number"])
        reason = payload.get("reason")
        if reason is not None and reason not in REASONS:
            raise UsageError(f"'{reason}' is no reason to choose. Choose one of: {', '.join(REASONS)}.")
        up = None if payload.get("up") is None else bool(payload["up"])
        thumb = None if up is None else Thumb(up, reason)
        app.library.store.conversations.rate(conversation, number, thumb, owner=owner)
        keep_thumb(app, owner, conversation, number, up, reason)

    def welcome(payload: Payload, owner: str | None) -> str:
        return start_html(app.library.overview())  # anew each time, for the library grows and shrinks meanwhile

    def welcome_more(payload: Payload, owner: str | None) -> list[str]:
        assistant = app.assistant
        return [questions_html(assistant.suggestions()), stories_html(assistant.stories.busiest(BUSIEST))]

    with gr.Column(elem_id="conversation"):
        gr.HTML(
            '<div id="welcome"></div><p id="conversation-fault" role="alert" hidden></p><div id="finished"></div>',
            elem_id="past",
            apply_default_css=False,
        )
        last = gr.HTML(
            "",
            elem_id="last",
            apply_default_css=False,
            js_on_load=(
                'citewire.conversation({ props, server, ask: (asked) => trigger("ask", asked),'
                ' lookOn: (run) => trigger("look_on", run) })'
            ),
            server_functions=[
                served(each) for each in (stop, under_way, open_conversation, follow_ups, rate, welcome, welcome_more)
            ],
        )
    # No limit: what waits here holds no thread, and a slow model is to keep nobody from asking.
    quietly: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    last.ask(ask, outputs=last, trigger_mode="multiple", **quietly)
    last.look_on(look_on, outputs=last, trigger_mode="multiple", **quietly)


def read_asked(data: Payload) -> SentQuestion:
    """What a page sent, but for what narrows it; what is no text counts as none."""
    conversation = data.get("conversation")
    return SentQuestion(
        run=str(data.get("run") or "")[:LONGEST_ID],
        question=str(data.get("question") or ""),
        conversation=conversation if isinstance(conversation, str) and conversation else None,
        replaces=data.get("replaces") is True,
        turn=turn if isinstance(turn := data.get("turn"), int) and 0 < turn < 1_000_000 else 0,
    )


def begin(app: AppState, runs: QuestionRuns, asked: SentQuestion, owner: str | None) -> QuestionRun:
    """The question on its way. Raises UsageError for a conversation that is not there, or has another under way."""
    assistant = app.assistant_for(owner)
    if asked.conversation:
        conversation = Conversation.resume(assistant, _mine(app, asked.conversation, owner), owner=owner)
    else:
        conversation = Conversation(assistant, owner=owner)
    count = len(conversation.turns)
    replaces = asked.replaces and count > 0
    number = count + (not replaces)
    run = QuestionRun(asked.run, owner, asked.question.strip(), number, asked.turn or number, asked.conversation)

    def steps(run: QuestionRun) -> Iterator[Draft | Answer]:
        stream = conversation.stream(
            run.question,
            filters=asked.filters,
            as_of=asked.as_of,
            replace_last=replaces,
            is_wanted=lambda: run.is_wanted,
        )
        try:
            for step in stream:
                if isinstance(step, Answer):
                    run.conversation = conversation.id
                yield step
        finally:
            stream.close()

    return runs.start(run, steps)


def opened(app: AppState, conversation_id: str, owner: str | None, before: object = None) -> dict[str, Any]:
    """A kept conversation as HTML: {"past": its finished turns, "last": the last one, "title", "turns", "filters"}.

    With `before`, only the turns with a lower number, all of them in "past". Raises UsageError where there is none.
    """
    conversations = app.library.store.conversations
    conversation_id = _mine(app, conversation_id, owner)
    row = conversations.get(conversation_id, owner=owner)
    assert row is not None
    stored = conversations.turns(conversation_id)
    turns = kept_turns(conversations, conversation_id)
    html = []
    for at, turn in zip(stored, turns, strict=True):
        place = TurnPlace(at.number, turn.question, conversation_id, at.number, at.thumb)
        html.append(answered_html(place, dated(app.library, answer_of(turn, app.library.article), turn.asked)))
    if isinstance(before, int):
        past, last = "".join(html[: max(0, before - 1)]), ""
    else:
        past, last = "".join(html[:-1]), "".join(html[-1:])
    filters, as_of = (turns[-1].filters, turns[-1].as_of) if turns else (Filters(), None)
    narrowing = filters_json(replace(filters, any_time=False), as_of)
    return {"past": past, "last": last, "title": row.title, "turns": len(html), "filters": narrowing}


def examples_html(questions: list[str]) -> str:
    """Questions to be asked by a click; nothing where there are none."""
    return render("examples.html", questions=questions)


def _data(event: gr.EventData) -> dict[str, Any]:
    """What a page sent with an event."""
    data = without_halves(event._data)
    return data if isinstance(data, dict) else {}


async def _shown(app: AppState, run: QuestionRun, request: gr.Request) -> AsyncIterator[str]:
    count = await asyncio.to_thread(app.library.count)
    speed = await asyncio.to_thread(lambda: app.speed_of(app.assistant_for(run.owner).mode))
    async for seen in run.watch():
        seen = replace(seen, error=told_to(request, seen.error)) if seen.error else seen
        yield run_html(TurnPlace(run.turn, run.question, run.conversation, run.number, run=run.id), seen, count, speed)


def _mine(app: AppState, conversation_id: str, owner: str | None) -> str:
    """The id of the owner's conversation. Raises UsageError where there is none."""
    if app.library.store.conversations.get(conversation_id, owner=owner) is None:
        raise UsageError("This conversation is not here any more. Begin a new one.")
    return conversation_id
