"""What a question takes along of the conversation before it: as it is searched for, as it is read, as it is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.ask.understand.leaning import OPENING, leans, stands_alone
from qa.language.lexicon import ORDINALS, UNITS, any_of
from qa.language.text import sentence_spans, words
from qa.prompts import refusal
from qa.types import Turn

_MOST_ASKED, _MOST_SAID, _MOST_OF_A_POINT = 60, 20, 40
"""Words of the question before, of its answer (the reader learned with a few) and of a point of that answer."""
_QUESTIONS = 3
"""Questions before that are searched for together with this one."""


def standalone(asked: str, history: Sequence[Turn]) -> str:
    """The question as it is shown and searched for: behind one that leans on the question before stands that one.

    What "she" or "the same" stands for is not guessed: rules that put names in their places found and answered less
    than the reader does with all that was said.
    """
    if not history:
        return asked
    return _point_of(asked, _said(history[-1])) or (f"{asked} ({_before(history)})" if leans(asked) else asked)


def searched_besides(asked: str, history: Sequence[Turn]) -> tuple[str, ...]:
    """The question behind the last questions, and behind the last one with its answer; none without a history.

    A question that leans on what was before has too few words to be found by, and nobody can be sure that it does:
    all of it is searched for, and the passages say which search was right.
    """
    if not history:
        return ()
    questions = " ".join(turn.question for turn in history[-_QUESTIONS:])
    answered = " ".join(filter(None, (history[-1].question, _opening(history[-1]))))
    return tuple(dict.fromkeys(f"{asked} ({before})" for before in (questions, answered)))


def read_as(asked: str, history: Sequence[Turn]) -> str:
    """The question as the reader learned to read it in a conversation: behind the turn before.

    Empty without a history, and for one that stands alone or was asked before: it would look to be asked for more.
    """
    if not history or stands_alone(asked) or any(words(turn.question) == words(asked) for turn in history):
        return ""
    return f"{history[-1].question} {_opening(history[-1])} | {asked}"


def _before(history: Sequence[Turn]) -> str:
    """The question before without its opening, behind those that it leans on itself."""
    asked = [history[-1].question]
    for turn in reversed(history[-_QUESTIONS:-1]):
        if not leans(asked[0]):
            break
        asked.insert(0, turn.question)
    said = "; ".join(OPENING.sub("", new_topic(one) or one).strip(" ?") for one in asked)
    return " ".join(said.split()[-_MOST_ASKED:])


def _said(turn: Turn) -> str:
    """An answer; empty for a refusal."""
    return "" if turn.said.startswith(refusal()) else turn.said


def _opening(turn: Turn) -> str:
    """The first words of an answer."""
    return " ".join(_said(turn).split()[:_MOST_SAID])


# --- a new subject ----------------------------------------------------------------------------------------------------

_NEW_TOPIC = re.compile(
    r"""(?xi)^(?:ok(?:ay)?[,.]?\s|well[,.]?\s|now[,.]?\s)?(?:
      (?:a\s)?(?:new|different|another|other|separate|unrelated)\s(?:question|topic|subject)(?:\snow)?\s?[:,.!-]\s?
    | (?:let's|let\sus)\s(?:change\sthe\s(?:subject|topic)|talk\sabout\ssomething\selse|move\son)\s?[:,.!-]?\s?
    | (?:on\sa|to\sa)\sdifferent\s(?:topic|note|subject)\s?[:,.-]\s?
    | (?:changing|to\schange)\sthe\s(?:subject|topic)\s?[:,.-]\s?
    | something\s(?:else|different)(?:\sentirely)?\s?[:,.-]\s?
    | forget\s(?:that|it|about\s(?:that|it))\s?[:,.-]\s? )"""
)


def new_topic(asked: str) -> str:
    """The question behind "New question:", "Forget that."; empty for one that does not open so."""
    match = _NEW_TOPIC.match(asked)
    rest = asked[match.end() :].strip() if match else ""
    return rest[:1].upper() + rest[1:] if words(rest) else ""


def same_topic(history: Sequence[Turn]) -> Sequence[Turn]:
    """The turns since the last one that opens so."""
    begun = [number for number, turn in enumerate(history) if new_topic(turn.question)]
    return history[begun[-1] :] if begun else history


# --- a point of the answer --------------------------------------------------------------------------------------------

_ORDINALS = {word: n for word, n in ORDINALS.items() if n <= 10} | {"1st": 1, "2nd": 2, "3rd": 3, "last": 0, "final": 0}
_ORDINALS |= {f"{n}th": n for n in range(4, 11)}
_COUNTS = {word: n for word, n in UNITS.items() if 1 <= n <= 10}
_POINT = re.compile(
    rf"""(?xi)\b(?:the\s)?(?: (?P<nth>{any_of(_ORDINALS)})\s(?:point|item|one|part|sentence|reason|thing|bullet|fact
    |statement|finding)
    | (?:point|item|bullet|sentence|reason|number)\s(?:number\s)?(?P<number>\d{{1,2}}|{any_of(_COUNTS)}) )\b"""
)
_MORE = re.compile(
    r"(?i)^(?:(?:and|but|so|ok|okay|please|can you|could you|would you)[\s,]+)*(?:please\s)?(?:tell|more"
    r"|explain|elaborate|expand|say|go\sinto|give|what\s(?:is|was|about)"
    r"|describe|details?|i(?:'d| would)\slike|how\sabout|the\s|point\b|item\b)"
)
_NO_MORE = re.compile(
    r"""(?xi)[\s,]*(?:(?:again|please|in\smore\sdetail|(?:of|in|on)\s(?:that|this|your|the)\s(?:answer|list))[\s,]*)*
    [?.!]*"""
)
"""What may stand behind the point: "the last part of the trilogy" is none of the answer."""
_LIST_ITEM = re.compile(r"(?m)^\s*(?:[-*•]|\d{1,2}[.)])\s+(?P<item>.+)$")


def _point_of(asked: str, answer: str) -> str:
    match = _POINT.search(asked)
    if not match or not _MORE.match(asked) or not _NO_MORE.fullmatch(asked, match.end()):
        return ""
    points = [item["item"].strip() for item in _LIST_ITEM.finditer(answer)]
    if len(points) < 2:
        points = [answer[a:b] for a, b in sentence_spans(answer)]
    said = (match["nth"] or match["number"]).lower()
    at = int(said) if said.isdecimal() else (_ORDINALS | _COUNTS)[said]
    if at > len(points) or not points:
        return ""
    return f"Tell me more about this: {_short(points[at - 1])}"


def _short(point: str) -> str:
    kept = point.split()
    return " ".join(kept[:_MOST_OF_A_POINT]) + ("..." if len(kept) > _MOST_OF_A_POINT else "")
