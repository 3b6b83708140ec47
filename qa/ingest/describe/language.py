"""Tells the language of an article, as two letters (ISO 639-1)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_ENOUGH = 1000  # characters from the beginning that are looked at
_FEWEST_LETTERS = 20
_SURE = 0.5  # whole paragraphs get .8 to 1, lists of names and prices less than .2

# Common in English, and no common words of the other languages in Latin letters.
_ENGLISH = frozenset("the of and that with from his has this which would been their were what about".split())
_ENGLISH_SHARE = 0.08

_NAMES = {
    "arabic": "ar", "armenian": "hy", "azerbaijani": "az", "belarusian": "be", "bulgarian": "bg", "chinese": "zh",
    "croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "estonian": "et", "finnish": "fi",
    "french": "fr", "georgian": "ka", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu",
    "indonesian": "id", "italian": "it", "japanese": "ja", "kazakh": "kk", "korean": "ko", "kyrgyz": "ky",
    "latvian": "lv", "lithuanian": "lt", "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "serbian": "sr", "slovak": "sk", "slovenian": "sl", "spanish": "es",
    "swedish": "sv", "tajik": "tg", "thai": "th", "turkish": "tr", "turkmen": "tk", "ukrainian": "uk", "uzbek": "uz",
    "vietnamese": "vi", "русский": "ru", "українська": "uk", "deutsch": "de", "français": "fr", "español": "es",
    "eng": "en", "rus": "ru", "ukr": "uk", "deu": "de", "fra": "fr", "spa": "es",
}  # fmt: skip
_TAG = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]+)*", re.IGNORECASE)
_UNSPOKEN = frozenset("xx zz aa qq".split())


def find_language(named: str | None, text: str) -> str | None:
    """The language that the field names ("en-GB", "English"), else that of the text; None where nobody can be sure."""
    return (_of_name(named) if named else None) or _of_text(text[:_ENOUGH])


def _of_name(named: str) -> str | None:
    if name := _NAMES.get(named.casefold()):
        return name
    tag = _TAG.fullmatch(named)
    return tag[1].lower() if tag and tag[1].lower() not in _UNSPOKEN else None


def _of_text(text: str) -> str | None:
    if sum(map(str.isalpha, text)) < _FEWEST_LETTERS:
        return None
    if _is_plain_english(text):
        return "en"
    language, probability = _identifier().classify(text)
    return str(language) if probability >= _SURE else None


def _is_plain_english(text: str) -> bool:
    """Whether it is English beyond doubt, so that the classifier need not be loaded (about a second)."""
    found = text.lower().split()
    english = [word for word in found if word in _ENGLISH]
    return len(set(english)) >= 3 and len(english) >= _ENGLISH_SHARE * len(found)


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([label for label in identifier.labels if len(label) == 2])
    return identifier
