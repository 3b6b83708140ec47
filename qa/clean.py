"""Cleans the text of an article: normal characters, whole paragraphs, without the lines that are not the article."""

from __future__ import annotations

import re

from qa.text import normalise

_BREAKS = re.compile(r"\n\s*\n")
_SPACES = re.compile(r"[^\S\n]+")
# Lines that scrapers bring along and no reader would quote. A number, a price or a month on its own stays: it may be
# the answer.
_NOT_THE_ARTICLE = re.compile(
    r"""(?xi)
      [•·*\-–—_|=~\s]*+                                            # a rule, an empty bullet
    | [•·*|]\s*+\d{1,3}                                            # a bullet with the number of a picture
    | \d{1,2}:\d{2} (?:\s*[ap]\.?m\.?)?                            # a clock
    | (?-i:[A-Z]{3}) \s+ \d{1,6}[.,]\d{2,4}                        # a currency ticker
    | (?: popular | advertisement | sponsored | related(?:\s(?:articles|stories))? | read\smore | share(?:\sthis)?
        | tweet | most\sread | trending | subscribe | sign\sup | newsletter | loading\.{0,3} ) [:.!]?
    | (?: post\ssponsored\sby | share\sthis\s(?:article|story) | click\shere\sto ) \b .{0,80}
    """
)
_HARD_WRAPPED = range(40, 91)  # columns at which old wires and mail break their lines


def clean(text: str) -> str:
    """The text in paragraphs separated by one empty line, NFC, with plain spaces and quotes."""
    paragraphs = (paragraph for block in _BREAKS.split(normalise(text)) for paragraph in _paragraphs(block))
    return "\n\n".join(paragraph for paragraph in paragraphs if not _NOT_THE_ARTICLE.fullmatch(paragraph))


def _paragraphs(block: str) -> list[str]:
    """The paragraphs of a block without empty lines: one if its lines were broken at a column, else one a line."""
    lines = [stripped for line in block.split("\n") if (stripped := _SPACES.sub(" ", line).strip())]
    return [" ".join(lines)] if _is_hard_wrapped(lines) else lines


def _is_hard_wrapped(lines: list[str]) -> bool:
    """Whether lines of much the same length break off within their sentences."""
    if len(lines) < 3 or any(line[0] in "-–—•*" for line in lines):
        return False
    full = lines[:-1]
    broken_off = sum(line[-1] not in ".!?:\"'" for line in full)
    lengths = [len(line) for line in full]
    return all(n in _HARD_WRAPPED for n in lengths) and max(lengths) - min(lengths) < 25 and broken_off * 2 > len(full)
