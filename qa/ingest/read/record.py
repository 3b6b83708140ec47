"""What reading gives and takes: a source of bytes goes in; records, links and failures come out."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from qa.types import DateSource


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes that hold articles: a file, or a page that was fetched."""

    name: str
    """For the user to read: the path or the address."""
    path: Path | None = None
    url: str | None = None
    data: bytes | None = None
    """What was fetched; None for a file, which is read from the disk."""

    def open(self) -> BinaryIO:
        """The bytes from their beginning. Raises OSError."""
        return self.path.open("rb") if self.path and self.data is None else io.BytesIO(self.data or b"")


@dataclass(frozen=True, slots=True)
class Record:
    """An article as it was found: its fields, nothing cleaned, nothing guessed."""

    source: Source
    text: str
    """Pages of a document are separated by a form feed."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Any of FIELDS but `text`, under our names."""
    dates: tuple[tuple[DateSource, str], ...] = ()
    """What a page says elsewhere of its day of publication ("json-ld", "meta", "page"), the most trusted first."""
    key: str = ""
    """What tells it from the other articles of the same source: its id, else its address, title or text; empty where
    the source is one article."""
    updated: tuple[str, ...] = ()
    """What a page says of the day on which it was changed last, the most trusted first."""

    @property
    def name(self) -> str:
        """The source and, where it holds many, the key: for the user to read."""
        return f"{self.source.name}, '{self.key}'" if self.key else self.source.name


@dataclass(frozen=True, slots=True)
class Link:
    """An article that is only named here, as in a feed: its page has to be fetched."""

    url: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What is said of it here; what its own page says comes first."""
    summary: str = ""
    """What stands here of its text."""
    is_elsewhere: bool = False
    """Whether it is of another site than what names it, whose day is then not the day of the article."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be read, and why, in words for the user."""

    name: str
    reason: str


Item = Record | Link | Failure
Reader = Callable[[Source], Iterable[Item]]
ReaderOf = Callable[[str], Reader | None]
"""What reads a file of this name; None where files of its kind are not read."""


def shown(path: Path) -> str:
    """A path that can be printed and stored: what is no text in it, or cannot be shown, as backslash, x and digits."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return text if text.isprintable() else "".join(sign if sign.isprintable() else _escaped(sign) for sign in text)


def path_of(text: str) -> Path:
    """The path that `shown` gave this text for."""
    path = Path(text)
    if "\\x" not in text or path.exists():
        return path
    name = re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), text.encode())
    return Path(os.fsdecode(name))


def _escaped(sign: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in sign.encode())
