import datetime as dt
from dataclasses import replace

import pytest

from qa.ask.understand import understand
from qa.errors import UsageError
from qa.types import Filters, Turn


def turn(question: str) -> Turn:
    return Turn(question, question, "An answer. [1]")


FIRST = "Who took over the CIS chairmanship?"


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "?!", "\u00a0", "..."])
def test_a_question_without_a_word_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="The question is empty. Ask something, such as"):
        understand(text)


def test_white_space_and_quotes_are_made_plain() -> None:
    assert understand("  What\u00a0is  “soft power”?\n").text == 'What is "soft power"?'


def test_words_past_the_limit_are_cut() -> None:
    question = understand(" ".join(f"word{i}" for i in range(10_000)), longest=400)
    assert question.text.split() == [f"word{i}" for i in range(400)]


@pytest.mark.parametrize("text", ["a@" * 500_000, "a" * 1_000_000, "a.b-" * 250_000, "桥" * 900_000, "a@\n" * 300_000])
def test_a_question_without_spaces_is_cut_too(text: str) -> None:
    assert len(understand(text, longest=400).text) <= 6_000


def test_filters_and_the_as_of_date_travel_along() -> None:
    filters = Filters(date_from=dt.date(2017, 1, 1), outlets=("BelTA",))
    question = understand("Who chairs the CIS?", filters=filters, as_of=dt.date(2017, 2, 1))
    assert (question.filters, question.as_of) == (filters, dt.date(2017, 2, 1))


def test_time_words_count_for_nothing_at_any_time() -> None:
    text = "What did the papers report last week about the bridge, and who closed it in 2019?"
    day = dt.date(2024, 3, 13)
    dated, whenever = understand(text, today=day), understand(text, today=day, filters=Filters(any_time=True))
    assert dated.window is not None and dated.window.hard
    assert (whenever.window, [part.window for part in whenever.parts]) == (None, [None] * len(dated.parts))
    assert replace(whenever, window=dated.window, filters=Filters(), parts=dated.parts, read_as=dated.read_as) == dated


@pytest.mark.parametrize(
    "follow_up",
    [
        "And when was that?",
        "When?",
        "why?",
        "Where did he say so?",
        "What else did she announce?",
        "what about Belarus?",
        "How about the summit?",
        "And the deputy?",
        "Tell me more",
        "What did they discuss?",
    ],
)
def test_a_follow_up_takes_the_question_before_it_along(follow_up: str) -> None:
    question = understand(follow_up, history=[turn("Who opened the fair?"), turn(FIRST)])
    assert question.text == follow_up
    assert question.standalone == f"{follow_up} ({FIRST.rstrip('?')})"


@pytest.mark.parametrize(
    "complete",
    [
        "Who is the mayor of Harbour City?",
        "How many issues are on the agenda of the summit?",
        "Did Putin say that he would come to Minsk?",
        "Is it true that Kyrgyzstan took over the chairmanship?",
        "Are there plans for a border security program?",
        "When was the Coordinating Council of Prosecutors General established?",
        "But which country hosts the summit of the heads of state?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(complete: str) -> None:
    assert understand(complete, history=[turn(FIRST)]).standalone == complete


def test_without_a_conversation_nothing_is_carried_along() -> None:
    assert understand("And when was that?").standalone == "And when was that?"


def test_a_chain_of_follow_ups_keeps_its_subject() -> None:
    second = understand("And when was that?", history=[turn(FIRST)])
    third = understand("Where?", history=[turn(FIRST), Turn(second.text, second.standalone, "On 19 January. [1]")])
    assert "CIS chairmanship" in third.standalone


@pytest.mark.parametrize(
    "complete",
    [
        "Which decisions were taken this week in Moscow?",
        "Who were those who attended the meeting in Moscow?",
        "What did the Belarusian president tell the executive secretary about his talks with colleagues?",
        "Is there a plan for the coming year?",
    ],
)
def test_a_pronoun_that_points_at_nothing_said_before_changes_nothing(complete: str) -> None:
    assert understand(complete, history=[turn(FIRST)]).standalone == complete


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("What was the water level of the lake last month?", "What was the water level of the lake?"),
        ("What is the most recent water level of the lake?", "What is the water level of the lake?"),
        ("What did the council decide on 3 May 2024?", ""),
        ("What did the council decide?", ""),
        ("What's the latest?", ""),
    ],
)
def test_the_reader_is_asked_without_days_that_no_passage_names(asked: str, read: str) -> None:
    assert understand(asked, as_of=dt.date(2024, 5, 9)).read_as == read
