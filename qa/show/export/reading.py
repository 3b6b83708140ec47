"""Reads an export of any format, or what `qa ask --json` printed, and says whether it was edited since it was made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from qa.errors import ReadError
from qa.show.document import read_answer
from qa.show.export.html import RECORD as HTML_RECORD
from qa.show.export.markdown import RECORD as MARKDOWN_RECORD
from qa.show.export.markdown import unescaped
from qa.show.export.record import FORMAT, Export, checksum, decoded, digest_of_shown, opened

_MOST_BYTES = 100_000_000
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class ReadExport:
    """An export as a file holds it."""

    export: Export
    format: str
    """md, html, json, or ask of what `qa ask --json` printed."""
    edits: tuple[str, ...] = ()
    """What of the file is not as Citewire wrote it, in words; empty where all is, or where that cannot be told."""


def read_export(path: Path) -> ReadExport:
    """The export in a file. Raises ReadError, in a sentence, where there is none."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ReadError(f"{path} is larger than any export ({_MOST_BYTES // 1_000_000} MB).")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReadError(f"{path} cannot be read: {reason}. Give a file that qa export made.") from None
    try:
        return parse_export(content)
    except ReadError as error:
        raise ReadError(f"{path} is not an export that can be checked: {error}.") from None


def parse_export(content: bytes) -> ReadExport:
    """The export in the bytes of a file. Raises ReadError with the reason, without a full stop."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReadError("it is not text in UTF-8") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip()[:1] in ("{", "["):
        return _read_json(text)
    for format, pattern in (("html", HTML_RECORD), ("md", MARKDOWN_RECORD)):
        if matches := list(pattern.finditer(text)):
            return _read_shown(format, text, matches[-1])
    raise ReadError("it carries no record of Citewire; write it anew with qa export")


def _read_json(text: str) -> ReadExport:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ReadError("it is not JSON, or was cut off") from None
    if isinstance(document, dict) and document.get("format") == FORMAT:
        return ReadExport(opened(document), "json", tuple(_changed_record(document)))
    asked = document if isinstance(document, list) else [document]
    if not asked:
        raise ReadError("it holds no answers")
    turns = tuple(read_answer(one) for one in asked)
    return ReadExport(Export(turns[0].question, turns, None, None), "ask")


def _read_shown(format: str, text: str, match: re.Match[str]) -> ReadExport:
    document = decoded(match["record"])
    export = opened(document)
    edits = list(_changed_record(document))
    shown = text[: match.start()] + ("\n" if format == "md" else "") + text[match.end() :]
    if document.get("shown") != digest_of_shown(shown):
        plain = unescape(_TAG.sub("", shown)) if format == "html" else unescaped(shown)
        edits += list(_missing(export, plain)) or ["what the file shows was edited after it was made"]
    return ReadExport(export, format, tuple(edits))


def _changed_record(document: dict[str, Any]) -> Iterator[str]:
    try:
        is_whole = document.get("checksum") == checksum(document)
    except (ValueError, RecursionError):
        is_whole = False
    if not is_whole:
        yield "what the file says was edited after it was made: its checksum is another"


def _missing(export: Export, shown: str) -> Iterator[str]:
    """The quotations and sentences that the file carries and does not show."""
    seen = "".join(shown.split())
    for number, turn in enumerate(export.turns, start=1):
        where = f" of question {number}" if len(export.turns) > 1 else ""
        for citation in turn.citations:
            if "".join(citation.quote.split()) not in seen:
                yield f"the quotation of source [{citation.n}]{where} is shown in other words than it was cited in"
        for sentence in turn.sentences:
            if "".join(sentence.text.split()) not in seen:
                yield f'a sentence of the answer{where} is shown in other words: "{sentence.text}"'
