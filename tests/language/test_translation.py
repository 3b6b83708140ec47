"""Questions of other languages in English words."""

from pathlib import Path

import pytest

import qa.language
from qa.language.own_words import ANSWERED, NAMES, REFUSED
from qa.language.translation import LANGUAGES, put_into, translated

ROWS = (Path(qa.language.__file__).parent / "translations.tsv").read_text("utf-8").splitlines()
HELD = frozenset("valieva putin nathan's graceland constitution baltimore george eva evan prigozhin".split())
KNOWN = frozenset("constitution national".split())


def english(question: str) -> str | None:
    found = translated(question, HELD.__contains__, KNOWN.__contains__)
    return None if found is None else found.text


def test_the_lexicon_is_well_formed() -> None:
    assert ROWS[1].split("\t") == ["en", *LANGUAGES]
    rows = [row.split("\t") for row in ROWS[2:]]
    assert len(rows) > 700 and {len(row) for row in rows} == {1 + len(LANGUAGES)}
    assert len({row[0] for row in rows}) == len(rows)
    assert all(cell == cell.strip() and ",," not in cell for row in rows for cell in row)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "¿Cuántos obreros murieron cuando se derrumbó el puente de Baltimore?",
            "How many workers died when collapsed bridge of Baltimore?",
        ),
        ("Wo wurde die Eiskunstläuferin Walijewa gefunden?", "Where figure skater Valieva found?"),
        ("Warum will Barcelona keine Ferienwohnungen?", None),
        ("Qui est devenu Premier ministre en France ?", "Who became prime minister in France?"),
        ("Почему Турция прекратила торговлю с Израилем?", "Why Turkey stop trade with Israel?"),
        ("Quem venceu a Copa América?", "Who won Copa América?"),
        ("Por que George foi expulso do Congresso?", "Why George expelled of congress?"),
        ("В чём обвиняют журналиста Эвана?", "In what accused journalist Evan?"),
        ("Comment est mort le chef Prigojine ?", "How died leader Prigozhin?"),
        ("Warum wurde Prigoschin verhaftet?", "Why Prigozhin arrested?"),
        ("Chi ha vinto le elezioni in Messico?", "Who won election in Mexico?"),
        ("¿Quién aprobó la constitución?", "Who approved constitution?"),
        ("Quien gano las elecciones en Finlandia?", "Who won election in Finland?"),
    ],
)  # fmt: skip
def test_a_question_becomes_english_words(asked: str, said: str | None) -> None:
    found = english(asked)
    assert found == said if said else found and "vacation housing" in found


@pytest.mark.parametrize(
    "asked",
    ["Who won die Bundesliga?", "What wasn't Germany's interest?", "who founded nuestra senora de la soledad", ""],
)
def test_an_english_question_stays(asked: str) -> None:
    assert english(asked) is None


@pytest.mark.parametrize("asked", ["誰が勝ちましたか", "من فاز؟", "Który rząd jest teraz przy władzy i dlaczego?"])
def test_a_language_that_the_lexicon_lacks_has_no_words(asked: str) -> None:
    assert english(asked) == ""


def test_too_few_known_words_are_none() -> None:
    assert english("¿Qué zarandajas menearon los truhanes?") == ""


def test_each_language_that_is_read_has_words_of_its_own() -> None:
    assert set(ANSWERED) == set(LANGUAGES) and set(LANGUAGES) <= REFUSED.keys() <= NAMES.keys()


@pytest.mark.parametrize(
    ("question", "language", "said"),
    [
        ("How many people died in the flood in Valencia?", "es", "cuántos personas murieron inundaciones Valencia?"),
        ("Who won the election in Mexico?", "de", "wer gewann wahl Mexiko?"),
        ("Why did the minister resign?", "ru", "почему министр подал в отставку?"),
        ("What did the ombudsman's parakeet imply?", "fr", ""),
        ("Who won?", "ja", ""),
    ],
)
def test_an_english_question_is_put_into_the_language_of_the_articles(question: str, language: str, said: str) -> None:
    found = put_into(question, language, {"murieron", "inundaciones"}.__contains__)
    assert found and (found.text, found.language, found.into) == (said, "en", language)


@pytest.mark.parametrize("question", ["¿Quién ganó las elecciones?", "誰が勝ちましたか"])
def test_a_question_in_another_language_is_not_put_into_a_third(question: str) -> None:
    assert put_into(question, "de", lambda word: True) is None
    assert put_into("Who won?", "en", lambda word: True) is None
