"""The words of a question in the language of the articles: by a small lexicon, by cognates and by names.

A question in another language is put into English, an English one into the language that the articles are in.

No sentence comes out, but the words that are searched for, in the order of the question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qa.language.analyzer import folded
from qa.language.languages import language_of, stemmer, stopwords
from qa.language.spelling import other_spellings
from qa.language.text import STOPWORDS, stem

LANGUAGES = ("es", "de", "fr", "ru", "pt", "it")
"""Those that the lexicon has, in the order of its columns."""
_FILE = Path(__file__).with_name("translations.tsv")
_ENOUGH = 0.7
"""Share of the words, stopwords left out, that have to be there in English."""
_LEAST = 4
"""Letters of a stem, at least: "como" and "comer" share a shorter one."""
_LONGEST = 4
"""Words of a phrase of the lexicon."""
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['’.-][^\W_]+)*")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|lorsqu|all|dall|dell|nell|sull|un|gli)['’](?=\w)", re.IGNORECASE)
_INVERTED = re.compile(r"-(?:t-)?(?:elles?|ils?|on|ce|je|nous|vous)$")

Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Translation:
    """A question in words of the articles' language."""

    language: str
    """That it was asked in: two letters (ISO 639-1)."""
    text: str
    """Empty where too few of its words are known, or its language is not."""
    into: str = "en"
    """The language of the articles."""


def translated(text: str, is_held: Test, is_known: Test) -> Translation | None:
    """The question in English words; None where it is in English. No words of a language that the lexicon lacks.

    Of a question in two languages only the words of the other one are put into English.

    `is_held` says of a word whether the articles hold it, `is_known` whether it is a word of English.
    """
    language = _language(text)
    if language == "en":
        return _mixed(text, is_held, is_known)
    if language not in LANGUAGES:
        return Translation(language, "")
    found, lost = list[str](), 0
    pieces = list(_pieces(text, language))
    at = 0
    while at < len(pieces):
        size, phrase = _phrase(pieces[at : at + _LONGEST], language, at == 0)
        if phrase and size == 1 and at and _is_other_name(pieces[at], language, is_held):
            phrase = ""
        english = phrase or _word(pieces[at], language, is_held, is_known)
        lost += english is None
        if english and english not in found[-1:]:
            if english in _JOINING and found[-1:] and found[-1] in _JOINING:
                found.pop()
            found.append(english)
        at += size
    if found and found[-1] in _JOINING:
        found.pop()
    said, known = " ".join(found), sum(word not in _JOINING for word in found)
    is_enough = known and known >= _ENOUGH * (known + lost)
    return Translation(language, f"{said[:1].upper()}{said[1:]}?" if is_enough else "")


def _mixed(text: str, is_held: Test, is_known: Test) -> Translation | None:
    """An English question with its words of one other language in English; None where it surely has none.

    They are sure where one that English and the articles lack stands beside a small word of the language, or asks.
    """
    for language in LANGUAGES:
        exact = _lexicon(language)
        said, small, content = list[str](), 0, list[str]()
        for match in _WORD.finditer(text):
            word = match[0].lower()
            is_name = match[0][:1].isupper() and match.start() > 1 and language != "de"
            english = "" if is_name or word in STOPWORDS or is_known(word) else exact.get((word,), "")
            if english and (english in _ASKING or not is_held(word)):
                content.append(english)
                said.append(english)
            elif not match[0][:1].isupper() and word in stopwords(language) and word not in STOPWORDS | _SHARED:
                small += 1
                said += filter(None, [_LINKS[language].get(word, "")])
            else:
                said.append(match[0])
        if content and (small or len(content) > 1 or content[0] in _ASKING):
            return Translation(language, f"{' '.join(said)}?")
    return None


def is_of_another_language(word: str) -> bool:
    """Whether a word in small letters is one of the small words or of the lexicon of another language than English."""
    return any(word in stopwords(language) or (word,) in _lexicon(language) for language in LANGUAGES)


