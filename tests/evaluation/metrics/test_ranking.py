"""What was found: every measure at every level by hand, equal to ir_measures' own over files, and in one go."""

from __future__ import annotations

import math
from typing import Any

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.metrics import METRICS, OTHERS, Case, metric_named, ranked_articles, score, score_all
from qa.evaluation.metrics.table import _AT_K
from qa.evaluation.sets import Evidence, Query

HANDED = "Kazakhstan handed the chairmanship over to Kyrgyzstan."
TALKED = "The talks, held in Minsk, took two hours and ended without a joint statement."
QUERY = Query(
    "q1",
    "Who took over the chairmanship?",
    answers=("Kyrgyzstan",),
    answerable=True,
    evidence=(Evidence("a1", HANDED), Evidence("a2", TALKED)),
)


def record(*passages: tuple[str, str]) -> dict[str, Any]:
    """A record that found these passages: article and text."""
    return {"_id": "q1", "passages": [{"article_id": article, "text": text} for article, text in passages]}


def found(articles: str) -> dict[str, Any]:
    return record(*((article, "") for article in articles.split()))


def values(record: dict[str, Any], case: Case, *names: str) -> list[float | None]:
    return [metric_named(name).function(record, case) for name in names]


BARE = Query("q1", "?")


def case(query: Query = BARE, **judgements: int) -> Case:
    return Case(query, judgements, {})


def discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)


# --- worked examples

FOUND = record(
    ("x", "Nothing of it."),
    ("a1", f"Minsk. {HANDED} It was said on Friday."),
    ("a1", f"{HANDED} It was said again."),  # the same piece of evidence
    ("y", "Kyrgyzstan won the match."),  # the answer in an article that is not relevant
    ("a2", TALKED[: int(len(TALKED) * 0.85)]),  # most of a piece, not all
)
JUDGED = case(QUERY, a1=1, a2=2, z=0)  # articles found: x, a1, y, a2

BY_HAND = {
    "recall@1": 0,
    "recall@2": 1 / 2,
    "recall@4": 1,
    "ndcg@4": (discount(2) + 2 * discount(4)) / (2 * discount(1) + discount(2)),
    "mrr@4": 1 / 2,
    "map@4": (1 / 2 + 2 / 4) / 2,
    "map@3": (1 / 2) / 2,
    "success@1": 0,
    "success@2": 1,
    "precision@5": 2 / 5,
    "judged@4": 2 / 4,
    # Passages 2 and 3 hold the first piece whole, none holds the second: three are relevant, two of them found.
    "passage_recall@2": 1 / 3,
    "passage_recall@5": 2 / 3,
    "passage_ndcg@5": (discount(2) + discount(3)) / (discount(1) + discount(2) + discount(3)),
    "passage_mrr@5": 1 / 2,
    "passage_map@5": (1 / 2 + 2 / 3) / 3,
    "passage_success@1": 0,
    "passage_success@2": 1,
    "passage_precision@5": 2 / 5,
    "passage_judged@5": 3 / 5,
    # Only passage 2 brings something new.
    "evidence_recall@1": 0,
    "evidence_recall@5": 1 / 2,
    "evidence_ndcg@5": discount(2) / (discount(1) + discount(2)),
    "evidence_mrr@5": 1 / 2,
    "evidence_map@5": (1 / 2) / 2,
    "evidence_success@2": 1,
    "evidence_precision@5": 1 / 5,
    "evidence_judged@5": 3 / 5,
    "all_evidence@5": 0,
    # With 80% of a piece, passage 5 brings the second.
    "evidence80_recall@4": 1 / 2,
    "evidence80_recall@5": 1,
    "evidence80_ndcg@5": (discount(2) + discount(5)) / (discount(1) + discount(2)),
    "evidence80_mrr@5": 1 / 2,
    "evidence80_map@5": (1 / 2 + 2 / 5) / 2,
    "evidence80_success@1": 0,
    "evidence80_precision@5": 2 / 5,
    "evidence80_judged@5": 3 / 5,
    "all_evidence80@4": 0,
    "all_evidence80@5": 1,
    "answer_passage@1": 0,
    "answer_passage@2": 1,
    # Over the whole ranking.
    "ndcg": (discount(2) + 2 * discount(4)) / (2 * discount(1) + discount(2)),
    "mrr": 1 / 2,
    "map": (1 / 2 + 2 / 4) / 2,
    "passage_ndcg": (discount(2) + discount(3)) / (discount(1) + discount(2) + discount(3)),
    "passage_mrr": 1 / 2,
    "passage_map": (1 / 2 + 2 / 3) / 3,
    "evidence_ndcg": discount(2) / (discount(1) + discount(2)),
    "evidence_mrr": 1 / 2,
    "evidence_map": (1 / 2) / 2,
    "evidence80_ndcg": (discount(2) + discount(5)) / (discount(1) + discount(2)),
    "evidence80_mrr": 1 / 2,
    "evidence80_map": (1 / 2 + 2 / 5) / 2,
}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_worked_example(name: str) -> None:
    assert values(FOUND, JUDGED, name) == [pytest.approx(BY_HAND[name])]


