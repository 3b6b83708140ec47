"""A turn of a conversation as HTML: the question as a headline, its answer with citations, what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass

from qa.show.copying import answer_markdown, answer_rich_html
from qa.show.html import answer_html, draft_html, found_cards_html, source_cards_html
from qa.show.window_words import WORDS
from qa.show.wording import answer_text, as_typed, date_text, filters_text, made_text
from qa.store import Thumb
from qa.types import Answer
from qa.ui.asking import Snapshot
from qa.ui.narrowing import understood_time_html
from qa.ui.pages import render

FOUND_SHOWN = 5
"""Passages shown beside an answer that is still being written."""
_WORDS = WORDS["turn"]
REASONS = (_WORDS["wrong_source"], _WORDS["not_in_articles"], _WORDS["out_of_date"])
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
    """Its number in the kept conversation, from 1; a stopped or failed turn has none."""
    thumb: Thumb | None = None
    run: str | None = None
    """Id of the question under way; None where it is read from what was kept."""


def run_html(place: TurnPlace, seen: Snapshot, count: int, speed: str = "") -> str:
    """The turn as far as it is; the library has `count` articles, the model's first word takes `speed`."""
    if seen.state == "done":
        assert seen.answer is not None
        return answered_html(place, seen.answer)
    draft = seen.draft
    # What refuses may yet be answered by the model, so that it is told only when that was stopped.
    first = draft.first if draft.first and (draft.first.sentences or seen.state == "stopped") else None
    is_found = bool(draft.hits) and seen.state != "failed"
    return render(
        "turn_unfinished.html",
        place=place,
        reasons=REASONS,
        state=seen.state,
        error=seen.error or "",
        draft=draft,
        draft_html=draft_html(draft),
        first_html=answer_html(first) if first else "",
        count=count,
        speed=speed,
        heading=_WORDS["sources" if first else "found_so_far"] if is_found else "",
        cards_html=source_cards_html(first) if first else found_cards_html(draft.hits[:FOUND_SHOWN]),
    )


def answered_html(place: TurnPlace, answer: Answer) -> str:
    """A finished turn: the answer, what it rests on, and what can be done with it."""
    question = answer.question
    if answer.abstained and not answer.sentences:
        heading = _WORDS["closest_passages"] if answer.citations else ""
    else:
        heading = _WORDS["sources"]
    return render(
        "turn_answered.html",
        place=place,
        reasons=REASONS,
        state="done",
        answer=answer,
        answer_html=answer_html(answer),
        date_text=date_text,
        filters_text=filters_text,
        as_typed_html=render("examples.html", questions=[as_typed(question)] if question.respelled else []),
        made_text=made_text,
        time_html=understood_time_html(question.window, question.filters),
        copy=answer_text(answer),
        copy_html=answer_rich_html(answer),
        copy_markdown=answer_markdown(answer),
        seconds=answer.timings_ms.get("total", 0) / 1000,
        heading=heading,
        cards_html=source_cards_html(answer),
    )
