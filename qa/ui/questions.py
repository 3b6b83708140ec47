"""A question from the page that sends it to its answer, at whichever window: begun, found again, gone on with."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from qa.ask.conversation import Conversation, kept_turns
from qa.errors import LibraryError, UsageError
from qa.show.document import answer_of
from qa.show.document_form import AnswerDocument
from qa.store import Claim, QuestionRow, StoredTurn
from qa.types import Answer, Draft, Filters
from qa.ui.asking import QuestionRun, QuestionRuns, Snapshot
from qa.ui.context import AppState, Payload
from qa.ui.narrowing import dated, filters_json, read_filters
from qa.ui.turns import TurnPlace, answered_html, run_html

log = logging.getLogger(__name__)

LONGEST_ID = 64
"""Characters of an id that a page makes up."""
_OFTEN = 0.5  # seconds between two looks at a question that another window has


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


def begin(
    app: AppState, runs: QuestionRuns, asked: SentQuestion, owner: str | None, *, is_taken: bool = False
) -> QuestionRun:
    """The question on its way; `is_taken` where it was another window's.

    Raises UsageError for a conversation that is not there, or has another under way.
    """
    if known := runs.get(asked.run, owner):
        return known
    rows = app.library.store.windows.questions
    assistant = app.assistant_for(owner)
    if asked.conversation:
        conversation = Conversation.resume(assistant, own_conversation(app, asked.conversation, owner), owner=owner)
        if rows.elsewhere(asked.conversation):
            raise UsageError("This conversation is answering another question in another tab. Wait for it.")
    else:
        conversation = Conversation(assistant, owner=owner)
    count = len(conversation.turns)
    replaces = asked.replaces and count > 0
    number = count + (not replaces)
    run = QuestionRun(asked.run, owner, asked.question.strip(), number, asked.turn or number, asked.conversation)
    claim: Claim | None = rows.claim(run.id)
    try:
        if not is_taken and not rows.begin(run.id, owner, _sent(asked), asked.conversation, number):
            if known := runs.get(asked.run, owner):  # a double click
                return known
            raise UsageError("This question was asked already. Load the page again to see what became of it.")
    except LibraryError as error:  # a full disk, say: it is answered all the same, and says that it is not kept
        log.warning("No other window could go on with question %s: %s", run.id, error)
        claim = None

    def steps(run: QuestionRun) -> Iterator[Draft | Answer]:
        stream = conversation.stream(
            run.question,
            filters=asked.filters,
            as_of=asked.as_of,
            replace_last=replaces,
            is_wanted=lambda: run.is_wanted,
            claim=claim,
        )
        try:
            for step in stream:
                if isinstance(step, Answer):
                    run.conversation, run.is_kept = conversation.id, conversation.is_stored
                yield step
        finally:
            stream.close()

    def ended(run: QuestionRun) -> None:
        if claim and not run.is_kept:
            with suppress(LibraryError):  # it is forgotten in a while
                rows.end(run.id, run.seen.state, run.seen.error)

    run.on_end = ended
    try:
        return runs.start(run, steps)
    except UsageError:
        rows.end(run.id, "stopped")
        raise


def found(app: AppState, runs: QuestionRuns, run_id: str, owner: str | None) -> QuestionRun | QuestionRow | None:
    """The owner's question of this id: on its way here, or as another window has it, or as it ended; else None.

    Where the window that had it has gone, this one goes on with it. Raises LibraryError, UsageError.
    """
    if run := runs.get(run_id, owner):
        return run
    rows = app.library.store.windows.questions
    row = rows.get(run_id, owner)
    if row is None or not rows.take(row):
        return rows.get(run_id, owner)  # another may have taken it meanwhile
    try:
        filters, as_of = read_filters(row.asked.get("filters"))
        filters = app.library.store.collections.allowed(filters, owner=owner)
        sent = read_asked({**row.asked, "run": run_id})
        asked = SentQuestion(run_id, sent.question, sent.conversation, sent.replaces, filters, as_of, sent.turn)
        return begin(app, runs, asked, owner, is_taken=True)
    except UsageError as error:  # its conversation or collection has gone
        rows.end(run_id, "failed", str(error))
        raise


def stop_question(app: AppState, runs: QuestionRuns, run_id: str, owner: str | None) -> bool:
    """Stops the owner's question, wherever it is; returns whether there is one. Raises LibraryError."""
    if run := runs.get(run_id, owner):
        run.stop()
        return True
    rows = app.library.store.windows.questions
    if is_known := rows.get(run_id, owner) is not None:
        rows.end(run_id, "stopped")
    return is_known


async def watch_elsewhere(
    app: AppState, runs: QuestionRuns, row: QuestionRow, owner: str | None
) -> AsyncIterator[str | QuestionRun]:
    """The turn of a question that another window has, until it has ended; or the run, once this window goes on."""
    count, shown = await asyncio.to_thread(app.library.count), ""
    seen: QuestionRun | QuestionRow | None = row
    while isinstance(seen, QuestionRow):
        html = await asyncio.to_thread(_row_html, app, seen, row, count)
        if html != shown:
            shown = html
            yield html
        if seen.state != "running":
            return
        await asyncio.sleep(_OFTEN)
        seen = await asyncio.to_thread(found, app, runs, row.run, owner)
    if seen:
        yield seen


def _row_html(app: AppState, row: QuestionRow, first: QuestionRow, count: int) -> str:
    if row.state == "done" and row.conversation:
        conversations = app.library.store.conversations
        turns = zip(conversations.turns(row.conversation), kept_turns(conversations, row.conversation), strict=True)
        for at, turn in turns:
            if at.number == row.number:
                return kept_html(app, at, turn, row.run)
    question, turn_number = str(first.asked.get("question") or ""), first.asked.get("turn") or row.number
    place = TurnPlace(turn_number, question, row.conversation, row.number, run=row.run)
    state = "stopped" if row.state == "done" else row.state
    return run_html(place, Snapshot(state, error=row.error), count)


def kept_html(app: AppState, at: StoredTurn, turn: AnswerDocument, run: str | None = None) -> str:
    """A kept turn; `run` is the id of its question for a page that waits for it."""
    place = TurnPlace(at.number, turn.question, at.conversation, at.number, at.thumb, run)
    return answered_html(place, dated(app.library, answer_of(turn, app.library.article), turn.asked))


def own_conversation(app: AppState, conversation_id: str, owner: str | None) -> str:
    """The id of the owner's conversation. Raises UsageError where there is none."""
    if app.library.store.conversations.get(conversation_id, owner=owner) is None:
        raise UsageError("This conversation is not here any more. Begin a new one.")
    return conversation_id


def _sent(asked: SentQuestion) -> Mapping[str, Any]:
    """What `read_asked` and `read_filters` read."""
    return {
        "question": asked.question,
        "conversation": asked.conversation,
        "replaces": asked.replaces,
        "turn": asked.turn,
        "filters": filters_json(asked.filters, asked.as_of),
    }
