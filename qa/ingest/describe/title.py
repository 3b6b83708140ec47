"""Finds the title of an article: what it came with, its headline, else the beginning of its first sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from qa.ingest.describe.dateline import read_dateline
from qa.language.days import read_day
from qa.language.text import sentence_spans, words

_LONGEST_HEADLINE = 160
_LONGEST_FIELD = 300  # characters of a title that comes with the article; more is the text itself in the wrong place
_LONGEST_BYLINE = 100
_TOP = 4000  # characters in which the title is looked for
_TOP_LINES = 6
_HEADING = re.compile(r"#{1,6}\s+(.+)")
_SUFFIX = re.compile(r"(?P<title>.+?)\s+(?:[|–—»-]|::)\s+(?P<outlet>[^|]+)")
_FURNITURE = re.compile(
    r"""(?: (?: written \s | reported \s )? by | from ) \s [^.]{3,60}
      | (?: .{0,40} \b )? (?: contributors? | correspondents? | columnists? | reporters? | staff | associated\spress )
      | (?: last\s | first\s | originally\s )? (?: published | posted | updated ) \b .{0,60}
      | (?: photos? | videos? | images? | pictures? | file\sphoto | watch | listen ) \s? [:/] .*
      | .* \( [^()]* (?: photo | getty | reuters | afp | \bap\b ) [^()]* \) \.?          # the credit of a picture
      | (?: listen\sto\s(?:this\s)?article | story\shighlights | editor'?s'?\snote ) \b .*
      | \d+ \s \w+ \s ago
      | [\d\s:.apm-]+                                                                      # a clock
      | \w+                                                                                # "Politics"
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NAME = r"[^\W\d_a-z][\w.'-]+(?:\s[^\W\d_a-z][\w.'-]*){1,3}"
_NAMES = re.compile(rf"{_NAME}(?:(?:,|,?\sand)\s{_NAME})*")


class Title(NamedTuple):
    """A title, and whether nobody gave it."""

    text: str
    is_made: bool = False


def find_title(given: str | None, text: str, outlet: str | None = None, authors: Sequence[str] = ()) -> Title:
    """The title that was given, without the outlet's name after it; else the headline; else the first sentence."""
    if given:
        return Title(_without_outlet(_shortened(given, _LONGEST_FIELD), outlet))
    paragraphs = text[:_TOP].split("\n\n")
    start = _first_of_the_article(paragraphs, outlet, authors)
    first = paragraphs[start]
    if heading := _HEADING.fullmatch(first):
        return Title(heading[1])
    if start + 1 < len(paragraphs) and _is_headline(first):
        return Title(first)
    return Title(_first_sentence(paragraphs[start:]), is_made=True)


def _without_outlet(title: str, outlet: str | None) -> str:
    """The title before "| The Herald", where that is the outlet's name or the first part of its host."""
    match = _SUFFIX.fullmatch(title)
    names = {_bare(outlet), _bare(outlet.split(".")[0])} if outlet else set()
    return match["title"] if match and _bare(match["outlet"]) in names else title


def _bare(name: str | None) -> str:
    return "".join(filter(str.isalnum, (name or "").casefold())).removeprefix("the")


def _first_of_the_article(paragraphs: Sequence[str], outlet: str | None, authors: Sequence[str]) -> int:
    """The number of the first line at the top that is not there for the page; 0 where all are."""
    for n, (line, below) in enumerate(pairwise([*paragraphs[:_TOP_LINES], ""])):
        # "Ines Falk and Jo Lund" above "THE HERALD"
        is_byline = _NAMES.fullmatch(line) and 0 < len(below.split()) <= 3
        if not is_byline and not _is_furniture(line, outlet, authors):
            return n
    return 0


def _is_furniture(line: str, outlet: str | None, authors: Sequence[str]) -> bool:
    """Whether a line at the top is there for the page: a date, a byline, a section, a credit, a lone dateline."""
    if _FURNITURE.fullmatch(line) or _bare(line) in ("", _bare(outlet)):
        return True
    if len(line) <= _LONGEST_BYLINE and any(author in line for author in authors):
        return True
    if len(line.split()) <= 6 and read_day(line):
        return True
    dateline = read_dateline(line + " ")
    return dateline is not None and dateline.end >= len(line)


def _is_headline(line: str) -> bool:
    return (
        len(line) <= _LONGEST_HEADLINE
        and line.rstrip("\"'")[-1:] not in ".:;,-–—"
        and not line[0].islower()
        and not read_dateline(line)
        and len(sentence_spans(line)) == 1
    )


def _first_sentence(paragraphs: Sequence[str]) -> str:
    """The first sentence that is more than a label, without the dateline before it."""
    sentences = (sentence for paragraph in paragraphs for sentence in _sentences(paragraph))
    first = next((sentence for sentence in sentences if len(words(sentence)) > 4), None)
    return _shortened(first or " ".join(" ".join(paragraphs).split()), _LONGEST_HEADLINE)


def _sentences(paragraph: str) -> list[str]:
    dateline = read_dateline(paragraph)
    body = paragraph[dateline.end :] if dateline else paragraph
    return [body[start:end] for start, end in sentence_spans(body)]


def _shortened(line: str, longest: int) -> str:
    return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0].rstrip(",;:–— ") + "…"
