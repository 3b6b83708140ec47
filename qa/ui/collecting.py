"""Questions for evals from what was asked: a turn with its right passages goes into a set; thumbs are kept for one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from qa.ask.conversation import kept_turns
from qa.errors import EvalError, UsageError
from qa.evaluation.sets import QUERIES
from qa.evaluation.sets.collect import add_query, add_question, add_thumb, thumbed_up
from qa.language.text import sentence_spans
from qa.language.text import words as words_of
from qa.show.document import AnswerDocument, answer_json, answer_of, text_hash
from qa.show.wording import byline
from qa.types import Article, Span
from qa.ui.context import AppState, Payload, served
from qa.ui.evals.sets import own_folder, own_sets

FIRST_SET = "My questions"
"""What a first set of one's own is called, unless it is given another name."""
TAKEN_BACK = "taken back"
"""The reason of a thumb that no longer counts."""
_LONG = 700
"""Characters of a passage that the dialog shows."""

_PANEL = """
<dialog id="collecting" class="small-dialog" aria-labelledby="collecting-heading">
  <form method="dialog">
    <h2 id="collecting-heading">Add to evals</h2>
    <div id="collecting-fields"></div>
    <p id="collecting-fault" role="alert"></p>
    <menu><button type="button" class="quiet" data-action="collecting-close">Cancel</button>
    <button type="submit" id="collecting-add">Add</button></menu>
  </form>
  <div id="collecting-done" hidden>
    <p id="collecting-words" role="status"></p>
    <menu><button type="button" class="quiet" data-action="collecting-close">Close</button>
    <a href="#/evals" id="collecting-link">Open Evals</a></menu>
  </div>
</dialog>
"""


@dataclass(frozen=True, slots=True)
class PassageChoice:
    """A passage that an answer rested on, or could have."""

    span: Span
    is_cited: bool
    is_here: bool
    """Whether the library still holds the article as it was."""


