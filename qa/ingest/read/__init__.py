"""Reads files and pages as raw articles. A format is a row in READERS: a function from a source to what it holds."""

from __future__ import annotations

import glob
import importlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from qa.errors import ReadError
from qa.ingest.read.deliveries import articles_in
from qa.ingest.read.feed import JSON_FEED
from qa.ingest.read.fields import FIELDS
from qa.ingest.read.record import Failure, Item, Link, Reader, Record, Source, path_of, shown
from qa.ingest.read.stream import COMPRESSED, DAMAGED, beginning, open_stream
from qa.language.text import normalise

__all__ = [
    "FIELDS",
    "READERS",
    "READER_VERSION",
    "Failure",
    "Link",
    "Record",
    "Source",
    "count_articles",
    "find_files",
    "is_feed",
    "is_readable",
    "is_readable_name",
    "kind_of",
    "path_of",
    "read_file",
    "read_page",
    "readable_names",
    "shown",
]

READER_VERSION = 5
"""Raised when the same file gives another text or other fields, so that libraries read it again."""

# Named, not imported: the libraries behind some of them are slow to load. Each also reads .gz and .xz.
READERS: Mapping[str, str] = {
    ".md": "qa.ingest.read.plain:read_markdown",
    ".markdown": "qa.ingest.read.plain:read_markdown",
    ".txt": "qa.ingest.read.plain:read_text",
    ".html": "qa.ingest.read.html:read_html",
    ".htm": "qa.ingest.read.html:read_html",
    ".pdf": "qa.ingest.read.pdf:read_pdf",
    ".docx": "qa.ingest.read.docx:read_docx",
    ".odt": "qa.ingest.read.odt:read_odt",
    ".rtf": "qa.ingest.read.rtf:read_rtf",
    ".eml": "qa.ingest.read.mail:read_eml",
    ".mbox": "qa.ingest.read.mail:read_mbox",
    ".mhtml": "qa.ingest.read.mail:read_mhtml",
    ".mht": "qa.ingest.read.mail:read_mhtml",
    ".json": "qa.ingest.read.rows:read_json",
    ".jsonl": "qa.ingest.read.rows:read_json_lines",
    ".csv": "qa.ingest.read.rows:read_csv",
    ".xml": "qa.ingest.read.feed:read_feed",
    ".rss": "qa.ingest.read.feed:read_feed",
    ".atom": "qa.ingest.read.feed:read_feed",
    ".zip": "qa.ingest.read.archive:read_zip",
    ".tar": "qa.ingest.read.archive:read_tar",
    ".tgz": "qa.ingest.read.archive:read_tar",
    ".warc": "qa.ingest.read.warc:read_warc",
}
_ARCHIVES = (".zip", ".tar", ".tgz", ".warc")
_DOCUMENTS = (".txt", ".docx", ".odt", ".rtf")
"""What the archives of the press deliver many articles in; PDFs and pages are taken apart where they are read."""

# What a server calls a format -> its row. Other names, such as text/plain, say nothing of what is inside.
_CONTENT_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/vnd.oasis.opendocument.text": ".odt",
    "message/rfc822": ".eml",
    "application/mbox": ".mbox",
    "multipart/related": ".mhtml",
    "application/zip": ".zip",
    "application/x-tar": ".tar",
    "application/warc": ".warc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/json": ".json",
    "application/ld+json": ".json",
    "application/feed+json": ".rss",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/csv": ".csv",
    "text/tab-separated-values": ".csv",
    "application/rss+xml": ".rss",
    "application/rdf+xml": ".rss",
    "application/atom+xml": ".atom",
}
_VAGUE_TYPES = {
    "",
    "text/plain",
    "text/xml",
    "application/xml",
    "application/gzip",
    "application/x-gzip",
    "application/x-xz",
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-download",
    "application/force-download",
}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)

# What a file begins with -> its row.
_PROLOG = rb"(?:\s|<!--(?:(?!-->).)*-->|<[?!](?!--|doctype html)[^>]*>)*+"
_BEGINNINGS = {
    ".pdf": re.compile(rb"\s*%PDF-"),
    ".docx": re.compile(rb"PK\x03\x04"),
    ".html": re.compile(_PROLOG + rb"<(?:!doctype )?(?:html|head|body)\b", re.IGNORECASE | re.DOTALL),
    ".xml": re.compile(_PROLOG + rb"<(?:rss|feed|rdf:RDF|\w+:feed)\b", re.IGNORECASE | re.DOTALL),
}

