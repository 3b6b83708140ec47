"""What a question takes for granted against what the passages say: named where they contradict it, else nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from qa.ask.answer.premise import find_false_premise
from qa.check import check
from qa.types import Article, Hit, Passage, Question

FERRY = Article(
    "ferry",
    "Ferry fleet of Lorholm to grow",
    "The Lorholm ferry company will buy 14 electric ferries for 230 million crowns. "
    "The first of them is to sail from Lorholm to Brakvik on 12 March 2024, director Helga Strand said. "
    "The Norwegian builder Vestyard won the contract in 2021.\n\n"
    "The port of Brakvik employs 60 people. It was opened by Minister Odd Lunde in 1987.",
    "The Skerry Post",
    dt.date(2023, 9, 4),
)
FIRE = Article(
    "fire",
    "Fire in a warehouse",
    "A fire destroyed a warehouse in Tarnow on Tuesday. Firefighters from four towns fought it for nine hours.",
    "Tarn Daily",
    dt.date(2023, 9, 6),
)
HITS = [Hit(Passage(article, 0, len(article.text), n), 1 / (n + 1)) for n, article in enumerate([FERRY, FIRE])]


def premise(text: str, hits: list[Hit] = HITS) -> str | None:
    found = find_false_premise(Question(text, text), hits)
    return found.text if found else None


FALSE = [
    ("Who sells the 20 electric ferries to the Lorholm ferry company?", "14 electric ferries, not 20 electric ferries"),
    ("Why does Lorholm buy twelve electric ferries?", "14 electric ferries, not twelve electric ferries"),
    ("Which company buys ferries for 320 million crowns in Lorholm?", "230 million crowns, not 320 million crowns"),
    ("From where will the first ferry sail to Brakvik on 21 March 2024?", "12 March 2024, not 21 March 2024"),
    ("Which Norwegian builder won the ferry contract in 2019?", "2021, not 2019"),
    ("Which Swedish builder won the contract in 2021?", "Norwegian, not Swedish"),
    ("When did Minister Odd Berge open the port of Brakvik?", "Odd Lunde, not Odd Berge"),
    ("What did director Helga Moen say about the first ferry to sail from Lorholm to Brakvik?", "Helga Strand, not"),
    ("What destroyed a warehouse in Krakow on Tuesday?", "Tarnow, not Krakow"),
]


@pytest.mark.parametrize(("question", "said"), FALSE, ids=[row[0] for row in FALSE])
def test_a_false_premise_is_named_with_the_passage(question: str, said: str) -> None:
    found = find_false_premise(Question(question, question), HITS)
    assert found is not None and found.text.startswith(f"The articles say {said}"), found
    [sentence], [citation] = check([found], HITS)
    assert (sentence.verdict, sentence.citations) == ("supported", (1,))
    assert said.partition(", not")[0] in citation.quote


TRUE = [
    ("How many ferries did the Lorholm company buy in the last 48 hours?"),
    ("Name three electric ferries that the Lorholm ferry company will buy."),
    # what the articles say, in other words too
    "Who sells the 14 electric ferries to the Lorholm ferry company?",
    "Who sells fourteen electric ferries to Lorholm?",
    "Which company buys ferries for 230m crowns in Lorholm?",
    "From where will the first ferry sail to Brakvik on 12 March?",
    "From where will the first ferry sail to Brakvik in March 2024?",
    "Which builder from Norway won the contract in 2021?",
    "When did Odd Lunde open the port of Brakvik?",
    "What did Strand say about the first ferry to sail from Lorholm to Brakvik?",
    "What destroyed a warehouse in Tarnow on 5 September 2023?",
    "What destroyed a warehouse in Tarnow in 2023?",
    # a slip of the pen is no premise
    "When did Minister Odd Lunda open the port of Brakvik?",
    # nothing is taken for granted
    "How many people does the port of Brakvik employ?",
    "Who won?",
    "",
    # about something else: nothing here contradicts it
    "Who won 20 medals at the games in Krakow in 2019?",
    "How many of the 20 members of the council voted for the budget in Tarnow?",
]


@pytest.mark.parametrize("question", TRUE)
def test_nothing_is_said_where_the_articles_agree_or_are_silent(question: str) -> None:
    assert premise(question) is None


def test_a_value_that_any_passage_has_is_no_false_premise() -> None:
    other = Article("other", "Twenty ferries", "Earlier the company had wanted 20 electric ferries.", "Post")
    hits = [*HITS, Hit(Passage(other, 0, len(other.text), 9), 0.1)]
    assert premise("Who sells the 20 electric ferries to the Lorholm ferry company?", hits) is None


def test_an_article_of_the_day_may_tell_of_it_without_naming_it() -> None:
    assert premise("Which Norwegian builder won the ferry contract in 2023?") is None


def test_nothing_found_contradicts_nothing() -> None:
    assert premise("Who sells the 20 electric ferries?", []) is None
