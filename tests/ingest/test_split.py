"""Passages: whole sentences, no overlap, within the limit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.ingest.clean import clean
from qa.ingest.split import split
from qa.language.text import sentence_spans

PROSE = st.lists(
    st.sampled_from(
        ["Ships sail.", "The old harbour town is quiet in winter", "Why?", "\n\n", "Mr. Lund came.", "10.5"]
    )
)


@given(st.text() | PROSE.map(" ".join), st.integers(2, 30))
def test_passages_cover_every_sentence_in_order_without_overlap(text: str, words: int) -> None:
    passages = split(text, words)
    position = 0
    for start, end in passages:
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@given(st.text() | PROSE.map(" ".join), st.integers(2, 30))
def test_no_passage_is_over_the_limit_and_only_long_sentences_are_cut(text: str, words: int) -> None:
    passages = split(text, words)
    assert all(len(text[start:end].split()) <= words for start, end in passages)
    borders = {border for passage in passages for border in passage}
    for start, end in sentence_spans(text):
        if any(start < border < end for border in borders):
            assert len(text[start:end].split()) >= words or end - start >= words * 20


def test_the_words_are_shared_evenly() -> None:
    text = " ".join(f"Sentence number {n} has exactly seven words." for n in range(30))
    sizes = [len(text[start:end].split()) for start, end in split(text, 200)]
    assert sizes == [105, 105]


def test_a_short_article_is_one_passage() -> None:
    text = "One.\n\nTwo.\n\nThree."
    assert split(text) == [(0, len(text))]


@pytest.mark.parametrize("text", ["", " ", "\n\n\t"])
def test_nothing_gives_no_passage(text: str) -> None:
    assert split(text) == []


def test_a_word_without_end_is_cut() -> None:
    text = clean("x" * 9_999).text
    assert max(end - start for start, end in split(text, 100)) <= 2_000
    assert "".join(text[start:end] for start, end in split(text, 100)) == text


def test_passages_do_not_break_within_a_sentence_of_common_length() -> None:
    text = " ".join(f"The mayor of town {n} said that the ferry would sail again on Monday." for n in range(200))
    assert all(re.match(r"The mayor", text[start:]) and text[end - 1] == "." for start, end in split(text, 60))


def test_an_overlap_is_made_of_whole_sentences_of_the_passage_before() -> None:
    text = " ".join(f"Sentence number {n} has six words." for n in range(30))
    plain, shared = split(text, 40), split(text, 40, overlap=13)
    assert [end for _, end in shared] == [end for _, end in plain] and shared[0] == plain[0]
    for (start, _), (begins, _) in zip(shared[1:], plain[1:], strict=True):
        assert text[start:begins].count(".") == 2 and text[start:].startswith("Sentence")
    assert split(text, 40, overlap=5) == plain
