"""The conversation: what was asked and answered in it, the question under way, and the screen before the first one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import gradio as gr

from qa.ask.conversation import kept_turns
from qa.errors import QAError, UsageError
from qa.language.text import without_halves
from qa.show.document import answer_of
from qa.store import QuestionRow, Thumb
from qa.types import Filters
from qa.ui.asking import QuestionRun, QuestionRuns, Snapshot
from qa.ui.collecting import keep_thumb
from qa.ui.context import AppState, Payload, owner_of, served, told_to
from qa.ui.narrowing import filters_json, read_filters
from qa.ui.overview import questions_html, start_html, stories_html
from qa.ui.pages import render
from qa.ui.questions import (
    begin,
    found,
    kept_html,
    own_conversation,
    read_asked,
    stop_question,
    watch_elsewhere,
)
from qa.ui.turns import REASONS, TurnPlace, run_html

BUSIEST = 5
"""Stories that the start page names."""


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
        owner, run_id = owner_of(request), str(_data(event).get("run"))
        try:
            seen = await asyncio.to_thread(found, app, runs, run_id, owner)
            if isinstance(seen, QuestionRow):
                async for step in watch_elsewhere(app, runs, seen, owner):
                    if isinstance(step, str):
                        yield step
                    else:
                        seen = step
        except QAError as error:  # the database is gone, or what the question was asked in
            yield run_html(TurnPlace(0, "", run=run_id), Snapshot("failed", error=told_to(request, str(error))), 0)
            return
        if isinstance(seen, QuestionRun):
            async for html in _shown(app, seen, request):
                yield html

    def stop(payload: Payload, owner: str | None) -> bool:
        return stop_question(app, runs, str(payload.get("run")), owner)

    def under_way(payload: Payload, owner: str | None) -> dict[str, Any] | None:
        run = found(app, runs, str(payload.get("run")), owner)
        return {"number": run.number, "conversation": run.conversation} if run else None

    def open_conversation(payload: Payload, owner: str | None) -> dict[str, Any]:
        return opened(app, str(payload["conversation"]), owner, before=payload.get("before"))

    def follow_ups(payload: Payload, owner: str | None) -> str:
        turns = kept_turns(app.library.store.conversations, own_conversation(app, str(payload["conversation"]), owner))
        turn = turns[int(payload["number"]) - 1]
        assistant = app.assistant_for(owner)
        asked = [words for turn in turns for words in (turn.question, turn.standalone_question)]
        return examples_html(assistant.follow_ups(answer_of(turn, app.library.article), asked))

    def rate(payload: Payload, owner: str | None) -> None:
        conversation, number = own_conversation(app, str(payload["conversation"]), owner), int(payload["number"])
        reason = payload.get("reason")
        if reason is not None and reason not in REASONS:
            raise UsageError(f"'{reason}' is no reason to choose. Choose one of: {', '.join(REASONS)}.")
        up = None if payload.get("up") is None else bool(payload["up"])
        thumb = None if up is None else Thumb(up, reason)
        app.library.store.conversations.rate(conversation, number, thumb, owner=owner)
        keep_thumb(app, owner, conversation, number, up, reason)

    def welcome(payload: Payload, owner: str | None) -> str:
        return start_html(app.library.overview())  # anew each time, for the library grows and shrinks meanwhile

    def welcome_questions(payload: Payload, owner: str | None) -> str:
        return questions_html(app.assistant.suggestions())

    def welcome_stories(payload: Payload, owner: str | None) -> str:
        return stories_html(app.assistant.stories.busiest(BUSIEST))

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
                served(each)
                for each in (stop, under_way, open_conversation, follow_ups, rate)
                + (welcome, welcome_questions, welcome_stories)
            ],
        )
    # No limit: what waits here holds no thread, and a slow model is to keep nobody from asking.
    quietly: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    last.ask(ask, outputs=last, trigger_mode="multiple", **quietly)
    last.look_on(look_on, outputs=last, trigger_mode="multiple", **quietly)


def opened(app: AppState, conversation_id: str, owner: str | None, before: object = None) -> dict[str, Any]:
    """A kept conversation as HTML: {"past": its finished turns, "last": the last one, "title", "turns", "filters"}.

    With `before`, only the turns with a lower number, all of them in "past". Raises UsageError where there is none.
    """
    conversations = app.library.store.conversations
    conversation_id = own_conversation(app, conversation_id, owner)
    row = conversations.get(conversation_id, owner=owner)
    assert row is not None
    stored = conversations.turns(conversation_id)
    turns = kept_turns(conversations, conversation_id)
    html = [kept_html(app, at, turn) for at, turn in zip(stored, turns, strict=True)]
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
