"""Reads PDF: the text of each page, its lines joined to paragraphs. A page that is damaged loses none of the others.

Pages that are pictures, or whose letters have no map to text, are recognized where tesseract and the extra `ocr` are.
"""

from __future__ import annotations

import io
import logging
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from qa.errors import ReadError
from qa.ingest.read.deliveries import as_records, delivered
from qa.ingest.read.fields import likely_title
from qa.ingest.read.ocr import can_recognize, recognize
from qa.ingest.read.record import Failure, Record, Source
from qa.ingest.read.stream import MEGABYTE, contents
from qa.ingest.read.top_lines import dates_above

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader
    from pypdf.generic import DictionaryObject

_MOST_PAGES = 2000
_MOST_SECONDS = 120
_LARGEST_PAGE = 5 * MEGABYTE
"""Of the operators that draw a page: a page of text has some kilobytes of them."""
# A line that ends before this part of the width of the page ends its paragraph.
_FULL = 0.75


def read_pdf(source: Source) -> Iterator[Record | Failure]:
    """The article that a PDF is, its pages separated by form feeds, and a failure where some could not be read.

    Raises ReadError for what is no PDF, is locked, or holds no text that can be read.
    """
    data = contents(source)
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # It tells of every oddity; what matters is a Failure here.
    if b"%PDF-" not in data[:1024]:
        raise ReadError("not a PDF file")
    reader, is_whole = _open(data)
    if len(reader.pages) > _MOST_PAGES:
        raise ReadError(f"has {len(reader.pages):,} pages, more than {_MOST_PAGES:,}; split it")
    pages, damaged = _texts(reader)
    if can_recognize():
        _recognize(data, reader, pages, damaged)
    if not any(pages):
        raise ReadError(_why_empty(reader, damaged))
    hyphenated = frozenset(word.lower() for word in _HYPHENATED.findall("\n".join(pages)))
    if found := delivered("\f".join(pages), is_wrapped=True):
        whole = [replace(one, text=_paragraphs(one.text, hyphenated)) for one in found]
        yield from as_records(Record(source, ""), whole)
    else:
        joined = [_paragraphs(page, hyphenated) for page in pages]
        yield Record(source, "\f".join(joined), _fields(reader), dates_above(next(filter(None, joined))))
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
    """The lines of each page, empty where there are none, and by number what is wrong with those that are damaged."""
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
            text = _text(page)
        except Exception as error:
            damaged[number] = _words(error)
        pages.append(text if text.strip() else "")
    return pages, damaged


def _text(page: PageObject) -> str:
    """The text of a page. Raises ValueError where most of it is numbers of glyphs that stand for nobody knows what."""
    if not any(map(_has_no_map, _fonts(page))):
        return page.extract_text()
    shown = Counter[bool]()

    def count(text: str, matrix: object, line_matrix: object, font: DictionaryObject | None, size: object) -> None:
        shown[_has_no_map(font)] += len("".join(text.split()))

    text = page.extract_text(visitor_text=count)
    if shown[True] > shown.total() * _MOST_UNMAPPED:
        raise ValueError(_UNMAPPED)
    return text


_UNMAPPED = "its letters have no map to text, so that only their shapes are known"
_MOST_UNMAPPED = 0.2
_MAPPED = ("/Uni", "/GB-EUC", "/GBpc-EUC", "/GBK-EUC", "/GBK2K", "/ETen", "/90ms-RKSJ")
"""How the encodings of CJK begin that pypdf knows the letters of, without a map in the file."""


def _has_no_map(font: DictionaryObject | None) -> bool:
    if font is None or font.get("/Subtype") != "/Type0" or "/ToUnicode" in font:
        return False
    return not str(font.get("/Encoding")).startswith(_MAPPED)


def _fonts(page: PageObject) -> Iterable[DictionaryObject]:
    resources = page.get("/Resources", {}).get_object()
    fonts = resources.get("/Font", {}).get_object() if "/Font" in resources else {}
    return [font.get_object() for font in fonts.values()]


def _recognize(data: bytes, reader: PdfReader, pages: list[str], damaged: dict[int, str]) -> None:
    """Puts the text of pages in their places that are pictures, or have no map; notes why where that fails.

    Raises ReadError where it fails and there is no other text.
    """
    empty = (number for number, text in enumerate(pages, start=1) if not text)
    drawn = [
        number
        for number in empty
        if damaged.get(number) == _UNMAPPED or (number not in damaged and _has_picture(reader, number - 1))
    ]
    try:
        for number, text in recognize(data, drawn) if drawn else ():
            pages[number - 1] = text
            damaged.pop(number, None)
    except ReadError as error:
        if not any(pages):
            raise
        damaged.update({number: str(error) for number in drawn if not pages[number - 1]})


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def _why_empty(reader: PdfReader, damaged: dict[int, str]) -> str:
    if set(damaged.values()) == {_UNMAPPED}:
        return f"{_UNMAPPED}, as some programs write Chinese, Japanese or Korean; {_OCR}"
    if damaged:
        return f"the PDF is damaged or cut off ({next(iter(damaged.values()))}); get it again"
    if any(_has_picture(reader, number) for number in range(min(len(reader.pages), 20))):
        found = "on which no text was recognized" if can_recognize() else f"no text; {_OCR}"
        return f"holds only pictures (a scan), {found}"
    return "holds no text"


_OCR = (
    "recognize it first (OCR), as with: ocrmypdf --force-ocr scan.pdf text.pdf; "
    "or install tesseract and citewire[ocr], which read it"
)


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