_JOINING = frozenset("in of by with for".split())


def put_into(text: str, language: str, is_held: Test) -> Translation | None:
    """An English question in words of another language, in the forms that the articles hold.

    None where it is not surely English. No words where too few are known, or the lexicon lacks the language.
    """
    asked = text.lower().split()
    is_english = asked[:1] and (asked[0] in _ENGLISH or len(STOPWORDS.intersection(asked) - _SHARED) > 1)
    if language == "en" or not is_english or _language(text) != "en":
        return None
    if language not in LANGUAGES:
        return Translation("en", "", language)
    pieces = [match[0] for match in _WORD.finditer(text)]
    found, known, at = list[str](), 0, 0
    while at < len(pieces):
        piece = pieces[at]
        size, forms = _forms_of([one.lower().removesuffix("'s") for one in pieces[at : at + _LONGEST]], language)
        if size == 1 and ((at and piece[:1].isupper()) or piece[0].isdecimal()):
            forms = [*forms, piece] if forms else [piece]
        if forms:
            found.append(next(filter(is_held, forms), forms[0]))
        known += size if forms or piece.lower() in STOPWORDS else 0
        at += size
    is_enough = found and known >= _ENOUGH * len(pieces)
    return Translation("en", f"{' '.join(found)}?" if is_enough else "", language)


def _forms_of(words: Sequence[str], language: str) -> tuple[int, list[str]]:
    """How many of the English words the lexicon has as one, from the first on, and their forms."""
    exact, by_stem = _from_english(language)
    for size in range(len(words), 0, -1):
        said = tuple(words[:size])
        if forms := exact.get(said) or by_stem.get(tuple(map(stem, said))):
            return size, forms
    return 1, []


@cache
def _from_english(language: str) -> tuple[dict[tuple[str, ...], list[str]], dict[tuple[str, ...], list[str]]]:
    """The forms of each English word or phrase, by its words as they are, and by their stems."""
    exact, column = dict[tuple[str, ...], list[str]](), LANGUAGES.index(language) + 1
    for line in _FILE.read_text("utf-8").splitlines()[2:]:
        cells = line.split("\t")
        if forms := list(filter(None, cells[column].split(","))):
            exact.setdefault(tuple(cells[0].lower().split()), forms)
    return exact, {tuple(map(stem, said)): forms for said, forms in reversed(exact.items())}


def _language(text: str) -> str:
    """The language of a question; a short one that begins with a question word, and has no English word, is its own."""
    language, words = language_of(text), [match[0].lower() for match in _WORD.finditer(text)]
    if words[:1] and words[0] in _ENGLISH:
        return "en"
    if language != "en" or not words or STOPWORDS.intersection(words) - _SHARED:
        return language
    said = {other: sum(word in stopwords(other) for word in words) for other in LANGUAGES if _asks(words, other)}
    return max(said, key=lambda other: said[other]) if said else language


_ASKING = frozenset("who what which when where why how whose".split())
_ENGLISH = _ASKING.union("did does is are".split())
"""With which an English question begins, and none of the others."""
_SHARED = frozenset("a as do i in me no on so".split())
"""English stopwords that are words of other languages too."""


def _asks(words: Sequence[str], language: str) -> bool:
    """Whether the first words are a question word of the language."""
    exact = _lexicon(language)
    return any(exact.get(tuple(words[:size]), "").split(" ")[0] in _ASKING for size in (3, 2, 1))


def _pieces(text: str, language: str) -> Iterator[str]:
    """The words of the text without what French and Italian attach to them."""
    for match in _WORD.finditer(text):
        word = match[0].replace("’", "'")
        word = _without_elision(word, language)
        if language == "fr":
            word = _INVERTED.sub("", word)
        # German joins nouns with a hyphen; elsewhere it stands in names.
        is_one = language != "de" or (word.lower(),) in _lexicon(language)
        yield from [word] if is_one else word.split("-")


