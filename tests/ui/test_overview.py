"""The start page: a library in numbers, its columns over time, and what it makes of texts from outside."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from markup import Tree
from parts import story

from qa.ask.stories.event import Event
from qa.library import Library
from qa.store import ArticleRow, Overview
from qa.ui.overview import columns_of, questions_html, start_html, stories_html

Open = Callable[..., Library]
WriteRows = Callable[[str, Sequence[Any]], Path]
MONDAY = dt.date(2025, 3, 3)


def test_a_library_is_counted_by_day_and_outlet(library: Open, write_rows: WriteRows) -> None:
    storm = " ".join(story(n) for n in range(20))
    rows = [
        {"id": "a", "title": "Storm", "outlet": "Herald", "date": "2025-03-05", "text": f"{storm} A."},
        {"id": "b", "title": "Storm", "outlet": "Lark", "date": "2025-03-06", "text": f"{storm} B."},
        {"id": "c", "title": "Chess", "outlet": "Lark", "date": "2025-01-01", "text": story(100)},
        {"id": "d", "title": "Month", "outlet": "Lark", "date": "2025-02", "text": story(101)},
        {"id": "e", "title": "Undated", "text": story(102)},
    ]
    ours = library()
    assert ours.overview() == Overview(0, {}, ())
    ours.ingest([write_rows("rows.jsonl", rows)])
    assert ours.overview() == Overview(
        5,
        {dt.date(2025, 1, 1): 1, dt.date(2025, 3, 5): 1, dt.date(2025, 3, 6): 1},
        (("Lark", 3), ("Herald", 1)),
    )
    assert ours.overview() is ours.overview()
    ours.remove(["b"])
    assert ours.overview().articles == 4


def test_columns_are_weeks_months_or_years_and_none_is_left_out() -> None:
    assert columns_of({}) is None
    weeks = columns_of({MONDAY: 2, MONDAY + dt.timedelta(6): 1, MONDAY + dt.timedelta(21): 5})
    assert weeks and weeks.unit == "week"
    assert [(column.days, column.count) for column in weeks.columns] == [
        ("3 to 9 Mar 2025", 3),
        ("10 to 16 Mar 2025", 0),
        ("17 to 23 Mar 2025", 0),
        ("24 to 30 Mar 2025", 5),
    ]
    assert weeks.highest.days == "24 to 30 Mar 2025"
    months = columns_of({dt.date(2023, 12, 31): 1, dt.date(2025, 2, 28): 1})
    assert months and months.unit == "month" and len(months.columns) == 15
    assert (months.columns[0].days, months.columns[-1].days) == ("Dec 2023", "Feb 2025")
    years = columns_of({dt.date(1900, 1, 1): 1, dt.date(2024, 2, 29): 1})
    assert years and years.unit == "year" and len(years.columns) == 125
    assert years and (years.columns[0].days, years.columns[-1].days) == ("1900", "2024")
    assert years.columns[-1].last == dt.date(2024, 12, 31)


def test_a_chart_has_a_table_and_texts_stay_texts() -> None:
    evil = '"><script>alert(1)</script>'
    days = (MONDAY, MONDAY, MONDAY + dt.timedelta(3))
    told = ("field", "day", None, None, None, evil, 1)
    rows = tuple(ArticleRow(f"{n}", evil, evil, day, *told) for n, day in enumerate(days))  # type: ignore[arg-type]
    overview = Overview(1_234, {MONDAY: 1, MONDAY + dt.timedelta(70): 3}, ((evil, 4),))
    told = Event("a/ b", evil, rows)
    tree = Tree(start_html(overview) + questions_html([evil]) + stories_html([told]))
    assert [attributes["href"] for tag, attributes in tree.elements if tag == "a"] == ["#/s/a/%20b"]
    assert not [tag for tag, _ in tree.elements if tag in ("script", "img")]
    assert "1,234 articles from 3 Mar 2025 to 12 May 2025 · 1,230 without an exact date" in " ".join(tree.text.split())
    columns = [attributes for tag, attributes in tree.elements if attributes.get("data-action") == "start-days"]
    assert [c["data-from"] for c in columns[:11]] == [
        (MONDAY + dt.timedelta(7 * week)).isoformat() for week in range(11)
    ]
    assert [tag for tag, attributes in tree.elements if attributes.get("data-action") == "start-days"][11:] == [
        "button",
        "button",
    ]
    assert json.dumps(evil)[1:-1].replace('\\"', '"') in tree.text


def test_one_day_and_no_day_have_no_chart_and_nothing_has_a_place_to_drop_files() -> None:
    assert "<svg viewBox" not in start_html(Overview(2, {MONDAY: 2}, ()))
    assert "1 article · 1 without an exact date" in " ".join(Tree(start_html(Overview(1, {}, ()))).text.split())
    empty = start_html(Overview(0, {}, ()))
    assert "Drop files or folders here" in empty and "qa ingest FOLDER" in empty


def test_the_library_in_numbers_does_not_wait_for_questions_and_stories() -> None:
    tree = Tree(start_html(Overview(2, {MONDAY: 2}, ())))
    assert "Looking for questions" in tree.text
    assert {attributes.get("id") for _, attributes in tree.elements} >= {"start-questions", "start-stories"}
    assert questions_html([]).strip() == "" and stories_html([]).strip() == ""
