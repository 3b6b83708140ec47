"""Takes the deliveries of press archives apart: many articles in one document, each with title, outlet and day.

Known are the layouts of Nexis, old and new, of Factiva, ProQuest and Europresse. What is of none of these stays one
article.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qa.ingest.read.record import Record
from qa.language.days import find_days

_HEAD = 60
"""Lines above the text of an article, at most."""
_LONGEST_DAY = 60
"""Characters of a line that is there for the day."""


@dataclass(frozen=True, slots=True)
class DeliveredArticle:
    """An article of a delivery."""

    title: str
    outlet: str
    day: str
    text: str
    authors: tuple[str, ...] = ()


def articles_in(record: Record) -> Iterator[Record]:
    """The articles of a delivery, each as a record of its own; any other record as it is."""
    found = delivered(record.text)
    yield from as_records(record, found) if found else [record]


def delivered(text: str, *, is_wrapped: bool = False) -> list[DeliveredArticle]:
    """The articles that a text holds in the layout of an archive; none where it is in none of them.

    Where it `is_wrapped`, its lines are those of pages: a title may go over several.
    """
    return next(filter(None, (_read(layout, text, is_wrapped) for layout in _LAYOUTS)), [])


def as_records(record: Record, found: Iterable[DeliveredArticle]) -> Iterator[Record]:
    """The articles of a delivery, each as a record of its own from the same source."""
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
    read: Callable[[Sequence[str], float], DeliveredArticle | None]
    """An article from its lines, and the length from which a line of its title goes on in the next; None for lines
    that are none, such as a list of contents."""


def _read(layout: _Layout, text: str, is_wrapped: bool) -> list[DeliveredArticle]:
    if not layout.between.search(text):
        return []
    pieces = (piece.strip("\n\f ").split("\n") for piece in layout.between.split(text.replace("\f", "\n")))
    found = []
    for piece in pieces:
        lines = [line.strip() for line in piece]
        full = max(map(len, lines)) * _FULL if is_wrapped else math.inf
        if article := layout.read(lines, full):
            found.append(article)
    return found


_FULL = 0.5
"""Of the widest line: titles are set in larger letters."""


def _joined(lines: Sequence[str], full: float) -> str:
    """The first line, with the next ones as long as each before is full."""
    end = next((n for n, line in enumerate(lines, start=1) if len(line) < full), len(lines))
    return " ".join(lines[:end])


def _joined_above(lines: Sequence[str], full: float) -> str:
    """The last line, with those before it that are full."""
    begin = next((n for n in range(len(lines) - 1, 0, -1) if len(lines[n - 1]) < full), 0)
    return " ".join(lines[begin:])


def _day_of(line: str) -> str:
    """The day that a line of its own gives; empty where it gives none."""
    days = find_days(line) if len(line) <= _LONGEST_DAY and any(map(str.isdigit, line)) else []
    return days[0][2].date.isoformat() if days and days[0][0] <= 12 else ""


def day_within(line: str) -> str:
    """The first day that a line names; empty where it names none."""
    days = find_days(line)
    return days[0][2].date.isoformat() if days else ""


def bare_outlet(name: str) -> str:
    """An outlet's name without the number of the issue, and without a word on where it appears."""
    return _ISSUE.sub("", name).strip()


_ISSUE = re.compile(r"\s*(?:[,•]\s*n[o°º][.\s°]*\d.*|\((?:site web|web site|website)[^)]*\))\s*\Z", re.IGNORECASE)