def _without_elision(word: str, language: str) -> str:
    return _ELISION.sub("", word) if language in ("fr", "it") else word


@cache
def _lexicon(language: str) -> dict[tuple[str, ...], str]:
    """The English of each word or phrase, by its words as they are."""
    english, column = dict[tuple[str, ...], str](), LANGUAGES.index(language) + 1
    for line in _FILE.read_text("utf-8").splitlines()[2:]:
        cells = line.split("\t")
        for form in filter(None, cells[column].split(",")):
            english.setdefault(tuple(_without_elision(word, language) for word in form.lower().split()), cells[0])
    return english


@cache
def _unaccented(language: str) -> dict[tuple[str, ...], str]:
    """The same by its words without accents, as many type them."""
    return {tuple(map(folded, words)): english for words, english in reversed(_lexicon(language).items())}


@cache
def _by_stem(language: str) -> dict[tuple[str, ...], str]:
    """The same by the stems of its words; which language a question is in is told without them."""
    english = dict[tuple[str, ...], str]()
    for words, meaning in _lexicon(language).items():
        stems = _stems(words, language)
        if len(stems) > 1 or len(stems[0]) >= _LEAST:
            english.setdefault(stems, meaning)
    return english


def _is_other_name(piece: str, language: str, is_held: Test) -> bool:
    """Whether a word that the lexicon has by its stem alone is a name that the articles hold: "George", not Georgia."""
    small = piece.lower()
    is_name = piece[:1].isupper() and language not in ("de", "ru") and is_held(folded(small))
    return is_name and (small,) not in _lexicon(language) and (folded(small),) not in _unaccented(language)


def _stems(words: Sequence[str], language: str) -> tuple[str, ...]:
    stem_of = stemmer(language)
    return tuple(folded(stem_of(word.lower())) for word in words)


def _phrase(pieces: Sequence[str], language: str, is_first: bool) -> tuple[int, str]:
    """How many of the words the lexicon has as one, from the first on, and their English; empty where it has none."""
    exact = _lexicon(language)
    small = [piece.lower() for piece in pieces]
    for size in range(len(small), 0, -1):
        words = tuple(small[:size])
        if (english := exact.get(words)) and (is_first or words != ("que",)):
            return size, english
        if size == 1 and not is_first and words[0] in stopwords(language):
            continue
        if english := _unaccented(language).get(tuple(map(folded, words))):
            return size, english
        if english := _by_stem(language).get(_stems(words, language)):
            return size, english
    return 1, ""


def _word(piece: str, language: str, is_held: Test, is_known: Test) -> str | None:
    """The English of a word that the lexicon lacks: "" for a stopword, None where nothing is known of it."""
    small = folded(piece.lower())
    if link := _LINKS[language].get(piece.lower()):
        return link
    if piece.lower() in stopwords(language) or (len(small) < 3 and not piece[:1].isupper() and not piece.isdecimal()):
        return ""
    if piece[0].isdecimal():
        return piece
    if language == "de" and (parts := _compound(piece.lower())):
        return parts
    if piece[:1].isupper() and (name := _name(piece, small, language, is_held)):
        return name
    if piece[:1].isupper() and language not in ("de", "ru"):
        return piece
    return next((one for one in _cognates(small, language) if is_known(one) and is_held(one)), None)


def _links(**words: str) -> dict[str, str]:
    return {word: english.strip("_") for english, row in words.items() for word in row.split()}


_LINKS = {
    "es": _links(in_="en", of="de del", by="por", with_="con", for_="para"),
    "pt": _links(in_="em no na nos nas", of="de do da dos das", by="por pelo pela", with_="com", for_="para"),
    "it": _links(in_="in nel nella", of="di del della dei delle dello", by="da dal dalla", with_="con", for_="per"),
    "fr": _links(in_="en dans", of="de du des d", by="par", with_="avec", for_="pour"),
    "de": _links(in_="in im", of="von vom", by="durch", with_="mit", for_="für"),
    "ru": _links(in_="в во", with_="с со", for_="для"),
}
"""What joins the words of a question, so that a reader of sentences has more than a list."""


