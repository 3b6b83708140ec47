"""Other spellings of a name: transliterations, Cyrillic for Latin and Latin for Cyrillic."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from qa.language.analyzer import folded, stem_of

# Names that news spells in two ways, beyond the endings and letters below.
_SAME = [
    frozenset(row.split())
    for row in """kyiv kiev
    kharkiv kharkov
    odesa odessa
    lviv lvov
    dnipro dnepr
    chernobyl chornobyl
    mykolaiv nikolaev nikolayev
    luhansk lugansk
    zaporizhzhia zaporizhia zaporozhye zaporizhzhya
    donbas donbass
    belarus byelorussia belorussia
    kyrgyzstan kirghizstan kirgizstan
    kazakhstan kazakstan
    moldova moldavia
    turkey turkiye
    beijing peking
    mumbai bombay
    kolkata calcutta
    chennai madras
    myanmar burma
    yangon rangoon
    eswatini swaziland
    gaddafi qaddafi gadhafi qadhafi kadafi kadhafi khadafy gadafi qadafi
    mohammed muhammad mohamed mohammad muhammed mohamad mohamud muhamad mehmed mahomet
    ahmed ahmad ahmet
    hussein husain hussain husayn husein
    yousef yusuf youssef yusef yousuf yousaf
    abdullah abdallah abdulla
    osama usama
    quran koran
    hezbollah hizbollah hizbullah hizballah
    houthi huthi
    houthis huthis
    mujahideen mujahedeen mujahidin
    sheikh shaikh sheik
    tsar czar
    tchaikovsky chaikovsky
    sergei sergey serhiy serhii sergiy
    alexei alexey aleksei aleksey oleksiy oleksii
    andrei andrey andriy andrii
    alexander aleksandr alexandr oleksandr aliaksandr aleksander alyaksandr
    dmitry dmitri dmitriy dmitrii dmytro
    yuri yury yuriy yurii iurii
    maria mariya mariia
    nikolai nikolay
    mikhail mikhael mykhailo
    volodymyr vladimir wladimir
    viktor victor
    zelensky zelenskyy zelenskiy zelenskyi zelenski selenskyj zelenskii""".splitlines()
]
_OTHERS = {name: row - {name} for row in _SAME for name in row}

# Endings of one name in several transliterations.
_NAME_ENDINGS = [
    ["sky", "skyy", "skiy", "skyi", "ski", "skii", "skij"],
    ["skaya", "skaia", "skaja", "ska"],
    ["enko", "enka"],
    ["ov", "off", "ow"],
    ["ev", "eff", "yev", "iev"],
    ["ova", "owa"],
    ["ovich", "ovych", "ovic", "owicz"],
    ["evich", "evych", "yevich"],
    ["chuk", "czuk"],
]
_ENDINGS = [
    *_NAME_ENDINGS,
    ["ia", "iya", "ya", "iia"],
    ["ei", "ey"],
    ["ai", "ay"],
    ["iy", "yi", "ii", "yy", "y", "i"],
]
_LEAST = 5


def other_spellings(name: str, *, is_name: bool = True) -> list[str]:
    """Other spellings of a lower-case name, likeliest first; some of them nobody uses.

    If the word may be no name, only spellings whose endings hardly any other word has.
    """
    word = folded(name)
    return list(dict.fromkeys(other for other in _all(word, is_name) if other != word))


def _all(word: str, is_name: bool) -> Iterator[str]:
    yield from sorted(_OTHERS.get(word, ()))
    if not is_name:
        yield from _ended(word, _NAME_ENDINGS)
    elif word.isascii():
        yield from _ended(word)
        yield from _in_cyrillic(word)
    elif "\u0400" <= word[0] <= "\u052f":
        yield from _in_latin(word)


def _ended(word: str, among: list[list[str]] = _ENDINGS) -> Iterator[str]:
    for endings in among:
        own = max((ending for ending in endings if word.endswith(ending)), key=len, default="")
        if own and len(word) >= max(_LEAST, len(own) + 2):
            yield from (word.removesuffix(own) + ending for ending in endings if ending != own)


# --- Cyrillic and Latin ----------------------------------------------------------------------------------------------

_TO_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "і": "i", "ї": "i", "є": "ye", "ґ": "g", "ў": "u",
}  # fmt: skip
# The longest first.
_TO_CYRILLIC = {
    "shch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "ya": "я", "yo": "е", "ye": "е",
    "ia": "ия", "iu": "ю", "ph": "ф", "ck": "к", "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г",
    "h": "х", "i": "и", "j": "дж", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р",
    "s": "с", "t": "т", "u": "у", "v": "в", "w": "в", "x": "кс", "y": "и", "z": "з",
}  # fmt: skip
_CYRILLIC_ENDINGS = [("skyy", "ский"), ("skiy", "ский"), ("skyi", "ский"), ("sky", "ский"), ("ski", "ский")]
_CYRILLIC_ENDINGS += [("ey", "ей"), ("ei", "ей"), ("ay", "ай"), ("ai", "ай"), ("iy", "ий"), ("oy", "ой"), ("y", "ий")]
_LATIN_ENDINGS = ["", "o", "a", "y", "iy", "yy", "i", "ay", "ey", "oy", "e"]


def _in_latin(word: str) -> Iterator[str]:
    """Transliterations of a Russian name, its nominative among them."""
    stem = stem_of(word, "ru")
    for cyrillic in dict.fromkeys((word, stem)):
        latin = "".join(_TO_LATIN.get(letter, letter) for letter in cyrillic)
        for one in dict.fromkeys((latin, latin.replace("ks", "x"), latin.replace("kh", "h"))):
            yield from (one + ending for ending in (_LATIN_ENDINGS if cyrillic == stem else [""]))
            yield from _ended(one)


@lru_cache(maxsize=2_000)
def _in_cyrillic(word: str) -> tuple[str, ...]:
    """The stems that a Latin name has in Russian texts."""
    body, end = next(
        ((word.removesuffix(latin), end) for latin, end in _CYRILLIC_ENDINGS if word.endswith(latin)), (word, "")
    )
    letters, place = "", 0
    while place < len(body):
        size = next(size for size in (4, 2, 1, 0) if size == 0 or body[place : place + size] in _TO_CYRILLIC)
        letters += _TO_CYRILLIC[body[place : place + size]] if size else body[place]
        place += size or 1
    if not letters.strip():
        return ()
    first = "э" + letters[1:] if letters[0] == "е" else letters
    return tuple(dict.fromkeys(stem_of(one + end, "ru") for one in (letters, first, letters.replace("х", "г"))))
