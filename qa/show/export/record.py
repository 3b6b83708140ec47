"""What an export carries so that it can be checked again, and how a file shows that it was edited since."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from qa.errors import ReadError
from qa.show.document import document_json
from qa.show.document_form import CONFIG, Moment, WholeAnswer
from qa.show.from_json import read

FORMAT = "citewire export"
VERSION = 1
_MOST_BYTES = 200_000_000
_LINE = 100


@dataclass(frozen=True, slots=True)
class Export:
    """A conversation and how the file of it came about."""

    __pydantic_config__: ClassVar[ConfigDict] = CONFIG

    title: str
    turns: tuple[WholeAnswer, ...] = ()
    made: Moment | None = None
    """In UTC. None of a document of `qa ask --json`, which does not say."""
    program: str | None = None
    """Such as "citewire 0.1.0"."""
    conversation: str | None = None
    """Its id in the library it comes from."""


_EXPORT = TypeAdapter(Export)


def sealed(export: Export, *, texts_of_passages: bool = True, shown: str | None = None) -> dict[str, Any]:
    """The export as a JSON document with a checksum of itself and, in a file for people, of what is `shown` there.

    A checksum tells an edited file; it is no signature, for whoever edits a file can make a new one.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "program": export.program,
        "made": export.made.isoformat(timespec="seconds") if export.made else None,
        "title": export.title,
        "conversation": export.conversation,
        "turns": [document_json(turn, texts_of_passages=texts_of_passages) for turn in export.turns],
    }
    if shown is not None:
        document["shown"] = digest_of_shown(shown)
    return document | {"checksum": checksum(document)}


def checksum(document: dict[str, Any]) -> str:
    """Of a document without its own `checksum`, however it is laid out."""
    plain = {name: value for name, value in document.items() if name != "checksum"}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def digest_of_shown(text: str) -> str:
    """Of what a file shows, whatever an editor or a version control makes of its line ends."""
    lines = (line.rstrip() for line in text.strip().splitlines())
    return sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()


def encoded(export: Export, shown: str) -> str:
    """The record that a file for people carries: letters, digits, `+`, `/` and `=` only, in lines."""
    document = sealed(export, texts_of_passages=False, shown=shown)
    packed = base64.b64encode(zlib.compress(json.dumps(document).encode(), 9)).decode()
    return "\n".join(packed[start : start + _LINE] for start in range(0, len(packed), _LINE))


def decoded(record: str) -> Any:
    """The JSON document of a record. Raises ReadError where it was cut or changed."""
    try:
        packed = base64.b64decode("".join(record.split()), validate=True)
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(packed, _MOST_BYTES)
        if not unpacking.eof:
            raise ReadError("its record is cut off or too large")
        return json.loads(text)
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        raise ReadError("its record is damaged") from None


def opened(document: object) -> Export:
    """The export of a document that `sealed` made. Raises ReadError, which says what is wrong."""
    version = document.get("version") if isinstance(document, dict) else None
    if version != VERSION:
        raise ReadError(f"it is of version {version!r}, and this program reads version {VERSION}")
    return read(_EXPORT, document, "the export")
