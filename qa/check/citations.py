"""The citations that claims share, numbered in the order of first use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qa.check.verdict import Judgement
from qa.types import Citation, Span


def numbered(judgements: Sequence[Judgement]) -> tuple[list[tuple[int, ...]], tuple[Citation, ...]]:
    """The citation numbers of each judgement, ascending, and the citations in order of first use.

    Evidence inside a wider piece of evidence shares its number; only a verbatim claim keeps just its own words.
    """
    every = {_key(span): span for judgement in judgements for span in judgement.evidence}
    citations: dict[tuple[str, int, int], Citation] = {}
    numbers = []
    for judgement in judgements:
        used = set()
        for span in judgement.evidence:
            shown = span if judgement.verdict == "verbatim" else _widest(span, every.values())
            citation = Citation(len(citations) + 1, shown.article, shown.start, shown.end)
            used.add(citations.setdefault(_key(shown), citation).n)
        numbers.append(tuple(sorted(used)))
    return numbers, tuple(citations.values())


def _key(span: Span) -> tuple[str, int, int]:
    return span.article.id, span.start, span.end


def _widest(span: Span, others: Iterable[Span]) -> Span:
    """The longest of the spans that contain this one, itself among them."""
    around = [s for s in others if s.article.id == span.article.id and s.start <= span.start and span.end <= s.end]
    return max(around, key=lambda other: other.end - other.start)
