"""Metrics: examples worked by hand, and retrieval measures held equal to ir_measures' own over files."""

from __future__ import annotations

import math
from typing import Any

import ir_measures
import pytest

from eval.metrics import METRICS, Case, holds, ranked_articles, score
from eval.sets import Evidence, Query

TEXT = "Kazakhstan handed the chairmanship over to Kyrgyzstan. The talks, held in Minsk, took two hours."
SENTENCE, SECOND = "Kazakhstan handed the chairmanship over to Kyrgyzstan.", "The talks, held in Minsk, took two hours."
END = len(TEXT)
QUERY = Query(
    "q1",
    "Who took over the chairmanship?",
    answers=("Kyrgyzstan", "the Kyrgyz Republic"),
    answerable=True,
    evidence=(Evidence("a1", SENTENCE),),
)
UNANSWERABLE = Query("q2", "Who lost a hat?", answerable=False)
UNKNOWN = Query("q4", "?")
LIST = Query("q3", "Who came?", answers=("Russia", "Belarus", "Armenia", "Moldova"), answerable=True, type="list")


def citation(start: int, end: int, quote: str | None = None, article: str = "a1") -> dict[str, Any]:
    quote = TEXT[start:end] if quote is None else quote
    return {"n": 1, "article_id": article, "start": start, "end": end, "quote": quote}


def record(*sentences: str, articles: str = "a1 a2", cites: tuple[Any, ...] = ()) -> dict[str, Any]:
    """An answer of these sentences; without any, a refusal."""
    return {
        "_id": "q1",
        "abstained": not sentences,
        "sentences": [{"text": text, "citations": [1], "verdict": "verbatim", "reasons": []} for text in sentences],
        "citations": list(cites),
        "passages": [{"article_id": article} for article in articles.split()],
    }


def case(query: Query = QUERY, **judgements: int) -> Case:
    return Case(query, judgements, {"a1": TEXT})


def values(record: dict[str, Any], case: Case, *names: str) -> list[float | None]:
    return [METRICS[name].function(record, case) for name in names]


REFUSED = record()
RETRIEVAL = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10")


# --- finding


def test_articles_rank_by_their_first_passage() -> None:
    assert ranked_articles(record("x", articles="b a b c a")) == ["b", "a", "c"]


def test_retrieval_measures_of_a_worked_example() -> None:
    found, judged = record("x", articles="x x a1 y a2"), case(a1=1, a2=2, z=0)  # articles x, a1, y, a2

    gained = 1 / math.log2(3) + 2 / math.log2(5)
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert values(found, judged, *RETRIEVAL) == pytest.approx([0, 1, 1, 1 / 2, gained / ideal])


def test_recall_is_the_share_of_relevant_articles() -> None:
    found = record("x", articles="a1 x a2 y z w a3")

    assert values(found, case(a1=1, a2=1, a3=1, a4=1), *RETRIEVAL[:3]) == [1 / 4, 2 / 4, 3 / 4]


def test_what_stands_after_the_tenth_article_does_not_count() -> None:
    found = record("x", articles=" ".join(f"x{n}" for n in range(10)) + " a1")

    assert values(found, case(a1=1), *RETRIEVAL) == [0] * 5


def test_finding_nothing_is_zero_and_nothing_to_find_is_none() -> None:
    assert values(record("x", articles=""), case(a1=1), *RETRIEVAL) == [0] * 5
    assert values(record("x"), case(), *RETRIEVAL) == [None] * 5
    assert values(record("x"), case(a1=0), *RETRIEVAL) == [None] * 5


def test_retrieval_measures_equal_those_of_ir_measures_over_trec_files() -> None:
    """A whole run at once, through text as ir_measures' command line reads it from files."""
    rankings = {"q1": "a b c d", "q2": "d c", "q3": "e a f g h i j k l m b", "q4": "b a"}
    qrels = {"q1": {"b": 1, "d": 2}, "q2": {"a": 1}, "q3": {"b": 1, "m": 3, "f": 1}, "q4": {"b": 0, "a": 1}}
    run = [
        f"{query} Q0 {article} {rank} {1 / rank:.6f} citewire"
        for query, ranking in rankings.items()
        for rank, article in enumerate(ranking.split(), start=1)
    ]
    judged = [f"{query} 0 {article} {score}" for query, scores in qrels.items() for article, score in scores.items()]
    measures = dict(zip(("R@1", "R@5", "R@10", "RR@10", "nDCG@10"), RETRIEVAL, strict=True))

    theirs = list(
        ir_measures.iter_calc(
            [ir_measures.parse_measure(measure) for measure in measures],
            ir_measures.read_trec_qrels("\n".join(judged)),
            ir_measures.read_trec_run("\n".join(run)),
        )
    )

    assert len(theirs) == 20
    for result in theirs:
        asked = Case(Query(result.query_id, "?"), qrels[result.query_id], {})
        found = record("x", articles=rankings[result.query_id])
        assert values(found, asked, measures[str(result.measure)]) == pytest.approx([result.value], abs=1e-12)


