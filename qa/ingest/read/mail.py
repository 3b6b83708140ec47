"""Reads mail: a message (EML), a mailbox (MBOX), and a page that a browser saved as mail (MHTML)."""

from __future__ import annotations

import email.policy
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

from qa.errors import ReadError
from qa.ingest.read.decode import decode
from qa.ingest.read.feed import plain_text
from qa.ingest.read.html import read_html
from qa.ingest.read.record import Failure, Record, Source
from qa.ingest.read.stream import LARGEST_ARTICLE, MEGABYTE, contents, lines, open_stream

_LESS = 0.5
"""Share of all the text of a newsletter under which what looks like its article is not the whole of it."""


def read_eml(source: Source) -> Iterator[Record]:
    """The article that a message is. Raises ReadError for what is none."""
    message = _parsed(contents(source))
    if not message["from"] and not message["subject"]:
        raise ReadError("not a message: it has neither a sender nor a subject")
    yield _article(source, message)


def read_mbox(source: Source) -> Iterator[Record | Failure]:
    """The messages of a mailbox, one after the other, however large it is."""
    seen: set[str] = set()
    with open_stream(source) as file:
        for number, data in enumerate(_messages(file), start=1):
            name = f"{source.name}, message {number}"
            if data is None:
                yield Failure(name, f"holds more than {LARGEST_ARTICLE // MEGABYTE} MB")
                continue
            try:
                message = _parsed(data)
                record = _article(source, message)
            except ReadError as error:
                yield Failure(name, str(error))
                continue
            key = " ".join(str(message["message-id"] or "").split())
            if not key or key in seen:
                key = hashlib.sha256(record.text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
            seen.add(key)
            yield replace(record, key=key)


def read_mhtml(source: Source) -> Iterator[Record]:
    """The article of a page that was saved with all that it shows. Raises ReadError where there is no page in it."""
    message = _parsed(contents(source))
    pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
    if not pages:
        raise ReadError("no page is saved in it")
    address = str(message["snapshot-content-location"] or pages[0]["content-location"] or "").strip()
    url = address if address.lower().startswith(("http://", "https://")) else None
    yield from read_html(replace(source, url=url, data=_bytes(pages[0])), pages[0].get_content_charset())


def _messages(file: Any) -> Iterator[bytes | None]:
    """The messages of a mailbox as bytes (RFC 4155); None in the place of one that is too large."""
    pieces: list[bytes] = []
    size, begun, was_blank = 0, False, True
    for line in lines(file):
        line = line or b""
        if was_blank and _BEGINS.match(line):
            if begun:
                yield b"".join(pieces) if size <= LARGEST_ARTICLE else None
            pieces, size, begun = [], 0, True
        elif begun:
            size += len(line)
            if size <= LARGEST_ARTICLE:
                pieces.append(line[1:] if line.startswith((b">From ", b">>From ")) else line)
        was_blank = not line.strip()
    if not begun:
        raise ReadError("not a mailbox: no message begins in it")
    yield b"".join(pieces) if size <= LARGEST_ARTICLE else None


# Not every line of a text that begins with "From " was marked as text by what wrote the mailbox.
_BEGINS = re.compile(rb"From \S+.*\d\d:\d\d.*\d{4}")


def _parsed(data: bytes) -> EmailMessage:
    message = BytesParser(policy=email.policy.default).parsebytes(data)
    assert isinstance(message, EmailMessage)
    return message


def _article(source: Source, message: EmailMessage) -> Record:
    """A message as an article: the outlet is who sent it, the day that of its sending."""
    name, address = parseaddr(_header(message, "from"))
    fields = {
        "title": _header(message, "subject"),
        "outlet": name or address.rpartition("@")[2],
        "date": _day(_header(message, "date")),
    }
    return Record(source, _body(source, message), {key: value for key, value in fields.items() if value})


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message[name] or "").split())
    except (ValueError, IndexError, AttributeError, TypeError):  # of headers that the standard does not allow
        return ""


def _day(written: str) -> str:
    """The day on which it was sent, where it was sent; empty where it does not say."""
    try:
        return parsedate_to_datetime(written).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return ""


def _body(source: Source, message: EmailMessage) -> str:
    """The text: of the article on its page, of the whole page where that is more, or of the plain part."""
    parts = [part for part in message.walk() if part.get_content_disposition() != "attachment"]
    for part in parts:
        if part.get_content_type() == "text/html":
            whole = plain_text(decode(_bytes(part), part.get_content_charset()))
            try:
                page = replace(source, url=None, data=_bytes(part))
                found = next(read_html(page, part.get_content_charset())).text
            except ReadError:
                found = ""
            if text := found if len(found) >= _LESS * len(whole) else whole:
                return text
    for part in parts:
        if part.get_content_type() == "text/plain":
            if text := decode(_bytes(part), part.get_content_charset()).strip():
                return text
    raise ReadError("the message holds no text")


def _bytes(part: Any) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
