"""The terms that a text is found by: stems by language, names as they are, numbers in one form.

Word search alone reads texts this way. To compare two texts, qa.language.text has the English stems.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from qa.language.languages import has_decimal_comma, is_cyrillic, keeps_names, language_of, stemmer, stopwords
from qa.language.lexicon import COUNTS, FOREIGN_SCALES, PERCENT, SCALES
from qa.language.text import REMEMBERED, normalise

Kind = Literal["word", "name", "number"]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or number of a question, in the forms that texts may have it in."""

    word: str
    """As typed, in lower case."""
    plain: str
    """Its form as a common word: the stem; empty for a stopword."""
    form: str
    """Its form as a name: the word unstemmed. For a number, the same as `plain`."""
    kind: Kind
    """A name where a capital letter shows it; a word may still be a name typed without one."""
    position: int
    """Its place among the words of the question; stopwords count."""
    phrase: int
    """The number of the quoted phrase that contains it, or -1."""


def read_terms(text: str, language: str | None = None) -> list[Term]:
    """The terms of a question in order, without stopwords. The language is guessed if it is not given."""
    text = normalise(text)
    return _reader(language or language_of(text)).question(text)


def read_tokens(
    title: str, source: str, sentences: Sequence[str], language: str | None = None
) -> tuple[list[str], list[str], list[list[str]]]:
    """The tokens of a passage's title, of its outlet and date, and of each sentence, in order.

    A word with a capital letter inside a sentence is a name and stays unstemmed, in languages where capitals mark
    names. At the start of a sentence, or in a title in capitals, it is a name if it also stands inside a sentence.
    """
    return _reader(language or language_of(" ".join((title, *sentences))[:_ENOUGH])).passage(title, source, sentences)


def stem_of(word: str, language: str) -> str:
    """The form in which a lower-case word of the language is found as a common word."""
    return _reader(language).plain(word)


_ENOUGH = 400  # characters that are read to guess the language


# --- pieces ----------------------------------------------------------------------------------------------------------

# Marks are part of the letters before them: vowels of Hindi, Arabic, Thai.
_MARKS = "".join(chr(code) for code in range(0x300, 0x1D00) if unicodedata.category(chr(code)).startswith("M"))
# Scripts that put no space between words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
# A capital letter after one of these does not mark a name; they stay with the word.
_OPENING = '":([*\u2022\u00ab\u201e>|'
_LATER = rf"(?:[{re.escape(_OPENING)}]\s?)?"
_NUMBER = r"\d+(?:[.,]\d+)*"
_ASCII = re.compile(rf"{_LATER}(?:(?:[A-Za-z]\.){{2,}}|{_NUMBER}[A-Za-z]*|[A-Za-z0-9]+(?:'[A-Za-z]+)*'?|%)")
_ANY = re.compile(
    rf"{_LATER}(?:(?:[^\W\d_]\.){{2,}}|{_NUMBER}(?:(?![{_UNSPACED}])[^\W\d_])*|[{_UNSPACED}]+"
    rf"|(?:(?![{_UNSPACED}])[^\W_]|[{_MARKS}])+(?:'[^\W_]+)*'?|%)"
)
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")


def has_no_spaces(text: str) -> bool:
    """Whether a letter in it is of a script that puts no space between words."""
    return bool(_HAS_UNSPACED.search(text))


_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d])")
_NOT_ENGLISH_S = re.compile(r"(?:'s|s'|')$")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|all|dall|dell|nell|sull|un|gli)'(?=\w)")


def _pieces(text: str) -> list[str]:
    return (_ASCII if text.isascii() else _ANY).findall(text)


# --- folding ---------------------------------------------------------------------------------------------------------

# Letters without a removable accent, as people type them who lack them on the keyboard.
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ё": "е", "ў": "у"}
)


@lru_cache(maxsize=REMEMBERED)
def folded(word: str) -> str:
    """The lower-case word without accents on Latin and Greek letters, with е for ё."""
    if word.isascii():
        return word
    word = word.translate(_LETTERS)
    bare = unicodedata.normalize("NFD", word)
    kept = [
        letter
        for before, letter in zip(" " + bare, bare, strict=False)
        if not ("\u0300" <= letter <= "\u036f" and before < "\u0400")
    ]
    return unicodedata.normalize("NFC", "".join(kept))


# --- numbers ---------------------------------------------------------------------------------------------------------

_SCALES = SCALES | FOREIGN_SCALES
_ATTACHED = frozenset("k m mn mln mio bn b bln mld mrd tn trn млн млрд тыс".split())
_APART = frozenset(_SCALES) - {"k", "m", "b"}


