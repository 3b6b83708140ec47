"""Composes the finding of passages: search -> fuse -> rank, for each part of a question, twice where it is weak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.ask.retrieve.fuse import fuse
from qa.ask.retrieve.passes import SearchPass
from qa.ask.retrieve.rank import interleaved, nearness_of, one_per_story, rank, spread
from qa.ask.retrieve.rank.model import load_ranker
from qa.ask.retrieve.read import reranked, reread
from qa.ask.retrieve.search import search
from qa.library import Library
from qa.models import Reranker, Vectors, query_vector, ready_reranker
from qa.models.reader import Reader
from qa.models.static import load_bundled
from qa.runtime import Clock
from qa.store import WordIndex, WordQuery, days_of
from qa.types import Hit, Part, Question

RANKER_EMBEDDER = "news"
"""The ranker compares meanings by the vectors it was trained with, whichever embedder the library has."""
SECOND_LOOK = 5
"""Passages whose words a second search takes along."""
FEEDBACK = 0.3
"""What those words count together, the question being 1; more of them makes quiz questions worse."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question."""

    hits: tuple[Hit, ...]
    """Best first. The score is the probability, 0 to 1, that the passage answers; with a reranker, what that says."""
    notice: str | None = None
    """Why words alone had to do, for the reader."""
    passes: tuple[SearchPass, ...] = field(default=(), compare=False)
    """What each search came to: one for each part of the question, and one for the whole of it."""
    merged: tuple[Hit, ...] = field(default=(), compare=False)
    """The hits before any was held back for others of its article."""
    stages_ms: Mapping[str, float] = field(default_factory=dict, compare=False)
    """Time of "search" and "rank"."""


@dataclass(frozen=True, slots=True)
class _Ranked:
    """What was found for a question of one part."""

    hits: Sequence[Hit]
    notice: str | None
    search_pass: SearchPass


def retrieve(
    library: Library, question: Question, reranker: Reranker | None = None, reader: Reader | None = None
) -> Found:
    """The passages found for a question; each of its parts has its place among the first.

    With a reader the first few are read and ordered again, unless a reranker orders them. Raises LibraryError,
    ModelError.
    """
    clock = Clock("search", "rank")
    # The whole question too: a passage that speaks of all its parts at once is worth the most.
    questions = [*(_alone(question, part) for part in question.parts), replace(question, parts=())]
    found = [_ranked(library, each, reranker, reader, clock) for each in questions]
    merged = interleaved([each.hits for each in found])
    hits = spread(merged, library.settings.per_article)
    return Found(
        tuple(hits),
        next((each.notice for each in found if each.notice), None),
        tuple(each.search_pass for each in found),
        tuple(merged),
        clock.ms,
    )


def _alone(question: Question, part: Part) -> Question:
    """A part as a question of its own, within the outlets that it names."""
    filters = question.filters
    if part.outlets and not filters.outlets:
        filters = replace(filters, outlets=part.outlets)
    return replace(
        question, standalone=part.text, filters=filters, window=part.window or question.window, parts=(), outlets=()
    )


def _ranked(
    library: Library, question: Question, reranker: Reranker | None, reader: Reader | None, clock: Clock
) -> _Ranked:
    with clock.stage("search"):
        index = library.store.words()
        asked = index.query(question.standalone)
        vector, notice = query_vector(library.embedder, question.standalone)
        first = candidates(library, question, asked, vector)
    with clock.stage("rank"):
        ranked = _rank(library, question, first, asked, index)
    best, second = ranked[0].score if ranked else None, None
    if best is not None and best < library.settings.look_again_below:
        with clock.stage("search"):
            more = index.feedback(asked, [hit.passage.id for hit in ranked[:SECOND_LOOK]], weight=FEEDBACK)
            second = candidates(library, question, more, vector)
        known = {hit.passage.id for hit in first}
        others = [hit for hit in second if hit.passage.id not in known]
        with clock.stage("rank"):
            ranked = _rank(library, question, [*first, *others], asked, index)
    orders = {} if library.settings.rerank == "none" else {"ranker": ranked}
    reranker, waiting = ready_reranker(reranker)
    if reranker:
        with clock.stage("rank"):
            ranked = reranked(ranked, question, reranker, library.settings.rerank_first)
        orders["reranker"] = ranked
    elif reader:
        with clock.stage("rank"):
            ranked = reread(ranked, question, reader)
        orders["reader"] = ranked
    near = _nearness(library, question, [*first, *(second or ())])
    search_pass = SearchPass(question.standalone, first, second or (), best, second is not None, orders, near)
    return _Ranked(ranked, notice or waiting, search_pass)


def _nearness(library: Library, question: Question, hits: Sequence[Hit]) -> dict[int, float]:
    """Id of a passage -> nearness of its day to the time asked about, 0 to 1; empty where the question names none."""
    near = nearness_of(question, 1.0, library.settings.recency_days)
    if near is None or not hits:
        return {}
    closeness = near(days_of(hit.passage.article for hit in hits)).tolist()
    return {hit.passage.id: value for hit, value in zip(hits, closeness, strict=True)}


def candidates(library: Library, question: Question, asked: WordQuery, vector: Vectors | None) -> list[Hit]:
    """The passages that the ranker is to order, best first by words, vectors and day."""
    settings = library.settings
    near = nearness_of(question, settings.recency_weight, settings.recency_days)
    found = search(library.store, question, asked, vector, settings.candidates, near)
    return fuse(found, settings.words_weight, near)[: settings.candidates]


def _rank(library: Library, question: Question, hits: Sequence[Hit], asked: WordQuery, index: WordIndex) -> list[Hit]:
    if library.settings.rerank == "none":
        return one_per_story(hits)
    return rank(question, hits, asked, index, load_bundled(RANKER_EMBEDDER), load_ranker())
