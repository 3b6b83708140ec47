"""What is taken out of a text, and that nothing else is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.clean import clean

MESSY = (
    "07:14\nGBP 1.17\nJPY 0.0063\nNOK 86,50\n\n"
    "Ministers agree on\u00a0ferry timetable\n\n"
    "  \u2022 2\n"
    "The two ministers met in\u00a0\u00a0Vik on\u00a012\u00a0March.\r\n\r\n"
    "Popular\n\n"
    "\u00abWe shall sail every day,\u00bb the minister\u2019s office said.\n \t\n"
    "Editor\u2019s note: the timetable was corrected on Friday.\n\n\n"
    "\u2014\n\nRead more\n\nPost sponsored by Fjord Lines\n\nShare this article with your friends\n"
)


def test_a_messy_page_becomes_paragraphs() -> None:
    assert clean(MESSY).split("\n\n") == [
        "Ministers agree on ferry timetable",
        "The two ministers met in Vik on 12 March.",
        '"We shall sail every day," the minister\'s office said.',
        "Editor's note: the timetable was corrected on Friday.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "951", "$450,000", "May 2021", "Oct 7", "12", "UN 2030", "USA", "8.", "Popular music came back.",
        "Shared grief", "Related: the mayor resigned in June.", "- a point of the list", "2:1",
        "Subscribe to the plan, she said.",
    ],
)  # fmt: skip
def test_a_line_that_may_be_an_answer_stays(line: str) -> None:
    assert clean(f"Before it.\n\n{line}\n\nAfter it.") == f"Before it.\n\n{line}\n\nAfter it."


def test_lines_broken_at_a_column_are_one_paragraph() -> None:
    wire = (
        "The council of the coastal towns has agreed to share\n"
        "the costs of the new lighthouse, which will be built on\n"
        "the outer skerry before the winter storms begin, said\nits secretary."
    )
    assert clean(wire) == wire.replace("\n", " ")


def test_sentences_on_lines_of_their_own_stay_apart() -> None:
    lines = (
        "The council of the coastal towns has met on Friday.\nIt will share the costs of the new lighthouse there.\n"
        "It will be built on the outer skerry before winter."
    )
    assert clean(lines) == lines.replace("\n", "\n\n")


def test_a_list_keeps_its_lines() -> None:
    bullets = "\n".join(f"- point {n} of the long list of points that was agreed" for n in range(4))
    assert clean(bullets) == bullets.replace("\n", "\n\n")


def test_nothing_is_left_of_nothing() -> None:
    assert clean(" \n\u00a0\n\u200b\n---\n") == ""


@given(st.text(st.sampled_from("ab .\n\t\u00a0•-1:\"'USD\x85\u2028\u0301\u200b")) | st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=5), min_size=1))
def test_no_word_is_lost(lines: list[str]) -> None:
    text = "\n\n".join(f"Word {line} word." for line in lines)
    assert clean(text).split() == clean(" ".join(text.split())).split()


@pytest.mark.parametrize("kind", ["-", "\n", "\n ", " ", "• ", "*1", "1", "a", ".\n", "\n\n\n ", "\u200b"], ids=repr)
def test_a_long_text_of_one_kind_takes_no_longer_than_its_length(kind: str) -> None:
    began = time.process_time()
    clean(kind * (100_000 // len(kind)) + "a")
    assert time.process_time() - began < 5