def _spellings(words: Sequence[str] | frozenset[str]) -> frozenset[str]:
    return frozenset(words) | {word.capitalize() for word in words}


# Where one of these is, words may have to be read together.
_TOGETHER = _spellings(frozenset({*COUNTS, *_APART, "cent"}))


def _written(value: float) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) else f"{value:.12g}"


def _value(digits: str, comma: bool) -> float | None:
    """The value of the digits; None for a version, a date, an address, and what is too large for a float."""
    if not _DIGITS.fullmatch(digits):
        return None
    point, group = (",", ".") if comma else (".", ",")
    if group in digits and re.fullmatch(rf"\d{{1,3}}(?:\{group}\d{{3}})+(?:\{point}\d+)?", digits):
        digits = digits.replace(group, "")
    # "1,5" in English and "1.5" in German can only be decimals.
    digits = digits.replace(",", ".")
    value = float(digits) if digits.count(".") <= 1 else math.inf
    return value if math.isfinite(value) else None


_DIGITS = re.compile(r"\d[\d.,]*")


def _number_token(piece: str, comma: bool) -> str:
    """The number in the one form that its spellings share. With letters that are no scale it stays as it is."""
    digits = _DIGITS.match(piece)[0]  # type: ignore[index]  # it begins with one
    letters = piece[len(digits) :]
    value = _value(digits, comma)
    if value is None or (digits[0] == "0" and digits.isdecimal()):
        return piece
    if letters:
        return _written(round(value * _SCALES[letters], 6)) if letters in _ATTACHED else piece
    return _written(value)


# --- a language's reader ---------------------------------------------------------------------------------------------


_PIECES = 100_000
"""Pieces that stay in memory, some 150 bytes each."""


