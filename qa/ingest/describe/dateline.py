"""Reads the dateline that a text begins with, as "MINSK, Oct 12 (Reuters) -": the place, the day, and where it ends."""

from __future__ import annotations

import re
from typing import NamedTuple

from qa.language.days import MONTH, month_number

_PARAGRAPHS = 5  # title, byline, outlet and stamp may stand above it

_NAME = r"(?:(?i:st|ft|mt)\.\s)?[^\W\d_][\w'-]*"
_REGION = r"[^\W\d_][\w.'-]*"  # Ore., N.H., South Korea
_DATE = rf"{MONTH}\s\d{{1,2}}(?:,?\s\d{{4}})?|\d{{1,2}}\s{MONTH}(?:,?\s\d{{4}})?(?:\s?г(?:ода\b|\.)?)?"
_DATELINE = re.compile(
    rf"""
    (?:(?P<place>{_NAME}(?:\s{_NAME}){{0,3}}?)
       (?:/{_NAME}(?:\s{_NAME}){{0,2}}?){{0,2}}                         # WASHINGTON/NEW YORK
       (?:,\s(?!{MONTH}\s\d){_REGION}(?:\s{_REGION}){{0,2}}?)?  # PORTLAND, Ore.
    )?
    (?:[.,]?\s(?P<date>{_DATE})[.,]?)?
    (?: [.,]?\s?\((?P<round>[^()\n]{{2,40}})\) | [.,]?\s?/(?P<slashed>[^/\n]{{2,30}})/
      | (?:(?<=[.,])|[.,])\s(?P<bare>[^\W\d_]{{3,15}}) | (?:\s|\A)(?P<known>(?:AFP|AP|CNN|Reuters)(?:\s[A-Z][a-z]+)?) )?
    (?P<end>[.,:]?\s?(?:[—–_]|--)(?:\s|\Z) | [.,:]?\s-(?:\s|\Z) | (?<=[)/])[.,:]?\s)
    """,
    re.VERBOSE,
)
_PARTS = [
    re.compile(rf"(?P<month>{MONTH})\s(?P<day>\d{{1,2}})(?:,?\s(?P<year>\d{{4}}))?"),
    re.compile(rf"(?P<day>\d{{1,2}})\s(?P<month>{MONTH})(?:,?\s(?P<year>\d{{4}}))?"),
]
# Brackets after a name hold many things; these make it the place that an agency reports from.
_AGENCIES = frozenset(
    """aa aap afp ani ap apa armenpress belga belta bloomberg bns cnn dpa efe ians ifx interfax irna itar-tass kazinform
    kuna kyodo lusa mena mti nina pap pti reuters ria rferl rns sana spa sputnik tanjug tass thomson trend ukrinform upi
    wafa xinhua yonhap апа белта интерфакс казинформ риа рбк тасс укринформ""".split()
)
# Words in capitals that stand before a dash and are no place.
_LABELS = frozenset(
    """advertisement alert analysis answer breaking bulletin close column commentary correction corrections editorial
    exclusive explained explainer fact file fox live message more nasa nato news note opinion photo photos poll question
    quiz read recap related report review special sponsored spoiler story survey today update updated updates urgent
    video warning watch видео срочно фото""".split()
)
_SMALL = frozenset("al and by da das de del der di do dos el en la las le les of on the upon на".split())


class Dateline(NamedTuple):
    """What a dateline says."""

    place: str | None
    """In normal case: "New York"; None for "(Reuters) -"."""
    month: int | None
    day: int | None
    year: int | None
    """Most datelines name none."""
    end: int
    """Where the paragraph goes on after it."""
    agency: str | None = None
    """Who reports from there, where it is an agency: "Reuters", "Kazinform"."""


def find_dateline(text: str) -> Dateline | None:
    """The dateline of one of the first paragraphs; None where there is none."""
    paragraphs = text[:3000].split("\n\n")[:_PARAGRAPHS]
    return next((found for paragraph in paragraphs if (found := read_dateline(paragraph))), None)


def read_dateline(paragraph: str) -> Dateline | None:
    """The dateline that a paragraph begins with; None where it begins with anything else."""
    match = _DATELINE.match(paragraph)
    if not match or not _is_dateline(match):
        return None
    month, day, year = _parts(match["date"])
    return Dateline(_in_normal_case(match["place"]), month, day, year, match.end(), _agency(match))


def _is_dateline(match: re.Match[str]) -> bool:
    """Whether capitals, an agency or a date show that the name before the dash is a place."""
    place, by = match["place"], _by(match)
    is_agency = _agency(match) is not None
    after = match.string[match.end() : match.end() + 1]
    if not re.search(r"[-—–_]", match["end"]) and (not is_agency or after.islower()):
        return False
    if not place:
        return is_agency
    names = place.split()
    if place.lower() in _AGENCIES or any(name.lower() in _LABELS for name in names):
        return False
    if any(name[0].islower() and name not in _SMALL for name in names):
        return False
    if is_agency or (by and match["date"]):
        return True
    return place.isupper() and len(place) > 3 and not after.islower()


def _by(match: re.Match[str]) -> str:
    return match["round"] or match["slashed"] or match["bare"] or match["known"] or ""


def _agency(match: re.Match[str]) -> str | None:
    name = re.split(r"[\s.,]", _by(match))[0]
    if name.lower() not in _AGENCIES or "photo" in _by(match).lower():  # the caption of a picture
        return None
    return name.capitalize() if name.isupper() and len(name) > _LONGEST_ACRONYM else name


_LONGEST_ACRONYM = 5  # TASS, RFERL; what is longer is a name in capitals: KAZINFORM


def _parts(date: str | None) -> tuple[int | None, int | None, int | None]:
    match = next((match for pattern in _PARTS if (match := pattern.match(date or ""))), None)
    if not match:
        return None, None, None
    return month_number(match["month"]), int(match["day"]), int(match["year"]) if match["year"] else None


def _in_normal_case(place: str | None) -> str | None:
    """As "New York" for NEW YORK; the first of "WASHINGTON and MILWAUKEE"."""
    if not place:
        return None
    names = place.split(" and ")[0].split()
    return " ".join(_capitalised(name, n > 0) if name.isupper() else name for n, name in enumerate(names))


def _capitalised(name: str, may_be_small: bool) -> str:
    if may_be_small and name.lower() in _SMALL:
        return name.lower()
    # Not str.title, which makes "Xi'An" of XI'AN.
    return "-".join(part.capitalize() for part in name.split("-"))
