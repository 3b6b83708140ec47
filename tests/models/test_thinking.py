from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.models.thinking import without_thinking


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("It is Minsk.", "It is Minsk."),
        ("<think>Minsk? Or Brest?</think>It is Minsk.", "It is Minsk."),
        ("\n<think>\n\n</think>\n\nIt is Minsk.\n", "It is Minsk.\n"),
        ("<thinking>Hm.</thinking>\nIt is Minsk.", "It is Minsk."),
        ("[THINK]Hm.[/THINK]It is Minsk.", "It is Minsk."),
        ("<think>One.</think><think>Two.</think> It is Minsk.", "It is Minsk."),
        ("<think>It never ends", ""),
        ("", ""),
        ("<", "<"),
        ("<b>It</b> is <think>Minsk</think>.", "<b>It</b> is <think>Minsk</think>."),
        ("  <thin ice", "  <thin ice"),
    ],
)
def test_what_is_only_thought_is_left_out_however_the_pieces_fall(reply: str, answer: str) -> None:
    for size in (1, 2, 3, 7, 100):
        pieces = [reply[start : start + size] for start in range(0, len(reply), size)]
        assert "".join(without_thinking(pieces)) == answer


def test_a_reply_that_begins_inside_of_thinking() -> None:
    assert "".join(without_thinking(["Minsk? ", "Yes.</thi", "nk>\n\nIt is", " Minsk."], "<think>")) == "It is Minsk."


def test_a_reply_is_not_held_back_longer_than_it_takes_to_tell() -> None:
    assert list(without_thinking(["It", " is"])) == ["It", " is"]
    assert list(without_thinking(["<", "b> is"])) == ["", "<b> is"]


@given(st.lists(st.text("<think>/ a", max_size=6), max_size=8))
def test_nothing_is_lost_where_no_tag_begins(pieces: list[str]) -> None:
    said = "".join(without_thinking(pieces))
    whole = "".join(pieces)
    if not re.match(r"\s*<think(ing)?>", whole):
        assert said == whole or not whole.strip()
