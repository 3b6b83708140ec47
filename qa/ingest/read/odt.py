"""Reads ODT: headings, paragraphs, lists and tables in the order of the page."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from qa.errors import ReadError
from qa.ingest.read.record import Record, Source
from qa.ingest.read.stream import contents
from qa.ingest.read.top_lines import dates_above
from qa.ingest.read.zipped import check_size, rows, titled

# https://docs.oasis-open.org/office/OpenDocument/v1.3/, part 3
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
# Not text of the document as it stands: what was struck out, remarks, notes.
_LEFT_OUT = {f"{_TEXT}tracked-changes", f"{_TEXT}note", f"{_OFFICE}annotation", f"{_TEXT}sequence-decls"}
_SIGNS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n", f"{_TEXT}s": " "}


def read_odt(source: Source) -> Iterator[Record]:
    """The article that an ODT file is; the cells of a row of a table stand on one line. Raises ReadError."""
    data = contents(source)
    check_size(data, "an ODT file")
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        if "content.xml" not in names:
            raise ReadError("not an ODT file, or a damaged one")
        try:
            content = etree.fromstring(archive.read("content.xml"), parser)
            about = etree.fromstring(archive.read("meta.xml"), parser) if "meta.xml" in names else None
        except (etree.XMLSyntaxError, zipfile.BadZipFile, ValueError, RuntimeError) as error:
            raise ReadError(f"not an ODT file, or a damaged one: {error}") from None
    body = content.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise ReadError("not a text document: it has no body of text")
    text = "\n\n".join(_blocks(body))
    named = (about.findtext(f".//{_TITLE}") or "") if about is not None else ""
    title = titled(_of_style(content, body, "Title"), named, _first_heading(body))
    yield Record(source, text, title, dates_above(text))


def _blocks(element: Any) -> Iterator[str]:
    """The texts of headings, paragraphs, items of lists and rows of tables."""
    for child in element:
        if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            if text := _text(child).strip():
                yield text
        elif child.tag == f"{_TEXT}list":
            if items := [" ".join(" ".join(_blocks(item)).split()) for item in child.iterchildren(f"{_TEXT}list-item")]:
                yield "\n".join(f"- {item}" for item in items if item)
        elif child.tag == f"{_TABLE}table":
            yield from filter(None, ("\n".join(rows(child, f"{_TABLE}table-row", f"{_TABLE}table-cell", _blocks)),))
        elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT:  # a section, an index, a frame
            yield from _blocks(child)


def _text(element: Any) -> str:
    pieces = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
            pieces.append(_SIGNS.get(child.tag) or _text(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _of_style(content: Any, body: Any, style: str) -> str:
    """The first paragraph of a style, or of one that is made from it."""
    made = {
        one.get(f"{_STYLE}name")
        for one in content.iter(f"{_STYLE}style")
        if one.get(f"{_STYLE}parent-style-name") == style
    }
    found = (one for one in body.iter(f"{_TEXT}p", f"{_TEXT}h") if one.get(f"{_TEXT}style-name") in made | {style})
    return next((" ".join(_text(one).split()) for one in found), "")


def _first_heading(body: Any) -> str:
    found = (one for one in body.iter(f"{_TEXT}h") if one.get(f"{_TEXT}outline-level", "1") == "1")
    return next((" ".join(_text(one).split()) for one in found), "")
