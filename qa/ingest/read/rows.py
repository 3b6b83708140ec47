"""Reads files of many articles: JSON, JSON lines, CSV. A bad row loses none of the others."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from qa.errors import ReadError
from qa.ingest.read.decode import decode, is_utf8
from qa.ingest.read.feed import JSON_FEED, read_feed
from qa.ingest.read.fields import FIELDS, named
from qa.ingest.read.record import Failure, Link, Record, Source
from qa.ingest.read.stream import LONGEST_LINE, MEGABYTE, beginning, contents, lines, open_stream

_LARGEST_LIST = 200 * MEGABYTE
_DELIMITERS = ",;\t|"
# Where other tools keep the list of articles.
_LISTS = ("articles", "items", "data", "documents", "docs", "results", "entries", "news", "rows", "records", "corpus")


def read_json(source: Source) -> Iterator[Record | Link | Failure]:
    """The articles of a JSON file: of a list, of a list under a name such as "articles", or the one that it is.

    A JSON Feed is read as the feed that it is.
    """
    if JSON_FEED in beginning(source, 1024):
        yield from read_feed(source)
        return
    values = _parsed(decode(contents(source, _LARGEST_LIST, "write it as JSON lines, one article a line")))
    if isinstance(values, dict) and (rows := _list_in(values)) is not None:
        values = rows
    if not isinstance(values, list):
        fields = _fields(values)
        yield Record(source, fields.pop("text"), fields)
        return
    seen: set[str] = set()
    for number, row in enumerate(values, start=1):
        try:
            yield _record(source, row, seen)
        except ReadError as error:
            yield Failure(f"{source.name}, article {number}", str(error))


def read_json_lines(source: Source) -> Iterator[Record | Failure]:
    """The articles of a JSON lines file, one after the other, however large it is."""
    seen: set[str] = set()
    with _open_utf8(source) as file:
        for number, line in enumerate(lines(file), start=1):
            if line is not None and not line.strip():
                continue
            try:
                yield _record(source, _parsed(_line(line)), seen)
            except ReadError as error:
                yield Failure(f"{source.name}, line {number}", str(error))


def read_csv(source: Source) -> Iterator[Record | Failure]:
    """The articles of a table whose first row names the columns, with commas, semicolons, tabs or bars between.

    Raises ReadError where no column holds the text.
    """
    csv.field_size_limit(LONGEST_LINE)
    bad: list[Failure] = []
    with _open_utf8(source) as file:
        texts = _texts(source, file, bad)
        head = next((text for text in texts if text.strip()), "")
        delimiter = _delimiter(head)
        header = next(csv.reader([head], delimiter=delimiter), [])
        if "text" not in named(dict.fromkeys(header, "x")) and not bad:
            columns = ", ".join(f"'{name.strip()[:40]}'" for name in header[:30]) or "none"
            raise ReadError(f"no column holds the text; name one 'text', 'body' or 'content' (the columns: {columns})")
        yield from _table(source, header, csv.reader(texts, delimiter=delimiter))
    yield from bad


def _texts(source: Source, file: BinaryIO, bad: list[Failure]) -> Iterator[str]:
    """The lines that can be read; what is wrong with the others goes to `bad`."""
    for number, line in enumerate(lines(file), start=1):
        try:
            yield _line(line)
        except ReadError as error:
            bad.append(Failure(f"{source.name}, line {number}", str(error)))


def _table(source: Source, header: Sequence[str], rows: Any) -> Iterator[Record | Failure]:
    seen: set[str] = set()
    while True:
        try:
            row = next(rows, None)
            if row is None:
                return
            if any(cell.strip() for cell in row):
                _check_width(header, row)
                yield _record(source, dict(zip(header, row, strict=False)), seen)
        except (csv.Error, ReadError) as error:
            yield Failure(f"{source.name}, line {rows.line_num + 1}", str(error))


def _check_width(header: Sequence[str], row: Sequence[str]) -> None:
    """Refuses a row with more cells than columns: a sign that divides cells stands within one of them."""
    if any(cell.strip() for cell in row[len(header) :]):
        raise ReadError(
            f"the row has {len(row)} cells for {len(header)} columns; put a cell that holds the sign between them in "
            "quotation marks"
        )


def _delimiter(head: str) -> str:
    """What stands between the columns: the sign that finds most names of fields in the first row."""

    def names(sign: str) -> tuple[int, int]:
        header = next(csv.reader([head], delimiter=sign), [])
        return len(named(dict.fromkeys(header, "x"))), len(header)

    return max(_DELIMITERS, key=names)


def _open_utf8(source: Source) -> BinaryIO:
    """The lines of a source in UTF-8. What is written otherwise, or with old ends of lines, is decoded as a whole."""
    head = beginning(source, 65_536)
    has_old_ends = b"\r" in head and b"\n" not in head
    if is_utf8(head) and not has_old_ends:
        return open_stream(source)
    text = decode(contents(source, _LARGEST_LIST, "save it as UTF-8"))
    return io.BytesIO((text.replace("\r", "\n") if has_old_ends else text).encode("utf-8", "replace"))


def _line(line: bytes | None) -> str:
    if line is None:
        raise ReadError(f"the line holds more than {LONGEST_LINE // MEGABYTE} MB; split the article")
    if b"\x00" in line:
        raise ReadError("not a text file")
    return decode(line)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"not JSON: {error}") from None


def _list_in(values: Mapping[str, Any]) -> list[Any] | None:
    if "text" in named(values):
        return None
    return next((values[name] for name in _LISTS if isinstance(values.get(name), list)), None)


def _record(source: Source, values: Any, seen: set[str]) -> Record:
    """The article of a row; `seen` holds the keys of the rows before, which no other may have."""
    fields = _fields(values)
    text = fields.pop("text")
    if "id" in fields and fields["id"] in seen:
        raise ReadError(f"the id '{fields['id']}' was used before in this file; give each article its own")
    key = fields.get("id") or fields.get("url") or fields.get("title")
    if not isinstance(key, str) or key in seen:
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    seen.add(key)
    return Record(source, text, fields, key=key)


def _fields(values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise ReadError("not a JSON object with the fields of an article")
    metadata = values.get("metadata")
    fields = (named(metadata) if isinstance(metadata, dict) else {}) | named(values)
    if not isinstance(fields.get("text"), str):
        raise ReadError("no text: the field 'text' (or 'body', 'content') is missing or empty")
    return {name: _decoded(fields[name]) for name in FIELDS if name in fields}


def _decoded(value: Any) -> Any:
    """A text without the entities of HTML, which some scrapers leave in it, and some twice: "&amp;quot;"."""
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    for _ in range(2):
        if isinstance(value, str) and _ENTITY.search(value):
            value = html.unescape(value)
    return value


_ENTITY = re.compile(
    r"&(?:amp|nbsp|quot|apos|lt|gt|hellip|[lr][sd]quo|[mn]dash|#\d{1,6}|#x[\da-f]{1,5});", re.IGNORECASE
)
