"""Datelines in the ways that agencies write them, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.ingest.describe import describe
from qa.ingest.describe.dateline import find_dateline, read_dateline


@pytest.mark.parametrize(
    ("dateline", "place", "day"),
    [
        ("PORT ELLERY - ", "Port Ellery", ""),
        ("ELLERY — ", "Ellery", ""),
        ("ELLERY. KAZINFORM - ", "Ellery", ""),
        ("ELLERY (AP) - ", "Ellery", ""),
        ("ELLERY (AP) _ ", "Ellery", ""),
        ("ELLERY, N.H. (AP) — ", "Ellery", ""),
        ("PORT ELLERY, Ore. -- ", "Port Ellery", ""),
        ("ST. ELLERY – ", "St. Ellery", ""),
        ("ELLERY/NEW LUND (Reuters) - ", "Ellery", ""),
        ("ELLERY and LUND (Reuters) - ", "Ellery", ""),
        ("ELLERY DE LA MAR - ", "Ellery de la Mar", ""),
        ("LA MAR - ", "La Mar", ""),
        ("XI'AN, China - ", "Xi'an", ""),
        ("ELLERY-SUR-MER (AFP) - ", "Ellery-Sur-Mer", ""),
        ("Port Ellery, South Lund (CNN) ", "Port Ellery", ""),
        ("Port Ellery CNN Business — ", "Port Ellery", ""),
        ("(Reuters) - ", None, ""),
        ("ELLERY, Oct 12 (Reuters) - ", "Ellery", "10-12"),
        ("ELLERY, January 19 /KAZINFORM/ -- ", "Ellery", "1-19"),
        ("ELLERY, January 19. /TASS/. ", "Ellery", "1-19"),
        ("Ellery. January 19. INTERFAX - ", "Ellery", "1-19"),
        ("Ellery, 24 Feb. (Ukrinform). ", "Ellery", "2-24"),
        ("ELLERY, Jan. 19 — ", "Ellery", "1-19"),
        ("ЭЛЛЕРИ, 19 янв - ", "Эллери", "1-19"),
        ("ЭЛЛЕРИ, 19 января. /БЕЛТА/. ", "Эллери", "1-19"),
        ("ELLERY, March 3, 2021 (AFP) - ", "Ellery", "2021-3-3"),
        ("ELLERY. January 19, 2017. KAZINFORM - ", "Ellery", "2017-1-19"),
    ],
)
def test_a_dateline(dateline: str, place: str | None, day: str) -> None:
    found = read_dateline(dateline + "The bridge opened.")
    assert found
    assert found.place == place
    assert "-".join(str(part) for part in (found.year, found.month, found.day) if part) == day
    assert (dateline + "The bridge opened.")[found.end :] == "The bridge opened."


@pytest.mark.parametrize(
    "line",
    [
        "The bridge opened - at last.",
        "Port Ellery - a town on the river - has a bridge.",
        "Sen. Ada Ode (R-Lund) – said so.",
        "Ada Ode, January 5 – a portrait",
        "She went to (CNN) and said so.",
        "BREAKING NEWS - The bridge opened.",
        "USA TODAY - The bridge opened.",
        "CNN —",
        "NATO - The alliance met.",
        "U.S. — The country voted.",
        "BTS — the band — sings.",
        "MIL OSI Translation. Region: Ellery –",
        "ELLERY",
        "",
    ],
)
def test_what_only_looks_like_a_dateline(line: str) -> None:
    assert read_dateline(line) is None


def test_it_is_found_below_the_title_and_stays_in_the_text() -> None:
    text = "Bridge opens\n\nBy Ines Falk\n\nPORT ELLERY (AP) — The bridge opened."
    about = describe({}, text)
    assert (about.place, about.title) == ("Port Ellery", "Bridge opens")
    assert find_dateline("It is long.\n\n" * 9 + "PORT ELLERY (AP) — The bridge opened.") is None


@given(st.text(alphabet="AB ab.,/()-—_\n19яЯ'") | st.text())
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    found = read_dateline(text)
    assert found is None or 0 < found.end <= len(text)


@pytest.mark.parametrize(
    ("opening", "outlet"),
    [
        ("VIK (Reuters) - The ferry sails at noon again.", "Reuters"),
        ("PORT ELLERY. KAZINFORM - The ferry sails at noon again.", "Kazinform"),
        ("VIK, 3 May (TASS) - The ferry sails at noon again.", "TASS"),
        ("VIK - The ferry sails at noon again.", None),
        ("VIK (AP Photo/Jo Falk) The ferry sails at noon again.", None),
    ],
)
def test_the_agency_of_a_dateline_is_the_outlet_where_nothing_else_names_one(opening: str, outlet: str | None) -> None:
    assert describe({}, opening).outlet == outlet
    assert describe({"outlet": "Fjord Post"}, opening).outlet == "Fjord Post"
    assert describe({"url": "https://www.echo.example/a"}, opening).outlet == "echo.example"
