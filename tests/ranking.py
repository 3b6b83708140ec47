"""What tests of ranking are made of: a word index over a few passages, and hits of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from qa.ask.retrieve.fuse import fuse
from qa.store import Candidate, WordIndex
from qa.store.words.wording import wording_of
from qa.types import Article, Hit, Passage


def passage(
    text: str,
    id_: int = 1,
    article: str = "a",
    title: str = "",
    date: dt.date | None = None,
    outlet: str | None = None,
) -> Passage:
    """A passage that is the whole of its article."""
    return Passage(Article(article, title, text, date=date, outlet=outlet), 0, len(text), id_)


def index_of(passages: Sequence[Passage]) -> WordIndex:
    """The word index over them, whose ids must rise."""
    return WordIndex.empty().updated((each.id, wording_of(each)) for each in passages)


def found(question: str, passages: Sequence[Passage], index: WordIndex) -> list[Hit]:
    """All of them as a search by words alone finds them, best first."""
    scores = index.scores(question)
    return fuse([Candidate(each, index.score_of(each.id, scores), None) for each in passages], 1.0)


def ids(hits: Sequence[Hit]) -> list[int]:
    """The passages of the hits, in order."""
    return [hit.passage.id for hit in hits]