def test_every_row_that_looks_at_a_ranking_has_a_worked_example() -> None:
    assert {name.partition("@")[0] for name in BY_HAND if "@" in name} == set(_AT_K)
    assert {name for name in OTHERS if name in _AT_K} == {name for name in BY_HAND if "@" not in name}


def test_a_passage_that_brings_two_pieces_is_worth_two() -> None:
    both = Evidence("a1", TALKED)
    query = Query("q1", "?", evidence=(Evidence("a1", HANDED), both, Evidence("a2", "Not in any passage.")))
    got = record(("a1", HANDED), ("a1", f"{HANDED} {TALKED}"), ("a1", TALKED))

    asked = "evidence_ndcg@3 evidence_recall@1 evidence_recall@2 evidence_precision@3 all_evidence@3".split()
    gained = 1 * discount(1) + 1 * discount(2)  # passage 1 brings one piece, passage 2 one more, passage 3 none
    assert values(got, case(query), *asked) == pytest.approx(
        [gained / (discount(1) + discount(2) + discount(3)), 1 / 3, 2 / 3, 2 / 3, 0]
    )
    got = record(("x", ""), ("a1", f"{HANDED} {TALKED}"))
    assert values(got, case(query), "evidence_ndcg@2") == pytest.approx(
        [2 * discount(2) / (2 * discount(1) + discount(2))]
    )


def test_articles_rank_by_their_first_passage() -> None:
    assert ranked_articles(found("b a b c a")) == ["b", "a", "c"]


def test_what_stands_after_the_tenth_article_does_not_count() -> None:
    late = found(" ".join(f"x{n}" for n in range(10)) + " a1")

    assert values(late, case(a1=1), "recall@10", "mrr@10", "ndcg@10", "map@10") == [0] * 4


def test_finding_nothing_is_zero_and_nothing_to_find_is_none() -> None:
    nothing, names = record(), ("recall@1", "mrr@10", "ndcg@10", "map@10", "success@5", "precision@5")

    assert values(nothing, case(a1=1), *names) == [0] * 6
    assert values(found("x"), case(), *names) == [None] * 6
    assert values(found("x"), case(a1=0), *names) == [None] * 6


def test_judged_needs_something_found_and_something_judged() -> None:
    assert values(record(), case(a1=1), "judged@10") == [None]
    assert values(found("x"), case(), "judged@10") == [None]
    assert values(found("x y a1"), case(a1=0), "judged@2", "judged@10") == [0, 1 / 3]


# --- evidence and answers


def test_evidence_is_found_whatever_the_white_space_and_quotes() -> None:
    query = Query("q1", "?", evidence=(Evidence("a1", 'He said "we  are\nready".'),))
    curly = "He said \N{LEFT DOUBLE QUOTATION MARK}we are\N{NO-BREAK SPACE}ready\N{RIGHT DOUBLE QUOTATION MARK}."

    assert values(record(("a1", curly)), case(query), "evidence_recall@1", "all_evidence@1") == [1, 1]
    assert values(record(("a9", curly)), case(query), "evidence_recall@1", "all_evidence@1") == [0, 0]


def test_without_evidence_or_answers_the_rows_that_need_them_do_not_apply() -> None:
    got, needs_evidence = found("a1"), ("evidence_recall@5", "all_evidence@5", "evidence_mrr@5", "evidence80_map@5")

    assert values(got, case(a1=1), *needs_evidence) == [None] * 4
    assert values(got, case(a1=1), "answer_passage@5", "passage_mrr@5") == [None, None]
    assert values(got, case(Query("q1", "?", answers=("x",))), "answer_passage@5", "passage_mrr@5") == [None, None]


