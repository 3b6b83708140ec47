"""Which words ask for a briefing, about what, and if only since the reader was last here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.ask.smalltalk import talk_of

_VISIT = re.compile(
    r"(?:^|,? )since (?:(?:my|our) (?:last|previous) (?:visit|time|log-?in|session)|i was (?:last )?here(?: last)?"
    r"|last time)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:please )?(?:"
    r"(?:(?:give|show|write|make) (?:me|us) )?(?:a |the |my )?(?:short |quick |full |daily |morning |news )*briefing"
    r"|brief (?:me|us)|what(?:'s| is) new(?= (?:on|about|with) ))"
    r"(?: (?:on|about|of|for|with) (?P<topic>.+))?",
    re.IGNORECASE,
)
_GOINGS_ON = re.compile(
    r"(?:what(?:'s| is| was| has| else)? (?:happened|happening|going on|changed|been added|come in)(?: in the news)?)?",
    re.IGNORECASE,
)
_WHATEVER = re.compile(
    r"(?:this|that|it|these|those|everything|all|all of it|(?:all )?the news|(?:this|the) (?:story|article)(?:: .*)?"
    r"|(?:these|the|my|all) articles)",
    re.IGNORECASE,
)


_LEFT = re.compile(r"(?i)(?:^|\s+)(?:(?:on|in|for|of|from|during|over|within|since|the)\s*)+$")


@dataclass(frozen=True, slots=True)
class BriefingAsked:
    """A briefing that is asked for."""

    topic: str = ""
    """What it is to be about, as typed; empty for whatever the filters let through."""
    since_visit: bool = False
    """Whether only what is new since the reader was last here is wanted."""


def without_days(text: str, days: str) -> str:
    """A text without the words that name days, and without what led to them: "Ukraine" of "Ukraine in March 2024"."""
    return " ".join(_LEFT.sub("", text.replace(days, " ").rstrip(" ?.!,")).split()).strip(" ,")


def briefing_asked(text: str, is_dated: bool = False) -> BriefingAsked | None:
    """The briefing that a question asks for; None for any other question.

    With `is_dated` the text is what is left of a question without its days: "what happened" of "what happened today".
    """
    typed = " ".join(text.replace("’", "'").split()).strip(" ?.!")
    rest = _VISIT.sub("", typed).strip(" ,")
    since_visit = rest != typed
    if talk_of(rest) == "new" or (since_visit or is_dated) and _GOINGS_ON.fullmatch(rest):
        return BriefingAsked("", since_visit)
    if match := _ASKS.fullmatch(re.sub(r",? please$", "", rest, flags=re.IGNORECASE)):
        topic = match["topic"] or ""
        return BriefingAsked("" if _WHATEVER.fullmatch(topic) else topic, since_visit)
    return None