# Articles begin as often as this matches, at most: for a progress bar.
_MANY = {
    ".mbox": re.compile(rb"^From ", re.MULTILINE),
    ".jsonl": re.compile(rb"[^\s][^\n]*"),
    ".csv": re.compile(rb"[^\s][^\n]*"),
    ".json": re.compile(rb"\"(?:text|body|content|articleBody|maintext|content_text)\"\s*:", re.IGNORECASE),
    ".xml": re.compile(rb"<(?:item|entry)\b"),
    ".rss": re.compile(rb"<(?:item|entry)\b"),
    ".atom": re.compile(rb"<(?:item|entry)\b"),
}
_FEEDS = (".xml", ".rss", ".atom")
_MAGIC = "*?["
LIBRARY_FILES = {"articles.db", "citewire-machine"}
"""What tells a folder that holds a library, or the indexes of one: its files are no articles."""
_LIBRARY_WORDS = 200


def find_files(source: str, fail: Callable[[Failure], None] = lambda failure: None) -> list[Path]:
    """The files that a path, folder or glob names, in order of their names. Raises ReadError where there are none.

    A library below a folder is left out. `fail` is told of each folder in it that cannot be entered.
    """
    try:
        return _find_files(source, fail)
    except (OSError, RuntimeError) as error:  # a name too long, a folder that may not be entered, ~nobody
        raise ReadError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _find_files(source: str, fail: Callable[[Failure], None]) -> list[Path]:
    path = Path(source).expanduser()
    if path.is_dir() and source:
        files = sorted(_files_below(path, fail))
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


def _files_below(root: Path, fail: Callable[[Failure], None]) -> Iterator[Path]:
    """The files below a folder that are read when it is."""

    def locked(error: OSError) -> None:
        reason = f"the folder cannot be read: {error.strerror or error}"
        fail(Failure(shown(Path(error.filename or root)), _one_line(reason)))

    for name, folders, files in os.walk(root, onerror=locked):
        folder = Path(name)
        if LIBRARY_FILES.intersection(files):
            folders.clear()
            continue
        folders[:] = [one for one in folders if not one.startswith(".")]
        yield from (folder / one for one in files if _is_readable(folder / one))


def _is_readable(file: Path) -> bool:
    return not file.name.startswith(".") and kind_of(file.name) in READERS and file.is_file()


def is_feed(path: Path) -> bool:
    """Whether a file names articles that come and go, as a feed does."""
    return kind_of(path.name) in _FEEDS


def is_readable(file: Path, root: Path) -> bool:
    """Whether a file below the folder `root` is one that is read when the folder is."""
    inside = file.relative_to(root)
    if any(part.startswith(".") for part in inside.parts) or not _is_readable(file):
        return False
    return not any((root / parent / name).is_file() for parent in inside.parents for name in LIBRARY_FILES)


def is_readable_name(name: str) -> bool:
    """Whether a file of this name is of a kind that is read."""
    return kind_of(name) in READERS


def readable_names() -> str:
    """The kinds of files that are read, in words."""
    return _formats()


def read_file(path: Path) -> Iterator[Item]:
    """The articles of a file; what cannot be read comes as a Failure, and the rest goes on. Raises nothing."""
    kind = kind_of(path.name)
    if kind in READERS:
        return _guarded(_reader(kind), Source(shown(path), path=path))
    reason = f"files of the kind '{kind or path.name}' cannot be read; choose from {_formats()}"
    return iter([Failure(shown(path), _one_line(reason))])


def read_page(url: str, data: bytes, content_type: str | None = None) -> Iterator[Item]:
    """The articles of what was fetched from `url`; what cannot be read comes as a Failure. Raises nothing.

    What it is, is told by its content type; where that says nothing, by how it begins, else by the address.
    """
    said = (content_type or "").partition(";")[0].strip().lower()
    kind = _kind_of_page(url, data, said)
    if kind is None:
        return iter([Failure(url, _one_line(f"pages of the kind '{said or 'unknown'}' cannot be read"))])
    charset = _CHARSET.search(content_type or "")
    return _guarded(_reader(kind, charset[1] if charset else None), Source(url, url=url, data=data))


