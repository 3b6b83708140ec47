"""Names in a text: where they stand, their words, and whether two are forms of one name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from qa.language.lexicon import CALENDAR, COURTESIES, RELATIVE_DAYS, SAID, SHORT_TITLES, UNITS, any_of
from qa.language.text import NAME_WORD, REMEMBERED, STOPWORDS, sentence_spans, stem

PARTICLES = frozenset("de da do dos das del della der den di du van von la le bin ibn ben al el ul ter ten".split())
_TITLES = frozenset(
    """miss professor president prime minister chancellor king queen prince princess senator representative
    congressman congresswoman governor mayor general colonel lieutenant captain sergeant major admiral chief director
    chairman chairwoman chairperson chair ceo secretary secretary-general deputy judge justice attorney ambassador
    pope cardinal bishop archbishop reverend father ex-president spokesman spokeswoman spokesperson officer detective
    sheriff coach premier speaker commissioner envoy sheikh emir sultan emperor""".split()
).union(COURTESIES, SHORT_TITLES)
# Part of a title if one follows, else of the name: Foreign Minister, but Foreign Ministry.
_BEFORE_TITLES = frozenset(
    """vice prime former foreign defense defence interior finance press executive acting deputy attorney chief energy
        health trade education justice economy first""".split()
)
_OFFICES = re.compile(
    r"\b(?:Secretar(?:y|ies) of (?:State|Defense|the \w+)|Heads? of (?:State|Government)|Chief of Staff)\b"
)
# Words that open a sentence, a quotation or a list item with a capital letter, and are hardly ever names.
ORDINARY = STOPWORDS | frozenset(
    """however although though meanwhile nevertheless nonetheless moreover furthermore therefore thus hence instead
    besides
    despite yet still even ever never always often sometimes perhaps maybe indeed rather since unless whether whereas
    within without among amid across along around behind beside beyond inside outside toward towards via per plus like
    unlike including regarding concerning following another everyone everything someone something anyone anything none
    nobody nothing dozens hundreds thousands millions many much several various certain others first second third last
    next later earlier recently soon already almost nearly roughly approximately overall generally yes please thanks
    hello hi ok okay well let get see make take give ask officials police authorities experts critics supporters
    investigators prosecutors residents people voters lawmakers leaders researchers scientists analysts companies
    students workers women men children families protesters members part parts half least less either neither new old
    good bad big small high low long short early late local national federal international global public private
    political economic back away far near asked added speaking citing based given due""".split()
).union(RELATIVE_DAYS, list(UNITS)[1:13])
NO_NAMES = CALENDAR | {"am", "pm"}
# What people and organisations do: a single word before one of these is a name.
_ACTS = re.compile(
    rf"(?:,[^,.]{{1,60}},)?\s(?:{any_of(SAID)}|met|visited|signed|won|beat|resigned|became|urged|called|apologi[sz]ed"
    r"|has|is|was|will)\b"
)


def find_names(text: str, known: Collection[str] = ()) -> list[tuple[int, int]]:
    """Start and end of each capitalised name, acronym, and word of letters and digits such as G20.

    Particles and initials belong to a name, titles and a possessive 's do not. The first word of a sentence is a name
    by itself only when it is in `known` (lower-case words), capitalised elsewhere in the text, a country, an acronym,
    or does what people do.
    """
    first = first_words(text)
    offices = [match.span() for match in _OFFICES.finditer(text)]
    tokens = list(NAME_WORD.finditer(text))
    inner = {bare_word(token[0]) for token in tokens if token[0][0].isupper() and token.start() not in first}
    spans = []
    for run in _runs(text, tokens):
        for piece in _without_titles([t for t in run if not any(a <= t.start() < b for a, b in offices)]):
            if name := _trimmed(piece):
                word = bare_word(name[0][0])
                lone = len(name) == 1 and name[0].start() in first
                if not lone or word in inner or word in known or _always_a_name(text, name[0]):
                    spans.append(_span(text, name))
    return spans


def first_words(text: str) -> set[int]:
    """Offsets where a capital marks no name: the start of a sentence, or after a quotation mark, bullet or colon."""
    starts = {found.start() for a, b in sentence_spans(text) if (found := _LETTER.search(text, a, b))}
    return starts | {mark.end() for mark in _OPENING.finditer(text)}


_LETTER = re.compile(r"\w")
_OPENING = re.compile(r"""(?<![^\s(\[:—–-])["'“‘«(\[*•–—-]{1,3}\s?(?=\w)|:\s(?=\w)""")


def _runs(text: str, tokens: Sequence[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Runs of neighbouring capitalised words, with the particles between them."""
    run: list[re.Match[str]] = []
    particles: list[re.Match[str]] = []
    for token in tokens:
        if run and not _joined(text, (particles or run)[-1], token):
            yield run
            run, particles = [], []
        if _capital(token[0]) and bare_word(token[0]) not in NO_NAMES:
            run += [*particles, token]
            particles = []
        elif run and token[0] in PARTICLES:
            particles.append(token)
        elif run:
            yield run
            run, particles = [], []
    if run:
        yield run


def _joined(text: str, before: re.Match[str], token: re.Match[str]) -> bool:
    """Whether only a space or hyphen separates the two, and any full stop is that of an initial, acronym or title."""
    if text[before.end() : token.start()] not in (" ", "-"):
        return False
    word = before[0]
    return (
        not word.endswith(".")
        or len(word) == 2
        or word.count(".") > 1
        or bare_word(word) in _TITLES
        or word in ("St.", "Jr.")
    )


@lru_cache(maxsize=REMEMBERED)
def _capital(token: str) -> bool:
    return (
        token[0].isupper()
        or any(c.isupper() for c in token)
        or (token[0].isdigit() and _MODEL.fullmatch(token) is not None)
    )


# A word of digits and letters that counts nothing: 5G and 737-MAX, but not 5m, 51st, 10am, 30-year-old.
_MODEL = re.compile(
    r"(?!\d+(?:st|nd|rd|th|s|k|m|bn|b|mln|mn|bln|tn|am|pm|pc|km|kg|cm|mm|ft|mph|h)\.?$)\d{1,6}[^\W\d_]{1,6}\d{0,6}",
    re.I,
)


@lru_cache(maxsize=REMEMBERED)
def bare_word(token: str) -> str:
    """The word in lower case, without its possessive 's, the full stop at its end and the dots of an acronym."""
    word = token.replace("’", "'").lower()
    word = word.replace(".", "") if "." in word[:-1] else word.rstrip(".")
    return word.removesuffix("'s").removesuffix("'")


def _without_titles(run: Sequence[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """The run cut at its titles: "Russian Foreign Minister Sergei Lavrov" names "Russian" and "Sergei Lavrov"."""
    piece: list[re.Match[str]] = []
    for token in run:
        if not is_title(bare_word(token[0])):
            piece.append(token)
            continue
        while piece and bare_word(piece[-1][0]) in _BEFORE_TITLES:
            piece.pop()
        yield piece
        piece = []
    yield piece


def is_title(word: str) -> bool:
    """Whether a lower-case word says what somebody is: senator, ministers, Mr."""
    return word in _TITLES or word.removesuffix("s") in _TITLES


def _trimmed(piece: Sequence[re.Match[str]]) -> Sequence[re.Match[str]]:
    """The piece without ordinary words at its beginning and function words at its end."""
    start, end = 0, len(piece)
    while start < end and _says_nothing(piece[start][0], ORDINARY):
        start += 1
    while start < end and _says_nothing(piece[end - 1][0], STOPWORDS):
        end -= 1
    return piece[start:end]


def _says_nothing(token: str, ordinary: Collection[str]) -> bool:
    word = bare_word(token)
    return (
        word in ordinary or word in PARTICLES or "'" in word and word.split("'")[0] in STOPWORDS
    ) and not _is_acronym(token)


def _always_a_name(text: str, token: re.Match[str]) -> bool:
    word = bare_word(token[0])
    if _is_acronym(token[0]) or word in _COUNTRY_OF:
        return True
    return (
        len(word) > 2
        and not word.endswith(("s", "ly", "ing", "ion", "ment", "ity"))
        and bool(_ACTS.match(text, token.end()))
    )


def _is_acronym(token: str) -> bool:
    """Whether the token has a second capital letter or a digit: NATO, U.N., McConnell, G20."""
    letters = token.replace(".", "")
    return len(letters) > 1 and any(c.isupper() or c.isdigit() for c in letters[1:])


def _span(text: str, name: Sequence[re.Match[str]]) -> tuple[int, int]:
    start, end = name[0].start(), name[-1].end()
    last = name[-1][0]
    if last.endswith(".") and last.count(".") == 1 and len(last) > 2:
        end -= 1
    if text[start:end].endswith(("'s", "’s", "'S", "’S")):
        end -= 2
    return start, end


# Country, people and language are one name: Kyrgyz officials speak for Kyrgyzstan.
_COUNTRY_OF = {
    word: line.split()[0]
    for line in """us usa america american americans; uk britain british britons; russia russian russians; china
        chinese; france french; germany german germans; japan japanese; india indian indians; spain spanish;
        italy italian italians; canada canadian canadians; australia australian australians; ukraine ukrainian
        ukrainians; belarus belarusian belarusians; kazakhstan kazakh kazakhs kazakhstani; kyrgyzstan kyrgyz
        kirghiz kyrgyzstani; uzbekistan uzbek uzbeks; tajikistan tajik tajiks; turkmenistan turkmen turkmens;
        armenia armenian armenians; azerbaijan azerbaijani azeri azerbaijanis; georgia georgian georgians;
        moldova moldovan moldovans; poland polish poles; lithuania lithuanian; latvia latvian; estonia
        estonian; israel israeli israelis; palestine palestinian palestinians; iran iranian iranians; iraq
        iraqi iraqis; syria syrian syrians; turkey turkish turks türkiye; egypt egyptian; saudi saudis; yemen
        yemeni; lebanon lebanese; jordan jordanian; afghanistan afghan afghans; pakistan pakistani pakistanis;
        bangladesh bangladeshi; myanmar burma burmese; thailand thai; vietnam vietnamese; philippines filipino
        philippine; indonesia indonesian; malaysia malaysian; korea korean koreans; taiwan taiwanese; mexico
        mexican mexicans; brazil brazilian; argentina argentine argentinian; chile chilean; peru peruvian;
        colombia colombian; venezuela venezuelan; cuba cuban cubans; netherlands dutch holland; belgium
        belgian; switzerland swiss; austria austrian; greece greek greeks; portugal portuguese; ireland irish;
        scotland scottish scots; wales welsh; england english; denmark danish danes; sweden swedish swedes;
        norway norwegian; finland finnish finns; hungary hungarian; czechia czech; slovakia slovak; romania
        romanian; bulgaria bulgarian; serbia serbian serb serbs; croatia croatian; nigeria nigerian; kenya
        kenyan; ethiopia ethiopian; sudan sudanese; libya libyan; algeria algerian; morocco moroccan; tunisia
        tunisian; somalia somali; europe european europeans; africa african; asia asian""".split(";")
    for word in line.split()
}
_ALIASES = {
    "united states of america": "us",
    "united states": "us",
    "united kingdom": "uk",
    "great britain": "uk",
    "european union": "eu",
    "united nations": "un",
}


def country(word: str) -> str | None:
    """The country of a lower-case name of a country, its people or its language; None for any other word."""
    return _COUNTRY_OF.get(word)


@lru_cache(maxsize=REMEMBERED)
def name_words(name: str) -> tuple[str, ...]:
    """Lower-case stems of a name, without titles, particles and possessives; a people becomes its country."""
    bare = [bare_word(token[0]) for token in NAME_WORD.finditer(name)]
    if alias := _ALIASES.get(" ".join(bare)):
        return (alias,)
    parts = [part for word in bare for part in word.split("-") if part]
    kept = [word for word in parts if word not in PARTICLES and not is_title(word)] or parts
    return tuple(_COUNTRY_OF.get(word) or (stem(word) if len(word) > 4 else word) for word in kept)


def name_matches(name: str, other: str) -> bool:
    """Whether `name` is a form of `other`: some or all of its words in order, with initials for any of them."""
    mine, theirs = name_words(name), name_words(other)
    if not mine or not theirs:
        return False
    if len(mine) == 1 and len(theirs) > 1 and mine[0] == "".join(word[0] for word in theirs):
        return True
    rest = iter(theirs)
    return all(any(_same_word(word, candidate) for candidate in rest) for word in mine)


def _same_word(word: str, other: str) -> bool:
    return word == other or ((len(word) == 1 or len(other) == 1) and word[0] == other[0])


def text_words(text: str) -> list[str]:
    """Every word of a text in the form it has in a name, in order, for `named_in`."""
    return [word for token in NAME_WORD.finditer(text) if token[0] != "us" for word in _plain_words(token[0])]


@lru_cache(maxsize=REMEMBERED)
def _plain_words(token: str) -> tuple[str, ...]:
    parts = [part for part in bare_word(token).split("-") if part]
    return tuple(_COUNTRY_OF.get(word) or (stem(word) if len(word) > 4 else word) for word in parts)


# Words that may stand between two words of a name: Sergei (Nikolaevich) Lebedev.
_MAY_INTERVENE = 2


def named_in(name: str, written: Sequence[str]) -> bool:
    """Whether a text, given as its `text_words`, contains the words of `name` in order and close together."""
    wanted = name_words(name)
    phrases = [phrase.split() for phrase, alias in _ALIASES.items() if wanted == (alias,)]
    ways = [wanted, *([_plain_words(word)[0] for word in phrase] for phrase in phrases)]
    return any(_in_order(way, written) for way in ways if way)


def _in_order(wanted: Sequence[str], written: Sequence[str]) -> bool:
    for start, word in enumerate(written):
        if _same_word(wanted[0], word) if len(wanted) > 1 else word == wanted[0]:
            at = start
            for following in wanted[1:]:
                near = written[at + 1 : at + 2 + _MAY_INTERVENE]
                found = next((i for i, other in enumerate(near) if _same_word(following, other)), None)
                if found is None:
                    break
                at += 1 + found
            else:
                return True
    return False


_CONNECTORS = frozenset("of and the for on in de".split())


def initials(text: str) -> str:
    """First letters of neighbouring capitalised words: "CIS" for Commonwealth of Independent States; spaces between."""
    letters = []
    for token in NAME_WORD.finditer(text):
        if token[0][0].isupper():
            letters.append(token[0][0])
        elif token[0] not in _CONNECTORS:
            letters.append(" ")
    return "".join(letters)