def collecting_panel(app: AppState) -> None:
    """The dialog that a turn is added with."""

    def fields(payload: Payload, owner: str | None) -> str:
        return fields_html(app, turn_of(app, payload, owner), owner)

    def add(payload: Payload, owner: str | None) -> str:
        return add_turn(app, payload, owner)

    def add_thumbed(payload: Payload, owner: str | None) -> str:
        return add_thumbs(app, owner, _set_name(payload))

    gr.HTML(
        _PANEL,
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
        raise UsageError("This answer is not here any more. Load the page anew.")
    return turns[number - 1]


def found_in(app: AppState, turn: AnswerDocument) -> list[PassageChoice]:
    """What the answer cites, in the order of its numbers, then the passages that it could have rested on."""
    answer = answer_of(turn, app.library.article)
    here = {id_: _is_here(app, turn, id_) for id_ in turn.texts}
    cited: list[Span] = list(dict.fromkeys(Span(c.article, c.start, c.end) for c in answer.citations))
    passages = [hit.passage for hit in answer.hits]
    others = [p for p in passages if not any(_overlap(p, span) for span in cited)]
    if answer.abstained and not answer.sentences:  # what is closest is shown to the reader, and answers nothing
        cited, others = [], list(passages)
    spans = [*((span, True) for span in cited), *((span, False) for span in others)]
    return [PassageChoice(span, is_cited, here.get(span.article.id, False)) for span, is_cited in spans]


def _is_here(app: AppState, turn: AnswerDocument, article_id: str) -> bool:
    article = app.library.article(article_id)
    return article is not None and text_hash(article.text) == turn.texts[article_id]


def _overlap(one: Span, other: Span) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end


def fields_html(app: AppState, turn: AnswerDocument, owner: str | None) -> str:
    """What the dialog asks: question, passages, short answers, day, set."""
    found = found_in(app, turn)
    day = turn.as_of or (turn.asked.date() if turn.asked else None)
    passages = "".join(_passage(number, one) for number, one in enumerate(found)) or "<p>No passage was found.</p>"
    refused = " checked" if turn.abstained and not turn.sentences else ""
    shared = "<p class='hint'>Everybody who uses this library sees its sets.</p>" if owner is not None else ""
    return (
        '<label for="collecting-question">Question, as it can stand alone</label>'
        '<textarea id="collecting-question" name="question" rows="2" dir="auto">'
        f"{escape(turn.standalone_question)}</textarea>"
        "<fieldset><legend>Which passages answer it?</legend>"
        f'<div class="collecting-passages" tabindex="0" role="region" aria-label="Passages">{passages}</div>'
        f'<label class="check"><input type="checkbox" name="unanswerable"{refused}> The articles do not say</label>'
        "</fieldset>"
        '<label for="collecting-answers">Right answers in a few words, one a line (may be left empty)</label>'
        '<textarea id="collecting-answers" name="answers" rows="2" dir="auto" placeholder="Kyrgyzstan"></textarea>'
        f'<div class="collecting-row"><label>Asked on<input type="date" name="as_of" value="{day or ""}"></label>'
        f"{set_choice_html(app)}</div>{shared}"
    )


def _passage(number: int, found: PassageChoice) -> str:
    article, text = found.span.article, found.span.text
    shown = text if len(text) <= _LONG else text[:_LONG].rsplit(None, 1)[0] + " …"
    about = " · ".join(filter(None, [article.title, byline(article)]))
    state = " checked" if found.is_cited and found.is_here else ""
    state += "" if found.is_here else " disabled"
    gone = "" if found.is_here else "<em>The article has changed or is gone from the library.</em>"
    kind = "cited" if found.is_cited else "found"
    return (
        f'<label class="check passage"><input type="checkbox" name="passage" value="{number}"{state}>'
        f'<span><small dir="auto">{kind} · {escape(about)}</small><q dir="auto">{escape(shown)}</q>{gone}</span>'
        "</label>"
    )


def set_choice_html(app: AppState) -> str:
    """A field for the name of a set of one's own, there already or new."""
    names = own_sets(app)
    options = "".join(f'<option value="{escape(name)}"></option>' for name in names)
    return (
        f'<label>Into the set<input type="text" name="set" list="collecting-sets" maxlength="60" autocomplete="off"'
        f' value="{escape(names[0] if names else FIRST_SET)}"></label>'
        f'<datalist id="collecting-sets">{options}</datalist>'
    )


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
    return f"Added to the set “{folder.name}”, which now has {_count(folder)}."


def _evidence(found: PassageChoice, answers: Sequence[str]) -> list[Span]:
    """What of a passage is evidence: a quotation; else the sentences that hold a right answer, or all of it."""
    span = found.span
    if found.is_cited:
        return [span]
    sought = [words_of(answer) for answer in answers]
    holding = [
        Span(span.article, span.start + start, span.start + end)
        for start, end in sentence_spans(span.text)
        if any(_holds(words_of(span.text[start:end]), answer) for answer in sought)
    ]
    return holding or [Span(span.article, span.start, span.end)]


def _holds(text: Sequence[str], sought: Sequence[str]) -> bool:
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


def _count(folder: Path) -> str:
    count = (folder / QUERIES).read_bytes().count(b"\n")
    return f"{count} question{'' if count == 1 else 's'}"


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
    """Where the thumbs of a reader are: what one has asked is none of the others' business."""
    folder = Path(app.assistant.settings.index) / "feedback"
    return folder / blake2b(owner.encode(), digest_size=8).hexdigest() if owner is not None else folder


def add_thumbs(app: AppState, owner: str | None, name: str) -> str:
    """Makes a question of each answer with a thumb up, in the set `name`, and says how many. Raises QAError."""
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
    return (
        f"{added} question{'' if added == 1 else 's'} added to the set “{folder.name}”, which now has {_count(folder)}."
    )


def thumbed_html(app: AppState, owner: str | None) -> str:
    """How many answers have a thumb up, and the way to a set of them."""
    count = len(thumbed_up(feedback_folder(app, owner)))
    heading = '<h3 id="evals-thumbs-heading">Questions from thumbs</h3>'
    if not count:
        return (
            f"{heading}<p>An answer with a thumb up can become a question of a set of your own, with what it cites as "
            "the evidence. None has one yet. “Add to evals” under an answer adds it with more care.</p>"
        )
    words = f"{count} answer{'' if count == 1 else 's'} with a thumb up."
    return (
        f"{heading}<p>{words} What each cites is the evidence; a refusal is a question that the articles do not "
        "answer.</p>"
        f'<form id="evals-thumbs-form">{set_choice_html(app).replace("collecting-sets", "evals-own-sets")}'
        '<button type="submit">Make questions</button></form><p id="evals-thumbs-words" role="status"></p>'
    )
