"""Reads DOCX: paragraphs, headings and tables in the order of the page."""

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

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COPY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Not text of the document as it stands: what was struck out, where a passage stood before it was moved, other notes.
_LEFT_OUT = {_COPY, f"{_WORD}del", f"{_WORD}moveFrom"}


def read_docx(source: Source) -> Iterator[Record]:
    """The article that a DOCX file is; the cells of a row of a table stand on one line. Raises ReadError."""
    data = contents(source)
    check_size(data, "a DOCX file")
    from docx import Document

    try:
        document = Document(io.BytesIO(_transitional(data)))
        body, named = document.element.body, document.core_properties.title or ""
        styled = {"title": "", "heading 1": ""}
        for paragraph in document.paragraphs[:_TOP]:
            style = (paragraph.style.name or "").casefold() if paragraph.style is not None else ""
            if style in styled and not styled[style]:
                styled[style] = " ".join(_text(paragraph._p).split())
    except Exception as error:  # python-docx lets through whatever its parts raise
        raise ReadError(f"not a DOCX file, or a damaged one: {type(error).__name__}: {error}") from None
    text = "\n\n".join(_blocks(body))
    yield Record(source, text, titled(styled["title"], named, styled["heading 1"]), dates_above(text))


def _transitional(data: bytes) -> bytes:
    """A file in the strict form of the standard in the one that everybody writes, which names the same otherwise."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if _STRICT not in archive.read("[Content_Types].xml") + archive.read("_rels/.rels"):
            return data
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as other:
            for part in archive.infolist():
                content = archive.read(part)
                if part.filename.endswith((".xml", ".rels")):
                    for strict, transitional in _NAMES:
                        content = content.replace(strict, transitional)
                other.writestr(part.filename, content)
    return made.getvalue()


_STRICT = b"http://purl.oclc.org/ooxml/"
_OPEN = b"http://schemas.openxmlformats.org/"
# ISO/IEC 29500-1 and -4, annex A: the longer names first.
_NAMES = (
    (_STRICT + b"officeDocument/", _OPEN + b"officeDocument/2006/"),
    (_STRICT + b"wordprocessingml/", _OPEN + b"wordprocessingml/2006/"),
    (_STRICT + b"drawingml/", _OPEN + b"drawingml/2006/"),
)
_TOP = 50
"""Paragraphs in which a title is looked for."""


def _blocks(element: Any) -> Iterator[str]:
    """The texts of paragraphs and of rows of tables."""
    for child in element:
        if child.tag == f"{_WORD}p":
            if text := _text(child).strip():
                yield text
        elif child.tag == f"{_WORD}tbl":
            yield from filter(None, ("\n".join(rows(child, f"{_WORD}tr", f"{_WORD}tc", _blocks)),))
        elif child.tag not in _LEFT_OUT and isinstance(child.tag, str):  # a content control, an insertion
            yield from _blocks(child)


def _text(element: Any) -> str:
    pieces: list[str] = []
    for child in element:
        if child.tag == f"{_WORD}t":
            pieces.append(child.text or "")
        elif child.tag == f"{_WORD}tab":
            pieces.append("\t")
        elif child.tag in (f"{_WORD}br", f"{_WORD}cr"):
            pieces.append("\n")
        elif child.tag == f"{_WORD}p":  # in a text box
            pieces.append(f"\n{_text(child)}\n")
        elif child.tag not in _LEFT_OUT and child.tag != f"{_WORD}pPr" and isinstance(child.tag, str):
            pieces.append(_text(child))
    return "".join(pieces)
