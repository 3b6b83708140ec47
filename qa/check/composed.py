"""A sentence that code composes about what articles say, of pieces that stand in them word for word."""

from __future__ import annotations

from dataclasses import dataclass

from qa.types import Article, Claim, Span


@dataclass(frozen=True, slots=True)
class Composed(Claim):
    """A claim whose frame is the program's and whose pieces are the articles': "The articles say 17 issues, not 20."

    The check finds each piece again in its span; the words between them say nothing about the world.
    """

    quoted: tuple[tuple[str, Span], ...] = ()
    """Each piece as it stands in the text of the claim and in the span."""


def is_borne_out(claim: Composed) -> bool:
    """Whether every piece stands in the claim, and in the span that it is said to be from."""
    return bool(claim.quoted) and all(piece in claim.text and piece in span.text for piece, span in claim.quoted)


def told_by(article: Article) -> str:
    """Who says it and when, as a sentence names its source: "BelTA, 19 Jan 2017", "MIL OSI, undated"."""
    day = article.date
    if day is None:
        return f"{article.outlet or article.title}, undated"
    exact = {"year": f"{day:%Y}", "month": f"{day:%b %Y}"}
    return f"{article.outlet or article.title}, {exact.get(article.date_precision) or f'{day.day} {day:%b %Y}'}"
