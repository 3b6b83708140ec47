"""What a text is made of: normal characters, sentences, words, stems.

The stems here are English and compare texts with each other: a claim with its evidence, a sentence with a question. The
fitted models were trained on them. What word search finds a text by is in qa.language.analyzer, for every language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import Stemmer

from qa.language.lexicon import (
    DEMONSTRATIVES,
    GERMAN_MONTHS,
    POINTING_BACK,
    SAID,
    SHORT_MONTHS,
    SHORT_TITLES,
    SHORT_WEEKDAYS,
    SPEAKING,
    WEEKDAYS,
    any_of,
    months,
)

# One character for the many that mean the same: a quotation typed with plain quotes is found.
_SAME = {
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
    "\N{FIGURE SPACE}": " ",
    "\N{THIN SPACE}": " ",
    "\N{EN SPACE}": " ",
    "\N{EM SPACE}": " ",
    "\N{IDEOGRAPHIC SPACE}": " ",
    "\N{ZERO WIDTH SPACE}": "",
    "\N{ZERO WIDTH NO-BREAK SPACE}": "",
    "\N{WORD JOINER}": "",
    "\N{SOFT HYPHEN}": "",
    "\v": "\n",
    "\f": "\n\n",
    "\x85": "\n",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
    "\N{DOUBLE HIGH-REVERSED-9 QUOTATION MARK}": '"',
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{SINGLE LOW-9 QUOTATION MARK}": "'",
    "\N{SINGLE HIGH-REVERSED-9 QUOTATION MARK}": "'",
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}": "'",
    "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}": "'",
    "\N{ACUTE ACCENT}": "'",
    "\N{MODIFIER LETTER APOSTROPHE}": "'",
    "\N{MINUS SIGN}": "-",
    "\N{NON-BREAKING HYPHEN}": "-",
    "\N{HYPHEN}": "-",
    "\N{LINE SEPARATOR}": "\n",
    "\N{PARAGRAPH SEPARATOR}": "\n\n",
}


def normalise(text: str) -> str:
    """The same text in NFC with plain line ends, spaces and quotes, and without invisible characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if text.isascii() and not _UNSEEN.search(text):
        return text
    # A character that was taken out may have stood between a letter and its accent.
    return unicodedata.normalize("NFC", _UNSEEN.sub("", _EITHER.sub(lambda match: _SAME[match[0]], text)))


def without_halves(value: object, depth: int = 20) -> object:
    """The same JSON value with U+FFFD for each half of a surrogate pair, which can be neither stored nor sent.

    What is nested deeper than `depth` stays as it is.
    """
    match value:
        case str():
            return _HALF.sub("\ufffd", value)
        case dict() if depth:
            return {without_halves(name): without_halves(each, depth - 1) for name, each in value.items()}
        case list() if depth:
            return [without_halves(each, depth - 1) for each in value]
    return value


_HALF = re.compile("[\ud800-\udfff]")
_EITHER = re.compile(f"[{''.join(map(re.escape, _SAME))}]")
# Control characters, lone surrogates, private use, and what turns the direction of text or hides letters in it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)


# --- sentences -------------------------------------------------------------------------------------------------------

# The word they belong to follows: they never end a sentence.
_LEADING = SHORT_TITLES | {"pres", "st", "e.g", "i.e", "v", "vs", "cf", "т.е"}
# These may end a sentence: they do where the next word opens sentences and is hardly ever part of a name.
_ABBREVIATIONS = frozenset(
    """jr sr inc ltd co corp bros no nos vol pp fig art sec ch ed eds dept est approx tel ave blvd rd mt ft ste al etc
    ca bzw sog ggf evtl inkl mio mrd chr okt dez г гг ул им обл млн млрд тыс руб долл др см стр""".split()
).union(SHORT_MONTHS, SHORT_WEEKDAYS)
# With a small letter only these are abbreviations; the others are words: "under the sun."
_SMALL = frozenset(
    """e.g i.e v vs cf т.е vol pp ed eds est approx al etc ca bzw sog ggf evtl inkl г гг ул им обл млн млрд тыс руб долл
    др см стр""".split()
)
# A number belongs to them, with a small letter too: "the no. 1 seed".
_BEFORE_NUMBER = frozenset("no nos nr nrn art arts abs fig figs sec ch kap para par p pp str".split())
_STARTERS = frozenset(
    """the a an in on at by for from with after before when while if but and so as there according however meanwhile
    although since what who why how where no not one two more most many some der die das er sie es ein eine wir ich
    в на он она они это по но и а как""".split()
).union(POINTING_BACK, SPEAKING, DEMONSTRATIVES)

