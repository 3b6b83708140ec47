"""A reply as a reader may see it while it streams."""

from __future__ import annotations

import re

from qa.ask.answer.claims import read_claims
from qa.ask.answer.markers import Passages, bullet_end, read_markers, spoken_part, titles_of
from qa.language.text import words
from qa.types import Claim

# An end that may still become a marker, or vanish, is held back, so that nothing shown is withdrawn.
_UNFINISHED = re.compile(
    r"<!--(?:(?!-->).)*\Z|<(?P<name>script|style|iframe|svg)\b(?:(?!</(?P=name)\s*>).)*\Z"
    r"|(?:^|(?<=[.!?\])】]))[ \t>*_•#-]*(?:sources?|references?|citations?)[*_ \t]*(?::[^\n]*)?\Z"
    r"|(?:(?<=[\])】>])[ \t,;]*(?:and[ \t]+)?)?(?:"
    r"[!\\*_`]{0,4}(?:[\[【]|<(?=[/!a-z]))[^\]】>\n]{0,600}(?:[\]】>]\S*[ \t]*)?"
    r"|\([^()\n]{0,120}(?:\)\S*[ \t]*)?|\([\d,; ]{1,20}\)[ \t]*\S*"
    r"|(?:\b(?:passage|source)s?[ \t]+(?:[\d,;\[\] ]+(?:and )?)?)?\S{0,40})\Z",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)

_MARKED_END = re.compile(r"(?:[ \t]*[\[【(][\d,; ]{1,20}[\]】)])+\s*\Z")


def read_draft(raw: str, passages: Passages, finished: bool = False) -> str:
    """The reply so far for a reader: citations as `[n]`, numbered by first use, without reasoning or Markdown."""
    plain, marks = read_markers(raw if finished else _settled(raw, passages), passages)
    numbers: dict[int, int] = {}
    text, last = "", 0
    for offset in sorted({offset for offset, _ in marks}):
        cited = dict.fromkeys(place for at, place in marks if at == offset)
        text += plain[last:offset]
        text += " " if text and not text[-1].isspace() else ""
        text += "".join(f"[{numbers.setdefault(place, len(numbers) + 1)}]" for place in cited)
        text += " " if plain[offset : offset + 1].isalnum() else ""
        last = offset
    return re.sub(r"\n{3,}", "\n\n", text + plain[last:]).strip()


def claims_so_far(raw: str, passages: Passages) -> tuple[tuple[Claim, ...], int]:
    """The sentences of a reply that is being written, and how many of them are finished.

    The last can still grow, and a marker at the end of its line can be for all in it that have none.
    """
    settled = _settled(raw, passages)
    claims = read_claims(settled, passages)
    # Whose a marker is that stands behind a full stop, shows with the word after it.
    told = read_claims(settled[: end.start()], passages) if (end := _MARKED_END.search(settled)) else claims
    line = max((n for n, claim in enumerate(claims) if "\n" in claim.prefix), default=0)
    cited = max((n + 1 for n, claim in enumerate(told[:-1]) if claim.cites), default=0)
    return claims, max(line, cited)


def _settled(raw: str, passages: Passages) -> str:
    """The reply without an end that may still become a marker, and without a last line that may become a title."""
    spoken = spoken_part(raw)
    unfinished = _UNFINISHED.search(spoken)
    text = spoken[: unfinished.start()] if unfinished else spoken
    above, _, line = text.rpartition("\n")
    said = words(line[bullet_end(line) :])
    is_row = line.lstrip().startswith("|")
    return above if is_row or any(title[: len(said)] == said for title in titles_of(passages)) else text
