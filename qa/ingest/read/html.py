"""Reads HTML: the text of the article on a page, and what the page says of it."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from qa.errors import ReadError
from qa.ingest.read.decode import decode
from qa.ingest.read.deliveries import as_records
from qa.ingest.read.record import Record, Source
from qa.ingest.read.stream import MEGABYTE, contents

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# JSON-LD holds a text without its paragraphs as a rule, so that what stands on the page comes first.
_LESS = 0.8
# Finding the article takes time by the square of the elements, 3 seconds for this many: of more, all text is taken.
_MANY_ELEMENTS = 20_000
_LARGEST_PAGE = 20 * MEGABYTE
_CHARSET = re.compile(rb"<(?:meta\b[^>]*?charset|\?xml\b[^>]*?encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


def read_html(source: Source, charset: str | None = None) -> Iterator[Record]:
    """The article of a page, or those of a delivery; `charset` is what its server said. Raises ReadError for none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of a package for proxies, which nothing here uses.
        import trafilatura
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring
    from trafilatura.utils import repair_faulty_html

    from qa.ingest.read.delivered_page import delivered_in
    from qa.ingest.read.metadata import read_metadata

    for name in ("trafilatura", "htmldate", "courlan", "justext", "readability"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # What matters of their words is an error here.
    decoded = _decoded(contents(source, _LARGEST_PAGE, "save the text of the article alone"), charset)
    text = repair_faulty_html(decoded, decoded[:_BEGINNING].lower())
    _check_tags(text)
    try:
        page = document_fromstring(text.encode("utf-8", "replace"), HTMLParser(encoding="utf-8", remove_comments=True))
    except (etree.ParserError, ValueError):
        raise ReadError("no text: the page is empty") from None
    if delivered := delivered_in(page, text):
        yield from as_records(Record(source, ""), delivered)
        return
    said = read_metadata(page, source.url)
    _open_commentaries(page)
    if sum(1 for _ in page.iter()) > _MANY_ELEMENTS:
        found = trafilatura.baseline(page)[1]
    else:
        found = trafilatura.extract(page, include_comments=False) or ""
    body = _paragraphs(found)
    if len(body) < _LESS * len(said.body):
        body = said.body
    if not body:
        raise ReadError("no article was found on the page")
    yield Record(source, body, said.fields, said.dates, updated=said.updated)


def _open_commentaries(page: HtmlElement) -> None:
    """Takes the names that sound like readers' comments off what holds the headline or the body of the article."""
    for element in page.xpath(_COMMENTARIES):
        for name in ("id", "class"):
            element.attrib.pop(name, None)


_COMMENTARIES = (
    "//*[contains(translate(concat(@id, ' ', @class), 'COMENT', 'coment'), 'comment')]"
    "[.//h1 or .//*[@itemprop='articleBody']]"
)


def _check_tags(text: str) -> None:
    """Raises ReadError for a tag with so many attributes that comparing each with the others would take minutes."""
    for tag in _LONG_TAG.findall(text):
        if (count := len(_QUOTED.sub("", tag).split())) > _MOST_ATTRIBUTES:
            raise ReadError(f"a tag of the page has {count:,} attributes, which no article does; save its text alone")


_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{10000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_MOST_ATTRIBUTES = 5_000


def _paragraphs(found: str) -> str:
    """Each line as a paragraph, but the items of a list and the rows of a table together."""
    pieces: list[str] = []
    before = ""
    for line in found.splitlines():
        line = line.strip()
        if not line or _RULE.fullmatch(line):
            continue
        kind = line[0] if line.startswith(("- ", "| ")) else ""
        pieces += ["\n" if kind and kind == before else "\n\n", line.strip("| ") if kind == "|" else line]
        before = kind
    return "".join(pieces[1:])


_RULE = re.compile(r"\|(?:-+\|)+")


def _decoded(data: bytes, charset: str | None) -> str:
    """The text of a page; some software leaves a few NULs in."""
    declared = _CHARSET.search(data[:4096])
    named = charset or (declared[1].decode("ascii", "replace") if declared else None)
    try:
        return decode(data, named)
    except ReadError:
        if data.count(b"\0") * _FEW > len(data):
            raise
        return decode(data.replace(b"\0", b""), named)


_BEGINNING = 50
"""Characters in which a document type is looked for."""
_FEW = 200
"""A page of which not one byte in so many is 0 is text all the same, and no UTF-16."""
