"""Composes retrieval: search -> fuse -> rank -> read, for each part of a question, twice where the first is weak.

In a conversation the same is done for what is searched for besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.ask.retrieve.fuse import fuse
from qa.ask.retrieve.passes import SearchPass
from qa.ask.retrieve.rank import interleaved, nearness_of, one_per_story, rank, series_by_day, spread
from qa.ask.retrieve.rank.model import load_ranker
from qa.ask.retrieve.read import reranked, reread
from qa.ask.retrieve.search import search
from qa.library import Library
from qa.models import Reranker, Vectors, query_vector, ready_reranker
from qa.models.reader import Reader, unread_language
from qa.models.static import load_bundled
from qa.runtime import Clock
from qa.store import WordIndex, WordQuery, days_of
from qa.types import Hit, Part, Question

RANKER_EMBEDDER = "news"
"""The ranker compares words by the vectors it was trained with, whichever embedder the library has."""
FEEDBACK_PASSAGES = 5
"""Best passages whose words a second search adds to the question's."""
FEEDBACK_WEIGHT = 0.3
"""Weight of all added words together, the question's being 1; a higher weight makes quiz questions worse."""
BESIDES = 0.8
"""What the odds of a passage count that was found with the turns before: so a new question keeps its own passages.

On turns of conversations anything from 0.55 to 1 does as well.
"""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages found for a question, and how they were found."""

    hits: tuple[Hit, ...]
    """Best first. The score is the probability, 0 to 1, that the passage answers; with a reranker, the reranker's."""
    notice: str | None = None
    """For the reader: why words alone were searched; from `Assistant.retrieve` also what was damaged and mended."""
    passes: tuple[SearchPass, ...] = field(default=(), compare=False)
    """One for each part of the question, one for the whole of it, and one for each text searched for besides."""
    merged: tuple[Hit, ...] = field(default=(), compare=False)
    """The hits before any was held back for others of its article."""
    stages_ms: Mapping[str, float] = field(default_factory=dict, compare=False)
    """Time of "search" and "rank"."""


@dataclass(frozen=True, slots=True)
class _PartRetrieval:
    """The passages found for a question of one part."""

    hits: Sequence[Hit]
    notice: str | None
    search_pass: SearchPass


def retrieve(
    library: Library, question: Question, reranker: Reranker | None = None, reader: Reader | None = None
) -> Retrieval:
    """The passages found for a question; each of its parts has its place among the first.

    With a reader the first few are read and ordered again, unless a reranker orders them. Raises LibraryError,
    ModelError.
    """
    clock = Clock("search", "rank")
    # The whole question too: a passage about all its parts at once is worth the most.
    questions = [*(_alone(question, part) for part in question.parts), replace(question, parts=())]
    count = len(questions)
    questions += [replace(question, standalone=text, parts=()) for text in question.besides]
    found = library.store.mended(lambda: [_retrieve_part(library, each, reranker, reader, clock) for each in questions])
    merged = _with_besides(interleaved([part.hits for part in found[:count]]), [part.hits for part in found[count:]])
    return Retrieval(
        tuple(spread(merged, library.settings.per_article)),
        next((part.notice for part in found if part.notice), None),
        tuple(part.search_pass for part in found),
        tuple(merged),
        clock.ms,
    )


def _with_besides(hits: Sequence[Hit], besides: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The hits together with those found besides, by the better score of each, each story once."""
    if not any(besides):
        return list(hits)
    best = {hit.passage.id: hit for hit in hits}
    for hit in (hit for found in besides for hit in found):
        score = BESIDES * hit.score / (1 - (1 - BESIDES) * hit.score)
        if hit.passage.id not in best or score > best[hit.passage.id].score:
            best[hit.passage.id] = replace(hit, score=score)
    return one_per_story(sorted(best.values(), key=lambda hit: (-hit.score, hit.passage.id)))


def _alone(question: Question, part: Part) -> Question:
    """A part as a question of its own, within the outlets that it names."""
    filters = question.filters
    if part.outlets and not filters.outlets:
        filters = replace(filters, outlets=part.outlets)
    return replace(
        question, standalone=part.text, filters=filters, window=part.window or question.window, parts=(), outlets=()
    )


def _retrieve_part(
    library: Library, question: Question, reranker: Reranker | None, reader: Reader | None, clock: Clock
) -> _PartRetrieval:
    with clock.stage("search"):
        index = library.store.words()
        asked = index.query(question.standalone)
        vector, notice = query_vector(library.embedder, _embedded(question, library.embedder.name))
        first = candidates(library, question, asked, vector)
    with clock.stage("rank"):
        ranked = _rank(library, question, first, asked, index)
    best = ranked[0].score if ranked else None
    second: list[Hit] | None = None
    if best is not None and best < library.settings.look_again_below:
        with clock.stage("search"):
            best_ids = [hit.passage.id for hit in ranked[:FEEDBACK_PASSAGES]]
            second = candidates(library, question, index.feedback(asked, best_ids, weight=FEEDBACK_WEIGHT), vector)
        known = {hit.passage.id for hit in first}
        added = [hit for hit in second if hit.passage.id not in known]
        with clock.stage("rank"):
            ranked = _rank(library, question, [*first, *added], asked, index)
    reranker, waiting = ready_reranker(reranker)
    orders = {} if library.settings.rerank == "none" else {"ranker": ranked}
    with clock.stage("rank"):
        if reranker:
            read = reranked(ranked, question, reranker, library.settings.rerank_first)
            ranked = orders["reranker"] = series_by_day(question, read)
        elif reader and not unread_language(
            (hit.passage.article.language, hit.score) for hit in ranked[: reader.fit.first]
        ):
            ranked = orders["reader"] = series_by_day(question, reread(ranked, question, reader))
    near = _nearness(library, question, [*first, *(second or ())])
    search_pass = SearchPass(question.standalone, first, second or (), best, second is not None, orders, near)
    return _PartRetrieval(ranked, notice or waiting, search_pass)


def _embedded(question: Question, embedder: str) -> str:
    """What the vector is made of: the question as it was typed, where an embedder of many languages reads it."""
    is_translated = question.is_reworded and question.language != question.articles_language
    return question.text if is_translated and "multilingual" in embedder else question.standalone


def _nearness(library: Library, question: Question, hits: Sequence[Hit]) -> dict[int, float]:
    """Id of a passage -> nearness of its day to the time asked about, 0 to 1; empty if the question names no time."""
    near = nearness_of(question, 1.0, library.settings.recency_days)
    if near is None or not hits:
        return {}
    closeness = near(days_of(hit.passage.article for hit in hits)).tolist()
    return {hit.passage.id: value for hit, value in zip(hits, closeness, strict=True)}


def candidates(library: Library, question: Question, asked: WordQuery, vector: Vectors | None) -> list[Hit]:
    """The passages for the ranker, best first by words, vectors and day."""
    settings = library.settings
    near = nearness_of(question, settings.recency_weight, settings.recency_days)
    found = search(library.store, question, asked, vector, settings.candidates, near)
    return fuse(found, settings.words_weight, near)[: settings.candidates]


def _rank(library: Library, question: Question, hits: Sequence[Hit], asked: WordQuery, index: WordIndex) -> list[Hit]:
    if library.settings.rerank == "none":
        return one_per_story(hits)
    return rank(question, hits, asked, index, load_bundled(RANKER_EMBEDDER), load_ranker())
