"""Injections: sentences of an article that speak to the program that reads it. They are no evidence."""

from __future__ import annotations

import re
from functools import lru_cache

from qa.language.text import sentence_spans
from qa.types import Span

_INJECTION = re.compile(
    r"""
    \b(?:ignore|disregard|forget|override|bypass)[ ]
        (?:(?:the|all|any|every|your|previous|prior|above|earlier|other|these|those|of)\ )*
        (?:instruction|prompt|question|rule|direction|guideline|order|context|passage|article|text|message|above\b|command)\w*
    | \b(?:ignore|disregard|forget)\ (?:everything|all\ of\ this|all\ that|what)\ (?:above|before|you|said)
    | \b(?:system|developer|hidden|secret|initial)\ (?:prompt|instruction|message)s?\b
    | \b(?:your|the\ following)\ (?:\w+\ )?(?:instructions|prompt|system\ message)\b
    | \b(?:assistant|ai|chatbot|language\ model|llm|gpt|bot)s?(?:\ (?:must|should|shall|has\ to|reading)\b|:|,)
        [^.]{0,80}\b(?:answer|reply|respond|write|output|print|repeat|cite|ignore|pretend)\b
    | ^\W*(?:system|assistant|user|human|instructions?)\s*(?:\(\w+\))?\s*[:>]
    | (?:^\W*|\b(?:you|must|should|now|please|always|and|instead|only)[,:]?\ )(?:only\ |always\ |exactly\ |just\ )*
        (?:reply|respond|answer)\ (?:only\ |exactly\ |just\ )?(?:with|in|that|as|by|using|to\ every)\b
    | ^\W*(?:please\ |now,?\ |then\ |always\ |only\ |you\ must\ |and\ |instead,?\ )*
        (?:say(?!\ (?:good|hello))|write|output|print|repeat|reveal|cite|respond|reply|translate|decode|pretend|append
        |insert|render|execute|begin|end|start)\b
        (?:[^.:"']{0,60}\b(?:prompt|answer|reply|keys?|instructions?|following|above|exactly|word\ for\ word|link
            |passages?|everything)\b
        |\ [^.:"']{1,60}:|\ ?["'`<\[](?!Something)|:\ )
    | ^\W*pretend\ that\b
    | \byou\ (?:are\ now|will\ now|must\ now|are\ an?\ (?:ai|assistant|language|chatbot|unrestricted))\b
    | \b(?:act|behave|pretend|speak|role-?play)\ (?:as|like|to\ be)\ (?:if\ |an?\ |the\ )?[^.]{0,40}\b
        (?:assistant|ai|model|pirate|expert|system|dan|character|unrestricted|no\ rules)\b
    | <\|?/?(?:im_start|im_end|system|assistant|user|passage|end|s|inst|script|img|iframe)\b
    | ‹\|?/?(?:im_|passage|system)
    | \[/?(?:inst|system)\] | <</?sys>> | \#{2,}\ ?(?:instruction|system|assistant|response|human)
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)


# Every injection holds one of these: to look for them first is a hundred times as fast.
_HINTS = tuple(
    """ignor disregard forget overrid bypass prompt instruct messag assistant chatbot model llm gpt bot system user
    human reply respond answer say write output print repeat reveal cite translat decod pretend append insert render
    execut begin end start act behav speak role <| </ [ ‹ ## << you""".split()
)


# Characters of a paragraph before and after a span that an injection may stand in.
_AROUND = 1_500


def is_injected(span: Span) -> bool:
    """Whether the span, or its paragraph around it, speaks to a program."""
    text = span.article.text
    start = max(text.rfind("\n\n", 0, span.start), span.start - _AROUND, 0)
    end = text.find("\n\n", span.end, span.end + _AROUND)
    return is_injection(text[start : end if end >= 0 else span.end + _AROUND])


@lru_cache(maxsize=4096)
def is_injection(text: str) -> bool:
    """Whether any sentence of the text tells a language model what to do, or poses as part of its prompt."""
    lower = text.lower()
    if not any(hint in lower for hint in _HINTS):
        return False
    return any(_INJECTION.search(text[start:end]) for start, end in sentence_spans(text))
