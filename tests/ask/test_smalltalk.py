"""Greetings, thanks, and questions about the library itself."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qa.ask.assistant import Assistant
from qa.ask.smalltalk import talk_of
from qa.library import Library
from qa.settings import load_settings
from qa.types import Answer, Filters, Turn

ARTICLES = [
    (
        "chair",
        "2021-05-04",
        "Harbour Gazette",
        "The harbour council elected Anna Berg as its chair on Monday. It took.",
    ),
    ("piers", "2021-07-09", "Fjord Post", "The council that oversees the harbour opened its newest pier. It is long."),
    ("storm", "2021-11-10", "Harbour Gazette", "A storm tore the roof from the town hall of Northbridge on Tuesday."),
]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Answer]]:
    folder: Path = tmp_path_factory.mktemp("articles")
    for name, day, outlet, text in ARTICLES:
        front = f"---\ntitle: {name}\noutlet: {outlet}\ndate: {day}\n---\n"
        (folder / f"{name}.md").write_text(f"{front}{text}\n", "utf-8")
    settings = load_settings(index=tmp_path_factory.mktemp("library"))
    with Library.open(settings) as library:
        library.ingest([folder])
    with Assistant.open(settings) as assistant:
        yield assistant.ask


@pytest.mark.parametrize(
    ("said", "talk"),
    [
        ("Hi!", "hello"),
        ("good morning, Citewire", "hello"),
        ("¡Hola!", "hello"),
        ("What can you do?", "help"),
        ("Thanks.", "thanks"),
        ("Спасибо!", "thanks"),
        ("What’s new?", "new"),
        ("Was gibt es Neues?", "new"),
        ("What's new in Delaware?", None),
        ("Who said hello?", None),
        ("?", None),
        ("", None),
    ],
)
def test_small_talk_is_known_as_such(said: str, talk: str | None) -> None:
    assert talk_of(said) == talk


@pytest.mark.parametrize(
    ("said", "is_unclear"),
    [
        ("Is it good?", True),
        ("Why?", True),
        ("tell me more", True),
        ("the of and", True),
        ("Who was she with?", True),
        ("What happened to them?", True),
        ("Who is Anna Berg?", False),
        ("who won?", False),
        ("Is it true that the storm tore the roof off?", False),
        ("Where did his plane crash on Monday?", False),
    ],
)
def test_a_first_question_that_leans_on_nothing_is_unclear(said: str, is_unclear: bool) -> None:
    assert (talk_of(said, is_first=True) == "unclear") == is_unclear
    assert talk_of(said) is None


def test_what_is_unclear_is_asked_back_and_may_lean_on_what_was_asked(ask: Callable[..., Answer]) -> None:
    first = ask("Is it long?")
    assert first.abstained and first.text.startswith("What is that about?") and not first.sentences
    asked = "What did the council open in July 2021?"
    then = ask("Is it long?", history=[Turn(asked, asked, "The council opened its newest pier.")])
    assert not then.text.startswith("What is that about?")
    assert not ask("Is it long?", filters=Filters(articles=("piers",))).text.startswith("What is that about?")


def test_what_happened_on_a_day_is_a_briefing_of_that_day(ask: Callable[..., Answer]) -> None:
    told = ask("what happened yesterday?", as_of=dt.date(2021, 11, 11))
    assert "storm tore the roof" in told.text and "Anna Berg" not in told.text
    assert not ask("What happened in Northbridge in November 2021?").text.startswith("##")


@pytest.mark.parametrize("said", ["hi", "help"])
def test_what_the_library_holds_is_told(ask: Callable[..., Answer], said: str) -> None:
    answer = ask(said)
    assert "this library holds 3 articles from 4 May 2021 to 10 Nov 2021 by Harbour Gazette, Fjord Post." in answer.text
    assert answer.abstained and not answer.citations and answer.notice is None
    assert "1 article of 9 Jul 2021 by Fjord Post." in ask(said, filters=Filters(outlets=("Fjord Post",))).text


def test_thanks_need_no_articles(ask: Callable[..., Answer]) -> None:
    assert ask("thanks!").text == "You are welcome."


def test_an_empty_library_says_how_to_fill_it(tmp_path: Path) -> None:
    with Assistant.open(load_settings(index=tmp_path / "library")) as assistant:
        assert assistant.ask("hi").text == "There are no articles yet. Add some with: qa ingest FOLDER"


@pytest.mark.parametrize("text", ["https://news.example/2021/chair", " www.news.example "])
def test_an_address_is_no_question(ask: Callable[..., Answer], text: str) -> None:
    answer = ask(text)
    assert answer.abstained and "qa ingest" in answer.text and not answer.hits
    assert talk_of(f"What does {text} say?") is None
