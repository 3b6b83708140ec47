import datetime as dt

import numpy as np
import pytest

from qa.ask.retrieve.fuse import fuse
from qa.store import Candidate
from qa.types import Article, Passage

ARTICLE = Article("a", "Title", "One sentence here.")


def candidate(id_: int, bm25: float, cosine: float | None) -> Candidate:
    return Candidate(Passage(ARTICLE, 0, 3, id_), bm25, cosine)


def test_a_convex_combination_of_normalised_scores() -> None:
    hits = fuse([candidate(1, 8.0, 0.2), candidate(2, 4.0, 0.6), candidate(3, 0.0, 0.4)], words_weight=0.8)
    assert [(hit.passage.id, hit.words, hit.vectors) for hit in hits] == [
        (1, 1.0, 0.0),
        (2, 0.5, pytest.approx(1.0)),
        (3, 0.0, pytest.approx(0.5)),
    ]
    assert [hit.score for hit in hits] == pytest.approx([0.8, 0.6, 0.1])


@pytest.mark.parametrize(("weight", "first"), [(1.0, 1), (0.0, 2)])
def test_the_weight_decides_between_words_and_vectors(weight: float, first: int) -> None:
    assert fuse([candidate(1, 8.0, 0.2), candidate(2, 4.0, 0.6)], weight)[0].passage.id == first


def test_what_the_vectors_did_not_find_counts_as_the_least_of_them() -> None:
    hits = {
        hit.passage.id: hit
        for hit in fuse([candidate(1, 1.0, None), candidate(2, 1.0, 0.3), candidate(3, 1.0, 0.9)], 0.5)
    }
    assert hits[1].vectors == hits[2].vectors == 0.0


def test_equal_scores_keep_the_order_of_the_library() -> None:
    assert [hit.passage.id for hit in fuse([candidate(7, 1.0, 0.5), candidate(3, 1.0, 0.5)], 0.8)] == [3, 7]


def test_no_candidates_no_hits() -> None:
    assert fuse([], 0.8) == []


def test_days_order_the_hits_and_leave_the_score_of_words_and_vectors_alone() -> None:
    new, old = dt.date(2024, 3, 10), dt.date(2020, 1, 1)
    dated = [
        Candidate(Passage(Article(str(day), "Title", "One.", date=day), 0, 3, id_), bm25, None)
        for id_, (day, bm25) in enumerate(((old, 8.0), (new, 6.0), (None, 7.0)))
    ]

    def nearness(days: np.ndarray) -> np.ndarray:
        return np.where(days == new.toordinal(), 0.3, 0).astype(np.float32)

    hits = fuse(dated, 1.0, nearness)
    assert [hit.passage.id for hit in hits] == [1, 0, 2]
    assert [hit.score for hit in hits] == [0.75, 1.0, 0.875]
