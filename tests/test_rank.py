import datetime as dt
import math
from collections import defaultdict

import pytest

from qa.rank import rank, recency
from qa.types import Article, Hit, Passage, Question


def passage(text: str, id_: int = 1, article: str = "a", title: str = "", date: dt.date | None = None) -> Passage:
    return Passage(Article(article, title, text, date=date), 0, len(text), id_)


def ids(hits: list[Hit]) -> list[int]:
    return [hit.passage.id for hit in hits]


def test_coverage_moves_the_passage_that_answers_in_one_sentence_up() -> None:
    hits = [
        Hit(passage("The mayor came. The bridge was wet. The fair opened.", 1, "a"), 0.6),
        Hit(passage("The mayor opened the bridge.", 2, "b"), 0.5),
    ]
    question = Question("Did the mayor open the bridge?", "Did the mayor open the bridge?")
    covered = {1: 1 / 3, 2: 1.0}
    assert ids(rank(hits, question, covered, coverage_weight=0.0)) == [1, 2]
    ranked = rank(hits, question, covered, coverage_weight=0.3)
    assert ids(ranked) == [2, 1]
    assert ranked[0].score == pytest.approx(0.7 * 0.5 + 0.3 * 1.0)


def test_recency_counts_only_where_the_question_has_a_date() -> None:
    day = dt.date(2024, 3, 10)
    old = Hit(passage("The bridge.", 1, "a", date=day - dt.timedelta(days=300)), 0.6)
    new = Hit(passage("The bridge.", 2, "b", date=day - dt.timedelta(days=1)), 0.5)
    nothing = {1: 0.0, 2: 0.0}
    weights = {"coverage_weight": 0.0, "recency_weight": 0.3, "recency_days": 14.0}
    assert ids(rank([old, new], Question("bridge", "bridge"), nothing, **weights)) == [1, 2]
    dated = rank([old, new], Question("bridge", "bridge", as_of=day), nothing, **weights)
    assert ids(dated) == [2, 1]
    assert dated[0].score == pytest.approx((0.5 + 0.3 * math.exp(-1 / 14)) / 1.3)


def test_an_undated_article_is_neither_favoured_nor_lost() -> None:
    day = dt.date(2024, 3, 10)
    assert recency(None, day, 14) == 0.5
    assert recency(day - dt.timedelta(days=60), day, 14) < 0.5 < recency(day - dt.timedelta(days=3), day, 14)


def test_two_passages_of_one_article_among_the_first_ten() -> None:
    hits = [Hit(passage("x", n, "much"), 1 - n / 100) for n in range(20)]
    hits += [Hit(passage("x", 100 + n, f"other{n}"), 0.1) for n in range(12)]
    ranked = rank(hits, Question("q", "q"), defaultdict(float), coverage_weight=0.0)
    first = [hit.passage.article.id for hit in ranked[:10]]
    assert first.count("much") == 2 and len(ranked) == len(hits)


def test_one_article_fills_the_page_where_nothing_else_matches() -> None:
    hits = [Hit(passage("x", n, "only"), 1 - n / 100) for n in range(12)]
    assert ids(rank(hits, Question("q", "q"), defaultdict(float), coverage_weight=0.0)) == list(range(12))
