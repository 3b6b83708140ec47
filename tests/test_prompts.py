"""Prompts: every file fills, fields are exact, and values are never read as fields."""

from __future__ import annotations

import re

import pytest

from qa.errors import PromptError
from qa.prompts import fill_prompt, folder, load_prompt, refusal

FIELDS = {
    "answer": {"refusal", "sentences"},
    "check_claim": set(),
    "check_question": {"refusal"},
    "conversation": {"turns", "question"},
    "make_question": {"refusal"},
    "passage": {"key", "title", "outlet", "date", "text"},
    "question": {"question"},
    "refusal": set(),
    "today": {"date"},
    "turn": {"question", "answer"},
}


def test_every_prompt_has_the_fields_that_it_is_filled_with() -> None:
    found = {
        path.stem: set(re.findall(r"\{\{(\w+)\}\}", path.read_text("utf-8"))) for path in folder("prompts").glob("*.md")
    }
    assert {name: found.get(name) for name in FIELDS} == FIELDS


def test_a_prompt_is_filled() -> None:
    assert fill_prompt("turn", question="Who?", answer="She.") == "Reader: Who?\nAnswer: She."


def test_a_value_that_looks_like_a_field_stays_as_it_is() -> None:
    assert fill_prompt("turn", question="{{answer}}", answer=r"\1") == "Reader: {{answer}}\nAnswer: \\1"


def test_a_missing_field_is_named() -> None:
    with pytest.raises(PromptError, match=r"'turn'.*missing fields \['answer'\]"):
        fill_prompt("turn", question="Who?")


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(PromptError, match=r"'turn'.*unknown fields \['tone'\]"):
        fill_prompt("turn", question="Who?", answer="She.", tone="kind")


def test_a_prompt_that_does_not_exist_is_named() -> None:
    with pytest.raises(PromptError, match=r"no prompt 'song'.*song\.md"):
        load_prompt("song")


def test_the_refusal_is_one_sentence_and_part_of_what_the_model_is_told() -> None:
    assert refusal() == "The articles do not say."
    assert refusal() in fill_prompt("answer", sentences="4 sentences", refusal=refusal())
