"""The text of an answer: its sentences in a row, with the numbers of their citations."""

from __future__ import annotations

from collections.abc import Sequence

from qa.types import Sentence


def marked_text(sentences: Sequence[Sentence]) -> str:
    """The sentences as one text, each after what leads it and followed by its `[n]` markers."""
    leads = (set_before(s.prefix, s.heading, f"{s.lead}: " if s.lead else "") for s in sentences)
    markers = ("".join(f" [{n}]" for n in s.citations) for s in sentences)
    pieces = (lead + s.text + marker for lead, s, marker in zip(leads, sentences, markers, strict=True))
    return "".join(pieces).strip()


def set_before(prefix: str, heading: str, lead: str) -> str:
    """All that stands before a sentence: a heading on a line of its own, between white space and the mark of a list."""
    mark = prefix.lstrip()
    return f"{prefix.removesuffix(mark)}{heading}\n{mark}{lead}" if heading else prefix + lead
