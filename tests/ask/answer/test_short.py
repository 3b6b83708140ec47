"""The few words that are the answer, and the days that sentences name."""

import datetime as dt

import pytest

from qa.ask.answer.question_terms import TermWeights, question_terms
from qa.ask.answer.short import short_answers
from qa.language.told_days import day_in, first_day

SATURDAY = dt.date(2024, 5, 4)


def short(question: str, text: str) -> list[str]:
    asked = question_terms(question, TermWeights())
    return [text[start:end] for start, end in short_answers(asked, text, SATURDAY)]


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("When did the bridge reopen?", "The bridge reopened on 3 May after two years of repairs.", ["3 May"]),
        ("How much did the works cost?", "The works cost 41 million euros, 6 million more than planned.", None),
        ("Who cut the ribbon?", "Mayor Ingrid Solberg cut the ribbon before some 900 guests.", ["Ingrid Solberg"]),
        ("How many guests came?", "Mayor Ingrid Solberg cut the ribbon at 11 a.m. before some 900 guests.", None),
        ("Where did the ministers meet?", "The ministers of the river states met in Basel on Thursday.", ["Basel"]),
        (
            "By what percentage did passenger numbers fall?",
            "Per Haugen said that passenger numbers fell by 38 percent in 2023.",
            ["38 percent"],
        ),
        (
            "Why was the reopening delayed?",
            "The reopening was delayed because divers found cracks in a pier.",
            ["because divers found cracks in a pier"],
        ),
        (
            "Which ministers attended?",
            "Anna Keller, Jean Morel and Karl Brandt attended.",
            ["Anna Keller", "Jean Morel", "Karl Brandt"],
        ),
        ("What did the mayor say about the bridge?", 'Ingrid Solberg said of the bridge: "We have it back."', []),
        ("Did the bridge reopen?", "The bridge reopened on 3 May.", []),
        ("Who opened the bridge?", "The bridge was opened yesterday.", []),
        ("Who represented Norway?", "Norway was represented by Kari Lund.", ["Kari Lund"]),
    ],
)
def test_the_words_of_the_kind_asked_for_are_found(question, text, expected):
    found = short(question, text)
    if expected is None:
        (only,) = found
        assert only.startswith(("41 million", "900"))
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("text", "published", "day"),
    [
        ("It reopened on 3 May.", SATURDAY, "3 May 2024"),
        ("It reopened on 3 May 2019.", None, "3 May 2019"),
        ("They met on Thursday.", SATURDAY, "2 May 2024"),
        ("They will meet on Thursday.", SATURDAY, "9 May 2024"),
        ("They met on Saturday.", SATURDAY, "4 May 2024"),
        ("They met on Sunday.", SATURDAY, None),
        ("They will meet on Sunday.", SATURDAY, "5 May 2024"),
        ("They met on Monday.", SATURDAY, "29 April 2024"),
        ("It happened yesterday.", SATURDAY, "3 May 2024"),
        ("It was founded in 1992.", SATURDAY, "1992"),
        ("It opened in March 2021.", None, "March 2021"),
        ("They met on Thursday.", None, None),
        ("It reopened on 3 May.", None, None),
        ("It reopened.", SATURDAY, None),
    ],
)
def test_the_day_that_a_sentence_names(text, published, day):
    found = first_day(text, published)
    assert (str(found) if found else None) == day


def test_the_day_at_a_place_of_a_sentence():
    text = "Founded in 1992, it closed on 2 January 2020."
    start = text.index("2 January")
    assert str(day_in(text, start, start + 5, None)) == "2 January 2020"
    assert day_in(text, 0, 5, None) is None