# --- answers


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It was Kyrgyzstan's turn.", "kyrgyzstan"),
        ("Held on 20\N{EN DASH}21 January", "20-21 January"),
        ("It rose by 5 per cent.", "5%"),
        ("It cost 1,000 roubles.", "1000 roubles"),
        (
            "He leads the \N{LEFT DOUBLE QUOTATION MARK}Council\N{RIGHT DOUBLE QUOTATION MARK} of Heads.",
            "Council of the Heads",
        ),
    ],
)
def test_an_answer_is_held_whatever_its_spelling(text: str, answer: str) -> None:
    assert holds(text, ["something else", answer])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Kyrgyzstani officials", "Kyrgyzstan"),
        ("It rose by 15%.", "5%"),
        ("Heads of Council", "Council of Heads"),
        ("Any text", "the"),
    ],
)
def test_an_answer_is_whole_words_in_order(text: str, answer: str) -> None:
    assert not holds(text, [answer])


def test_answer_correct() -> None:
    right, wrong = record("It was Russia.", "Then the Kyrgyz Republic took over."), record("It was Russia.")

    assert values(right, case(), "answer_correct") == [1]
    assert values(wrong, case(), "answer_correct") == [0]
    assert values(REFUSED, case(), "answer_correct") == [0]
    assert values(right, case(UNANSWERABLE), "answer_correct") == [None]


def test_a_list_is_correct_only_when_whole() -> None:
    part, whole = record("Russia and Armenia came."), record("Russia and Armenia came.", "So did Moldova and Belarus.")

    assert values(part, case(LIST), "answer_correct", "answer_items") == [0, 0.5]
    assert values(whole, case(LIST), "answer_correct", "answer_items") == [1, 1]
    assert values(REFUSED, case(LIST), "answer_correct", "answer_items") == [0, 0]
    assert values(record("Kyrgyzstan"), case(), "answer_correct", "answer_items") == [1, None]


# --- citations


def cited(*citations: dict[str, Any], query: Query = QUERY) -> float | None:
    return values(record(SENTENCE, cites=citations), case(query), "citation_correct")[0]


def test_a_citation_of_the_answer_is_correct() -> None:
    assert cited(citation(0, 54)) == 1


PLANTED = {
    "quote is not at these offsets": citation(1, 55, SENTENCE),
    "quote is not in the article": citation(0, 54, SENTENCE.replace(".", "!")),
    "article does not exist": citation(0, 54, article="a9"),
    "quote is empty": citation(3, 3),
    "quote does not hold the answer": citation(55, END),
}


@pytest.mark.parametrize("wrong", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_wrong_citation_is_counted_wrong(wrong: dict[str, Any]) -> None:
    assert cited(wrong) == 0


def test_one_false_quote_spoils_a_right_one() -> None:
    assert cited(citation(0, 54), citation(55, END)) == 1
    assert cited(citation(0, 54), citation(55, END, "The talks took an hour.")) == 0


def test_a_quote_that_shares_half_with_the_evidence_is_correct() -> None:
    evidence = Evidence("a1", SECOND.replace(" held ", "\nheld  "))
    query = Query("q1", "How long?", answers=("120 minutes",), evidence=(evidence,))

    assert cited(citation(55, END), query=query) == 1
    assert cited(citation(20, 65), query=query) == 0


def test_citations_count_only_where_there_is_an_answer_to_cite() -> None:
    assert values(REFUSED, case(), "citation_correct") == [None]
    assert cited(citation(0, 54), query=UNANSWERABLE) is None
    assert cited(citation(0, 54), query=UNKNOWN) is None
    assert cited() == 0  # an answer that cites nothing


def test_refusals() -> None:
    answered, names = record("Kyrgyzstan"), ("refused_right", "refused_wrong")

    assert values(REFUSED, case(UNANSWERABLE), *names) == [1, None]
    assert values(answered, case(UNANSWERABLE), *names) == [0, None]
    assert values(REFUSED, case(), *names) == [None, 1]
    assert values(answered, case(), *names) == [None, 0]
    assert values(REFUSED, case(UNKNOWN), *names) == [None, None]


def test_a_score_has_every_metric_and_leaves_the_record_alone() -> None:
    given = record(SENTENCE, cites=(citation(0, 54),))

    scores = score(given, case(a1=1))

    assert list(scores) == list(METRICS)
    assert {name for name, value in scores.items() if value is None} == {"answer_items", "refused_right"}
    assert given == record(SENTENCE, cites=(citation(0, 54),))
