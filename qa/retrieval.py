"""Composes the finding of passages: search -> fuse -> rank, for each part of a question, twice where it is weak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.fuse import fuse
from qa.library import Library
from qa.models import Reranker, Vectors, query_vector, ready_reranker
from qa.models.static import load_bundled
from qa.rank import by_turns, nearness_of, one_per_story, rank, rescored, spread
from qa.rank.model import load_ranker
from qa.search import search
from qa.store import AskedWords, WordIndex
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


def retrieve(library: Library, question: Question, reranker: Reranker | None = None) -> Found:
    """The passages found for a question; each of its parts has its place among the first.

    Raises LibraryError, ModelError.
    """
    # The whole question too: a passage that speaks of all its parts at once is worth the most.
    questions = [*(_alone(question, part) for part in question.parts), replace(question, parts=())]
    found = [_ranked(library, each, reranker) for each in questions]
    hits = spread(by_turns([each.hits for each in found]), library.settings.per_article)
    return Found(tuple(hits), next((each.notice for each in found if each.notice), None))


def _alone(question: Question, part: Part) -> Question:
    """A part as a question of its own, within the outlets that it names."""
    filters = question.filters
    if part.outlets and not filters.outlets:
        filters = replace(filters, outlets=part.outlets)
    return replace(
        question, standalone=part.text, filters=filters, window=part.window or question.window, parts=(), outlets=()
    )


def _ranked(library: Library, question: Question, reranker: Reranker | None) -> Found:
    index = library.store.words()
    asked = index.asked(question.standalone)
    vector, notice = query_vector(library.embedder, question.standalone)
    hits = candidates(library, question, asked, vector)
    ranked = _rank(library, question, hits, asked, index)
    if ranked and ranked[0].score < library.settings.look_again_below:
        more = index.feedback(asked, [hit.passage.id for hit in ranked[:SECOND_LOOK]], weight=FEEDBACK)
        known = {hit.passage.id for hit in hits}
        others = [hit for hit in candidates(library, question, more, vector) if hit.passage.id not in known]
        ranked = _rank(library, question, [*hits, *others], asked, index)
    reranker, waiting = ready_reranker(reranker)
    if reranker:
        ranked = rescored(ranked, question, reranker, library.settings.rerank_first)
    return Found(tuple(ranked), notice or waiting)


def candidates(library: Library, question: Question, asked: AskedWords, vector: Vectors | None) -> list[Hit]:
    """The passages that the ranker is to order, best first by words, vectors and day."""
    settings = library.settings
    near = nearness_of(question, settings.recency_weight, settings.recency_days)
    found = search(library.store, question, asked, vector, settings.candidates, near)
    return fuse(found, settings.words_weight, near)[: settings.candidates]


def _rank(library: Library, question: Question, hits: Sequence[Hit], asked: AskedWords, index: WordIndex) -> list[Hit]:
    if library.settings.rerank == "none":
        return one_per_story(hits)
    return rank(question, hits, asked, index, load_bundled(RANKER_EMBEDDER), load_ranker())
