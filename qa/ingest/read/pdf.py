"""Reads PDF: the text of each page, its lines joined to paragraphs. A page that is damaged loses none of the others."""

from __future__ import annotations

import io
import logging
import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from qa.errors import ReadError
from qa.ingest.read.fields import likely_title
from qa.ingest.read.record import Failure, Record, Source
from qa.ingest.read.stream import MEGABYTE, contents
from qa.ingest.read.top_lines import dates_above

if TYPE_CHECKING:
    from pypdf import PdfReader

_MOST_PAGES = 2000
_MOST_SECONDS = 120
_LARGEST_PAGE = 5 * MEGABYTE
"""Of the operators that draw a page: a page of text has some kilobytes of them."""
# A line that ends before this part of the width of the page ends its paragraph.
_FULL = 0.75


def read_pdf(source: Source) -> Iterator[Record | Failure]:
    """The article that a PDF is, its pages separated by form feeds, and a failure where some could not be read.

    Raises ReadError for what is no PDF, is locked, or holds only pictures.
    """
    data = contents(source)
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # It tells of every oddity; what matters is a Failure here.
    if b"%PDF-" not in data[:1024]:
        raise ReadError("not a PDF file")
    reader, is_whole = _open(data)
    if len(reader.pages) > _MOST_PAGES:
        raise ReadError(f"has {len(reader.pages):,} pages, more than {_MOST_PAGES:,}; split it")
    pages, damaged = _texts(reader)
    if not any(pages):
        raise ReadError(_why_empty(reader, damaged))
    yield Record(source, "\f".join(pages), _fields(reader), dates_above(next(filter(None, pages))))
    if damaged:
        numbers = ", ".join(map(str, list(damaged)[:10])) + (", ..." if len(damaged) > 10 else "")
        yield Failure(f"{source.name}, page {numbers}", f"damaged, and left out: {next(iter(damaged.values()))}")
    if not is_whole:
        yield Failure(source.name, f"the PDF is cut off; {len(pages)} pages of it were read; get it again")


def _open(data: bytes) -> tuple[PdfReader, bool]:
    """A reader with one page at least, and whether the file is whole."""
    try:
        return _load(data), True
    except ReadError:
        raise
    except Exception as error:  # pypdf lets through whatever its parsers raise
        reason = _words(error)
    try:
        # The table of contents stands at the end of a PDF. Where it is cut off, its root may still be found.
        if root := _ROOT.search(data):
            return _load(data + _TAIL % root[1]), False
    except Exception:
        pass  # The first reason is the better one.
    raise ReadError(f"the PDF is damaged or cut off ({reason}); get it again")


_ROOT = re.compile(rb"(\d{1,9} \d{1,5}) obj\s*<<[^<>]{0,200}?/Type\s*/Catalog")
_TAIL = b"\ntrailer\n<< /Root %b R >>\nstartxref\n0\n%%%%EOF\n"


def _load(data: bytes) -> PdfReader:
    from pypdf import PasswordType, PdfReader
    from pypdf.errors import DependencyError

    reader = PdfReader(io.BytesIO(data))
    try:
        # Many are encrypted with an empty password, only to forbid printing.
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise ReadError("is protected by a password; save it without one")
    except DependencyError:
        raise ReadError("is encrypted in a way that cannot be read; save it without a password") from None
    if not reader.pages:
        raise ReadError("holds no pages")
    return reader


def _texts(reader: PdfReader) -> tuple[list[str], dict[int, str]]:
    """The text of each page, empty where there is none, and by number what is wrong with those that are damaged."""
    pages: list[str] = []
    damaged: dict[int, str] = {}
    until = time.monotonic() + _MOST_SECONDS
    for number in range(1, len(reader.pages) + 1):
        text = ""
        try:
            if time.monotonic() > until:
                raise TimeoutError(f"reading takes more than {_MOST_SECONDS} seconds")
            page = reader.pages[number - 1]
            drawn = page.get_contents()
            if drawn is not None and (size := len(drawn.get_data())) > _LARGEST_PAGE:
                raise ValueError(f"what draws the page unpacks to {size // MEGABYTE} MB, which no page of text does")
            text = page.extract_text()
        except Exception as error:
            damaged[number] = _words(error)
        pages.append(text)
    hyphenated = frozenset(word.lower() for word in _HYPHENATED.findall("\n".join(pages)))
    return [_paragraphs(text, hyphenated) for text in pages], damaged


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def _why_empty(reader: PdfReader, damaged: dict[int, str]) -> str:
    if damaged:
        return f"the PDF is damaged or cut off ({next(iter(damaged.values()))}); get it again"
    if any(_has_picture(reader, number) for number in range(min(len(reader.pages), 20))):
        return "holds only pictures (a scan), no text; recognize it first (OCR), as with: ocrmypdf scan.pdf text.pdf"
    return "holds no text"


def _has_picture(reader: PdfReader, number: int) -> bool:
    try:
        return bool(reader.pages[number].images.keys())
    except Exception:  # as damaged as pictures may be
        return False


def _fields(reader: PdfReader) -> dict[str, str]:
    """The title, where the properties hold one. Their dates tell when the file was made, not when it was published."""
    try:
        title = (reader.metadata and reader.metadata.title) or ""
    except Exception:
        return {}
    return {"title": title.strip()} if isinstance(title, str) and likely_title(title) else {}


# --- lines to paragraphs ---------------------------------------------------------------------------------------------

_HYPHENATED = re.compile(r"\b[^\W\d_]+-[^\W\d_]+\b")
_BROKEN_WORD = re.compile(r"\b([^\W\d_]+)-\n\s*([^\W\d_]+)")
_ITEM = re.compile(r"\s*(?:[•‣▪◦■●*–—]\s|\d{1,2}(?:\.\d{1,2})*[.)]\s)")


def _paragraphs(page: str, hyphenated: frozenset[str]) -> str:
    """The text with the lines of a paragraph joined: all but the last run about as far as the widest."""

    def join(found: re.Match[str]) -> str:
        whole = f"{found[1]}-{found[2]}"
        compound = found[2][0].isupper() or whole.lower() in hyphenated
        return whole if compound else found[1] + found[2]

    lines = [line.rstrip() for line in page.replace("\f", "\n").splitlines()]
    widths = sorted(len(line) for line in lines if line)
    if not widths:
        return ""
    full = widths[int(0.9 * (len(widths) - 1))] * _FULL
    pieces = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        goes_on = len(line) >= full or line.endswith("-")
        joined = line and following.strip() and goes_on and not _ITEM.match(following)
        pieces.append(line + ("\n" if joined else "\n\n"))
    text = _BROKEN_WORD.sub(join, re.sub(r"\n{2,}", "\v", "".join(pieces)).strip("\v"))
    return text.replace("\n", " ").replace("\v", "\n\n")
