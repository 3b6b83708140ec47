"""Composes the finding of passages: search -> fuse -> rank, for each part of a question, and once more where it is weak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa.fuse import fuse
from qa.library import Library
from qa.models import Reranker
from qa.models.static import load_bundled
from qa.rank import by_turns, nearness_of, rank, rescored, spread
from qa.rank.model import load_ranker
from qa.search import search
from qa.store import AskedWords
from qa.types import Hit, Part, Question

RANKER_EMBEDDER = "news"
"""The ranker compares meanings by the vectors it was trained with, whichever embedder the library has."""
SECOND_LOOK = 5
"""Passages whose words a second search takes along."""


def retrieve(library: Library, question: Question, reranker: Reranker | None = None) -> list[Hit]:
    """The passages found for a question, best first; each of its parts has its place among the first.

    The score of a hit is the probability, 0 to 1, that its passage answers; with a reranker, what that says of it.
    Raises LibraryError, ModelError.
    """
    questions = [_alone(question, part) for part in question.parts] or [question]
    found = [_ranked(library, each, reranker) for each in questions]
    if question.parts:
        # The whole question too: what speaks of all its parts at once is worth the most.
        whole = replace(question, parts=())
        found.append(_ranked(library, whole, reranker))
    return spread(by_turns(found), library.settings.per_article)


def _alone(question: Question, part: Part) -> Question:
    """A part as a question of its own, within the outlets that it names."""
    filters = question.filters
    if part.outlets and not filters.outlets:
        filters = replace(filters, outlets=part.outlets)
    return replace(
        question, standalone=part.text, filters=filters, window=part.window or question.window, parts=(), outlets=()
    )


def _ranked(library: Library, question: Question, reranker: Reranker | None) -> list[Hit]:
    asked = library.store.words().asked(question.standalone)
    hits = candidates(library, question, asked)
    ranked = _rank(library, question, hits, asked)
    if is_weak(ranked, library.settings.look_again_below):
        more = library.store.words().feedback(asked, [hit.passage.id for hit in ranked[:SECOND_LOOK]])
        known = {hit.passage.id for hit in hits}
        others = [hit for hit in candidates(library, question, more) if hit.passage.id not in known]
        ranked = _rank(library, question, [*hits, *others], asked)
    return rescored(ranked, question, reranker, library.settings.rerank_first) if reranker else ranked


def candidates(library: Library, question: Question, asked: AskedWords) -> list[Hit]:
    """The passages that the ranker is to order, best first by words, vectors and day."""
    settings = library.settings
    near = nearness_of(question, settings.recency_weight, settings.recency_days)
    found = search(library.store, library.embedder, question, settings.candidates, asked=asked, nearness=near)
    return fuse(found, settings.words_weight, near)[: settings.candidates]


def is_weak(ranked: Sequence[Hit], below: float) -> bool:
    """Whether the first passages are so unlikely to answer that a second search may find better ones."""
    return bool(ranked) and ranked[0].score < below


def _rank(library: Library, question: Question, hits: Sequence[Hit], asked: AskedWords) -> list[Hit]:
    return rank(question, hits, asked, library.store.words(), load_bundled(RANKER_EMBEDDER), load_ranker())
