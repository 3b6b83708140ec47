"""Understands a question: what can be searched for without having heard the conversation."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from qa.errors import UsageError
from qa.text import STOPWORDS, normalise, words
from qa.types import Filters, Question, Turn

# Pronouns that stand for somebody or something said before, and openings that go on with it.
_PRONOUN = re.compile(
    r"""(?xi) \b(?: he | she | it | they | him | them | (?P<owner> his | her | hers | its | their | theirs )
    | this (?!\s(?:week|month|year|morning|afternoon|evening|spring|summer|autumn|fall|winter)\b)
    | these | those (?!\s(?:who|that|which)\b)
    | that (?=\s*(?:[?.!,]|$)|\s(?:happen|mean|meeting|summit|day|time|year|decision|statement|event))
    | there (?=\s*(?:[?.!,]|$)) )\b"""
)
_GOES_ON = re.compile(r"(?i)^(?:tell me more|more about|why|when|where|who|how)\b")
_OPENING = re.compile(r"(?i)^(?:and|but|or|so|also)\b[\s,]*|^(?:what|how) about\b")
# "It" and "there" that stand for nothing said before.
_EMPTY_USE = re.compile(
    r"(?i)\b(?:is|was) it (?:true|clear|possible|known|likely)\b|\bit (?:is|was) (?:true|clear|possible|known|likely)\b"
)
_MANY = 4  # telling words with which a question can be searched for alone, whoever "his" may be
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w'-]*(?:\s+(?:of|the|and|for)?\s*[A-Z][\w'-]*)*")


def understand(
    text: str,
    *,
    history: Sequence[Turn] = (),
    filters: Filters = Filters(),
    as_of: dt.date | None = None,
    longest: int = 400,
) -> Question:
    """The question as understood. A question that leans on the one before it takes that one's words along.

    Words past `longest` are cut. Raises UsageError for a question without any word.
    """
    asked = " ".join(normalise(text).split())
    if not words(asked):
        raise UsageError("The question is empty. Ask something, such as: Who chairs the council?")
    asked = " ".join(asked.split(" ")[:longest])
    return Question(asked, _standalone(asked, history), filters, as_of)


def _standalone(asked: str, history: Sequence[Turn]) -> str:
    if not history or not _leans_on_what_was_said(asked):
        return asked
    return f"{asked} ({_subject(history[-1])})"


def _leans_on_what_was_said(asked: str) -> bool:
    """Whether a question cannot be searched for alone: a pronoun without its name, or an opening that goes on."""
    plain = words(asked)
    telling = [word for word in plain if word not in STOPWORDS and not _PRONOUN.fullmatch(word)]
    if _OPENING.match(asked) and len(telling) <= _MANY:
        return True
    if not telling or (_GOES_ON.match(asked) and len(telling) <= 1 and len(plain) <= 4):
        return True
    pronouns = list(_PRONOUN.finditer(_EMPTY_USE.sub(lambda use: " " * len(use[0]), asked)))
    if len(telling) >= _MANY:
        pronouns = [pronoun for pronoun in pronouns if not pronoun["owner"]]
    # "Did Putin say he would come?" holds the name that "he" stands for; "What did he say about Putin?" hardly does.
    return any(not _NAME.search(asked, 0, pronoun.start()) for pronoun in pronouns)


def _subject(turn: Turn) -> str:
    """What the turn before was about: its question without an opening."""
    before = _OPENING.sub("", turn.standalone_question).strip(" ?")
    return " ".join(before.split()[:60])
