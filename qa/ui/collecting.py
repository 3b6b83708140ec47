"""Eval questions from what was asked: a turn with its right passages goes into a set; thumbs are kept for later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import gradio as gr

from qa.ask.conversation import kept_turns
from qa.errors import EvalError, UsageError
from qa.evaluation.sets import QUERIES
from qa.evaluation.sets.collect import add_query, add_question, add_thumb, thumbed_up
from qa.language.text import sentence_spans
from qa.language.text import words as words_of
from qa.show.document import answer_json, answer_of, text_hash
from qa.show.document_form import AnswerDocument
from qa.show.window_words import WORDS, counted
from qa.show.wording import byline
from qa.types import Article, Span
from qa.ui.context import AppState, Payload, served
from qa.ui.evals.sets import own_folder, own_sets
from qa.ui.pages import render

_WORDS = WORDS["collecting"]
FIRST_SET = _WORDS["first_set"]
"""Name of a reader's first set, unless another is given."""
TAKEN_BACK = "taken back"
"""The reason of a thumb that no longer counts."""
_LONG = 700
"""Characters of a passage that the dialog shows."""


@dataclass(frozen=True, slots=True)
class PassageChoice:
    """A passage that an answer rested on, or could have."""

    span: Span
    is_cited: bool
    is_here: bool
    """Whether the library still has the article as it was."""


def collecting_panel(app: AppState) -> None:
    """The dialog that adds a turn to a set."""

    def fields(payload: Payload, owner: str | None) -> str:
        return fields_html(app, turn_of(app, payload, owner), owner)

    def add(payload: Payload, owner: str | None) -> str:
        return add_turn(app, payload, owner)

    def add_thumbed(payload: Payload, owner: str | None) -> str:
        return add_thumbs(app, owner, _set_name(payload))

    gr.HTML(
        render("collecting/panel.html"),
        elem_id="collecting-panel",
        apply_default_css=False,
        js_on_load="citewire.collecting(element, server)",
        server_functions=[served(each) for each in (fields, add, add_thumbed)],
    )


# --- a turn ----------------------------------------------------------------------------------------------------------


def turn_of(app: AppState, payload: Payload, owner: str | None) -> AnswerDocument:
    """The turn with `number` of the reader's `conversation`. Raises UsageError where there is none."""
    conversations = app.library.store.conversations
    id_ = str(payload.get("conversation") or "")
    row = conversations.get(id_, owner=owner)
    turns = kept_turns(conversations, row.id) if row else []
    number = int(payload.get("number") or 0)
    if not 1 <= number <= len(turns):
        raise UsageError("This answer is not here any more. Load the page again.")
    return turns[number - 1]


def found_in(app: AppState, turn: AnswerDocument) -> list[PassageChoice]:
    """What the answer cites, in the order of its numbers, then the passages that it could have rested on."""
    answer = answer_of(turn, app.library.article)
    here = {id_: _is_here(app, turn, id_) for id_ in turn.texts}
    cited: list[Span] = list(dict.fromkeys(Span(c.article, c.start, c.end) for c in answer.citations))
    passages = [hit.passage for hit in answer.hits]
    others = [p for p in passages if not any(p.overlaps(span) for span in cited)]
    if answer.abstained and not answer.sentences:  # what is closest is shown to the reader, and answers nothing
        cited, others = [], list(passages)
    spans = [*((span, True) for span in cited), *((span, False) for span in others)]
    return [PassageChoice(span, is_cited, here.get(span.article.id, False)) for span, is_cited in spans]


def _is_here(app: AppState, turn: AnswerDocument, article_id: str) -> bool:
    article = app.library.article(article_id)
    return article is not None and text_hash(article.text) == turn.texts[article_id]


