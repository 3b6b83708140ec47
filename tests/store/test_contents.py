"""The table of contents: searched, narrowed, sorted and paged by the database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databases import address_of_its_own

from qa.errors import UsageError
from qa.library import Library
from qa.settings import load_settings

ARTICLES = {
    "ferry.md": ("Ferry hires sixty", "North Wire", "2024-03-01", "Ida Berg"),
    "harbour.md": ("Harbour closes", "Coast Courier", "2024-03-12", "Mara Lind"),
    "agreement.md": ("Ärger am Hafen", "Küstenbote", "2023-01-02", "Olaf Rehn"),
    "undated.md": ("50% more ships", "North Wire", "", "Ida Berg"),
}


@pytest.fixture(scope="module", params=["file", pytest.param("server", marks=pytest.mark.slow)])
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("articles")
    for name, (title, outlet, date, author) in ARTICLES.items():
        front = f"---\ntitle: {title}\noutlet: {outlet}\ndate: {date}\nauthors: [{author}]\n---\n\n"
        (folder / name).write_text(f"{front}{title}, it was said in the harbour of {outlet} on that day.", "utf-8")
    address = address_of_its_own(request) if request.param == "server" else None
    with Library.open(load_settings(index=tmp_path_factory.mktemp("contents"), database=address)) as library:
        library.ingest([folder])
        yield library


def titles(library: Library, **wanted: object) -> list[str]:
    return [row.title for row in library.store.contents(**wanted).rows]


def test_the_newest_comes_first_and_the_undated_last(library: Library) -> None:
    assert titles(library) == ["Harbour closes", "Ferry hires sixty", "Ärger am Hafen", "50% more ships"]
    assert titles(library, descending=False)[-1] == "50% more ships"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("FERRY", ["Ferry hires sixty"]),
        ("ärger", ["Ärger am Hafen"]),
        ("ÄRGER küsten", ["Ärger am Hafen"]),
        ("ida north", ["Ferry hires sixty", "50% more ships"]),
        ("%", ["50% more ships"]),
        ("_", []),
        ("' OR 1=1 --", []),
    ],
)
def test_all_words_of_a_search_are_found_as_they_are(library: Library, search: str, found: list[str]) -> None:
    assert titles(library, search=search) == found


@pytest.mark.parametrize(
    ("sort", "first"), [("title", "50% more ships"), ("outlet", "Harbour closes"), ("date", "Ärger am Hafen")]
)
def test_it_is_sorted_by_a_column(library: Library, sort: str, first: str) -> None:
    assert titles(library, sort=sort, descending=False)[0] == first


def test_it_is_paged_and_says_how_many_there_are(library: Library) -> None:
    page = library.store.contents(limit=1, offset=1)
    assert ([row.title for row in page.rows], page.total) == (["Ferry hires sixty"], 4)
    assert library.store.contents(outlet="North Wire").total == 2
    assert library.store.contents(offset=100).rows == ()


def test_another_column_is_refused_with_the_choices(library: Library) -> None:
    with pytest.raises(UsageError, match=r"cannot be sorted by 'text'\. Choose one of: title, outlet, date"):
        library.store.contents(sort="text")


def test_outlets_are_counted(library: Library) -> None:
    assert library.store.outlets_with_counts() == [("Coast Courier", 1), ("Küstenbote", 1), ("North Wire", 2)]
