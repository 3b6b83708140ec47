"""Composes understanding: the question made complete in itself, its time, its outlets and its parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from qa.ask.understand.followup import new_topic, read_as, same_topic, searched_besides, standalone
from qa.ask.understand.outlets import find_sources, outlets_of
from qa.ask.understand.parts import parts_of
from qa.ask.understand.tense import asks_of_now, without_time
from qa.ask.understand.time_words import find_time_words
from qa.ask.understand.window import window_of
from qa.ask.understand.with_model import rewrite_with, split_with
from qa.errors import UsageError
from qa.language.text import first_words, normalise, words
from qa.language.translation import Translation
from qa.models.base import LanguageModel
from qa.types import Filters, Question, Respelling, Turn

Translate = Callable[[str], Translation | None]
"""From a question to its words in the language of the articles; None where it is in that language."""
Respell = Callable[[str], tuple[str, tuple[Respelling, ...]]]
"""From a question to the same with its misspelled words as the library spells them, and what was respelled."""


def understand(
    text: str,
    *,
    history: Sequence[Turn] = (),
    filters: Filters = Filters(),
    as_of: dt.date | None = None,
    longest: int = 400,
    today: dt.date | None = None,
    outlets: Collection[str] = (),
    model: LanguageModel | None = None,
    translate: Translate = lambda text: None,
    respell: Respell = lambda text: (text, ()),
) -> Question:
    """The question as understood: complete in itself, with the days, the outlets and the parts that its words name.

    "Last week" counts from `as_of`, or else from `today`; where neither is given such words say nothing. `outlets` are
    those of the library, names or hosts. With a `model` it is the model that completes a question which leans on the
    conversation, and that splits one which seems to ask several things, as long as its reply can be trusted.
    `translate` gives the words of a question in another language than the library's, `respell` spells misspelled words
    as the library does. A window never changes the `filters`; with their `any_time` there is
    none. Words past `longest` are cut. Raises UsageError for a question without any word.
    """
    asked = " ".join(normalise(text).split())
    if not words(asked):
        raise UsageError("The question is empty. Ask something, such as: Who chairs the council?")
    asked = first_words(asked, longest)
    topic = new_topic(asked)
    history = () if topic else same_topic(history)
    foreign = translate(topic or asked)
    own = (foreign and foreign.text) or topic or asked
    complete = rewrite_with(model, own, history) if model else standalone(own, history)
    typed = complete
    complete, misspelled = respell(complete)
    day = as_of or today
    said = find_time_words(complete, day)
    if typed != own and typed.startswith(own):  # the words of the question before are in brackets behind it
        said = [words for words in said if words.end <= len(own) + len(complete) - len(typed)] or said
    sources = find_sources(complete, outlets)
    parts = split_with(model, complete, outlets, day) if model else parts_of(complete, outlets, day)
    if filters.any_time:
        said, parts = [], tuple(replace(part, window=None) for part in parts)
    window = window_of(complete, said, sources, day)
    read = read_as(own, history) or without_time(complete, window.words if window else "")
    return Question(
        asked,
        complete,
        filters,
        as_of,
        window=window,
        is_present=asks_of_now(complete, said, day),
        parts=parts,
        outlets=outlets_of(sources),
        respelled=misspelled,
        is_reworded=bool(misspelled or own != asked) and words(typed) == words(own),
        language=foreign.language if foreign else "en",
        besides=searched_besides(own, history),
        read_as="" if read == complete else read,
        articles_language=foreign.into if foreign else "en",
    )
