"""The day that a sentence tells of, seen from the day on which it was published."""

from __future__ import annotations

import datetime as dt

import pytest

from qa.language.told_days import first_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        # a day without a year, seen from 20 December 2024
        ("The strike began on 3 May.", "3 May 2024"),
        ("The court will sit on 3 May.", "3 May 2025"),
        ("The court opens on 15 January.", "15 January 2025"),
        ("The strike began on 28 November.", "28 November 2024"),
        # a weekday, seen from a Friday
        ("The government said on Monday it will raise taxes.", "16 December 2024"),
        ("Ministers said they plan to meet on Monday.", "23 December 2024"),
        ("They will meet on Monday.", "23 December 2024"),
        ("They met on Monday.", "16 December 2024"),
    ],
)
def test_the_year_and_the_week_follow_from_what_the_sentence_tells(text: str, day: str) -> None:
    assert str(first_day(text, dt.date(2024, 12, 20))) == day