_BREAK = re.compile(
    r"""(?<![.!?…؟۔।])(?P<stop>[.!?…؟۔।]++)(?P<close>["')\]]*+)(?P<space>\s++|\Z)
      | (?P<wide>[。！？]++["')\]」』]*+)
      | (?P<paragraph>\n[^\S\n]*+\n)""",
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[\w.'-]+\Z")
_SHORT_WORD = re.compile(r"(?:[^\W\d_]|Chr)\.")
_LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")  # U.S, J.K
_NUMBERED = re.compile(r"\s*[(\[]?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})")
_WHEN = re.compile(  # what may follow "5 p.m."
    rf"{any_of(WEEKDAYS)}|{any_of(month[:3] for month in months('en'))}|[A-Z]{{2,4}}\b"
    r"|(?:Eastern|Central|Mountain|Pacific|Moscow|Greenwich|British)\b"
)
# German writes ordinals with a full stop, and nouns with a capital letter. What is English as well needs a German word
# before the number: "at 5. April figures" are two sentences.
_ENGLISH_TOO = GERMAN_MONTHS & {*months("en"), *(month[:3] for month in months("en")), "Sept"}
_DAY_NUMBER = re.compile(r"(?:.*[-/])?\d{1,2}")
_GERMAN_NOUN = re.compile(
    rf"{any_of(GERMAN_MONTHS - _ENGLISH_TOO)}\b"
    r"|(?:Jahrhundert|Jahrtausend|Weltkrieg|Geburtstag|Jahrestag|Lebensjahr|Schuljahr|Spieltag|Wahlgang|Bundesliga)"
)
_GERMAN_NOUN_TOO = re.compile(rf"{any_of(_ENGLISH_TOO)}\b|(?:Etage|Klasse|Liga|Mal|Minute|Platz|Rang|Runde|Tag)\b")
_GERMAN_WORD = re.compile(
    r"\b(?:[Aa]b|[Aa]m|[Bb]is|[Dd](?:as|em|en|er|es|ie)|[Ii]m|[Ii]ns|[Ss]eit|und|[Vv]om|[Zz]u[mr])\s\S+\Z"
)
_WHO_SAID = re.compile(rf"(?:[Tt]he\s|[Aa]n?\s)?[A-Z][\w.'-]*(?:\s[A-Z][\w.'-]*){{0,4}}\s{any_of(SAID)}\b")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end offsets of each sentence, without the white space around it, in order.

    A paragraph break always ends a sentence; a full stop after an abbreviation, an initial or inside a number does not.
    A list item or heading that stands on a line of its own is a sentence.
    """
    return list(_spans(text))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _BREAK.finditer(text):
        if match["stop"] is None or _ends(text, start, match):
            yield from _trimmed(text, start, match.end())
            start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    if body := piece.strip():
        lead = len(piece) - len(piece.lstrip())
        yield start + lead, start + lead + len(body)


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the punctuation at `match` closes the sentence that began at `start`."""
    after = text[match.end() : match.end() + 120]
    if not after or match["space"].count("\n") > 1:
        return True
    if match["stop"] != ".":
        # "Really?" he asked. / "Stop!" Mr Smith said.
        return not (after.lstrip("\"'([")[:1].islower() or (match["close"] and _WHO_SAID.match(after)))
    if after[0].islower():
        return False
    found = _LAST_WORD.search(text, max(start, match.start() - 40), match.start())
    last = found[0] if found else ""
    bare = last.lower().lstrip("'-")
    abbreviates = last[:1].isupper() or bare in _SMALL
    if bare in ("a.m", "p.m"):
        return not _WHEN.match(after)
    if (bare in _LEADING and abbreviates) or _goes_on(text, match.start(), last, after):
        return False
    if _is_initial(last) or _LETTERS.fullmatch(last) or (bare in _ABBREVIATIONS and abbreviates):
        return _opens_sentence(after)
    return not _NUMBERED.fullmatch(text, start, match.start())


def _goes_on(text: str, stop: int, last: str, after: str) -> bool:
    """Whether the full stop at `stop` belongs to an ordinal or to one of several short words: "3. Mai", "z. B."."""
    if _DAY_NUMBER.fullmatch(last):
        before = text[max(0, stop - 20) : stop]
        return bool(_GERMAN_NOUN.match(after) or (_GERMAN_NOUN_TOO.match(after) and _GERMAN_WORD.search(before)))
    if after[0].isdigit():
        return last.lower() in _BEFORE_NUMBER or last.endswith("str")
    return len(last) == 1 and last.islower() and bool(_SHORT_WORD.match(after))


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.isupper() and word != "I"


def _opens_sentence(after: str) -> bool:
    """Whether a sentence follows "in the U.S.": "The president ..." is one, "President ..." may not be."""
    word = (after.lstrip("\"'([").split(None, 1) or [""])[0].rstrip(",")
    return word[:1].isupper() and word.lower() in _STARTERS


# --- words -----------------------------------------------------------------------------------------------------------

WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?|\w+")
"""A word to compare with other words: a number with its decimals, letters with an apostrophe in them."""
WRITTEN_WORD = re.compile(r"[^\W_]+(?:['’.,:-][^\W_]+)*")
"""A word to mark or link in a text as it is shown, with what joins its parts: "10:30", "e-mail", "U.N"."""
NAME_WORD = re.compile(r"[^\W\d_](?:\.[^\W\d_]\b)+\.?|[^\W_]+(?:['’&-][^\W_]+)*\.?")
"""A word that may be part of a name, with the full stop of an initial, a title or an acronym."""
SHINGLE_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")
"""A word by which copies are told: a letter of a script without spaces is one. Stored signatures depend on it."""

_SIGNS_A_WORD = 15
"""Characters that a word of a text may have in the mean."""


def first_words(text: str, most: int) -> str:
    """The text up to the end of its word number `most`, whether there are spaces between its words or not."""
    beyond = next(islice(WRITTEN_WORD.finditer(text), most, None), None)
    end = beyond.start() if beyond else len(text)
    return text[: min(end, most * _SIGNS_A_WORD)].rstrip()


_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")

STOPWORDS = frozenset(
    """a about above after again against all am an and any are as at be because been before being below between both
    but by can could did do does doing down during each few for from further had has have having he her here
    hers herself him himself his how i if in into is it its itself just me more most my myself no nor not now of
    off on once only or other our ours ourselves out over own same she should so some such than that the their
    theirs them themselves then there these they this those through to too under until up very was we were what
    when where which while who whom whose why will with would you your yours yourself yourselves also may might
    must shall upon us said says say according""".split()
)


def words(text: str) -> list[str]:
    """Lower-case words and numbers, in order; "1,000" is one word "1000", a possessive 's is left off."""
    return [_word(w) for w in WORD.findall(text.lower())]


def _word(word: str) -> str:
    if word[0].isdigit():
        return _THOUSANDS.sub("", word)
    return word[:-2] if word.endswith("'s") else word


_STEMMER = Stemmer.Stemmer("english")
REMEMBERED = 30_000
"""Words whose form stays in memory, in each of the functions that remember some 250 bytes a word: most of any text."""


@lru_cache(maxsize=REMEMBERED)
def stem(word: str) -> str:
    """The Snowball English stem of a lower-case word; a word in another script or with a digit is left as it is."""
    return str(_STEMMER.stemWord(word)) if word.isascii() and word.isalpha() else word


def stems(text: str) -> list[str]:
    """Stems of all words but stopwords, in order."""
    return [stem for word in WORD.findall(text.lower()) if (stem := _content_stem(word))]


@lru_cache(maxsize=REMEMBERED)
def _content_stem(word: str) -> str:
    """The stem of a word as it stands in lower-case text; empty for a stopword."""
    plain = _word(word)
    return "" if plain in STOPWORDS else stem(plain)
