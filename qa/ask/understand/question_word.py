"""Asks the same with another question word: "Who opened the fair?", "when?" -> "When was it that Ann opened it?"."""

from __future__ import annotations

import re

from qa.ask.understand.mentions import mentions
from qa.language.names import find_names
from qa.language.text import sentence_spans

_PREP = r"(?:(?:in|on|at|to|from|by|for|with|of|since|until)\s)?"
_INVERTED = re.compile(
    rf"""(?xi)^{_PREP}(?: (?P<plain>who|whom|what|when|where|why|how|how\slong|how\soften|how\sfar)
    | (?P<which>how\smany|how\smuch|which|what|whose)\s(?P<noun>(?:(?!\b(?:did|does|do|will|would|can|could|is|are
    |was|were|has|have|had)\b)[\w'.-]+\s){{1,5}}?) )
    \s?(?P<aux>did|does|do|will|would|can|could|should)\s(?P<rest>.+?)[?.]*$"""
)
_BEING = re.compile(
    rf"(?i)^{_PREP}(?P<word>when|where|why|how|in\swhich\s\w+|what\syear|which\s(?:year|day|city|country))\s(?P<be>is|are|was|were|has|have|had)\s(?P<rest>.+?)[?.]*$"
)
_PASSIVE = re.compile(
    r"(?i)^(?:who|which\s(?P<noun>[\w'.-]+(?:\s[\w'.-]+)?)|what)\s(?P<be>is|are|was|were|has\sbeen|have\sbeen|will\sbe)\s(?P<rest>(?:\w+(?:ed|en)|chosen|made|built|won|sold"
    r"|sent|put|found|told|held|given|shot|caught|taken|named)\b.*?)[?.]*$"
)
_SUBJECT = re.compile(
    r"(?i)^(?:(?P<who>who|what)|(?P<which>which|what|how\smany)\s(?P<noun>[\w'.-]+(?:\s[\w'.-]+)?))\s(?P<rest>(?:\w+ed|took|made|won|became|came|went|said|led|met|began|left|lost|beat"
    r"|broke|bought|sold|built|gave|got|found|held|hit|kept|told|sent|set|shot|spoke|stole|struck|wrote|fell|rose|ran|drew|chose|died|has|have|had|will)\b.*?)[?.]*$"
)


def asked_otherwise(before: str, word: str, answer: str = "") -> str:
    """The question `before` with the question word `word`; "" if it cannot be rewritten so.

    What "who" or "which" asked for is named from the answer.
    """
    word = " ".join(word.split())
    first_word = before.split(" ", 1)[0].lower()
    if first_word == word.lower():
        return ""  # "When?" after "When ...?" asks for something else
    new = word[:1].upper() + word[1:]
    if match := _INVERTED.match(before):
        asked_for = (match["plain"] or "").lower()
        what = match["noun"] or {"what": "that", "who": "somebody", "whom": "somebody"}.get(asked_for, "")
        if asked_for in ("who", "whom"):
            what = _answered(before, answer) or what
        rest = _with_object(match["rest"], what.strip()) if what else match["rest"]
        if not rest or (asked_for in ("who", "whom", "what") and word.lower() in ("who", "what")):
            return ""
        return f"{new} {match['aux'].lower()} {rest}?"
    if match := _BEING.match(before):
        return f"{new} {match['be']} {match['rest']}?"
    if match := _PASSIVE.match(before):
        who = _answered(before, answer) or (f"the {match['noun']}" if match["noun"] else "")
        be, _, been = match["be"].partition(" ")
        return f"{new} {be} {who} {been} {match['rest']}?" if who else ""
    if match := _SUBJECT.match(before):
        who = _answered(before, answer) or (_counted(match) if match["noun"] else "")
        return f"{new} was it that {who} {match['rest']}?" if who else ""
    return ""


def _counted(match: re.Match[str]) -> str:
    return match["noun"] if match["which"].lower() == "how many" else f"the {match['noun']}"


def _with_object(rest: str, noun: str) -> str:
    """The rule of "Kazakhstan send to the exercise" with "troops": "Kazakhstan send troops to the exercise"."""
    subject = next((m for m in mentions(f"did {rest}") if m.start == 4), None)
    if not subject:
        return ""
    end = subject.end - 4
    verb = re.match(r"\s(?:\w+ly\s)?[\w-]+", rest[end:])
    if not verb:
        return ""
    at = end + verb.end()
    return f"{rest[:at]} {noun}{rest[at:]}"


def _answered(before: str, answer: str) -> str:
    """The first person named in the answer who is not in the question."""
    spans = sentence_spans(answer)
    if not spans:
        return ""
    sentence = answer[slice(*spans[0])]
    for start, end in find_names(sentence):
        name = sentence[start:end]
        if name.lower() not in before.lower() and start < 80:
            the = "the " if sentence[max(0, start - 4) : start].lower() == "the " else ""
            return the + name
    return ""
