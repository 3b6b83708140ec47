"""Of reports that recur, the one of the day that is asked for answers."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from parts import open_library

from qa.ask.assistant import Assistant
from qa.ask.recurring import Report, by_day
from qa.settings import load_settings
from qa.types import Question, TimeWindow

TODAY = dt.date(2026, 11, 29)
LEVELS = {
    dt.date(2026, 11, 27): 45,
    dt.date(2026, 11, 28): 31,
    dt.date(2026, 11, 21): 52,
    dt.date(2026, 10, 20): 60,
    dt.date(2025, 10, 25): 75,
    None: 88,
}
Write = Callable[..., Path]


def level(day: dt.date | None, centimetres: int) -> str:
    head = f"date: {day}\n" if day else ""
    when = f" on {day:%A}" if day else ""
    return (
        f"---\ntitle: Lake Orrin level report\n{head}outlet: Orrin Times\n---\n"
        f"The water level of Lake Orrin stood at {centimetres} centimetres{when}, the water board said. "
        "Spokeswoman Ida Krell said the level was being watched."
    )


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("lake")
    for number, (day, centimetres) in enumerate(LEVELS.items()):
        (folder / f"lake{number}.md").write_text(level(day, centimetres), "utf-8")
    library = open_library(load_settings(index=folder / "library"))
    library.ingest([folder])
    with Assistant(library) as assistant:
        yield assistant


@pytest.mark.parametrize(
    ("question", "centimetres"),
    [
        ("What was the water level of Lake Orrin yesterday?", 31),
        ("What was the water level of Lake Orrin on 28 November 2026?", 31),
        ("What is the latest water level of Lake Orrin?", 31),
        ("What is the most recent water level of Lake Orrin?", 31),
        ("What is the water level of Lake Orrin now?", 31),
        ("What is the current water level of Lake Orrin?", 31),
        ("What was the water level of Lake Orrin?", 31),
        ("What was the water level of Lake Orrin on 27 November 2026?", 45),
        ("What was the water level of Lake Orrin on 21 November 2026?", 52),
        ("What was the water level of Lake Orrin on 20 October 2026?", 60),
        ("What was the water level of Lake Orrin last month?", 60),
        ("What was the water level of Lake Orrin in October 2025?", 75),
    ],
)
def test_the_report_of_the_day_that_is_asked_for_answers(assistant: Assistant, question: str, centimetres: int) -> None:
    answer = assistant.ask(question, as_of=TODAY)
    assert [f"{centimetres} centimetres" in sentence.text for sentence in answer.sentences] == [True]
    assert {str(citation.article.date) for citation in answer.citations} == {
        str(day) for day, level in LEVELS.items() if level == centimetres
    }
    assert f" {centimetres} " in answer.hits[0].passage.text


@pytest.mark.parametrize(
    ("as_of", "centimetres"),
    [(TODAY, 31), (dt.date(2026, 11, 28), 31), (dt.date(2026, 11, 27), 45), (dt.date(2026, 11, 1), 60), (None, 31)],
)
def test_with_no_day_in_the_question_the_newest_report_up_to_the_as_of_day_answers(
    assistant: Assistant, as_of: dt.date | None, centimetres: int
) -> None:
    answer = assistant.ask("What was the water level of Lake Orrin?", as_of=as_of)
    assert f"{centimetres} centimetres" in answer.text


def test_an_undated_report_answers_where_no_other_does(assistant: Assistant) -> None:
    answer = assistant.ask("What was the water level of Lake Orrin?", as_of=dt.date(2025, 1, 1))
    assert "88 centimetres" in answer.text


DAYS = [dt.date(2024, 5, day) for day in (3, 4, 5)]


def order(reports: list[Report], **asked: object) -> list[int]:
    text = "How high did the index of Velmouth close?"
    return by_day(Question(text, text, **asked), reports)  # type: ignore[arg-type]


def closes(day: dt.date | None, points: int, city: str = "Velmouth", **more: bool) -> Report:
    return Report(f"The index of {city} closed at {points} points in thin trade.", "Market close", day, **more)


def test_places_that_no_report_of_the_series_has_stay_as_they_are() -> None:
    other = Report("The ferry of Velmouth sank in a storm, and nobody was hurt.", "Ferry", DAYS[2])
    reports = [closes(DAYS[0], 11), other, closes(None, 14), closes(DAYS[2], 12), closes(DAYS[1], 13)]
    assert order(reports) == [3, 1, 4, 0, 2]
    assert order(reports, as_of=DAYS[1]) == [4, 1, 0, 3, 2]
    assert order(reports, window=TimeWindow(days=(DAYS[0], DAYS[0]))) == [0, 1, 4, 3, 2]


def test_copies_and_reports_about_something_else_are_no_series() -> None:
    assert order([closes(DAYS[0], 11), closes(DAYS[1], 11)]) == [0, 1]
    assert order([closes(DAYS[0], 11), closes(DAYS[0], 12)]) == [0, 1]
    assert order([closes(DAYS[0], 11), closes(DAYS[1], 12, city="Norderhaven")]) == [0, 1]
    assert order([]) == []


def test_the_day_that_a_sentence_names_counts_before_the_day_of_publication() -> None:
    texts = ["closed at 11 points on Friday", "closed at 12 points on Saturday"]  # each told a day later
    reports = [Report(f"The index {text}.", "", day, True) for text, day in zip(texts, DAYS[1:], strict=True)]
    assert order(reports, window=TimeWindow(days=(DAYS[1], DAYS[1]))) == [1, 0]
    assert order(reports, window=TimeWindow(hard=True, days=(DAYS[1], DAYS[1]))) == [0, 1]
