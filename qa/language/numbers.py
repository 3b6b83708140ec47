"""Numbers, percentages and sums of money in a text, in digits or words, and whether two wordings agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from qa.language.lexicon import BIG_NUMBERS, COUNTS, ORDINALS, SCALES, TENS, UNITS, any_of


class Quantity(NamedTuple):
    """A number with its unit and bound."""

    amount: float
    unit: str = ""
    """ "%" or "points", a currency such as "usd", "th" for an ordinal, "s" for "thousands" and "1990s", or nothing."""
    bound: str = ""
    """"about", "over" or "under", as the words before the number say."""

    @property
    def kind(self) -> Literal["number", "percent", "money"]:
        """What it counts."""
        return "percent" if self.unit in ("%", "points") else "number" if self.unit in ("", "th", "s") else "money"


Found = tuple[int, int, Quantity]
"""Start and end of a number in its text, and its value."""

_CURRENCIES = {
    name: code
    for code, names in {
        "usd": "$ us$ usd dollar", "eur": "€ eur euro", "gbp": "£ gbp pound", "jpy": "¥ yen", "cny": "yuan renminbi",
        "rub": "₽ rub rouble ruble", "kzt": "₸ tenge", "kgs": "som", "inr": "₹ rupee", "krw": "₩ won",
        "uah": "₴ hryvnia", "chf": "chf franc", "sek": "krona", "peso": "peso", "ils": "shekel", "try": "lira",
        "pln": "zloty", "zar": "rand", "cent": "cent", "penny": "penny pence", "aud": "a$", "cad": "c$",
        "hkd": "hk$", "nzd": "nz$", "sgd": "s$", "brl": "r$",
    }.items()
    for name in names.split()
}  # fmt: skip


_BIG = any_of(BIG_NUMBERS)
_POWERS = any_of(BIG_NUMBERS.keys() - {"hundred", "dozen"})
_SMALL = rf"(?:{any_of(TENS)}(?:[- ]{any_of(list(UNITS)[1:10])})?|{any_of(UNITS)})\b"
_SPELLED = (
    rf"(?:{_SMALL}|\ban?(?=[- ]{_BIG}\b))"
    rf"(?:[- ]hundred\b(?:(?: and)? {_SMALL})?)?"
)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d{1,3}(?: \d{3})+(?![\d,])(?:\.\d+)?|\d+(?:[.,]\d+)*"
_SCALE = (
    rf"[- ]?{_BIG}\b(?:[- ]{_POWERS}\b)?"
    r"|\s?(?:mln|mio|mld|mn|bn|bln|tn|trn)\b|[kmb](?![\w'])"
)
_PERCENT = r"\s?%|[- ]?per ?cent(?:age points?)?\b|\s?pct\b|\s?pc\b|[- ]percentage[- ]points?\b"
_COIN = (
    r"(?:[- ](?:us|u\.s\.|american|canadian|australian|hong kong|british|russian))?"
    rf"[- ]{any_of(name for name in _CURRENCIES if name.isalpha())}s?\b|\s?[€£₽₸₴]"
)
_AMOUNT = re.compile(
    r"(?<![\w.,$€£])(?<!(?-i:[A-Z])-)(?P<sign>(?<![^\s(])[-−](?=[\d$€£]))?"
    r"(?P<symbol>(?:us|a|c|hk|nz|s|r)?\$\s?|[€£¥₽₸₹₩₴]\s?|\b(?:usd|eur|gbp|chf|rub)\s)?"
    rf"(?:(?P<digits>{_DIGITS})(?P<nth>(?:st|nd|rd|th)\b)?|\b(?P<spelled>{_SPELLED}))"
    rf"(?:(?P<many>'?s\b)|(?P<scale>{_SCALE}))?"
    rf"(?:(?P<percent>{_PERCENT})|(?P<coin>{_COIN}))?"
    r"(?![^\W\d_])",
    re.IGNORECASE,
)
_ORDINAL = re.compile(rf"\b(?:(?P<tens>{any_of(TENS)})[- ])?(?P<ordinal>{any_of(ORDINALS)})s?\b", re.IGNORECASE)
_MANY = re.compile(rf"\b(?P<scale>{_BIG})s\b", re.IGNORECASE)
_BOUND = re.compile(
    r"\b(?:(?P<about>about|around|roughly|approximately|some|circa|estimated|close to)"
    r"|(?P<over>more than|over|above|at least|upwards of|exceeding|greater than|no fewer than|no less than)"
    r"|(?P<under>nearly|almost|less than|fewer than|under|below|up to|at most|as many as|as much as|just short of"
    r"|no more than))\s(?:an?\s|the\s)?$",
    re.IGNORECASE,
)


def find_numbers(text: str) -> list[Found]:
    """Every number of the text with its unit. Ordinals count; a year is a number like any other."""
    ordinals = list(_ordinals(text))
    amounts = [found for match in _AMOUNT.finditer(text) if (found := _amount(text, match))]
    for at in range(len(amounts) - 1):
        if _is_range(text, *amounts[at : at + 2]):
            amounts[at : at + 2] = _ends(text, *amounts[at : at + 2])
    return ordinals + amounts


def _ordinals(text: str) -> Iterator[Found]:
    for match in _ORDINAL.finditer(text):
        value = ORDINALS[match["ordinal"].lower()] + TENS.get((match["tens"] or "").lower(), 0)
        # "First, ..." orders an answer; "30-second" is a unit of time.
        timed = re.search(r"[\d-]-?\s?$", text[max(0, match.start() - 3) : match.start()])
        if not timed and text[match.end() : match.end() + 1] != ",":
            yield match.start(), match.end(), Quantity(value, "th")
    for match in _MANY.finditer(text):
        yield match.start(), match.end(), Quantity(SCALES[match["scale"].lower()], "s")


def _amount(text: str, match: re.Match[str]) -> Found | None:
    spelled, digits = match["spelled"], match["digits"]
    plain = not (match["scale"] or match["percent"] or match["coin"] or match["symbol"])
    if spelled and plain and (spelled.lower() in ("a", "an") or spelled.lower() == "one" and _is_pronoun(text, match)):
        return None
    number = _digits_value(digits) if digits else _spelled_value(spelled)
    for scale in re.findall(r"[a-z]+", (match["scale"] or "").lower()):
        number *= SCALES[scale]
    return match.start(), match.end(), Quantity(_rounded(-number if match["sign"] else number), *_unit(text, match))


# "one of them", "no one", "this one": a pronoun, not a count.
_PRONOUN_AFTER = re.compile(r"\s(?:of|another|who|day|thing)\b|'s\b")
_PRONOUN_BEFORE = re.compile(r"\b(?:no|any|every|the|this|that|each|which|another|some)[ -]$", re.IGNORECASE)


def _is_pronoun(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 8) : match.start()]
    return bool(_PRONOUN_AFTER.match(text, match.end()) or _PRONOUN_BEFORE.search(before))


def _unit(text: str, match: re.Match[str]) -> tuple[str, str]:
    """The unit and the bound of the number at `match`."""
    before = _BOUND.search(text[max(0, match.start() - 24) : match.start()])
    bound = before.lastgroup or "" if before else ""
    if match["percent"]:
        return ("points" if "point" in match["percent"].lower() else "%"), bound
    if coin := (match["symbol"] or match["coin"] or "").lower().strip(" -"):
        name = coin.split()[-1].split("-")[-1]
        return _CURRENCIES.get(name) or _CURRENCIES.get(name.removesuffix("s"), name), bound
    return ("th" if match["nth"] else "s" if match["many"] else ""), bound


def _digits_value(digits: str) -> float:
    """The value of grouped, decimal or dotted digits (a version, an address)."""
    if re.fullmatch(r"\d{1,3}(?:[ ,]\d{3})+(?:\.\d+)?", digits):
        return float(digits.replace(",", "").replace(" ", ""))
    if re.fullmatch(r"\d+(?:[.,]\d+)?", digits):
        return float(digits.replace(",", "."))
    return float(re.sub(r"\D", "", digits))


def _spelled_value(spelled: str) -> float:
    total = 0.0
    for word in re.findall(r"[a-z]+", spelled.lower()):
        if word == "hundred":
            total *= 100
        elif word != "and":
            total += COUNTS.get(word) or (1 if word in ("a", "an") else 0)
    return total


def _rounded(number: float) -> float:
    """The number without the binary dust of 1.13 * 1e9, so that equal numbers are equal."""
    return float(f"{number:.12g}")


_TO = re.compile(r"\s?[-–—]\s?|\sto\s")
_AND = re.compile(r"\s(?:and|or)\s")
_BETWEEN = re.compile(r"\b(?:between|from)\s$", re.IGNORECASE)


def _is_range(text: str, low: Found, high: Found) -> bool:
    """Whether the two numbers are the ends of a range; unit and scale may stand at one end only."""
    if not 0 < high[0] - low[1] <= len(" and "):
        return False
    gap, before = text[low[1] : high[0]], text[max(0, low[0] - len("between ") - 1) : low[0]]
    return bool(_TO.fullmatch(gap) or (_AND.fullmatch(gap) and _BETWEEN.search(before)))


def _ends(text: str, low: Found, high: Found) -> tuple[Found, Found]:
    """Both ends of a range with the unit and scale that either has: "5-10 million", "$1-2bn", "12 to 15%"."""
    a, b = low[2], high[2]
    scaled = re.search(r"[a-z]", text[high[0] : high[1]], re.IGNORECASE)
    scale = next((scale for scale in (1e12, 1e9, 1e6, 1e3) if scaled and b.amount >= scale), 1.0)
    amount = _rounded(a.amount * scale) if a.amount < 1000 and a.amount * scale <= b.amount else a.amount
    unit = a.unit or b.unit
    return (*low[:2], Quantity(amount, unit, a.bound)), (*high[:2], Quantity(b.amount, b.unit or unit, b.bound))


ROUNDING = 0.05
"""How far "about 300" may lie from the exact number, as a share."""
BOUND = 0.15
"""How far "more than 300" or "nearly 300" may lie from it: "more than 300" would be a strange way to write 500."""


def same_quantity(claimed: Quantity, stated: Quantity, about: bool = False) -> bool:
    """Whether the claimed number is the stated one; "about", "over" and "under" leave room, and so does `about`."""
    a, b = claimed.amount, stated.amount
    if claimed.unit != stated.unit or {claimed.bound, stated.bound} == {"over", "under"}:
        return False
    if a == b or (claimed.bound and stated.bound):
        return a == b
    if claimed.bound == "over":
        return a < b <= a * (1 + BOUND)
    if claimed.bound == "under":
        return a * (1 - BOUND) <= b < a
    return (about or claimed.bound == "about") and abs(a - b) <= ROUNDING * max(abs(a), abs(b))