def test_without_evidence_a_passage_is_relevant_that_answers() -> None:
    query = Query("q1", "?", answers=("Kyrgyzstan",))
    got = record(("y", "Kyrgyzstan."), ("a1", "Nothing."), ("a1", "kyrgyzstan's turn"))

    assert values(got, case(query, a1=1), "passage_mrr@5", "passage_recall@5") == pytest.approx([1 / 3, 1])
    assert values(found("y a1"), case(query, a1=1), "passage_mrr@5", "passage_recall@5") == [0, 0]


# --- ir_measures

MEASURES = {"recall": "R", "ndcg": "nDCG", "mrr": "RR", "map": "AP", "success": "Success", "precision": "P"}
RANKING = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1)
JUDGEMENTS = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 3), min_size=1)


@given(st.lists(st.tuples(RANKING, JUDGEMENTS), min_size=1, max_size=5), st.integers(1, 12))
def test_measures_equal_those_of_ir_measures_over_trec_files(asked: list[Any], k: int) -> None:
    """A whole run at once, through text as ir_measures' command line reads it from files."""
    run = [
        f"{query} Q0 {article} {rank} {1 / rank:.6f} citewire\n"
        for query, (ranking, _) in enumerate(asked)
        for rank, article in enumerate(ranking, start=1)
    ]
    judged = [f"{query} 0 {article} {score}\n" for query, (_, js) in enumerate(asked) for article, score in js.items()]
    names = {f"{formula}@{k}": f"{name}@{k}" for name, formula in MEASURES.items()}

    theirs = ir_measures.iter_calc(
        [ir_measures.parse_measure(formula) for formula in names],
        ir_measures.read_trec_qrels("".join(judged)),
        ir_measures.read_trec_run("".join(run)),
    )
    ours = score_all(
        [{**found(" ".join(ranking)), "_id": str(query)} for query, (ranking, _) in enumerate(asked)],
        {str(query): case(**js) for query, (_, js) in enumerate(asked)},
        {name: metric_named(name) for name in names.values()},
    )

    relevant = {str(query): any(js.values()) for query, (_, js) in enumerate(asked)}
    for result in theirs:
        value = ours[result.query_id][names[str(result.measure)]]
        assert value == (pytest.approx(result.value, abs=1e-12) if relevant[result.query_id] else None)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.integers(1, 4), st.integers(1, 9))
def test_evidence_recall_is_recall_where_each_passage_brings_one_piece(brought: list[int], pieces: int, k: int) -> None:
    """Pieces are words; a passage of number n holds piece n, or nothing where there is no such piece."""
    query = Query("q1", "?", evidence=tuple(Evidence("a1", f"word{n}") for n in range(pieces)))
    got = record(*(("a1", f"It says word{n}.") for n in brought))
    order = {f"word{n}": 1 / rank for rank, n in reversed(list(enumerate(brought, start=1)))}
    padded = {f"{rank}": 1 / rank for rank, n in enumerate(brought, start=1) if n in brought[: rank - 1]}

    (theirs,) = ir_measures.iter_calc(
        [ir_measures.R @ k], {"q1": {f"word{n}": 1 for n in range(pieces)}}, {"q1": order | padded}
    )
    assert values(got, case(query), f"evidence_recall@{k}") == [pytest.approx(theirs.value)]


# --- in one go


def test_a_whole_run_in_one_go_scores_as_one_record_after_the_other() -> None:
    rest = {"abstained": True, "sentences": [], "citations": []}
    records = [
        {**FOUND, **rest, "_id": "q1"},
        {**record(), **rest, "_id": "q2"},
        {**found("a1 x"), **rest, "_id": "q3"},
        {**found("x"), **rest, "_id": "q4"},
    ]
    cases = {"q1": JUDGED, "q2": case(QUERY, a1=1), "q3": case(a1=1), "q4": case()}
    metrics = METRICS | OTHERS | {name: metric_named(name) for name in BY_HAND}

    scores = score_all(records, cases, metrics)

    assert scores == {record["_id"]: score(record, cases[record["_id"]], metrics) for record in records}
    assert list(scores) == list(cases)
    assert scores["q4"]["recall@1"] is None and scores["q2"]["recall@1"] == 0
    assert score_all([], {}) == {}
