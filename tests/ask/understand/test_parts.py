"""Questions of several parts: what each part is searched for with, which outlet and days it names, what stays whole."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.ask.understand import understand
from qa.ask.understand.outlets import find_sources, forms_of, outlets_of
from qa.ask.understand.parts import MOST, parts_of
from qa.types import Part

ASKED = dt.date(2023, 11, 1)
LIBRARY = [
    "cnn.com",
    "bbc.co.uk",
    "The Verge",
    "TechCrunch",
    "Reuters",
    "Sporting News",
    "cbssports.com",
    "nytimes.com",
    "The Guardian",
    "Fortune",
    "BelTA",
    "TASS",
]


def split(text: str) -> list[str]:
    return [part.text for part in parts_of(text, LIBRARY, ASKED)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Did both Putin and Xi say they would attend the summit?",
            ["Putin say would attend the summit", "Xi say would attend the summit"],
        ),
        (
            "Do both the mayor and the governor support the plan?",
            ["the mayor support the plan", "the governor support the plan"],
        ),
        (
            "Are Kazakhstan and Belarus both members of the union?",
            ["Kazakhstan members of the union", "Belarus members of the union"],
        ),
        (
            "What did Biden and Putin say about the treaty?",
            ["What did Biden say about the treaty", "What did Putin say about the treaty"],
        ),
        ("How did Kazakhstan and Belarus each vote?", ["How did Kazakhstan vote", "How did Belarus vote"]),
        (
            "How many troops did Kazakhstan, Belarus and Armenia send to the exercise?",
            [f"How many troops did {name} send to the exercise" for name in ("Kazakhstan", "Belarus", "Armenia")],
        ),
        (
            "Compare the reaction of Russia and China to the strike.",
            ["the reaction of Russia to the strike", "the reaction of China to the strike"],
        ),
        ("Compare the 2019 summit with the 2021 summit", ["the 2019 summit", "the 2021 summit"]),
        (
            "How does the German economy compare with the French economy?",
            ["the German economy", "the French economy"],
        ),
        (
            "Compare the harvest of this year with that of last year",
            ["the harvest of this year", "the harvest of last year"],
        ),
        (
            "What is the difference between the first summit and the second summit?",
            ["the first summit", "the second summit"],
        ),
        (
            "What is the difference between the first and the second summit?",
            ["the first summit", "the second summit"],
        ),
        (
            "Which of Kazakhstan, Belarus and Armenia sent the most troops?",
            [f"{name} sent the most troops" for name in ("Kazakhstan", "Belarus", "Armenia")],
        ),
        ("Who won more seats, Labour or the Greens?", ["Labour won more seats", "Greens won more seats"]),
        (
            "Who founded the company and where is it based?",
            ["Who founded the company", "Where is it based (Who founded the company)"],
        ),
        (
            "When did the strike begin and how many workers took part?",
            ["When did the strike begin", "How many workers took part"],
        ),
        (
            "Who hosted the summit? How many leaders came?",
            ["Who hosted the summit", "How many leaders came (Who hosted the summit)"],
        ),
    ],
)
def test_a_question_of_several_parts_is_taken_apart(text: str, parts: list[str]) -> None:
    assert split(text) == parts


def parts(text: str) -> list[tuple[str, tuple[str, ...], str | None, bool]]:
    """Text, outlets, words of the window, and whether it is hard, of each part."""
    return [
        (p.text, p.outlets, p.window.words if p.window else None, bool(p.window and p.window.hard))
        for p in parts_of(text, LIBRARY, ASKED)
    ]


def test_reports_of_two_days_are_two_parts() -> None:
    text = (
        "Did the number of dead change between the report of the BBC on the flood published on 3 May"
        " and that of Reuters on 7 May?"
    )
    said = "number of dead change on the flood"
    assert parts(text) == [
        (said, ("bbc.co.uk",), "3 May", True),
        (said, ("Reuters",), "7 May", True),
    ]


def test_articles_of_two_outlets_keep_their_own_topics() -> None:
    text = (
        "Does the article of The Verge on the new phone (published on October 7, 2023) and the TechCrunch article on"
        " foldable screens both mention a price rise?"
    )
    assert parts(text) == [
        ("the new phone mention a price rise", ("The Verge",), "October 7, 2023", True),
        ("foldable screens mention a price rise", ("TechCrunch",), None, False),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Does the TechCrunch article on music software report new features, while the article from The Verge on"
            " streaming suggests that none are planned?",
            [
                ("music software report new features", "TechCrunch"),
                ("streaming suggests that none are planned", "The Verge"),
            ],
        ),
        (
            "Between the CNN report on oil prices published on 3 May 2023 and the Reuters report of 9 May 2023, did the"
            " price rise?",
            [("oil prices did the price rise", "cnn.com"), ("oil prices did the price rise", "Reuters")],
        ),
        (
            "Who is on trial over a crypto exchange, as reported by both The Verge and TechCrunch?",
            [("on trial over a crypto exchange", "The Verge"), ("on trial over a crypto exchange", "TechCrunch")],
        ),
        ("What did the BBC and CNN report about the flood?", [("the flood", "bbc.co.uk"), ("the flood", "cnn.com")]),
        (
            "How did the BBC's report on the flood differ from Reuters's?",
            [("the flood", "bbc.co.uk"), ("the flood", "Reuters")],
        ),
        (
            "Compare how TASS and BelTA covered the exercise",
            [("covered the exercise", "TASS"), ("covered the exercise", "BelTA")],
        ),
    ],
)
def test_each_part_is_asked_of_its_own_outlet(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(part.text, *part.outlets) for part in parts_of(text, LIBRARY, ASKED)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Who wrote Romeo and Juliet?",
        "Who leads Trinidad and Tobago?",
        "What did Harry and Meghan say about the wedding?",
        "How much did Johnson and Johnson pay?",
        "What did the meeting between Putin and Xi decide?",
        "How did prices change between 2019 and 2021?",
        "What caused the war between Russia and Ukraine?",
        "Who won the match between France and Argentina?",
        "What does a bed and breakfast cost in Riga?",
        "How much is spent on research and development?",
        "Where did Biden and Xi meet?",
        "What did Kazakhstan and Belarus agree on?",
        "Which treaty did Russia and China sign?",
        "How and why did the bank fail?",
        "Did the minister say who came and why?",
        "Who won and when?",
        "Does anybody know who came and what they said?",
        "What is the difference between right and wrong?",
        "Who is married to Jay and lives in Riga?",
        "What did the mayor and the council decide?",
        "Which company bought the mill and closed it?",
        'Who directed "Harold and Maude Say Goodbye"?',
        "What happened in Riga and Tallinn?",
        "What did the BBC report about the flood?",
        "What happened according to Reuters?",
        "Why did the BBC and CNN dismiss their presenters?",
        "The mayor resigned. Who takes over?",
        "Who said that the bridge was safe and that the toll would fall?",
        "Is the harbour open and are the roads clear of snow and ice today",
        "salt and pepper",
        "What time does the Riga vs. Tallinn game start?",
        "How do the two bridges compare to each other?",
        "How does the bridge compare to what the mayor promised?",
    ],
)
def test_what_asks_one_thing_stays_whole(text: str) -> None:
    assert split(text) == []


def test_two_reports_of_one_outlet_are_told_apart_by_their_days() -> None:
    text = (
        "Has the portrayal of the mill by The Verge changed between the report of September 28, 2023 and the one"
        " published on October 30, 2023?"
    )
    said = "portrayal of the mill changed"
    assert parts(text) == [
        (said, ("The Verge",), "September 28, 2023", True),
        (said, ("The Verge",), "October 30, 2023", True),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Which firm, covered by both TechCrunch and The Verge, is accused of fraud?",
            ["firm, is accused of fraud"] * 2,
        ),
        (
            "Considering an article in The Guardian about a diet and a report by Reuters on sugar, what is named?",
            ["a diet what is named", "sugar what is named"],
        ),
        (
            "Which firm is described by TechCrunch as a monopoly and by Fortune as a victim?",
            ["firm as a monopoly", "firm as a victim"],
        ),
    ],
)
def test_what_holds_the_sources_together_is_not_searched_for(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_no_more_parts_than_can_be_searched_for() -> None:
    text = "Which of Kazakhstan, Belarus, Armenia, Russia, China and India sent the most troops?"
    assert len(split(text)) == MOST


# --- outlets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "outlets"),
    [
        ("What did the BBC report about the flood?", ("bbc.co.uk",)),
        ("what did the bbc say about the flood?", ("bbc.co.uk",)),
        ("What happened in Riga according to CNN?", ("cnn.com",)),
        ("What did The Verge's article on phones say?", ("The Verge",)),
        ("Which phone is best, as Tech Crunch reported?", ("TechCrunch",)),
        ("What does the New York Times write about the strike?", ("nytimes.com",)),
        ("Which player signed, according to CBS Sports?", ("cbssports.com",)),
        ("What did the minister tell BelTA?", ("BelTA",)),
        ("Who is the richest, according to the Fortune article?", ("Fortune",)),
        ("What do articles by TASS, BelTA and Reuters say?", ("TASS", "BelTA", "Reuters")),
        # what is no source
        ("Why did the BBC suspend its presenter?", ()),
        ("Who owns CNN?", ()),
        ("How did he make his fortune?", ()),
        ("What fortune did she leave, according to her son?", ()),
        ("Who is the guardian of the child?", ()),
        ("On the verge of what is the bank, according to the minister?", ()),
        ("What did the minister say?", ()),
    ],
)
def test_an_outlet_named_as_a_source_is_favoured(text: str, outlets: tuple[str, ...]) -> None:
    assert understand(text, outlets=LIBRARY).outlets == outlets


def test_a_host_and_a_name_of_one_outlet_are_known_by_each_other() -> None:
    assert {"bbc", "bbc news", "bbc.co.uk"} <= forms_of("bbc.co.uk")
    assert "bbc" in forms_of("BBC News")
    assert {"cnn", "cnn.com"} <= forms_of("edition.cnn.com")
    assert "washington post" in forms_of("washingtonpost.com")
    assert "verge" in forms_of("The Verge")


def test_without_a_library_an_outlet_is_taken_as_typed() -> None:
    assert outlets_of(find_sources("What does the report of the Riga Courier on the port say?")) == ("Riga Courier",)
    assert outlets_of(find_sources("What does the report of the Riga Courier on the port say?", LIBRARY)) == ()


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=160),
        st.lists(
            st.sampled_from(
                """Did both Putin and Xi , say report of the BBC on that The Verge article between compare
                with which what when where
                difference from 3 May 2023 or ? . it they (published on 2023 ) Reuters""".split()
            ),
            max_size=22,
        ).map(" ".join),
    )
)
def test_no_text_breaks_it(text: str) -> None:
    found = parts_of(" ".join(text.split()), LIBRARY, ASKED)
    assert len(found) in (0, 2, 3, MOST)
    assert all(isinstance(part, Part) and part.text.strip() for part in found)
