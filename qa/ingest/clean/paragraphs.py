"""Finds the paragraphs of a raw text: normal characters, one space between words, lines broken at a column joined."""

from __future__ import annotations

import re

from qa.language.text import normalise

_BREAKS = re.compile(r"\n\s*\n")
_HARD_WRAPPED = range(40, 91)  # columns at which old wires and mail break their lines


def split_paragraphs(text: str) -> list[str]:
    """The paragraphs of a raw text, in order; a line that stands alone is one."""
    return [paragraph for block in _BREAKS.split(normalise(text)) for paragraph in _of_block(block)]


def _of_block(block: str) -> list[str]:
    """The paragraphs of a block without empty lines: one if its lines were broken at a column, else one a line."""
    lines = [line for raw in block.split("\n") if (line := " ".join(raw.split()))]
    return [" ".join(lines)] if _is_hard_wrapped(lines) else lines


def _is_hard_wrapped(lines: list[str]) -> bool:
    """True if lines of similar length break in mid-sentence."""
    if len(lines) < 3 or any(line[0] in "-–—•*" for line in lines):
        return False
    full = lines[:-1]
    broken_off = sum(line[-1] not in ".!?:\"'" for line in full)
    lengths = [len(line) for line in full]
    return all(n in _HARD_WRAPPED for n in lengths) and max(lengths) - min(lengths) < 25 and broken_off * 2 > len(full)
