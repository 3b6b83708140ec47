"""Misspelled words of a question, spelled as a small library spells them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from parts import open_library

from qa.ask.understand import respelled
from qa.library import Library
from qa.settings import load_settings
from qa.types import Respelling

ARTICLES = {
    "chair": "The harbour council elected Anna Bergström as its chair on 3 May 2021. Bergström won by nine votes.",
    "writer": "The writer Vladimir Kara-Murza left the prison of Omsk. Kara-Murza was jailed for treason.",
    "carmaker": "Shares of the carmaker Stellantis fell after the reveal of the electric jeep in Turin on Tuesday.",
    "envoy": "Lindqvistson spoke. Lindqvistson wrote to the envoy of Turin. The envoy wrote back to Lindqvistson.",
    "leader": "Jacinda Ardern resigned as leader of the party. She has no energy left.",
    "flood": "The flood in Turin moved Jacinda Ardern, who came at night.",
    "visit": "Omsk is where Jacinda Ardern met the envoy, and Brett Falk went home.",
    "perfume": "A new perfume of Elizabeth Arden is out.",
    "keeper": "The keeper Brett Falk was injured in Omsk.",
    "return": "Last night the keeper Brett Falk returned to the match in Omsk.",
    "grille": "The steakhouse in Omsk reopened. A steakhouse in Turin closed. Its steakhouse prices fell.",
}
KNOWN = frozenset("zeppelin chair".split())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in ARTICLES.items():
        (folder / f"{name}.txt").write_text(f"{name}\n\n{text}\n", "utf-8")
    with open_library(load_settings(index=Path(tmp_path_factory.mktemp("library")))) as library:
        library.ingest([folder])
        yield library


def read(library: Library, question: str) -> tuple[str, tuple[Respelling, ...]]:
    store = library.store
    return respelled(question, store.words(), store.articles, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("asked", "searched", "words"),
    [
        ("Who elected Anna Bergstrem?", "Who elected Anna Bergström?", [("Bergstrem", "Bergström")]),
        ("why was vladimir karamurza jailed", "why was vladimir Kara-Murza jailed", [("karamurza", "Kara-Murza")]),
        ("why did jacinda arden resign", "why did jacinda Ardern resign", [("arden", "Ardern")]),
        ("is bret fulk injured", "is Brett Falk injured", [("bret", "Brett"), ("fulk", "Falk")]),
        ("stelantis shares after the jeep", "Stellantis shares after the jeep", [("stelantis", "Stellantis")]),
    ],
)
def test_a_misspelled_word_is_spelled_as_the_articles_do(
    library: Library, asked: str, searched: str, words: list[tuple[str, str]]
) -> None:
    assert read(library, asked) == (searched, tuple(Respelling(*pair) for pair in words))


@pytest.mark.parametrize(
    "asked",
    [
        "Who elected Anna Bergström?",  # right
        'Who elected Anna "Bergstrem"?',  # in quotes
        "Who elected the choir?",  # too short
        "Which zeppelins did they buy?",  # known words
        "Who is Stenhouse?",  # near a common word
        "Which perfume is of Elizabeth Arden?",  # a name of its own
        "Which perfume is of Kofi Arden?",  # and so it may be beside another
        "Who is Mergstrom?",  # begins with another letter
        "Who bought the Stelantis horse of Ulan Bator?",  # nothing else of the question stands with it
        "zzzzzzzz",
        "",
    ],
)
def test_any_other_word_stays(library: Library, asked: str) -> None:
    assert read(library, asked) == (asked, ())


def test_an_empty_library_respells_nothing(tmp_path: Path) -> None:
    with open_library(load_settings(index=tmp_path / "library")) as empty:
        assert read(empty, "Who elected Anna Bergstrem?") == ("Who elected Anna Bergstrem?", ())
