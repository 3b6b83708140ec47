"""The closed lists of words, and what is made of them."""

import datetime as dt
import re

import pytest

from qa.ask.understand.time_words import find_time_words
from qa.language import lexicon
from qa.language.names import find_names
from qa.language.text import sentence_spans


def test_any_of_prefers_the_longest_word() -> None:
    found = re.match(lexicon.any_of(["her", "hers", "e.g"]), "hers")
    assert found and found[0] == "hers"
    assert not re.fullmatch(lexicon.any_of(["e.g"]), "e,g")


@pytest.mark.parametrize("language", ["en", "ru", "uk", "de", "fr", "es", None, "xx"])
def test_a_year_has_twelve_months(language: str | None) -> None:
    assert len(set(lexicon.months(language))) == 12


def test_months_and_weekdays_are_short_as_well() -> None:
    assert lexicon.SHORT_MONTHS["jun"] == 6 and "may" not in lexicon.SHORT_MONTHS
    assert {"june", "jun", "sept", "tues", "sunday"} <= lexicon.CALENDAR


@pytest.mark.parametrize("verb", sorted(lexicon.SAID))
def test_every_verb_of_saying_lets_a_name_speak(verb: str) -> None:
    assert find_names(f"Holt {verb} that the bridge was open.") == [(0, 4)]
    assert len(sentence_spans(f'"It is open!" Anna Holt {verb}.')) == 1


def test_days_are_counted_in_any_number_word() -> None:
    [words] = find_time_words("What happened twenty days ago?", dt.date(2017, 6, 21))
    assert words.words == "twenty days ago"
