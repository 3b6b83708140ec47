"""Lets a language model complete a follow-up or split a question, if its reply passes the checks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence

from qa.ask.understand.followup import standalone
from qa.ask.understand.leaning import leans
from qa.ask.understand.outlets import find_sources, outlets_of
from qa.ask.understand.parts import MOST, parts_of
from qa.ask.understand.time_words import find_time_words
from qa.ask.understand.window import window_of
from qa.errors import ModelError
from qa.language.names import find_names, text_words
from qa.language.text import STOPWORDS, words
from qa.models.base import LanguageModel
from qa.prompts import fill_prompt, load_prompt
from qa.types import Message, Part, Turn

_TURNS = 3
"""Earlier turns that the model sees."""
_LINE = 600
"""Characters of an earlier question or answer that the model sees."""
_LONGER = 3
"""A model's question may be at most this many times as long as the one made by rule."""
_SHORT = 160
"""A completed question may always have this many characters."""
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
# What opens a tag or a control token of a model's template: an earlier answer may quote an article that holds some.
_TEMPLATE = re.compile(r"<(?=[/|｜!?A-Za-z_])|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_\w+)\])")
_MARKER = re.compile(r" ?\[\d+\]")


def rewrite_with(model: LanguageModel, text: str, history: Sequence[Turn]) -> str:
    """The question completed by the model; by rule if its reply fails the checks or does not come.

    A question that does not lean on the conversation costs no call. A reply is trusted that is one line, a question,
    not much longer than what the rules make, and keeps the names and numbers that were typed.
    """
    by_rule = standalone(text, history)
    if not history or (by_rule == text and not leans(text)):
        return by_rule
    turns = "\n".join(
        fill_prompt("turn", question=_line(turn.question), answer=_line(_MARKER.sub("", turn.answer)))
        for turn in history[-_TURNS:]
    )
    conversation = fill_prompt("conversation", turns=turns, question=_line(text))
    reply = _reply(model, "standalone", conversation)
    # Weak models like to repeat a question that they were to complete.
    is_repeated = words(reply) == words(text)
    return reply if _can_be_trusted(reply, text, by_rule) and not is_repeated else by_rule


def split_with(
    model: LanguageModel, question: str, outlets: Collection[str] = (), asked: dt.date | None = None
) -> tuple[Part, ...]:
    """The parts as the model splits the question; by rule if its reply fails the checks or does not come.

    A question that does not seem to ask several things costs no call.
    """
    by_rule = parts_of(question, outlets, asked)
    if not by_rule and not seems_to_ask_several(question):
        return ()
    reply = _reply(model, "parts", fill_prompt("split", question=_line(question)))
    lines = [re.sub(r"^(?:[-*•]|\d{1,2}[.)])\s*", "", line.strip()) for line in reply.splitlines() if line.strip()]
    if len(lines) == 1 and words(lines[0]) == words(question):
        return ()
    if not 2 <= len(lines) <= MOST or not all(_is_made_of(line, question) for line in lines):
        return by_rule
    parts = []
    for line in lines:
        sources = find_sources(line, outlets)
        parts.append(Part(line, outlets_of(sources), window_of(line, find_time_words(line, asked), sources, asked)))
    return tuple(parts)


_SEVERAL = re.compile(
    r"(?i)\b(?:and|both|compare[ds]?|comparison|differ\w*|versus|vs|which of|while|whereas|respectively|each)\b"
)


def seems_to_ask_several(question: str) -> bool:
    """True if a question has, after its first word, a word that nearly all questions of several things have."""
    return bool(_SEVERAL.search(question, len(question.split(" ")[0]))) or question.count("?") > 1


def _reply(model: LanguageModel, prompt: str, content: str) -> str:
    pieces: list[str] = []
    stream = model.stream((Message("system", load_prompt(prompt)), Message("user", content)))
    try:
        for piece in stream:
            pieces.append(piece)
            if sum(map(len, pieces)) > 4 * _LINE:
                break
    except ModelError:
        return ""
    finally:
        if close := getattr(stream, "close", None):
            close()
    return "".join(pieces).strip().strip('"').strip()


def _can_be_trusted(reply: str, text: str, by_rule: str) -> bool:
    if "\n" in reply or not words(reply) or len(reply) > max(_LONGER * max(len(text), len(by_rule)), _SHORT):
        return False
    if text.endswith("?") and not reply.endswith("?"):
        return False  # an answer, most likely
    said = set(text_words(reply))
    named = [word for start, end in find_names(text) for word in text_words(text[start:end])]
    return set(named) <= said and set(_NUMBER.findall(text)) <= set(_NUMBER.findall(reply))


def _is_made_of(line: str, question: str) -> bool:
    """True if a part adds no name and no number, and shares words with the question."""
    known = set(text_words(question))
    named = [word for start, end in find_names(line) for word in text_words(line[start:end])]
    content = {word for word in words(line) if word not in STOPWORDS}
    return (
        set(named) <= known
        and set(_NUMBER.findall(line)) <= set(_NUMBER.findall(question))
        and bool(content & set(words(question)))
    )


def _line(text: str) -> str:
    line = " ".join(_TEMPLATE.sub("‹", text).split())
    return line if len(line) <= _LINE else line[:_LINE] + "..."
