"""The scores of MultiHop-RAG's script, by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa.errors import EvalError
from qa.evaluation.reports.compat import COMPAT, compatible, multihop_rag_correct, multihop_rag_script
from qa.evaluation.runs import Run
from qa.evaluation.sets import EvalSet, Evidence, Query


def scores(retrieved: list[str], gold: list[str]) -> dict[str, float]:
    return multihop_rag_script([retrieved], [gold])


def test_a_fact_at_the_third_place() -> None:
    assert scores(["x", "y", "the bridge opened in May, it said"], ["bridge opened in May"]) == {
        "Hits@10": 1,
        "Hits@4": 1,
        "MAP@10": pytest.approx(1 / 3),
        "MRR@10": pytest.approx(1 / 3),
    }


def test_every_rank_counts_only_the_facts_that_are_new_there() -> None:
    """Three facts at the first three places: 1, then 1/2, then 1/3, over three."""
    retrieved, gold = ["a one", "b two", "c three"], ["one", "two", "three"]

    assert scores(retrieved, gold)["MAP@10"] == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert multihop_rag_correct([retrieved], [gold])["MAP@10"] == 1


def test_two_facts_in_one_passage_count_together_and_the_second_time_not_at_all() -> None:
    found = scores(["x", "one two", "one"], ["one", "two"])

    assert found["MAP@10"] == pytest.approx((2 / 2) / 2)
    assert found["MRR@10"] == 0.5


def test_correct_average_precision_counts_what_was_found_before() -> None:
    """Facts at 2 and 4: precision 1/2 and 2/4; the script has 1/2 and 1/4."""
    retrieved, gold = ["x", "one", "y", "two"], ["one", "two"]

    assert scores(retrieved, gold)["MAP@10"] == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert multihop_rag_correct([retrieved], [gold])["MAP@10"] == pytest.approx((1 / 2 + 2 / 4) / 2)


def test_a_fact_given_twice_is_found_once_and_divided_by_twice() -> None:
    assert scores(["one"], ["one", "one"])["MAP@10"] == 0.5


def test_more_than_ten_facts_are_divided_by_ten() -> None:
    gold = [f"fact {letter}" for letter in "abcdefghijkl"]

    assert scores([" ".join(gold)], gold)["MAP@10"] == pytest.approx(12 / 10)


def test_spaces_and_line_feeds_are_taken_out_and_tabs_are_not() -> None:
    assert scores(["thebridge\nopened"], ["the bridge opened"])["Hits@4"] == 1
    assert scores(["the\tbridge"], ["the bridge"])["Hits@4"] == 0


def test_part_of_a_word_is_a_hit_too() -> None:
    assert scores(["unbridgeable"], ["bridge"])["Hits@4"] == 1


@pytest.mark.parametrize(("place", "hits4", "hits10"), [(4, 1, 1), (5, 0, 1), (10, 0, 1), (11, 0, 0)])
def test_hits_end_at_four_and_ten(place: int, hits4: float, hits10: float) -> None:
    found = scores(["x"] * (place - 1) + ["one"], ["one"])

    assert (found["Hits@4"], found["Hits@10"]) == (hits4, hits10)
    assert (found["MRR@10"] > 0) == bool(hits10)


def test_means_are_over_all_questions() -> None:
    found = multihop_rag_script([["one"], ["x", "one"], []], [["one"]] * 3)

    assert found["MRR@10"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert found["Hits@10"] == pytest.approx(2 / 3)


# --- of a run --------------------------------------------------------------------------------------------------------

FACT = "The \N{LEFT DOUBLE QUOTATION MARK}Lark\N{RIGHT DOUBLE QUOTATION MARK} sank off Port Ellery"
QUERIES = (
    Query("q1", "What sank?", evidence=(Evidence("a1", FACT),), type="inference_query"),
    Query("q2", "Who floats?", answerable=False, type="null_query"),
    Query("q3", "What sank last year?", type="inference_query"),
)


def record(id: str, *texts: str) -> dict[str, Any]:
    return {"_id": id, "passages": [{"text": text} for text in texts]}


def run(*records: dict[str, Any]) -> Run:
    return Run(EvalSet("ships", Path("ships"), ("a1",), QUERIES, {}), {}, {}, records, {}, {}, {})


def test_null_queries_and_questions_without_facts_are_left_out_and_quotes_are_those_of_the_library() -> None:
    found = compatible(
        "multihop-rag", run(record("q1", "x", 'The "Lark" sank off Port Ellery.'), record("q2", "x"), record("q3", "x"))
    )

    assert found.n == 1
    assert {row.name: row.script for row in found.rows} == {"Hits@10": 1, "Hits@4": 1, "MAP@10": 0.5, "MRR@10": 0.5}
    assert [row.name for row in found.rows if row.differs] == ["MAP@10"]


def test_without_facts_there_is_no_number() -> None:
    nothing = run(record("q2", "x"))
    nothing = replace(nothing, eval_set=replace(nothing.eval_set, queries=QUERIES[1:]))

    with pytest.raises(EvalError, match="No question of 'ships' has evidence"):
        compatible("multihop-rag", nothing)


def test_an_unknown_benchmark_names_the_known() -> None:
    with pytest.raises(EvalError, match="no benchmark 'beir' .* Choose from: multihop-rag"):
        compatible("beir", run())
    assert set(COMPAT) == {"multihop-rag"}
