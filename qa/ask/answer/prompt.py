"""The prompt of an answer: the passages fenced as data, each under a number that the model cites it by."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from qa.ask.answer.markers import Passages
from qa.ask.answer.prompt_size import USUAL
from qa.language.text import sentence_spans
from qa.prompts import fill_prompt, load_prompt, refusal
from qa.types import Hit, Message, Passage, Question, Turn

PASSAGES_LIMIT = USUAL.characters
"""Characters of passages in a prompt, unless another number is given."""
SENTENCES = 4
"""Sentences of an answer, at most."""
TURNS = 2
"""Earlier turns in a prompt; a follow-up question seldom needs more."""
LINE_LIMIT = 600
"""Characters of a title, or of an earlier question or answer."""


def build_messages(
    question: Question,
    hits: Sequence[Hit],
    history: Sequence[Turn] = (),
    limit: int = PASSAGES_LIMIT,
    sentences: int = SENTENCES,
) -> tuple[tuple[Message, ...], Passages]:
    """The prompt, with up to `limit` characters of passages, best hit first; and those, in order of their numbers."""
    excerpts = list(_excerpts(hits, limit))
    circumstances = list(_circumstances(question, history))
    layouts = [layout(str(number), passage, text) for number, (passage, text) in enumerate(excerpts, start=1)]
    sections = [*layouts, *circumstances, fill_prompt("question", question=_data(question.standalone))]
    most = "one sentence" if sentences == 1 else f"{sentences} sentences"
    system = fill_prompt("answer", sentences=most, refusal=refusal())
    return (Message("system", system), Message("user", "\n\n".join(sections))), [passage for passage, _ in excerpts]


def instructions(messages: Sequence[Message]) -> str:
    """What the prompt itself says, without passages, conversation and question; a reply may repeat none of it."""
    return f"{messages[0].content}\n{load_prompt('question')}" if messages else ""


def _excerpts(hits: Sequence[Hit], limit: int) -> Iterator[tuple[Passage, str]]:
    """Passages with as much of their text as fits, cut at the end of a sentence."""
    room = limit
    for hit in hits:
        text = hit.passage.text
        if len(text) > room:
            ends = [end for _, end in sentence_spans(text) if end <= room]
            # A first sentence that is longer than the whole prompt is cut where the room ends.
            text = text[: ends[-1]] if ends else text[:room] if room == limit else ""
        if text:
            yield hit.passage, text
        room -= len(text)
        if text != hit.passage.text:
            return


def _circumstances(question: Question, history: Sequence[Turn]) -> Iterator[str]:
    if history:
        turns = [
            fill_prompt("turn", question=_line(turn.question), answer=_line(_NUMBER.sub("", turn.answer)))
            for turn in history[-TURNS:]
        ]
        yield fill_prompt("conversation", turns="\n".join(turns), question=_line(question.text))
    if question.as_of:
        yield fill_prompt("today", date=_day(question.as_of))


def layout(key: str, passage: Passage, text: str) -> str:
    """A passage in a prompt: its text fenced under its key, with title, outlet and date."""
    article = passage.article
    outlet = _line(article.outlet or "unknown")
    date = _day(article.date) if article.date else "unknown"
    return fill_prompt("passage", key=key, title=_line(article.title), outlet=outlet, date=date, text=_data(text))


# The start of a tag, such as our own fence, or of a control token of a model's template, such as <|im_end|>, [INST].
_OPENING = re.compile(r"<(?=[/|｜!?A-Za-z_])|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_\w+)\])")
_INVISIBLE = re.compile("[\U000e0000-\U000e007f]")


def _data(text: str) -> str:
    """The text in a form that can neither close its fence nor form a control token."""
    return _OPENING.sub("‹", _INVISIBLE.sub("", text))


def _line(text: str) -> str:
    line = " ".join(_data(text).split())
    return line if len(line) <= LINE_LIMIT else line[:LINE_LIMIT] + "..."


def _day(day: dt.date) -> str:
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


_NUMBER = re.compile(r" ?\[\d+\]")