def _text_of(lines: Sequence[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# --- Nexis -----------------------------------------------------------------------------------------------------------

_LABEL = re.compile(
    r"(?P<name>byline|section|length|dateline|highlight|body|load-date|language|graphic|publication-type|"
    r"journal-code|series|column|edition|correction-date|notes)(?::(?:\s*(?P<value>.*))?)?\Z",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"length:\s*[\d,.]+\s*words", re.IGNORECASE)


_BELOW = re.compile(
    r"(?:(?i:classification|graphic)|(?i:load-date):.*|(?:CITY|COMPANY|CORRECTION(?:-DATE)?|COUNTRY|DOC(?:UMENT)?-TYPE|"
    r"GEOGRAPHIC|GRAPHIC|INDUSTRY|JOURNAL-CODE|LANGUAGE|NOTES|ORGANIZATION|PERSON|PUBLICATION-TYPE|STATE|SUBJECT|"
    r"TICKER|TYPE|URL):.*)\Z"
)
"""What stands between the text of an article and the end of its document."""
_EDITION = re.compile(r"(?:\S+ ){0,4}edition\b.{0,20}\Z", re.IGNORECASE)


def _nexis(lines: Sequence[str], full: float) -> DeliveredArticle | None:
    """Title, outlet and day above the labels, or outlet, day and title, as Nexis had it before."""
    start = next((n for n, line in enumerate(lines) if line.lower().rstrip(":") == "body"), None)
    # Above the first article may stand a list of all.
    head = lines[:_HEAD] if start is None else lines[max(0, start - _HEAD) : start]
    lengths = [n for n, line in enumerate(head) if _LENGTH.match(line)]
    if not lengths:
        return None
    if start is None:
        start = _last_label(head, lengths[0])
        head = head[: start + 1]
    end = next((n for n in range(start + 1, len(lines)) if _BELOW.match(lines[n])), len(lines))
    text, head = _text_of(lines[start + 1 : end]), [line for line in head if line]
    days = [n for n, line in enumerate(head) if not _LABEL.match(line) and _day_of(line)]
    if not days or not days[0] or not text:
        return None
    if days[0] >= 2:
        title, outlet = _joined_above(head[: days[-1] - 1], full), head[days[-1] - 1]
    else:
        below = [line for line in head[2:] if not _LABEL.match(line)]
        while len(below) > 1 and _EDITION.match(below[0]):
            del below[0]
        title, outlet, days = _joined(below, full), head[0], days[:1]
    named = (match for line in head if (match := _LABEL.match(line)) and match["name"].lower() == "byline")
    author = next((match["value"] or "" for match in named), "")
    return (
        DeliveredArticle(title, outlet, _day_of(head[days[-1]]), text, (author,) if author else ()) if title else None
    )


def _last_label(lines: Sequence[str], at: int) -> int:
    """Number of the last of the labels that follow the one of line `at`, with nothing but empty lines between."""
    for n in range(at + 1, len(lines)):
        if _LABEL.match(lines[n]):
            at = n
        elif lines[n]:
            break
    return at


# --- Factiva ---------------------------------------------------------------------------------------------------------

_WORDS = re.compile(r"[\d,.]+ words\Z", re.IGNORECASE)
_RIGHTS = re.compile(r"(?:\(c\)|©|copyright)", re.IGNORECASE)
_BYLINE = re.compile(r"by\s+(?P<name>\S.{2,80})\Z", re.IGNORECASE)
_CLOCK = re.compile(r"\(?\d{1,2}:\d{2}\b.*")


_CODE = re.compile(
    r"(?P<code>SE|HD|BY|CR|WC|PD|ET|SN|SC|ED|PG|LA|CY|LP|TD|CO|IN|NS|RE|IPC|IPD|PUB|AN|ART|RF|CT|VOL)"
    r"(?:(?:\t|\s{2,}|\s\|\s)(?P<value>.*))?\Z"
)


def _with_codes(lines: Sequence[str]) -> DeliveredArticle | None:
    """The form with a code before each field: HD for the title, SN for the outlet, LP and TD for the text."""
    found: dict[str, list[str]] = {}
    code = ""
    for line in lines:
        if match := _CODE.match(line):
            code = match["code"]
            found.setdefault(code, []).append(match["value"] or "")
        elif code:
            found[code].append(line)
    title, outlet, day, author = (" ".join(filter(None, found.get(code, []))) for code in ("HD", "SN", "PD", "BY"))
    text = _text_of([*found.get("LP", []), "", *found.get("TD", [])])
    byline = _BYLINE.match(author)
    authors = (byline["name"] if byline else author,) if author else ()
    return DeliveredArticle(title, outlet, _day_of(day), text, authors) if title and outlet and text else None


def _factiva(lines: Sequence[str], full: float) -> DeliveredArticle | None:
    """Title, byline, number of words, day, outlet and rights above the text, or each field behind its code."""
    if coded := _with_codes(lines):
        return coded
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
    text, day = _text_of(lines[rights_at + 1 :]), _day_of(below[day_at])
    title = _joined_above(titles, full)
    return DeliveredArticle(title, below[day_at + 1], day, text, tuple(authors)) if text else None


# --- ProQuest --------------------------------------------------------------------------------------------------------

_FIELD = re.compile(r"(?P<name>[A-Z][A-Za-z /()-]{2,40}):\s+(?P<value>\S.*)\Z")
_OF_A_RECORD = frozenset(
    "abstract author copyright country database issn language links location pages people publisher section source "
    "subject title volume".split()
)


_HEADING = re.compile(r"(?P<name>FULL TEXT|DETAILS|ABSTRACT|Full text)(?: \([^()]*\))?:?\Z")
"""Above a part of a record, where its fields come last."""
_NUMBER = re.compile(r"Document \d+ of \d+\Z")


def _proquest(lines: Sequence[str], full: float) -> DeliveredArticle | None:
    """Fields as "Name: value", the text one of them that goes on until the next; or parts under headings."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if heading := _HEADING.match(line):
            name = heading["name"].lower()
            found.setdefault(name, [])
            continue
        match = _FIELD.match(line)
        known = match and (match["name"].lower().split()[0] in _OF_A_RECORD | {"publication", "full", "document"})
        if match and (known or name != "full text"):
            name = match["name"].lower()
            found.setdefault(name, [match["value"]])
        elif name:
            found[name].append(line)
    titles = found.get("title") or [next((line for line in lines if line and not _NUMBER.match(line)), "")]
    title, outlet = (" ".join(filter(None, some)) for some in (titles, found.get("publication title", [])))
    day, text = _day_of("".join(found.get("publication date", [""])[:1])), _text_of(found.get("full text", []))
    authors = tuple(part.strip() for part in "".join(found.get("author", [""])[:1]).split(";") if part.strip())
    return DeliveredArticle(title, outlet, day, text, authors) if title and outlet and text else None


# --- Europresse ------------------------------------------------------------------------------------------------------

_HEADER = 12
"""Lines above an article's text, with those of a cover."""
_END = re.compile(r"©|certificat émis le\b|certificate issued on\b", re.IGNORECASE)
_NAMES = re.compile(r"(?:(?i:par|by)\s+)?(?P<names>[A-ZÀ-Þ][\w'’-]+(?:[ ,;&-]+(?:de |d')?[A-ZÀ-Þ][\w'’.-]*){1,5})\Z")


def _europresse(lines: Sequence[str], full: float) -> DeliveredArticle | None:
    """Outlet, section with day, title and author above the text, its rights below."""
    filled = [n for n, line in enumerate(lines) if line]
    day_at = next((n for n, at in enumerate(filled[:_HEADER]) if ":" not in lines[at] and day_within(lines[at])), 0)
    end = next((n for n, line in enumerate(lines) if _END.match(line)), 0)
    if not day_at or not end or len(filled) < day_at + 3:
        return None
    outlet, header, title, below = (lines[filled[day_at + step]] for step in (-1, 0, 1, 2))
    author = _NAMES.match(below) if len(below) <= _LONGEST_DAY else None
    text = _text_of(lines[filled[day_at + 1] + 1 if author is None else filled[day_at + 2] + 1 : end])
    authors = tuple(map(str.strip, author["names"].split(";"))) if author else ()
    return DeliveredArticle(title, bare_outlet(outlet), day_within(header), text, authors) if text else None


_LAYOUTS = (
    _Layout(
        re.compile(r"^[ \t]*(?:End of Document|(?:Document )?\d{1,5} of \d{1,5} DOCUMENTS)[ \t]*$", re.M | re.I), _nexis
    ),
    _Layout(
        re.compile(r"^[ \t]*(?:AN\s+(?:\| )?)?Document [A-Z][A-Z0-9]{3,11}\d{8}[A-Za-z0-9]{6,20}[ \t]*$", re.M),
        _factiva,
    ),
    _Layout(re.compile(r"^[ \t]*(?:news|pub|web|tel|rep)·\d{8}·\S+[ \t]*$", re.M), _europresse),
    _Layout(re.compile(r"^[ \t]*_{20,}[ \t]*$", re.M), _proquest),
)
MARKS = re.compile(r"End of Document|\d of \d{1,5} DOCUMENTS|Document [A-Z0-9]{15,40}|·\d{8}·|_{20,}", re.IGNORECASE)
"""What the HTML of a delivery holds somewhere."""