def _compound(word: str) -> str:
    """The English of the two words that a German one is made of."""
    for at in range(4, len(word) - 3):
        left, right = word[:at], word[at:]
        ends = (left, left.removesuffix("s"), left.removesuffix("n"), left.removesuffix("en"))
        first = next((english for end in ends if (english := _phrase([end], "de", False)[1])), "")
        if first and (second := _phrase([right], "de", False)[1]):
            return f"{first} {second}"
    return ""


_NAMES = {
    "de": "tsch ch,sch sh,sch zh,w v,j y,jew iev,ij iy,je e,ch kh,z ts,ou u,k c",
    "es": "ch sh,j kh,i y,f ph,y j",
    "fr": "tch ch,ch sh,ou u,ine in,dj j,j zh",
    "it": "sc sh,i y,c ch",
    "pt": "ch sh,i y,u ou,j zh",
    "ru": "",
}
"""How a language writes the sounds of foreign names, and how English does, in the order in which they are replaced."""


def _name(piece: str, small: str, language: str, is_held: Test) -> str:
    """The name as the articles hold it: as it is or in another spelling; empty where they do not."""
    if language == "ru":
        spelled = [other_spellings(form) for form in dict.fromkeys((small, _CASE.sub("", small)))]
        letter_by_letter = [spellings[0] for spellings in spelled if spellings]
        latin = filter(str.isascii, [*letter_by_letter, *spelled[0]])
        return next((one.capitalize() for one in latin if is_held(one)), "")
    if is_held(small):
        return piece
    spellings = {small}
    for foreign, english in _pairs(_NAMES[language]):
        spellings |= {one.replace(foreign, english) for one in spellings if foreign in one}
    others = sorted(spellings - {small}, key=lambda one: (abs(len(one) - len(small)), one))
    return next((one.capitalize() for one in [*others, *other_spellings(small)] if one.isascii() and is_held(one)), "")


_CASE = re.compile(r"(?<=...)(?:[ауеыюяи]|ом|ой|ым|ем|ей)$")
"""Endings that Russian gives to names."""

_ROMANCE = "ismo ism,ista ist,ico ic,ica ic,icos ics,oso ous,mente ly,ario ary,ano an,o e,o ,a ,a e"
_ENDINGS = {
    "de": "itat ity,ismus ism,isch ic,ische ic,ischen ic,ie y,iert ed,ieren e,e ,en ,k c",
    "es": "ciales tial,cial tial,ales al,ciones tions,cion tion,siones sions,sion sion,idad ity,dad ty,ancia ance,"
    f"encia ence,istas ists,{_ROMANCE},ia y,ar e,ar ate",
    "fr": "tielles tial,tielle tial,tiel tial,elle al,ite ity,te ty,isme ism,iste ist,ique ic,iques ics,eux ous,eur or,"
    "aire ary,ement ly,ien ian,ie y,e ,es s,er ,er e,er ate,re er",
    "it": f"ziali tial,ziale tial,ali al,ale al,zioni tions,zione tion,sioni sions,sione sion,ita ity,ta ty,anza ance,"
    f"enza ence,{_ROMANCE},ia y",
    "pt": f"ciais tial,cial tial,ais al,coes tions,cao tion,soes sions,sao sion,idade ity,dade ty,ancia ance,"
    f"encia ence,{_ROMANCE},ia y",
    "ru": "",
}
"""Endings of words that many languages share, and their English ones."""


def _pairs(row: str) -> list[tuple[str, str]]:
    return [(old, new) for old, _, new in (pair.partition(" ") for pair in row.split(",") if pair)]


def _cognates(word: str, language: str) -> Iterator[str]:
    """English words that a word without accents may be, likeliest first."""
    if len(word) >= 5:
        yield word
    for ending, english in _pairs(_ENDINGS[language]):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            yield word.removesuffix(ending) + english
