"""Closed lists of words, each once: the calendar, numbers, pronouns, verbs of saying, negations, titles."""

from __future__ import annotations

import re
from collections.abc import Iterable


def any_of(words: Iterable[str]) -> str:
    """A regular expression for any of the words, the longest first."""
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))})"


# --- calendar --------------------------------------------------------------------------------------------------------

# As they stand in a date: the genitive where a language has one.
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


def months(language: str | None) -> list[str]:
    """The names of the twelve months as they stand in a date; in English where no others are known."""
    return _MONTHS.get(language or "en", _MONTHS["en"]).split()


GERMAN_MONTHS = frozenset({*months("de"), *"Jänner Feber Jan Feb Mär Mrz Apr Jun Jul Aug Sep Sept Okt Nov Dez".split()})
"""In full, as in Austria, and in short: what follows the number of a day, "3. Mai". Smaller languages write a small
letter there."""

RUSSIAN_MONTH_STEMS = [name[:-1] for name in months("ru")]
# What else a Russian date may have in place of the genitive.
RUSSIAN_MONTH_FORMS = """январь янв|февраль фев февр|март мар|апрель апр|май|июнь июн|июль июл|август авг
    |сентябрь сен сент|октябрь окт|ноябрь ноя|декабрь дек""".split("|")

MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(months("en"), start=1)}
SHORT_MONTHS = {name[:3]: number for name, number in MONTH_NUMBERS.items() if name != "may"} | {"sept": 9}

WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
WEEKDAY_NUMBERS = {name.lower(): number for number, name in enumerate(WEEKDAYS)}
"""Monday is 0."""
SHORT_WEEKDAYS = {
    "mon": 0,
    "tue": 1,
    "tues": 1,
    "wed": 2,
    "thu": 3,
    "thur": 3,
    "thurs": 3,
    "fri": 4,
    "sat": 5,
    "sun": 6,
}

CALENDAR = frozenset({*MONTH_NUMBERS, *SHORT_MONTHS, *WEEKDAY_NUMBERS, *SHORT_WEEKDAYS})
"""Every English month and weekday, in full and short."""

RELATIVE_DAYS = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
"""Days from today."""
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The month in which each begins, in the north."""

# --- numbers ---------------------------------------------------------------------------------------------------------

UNITS = {
    word: number
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
}
TENS = {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
COUNTS = UNITS | TENS
ORDINALS = {
    word: number
    for number, word in enumerate(
        """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
        fifteenth sixteenth seventeenth eighteenth nineteenth""".split(),
        start=1,
    )
} | {word.removesuffix("y") + "ieth": number for word, number in TENS.items()}

BIG_NUMBERS = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}


def _by_word(scales: dict[int, str]) -> dict[str, int]:
    return {word: scale for scale, words in scales.items() for word in words.split()}


SCALES = BIG_NUMBERS | _by_word({10**3: "k", 10**6: "m mn mln mio", 10**9: "b bn bln mld", 10**12: "tn trn"})
"""What multiplies the English number before it, in full and short."""
FOREIGN_SCALES = _by_word(
    {
        10**3: "тыс тысяча тысячи тысяч",
        10**6: "млн миллион миллиона миллионов мільйонів millions millionen millones",
        10**9: "mrd млрд миллиард миллиарда миллиардов мільярдів milliards milliarden",
        10**12: "трлн триллион триллиона триллионов",
    }
)
PERCENT = frozenset("percent pct percentage процент процента процентов проценты prozent".split())

# --- pronouns --------------------------------------------------------------------------------------------------------

_CASES = [row.split() for row in ("he him his his", "she her her hers", "it it its its", "they them their theirs")]
SUBJECTS, OBJECTS, OWNERS, OWNED = zip(*_CASES, strict=True)
"""Of the third person: "he saw", "saw him", "his car", "a car of his"."""
DEMONSTRATIVES = tuple("this that these those".split())
POINTING_BACK = (*SUBJECTS, *OWNERS)
"""With which a sentence may begin that goes on with the one before it."""

# Of those who speak and those who are spoken to.
SPEAKING = tuple("i we you".split())
OUR = tuple("our my your".split())

# --- verbs of saying -------------------------------------------------------------------------------------------------

SAID = frozenset(
    """said says told added adds announced warned argued claimed insisted noted explained stated wrote tweeted suggested
    acknowledged admitted replied testified predicted promised vowed denied stressed remarked recalled asked""".split()
)
"""With which news let somebody speak: "Holt said"."""
SAID_PLAINLY = frozenset("told tell tells telling added adds explained noted stated".split())
"""Those that come and go in fair rewording; who "warned" or "promised" did more than say."""

# --- negations -------------------------------------------------------------------------------------------------------

NEGATIONS = frozenset("not no never none nobody nothing neither nor without".split())

# --- titles ----------------------------------------------------------------------------------------------------------

COURTESIES = frozenset("mr mrs ms dr sir dame lord lady".split())
SHORT_TITLES = frozenset(
    """mr mrs ms dr prof rev hon gen col lt sgt capt cmdr adm maj gov sen rep messrs mme mlle supt insp
    det""".split()
)
"""Titles that are written with a full stop; not "pres", for names would take "Press" for its plural."""
