"""Questions that are suggested: those that one sentence of an article answers, and whose answer is sure."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from parts import open_library

from qa.ask.assistant import Assistant
from qa.ask.suggest import SURE, Suggester, gives_office, suggest
from qa.language.text import sentence_spans
from qa.library import Library
from qa.settings import load_settings
from qa.types import Answer, Article, Citation, Question, Span

FAIR = Article(
    "fair",
    "The harbour fair",
    "The harbour fair opened on 3 May 2021. Anna Berg, the mayor of Harbour City, cut the ribbon.\n\n"
    'Berg said the fair had "never been larger". It closes on Sunday.',
)
BLAST = Article(
    "blast", "A blast", "At least 12 people were killed in a blast near Fort Larvik on Monday, police said."
)
PRIZE = Article("prize", "A prize", "Jon Falk won the Larvik Prize in Oslo. It is his first.")


def questions(*articles: Article) -> list[str]:
    return [made.question for made in suggest(articles)]


def test_questions_are_made_of_what_single_sentences_answer() -> None:
    assert questions(FAIR, BLAST) == ["Who is Anna Berg?", "How many people were killed in a blast near Fort Larvik?"]
    assert [made.source.text[:9] for made in suggest([FAIR, BLAST])] == ["Anna Berg", "At least "]


@pytest.mark.parametrize(
    "text",
    [
        "The Trade Council, the body for tariffs, met. The Trade Council rose.",
        "At least 12 people were killed in the blast there.",
        "At least 12 people were killed in their homes, police said.",
        "He won the Larvik Prize. The team won the cup.",
        "The crowd met Executive Anna Berg, the mayor of Larvik. Berg left.",
        "so it goes, on and on.",
        "",
    ],
)
def test_nothing_is_made_of_what_a_question_would_leave_open(text: str) -> None:
    assert questions(Article("a", "t", text)) == []


def test_an_article_in_another_language_is_left_out() -> None:
    assert questions(Article("a", "t", BLAST.text, language="de")) == []


def test_no_question_comes_twice() -> None:
    assert questions(FAIR, FAIR, BLAST) == questions(FAIR, BLAST)


def answering(article: Article, sure: float) -> Suggester:
    def quoted(question: str) -> tuple[float, Sequence[Span]]:
        start, end = next(iter(sentence_spans(article.text)))
        return sure, [Span(article, start, end)]

    library: Library = None  # type: ignore[assignment]  # follow-ups need none
    return Suggester(library, quoted)


@pytest.mark.parametrize(
    ("of", "by", "sure", "said"),
    [
        (BLAST, BLAST, SURE, ["How many people were killed in a blast near Fort Larvik?"]),
        (BLAST, BLAST, SURE - 0.01, []),  # not sure enough
        (BLAST, FAIR, 1.0, []),  # answered by another sentence
    ],
)
def test_only_what_is_surely_answered_by_that_sentence(of: Article, by: Article, sure: float, said: list[str]) -> None:
    answer = Answer(Question("?", "?"), "", "extractive", citations=(Citation(1, of, 0, 9),))
    assert answering(by, sure).follow_ups(answer, [], 2, 5) == said
    assert answering(by, sure).follow_ups(answer, said, 2, 5) == []


def test_the_winner_of_something_that_has_a_name_is_asked_for() -> None:
    assert questions(PRIZE) == ["Who won the Larvik Prize in Oslo?"]


def test_an_office_may_stand_before_the_name() -> None:
    said = "On Monday Larvik Harbour Director Mia Holm spoke. Holm left."
    assert questions(Article("a", "t", said)) == ["Who is Mia Holm?"]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Anna Berg was elected mayor of Larvik City on Monday.", ["Who was elected mayor of Larvik City?"]),
        ("Anna Berg, who is chair of the Larvik Council, left. Berg smiled.", ["Who is Anna Berg?"]),
        ("Chief Operating Officer Anna Berg left. Berg smiled.", []),  # of what
        ("Anna Berg, an analyst, left. Berg smiled.", []),
        ("On Monday Larvik Mayor Republican Ed Berg left. Berg smiled.", []),
        ("Larvik Mayor Anna Berg Anna left. Berg smiled.", []),
        (f"Larvik Mayor Anna Berg left {'and left ' * 60}. Berg smiled.", []),
        ("FILE PHOTO: Larvik Mayor Anna Berg left. Berg smiled.", []),
        ("• Larvik Mayor Anna Berg left. Berg smiled.", []),
    ],
)
def test_an_office_is_asked_for_with_what_it_is_of(said: str, asked: list[str]) -> None:
    assert questions(Article("a", "t", said)) == asked


def test_another_sentence_that_gives_the_office_answers_too() -> None:
    assert gives_office("The council met Larvik Mayor Anna Berg.", "Anna Berg")
    assert not gives_office("Anna Berg left.", "Anna Berg")


def test_of_many_names_the_one_in_most_articles_comes_first(tmp_path: Path) -> None:
    texts = ["Jon Falk, the mayor of Larvik, spoke. Falk left.", "Mia Holm, the mayor of Omsk, spoke. Holm left."]
    texts += ["Mia Holm, the mayor of Omsk, opened a pier. Holm left."]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(f"Report {number}\n\n{text}\n", "utf-8")
    with open_library(load_settings(index=tmp_path / "library")) as library:
        library.ingest(sorted(tmp_path.glob("*.txt")))
        with Assistant(library) as assistant:
            assert assistant.suggestions(1) == ["Who is Mia Holm?"]
