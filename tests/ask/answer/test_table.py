"""Rows of tables: which lines they are, and that a row is quoted with the head of its table."""

from __future__ import annotations

import pytest

from qa.ask.answer.answerer import Answered
from qa.ask.answer.extractive import ExtractiveAnswerer
from qa.ask.answer.running_text import other_text
from qa.ask.answer.table import table_heads
from qa.models import load_reader
from qa.types import Article, Hit, Passage, Question

TEXT = """The agriculture office published the wheat harvest of the five districts on Tuesday.

District | Wheat (tonnes) | Change

Ostrava Hill | 12,400 | +3.1%

Greenfold | 8,950 | -1.2%

Director Lena Wirth said the figures are provisional. Home | News. They will be confirmed in October."""
ARTICLE = Article("harvest", "Harvest by district", TEXT)
HEAD = "District | Wheat (tonnes) | Change"
ROWS = ["Ostrava Hill | 12,400 | +3.1%", "Greenfold | 8,950 | -1.2%"]


def test_the_lines_under_a_head_of_as_many_cells_are_its_rows() -> None:
    heads = table_heads(ARTICLE)
    assert [TEXT[start:].split("\n")[0] for start in heads] == ROWS
    assert {TEXT[start:end] for start, end in heads.values()} == {HEAD}
    assert not heads.keys() & other_text(ARTICLE)


def test_no_table_has_no_rows() -> None:
    assert not table_heads(Article("a", "", "")) and not table_heads(Article("b", "", "Home | News\n\nIt rained."))


def test_a_row_is_quoted_on_a_line_of_its_own_under_its_head() -> None:
    found = [Hit(Passage(ARTICLE, 0, len(TEXT)), 1.0)]
    question = "How many tonnes of wheat did Greenfold harvest?"
    claims = ExtractiveAnswerer(refuse_below=0).quote(Question(question, question), found).claims
    said = [claim.text for claim in claims]
    assert said.index(HEAD) < said.index(ROWS[1])
    assert {claim.prefix for claim in claims[1:] if claim.text in ROWS} == {"\n"}


@pytest.mark.parametrize(
    ("question", "row"),
    [("Which district harvested 12,400 tonnes?", 0), ("how did the harvest change in greenfold", 1)],
)
def test_the_row_that_says_what_the_question_says_comes_first(question: str, row: int) -> None:
    told = answered(question)
    assert next(claim.text for claim in told.claims if claim.text != HEAD) == ROWS[row]
    assert told.confidence and told.confidence > 0.5


def test_a_table_without_the_row_that_is_asked_about_does_not_answer() -> None:
    told = answered("How many tonnes did Marrowby harvest?")
    assert told.confidence and told.confidence < 0.5


def answered(question: str) -> Answered:
    found = [Hit(Passage(ARTICLE, 0, len(TEXT)), 1.0)]
    return ExtractiveAnswerer(reader=load_reader(), refuse_below=0).quote(Question(question, question), found)