class _Memory(dict[str, str]):
    """A cache of results by piece, emptied when it grows large."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, piece: str) -> str:
        if len(self) > _PIECES:
            self.clear()
        made = self[piece] = self._make(piece)
        return made


class _Reader:
    """Reads texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._stem = stemmer(language)
        self._stopwords = stopwords(language)
        self._names = keeps_names(language)
        self._comma = has_decimal_comma(language)
        self._counts = frozenset(COUNTS) if language == "en" else frozenset[str]()
        self._inside = _Memory(self._of_inside)
        self._anywhere = _Memory(self.plain)

    # --- a passage

    def passage(
        self, title: str, source: str, sentences: Sequence[str]
    ) -> tuple[list[str], list[str], list[list[str]]]:
        """The tokens of the title, of the source and of each sentence."""
        pieces = [self._split(sentence) for sentence in sentences]
        seen = {piece for row in pieces for piece in row[1:]} if self._names else set[str]()
        heading = self._split(title)
        starts = len(heading) if _is_in_capitals(heading) else 1
        return (
            self._tokens(title, heading, seen, starts),
            self._tokens(source, self._split(source), seen, 0),
            [self._tokens(text, row, seen, 1) for text, row in zip(sentences, pieces, strict=True)],
        )

    def _split(self, text: str) -> list[str]:
        if text.isupper() and self._names and len(text) > 20:  # a headline in capitals
            text = text.lower()
        if self._comma and _GROUPED.search(text):
            text = _GROUPED.sub(lambda match: match[0].replace(" ", ""), text)
        return _pieces(text)

    def _tokens(self, text: str, pieces: Sequence[str], seen: set[str], starts: int) -> list[str]:
        """The tokens of a sentence. In its first `starts` words a capital letter does not mark a name."""
        inside = self._inside
        tokens = [inside[piece] for piece in pieces]
        for place in range(min(starts, len(pieces))):
            tokens[place] = self._first(pieces[place], seen)
        if not _TOGETHER.isdisjoint(pieces):
            for start, (end, token) in self._joined(pieces).items():
                tokens[start:end] = [token] + [""] * (end - start - 1)
        if not text.isascii() and _HAS_UNSPACED.search(text):
            return [part for token in tokens for part in _pairs(token) if part]
        return list(filter(None, tokens))

    def _first(self, piece: str, seen: set[str]) -> str:
        """The token of a word with a capital letter where any word would have one."""
        return self._inside[piece] if piece in seen or _is_acronym(piece) else self._anywhere[piece]

    def _joined(self, pieces: Sequence[str]) -> dict[int, tuple[int, str]]:
        """The pieces to read as one, by their first position: the end position and the token."""
        joined: dict[int, tuple[int, str]] = {}
        done = 0
        for place, piece in enumerate(pieces):
            if place < done or piece not in _TOGETHER:
                continue
            before = pieces[place - 1].lstrip(_OPENING + " ").lower() if place > done else ""
            if piece == "cent":
                found = (place + 1, "percent") if before == "per" else None
                start = place - 1
            else:
                start = place - (
                    piece.lower() in _APART
                    and (before in ("a", "an") or before in self._counts or before[:1].isdecimal())
                )
                found = self._number(pieces, start)
            if found:
                joined[start] = found
                done = found[0]
        return joined

    def _number(self, pieces: Sequence[str], start: int) -> tuple[int, str] | None:
        """The end and the token of the number, in words or with a scale, that starts at a piece."""
        words = [piece.lower() for piece in pieces[start : start + 9]]
        words[0] = words[0].lstrip(_OPENING + " ")
        place, total, current = 0, 0.0, None
        if words[0] in ("a", "an") and words[1:2] and words[1] in _APART:
            place, current = 1, 1.0
        elif words[0][0].isdecimal():
            current = _value(words[0], self._comma)
            if current is None or not words[1:2] or words[1] not in _APART:
                return None
            place = 1
        elif words[0] not in self._counts or (words[0] == "one" and not (words[1:2] and words[1] in _APART)):
            return None
        while place < len(words):
            word = words[place]
            if word in self._counts and (current is None or _fits(current, word)):
                current = (current or 0) + COUNTS.get(word, 0)
            elif word in ("hundred", "dozen") and current is not None and current < 100:
                current *= _SCALES[word]
            elif word in _APART and current is not None:
                total, current = total + round(current * _SCALES[word], 6), None
            elif not (word == "and" and words[place - 1] in _APART and words[place + 1 : place + 2]
                      and words[place + 1] in self._counts):  # fmt: skip
                break
            place += 1
        return start + place, _written(total + (current or 0))

    # --- a word

    def _of_inside(self, piece: str) -> str:
        """The token of a word inside a sentence, where a capital letter marks a name."""
        bare = piece.lstrip(_OPENING + " ")
        if bare != piece and not _is_acronym(bare):
            return self.plain(bare)
        return self.form(bare) if self._names and self._tells_name(bare) else self.plain(bare)

    def _tells_name(self, piece: str) -> bool:
        """Whether a capital letter marks it as a name. "The" is none; "May" and "Will" are."""
        if not _looks_like_name(piece):
            return False
        return _is_acronym(piece) or (word := self._bare(piece)) not in self._stopwords or word in _ALSO_NAMES

    def plain(self, piece: str) -> str:
        """The stem of a word without accents, or a number in its one form; empty for a stopword."""
        word = self._bare(piece)
        if not word or word in self._stopwords or (self.language == "en" and word in _PREFIXES):
            return ""
        if word[0].isdecimal():
            return _number_token(word, self._comma)
        if word in PERCENT:
            return "percent"
        if word in self._counts and word != "one":
            return _written(COUNTS.get(word, 0))
        return folded(self._stem_of(word))

    def form(self, piece: str) -> str:
        """The word in lower case, without accents and possessive 's."""
        word = self._bare(piece)
        return _number_token(word, self._comma) if word[:1].isdecimal() else folded(word)

    def _bare(self, piece: str) -> str:
        """The word in lower case without dots, apostrophes and what they attach; empty for a contraction."""
        word = piece.lstrip(_OPENING + " ").lower()
        if word == "%":
            return "percent"
        if "." in word and not word[0].isdecimal():
            word = word.replace(".", "")
            return "" if word in ("am", "pm", "eg", "ie") and piece.islower() else word
        if "'" in word:
            if word.endswith("n't"):
                return ""
            word = _ELISION.sub("", word) if self.language in ("fr", "it", "ca") else word
            word = _NOT_ENGLISH_S.sub("", word) if not word.endswith("s'") else word[:-1]
            head, _, tail = word.partition("'")
            word = head if tail in ("re", "ve", "ll", "d", "m") else head + tail.replace("'", "")
        return word

    def _stem_of(self, word: str) -> str:
        """The stem in this language, or in one that uses the word's script."""
        if word.isascii() and is_cyrillic(self.language):
            return stemmer("en")(word)
        if not is_cyrillic(self.language) and "\u0400" <= word[0] <= "\u052f":
            return stemmer("ru")(word)
        return self._stem(word) if not any(map(str.isdecimal, word)) else word

    # --- a question

    def question(self, text: str) -> list[Term]:
        """The terms of a question."""
        text = text.lower() if text.isupper() and len(text) > 20 else text
        if self._comma:
            text = _GROUPED.sub(lambda match: match[0].replace(" ", ""), text)
        found = list((_ASCII if text.isascii() else _ANY).finditer(text))
        pieces = [match[0] for match in found]
        quoted = [match.span() for match in _QUOTED.finditer(text)]
        in_capitals = _is_in_capitals(pieces)
        joined = self._joined(pieces)
        terms, end = list[Term](), 0
        for start, piece in enumerate(pieces):
            if start < end:
                continue
            end, token = joined.get(start, (start + 1, ""))
            at = found[start].end() - 1
            phrase = next((n for n, (a, b) in enumerate(quoted) if a < at < b), -1)
            word = " ".join(pieces[start:end]).lstrip(_OPENING + " ").lower()
            if word in ("many", "much") and start and pieces[start - 1].lower().endswith("how"):
                continue  # "how many": it asks
            if token:
                terms.append(Term(word, token, token, "number" if token[0].isdecimal() else "word", start, phrase))
            elif _HAS_UNSPACED.match(word):
                terms += [Term(pair, pair, pair, "word", start, phrase) for pair in _pairs(self._anywhere[piece])]
            elif word == "us" and text.islower() and self._is_country(pieces, start):
                terms.append(Term("us", "", "us", "name", start, phrase))
            elif term := self._term(piece, start > 0 and not in_capitals, start, phrase):
                terms.append(term)
        return terms

    def _is_country(self, pieces: Sequence[str], place: int) -> bool:
        """Whether the "us" of a question without capital letters is the country: "the us president"."""
        before = pieces[place - 1] if place else "the"
        return self.language == "en" and before in _BEFORE_COUNTRY and place + 1 < len(pieces)

    def _term(self, piece: str, tells: bool, position: int, phrase: int) -> Term | None:
        bare = piece.lstrip(_OPENING + " ")
        plain, form = self.plain(bare), self.form(bare)
        if form[:1].isdecimal():
            return Term(self._bare(bare), form, form, "number", position, phrase)
        tells = _is_acronym(bare) or (tells and bare == piece and self._tells_name(bare))
        if tells and self._names:
            return Term(self._bare(bare), plain, form, "name", position, phrase) if form else None
        if not plain:
            return None
        if self._names:
            return Term(self._bare(bare), plain, form, "word", position, phrase)
        # Names have endings here: a capital letter marks a name but not its form. German marks every noun.
        name = tells and self.language != "de"
        return Term(self._bare(bare), plain, plain, "name" if name else "word", position, phrase)


