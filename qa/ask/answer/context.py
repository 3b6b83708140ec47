"""Widens the passages found: a model also gets a little of the text before and after each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa.language.text import sentence_spans
from qa.types import Hit, Passage

MARGIN = 300
"""Most characters before and after a passage: a sentence or two, enough to show who "he" is."""


def widened(hits: Sequence[Hit], margin: int = MARGIN) -> list[Hit]:
    """The hits with whole sentences round each passage, up to `margin` characters on either side.

    Text that another hit has is not added twice.
    """
    return [replace(hit, passage=_wider(hit.passage, hits, margin)) for hit in hits]


def _wider(passage: Passage, hits: Sequence[Hit], margin: int) -> Passage:
    others = [h.passage for h in hits if h.passage.article.id == passage.article.id and h.passage.id != passage.id]
    floor = max((other.end for other in others if other.end <= passage.start), default=0)
    ceiling = min((other.start for other in others if other.start >= passage.end), default=len(passage.article.text))
    floor, ceiling = max(floor, passage.start - margin), min(ceiling, passage.end + margin)
    spans = _sentences(passage, floor, ceiling)
    start = min((a for a, b in spans if a >= floor and b <= passage.start), default=passage.start)
    end = max((b for a, b in spans if a >= passage.end and b <= ceiling), default=passage.end)
    return replace(passage, start=start, end=end)


def _sentences(passage: Passage, floor: int, ceiling: int) -> list[tuple[int, int]]:
    """The whole sentences on both sides of a passage; a sentence that the limits cut is left out."""
    text = passage.article.text
    before = [(floor + a, floor + b) for a, b in sentence_spans(text[floor : passage.start])]
    after = [(passage.end + a, passage.end + b) for a, b in sentence_spans(text[passage.end : ceiling])]
    begins = floor == 0 or text[floor - 1].isspace() and text[:floor].rstrip()[-1:] in ".!?\"'\n"
    ends = ceiling == len(text) or text[:ceiling].rstrip()[-1:] in ".!?\"'"
    return [*(before if begins else before[1:]), *(after if ends else after[:-1])]
