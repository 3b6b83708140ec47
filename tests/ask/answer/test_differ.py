"""Articles that give different values for one thing: all are told, and nothing else is taken for a difference."""

from __future__ import annotations

import datetime as dt

import pytest

from qa.ask.answer.differ import find_difference
from qa.check import check
from qa.types import Article, Hit, Passage, Question, Sentence


def article(id: str, text: str, outlet: str | None, day: dt.date | None, story: str = "") -> Article:
    return Article(id, "News of the day", text, outlet, day, story=story)


JULY = dt.date(2023, 7, 3)
HERALD = article(
    "herald",
    "A ferry sank off Brakvik on Sunday. The accident killed 17 people, the harbour police said.",
    "Herald",
    JULY,
)
POST = article(
    "post", "The ferry that sank off Brakvik killed 20 people, the police of the county said.", "Skerry Post", None
)
LATER = article(
    "later", "The ferry that sank off Brakvik has killed 23 people, the police said.", "Tarn Daily", dt.date(2023, 7, 9)
)
DEATHS = "How many people did the ferry that sank off Brakvik kill?"


def hits(*articles: Article) -> list[Hit]:
    return [Hit(Passage(one, 0, len(one.text), n), 1 / (n + 1)) for n, one in enumerate(articles)]


def told(question: str, *articles: Article, is_present: bool = False) -> str | None:
    found = find_difference(Question(question, question, is_present=is_present), hits(*articles))
    return found.text if found else None


def checked(question: str, *articles: Article) -> tuple[Sentence, list[str]]:
    found = find_difference(Question(question, question), hits(*articles))
    assert found is not None
    [sentence], citations = check([found], hits(*articles))
    return sentence, [citation.quote for citation in citations]


def test_the_newest_article_says_what_it_says_also_where_the_value_was_given_before() -> None:
    text = "The ferry that sank off Brakvik killed {} people, the police of the county said."
    days = [article(f"a{n}", text.format(n_), "Post", dt.date(2023, 7, n)) for n, n_ in ((1, 12), (3, 17), (5, 12))]
    for order in (days, days[::-1]):
        said = told(DEATHS, *order, is_present=True)
        assert said and said.startswith("The newest article says 12 people (Post, 5 Jul 2023); before, 17 people"), said


def test_every_value_is_told_with_outlet_and_date_and_cited() -> None:
    sentence, quotes = checked(DEATHS, HERALD, POST)
    assert sentence.text == "The articles differ: 17 people (Herald, 3 Jul 2023), 20 people (Skerry Post, undated)."
    assert (sentence.verdict, sentence.citations) == ("supported", (1, 2))
    assert ["17" in quotes[0], "20" in quotes[1]] == [True, True]


def test_the_newest_comes_first_where_the_present_is_asked_for() -> None:
    asked = "How many people has the ferry that sank off Brakvik killed?"
    assert told(asked, HERALD, LATER, is_present=True) == (
        "The newest article says 23 people (Tarn Daily, 9 Jul 2023); before, 17 people (Herald, 3 Jul 2023)."
    )
    assert told(asked, HERALD, LATER) == (
        "The articles differ: 17 people (Herald, 3 Jul 2023), 23 people (Tarn Daily, 9 Jul 2023)."
    )
    undated = told(asked, HERALD, POST, is_present=True)
    assert undated == "The articles differ: 17 people (Herald, 3 Jul 2023), 20 people (Skerry Post, undated)."


DIFFERENT = [
    (
        "How much did the bridge over the Tern cost?",
        "The bridge over the Tern cost 48 million crowns, the mayor said.",
        "The bridge over the Tern cost 52 million crowns in the end.",
        "48 million crowns (A, 3 Jul 2023), 52 million crowns (B, 3 Jul 2023)",
    ),
    (
        "What percentage of voters took part in the vote in Lorholm?",
        "In the vote in Lorholm 61% of voters took part.",
        "Some 54 per cent of voters took part in the vote in Lorholm.",
        "61% (A, 3 Jul 2023), 54 per cent (B, 3 Jul 2023)",
    ),
    (
        "When will the port of Brakvik open again?",
        "The port of Brakvik will open again on 12 August 2023.",
        "The port of Brakvik is to open again on 1 September 2023, its director said.",
        "12 August 2023 (A, 3 Jul 2023), 1 September 2023 (B, 3 Jul 2023)",
    ),
    (
        "How many issues are on the agenda of the summit?",
        "The agenda of the summit has 17 issues.",
        "There are 20 issues on the agenda of the summit.",
        "17 issues (A, 3 Jul 2023), 20 issues (B, 3 Jul 2023)",
    ),
]


@pytest.mark.parametrize(("question", "first", "second", "listed"), DIFFERENT, ids=[row[0] for row in DIFFERENT])
def test_values_of_every_kind(question: str, first: str, second: str, listed: str) -> None:
    pair = article("a", first, "A", JULY), article("b", second, "B", JULY)
    assert told(question, *pair) == f"The articles differ: {listed}."
    assert checked(question, *pair)[0].verdict == "supported"


ALIKE = [
    # the same in other words, and what is rounded
    (DEATHS, HERALD.text, "The ferry that sank off Brakvik killed seventeen people."),
    ("How much did the bridge over the Tern cost?", "The bridge over the Tern cost 48 million crowns.",
     "The bridge over the Tern cost about 50 million crowns."),
    # another thing is counted
    (DEATHS, HERALD.text, "The ferry that sank off Brakvik injured 31 people, the police said."),
    (DEATHS, HERALD.text, "The ferry that sank off Brakvik had 240 seats."),
    # another place, another year, a part, a plan
    (DEATHS, "The ferry that sank off Brakvik killed 17 people.", "The ferry that sank off Lorholm killed 20 people."),
    (DEATHS, "In 2023 the ferry that sank killed 17 people off Brakvik.",
     "In 1987 the ferry that sank killed 20 people off Brakvik."),
    (DEATHS, HERALD.text, "Among them the ferry that sank off Brakvik killed 4 people from the police."),
    ("How much did the bridge over the Tern cost?", "The bridge over the Tern cost 48 million crowns.",
     "The bridge over the Tern was expected to cost 40 million crowns."),
    # something else is asked for
    ("Who commanded the ferry that sank off Brakvik?", HERALD.text, POST.text),
    ("How many sailors did the ferry that sank off Brakvik have?", HERALD.text, POST.text),
]  # fmt: skip


@pytest.mark.parametrize(("question", "first", "second"), ALIKE, ids=[f"{row[0][:30]} {row[2][:50]}" for row in ALIKE])
def test_what_is_no_difference(question: str, first: str, second: str) -> None:
    assert told(question, article("a", first, "A", JULY), article("b", second, "B", JULY)) is None


def test_one_article_and_copies_of_one_story_do_not_differ() -> None:
    assert told(DEATHS, HERALD) is None
    first = article("a", HERALD.text, "A", JULY, story="s")
    assert told(DEATHS, first, article("b", POST.text, "B", JULY, story="s")) is None
    assert told(DEATHS) is None
