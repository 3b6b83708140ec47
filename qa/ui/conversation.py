"""The conversation: questions as headlines, answers with their citations, and the empty screen before the first one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import gradio as gr

from qa.assistant import Assistant
from qa.errors import QAError
from qa.present import answer_text, filters_text
from qa.present_html import answer_html, draft_html, found_cards_html, source_cards_html
from qa.types import Answer, Draft, Question
from qa.ui.asking import Conversation, Exchange, Run, history, paced

State = Literal["running", "done", "stopped", "failed"]

log = logging.getLogger(__name__)

FOUND_SHOWN = 5
"""Passages shown beside an answer that is still being written."""


@dataclass(frozen=True)
class ConversationPanel:
    """The parts of the panel that events change."""

    welcome: gr.HTML
    last: gr.HTML
    """The last turn. The page itself keeps those before it, so that streaming touches nothing that is finished."""


def conversation_panel(assistant: Assistant) -> ConversationPanel:
    """The column in the middle."""
    with gr.Column(elem_id="conversation"):
        welcome = gr.HTML(
            welcome_html(assistant.library.count()),
            elem_id="welcome",
            apply_default_css=False,
            js_on_load='citewire.welcome(element, trigger, "example")',
        )
        gr.HTML('<div id="finished"></div>', elem_id="past", apply_default_css=False)
        last = gr.HTML(
            "",
            elem_id="last",
            apply_default_css=False,
            js_on_load='citewire.conversation(element, trigger, watch, "retry")',
        )
    return ConversationPanel(welcome, last)


def answer_steps(
    assistant: Assistant, question: str, conversation: Conversation, run: Run
) -> Iterator[tuple[str, Conversation | None]]:
    """The last turn as HTML while it grows; with its last form, the conversation that holds it as well.

    Ends early, with what there is, when the run is stopped. An error becomes a turn that says so.
    """
    number = len(conversation) + 1
    count = assistant.library.count()
    yield (
        turn_html(number, question, "running", _status(f"Searching {count:,} article{'' if count == 1 else 's'}")),
        None,
    )
    draft, answer = Draft(""), None
    html = ""
    try:
        for step in paced(iter(assistant.stream(question, history=history(conversation))), run.stopped):
            if isinstance(step, Answer):
                answer = step
            else:
                draft = step
                yield turn_html(number, question, "running", _running(draft), _found(draft)), None
    except QAError as error:
        html = turn_html(number, question, "failed", f'<p class="failure" role="alert">{escape(str(error))}</p>')
    except Exception:
        log.exception("The question %r could not be answered.", question)
        words = "Something went wrong inside Citewire. The log of the server says what."
        html = turn_html(number, question, "failed", f'<p class="failure" role="alert">{words}</p>')
    if answer:
        html = answered_html(number, question, answer)
    elif not html:
        stopped = '<p class="stopped">Stopped. What stands here was not checked.</p>'
        html = turn_html(
            number, question, "stopped", f'<div class="answer">{draft_html(draft)}</div>{stopped}', _found(draft)
        )
    yield html, (*conversation, Exchange(question, answer))


def answered_html(number: int, question: str, answer: Answer) -> str:
    """A finished turn: the answer, what it rests on, and what can be done with it. `question` is as it was typed."""
    notice = f'<p class="notice" role="note">{escape(answer.notice)}</p>' if answer.notice else ""
    seconds = answer.timings_ms.get("total", 0) / 1000
    took = f" \u00b7 {seconds:.1f} s" if seconds >= 0.05 else ""
    return turn_html(
        number,
        question,
        "done",
        _understood(answer.question) + notice + f'<div class="answer">{answer_html(answer)}</div>',
        sources_html(
            "Closest passages" if answer.abstained and not answer.sentences else "Sources", source_cards_html(answer)
        ),
        copy=answer_text(answer),
        meta=escape(answer.mode) + took,
    )


def turn_html(
    number: int, question: str, state: State, body: str, sources: str = "", *, copy: str = "", meta: str = ""
) -> str:
    """A turn in any state. `body` and `sources` are HTML; the sources are hidden, for the sources panel to show."""
    copying = (
        f'<button type="button" class="quiet" data-action="copy" data-copy="{escape(copy)}">Copy</button>'
        if copy
        else ""
    )
    retry = '<button type="button" class="quiet retry" data-action="retry">Ask again</button>'
    foot = "" if state == "running" else f"{copying}{retry}"
    return (
        f'<section class="turn" data-turn="{number}" data-state="{state}" aria-label="Question {number}">'
        f'<h2 class="question" dir="auto">{escape(question)}</h2>{body}'
        f'<footer class="turn-foot">{foot}<span class="meta">{meta}</span></footer>{sources}</section>'
    )


def sources_html(heading: str, cards: str) -> str:
    """What the sources panel shows for a turn."""
    return f'<div class="turn-sources" data-heading="{escape(heading)}" hidden>{cards}</div>'


def welcome_html(count: int, suggestions: Sequence[str] = ()) -> str:
    """The empty screen of a library of `count` articles: what this is and how to begin, or how to get articles in."""
    if count == 0:
        return (
            "<h2>There are no articles yet</h2>"
            "<p>Citewire answers from the articles in its library, and this one is empty. Add a folder of Markdown, "
            "text or JSONL files from a terminal, then reload this page:</p>"
            '<p><code class="command">qa ingest FOLDER</code></p>'
            '<p><a class="reload" href="">Reload</a></p>'
        )
    examples = "".join(
        f'<li><button type="button" class="example" data-action="example" dir="auto">{escape(question)}</button></li>'
        for question in suggestions
    )
    begin = f'<h3>Begin with one of these</h3><ul class="examples">{examples}</ul>' if examples else ""
    return (
        "<h2>Ask the articles</h2><p>Every sentence of an answer shows the passage that says it, and code has compared "
        f"the two. When the articles do not say, neither does Citewire.</p>{begin}"
    )


def _understood(question: Question) -> str:
    """How the question was read, where that is not how it was typed."""
    readings = []
    if question.standalone.strip() != question.text.strip():
        readings.append(f'Understood as: <q dir="auto">{escape(question.standalone)}</q>')
    if narrowing := filters_text(question.filters):
        readings.append(f"Narrowed to: {escape(narrowing)}")
    return "".join(f'<p class="understood">{reading}</p>' for reading in readings)


def _running(draft: Draft) -> str:
    if draft.text:
        return f'<div class="answer">{draft_html(draft)}</div>'
    found = len(draft.hits)
    return _status(f"Reading {found} passage{'' if found == 1 else 's'}")


def _found(draft: Draft) -> str:
    return sources_html("Found so far", found_cards_html(draft.hits[:FOUND_SHOWN])) if draft.hits else ""


def _status(words: str) -> str:
    return f'<p class="status">{escape(words)} \u2026</p>'
