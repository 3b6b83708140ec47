"""Reads files as raw articles. A format is a row in READERS: a function from a path to records and failures."""

from __future__ import annotations

import datetime as dt
import glob
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from qa.errors import ReadError
from qa.text import normalise

_MAGIC = "*?["

# The names that other tools give to a field -> ours.
_ALSO_CALLED = {
    "_id": "id",
    "body": "text",
    "content": "text",
    "source": "outlet",
    "published_at": "date",
    "publish_date": "date",
    "publishedAt": "date",
    "author": "authors",
}
FIELDS = ("id", "title", "outlet", "date", "url", "authors", "language", "text")


@dataclass(frozen=True, slots=True)
class Record:
    """An article as it was found: its fields, nothing cleaned, nothing guessed."""

    path: Path
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Any of FIELDS but `text`, under our names."""
    key: str = ""
    """What tells it from the other articles of the same file: its id, else its address, title or text; empty where the
    file is one article."""

    @property
    def name(self) -> str:
        """The file and, where it holds many, the key: for the user to read."""
        return f"{shown(self.path)}, '{self.key}'" if self.key else shown(self.path)


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be read, and why, in words for the user."""

    name: str
    reason: str


def find_files(source: str) -> list[Path]:
    """The files that a path, folder or glob names, in order of their names. Raises ReadError where there are none."""
    if source.startswith(("http://", "https://")):
        raise ReadError("addresses of pages cannot be read yet; save the page as text and give the file")
    try:
        return _find_files(source)
    except (OSError, RuntimeError) as error:  # a name too long, a folder that may not be entered, ~nobody
        raise ReadError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _find_files(source: str) -> list[Path]:
    path = Path(source).expanduser()
    if path.is_dir() and source:
        files = sorted(file for file in path.rglob("*") if _readable(file, path))
        if not files:
            raise ReadError(f"the folder holds no articles; the files read are {_formats()}")
        return files
    if path.exists() and source:
        return [path]
    if any(sign in source for sign in _MAGIC):
        files = [Path(name) for name in sorted(glob.glob(str(path), recursive=True)) if Path(name).is_file()]
        if not files:
            raise ReadError("no file matches the pattern")
        return files
    raise ReadError("there is no such file or folder")


def read_file(path: Path) -> Iterator[Record | Failure]:
    """The articles of a file; what cannot be read comes as a Failure, and the rest goes on."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kind = path.suffix or path.name
        yield Failure(shown(path), f"files of the kind '{kind}' cannot be read; choose from {_formats()}")
        return
    try:
        yield from reader(path)
    except ReadError as error:
        yield Failure(shown(path), str(error))
    except OSError as error:
        yield Failure(shown(path), f"cannot be read: {error.strerror or error}")


def count_articles(path: Path) -> int:
    """How many articles a file holds at most, quickly, for a progress bar: lines of a JSONL file, else 1."""
    if path.suffix.lower() not in _MANY:
        return 1
    try:
        with path.open("rb") as file:
            return sum(1 for line in file if line.strip())
    except OSError:
        return 1


def shown(path: Path) -> str:
    """A path that can be printed and stored, whatever bytes the name of the file is made of."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


# --- formats ---------------------------------------------------------------------------------------------------------


def _read_text(path: Path) -> Iterator[Record | Failure]:
    yield Record(path, _decode(path.read_bytes()))


def _read_markdown(path: Path) -> Iterator[Record | Failure]:
    text = _decode(path.read_bytes())
    fields: dict[str, Any] = {}
    if found := _FRONT_MATTER.match(text):
        fields, text = _front_matter(found[1]), text[found.end() :]
    elif _UNCLOSED.match(text):
        raise ReadError("the front matter has no closing line '---'")
    yield Record(path, text, {name: value for name, value in fields.items() if name != "text"})


