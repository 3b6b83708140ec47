"""Takes the deliveries of press archives apart: many articles in one document, each with title, outlet and day.

Known are the layouts of Nexis, old and new, of Factiva and of ProQuest. What is of none of these stays one article.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qa.ingest.read.record import Record
from qa.language.days import find_days

_HEAD = 60
"""Lines above the text of an article, at most."""
_LONGEST_DAY = 60
"""Characters of a line that is there for the day."""


@dataclass(frozen=True, slots=True)
class _Article:
    """An article of a delivery."""

    title: str
    outlet: str
    day: str
    text: str
    authors: tuple[str, ...] = ()


def articles_in(record: Record) -> Iterator[Record]:
    """The articles of a delivery, each as a record of its own; any other record as it is."""
    found = next(filter(None, (_read(layout, record.text) for layout in _LAYOUTS)), [])
    if not found:
        yield record
        return
    seen: set[str] = set()
    for one in found:
        fields: dict[str, Any] = {"title": one.title, "outlet": one.outlet, "date": one.day}
        if one.authors:
            fields["authors"] = list(one.authors)
        key = f"{one.title} ({one.day})"
        if key in seen:
            key = hashlib.sha256(one.text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        seen.add(key)
        yield replace(record, text=one.text, fields=fields, dates=(), key=key)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How an archive lays its documents out."""

    between: re.Pattern[str]
    """What stands between two articles, or after each."""
    read: Callable[[Sequence[str]], _Article | None]
    """An article from its lines; None for lines that are none, such as a list of contents."""


def _read(layout: _Layout, text: str) -> list[_Article]:
    if not layout.between.search(text):
        return []
    pieces = (piece.strip("\n\f ").split("\n") for piece in layout.between.split(text.replace("\f", "\n")))
    return [article for piece in pieces if (article := layout.read([line.strip() for line in piece]))]


def _day_of(line: str) -> str:
    """The day that a line of its own gives; empty where it gives none."""
    days = find_days(line) if len(line) <= _LONGEST_DAY and any(map(str.isdigit, line)) else []
    return days[0][2].date.isoformat() if days and days[0][0] <= 12 else ""


def _text_of(lines: Sequence[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# --- Nexis -----------------------------------------------------------------------------------------------------------

_LABEL = re.compile(
    r"(?P<name>byline|section|length|dateline|highlight|body|load-date|language|graphic|publication-type|"
    r"journal-code|series|column|edition|correction-date|notes):?(?:\s+(?P<value>.*))?\Z",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"length:\s*[\d,.]+\s*words", re.IGNORECASE)


def _nexis(lines: Sequence[str]) -> _Article | None:
    """Title, outlet and day above the labels, or outlet, day and title, as Nexis had it before."""
    start = next((n for n, line in enumerate(lines[:_HEAD]) if line.lower().rstrip(":") == "body"), None)
    labels = [n for n, line in enumerate(lines[:_HEAD]) if _LABEL.match(line) and n != start]
    if start is None:
        above = [n for n in labels if not lines[n].lower().startswith("load-date")]
        start = next((n for n in above if lines[n].lower().startswith("length")), max(above, default=None) or 0)
    end = next((n for n in range(start + 1, len(lines)) if lines[n].lower().startswith("load-date:")), len(lines))
    head = [line for line in lines[:start] if line]
    day_at = next((n for n, line in enumerate(head) if _day_of(line)), None)
    text = _text_of(lines[start + 1 : end])
    if not day_at or not text or not any(_LENGTH.match(line) for line in lines[:_HEAD]):
        return None
    if day_at >= 2:
        title, outlet = head[day_at - 2], head[day_at - 1]
    else:
        below = (line for line in head[2:] if not _LABEL.match(line) and not line.lower().endswith("edition"))
        title, outlet = next(below, ""), head[0]
    named = (match for line in head if (match := _LABEL.match(line)) and match["name"].lower() == "byline")
    author = next((match["value"] or "" for match in named), "")
    return _Article(title, outlet, _day_of(head[day_at]), text, (author,) if author else ()) if title else None


# --- Factiva ---------------------------------------------------------------------------------------------------------

_WORDS = re.compile(r"[\d,.]+ words\Z", re.IGNORECASE)
_RIGHTS = re.compile(r"(?:\(c\)|©|copyright)", re.IGNORECASE)
_BYLINE = re.compile(r"by\s+(?P<name>\S.{2,80})\Z", re.IGNORECASE)
_CLOCK = re.compile(r"\(?\d{1,2}:\d{2}\b.*")


def _factiva(lines: Sequence[str]) -> _Article | None:
    """Title, byline, number of words, day, outlet and rights above the text."""
    words_at = next((n for n, line in enumerate(lines[:_HEAD]) if _WORDS.match(line)), None)
    if words_at is None:
        return None
    rights_at = next((n for n in range(words_at, min(len(lines), _HEAD)) if _RIGHTS.match(lines[n])), None)
    below = [line for line in lines[words_at + 1 : rights_at or _HEAD] if line and not _CLOCK.fullmatch(line)]
    day_at = next((n for n, line in enumerate(below[:3]) if _day_of(line)), None)
    above = [line for line in lines[:words_at] if line]
    authors = [match["name"] for line in above if (match := _BYLINE.match(line))]
    titles = [line for line in above if not _BYLINE.match(line)]
    if rights_at is None or day_at is None or not titles or len(below) <= day_at + 1:
        return None
    text = _text_of(lines[rights_at + 1 :])
    return _Article(titles[-1], below[day_at + 1], _day_of(below[day_at]), text, tuple(authors)) if text else None


# --- ProQuest --------------------------------------------------------------------------------------------------------

_FIELD = re.compile(r"(?P<name>[A-Z][A-Za-z /()-]{2,40}):\s+(?P<value>\S.*)\Z")
_OF_A_RECORD = frozenset(
    "abstract author copyright country database issn language links location pages people publisher section source "
    "subject title volume".split()
)


def _proquest(lines: Sequence[str]) -> _Article | None:
    """Fields as "Name: value"; the text is one of them and goes on until the next."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        match = _FIELD.match(line)
        known = match and (match["name"].lower().split()[0] in _OF_A_RECORD | {"publication", "full", "document"})
        if match and (known or name != "full text"):
            name = match["name"].lower()
            found.setdefault(name, [match["value"]])
        elif name:
            found[name].append(line)
    title, outlet = ("".join(found.get(field, [""])[:1]) for field in ("title", "publication title"))
    day, text = _day_of("".join(found.get("publication date", [""])[:1])), _text_of(found.get("full text", []))
    authors = tuple(part.strip() for part in "".join(found.get("author", [""])[:1]).split(";") if part.strip())
    return _Article(title, outlet, day, text, authors) if title and outlet and text else None


_LAYOUTS = (
    _Layout(
        re.compile(r"^[ \t]*(?:End of Document|(?:Document )?\d{1,5} of \d{1,5} DOCUMENTS)[ \t]*$", re.M | re.I), _nexis
    ),
    _Layout(re.compile(r"^[ \t]*Document [A-Z0-9]{15,40}[ \t]*$", re.M), _factiva),
    _Layout(re.compile(r"^[ \t]*_{20,}[ \t]*$", re.M), _proquest),
)
