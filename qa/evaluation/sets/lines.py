"""Reads text and JSON lines with their place in the file, so that errors can name it."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from qa.errors import EvalError, ReadError
from qa.ingest.read.record import Source
from qa.ingest.read.stream import DAMAGED, open_stream

File = Path | zipfile.Path
"""A file on disk (plain, gzip or xz) or inside a zip."""
_UNREADABLE = (ReadError, zipfile.BadZipFile, zlib.error, *DAMAGED)


@dataclass(frozen=True, slots=True)
class Line:
    """A place in a file, as errors name it."""

    path: File
    number: int

    def error(self, reason: str) -> BadLine:
        """An error about this line."""
        return BadLine(self, reason)

    def __str__(self) -> str:
        return f"{self.path}, line {self.number}"


class BadLine(EvalError):
    """A line that cannot be used; the lines around it may be."""

    def __init__(self, line: Line, reason: str) -> None:
        super().__init__(f"{line}: {reason}")
        self.line, self.reason = line, reason


OnBadLine = Callable[[BadLine], None]
"""Called with each line that cannot be used: it raises the error or collects it."""


def refuse(error: BadLine) -> NoReturn:
    """An OnBadLine that raises the first error."""
    raise error


def json_lines(path: File, on_bad_line: OnBadLine = refuse) -> Iterator[tuple[Line, dict[str, Any]]]:
    """The JSON object of each non-blank line. Raises EvalError if the file cannot be read."""
    for line, text in text_lines(path):
        try:
            yield line, _object(line, text)
        except BadLine as error:
            on_bad_line(error)


def text_lines(path: File, *, blank: bool = False) -> Iterator[tuple[Line, str]]:
    """Each line without its line break; blank lines only if `blank`. Raises EvalError if the file cannot be read."""
    number = 0
    try:
        with open_file(path) as binary, io.TextIOWrapper(binary, encoding="utf-8-sig") as file:
            for number, text in enumerate(file, start=1):
                if blank or text.strip():
                    yield Line(path, number), text.rstrip("\r\n")
    except UnicodeDecodeError:
        raise EvalError(f"{path} is not UTF-8 text (somewhere after line {number}). Save it as UTF-8.") from None
    except OSError as error:
        raise EvalError(f"{path} cannot be read: {error.strerror or error}.") from None
    except _UNREADABLE as error:
        raise EvalError(f"{path} cannot be read: {error or 'it is damaged or cut off'}.") from None


def json_file(path: File) -> Any:
    """The contents of a JSON file. Raises EvalError if it is not JSON."""
    text = "\n".join(text for _, text in text_lines(path))
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EvalError(f"{path} is not JSON: {error}.") from None


def open_file(path: File) -> BinaryIO:
    """The bytes of a file, decompressed. Raises OSError and ReadError."""
    if isinstance(path, Path):
        return open_stream(Source(str(path), path=path))
    return path.open("rb")  # type: ignore[return-value]


def _object(line: Line, text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise line.error(f"it is not JSON ({error.msg} at character {error.pos + 1}).") from None
    except (ValueError, RecursionError) as error:
        raise line.error(f"it is not JSON ({error}).") from None
    if not isinstance(values, dict):
        raise line.error("it is not a JSON object.")
    return values
