"""Finds "A and B" and "A, B or C" in a question, except where "and" is part of one name or event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from qa.language.names import country, find_names


class Listed(NamedTuple):
    """Things that a question lists: the span of the list, and each member as written."""

    start: int
    end: int
    members: tuple[str, ...]


_ONE_THING = frozenset(
    " ".join(
        """romeo and juliet; trinidad and tobago; bosnia and herzegovina; antigua and barbuda; saint kitts and nevis;
        st kitts and nevis; st. kitts and nevis; sao tome and principe; saint vincent and the grenadines; st
        vincent and the grenadines; turks and caicos; serbia and montenegro; newfoundland and labrador; tyne
        and wear; brighton and hove; procter and gamble; marks and spencer; ernst and young; harry and
        meghan; meghan and harry; bonnie and clyde; simon and garfunkel; tom and jerry; jack and jill; ben
        and jerry; dolce and gabbana; black and decker; smith and wesson; abercrombie and fitch; barnes and
        noble; dungeons and dragons; fast and furious; standard and poor; sense and sensibility; war and
        peace; pride and prejudice; crime and punishment; beauty and the beast; adam and eve; cain and abel;
        food and drug; law and order; ant and dec; hewlett and packard; price and waterhouse; time and tide;
        north and south; east and west; black and white; rock and roll; research and development; bed and
        breakfast; health and safety; arts and crafts; mergers and acquisitions; trial and error; supply and
        demand; salt and pepper; fish and chips; bread and butter; profit and loss; terms and conditions;
        oil and gas; search and rescue; hide and seek; science and technology; stocks and shares; men and
        women; women and children; husband and wife; mother and daughter; father and son; prince and
        princess; duke and duchess; king and queen; lord and lady; food and agriculture; alcohol and
        tobacco; lewis and clark; rodgers and hammerstein; laurel and hardy; starsky and hutch; thelma and
        louise; hansel and gretel; samson and delilah; david and goliath; antony and cleopatra; tristan and
        isolde; peter and paul; jekyll and hyde; hammer and sickle; crown and anchor""".split()
    ).split("; ")
)
# One event, border or match that two parties share. Its two parties are not two questions.
_SHARED = re.compile(
    r"""(?xi)\b(?: between | meetings? | talks | wars? | borders? | match(?:es)? | games? | deals? | agreements? |
    relations? | conflicts?
    | tensions? | summits? | treat(?:y|ies) | calls? | ceasefire | truce | peace | trade | fights? | marriage |
    merger | ties | disputes? | clash(?:es)?
    | battles? | union | alliance | partnership | cooperation | negotiations | series | final | feud | row |
    wedding | divorce | friendship | duel )
    (?:\s(?:between|of|with|by|among|against))?\s(?:the\s)?$"""
)
_AFTER_SHARED = re.compile(
    r"(?i)(?:'s)?\s(?:war|border|match|deal|agreement|relations|conflict|summit|treaty|ceasefire|dispute|clash|merger|wedding|marriage|talks"
    r"|department|committee|ministry|commission|act|bill|festival|university|council|museum|association|organi[sz]ation|society|show|movie|film)\b"
)
_JOIN = re.compile(r"(?i),\s(?:and|or)\s(?:the\s)?|\s(?:and|or|&)\s(?:the\s)?|,\s(?:the\s)?")


def listed_names(text: str, *, at_least: int = 2) -> list[Listed]:
    """Lists of names of like kind, such as "Kazakhstan, Russia and China"; no name with an "and" in it."""
    names = find_names(text)
    found = []
    at = 0
    while at < len(names):
        group = [names[at]]
        while at + 1 < len(names) and _JOIN.fullmatch(text[group[-1][1] : names[at + 1][0]]):
            at += 1
            group.append(names[at])
        at += 1
        if len(group) >= at_least and _is_list(text, group):
            found.append(Listed(_with_the(text, group[0][0]), group[-1][1], tuple(text[a:b] for a, b in group)))
    return found


def _is_list(text: str, group: Sequence[tuple[int, int]]) -> bool:
    start, end = group[0][0], group[-1][1]
    joins = text[group[-2][1] : group[-1][0]].lower()
    if " and" not in joins and " or" not in joins and "&" not in joins:
        return False
    if is_one_thing(text, start, end):
        return False
    return _are_alike([text[a:b] for a, b in group])


def is_one_thing(text: str, start: int, end: int) -> bool:
    """True if "A and B" there is the name of one thing, one event of two parties, or part of a title."""
    written = " ".join(text[start:end].lower().replace("&", "and").split())
    plain = written.removeprefix("the ")
    if plain in _ONE_THING or any(plain.endswith(" " + thing) or plain.startswith(thing + " ") for thing in _ONE_THING):
        return True
    first, _, second = plain.partition(" and ")
    if first == second:
        return True
    if _SHARED.search(text, max(0, start - 40), start) or _AFTER_SHARED.match(text, end):
        return True
    return _is_quoted(text, start, end)


def _is_quoted(text: str, start: int, end: int) -> bool:
    return text[:start].count('"') % 2 == 1 and '"' in text[end:]


def _are_alike(members: Sequence[str]) -> bool:
    """All countries or none; all acronyms of one kind are let through with other names."""
    countries = [country(member.lower()) is not None for member in members]
    if all(countries):
        return True
    # "The UK and EU" are alike, "Biden and China" are not: a person of one word beside a country is no list.
    return not any(countries) or all(
        is_country or len(member.split()) > 1 or member.isupper()
        for member, is_country in zip(members, countries, strict=True)
    )


def _with_the(text: str, start: int) -> int:
    return start - 4 if text[max(0, start - 4) : start].lower() == "the " else start


def each(text: str, listed: Listed) -> Iterator[str]:
    """The text with each member in place of the list."""
    for member in listed.members:
        the = "the " if text[listed.start : listed.start + 4].lower() == "the " and " " not in member[:4] else ""
        yield text[: listed.start] + the + member + text[listed.end :]
