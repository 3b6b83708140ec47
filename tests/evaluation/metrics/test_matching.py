"""Whether two texts say the same: words, F1, ROUGE-L and shares of characters, against examples and textbooks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.metrics import contains_answer
from qa.evaluation.metrics.matching import common_subsequence, contains, rouge_l, token_f1


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
    assert contains_answer(text, ["something else", answer])


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
    assert not contains_answer(text, [answer])


def test_rouge_of_the_paper() -> None:
    """Section 3.1 of Lin (2004): "police killed the gunman" against two summaries of four words."""
    reference = "police killed the gunman"

    assert rouge_l("police kill the gunman", reference) == pytest.approx(3 / 4)
    assert rouge_l("the gunman kill police", reference) == pytest.approx(2 / 4)


def test_f1_counts_a_word_as_often_as_both_have_it() -> None:
    assert token_f1("red red blue", "red green") == pytest.approx(2 * 1 / (3 + 2))
    assert token_f1("", "red") == token_f1("red", "...") == 0


WORDS = st.lists(st.sampled_from("abcd"), max_size=12)


@given(WORDS, WORDS)
def test_common_subsequence_is_that_of_the_textbook(one: list[str], other: list[str]) -> None:
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one, start=1):
        for j, b in enumerate(other, start=1):
            table[i][j] = table[i - 1][j - 1] + 1 if a == b else max(table[i - 1][j], table[i][j - 1])

    assert common_subsequence(one, other) == table[-1][-1]


@given(st.text("ab ", min_size=1, max_size=20), st.text("ab ", max_size=40), st.sampled_from([1.0, 0.8, 0.5]))
def test_a_share_of_a_piece_is_held_when_any_stretch_of_that_length_is(piece: str, text: str, share: float) -> None:
    plain, hay = " ".join(piece.split()), " ".join(text.split())
    stretches = {plain[i:j] for i in range(len(plain)) for j in range(i, len(plain) + 1) if j - i >= share * len(plain)}

    assert contains(text, piece, share) == (bool(plain) and any(stretch in hay for stretch in stretches))
