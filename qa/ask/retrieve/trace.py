"""What became of every passage that the searches of a question found, for the reader who asks why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.ask.retrieve.rank import FIRST_PAGE
from qa.types import Citation, Considered, Hit, Passage, Search, Span

MOST = 50
"""Passages that are listed, at most; those that lost their place to another come on top of them."""
MOST_COPIES = 10

NEAR, COVERED, FUSED = "nearness", "coverage", "fused"
COPY = "copy of the same story"
NO_ROOM = "no room left in the prompt"


@dataclass(frozen=True, slots=True)
class Look:
    """One search with all that it came to."""

    text: str
    first: Sequence[Hit] = ()
    """What words, vectors and days brought, as they were fused."""
    second: Sequence[Hit] = ()
    """The same of the second search."""
    best: float | None = None
    """Score of the best passage before the second search."""
    is_second_made: bool = False
    orders: Mapping[str, Sequence[Hit]] = field(default_factory=dict)
    """Name -> the hits as that ordered and scored them, best first: "ranker", "reranker". The last one counts."""
    nearness: Mapping[int, float] = field(default_factory=dict)
    """Id of a passage -> nearness of its day to the time asked about, 0 to 1; empty where there is none."""

    @property
    def search(self) -> Search:
        """The search in numbers."""
        known = {hit.passage.id for hit in self.first}
        added = sum(hit.passage.id not in known for hit in self.second) if self.is_second_made else None
        return Search(self.text, len(self.first), self.best, added)

    def rows(self) -> dict[int, Considered]:
        """A row for every passage that was found, by its id; without its final place."""
        firsts, seconds = _ranks(self.first), _ranks(self.second)
        orders = {
            name: {hit.passage.id: (place, hit) for place, hit in enumerate(hits, start=1)}
            for name, hits in self.orders.items()
        }
        rows: dict[int, Considered] = {}
        for hit in (*self.first, *self.second):
            id_ = hit.passage.id
            if id_ in rows:
                continue
            ranks = dict(firsts[id_] if id_ in firsts else seconds[id_])
            scores = {FUSED: hit.score}
            if hit.bm25 > 0:
                scores["words"] = hit.words
            if hit.cosine is not None:
                scores["vectors"] = hit.vectors
            if id_ in self.nearness:
                scores[NEAR] = self.nearness[id_]
            for name, places in orders.items():
                if id_ in places:
                    ranks[name], scored = places[id_]
                    scores |= {name: scored.score, COVERED: scored.coverage}
            rows[id_] = _row(hit.passage, ranks, scores, is_second=id_ not in firsts)
        return rows


def _ranks(hits: Sequence[Hit]) -> dict[int, dict[str, int]]:
    """By id of the passage: its place by words and by vectors, where those found it."""
    ranks: dict[int, dict[str, int]] = {hit.passage.id: {} for hit in hits}
    by_words = sorted((hit for hit in hits if hit.bm25 > 0), key=lambda hit: -hit.bm25)
    by_vectors = sorted((hit for hit in hits if hit.cosine is not None), key=lambda hit: -(hit.cosine or 0.0))
    for name, order in (("words", by_words), ("vectors", by_vectors)):
        for place, hit in enumerate(order, start=1):
            ranks[hit.passage.id][name] = place
    return ranks


def _row(passage: Passage, ranks: Mapping[str, int], scores: Mapping[str, float], *, is_second: bool) -> Considered:
    article = passage.article
    return Considered(
        article.id,
        article.title,
        passage.start,
        passage.end,
        article.outlet,
        article.date,
        article.date_precision,
        ranks=ranks,
        scores=scores,
        is_second=is_second,
    )


def considered(
    looks: Sequence[Look], merged: Sequence[Hit], final: Sequence[Hit], per_article: int
) -> list[Considered]:
    """A row for every passage that the looks found: those of `final` in that order, then those that are not in it.

    `merged` is the order before no article was allowed more than `per_article` passages of the first page.
    """
    tables = [look.rows() for look in looks]
    places = [{hit.passage.id: at for at, hit in enumerate(_last(look))} for look in looks]
    held_back = _held_back(merged, final)
    rows = []
    for rank, hit in enumerate(final, start=1):
        id_ = hit.passage.id
        look = min(range(len(looks)), key=lambda n: places[n].get(id_, len(final)))
        row = replace(tables[look][id_], rank=rank, part=looks[look].text if len(looks) > 1 else "")
        rows.append(replace(row, reason=_crowded(per_article)) if id_ in held_back else row)
    known = {hit.passage.id for hit in final}
    lost = {id_: row for table in tables for id_, row in table.items() if id_ not in known}
    return [*rows, *(replace(row, reason=COPY) for row in lost.values())]


def _last(look: Look) -> Sequence[Hit]:
    return list(look.orders.values())[-1] if look.orders else look.first


def _held_back(merged: Sequence[Hit], final: Sequence[Hit]) -> set[int]:
    """The passages that others overtook on their way to the first page."""
    page = {hit.passage.id for hit in final[:FIRST_PAGE]}
    last = max((at for at, hit in enumerate(merged) if hit.passage.id in page), default=0)
    return {hit.passage.id for hit in merged[:last] if hit.passage.id not in page}


def _crowded(per_article: int) -> str:
    return f"behind the first page: {per_article} passage{'' if per_article == 1 else 's'} of this article are on it"


def decided(
    rows: Sequence[Considered],
    top: int,
    citations: Sequence[Citation],
    *,
    is_refusal: bool,
    in_prompt: Collection[Span] | None = None,
) -> tuple[Considered, ...]:
    """The rows with what became of each, where the answer was made with the first `top`.

    `in_prompt` are the passages that had room in the prompt of a model; None where none wrote the answer.
    """
    return tuple(_decided(rows, top, citations, is_refusal, in_prompt))


def _decided(
    rows: Sequence[Considered],
    top: int,
    citations: Sequence[Citation],
    is_refusal: bool,
    in_prompt: Collection[Span] | None,
) -> Iterator[Considered]:
    for row in rows:
        cites = tuple(
            c.n for c in citations if c.article.id == row.article_id and c.start < row.end and row.start < c.end
        )
        if cites:
            yield replace(row, fate="closest" if is_refusal else "cited", cites=cites, reason="")
        elif row.rank is None or row.rank > top:
            yield replace(row, reason=row.reason or f"below the first {top}")
        elif in_prompt is not None and not any(_holds(span, row) for span in in_prompt):
            yield replace(row, reason=NO_ROOM)
        else:
            yield replace(row, fate="read", reason="")


def _holds(span: Span, row: Considered) -> bool:
    return span.article.id == row.article_id and span.start <= row.start and row.end <= span.end


def listed(rows: Sequence[Considered]) -> tuple[Considered, ...]:
    """The rows worth keeping: the best, those that are cited, and some of those that lost their place."""
    placed = [row for row in rows if row.rank is not None]
    lost = [row for row in rows if row.rank is None]
    kept = [row for row in placed if (row.rank or 0) <= MOST or row.cites]
    return (*kept, *sorted(lost, key=lambda row: not row.cites)[:MOST_COPIES])
