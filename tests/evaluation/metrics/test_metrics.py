"""Metrics of answers, citations and refusals: examples worked by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from qa.errors import EvalError, UsageError
from qa.evaluation.metrics import (
    METRICS,
    Calibration,
    Case,
    RiskPoint,
    calibration,
    metric_named,
    risk_coverage,
    score,
    score_all,
)
from qa.evaluation.sets import Attribution, Evidence, Query

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
        "passages": [{"article_id": article, "text": TEXT, "score": 0.5} for article in articles.split()],
    }


def case(query: Query = QUERY, **judgements: int) -> Case:
    return Case(query, judgements, {"a1": TEXT})


def values(record: dict[str, Any], case: Case, *names: str) -> list[float | None]:
    return [metric_named(name).function(record, case) for name in names]


REFUSED = record()


# --- answers


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


def test_a_refusal_is_precise_when_nothing_would_have_answered() -> None:
    assert values(REFUSED, case(UNANSWERABLE), "refusal_precision", "refusal_recall") == [1, 1]
    assert values(REFUSED, case(), "refusal_precision", "refusal_recall") == [0, None]
    assert values(REFUSED, case(UNKNOWN), "refusal_precision", "refusal_recall") == [None, None]
    assert values(record("Kyrgyzstan"), case(UNANSWERABLE), "refusal_precision", "refusal_recall") == [None, 0]


# --- nearness to an accepted answer


def test_f1_and_rouge_of_a_worked_example() -> None:
    answer = record("Kazakhstan handed the chairmanship over to Kyrgyzstan.", "They met for an hour.")

    # Ten words without "the" and "an", of which "Kyrgyzstan" is one; ROUGE-L counts all twelve.
    assert values(answer, case(), "answer_f1", "answer_rouge_l") == pytest.approx([2 / (10 + 1), 2 / (12 + 1)])
    assert values(REFUSED, case(), "answer_f1", "answer_rouge_l") == [0, 0]
    assert values(answer, case(UNKNOWN), "answer_f1", "answer_rouge_l") == [None, None]
    # Items make one text: of its four words, two are said, in this order.
    assert values(record("Russia, Armenia"), case(LIST), "answer_f1", "answer_rouge_l") == pytest.approx([4 / 6, 4 / 6])
    assert values(record("Armenia, Russia"), case(LIST), "answer_f1", "answer_rouge_l") == pytest.approx([4 / 6, 2 / 6])


def test_the_nearest_accepted_answer_counts() -> None:
    assert values(record("Kyrgyz Republic"), case(), "answer_f1", "answer_rouge_l") == pytest.approx([1, 4 / 5])


# --- citation recall and precision


def cites(n: int, quote: str) -> dict[str, Any]:
    return {"n": n, "article_id": "a1", "title": "Talks", "outlet": None, "date": "2017-01-19", "quote": quote}


def answer(
    *sentences: tuple[str, str, tuple[int, ...]], quotes: tuple[str, ...] = (SENTENCE, SECOND)
) -> dict[str, Any]:
    """An answer of sentences with verdict and citation numbers each."""
    said = [{"text": text, "verdict": verdict, "citations": list(numbers)} for text, verdict, numbers in sentences]
    return record("") | {"sentences": said, "citations": [cites(n, quote) for n, quote in enumerate(quotes, start=1)]}


ALCE = ("citation_recall", "citation_precision")


def test_recall_is_the_share_of_sentences_borne_out() -> None:
    given = answer(
        (SENTENCE, "verbatim", (1,)), ("They met for an hour.", "unsupported", (2,)), ("Also.", "unsupported", ())
    )

    assert values(given, case(), *ALCE) == pytest.approx([1 / 3, 1 / 2])


def test_a_citation_that_adds_nothing_is_not_precise() -> None:
    assert values(answer((SENTENCE, "verbatim", (1, 2))), case(), *ALCE) == [1, 1 / 2]


def test_citations_that_say_the_same_are_each_precise() -> None:
    both = answer((SENTENCE, "verbatim", (1, 2)), quotes=(SENTENCE, f"{SENTENCE} And so on."))

    assert values(both, case(), *ALCE) == [1, 1]


def test_citations_of_an_unsupported_sentence_are_not_precise() -> None:
    assert values(answer((SENTENCE, "unverified", (1, 2))), case(), *ALCE) == [0, 0]


def test_what_states_nothing_needs_no_citation() -> None:
    given = answer(("The articles do not say when.", "unverified", ()), (SENTENCE, "supported", (1,)))

    assert values(given, case(), *ALCE) == [1, 1]


def test_refusals_and_answers_without_citations() -> None:
    assert values(REFUSED, case(), *ALCE) == [None, None]
    assert values(answer((SENTENCE, "unsupported", ())), case(), *ALCE) == [0, None]


# --- a judge


def test_a_judge_decides_instead_of_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def judge(claim: str, evidence: str) -> bool:
        """Whether the evidence has all words of the claim."""
        asked.append((claim, evidence))
        return set(claim.split()) <= set(evidence.split())

    monkeypatch.setattr("qa.evaluation.metrics.judges.load_judge", {"all:words": judge}.__getitem__)
    metrics = {name: metric_named(name) for name in ("citation_recall[all:words]", "citation_precision[all:words]")}
    # The first needs both of its citations, the second one of its two; the third is borne out by none.
    given = answer(
        ("red blue", "unsupported", (1, 2)),
        ("red", "unsupported", (1, 2)),
        ("green", "verbatim", (2,)),
        quotes=("red", "blue"),
    )

    scores = score(given, case(), metrics)

    assert list(scores.values()) == [pytest.approx(2 / 3), pytest.approx(3 / 5)]
    assert [metric.title for metric in metrics.values()] == [
        "Citation recall (all:words)",
        "Citation precision (all:words)",
    ]
    assert len(asked) == len(set(asked)), "a model is asked once"
    assert score(REFUSED, case(), metrics) == dict.fromkeys(metrics)


def test_the_network_that_ships_judges_citations() -> None:
    recall = metric_named("citation_recall[bundled:news]")
    good, bad = "The talks in Minsk took two hours.", "The talks in Minsk took nine days."
    given = answer((good, "unverified", (1,)), (bad, "verbatim", (1,)), quotes=(SECOND,))
    assert score(given, case(), {"judged": recall}) == {"judged": 0.5}


def test_a_judge_that_is_none_is_one_sentence() -> None:
    for name in ("answer_correct[bundled:news]", "citation_recall[]"):
        with pytest.raises(EvalError, match="There is no metric"):
            metric_named(name)
    with pytest.raises(UsageError, match="'extractive' is no judge"):
        score(answer((SENTENCE, "verbatim", (1,))), case(), {"judged": metric_named("citation_recall[extractive]")})


# --- attribution

SOURCE = Attribution("CIS adopts a program", "BelTA", dt.date(2017, 1, 19))
QUOTED = Query("q1", "Who wrote it?", attribution=SOURCE)
PARTS = ("attribution", "attribution_title", "attribution_outlet", "attribution_date")


def attributed(**fields: str | None) -> dict[str, Any]:
    right = {"title": "CIS Adopts a Program.", "outlet": "belta", "date": "2017-01-19"}
    return record(SENTENCE, cites=({**right, **fields}, {"title": "Another", "outlet": "Another", "date": None}))


def test_attribution_is_that_of_the_first_citation() -> None:
    assert values(attributed(), case(QUOTED), *PARTS) == [1, 1, 1, 1]
    assert values(attributed(date="2017-01-20"), case(QUOTED), *PARTS) == [0, 1, 1, 0]
    assert values(attributed(outlet=None), case(QUOTED), *PARTS) == [0, 1, 0, 1]
    assert values(attributed(title="CIS adopts programs"), case(QUOTED), *PARTS) == [0, 0, 1, 1]


def test_attribution_is_of_what_the_set_knows() -> None:
    dateless = replace(QUOTED, attribution=replace(SOURCE, date=None))

    assert values(attributed(date="2001-01-01"), case(dateless), *PARTS) == [1, 1, 1, None]
    assert values(attributed(), case(replace(QUOTED, attribution=None)), *PARTS) == [None] * 4
    assert values(attributed(), case(replace(QUOTED, attribution=Attribution())), *PARTS) == [None] * 4


def test_who_refuses_or_cites_nothing_attributes_nothing() -> None:
    assert values(REFUSED | {"citations": attributed()["citations"]}, case(QUOTED), *PARTS) == [0] * 4
    assert values(record(SENTENCE), case(QUOTED), *PARTS) == [0] * 4


# --- risk and coverage


def test_risk_coverage_of_a_worked_example() -> None:
    """By falling score: right, wrong and right together, a refusal, and an answer to what cannot be answered."""
    run = [
        ("r1", 0.9, record("Kyrgyzstan"), QUERY),
        ("r2", 0.5, record("Russia"), QUERY),
        ("r3", 0.5, record("Kyrgyzstan"), QUERY),
        ("r4", 0.8, REFUSED, QUERY),
        ("r5", 0.1, record("Kyrgyzstan"), UNANSWERABLE),
        ("r6", 0.9, record("Kyrgyzstan"), UNKNOWN),
    ]
    records = [{**given, "_id": id, "passages": [{"score": score}]} for id, score, given, _ in run]

    curve = risk_coverage(records, {id: case(query) for id, _, _, query in run})

    assert curve.points == (RiskPoint(0.9, 1 / 5, 0), RiskPoint(0.5, 3 / 5, 1 / 3), RiskPoint(0.1, 4 / 5, 1 / 2))
    assert curve.aurc == pytest.approx((0 + 1 / 3 + 1 / 3 + 1 / 2) / 4)
    assert (curve.n, curve.coverage) == (5, 4 / 5)


def test_risk_of_nothing_is_none() -> None:
    refused, nothing = risk_coverage([REFUSED], {"q1": case()}), risk_coverage([], {})

    assert (refused.points, refused.aurc, refused.n, refused.coverage) == ((), None, 1, 0)
    assert (nothing.points, nothing.aurc, nothing.n, nothing.coverage) == ((), None, 0, None)


def test_risk_goes_by_the_confidence_that_a_run_states() -> None:
    sure = {**record("Russia"), "_id": "r1", "confidence": 0.9, "passages": [{"score": 0.1}]}
    unsure = {**record("Kyrgyzstan"), "_id": "r2", "confidence": 0.6, "passages": [{"score": 0.8}]}

    curve = risk_coverage([sure, unsure], {"r1": case(), "r2": case()})

    assert curve.points == (RiskPoint(0.9, 1 / 2, 1), RiskPoint(0.6, 1, 1 / 2))


def test_calibration_of_a_worked_example() -> None:
    run = [
        ("r1", 0.92, record("Kyrgyzstan"), QUERY),
        ("r2", 0.98, record("Kyrgyzstan"), QUERY),
        ("r3", 0.55, record("Russia"), QUERY),
        ("r4", 0.57, record("Kyrgyzstan"), UNANSWERABLE),
        ("r5", 1.0, record("Russia"), QUERY),
        ("r6", 0.3, REFUSED, QUERY),
        ("r7", 0.7, record("Kyrgyzstan"), UNKNOWN),
        ("r8", None, record("Kyrgyzstan"), QUERY),
    ]
    records = [{**given, "_id": id, "confidence": confidence} for id, confidence, given, _ in run]

    found = calibration(records, {id: case(query) for id, _, _, query in run})

    assert [(round(each.confidence, 3), round(each.right, 3), each.n) for each in found.bins] == [
        (0.56, 0, 2),
        (0.967, 0.667, 3),
    ]
    assert found.error == pytest.approx((2 * 0.56 + 3 * (0.9 + 1 / 15 - 2 / 3)) / 5)
    assert calibration([], {}) == Calibration((), None)


# --- all of them


def test_a_score_has_every_metric_and_leaves_the_record_alone() -> None:
    given = record(SENTENCE, cites=(citation(0, 54),))

    scores = score(given, case(a1=1))

    assert list(scores) == list(METRICS)
    missing = {name for name, value in scores.items() if value is None}
    assert missing == {"answer_items", "attribution", "refused_right", "refusal_precision"}
    assert given == record(SENTENCE, cites=(citation(0, 54),))


def test_records_of_questions_that_are_not_in_the_set() -> None:
    with pytest.raises(EvalError, match="'q1', which is not in the question set"):
        score_all([record(SENTENCE)], {"q2": case()})


def test_a_record_that_only_found_has_every_metric_of_finding() -> None:
    found = {name: record(SENTENCE)[name] for name in ("_id", "passages")}
    metrics = {name: metric for name, metric in METRICS.items() if metric.stage == "finding"}

    assert None not in score(found, case(a1=1), metrics).values()
    assert {name for name in METRICS if name not in metrics} == {
        name
        for name in METRICS
        if name.startswith(("answer_", "citation_", "refus", "attribution")) and "@" not in name
    }
