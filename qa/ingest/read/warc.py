"""Reads WARC, what a web archive keeps of the pages that it fetched (ISO 28500)."""

from __future__ import annotations

import http.client
import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO

from qa.errors import ReadError
from qa.ingest.read.record import Failure, Item, Reader, ReaderOf, Record, Source
from qa.ingest.read.stream import MEGABYTE, open_stream

_LARGEST_PAGE = 20 * MEGABYTE
_LONGEST_LINE = 65_536
_MOST_FIELDS = 200
_KINDS = {"text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf"}
"""What of a site may be articles; pictures, styles and scripts are passed over."""

Fields = Mapping[str, str]


def read_warc(source: Source, reader_of: ReaderOf) -> Iterator[Item]:
    """The articles of the pages that were fetched whole. Raises ReadError for what is no WARC file, or is cut off."""
    with open_stream(source) as file:
        for fields, size in _records(file):
            if size > _LARGEST_PAGE:
                _skip(file, size)
                if fields.get("warc-type") in _TYPES:
                    yield Failure(_name(source, fields), f"the page holds more than {_LARGEST_PAGE // MEGABYTE} MB")
                continue
            content = _exactly(file, size)
            try:
                kind, page = _page(fields, content)
            except (ReadError, ValueError, http.client.HTTPException, zlib.error) as error:
                yield Failure(
                    _name(source, fields), f"what was fetched cannot be read: {error or type(error).__name__}"
                )
                continue
            if read := reader_of(f"page{kind}") if kind else None:
                yield from _articles(read, source, fields.get("warc-target-uri", "").strip("<>"), page)


_TYPES = ("response", "resource")


def _articles(read: Reader, source: Source, url: str, page: bytes) -> Iterator[Item]:
    for item in read(Source(url, url=url, data=page)):
        if isinstance(item, Record):
            yield replace(item, source=source, key=f"{url}, {item.key}" if item.key else url)
        elif isinstance(item, Failure):
            yield replace(item, name=f"{source.name}, {item.name}")
        else:
            yield item


def _name(source: Source, fields: Fields) -> str:
    return f"{source.name}, {fields.get('warc-target-uri', 'a page').strip('<>')}"


def _records(file: BinaryIO) -> Iterator[tuple[Fields, int]]:
    """The fields of each record and the size of its content, which the caller reads before the next one."""
    is_first = True
    while line := file.readline(_LONGEST_LINE):
        if not line.strip():
            continue  # two empty lines stand after each record
        if not line.startswith(b"WARC/"):
            raise ReadError("not a WARC file" if is_first else "damaged: a record does not begin where it should")
        fields = _fields(file)
        size = fields.get("content-length", "")
        if not size.isdecimal():
            raise ReadError("damaged: a record does not say how long it is")
        yield fields, int(size)
        is_first = False


def _fields(file: BinaryIO) -> Fields:
    found: dict[str, str] = {}
    for _ in range(_MOST_FIELDS):
        line = file.readline(_LONGEST_LINE)
        if not line.strip():
            return found
        name, _, value = line.decode("utf-8", "replace").partition(":")
        found[name.strip().lower()] = value.strip()
    raise ReadError("damaged: the fields of a record have no end")


def _exactly(file: BinaryIO, size: int) -> bytes:
    content = file.read(size)
    if len(content) < size:
        raise ReadError("the file is cut off; get it again")
    return content


def _skip(file: BinaryIO, size: int) -> None:
    while size > 0:
        size -= len(_exactly(file, min(size, MEGABYTE)))


def _page(fields: Fields, content: bytes) -> tuple[str | None, bytes]:
    """The kind of a page that was fetched, as a suffix, and its bytes; None where it is none."""
    said = fields.get("content-type", "").lower()
    if fields.get("warc-type") == "resource":
        return _KINDS.get(said.partition(";")[0].strip()), content
    if fields.get("warc-type") != "response" or not said.startswith("application/http"):
        return None, b""
    reply = http.client.HTTPResponse(_Reply(content))  # type: ignore[arg-type]
    reply.begin()
    kind = _KINDS.get(reply.headers.get_content_type())
    if reply.status != 200 or kind is None:
        return None, b""
    body = content[content.find(b"\r\n\r\n") + 4 :]
    if reply.chunked and _is_chunked(body):
        body = reply.read()
    return kind, _unpacked(body, reply.headers.get("Content-Encoding", "").strip().lower())


class _Reply:
    """What http.client takes for a connection."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, mode: str) -> BinaryIO:
        return io.BytesIO(self._content)


def _is_chunked(body: bytes) -> bool:
    """Whether a body is in pieces still: some archives put them together and keep the field that says so."""
    first = body.partition(b"\n")[0].partition(b";")[0].strip()
    try:
        int(first, 16)
    except ValueError:
        return False
    return True


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity") or (encoding in ("gzip", "x-gzip", "deflate") and body[:1] in (b"<", b"%")):
        return body  # some archives unpack and keep the field
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise ReadError(f"it is packed as '{encoding}', which is not read")
    wrapped = encoding != "deflate" or body[:1] == b"\x78"
    unpacking = zlib.decompressobj(47 if wrapped else -15)
    page = unpacking.decompress(body, _LARGEST_PAGE + 1)
    if len(page) > _LARGEST_PAGE:
        raise ReadError(f"it unpacks to more than {_LARGEST_PAGE // MEGABYTE} MB")
    return page
