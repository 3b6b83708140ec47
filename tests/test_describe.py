"""What is known of an article, and that nothing is made up."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.describe import describe

TODAY = dt.date(2026, 3, 10)


def date_of(value: Any) -> dt.date | None:
    return describe({"date": value}, "Some text.", TODAY).date


@pytest.mark.parametrize(
    "value",
    [
        dt.date(2017, 1, 19),
        dt.datetime(2017, 1, 19, 23, 30, tzinfo=dt.UTC),
        "2017-01-19",
        "2017/1/19",
        "2017-01-19T23:30:00+06:00",
        "20170119",
        "20170119T233000Z",
        "1484812800",
        1484812800000,
        "19 January 2017",
        "January 19, 2017",
        "Jan. 19th, 2017, 5:00 PM ET",
        "Updated 5:00 PM, Thu January 19, 2017",
        "Thu, 19 Jan 2017 10:00:00 +0600",
        "19 января 2017 г.",
        "19.01.2017",
        "01/19/2017",
        "19/01/2017",
    ],
)
def test_a_day_that_is_written_out_is_read(value: Any) -> None:
    about = describe({"date": value}, "Some text.", TODAY)
    assert (about.date, about.date_source) == (dt.date(2017, 1, 19), "field")


@pytest.mark.parametrize(
    "value",
    [
        None, "", "unknown", "n/a", "yesterday", "today", "now", "2 hours ago", "5 days ago", "12:30", "Friday 13",
        "March 2020", "2020", "03/04/2017", "2017-02-30", "30 February 2017", "1899-12-31", "2026-03-11",
        "2062-01-01", "0000-00-00",
        "99999999", "9" * 5000, ["2017"], "May", 7, True, dt.date(1800, 1, 1), dt.date(2026, 3, 11),
    ],
)  # fmt: skip
def test_anything_else_is_unknown(value: Any) -> None:
    about = describe({"date": value}, "Some text.", TODAY)
    assert (about.date, about.date_source) == (None, "unknown")


def test_the_day_of_ingest_is_a_date_only_where_it_is_written() -> None:
    assert date_of("2026-03-10") == TODAY
    assert describe({}, "Published today, 10 March 2026.", TODAY).date is None


@given(st.text() | st.integers() | st.datetimes() | st.lists(st.text()))
def test_no_date_is_outside_the_possible(value: Any) -> None:
    date = date_of(value)
    assert date is None or dt.date(1900, 1, 1) <= date <= TODAY


@pytest.mark.parametrize("unknown", ["unknown", "Unknown", " n/a ", "none", "-", ""])
def test_unknown_means_unknown(unknown: str) -> None:
    about = describe(
        {"outlet": unknown, "language": unknown, "authors": [unknown], "date": unknown}, "Some text.", TODAY
    )
    assert (about.outlet, about.language, about.authors, about.date) == (None, None, (), None)


def test_the_outlet_is_the_host_of_the_address_where_none_is_named() -> None:
    assert describe({"url": "https://www.herald.example/a?b#c"}, "Text.").outlet == "herald.example"
    assert describe({"url": "https://www.herald.example/a", "outlet": "The Herald"}, "Text.").outlet == "The Herald"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/news/1", "herald", "https://", "https://a b", "http://[::1"])
def test_an_address_is_one_that_a_browser_may_open(url: str) -> None:
    about = describe({"url": url}, "Text.")
    assert about.outlet is None
    assert about.url is None or about.url.startswith("http")


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Ines Falk and Jo Lund", ("Ines Falk", "Jo Lund")),
        (["Ines Falk", "Jo  Lund"], ("Ines Falk", "Jo Lund")),
        ("Ines Falk; Jo Lund, Ada Ode", ("Ines Falk", "Jo Lund", "Ada Ode")),
        (None, ()),
    ],
)
def test_authors(value: Any, names: tuple[str, ...]) -> None:
    assert describe({"authors": value}, "Text.").authors == names


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Bridge opens\n\nThe bridge opened.", "Bridge opens"),
        ("Bridge opens\n\nThe bridge opened on Monday.", "Bridge opens"),
        ("The bridge opened on Monday after years. It is long.", "The bridge opened on Monday after years."),
        ("PORT ELLERY -\n\nThe bridge opened on Monday after years.", "The bridge opened on Monday after years."),
        ("word " * 100, ("word " * 32).strip() + "…"),
        ("7", "7"),
    ],
)
def test_a_title_is_found_in_the_text(text: str, title: str) -> None:
    assert describe({}, text.strip()).title == title


def test_a_title_is_one_line_and_not_the_whole_text() -> None:
    assert describe({"title": " Bridge\n\N{NO-BREAK SPACE}opens\x00 "}, "Text.").title == "Bridge opens"
    assert len(describe({"title": "word " * 1000}, "Text.").title) <= 301
    assert describe({"title": 1984}, "Text.").title == "1984"
