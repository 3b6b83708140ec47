"""What a refusal leads on to, over a small library."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qa.ask.assistant import Assistant
from qa.library import Library
from qa.prompts import refusal
from qa.settings import load_settings
from qa.show.document import answer_json, answer_of, document_of
from qa.show.wording import as_typed
from qa.types import Answer, Filters, Turn

ARTICLES = [
    (
        "chair",
        "2021-05-04",
        "Harbour Gazette",
        "The harbour council elected Anna Bergström as its chair on 3 May 2021.",
    ),
    ("piers", "2021-07-09", "Fjord Post", "The harbour council oversees 17 piers and the fish market, its chair said."),
    ("storm", "2021-11-10", "Northbridge Post", "A storm tore the roof from the town hall of Northbridge on Tuesday."),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("articles")
    for name, day, outlet, text in ARTICLES:
        front = f"---\ntitle: {name}\noutlet: {outlet}\ndate: {day}\n---\n"
        (folder / f"{name}.md").write_text(f"{front}{text}\n", "utf-8")
    index = tmp_path_factory.mktemp("library")
    with Library.open(load_settings(index=index)) as library:
        library.ingest([folder])
    return index


@pytest.fixture(scope="module")
def ask(index: Path) -> Iterator[Callable[..., Answer]]:
    with Assistant.open(load_settings(index=index)) as assistant:
        yield assistant.ask


def refused(answer: Answer) -> str:
    assert answer.abstained and answer.text == refusal()
    return answer.notice or ""


def test_words_that_no_article_has_are_named(ask: Callable[..., Answer]) -> None:
    notice = refused(ask("Which zeppelin did Queen Wilhelmina buy in Rotterdam?"))
    assert "No article has the words " in notice
    assert all(f"“{word}”" in notice for word in ("zeppelin", "Wilhelmina", "Rotterdam"))
    assert "harbour" not in notice


def test_a_misspelled_name_is_searched_for_as_the_articles_spell_it(ask: Callable[..., Answer]) -> None:
    answer = ask("When did the council elect Anna Bergstrem as chair?")
    assert not answer.abstained and "elected Anna Bergström" in answer.text
    assert answer.question.text == "When did the council elect Anna Bergstrem as chair?"
    assert answer.question.standalone == "When did the council elect Anna Bergström as chair?"
    assert answer.notice == (
        "Searched for “Bergström”: no article has “Bergstrem”. A word in quotes is searched for as typed."
    )
    assert answer_json(answer)["respelled"] == [{"typed": "Bergstrem", "searched": "Bergström"}]
    as_kept = answer_of(document_of(answer)).question
    assert as_typed(as_kept) == 'When did the council elect Anna "Bergstrem" as chair?'
    again = ask(as_typed(as_kept))
    assert again.question.standalone == again.question.text and not again.question.respelled


def test_a_follow_up_leans_on_the_name_as_it_was_searched_for(ask: Callable[..., Answer]) -> None:
    first = ask("When did the council elect Anna Bergstrem as chair?")
    turn = Turn(first.question.text, first.question.standalone, first.text)
    assert "Bergström" in ask("Who elected her?", history=[turn]).question.standalone


def test_a_question_in_another_language_is_answered_with_the_english_sentence(ask: Callable[..., Answer]) -> None:
    answer = ask("¿Cuándo fue elegida Anna Bergström?")
    assert not answer.abstained and "elected Anna Bergström" in answer.text
    assert answer.question.text == "¿Cuándo fue elegida Anna Bergström?"
    assert answer.question.standalone == "When elected Anna Bergström?" and answer.question.language == "es"
    assert (answer.notice or "").startswith("Los artículos están en inglés")


@pytest.mark.parametrize(
    ("question", "said", "language"),
    [
        ("Wer kaufte das Flugzeug der Königin Wilhelmina?", "Die Artikel sagen es nicht.", "German"),
        ("¿Qué dirigible compró la reina Guillermina?", "Los artículos no lo dicen.", "Spanish"),
        ("誰がツェッペリンを買いましたか", "記事には書かれていません。", "Japanese"),
        ("من اشترى المنطاد؟", "لا تذكر المقالات ذلك.", "Arabic"),
        ("מי קנה את הצפלין?", "הכתבות אינן אומרות זאת.", "Hebrew"),
    ],
)
def test_a_refusal_speaks_the_language_of_the_question(
    ask: Callable[..., Answer], question: str, said: str, language: str
) -> None:
    notice = refused(ask(question))
    assert notice.startswith(said)
    assert f"The question seems to be in {language} and most articles are in English." in notice
    assert "qa doctor --repair --embed " in notice


def test_a_name_that_was_meant_is_offered(ask: Callable[..., Answer]) -> None:
    notice = refused(ask('Which zeppelin did Anna "Bergstrem" buy for her uncle?'))
    assert "No article has “Bergstrem”; “Bergström” was searched for as well." in notice


def test_what_the_library_has_on_the_subject_is_counted(ask: Callable[..., Answer], index: Path) -> None:
    with Assistant.open(load_settings(index=index, refuse_below=1.0)) as strict:
        notice = refused(strict.ask("Why did the harbour council dismiss its chair?"))
    assert "2 articles from 4 May 2021 to 9 Jul 2021 come close." in notice


def test_a_filter_in_the_way_of_an_answer_is_named(ask: Callable[..., Answer]) -> None:
    question = "Who did the harbour council elect as its chair?"
    assert not ask(question).abstained
    notice = refused(ask(question, filters=Filters(outlets=("Northbridge Post",))))
    assert "Without the filter (Northbridge Post) there is an answer." in notice
    late = refused(ask(question, filters=Filters(date_from=dt.date(2021, 10, 1))))
    assert "Without the filter (from 1 Oct 2021) there is an answer." in late
    # What was published later is not there on that day, and no filter that could be lifted.
    assert "Without the filter" not in refused(ask(question, as_of=dt.date(2020, 1, 1)))


def test_an_answer_needs_none_of_it(ask: Callable[..., Answer]) -> None:
    assert ask("Who did the harbour council elect as its chair?").notice is None


@pytest.mark.parametrize("question", ["zzzz", "<b>zzzz</b> [x](javascript:alert(1))"])
def test_any_question_can_be_refused(ask: Callable[..., Answer], question: str) -> None:
    refused(ask(question))


def test_only_sentences_on_the_subject_come_close(ask: Callable[..., Answer]) -> None:
    near = ask("Who painted the harbour piers?")
    assert near.abstained and all("harbour" in one.quote or "piers" in one.quote for one in near.citations)
    assert near.citations and not ask("日本の首相は誰ですか").citations


def test_the_articles_with_the_name_that_is_asked_about_are_counted(ask: Callable[..., Answer]) -> None:
    notice = refused(ask("How tall does a giraffe in Northbridge grow?"))
    assert "1 article of 10 Nov 2021 has the name “Northbridge”." in notice


def test_a_time_that_the_library_is_not_of_is_named(ask: Callable[..., Answer]) -> None:
    assert "The library holds articles from 4 May 2021 to 10 Nov 2021." in refused(ask("Who led Norway in 1987?"))
    earlier = refused(ask("Who led Norway in 1987?", as_of=dt.date(2021, 8, 1)))
    assert "The library holds articles from 4 May 2021 to 9 Jul 2021." in earlier


def test_a_question_in_two_languages_is_read_in_both(ask: Callable[..., Answer]) -> None:
    answer = ask("¿Quién was elected by the harbour council as its chair?")
    assert not answer.abstained and "Anna Bergström" in answer.text and not answer.question.respelled


def test_a_script_that_is_not_read_is_named(ask: Callable[..., Answer]) -> None:
    assert "The question seems to be in Amharic" in refused(ask("ሰላም የኢትዮጵያ ጠቅላይ ሚኒስትር ማን ነው?"))


def test_an_answer_says_which_name_no_article_has(ask: Callable[..., Answer]) -> None:
    answer = ask("When did the harbour council elect Wilhelmina Bergström as its chair?")
    assert answer.abstained or "No article has the word “Wilhelmina”." in (answer.notice or "")
