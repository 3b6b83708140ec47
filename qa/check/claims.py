"""What an answer claims: a sentence whose frame is the program's own, and text that claims nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.language.facts import find_facts
from qa.language.text import words
from qa.prompts import refusal
from qa.types import Claim, Span


@dataclass(frozen=True, slots=True)
class Composed(Claim):
    """A claim whose frame is the program's and whose pieces are the articles': "The articles say 17 issues, not 20."

    The check finds each piece again in its span; the words between them say nothing about the world.
    """

    quoted: tuple[tuple[str, Span], ...] = ()
    """Each piece as it stands in the text of the claim and in the span."""


def is_borne_out(claim: Composed) -> bool:
    """Whether every piece stands in the claim and in its own span."""
    return bool(claim.quoted) and all(piece in claim.text and piece in span.text for piece, span in claim.quoted)


# --- what claims nothing ----------------------------------------------------------------------------------------------

NO_STATEMENT = "not a statement of fact"
"""The reason beside the verdict on such text."""

_SILENT = re.compile(
    r"(?:unfortunately,? |sorry,? |however,? |based on [^,]{1,40}, )*"
    r"(?:(?:the|these|this|provided|given|cited|retrieved|available) )*"
    r"(?:articles?|passages?|sources?|texts?|context|excerpts?)(?: provided| given| cited| above)?"
    r"(?: do| does)?(?: not|n't)(?: \w+)? (?:say|mention|state|contain|provide|specify|give|tell|answer|include)\b"
    r"|i (?:do not|don't|can't|cannot|could not|couldn't) (?:find|say|tell|answer|know)\b"
    r"|there is no (?:information|mention)\b|no (?:article|passage|source)s? (?:says?|mentions?)\b",
    re.IGNORECASE,
)
_TURN = re.compile(r"\b(?:but|however|although|though|yet|while|whereas|except)\b|;", re.IGNORECASE)
_POLITE = re.compile(
    r"(?:hello|hi|hey|thanks|thank you|you're welcome|sure|certainly|of course|great question|i hope|i'm sorry"
    r"|let me know|here (?:is|are))\b",
    re.IGNORECASE,
)
_HEADING_WORDS = 12


def not_a_statement(text: str) -> bool:
    """Whether a normalised text claims nothing about the world: a question, greeting, heading, or "they do not say"."""
    bare = text.strip("*_#> \n\t")
    count = len(words(bare))
    if not count or bare == refusal() or bare.endswith("?") or (bare.endswith(":") and count <= _HEADING_WORDS):
        return True
    if silent := _SILENT.match(bare):
        return not _TURN.search(bare, silent.end())
    return bool(_POLITE.match(bare)) and not find_facts(bare)
