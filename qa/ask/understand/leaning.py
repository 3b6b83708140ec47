"""Says whether a question can be understood only with the conversation before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.language.lexicon import OBJECTS, OWNED, OWNERS, SEASONS, SUBJECTS, any_of
from qa.language.text import STOPWORDS, words

# Pronouns that stand for somebody or something said before, and openings that go on with it.
PRONOUN = re.compile(
    rf"""(?xi) \b(?: (?P<owner> {any_of({*OWNERS, *OWNED})} ) | {any_of({*SUBJECTS, *OBJECTS})}
    | this (?!\s(?:week|month|year|morning|afternoon|evening|weekend|{any_of(SEASONS)})\b)
    | these | those (?!\s(?:who|that|which)\b)
    | that (?=\s*(?:[?.!,]|$)|\s(?:happen|mean|meeting|summit|day|time|year|decision|statement|event
        |held|announced|decided|made|said|signed|agreed|true|possible|important|done|organi[sz]ed|reported|planned)\b)
    | there (?=\s*(?:[?.!,]|$)|\s(?:then|now|too|before|after|yesterday|today)\b)
    | then (?=\s*(?:[?.!]|$)) )\b"""
)
OPENING = re.compile(r"(?i)^(?:and|but|or|so|also|ok|okay)\b[\s,]*|^(?:what|how) about\b")
_GOES_ON = re.compile(r"(?i)^(?:tell me more|more about|why|when|where|who|how|what|which)\b")
_CORRECTS = re.compile(r"(?i)^(?:no|nope|not|sorry|oops|wait|actually)\b(?!.*\?)|^i mean(?:t)?\b")
_ELLIPSIS = re.compile(
    r"(?i)^(?:(?:by|for|to|from|in|at|with|of|since|until)\s)?(?:whom|how (?:much|many|long|often|far|old|big)"
    r"|what|which)"
    r"(?:\sexactly)?\s*[?.!]*$"
)
# "It" and "there" that stand for nothing said before.
EMPTY_USE = re.compile(
    r"(?i)\b(?:is|was) it (?:true|clear|possible|known|likely)\b|\bit (?:is|was) (?:true|clear|possible|known|likely)\b"
)
_MORE = re.compile(r"(?i)(?:tell me |say |give me )?more(?: please)?|go on|continue|what else|anything else")
_MANY = 4  # content words that are enough to search for a question alone, whoever "his" is
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w'-]*(?:\s+(?:of|the|and|for)?\s*[A-Z][\w'-]*)*")


def leans(asked: str) -> bool:
    """True if a question cannot be searched for alone: a pronoun lacks its name, or it continues a topic."""
    plain = words(asked)
    content = _content(plain)
    if (OPENING.match(asked) or _CORRECTS.match(asked)) and len(content) <= _MANY:
        return True
    if not content or _ELLIPSIS.match(asked) or (_GOES_ON.match(asked) and len(content) <= 1 and len(plain) <= 4):
        return True
    return bool(open_pronouns(asked, whose=len(content) < _MANY))


def stands_alone(asked: str) -> bool:
    """True for a question with words enough to be understood by itself, whatever was said before."""
    return not leans(asked) and len(_content(words(asked))) >= _MANY


def open_pronouns(asked: str, whose: bool = True) -> list[re.Match[str]]:
    """Pronouns that no name before them in the question explains; possessive ones only with `whose`."""
    pronouns = list(PRONOUN.finditer(EMPTY_USE.sub(lambda use: " " * len(use[0]), asked)))
    if not whose:
        pronouns = [pronoun for pronoun in pronouns if not pronoun["owner"]]
    # "Did Putin say he would come?" holds the name that "he" stands for; "What did he say about Putin?" hardly does.
    return [pronoun for pronoun in pronouns if not _NAME.search(asked, 0, pronoun.start())]


def is_unclear(asked: str) -> bool:
    """True for a question that says too little to be searched for at all: "Is it good?", "Why?", "Tell me more".

    One with a pronoun and two words of its own is searched for by them, whoever is meant.
    """
    plain = words(asked)
    content = _content(plain)
    if _MORE.fullmatch(asked.strip(" ?.!")) or (plain and not content):
        return True
    return len(content) == 1 and bool(open_pronouns(asked))


def _content(plain: Sequence[str]) -> list[str]:
    """The words that a question can be searched for by."""
    return [word for word in plain if word not in STOPWORDS and not PRONOUN.fullmatch(word)]