_ALSO_NAMES = frozenset(("may", "will"))
_PREFIXES = frozenset(("re",))  # of "re-election"
_BEFORE_COUNTRY = frozenset(("the", "former", "new", "current", "first", "which", "what"))
_QUOTED = re.compile(r'"[^"\n]+"')


def _fits(current: float, word: str) -> bool:
    """Whether a number word continues the count: "twenty" "five", "hundred" "six", not "two" "three"."""
    return current % 100 == 0 if COUNTS[word] > 9 else current % 10 == 0 and current % 100 != 10


def _pairs(token: str) -> list[str]:
    """The token itself; in a script without spaces, each pair of neighbouring characters."""
    if len(token) < 3 or not _HAS_UNSPACED.match(token):
        return [token]
    return [token[place : place + 2] for place in range(len(token) - 1)]


def _looks_like_name(piece: str) -> bool:
    if piece in ("I", "A") or piece[:2] == "I'":
        return False
    return piece[0].isupper() or (not piece.islower() and not piece[0].isdecimal() and any(map(str.isupper, piece)))


def _is_acronym(piece: str) -> bool:
    """Whether it is written in capitals: NATO, U.S., MPs."""
    piece = piece.lstrip(_OPENING + " ")
    body = piece.replace(".", "").removesuffix("'s").removesuffix("s")
    return len(body) > 1 and body.isupper()


def _is_in_capitals(pieces: Sequence[str]) -> bool:
    """Whether nearly every longer word has a capital letter, as in many headlines."""
    longer = [piece for piece in pieces if len(piece) > 3 and piece[0].isalpha()]
    return len(longer) > 2 and sum(piece[0].isupper() for piece in longer) > 0.7 * len(longer)


@lru_cache
def _reader(language: str) -> _Reader:
    return _Reader(language)
