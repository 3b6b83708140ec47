"""A turn of a conversation as HTML: the question as a headline, its answer with citations, what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from qa.show.html import answer_html, draft_html, found_cards_html, source_cards_html
from qa.show.wording import answer_text, date_text, filters_text
from qa.store import Thumb
from qa.types import Answer, Draft, Question
from qa.ui.asking import Snapshot, State
from qa.ui.narrowing import understood_time_html

FOUND_SHOWN = 5
"""Passages shown beside an answer that is still being written."""
REASONS = ("wrong source", "not in the articles", "out of date")
"""What can be wrong with an answer, for a reader to choose from."""


@dataclass(frozen=True, slots=True)
class TurnPlace:
    """Which turn it is."""

    turn: int
    """Its number in the page, from 1."""
    question: str
    """As it was typed."""
    conversation: str | None = None
    """Id of the conversation, once it is kept."""
    number: int = 0
    """Its number in the conversation that is kept, from 1: what was stopped or failed has none there."""
    thumb: Thumb | None = None
    run: str | None = None
    """Id of the question under way; None where it is read from what was kept."""


def run_html(place: TurnPlace, seen: Snapshot, count: int) -> str:
    """The turn as far as it is; the library has `count` articles."""
    draft = seen.draft
    match seen.state:
        case "done":
            assert seen.answer is not None
            return answered_html(place, seen.answer)
        case "failed":
            return turn_html(place, "failed", f'<p class="failure" role="alert">{escape(seen.error or "")}</p>')
        case "stopped":
            words = '<p class="stopped">Stopped. What stands here was not checked.</p>'
            return turn_html(place, "stopped", f'<div class="answer">{draft_html(draft)}</div>{words}', _found(draft))
        case "running":
            if draft.text or draft.hits:
                return turn_html(place, "running", _running(draft), _found(draft))
            return turn_html(place, "running", _status(f"Searching {count:,} article{'' if count == 1 else 's'}"))


def answered_html(place: TurnPlace, answer: Answer) -> str:
    """A finished turn: the answer, what it rests on, and what can be done with it."""
    notice = f'<p class="notice" role="note">{escape(answer.notice)}</p>' if answer.notice else ""
    seconds = answer.timings_ms.get("total", 0) / 1000
    took = f" \u00b7 {seconds:.1f} s" if seconds >= 0.05 else ""
    return turn_html(
        place,
        "done",
        _understood(answer.question) + notice + f'<div class="answer">{answer_html(answer)}</div>',
        sources_html(
            "Closest passages" if answer.abstained and not answer.sentences else "Sources", source_cards_html(answer)
        ),
        copy=answer_text(answer),
        meta=escape(answer.mode) + took,
    )


def turn_html(place: TurnPlace, state: State, body: str, sources: str = "", *, copy: str = "", meta: str = "") -> str:
    """A turn in any state. `body` and `sources` are HTML; the sources are hidden, for the sources panel to show."""
    tools = ""
    if state != "running":
        tools = _tool("copy", "Copy", copy) if copy else ""
        tools += _tool("retry", "Ask again") + _tool("edit", "Edit")
        if place.conversation:
            tools += _thumbs(place.thumb) + _tool("evals", "Add to evals")
    known = f' data-run="{escape(place.run)}"' if place.run else ""
    if place.conversation:
        known += f' data-conversation="{escape(place.conversation)}" data-number="{place.number}"'
    return (
        f'<section class="turn" data-turn="{place.turn}" data-state="{state}"{known}'
        f' aria-label="Question {place.turn}"><h2 class="question" dir="auto">{escape(place.question)}</h2>{body}'
        f'<footer class="turn-foot">{tools}<span class="meta">{meta}</span></footer>'
        f'<div class="next"></div>{sources}</section>'
    )


def _tool(action: str, words: str, copy: str = "") -> str:
    copying = f' data-copy="{escape(copy)}"' if copy else ""
    return f'<button type="button" class="quiet" data-action="{action}"{copying}>{words}</button>'


def _thumbs(thumb: Thumb | None) -> str:
    """Good and bad, what was chosen pressed; why it is bad can be said, and need not."""
    up, down = thumb is not None and thumb.up, thumb is not None and not thumb.up
    reasons = "".join(
        f'<button type="button" class="reason" data-action="reason"'
        f' aria-pressed="{_truth(down and thumb is not None and thumb.reason == reason)}">{reason}</button>'
        for reason in REASONS
    )
    return (
        '<span class="thumbs" role="group" aria-label="Is this answer good?">'
        f'<button type="button" class="thumb" data-action="thumb" data-up="1" aria-pressed="{_truth(up)}"'
        f' aria-label="Good answer" title="Good answer">{_THUMB}</button>'
        f'<button type="button" class="thumb down" data-action="thumb" data-up="" aria-pressed="{_truth(down)}"'
        f' aria-label="Bad answer" title="Bad answer">{_THUMB}</button></span>'
        f'<span class="reasons" role="group" aria-label="What is wrong with it?"{"" if down else " hidden"}>'
        f"{reasons}</span>"
    )


_THUMB = (
    '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M2.5 7.5v6M5 13V7.6l2.6-5.1c1.2 0 1.8.8 1.6 2'
    'L8.8 6.5h3.6c.9 0 1.4.8 1.2 1.6l-1.2 4.4c-.2.6-.7 1-1.4 1z"/></svg>'
)


def _truth(value: bool) -> str:
    return "true" if value else "false"


def sources_html(heading: str, cards: str) -> str:
    """What the sources panel shows for a turn."""
    return f'<div class="turn-sources" data-heading="{escape(heading)}" hidden>{cards}</div>'


def _understood(question: Question) -> str:
    """How the question was read, where that is not how it was typed."""
    readings = []
    if question.standalone.strip() != question.text.strip():
        readings.append(f'Understood as: <q dir="auto">{escape(question.standalone)}</q>')
    if narrowing := filters_text(question.filters):
        readings.append(f'Narrowed to: <span dir="auto">{escape(narrowing)}</span>')
    if question.as_of:
        readings.append(f"Asked from the point of view of {date_text(question.as_of)}")
    lines = "".join(f'<p class="understood">{reading}</p>' for reading in readings)
    return lines + understood_time_html(question.window, question.filters)


def _running(draft: Draft) -> str:
    if draft.text:
        return f'<div class="answer">{draft_html(draft)}</div>'
    found = len(draft.hits)
    return _status(f"Reading {found} passage{'' if found == 1 else 's'}")


def _found(draft: Draft) -> str:
    return sources_html("Found so far", found_cards_html(draft.hits[:FOUND_SHOWN])) if draft.hits else ""


def _status(words: str) -> str:
    return f'<p class="status">{escape(words)} \u2026</p>'
