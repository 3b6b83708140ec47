"""The text of an answer: its sentences in a row, with the numbers of their citations."""

from __future__ import annotations

from collections.abc import Sequence

from qa.types import Sentence


def marked_text(sentences: Sequence[Sentence]) -> str:
    """The sentences as one text, each after what leads it and followed by its `[n]` markers."""
    leads = (f"{s.prefix}{s.lead}: " if s.lead else s.prefix for s in sentences)
    markers = ("".join(f" [{n}]" for n in s.citations) for s in sentences)
    pieces = (lead + s.text + marker for lead, s, marker in zip(leads, sentences, markers, strict=True))
    return "".join(pieces).strip()
