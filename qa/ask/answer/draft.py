"""A reply as a reader may see it while it streams."""

from __future__ import annotations

import re

from qa.ask.answer.claims import read_claims
from qa.ask.answer.markers import (
    BRACKETS,
    Keys,
    bullet_end,
    lift_marks,
    mark_citations,
    plain_links,
    spoken_part,
    titles_of,
)
from qa.language.text import words
from qa.types import Claim

# An end that may still become a marker or vanish is held back, so that nothing shown is withdrawn.
_UNFINISHED = re.compile(
    r"(?:(?<=[\])】])[ \t,;]*(?:and[ \t]+)?)?"
    r"(?:(?:\b(?:passage|source) )?\\?[\[【<]+[^\[\]【】<>\n]{0,300}"
    r"|(?:\b(?:passage|source) )?!?\\?\[[^\[\]\n]{1,300}\]\\?(?:\([^()\n]{0,600})?"
    r"|\\?\([^()\n]{0,120}"
    r"|\([\d,; ]{1,20}\)[ \t]?\w*|(?<!\w)!"
    r"|\b(?:https?|ftp|javascript|data|file):/?(?:/(?:w{1,3}\.?)?)?|\bwww\.|<[^<>]{0,600}"
    r"|(?:^|(?<=[.!?\])】]))[ \t*_>•-]*(?:sources?|references?|citations?)[*_ \t]*:[^\n]*"
    r"|[*_`]*(?:\b(?:passage|source|article|text|key) )?\w*)[*_`#\\]*\Z",
    re.IGNORECASE | re.MULTILINE,
)


def read_draft(raw: str, keys: Keys, finished: bool = False) -> str:
    """The reply so far for a reader: citations as `[n]`, numbered by first use, without reasoning or Markdown."""
    spoken = spoken_part(raw)
    plain, marks = lift_marks(mark_citations(spoken if finished else _settled(spoken, keys), keys))
    numbers: dict[int, int] = {}
    text, last = "", 0
    for offset in sorted({offset for offset, _ in marks}):
        cited = dict.fromkeys(i for at, i in marks if at == offset)
        text += plain[last:offset]
        text += " " if text and not text[-1].isspace() else ""
        text += "".join(f"[{numbers.setdefault(i, len(numbers) + 1)}]" for i in cited)
        text += " " if plain[offset : offset + 1].isalnum() else ""
        last = offset
    return re.sub(r"\n{3,}", "\n\n", text + plain[last:]).strip()


def claims_so_far(raw: str, keys: Keys) -> tuple[tuple[Claim, ...], int]:
    """The sentences of a reply that is being written, and how many of them are finished.

    The last can still grow, and a marker at the end of its line can be for all in it that have none.
    """
    claims = read_claims(_settled(spoken_part(raw), keys), keys)
    line = max((n for n, claim in enumerate(claims) if "\n" in claim.prefix), default=0)
    cited = max((n + 1 for n, claim in enumerate(claims[:-1]) if claim.cites), default=0)
    return claims, max(line, cited)


# An element that vanishes with its content once it is closed.
_OPEN = re.compile(
    r"<(?P<name>sup|sub|cite|ref|small|script|style|iframe|svg)\b(?:(?!</(?P=name)\s*>).)*\Z|<!--(?:(?!-->).)*\Z"
    r"|!\[[^\[\]\n]*(?:\](?:\([^()\n]*)?)?\Z|\[[^\[\]\n]+\]\((?:[^()\n]|\([^()\n]*\))*(?:\([^()\n]*)?\Z",
    re.DOTALL | re.IGNORECASE,
)


def _settled(spoken: str, keys: Keys) -> str:
    """The reply without an end that may still become a marker, and without a last line that may become a title."""
    if opened := _OPEN.search(spoken):  # what stands before it has settled
        spoken = spoken[: opened.start()]
    plain = plain_links(spoken)
    # A tag or a link that has just been closed ends the word before it.
    closed = spoken.endswith((">", ")")) and not plain.endswith((">", ")"))
    spoken = plain
    unfinished = None if opened or closed else _UNFINISHED.search(spoken, max(len(spoken) - 1_000, 0))
    text = spoken[: unfinished.start()] if unfinished else spoken
    above, _, line = text.rpartition("\n")
    if line.lstrip().startswith("|"):
        return above
    bare = BRACKETS.sub("", line)
    said = words(bare[bullet_end(bare) :])
    return above if any(title[: len(said)] == said for title in titles_of(keys)) else text