def fields_html(app: AppState, turn: AnswerDocument, owner: str | None) -> str:
    """What the dialog asks: question, passages, short answers, day, set."""
    return render(
        "collecting/fields.html",
        turn=turn,
        passages=found_in(app, turn),
        day=turn.as_of or (turn.asked.date() if turn.asked else None),
        sets=own_sets(app),
        first_set=FIRST_SET,
        is_shared=owner is not None,
        byline=byline,
        shortened=_shortened,
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONG else text[:_LONG].rsplit(None, 1)[0] + " …"


def add_turn(app: AppState, payload: Payload, owner: str | None) -> str:
    """Adds the turn as the dialog has it, and says where it went. Raises QAError for what is missing."""
    turn = turn_of(app, payload, owner)
    found = found_in(app, turn)
    chosen = payload.get("passages")
    ticked = {int(number) for number in chosen} if isinstance(chosen, list) else set()
    answers = [line.strip() for line in str(payload.get("answers") or "").splitlines() if line.strip()]
    answerable = not payload.get("unanswerable")
    spans = [one for number, one in enumerate(found) if number in ticked and one.is_here] if answerable else []
    folder = own_folder(app, _set_name(payload))
    add_question(
        folder,
        str(payload.get("question") or ""),
        answers=answers if answerable else (),
        evidence=[span for one in spans for span in _evidence(one, answers)],
        others=_distinct(one.span.article for one in found if one.is_here),
        answerable=answerable,
        as_of=_day(payload.get("as_of")),
    )
    return _WORDS["added"].format(set=folder.name, questions=_questions(folder))


def _evidence(found: PassageChoice, answers: Sequence[str]) -> list[Span]:
    """What of a passage is evidence: a quotation; else the sentences that contain a right answer, or all of it."""
    span = found.span
    if found.is_cited:
        return [span]
    sought = [words_of(answer) for answer in answers]
    containing = [
        Span(span.article, span.start + start, span.start + end)
        for start, end in sentence_spans(span.text)
        if any(_contains(words_of(span.text[start:end]), answer) for answer in sought)
    ]
    return containing or [Span(span.article, span.start, span.end)]


def _contains(text: Sequence[str], sought: Sequence[str]) -> bool:
    return any(list(text[at : at + len(sought)]) == list(sought) for at in range(len(text) - len(sought) + 1))


def _distinct(articles: Any) -> list[Article]:
    return list({article.id: article for article in articles}.values())


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)) if value else None
    except ValueError:
        raise UsageError(f"'{value}' is no day. Write it as 2024-05-03, or leave it empty.") from None


def _set_name(payload: Payload) -> str:
    return str(payload.get("set") or "")


def _questions(folder: Path) -> str:
    return counted(WORDS["evals"]["questions"], (folder / QUERIES).read_bytes().count(b"\n"))


# --- thumbs ----------------------------------------------------------------------------------------------------------


def keep_thumb(
    app: AppState, owner: str | None, conversation: str, number: int, up: bool | None, reason: str | None = None
) -> None:
    """Keeps what a reader thinks of an answer, for `add_thumbs`; None takes it back. Raises QAError."""
    turn = turn_of(app, {"conversation": conversation, "number": number}, owner)
    record = answer_json(answer_of(turn, app.library.article))
    reason = TAKEN_BACK if up is None else reason
    add_thumb(feedback_folder(app, owner), record, bool(up), reason, as_of=turn.as_of)


def feedback_folder(app: AppState, owner: str | None) -> Path:
    """Where the thumbs of a reader are kept; readers do not see what others asked."""
    folder = Path(app.assistant.settings.index) / "feedback"
    return folder / blake2b(owner.encode(), digest_size=8).hexdigest() if owner is not None else folder


def add_thumbs(app: AppState, owner: str | None, name: str) -> str:
    """Adds a question to the set `name` for each answer with a thumb up, and says how many. Raises QAError."""
    folder = own_folder(app, name)
    added = 0
    for query, found in thumbed_up(feedback_folder(app, owner)):
        ids = dict.fromkeys([*(item.article_id for item in query.evidence), *found])
        articles = [article for id_ in ids if (article := app.library.article(id_))]
        here = {article.id: article for article in articles}
        if all(item.article_id in here and item.text in here[item.article_id].text for item in query.evidence):
            add_query(folder, query, articles)
            added += 1
    if not added:
        raise EvalError("No answer with a thumb up has its articles in the library still, so there is nothing to add.")
    made = counted(WORDS["evals"]["questions"], added)
    return _WORDS["made"].format(made=made, set=folder.name, questions=_questions(folder))


def thumbed_html(app: AppState, owner: str | None) -> str:
    """How many answers have a thumb up, and a form that makes a set of them."""
    count = len(thumbed_up(feedback_folder(app, owner)))
    return render("collecting/thumbs.html", count=count, sets=own_sets(app), first_set=FIRST_SET)
