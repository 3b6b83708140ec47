import datetime as dt
from dataclasses import replace
from pathlib import Path

import looping
import pytest
from parts import ARTICLES, open_library

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.errors import UsageError
from qa.library import Library
from qa.settings import load_settings
from qa.types import CollectionName, Filters, TimeWindow
from qa.ui.asking import QuestionRuns, Snapshot
from qa.ui.context import AppState
from qa.ui.conversation import opened
from qa.ui.narrowing import (
    count_text,
    filters_json,
    found_html,
    outlets_html,
    read_filters,
    time_meant,
    titles_of,
    understood_time_html,
    window_json,
)
from qa.ui.questions import SentQuestion, begin

HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("articles")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, "utf-8")
    with open_library(load_settings(index=tmp_path_factory.mktemp("library"))) as library:
        library.ingest([folder])
        yield library


def id_of(library: Library, title: str) -> str:
    return next(row.id for row in library.articles() if row.title == title)


def test_filters_go_to_a_page_and_come_back_as_they_were() -> None:
    filters = Filters(dt.date(2021, 1, 2), dt.date(2021, 3, 4), ("BelTA",), ("a", "b"), ("s",), True)
    filters = replace(filters, collection=CollectionName("c1", "Ports"))
    assert read_filters(filters_json(filters, dt.date(2022, 5, 6))) == (filters, dt.date(2022, 5, 6))
    assert read_filters({}) == read_filters(None) == read_filters("all") == (Filters(), None)
    assert read_filters({"from": "", "to": None, "any_time": "yes"}) == (Filters(), None)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"from": "2022-05-02", "to": "2022-05-01"}, "cannot be from 2 May 2022 until 1 May 2022"),
        ({"from": "last week"}, "'last week' is not a day"),
        ({"as_of": "2022-02-30"}, "'2022-02-30' is not a day"),
        ({"outlets": "BelTA"}, "outlets of the filter are not a list"),
        ({"collection": "Ports"}, "collection of the filter has no id and name"),
        ({"articles": [1]}, "articles of the filter are not a list"),
        ({"stories": ["s"] * 50_001}, "50,001 stories are too many"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(payload: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_filters(payload)


def test_what_is_left_is_counted(library: Library) -> None:
    assert count_text(library, Filters()) == "3 of 3 articles"
    assert count_text(library, Filters(outlets=("the morning lark",))) == "1 of 3 articles"
    chosen = Filters(articles=(id_of(library, "School wins chess cup"), "gone"))
    assert count_text(library, chosen) == "1 of 3 articles"
    assert titles_of(library, chosen) == {
        chosen.articles[0]: "School wins chess cup",
        "gone": "An article that has gone",
    }


def test_articles_are_found_by_title_and_outlet(library: Library) -> None:
    assert found_html(library, " ") == ""
    assert "School wins chess cup" in found_html(library, "chess") and "The Morning Lark, 20 Nov 2022" in found_html(
        library, "lark cup"
    )
    assert "No article matches" in found_html(library, HOSTILE) and "<img" not in found_html(library, HOSTILE)


def test_names_of_outlets_are_text() -> None:
    html = outlets_html([(HOSTILE, 5_110)])
    assert "<img" not in html and "5,110" in html


def test_the_days_that_a_question_means(library: Library) -> None:
    window = time_meant(library, "What happened last week in Port Ellery?", dt.date(2026, 11, 18))
    assert window is not None and not window.hard
    shown = window_json(window)
    assert (shown["words"], shown["days"], shown["from"], shown["to"]) == (
        "last week",
        "9 to 15 Nov 2026",
        "2026-11-09",
        "2026-11-15",
    )
    assert "come first" in shown["effect"]
    since = time_meant(library, "articles since March", None, dt.date(2026, 11, 18))
    assert since is not None and window_json(since)["days"] == "since 1 Mar 2026" and since.hard
    assert "Only articles" in window_json(since)["effect"]
    assert time_meant(library, "Who cut the ribbon?", None) is None
    assert time_meant(library, " ?", None) is None


def test_the_days_understood_stand_at_the_answer_unless_days_were_set() -> None:
    window = TimeWindow(dt.date(2026, 11, 6), dt.date(2026, 12, 6), words=HOSTILE, days=(dt.date(2026, 11, 9),) * 2)
    html = understood_time_html(window, Filters())
    assert "is 9 Nov 2026" in html and 'data-from="2026-11-09"' in html and "<img" not in html
    assert understood_time_html(window, Filters(date_from=dt.date(2026, 1, 1))) == ""
    assert understood_time_html(None, Filters()) == understood_time_html(TimeWindow(), Filters()) == ""


def test_a_conversation_is_opened_with_its_filters_and_the_days_that_its_questions_mean(library: Library) -> None:
    assistant = Assistant(library)
    conversation = Conversation(assistant, filters=Filters(outlets=("The Morning Lark",), any_time=True))
    conversation.ask("Who won the chess cup in November 2022?")
    asked = Filters(outlets=("The Morning Lark",))
    conversation.ask("Who won the chess cup in November 2022?", filters=asked, as_of=dt.date(2023, 1, 1))
    shown = opened(AppState(assistant), conversation.id or "", None)
    assert shown["filters"] == filters_json(asked, dt.date(2023, 1, 1))
    assert "whatever time the question names" in shown["past"] and "Understood:" not in shown["past"]
    assert "\u201cNovember 2022\u201d</span> is 1 to 30 Nov 2022" in shown["last"]
    assert "point of view of 1 Jan 2023" in shown["last"]


def test_a_question_is_asked_within_the_filters_that_came_with_it(library: Library, tmp_path: Path) -> None:
    school = id_of(library, "School wins chess cup")
    filters, as_of = read_filters({"articles": [school], "as_of": "2022-12-01"})
    run = begin(
        AppState(Assistant(library)), QuestionRuns(), SentQuestion("r1", "Who won?", None, False, filters, as_of), None
    )

    async def last() -> Snapshot:
        return [seen async for seen in run.watch()][-1]

    seen = looping.run(last())
    assert seen.answer is not None and seen.answer.question.as_of == dt.date(2022, 12, 1)
    assert {hit.passage.article.id for hit in seen.answer.hits} == {school}
