"""Which answer stands: the table of the policy, and what it goes by."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from qa.ask.answer.answerer import Answered
from qa.ask.answer.policy import Outcome, decide, divided, graded, is_fragment, keeps_answer
from qa.types import Article, Claim, Sentence, Span, Verdict

FIRST, LESS, CONTRARY = "first", "less surely", "contradict the question"
TABLE = [
    # the first answer, what the model wrote, passed, how sure of it and of the first, keeps the answer, a verifier
    (("answer", "answer", 1, 0.8, 0.8, True, False), "written", ""),
    (("answer", "answer", 1, 0.72, 0.8, True, False), "written", ""),
    (("answer", "answer", 3, 0.9, 0.4, True, False), "written", ""),
    (("answer", "answer", 1, 0.25, 0.4, True, False), FIRST, LESS),  # nearly as sure, but of nothing
    (("answer", "answer", 1, 0.15, 0.2, True, False), FIRST, LESS),
    (("answer", "answer", 1, 0.2, 0.2, True, False), "written", ""),
    (("answer", "answer", 1, 0.5, 0.8, True, False), FIRST, LESS),
    (("answer", "answer", 1, 0.5, 0.8, True, True), FIRST, LESS),
    (("answer", "answer", 1, 0.9, 0.8, False, False), FIRST, "leaves out or changes"),
    (("answer", "answer", 1, 0.9, 0.8, False, True), "written", ""),  # a verifier bears out another
    (("answer", "answer", 1, 0.8, 0.8, False, True), FIRST, "leaves out or changes"),
    (("answer", "answer", 0, 0.0, 0.8, True, False), FIRST, "bear out nothing"),
    (("answer", "refusal", 0, 0.0, 0.8, True, False), FIRST, "finds no answer"),
    (("answer", "failure", 0, 0.0, 0.8, True, False), FIRST, ""),
    (("correction", "answer", 2, 0.9, 0.0, True, True), FIRST, CONTRARY),
    (("correction", "refusal", 0, 0.0, 0.0, True, False), FIRST, CONTRARY),
    (("correction", "failure", 0, 0.0, 0.0, True, False), FIRST, ""),
    (("refusal", "answer", 1, 0.3, 0.0, True, False), "written", ""),
    (("refusal", "answer", 1, 0.29, 0.0, True, False), FIRST, "does not answer"),
    (("refusal", "answer", 0, 0.0, 0.0, True, False), FIRST, "bear out nothing"),
    (("refusal", "refusal", 0, 0.0, 0.0, True, False), FIRST, ""),
    (("refusal", "failure", 0, 0.0, 0.0, True, False), FIRST, ""),
]


@pytest.mark.parametrize(("outcome", "stands", "why"), TABLE)
def test_the_table(outcome: tuple[object, ...], stands: str, why: str) -> None:
    decision = decide(Outcome(*outcome), refuse_below=0.3)  # type: ignore[arg-type]
    assert decision.is_written == (stands == "written")
    assert why in decision.why and bool(why) == bool(decision.why)
    assert "sentences from the articles" not in decision.why or outcome[0] == "answer"


ARTICLE = Article("a", "Council elects a chair", "The council elected Anna Berg as its chair on 3 May 2021.")


def first(*words: str, article: Article = ARTICLE) -> Answered:
    span = Span(article, 0, len(article.text))
    bold = tuple((article.text.index(word), article.text.index(word) + len(word)) for word in words)
    return Answered("extractive", (), (Claim(article.text, (span,), bold=bold),), closest=(span,))


@pytest.mark.parametrize(
    ("words", "text", "is_kept"),
    [
        (["Anna Berg"], "Berg was elected chair.", True),
        (["Anna Berg"], "The council elected Otto Lind.", False),
        (["3 May 2021"], "It was on May 3, 2021.", True),
        (["3 May 2021"], "It was in May 2021.", True),
        (["3 May 2021"], "It was on 4 May 2021.", False),
        ([], "Anything.", True),
        (["Anna", "Berg", "council"], "The council elected Anna.", True),
    ],
)
def test_the_answer_is_kept_however_it_is_written(words: list[str], text: str, is_kept: bool) -> None:
    assert keeps_answer(first(*words), text) == is_kept


@pytest.mark.parametrize(("text", "is_kept"), [("It has seventeen piers.", True), ("It has 71 piers.", False)])
def test_a_number_is_kept(text: str, is_kept: bool) -> None:
    piers = Article("b", "Piers", "The council oversees 17 piers.", date=dt.date(2021, 5, 4))
    assert keeps_answer(first("17", article=piers), text) == is_kept


@pytest.mark.parametrize("text", ["2020", "12 October", "On 12 October 2017 in Minsk.", "Anna Berg.", "The summit", ""])
def test_a_fragment(text: str) -> None:
    assert is_fragment(text)


@pytest.mark.parametrize(
    "text", ["Anna Berg won.", "Nobody was hurt.", "It cost 48 million crowns.", "Il pleut à Paris."]
)
def test_a_sentence(text: str) -> None:
    assert not is_fragment(text)


def said(text: str, verdict: Verdict) -> Sentence:
    return Sentence(text, (1,), verdict)


def test_a_tick_on_a_fragment_is_taken_away() -> None:
    short, whole = graded([said("12 October", "verbatim"), said("Anna won the race.", "supported")])
    assert (short.verdict, whole.verdict) == ("unverified", "supported") and short.reasons


@pytest.mark.parametrize("text", ["He left at once.", "This happened on Monday.", "These towns are closed."])
def test_a_tick_is_taken_away_behind_what_did_not_pass_where_it_points_back_to_it(text: str) -> None:
    good, bad = said("The king wept.", "supported"), said("The king wept.", "unsupported")
    assert [one.verdict for one in graded([good, said(text, "verbatim")])] == ["supported", "verbatim"]
    assert [one.verdict for one in graded([bad, said(text, "verbatim")])] == ["unsupported", "unverified"]
    assert graded([bad, said("This week she won the race.", "verbatim")])[1].verdict == "verbatim"
    assert graded([bad, replace(said(text, "verbatim"), heading="Race")])[1].verdict == "verbatim"


def test_what_passes_is_divided_from_what_does_not() -> None:
    split = divided(
        graded(
            [
                said("Hello, here is the answer.", "unverified"),
                said("Anna Berg won the race.", "supported"),
                said("She was glad of it.", "supported"),
                said("The king wept.", "unsupported"),
                said("He left at once.", "supported"),
                said("The passages do not mention why.", "unverified"),
            ]
        )
    )
    assert split.passed == (1, 2)
    assert [sentence.text for sentence in split.rejected] == ["The king wept.", "He left at once."]
    assert not any(sentence.citations for sentence in split.rejected)
