from __future__ import annotations

import runpy
from pathlib import Path

SPLIT = Path(__file__).parents[2] / "training" / "split.py"


def test_a_question_stays_with_the_same_model_however_it_is_written() -> None:
    held = runpy.run_path(str(SPLIT))["held_for_ranker"]
    assert [held(f"who won the cup in {year}") for year in range(2000, 2008)] == [
        False,
        False,
        True,
        True,
        False,
        True,
        True,
        False,
    ]
    assert all(
        held(f" Who  won\nthe CUP in {year}") == held(f"who won the cup in {year}") for year in range(1900, 2000)
    )
    assert 400 < sum(held(f"question number {n}") for n in range(1_000)) < 600