# Between two lines of ---; a text that merely begins with a rule has no "name:" under it.
_FRONT_MATTER = re.compile(r"---[^\S\n]*\n((?:[\w\"'-]+[^\S\n]*:|#)[\s\S]*?\n|\s*)(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)")
_UNCLOSED = re.compile(r"---[^\S\n]*\n(?:title|outlet|date|authors?|url|language|id|source)[^\S\n]*:")


def _front_matter(head: str) -> dict[str, Any]:
    try:
        # Every value stays as it is written: a title of 1984, a day of 30 February and an outlet called No are text.
        values = yaml.load(head, yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(getattr(error, "problem", None) or error).splitlines()[0]
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = f" (line {line + 2})" if line is not None else ""
        raise ReadError(f"the front matter is not YAML{place}: {reason}") from None
    if values and not isinstance(values, dict):
        raise ReadError("the front matter is not a list of 'name: value' lines")
    return {name: value for name, value in _named(values or {}).items() if value not in ("~", "null")}


def _read_json_lines(path: Path) -> Iterator[Record | Failure]:
    seen: set[str] = set()
    with path.open("rb") as file:
        if b"\x00" in file.peek(1024)[:1024]:
            raise ReadError("not a text file in UTF-8")
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                yield _json_record(path, line, seen)
            except ReadError as error:
                yield Failure(f"{shown(path)}, line {number}", str(error))


def _json_record(path: Path, line: bytes, seen: set[str]) -> Record:
    """The article of a line; `seen` holds the keys of the lines before, which no other may have."""
    try:
        values = json.loads(_decode(line))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"not JSON: {error}") from None
    if not isinstance(values, dict):
        raise ReadError("not a JSON object with the fields of an article")
    metadata = values.get("metadata")
    fields = _named(metadata if isinstance(metadata, dict) else {}) | _named(values)
    text = fields.pop("text", None)
    if not isinstance(text, str) or not text.strip():
        raise ReadError("no text: the field 'text' (or 'body', 'content') is missing or empty")
    if "id" in fields and fields["id"] in seen:
        raise ReadError(f"the id '{fields['id']}' was used before in this file; give each article its own")
    key = fields.get("id") or fields.get("url") or fields.get("title")
    if not isinstance(key, str) or key in seen:
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    seen.add(key)
    return Record(path, text, fields, key)


READERS: Mapping[str, Callable[[Path], Iterator[Record | Failure]]] = {
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_text,
    ".jsonl": _read_json_lines,
}
_MANY = {".jsonl"}


# --- common ----------------------------------------------------------------------------------------------------------


def _formats() -> str:
    return ", ".join(READERS)


def _readable(file: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return not hidden and file.suffix.lower() in READERS and file.is_file()


def _named(values: Mapping[Any, Any]) -> dict[str, Any]:
    """The fields we know, under our names; a field under its own name comes before the same under another."""
    named = {_ALSO_CALLED[name]: values[name] for name in _ALSO_CALLED if name in values}
    named |= {name: values[name] for name in FIELDS if name in values}
    plain = {name: value if name == "text" else _plain(value) for name, value in named.items()}
    plain["id"] = " ".join(normalise(str(plain.get("id") or "")).split())[:_LONGEST_ID]
    return {name: value for name, value in plain.items() if value not in (None, "", [])}


def _plain(value: Any) -> str | list[str] | None:
    """A field as text or, of a list, as texts; None where it is neither."""
    if isinstance(value, list):
        return [text for item in value[:_MOST_AUTHORS] if (text := _scalar(item))]
    return _scalar(value)


def _scalar(value: Any) -> str | None:
    if isinstance(value, Mapping):  # {"name": "Reuters"}
        value = value.get("name")
    return str(value)[:_LONGEST_FIELD] if isinstance(value, str | int | float | dt.date) else None


_LONGEST_ID, _LONGEST_FIELD, _MOST_AUTHORS = 200, 2000, 100


def _decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or else Windows-1252. Raises ReadError on binary."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: Sequence[str] = ("utf-16",)
    elif b"\x00" in content:
        raise ReadError("not a text file")
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReadError("not a text file")
