"""Finds menus and tickers: runs of short lines, any of which, but not all, could stand in an article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

_FEWEST = 3
_LONGEST = 25  # characters
_CURRENCY = re.compile(r"[a-z]{3} \d{1,6}[.,]\d{2,4}")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?: ?[ap]\.?m\.?)?")
_SECTIONS = frozenset(
    """news, latest news, live, world, uk, us, europe, asia, africa, americas, middle east, local, politics, business,
    economy, markets, money, tech, technology, science, health, climate, environment, sport, sports, culture, arts,
    entertainment, lifestyle, life, style, fashion, food, travel, opinion, weather, video, videos, photos, in pictures,
    podcasts, tv, radio, books, film, music, cars, jobs, shop, games, crosswords, education, magazine, obituaries,
    archive, facebook, twitter, x, instagram, youtube, linkedin, whatsapp, telegram, tiktok, email, print""".replace(
        "\n    ", " "
    ).split(", ")
)
# Every menu has one of these; the continents that an article lists have none.
_FURNITURE = frozenset(
    """home, menu, search, log in, login, sign in, sign up, register, subscribe, my account, newsletters, contact us,
    about us, privacy, privacy policy, terms of use, terms of service, cookie policy, help, faq, accessibility,
    advertise, sitemap, rss, share, tweet, share this, copy link, careers, skip to content, all sections""".replace(
        "\n    ", " "
    ).split(", ")
)


def find_menus(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First line and end (exclusive) of each menu or ticker."""
    start = 0
    for is_item, group in groupby(map(_fold, lines), _is_item):
        items = list(group)
        if is_item and len(items) >= _FEWEST and any(map(_is_telling, items)):
            yield start, start + len(items)
        start += len(items)


def _fold(line: str) -> str:
    return line.casefold().strip(" :|>›•") if len(line) <= _LONGEST else ""


def _is_item(folded: str) -> bool:
    return folded in _SECTIONS or _CLOCK.fullmatch(folded) is not None or _is_telling(folded)


def _is_telling(folded: str) -> bool:
    return folded in _FURNITURE or _CURRENCY.fullmatch(folded) is not None