def count_articles(path: Path) -> int:
    """How many articles a file holds, about and at most, for a progress bar; 1 where that would take long to find."""
    begins = _MANY.get(kind_of(path.name))
    if begins is None:
        return 1
    count = 0
    try:
        with open_stream(Source("", path=path)) as file:
            for _ in range(_MOST_COUNTED):
                if not (chunk := file.read(_CHUNK)):
                    break
                count += sum(1 for _ in begins.finditer(chunk + file.readline(_CHUNK)))
    except (OSError, ValueError, ReadError, *DAMAGED):
        pass  # Reading tells what is wrong.
    return max(count - (kind_of(path.name) == ".csv"), 1)


_CHUNK, _MOST_COUNTED = 1_000_000, 2_000


# --- formats ---------------------------------------------------------------------------------------------------------


def kind_of(name: str) -> str:
    """The suffix that tells the format, in lower case: ".jsonl" of "news.JSONL.xz"."""
    path = Path(name.lower())
    return Path(path.stem).suffix if path.suffix in COMPRESSED else path.suffix


def _kind_of_page(url: str, data: bytes, said: str) -> str | None:
    """The row of READERS for a page; None where there is none."""
    if JSON_FEED in data[:1024]:
        return ".rss"
    if said in _CONTENT_TYPES:
        return _CONTENT_TYPES[said]
    if said not in _VAGUE_TYPES:
        return None
    try:
        named = kind_of(unquote(urlsplit(url).path))
    except ValueError:
        return None
    head = beginning(Source(url, data=data), 4096).removeprefix(b"\xef\xbb\xbf")
    begun = next((kind for kind, beginning in _BEGINNINGS.items() if beginning.match(head)), None)
    if begun or named in READERS:
        return begun or named
    if head.lstrip()[:1] in (b"{", b"["):
        return ".json"
    return ".xml" if said.endswith("xml") else ".txt"


def _reader(kind: str, charset: str | None = None) -> Reader:
    """The function behind a row, loaded when the first source is read."""

    def read(source: Source) -> Iterator[Item]:
        module, _, name = READERS[kind].partition(":")
        reader = getattr(importlib.import_module(module), name)
        if kind in _ARCHIVES:
            yield from reader(source, _reader_of)
        else:
            items = reader(source, charset) if kind in (".html", ".htm") else reader(source)
            for item in items:
                yield from articles_in(item) if kind in _DOCUMENTS and isinstance(item, Record) else (item,)

    return read


def _reader_of(name: str) -> Reader | None:
    """What reads a file of this name in an archive; None where its kind is not read. An archive is told."""
    kind = kind_of(name)
    if kind in _ARCHIVES:
        return lambda source: iter([Failure(source.name, "an archive in an archive is not read; unpack it first")])
    return partial(_guarded, _reader(kind)) if kind in READERS else None


def _guarded(reader: Reader, source: Source) -> Iterator[Item]:
    """What the reader finds, every error turned into a Failure and every text of white space alone too."""
    bare = replace(source, data=None)  # A page is not kept in memory for as long as its article.
    found = False
    try:
        for item in reader(source):
            found = True
            if isinstance(item, Failure):
                yield Failure(item.name, _one_line(item.reason))
            elif isinstance(item, Record) and not item.text.strip():
                yield Failure(item.name, "holds no text")
            else:
                yield replace(item, source=bare) if isinstance(item, Record) else item
        if not found:
            yield Failure(source.name, "holds no articles")
    except ReadError as error:
        yield Failure(source.name, _one_line(str(error)))
    except DAMAGED as error:
        yield Failure(source.name, _one_line(f"the compressed file is damaged or cut off ({_words(error)})"))
    except OSError as error:
        yield Failure(source.name, _one_line(f"cannot be read: {error.strerror or error}"))
    except MemoryError:
        yield Failure(source.name, "needs more memory than there is; split it")
    except Exception as error:  # The libraries that parse what others wrote raise many kinds.
        yield Failure(source.name, _one_line(f"damaged, or not what its name says ({_words(error)})"))


def _words(error: Exception) -> str:
    """What a library says of an error, and never much of it."""
    said = _one_line(str(error))
    return f"{type(error).__name__}: {said[:_LIBRARY_WORDS]}" if said else type(error).__name__


def _one_line(reason: str) -> str:
    return "".join(char for char in " ".join(normalise(reason).split()) if char.isprintable())


def _formats() -> str:
    return f"{', '.join(READERS)}, each also with {' or '.join(COMPRESSED)}"
