"""How an answer came about, for the reader who asks why: what became of every passage that was found, and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from qa.ask.answer.answerer import Answered
from qa.ask.retrieve.passes import SearchPass
from qa.ask.retrieve.rank import FIRST_PAGE
from qa.ask.retrieve.retrieve import Retrieval
from qa.settings import Settings
from qa.types import Citation, Considered, Hit, ModelCall, Passage, Question, Span, Trace

MOST = 50
"""Passages that are listed, at most; those that lost their place to another come on top of them."""
MOST_COPIES = 10

NEAR, COVERED, FUSED = "nearness", "coverage", "fused"
COPY = "copy of the same story"
NO_ROOM = "no room left in the prompt"


def trace_of(
    question: Question,
    found: Retrieval,
    answered: Answered,
    citations: Sequence[Citation],
    stages_ms: Mapping[str, float],
    settings: Settings,
    calls: Sequence[ModelCall] = (),
) -> Trace:
    """How an answer with these citations, or a refusal that shows them, came about."""
    exchange = answered.exchange
    in_prompt = exchange.passages if exchange and not answered.failure else None
    placed = considered(found.passes, found.merged, found.hits, settings.per_article)
    rows = decided(placed, settings.top, citations, is_refusal=not answered.claims, in_prompt=in_prompt)
    kept = listed(rows)
    return Trace(
        question,
        tuple(each.search for each in found.passes),
        settings.look_again_below,
        kept,
        len(rows) - len(kept),
        answered.confidence,
        settings.refuse_below,
        exchange.messages if exchange else None,
        exchange.raw if exchange else None,
        {"understand": stages_ms["understand"], **found.stages_ms}
        | {stage: stages_ms[stage] for stage in ("read", "answer", "check")},
        tuple(calls),
    )


# --- where each search put a passage ----------------------------------------------------------------------------------


def _rows(found: SearchPass) -> dict[int, Considered]:
    """A row for every passage that was found, by its id; without its final place."""
    firsts, seconds = _ranks(found.first), _ranks(found.second)
    orders = {
        name: {hit.passage.id: (place, hit) for place, hit in enumerate(hits, start=1)}
        for name, hits in found.orders.items()
    }
    rows: dict[int, Considered] = {}
    for hit in (*found.first, *found.second):
        id_ = hit.passage.id
        if id_ in rows:
            continue
        ranks = dict(firsts[id_] if id_ in firsts else seconds[id_])
        scores = {FUSED: hit.score}
        if hit.bm25 > 0:
            scores["words"] = hit.words
        if hit.cosine is not None:
            scores["vectors"] = hit.vectors
        if id_ in found.nearness:
            scores[NEAR] = found.nearness[id_]
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
    passes: Sequence[SearchPass], merged: Sequence[Hit], final: Sequence[Hit], per_article: int
) -> list[Considered]:
    """A row for every passage that was found: those of `final` in that order, then those that are not in it.

    `merged` is the order before no article was allowed more than `per_article` passages of the first page.
    """
    tables = [_rows(each) for each in passes]
    places = [{hit.passage.id: at for at, hit in enumerate(each.final)} for each in passes]
    held_back = _held_back(merged, final)
    rows = []
    for rank, hit in enumerate(final, start=1):
        id_ = hit.passage.id
        best = min(range(len(passes)), key=lambda n: places[n].get(id_, len(final)))
        row = replace(tables[best][id_], rank=rank, part=passes[best].text if len(passes) > 1 else "")
        rows.append(replace(row, reason=_crowded(per_article)) if id_ in held_back else row)
    known = {hit.passage.id for hit in final}
    lost = {id_: row for table in tables for id_, row in table.items() if id_ not in known}
    return [*rows, *(replace(row, reason=COPY) for row in lost.values())]


def _held_back(merged: Sequence[Hit], final: Sequence[Hit]) -> set[int]:
    """The passages that others overtook on their way to the first page."""
    page = {hit.passage.id for hit in final[:FIRST_PAGE]}
    last = max((at for at, hit in enumerate(merged) if hit.passage.id in page), default=0)
    return {hit.passage.id for hit in merged[:last] if hit.passage.id not in page}


def _crowded(per_article: int) -> str:
    return f"behind the first page: {per_article} passage{'' if per_article == 1 else 's'} of this article are on it"


# --- what became of it ------------------------------------------------------------------------------------------------


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

    def decide(row: Considered) -> Considered:
        cites = tuple(
            c.n for c in citations if c.article.id == row.article_id and c.start < row.end and row.start < c.end
        )
        if cites:
            return replace(row, fate="closest" if is_refusal else "cited", cites=cites, reason="")
        if row.rank is None or row.rank > top:
            return replace(row, reason=row.reason or f"below the first {top}")
        if in_prompt is not None and not any(_holds(span, row) for span in in_prompt):
            return replace(row, reason=NO_ROOM)
        return replace(row, fate="read", reason="")

    return tuple(map(decide, rows))


def _holds(span: Span, row: Considered) -> bool:
    return span.article.id == row.article_id and span.start <= row.start and row.end <= span.end


def listed(rows: Sequence[Considered]) -> tuple[Considered, ...]:
    """The rows worth keeping: the best, those that are cited, and some of those that lost their place."""
    placed = [row for row in rows if row.rank is not None]
    lost = [row for row in rows if row.rank is None]
    kept = [row for row in placed if (row.rank or 0) <= MOST or row.cites]
    return (*kept, *sorted(lost, key=lambda row: not row.cites)[:MOST_COPIES])
