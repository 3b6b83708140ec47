"""Reads a corpus from separate files: files that the library reads, folders of them, TREC's <DOC> files."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from qa.errors import EvalError
from qa.evaluation.sets.importing.items import ArticleItem, known
from qa.evaluation.sets.lines import Line, text_lines
from qa.ingest.read import Failure, Link, is_readable, read_file

TREC_SUFFIXES = (".trec", ".sgml", ".sgm", ".trectext")
_FIELD = re.compile(
    r"<(?P<name>DOCNO|TITLE|HEADLINE|HEAD|DATE|OUTLET|URL|TEXT)>(?P<value>.*?)</(?P=name)>", re.S | re.I
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")  # <P> and the like


def read_documents(paths: Iterable[Path]) -> Iterator[ArticleItem]:
    """Yields every article of the files and folders. Raises EvalError for the first that cannot be read."""
    for path in paths:
        for file in _files(path):
            yield from _trec_documents(file) if _is_trec(file) else _records(file)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if (_is_trec(file) and file.is_file()) or is_readable(file, path))
    if not found:
        raise EvalError(f"The folder {path} holds no articles.")
    return found


def _is_trec(file: Path) -> bool:
    return any(suffix in TREC_SUFFIXES for suffix in file.suffixes[-2:])


def _records(file: Path) -> Iterator[ArticleItem]:
    """Yields the articles of a file. An article without an id gets its key or the name of the file."""
    for item in read_file(file):
        if isinstance(item, Failure):
            raise EvalError(f"{item.name}: {item.reason}. Mend it, or take it out.")
        if isinstance(item, Link):
            raise EvalError(f"{file} only names pages, such as {item.url}. Give the articles themselves.")
        fields = {name: value for name, value in item.fields.items() if name not in ("id", "title")}
        id = item.fields.get("id") or item.key or Path(file.name.removesuffix(".gz").removesuffix(".xz")).stem
        yield ArticleItem(item.name, "-".join(str(id).split()), item.text, str(item.fields.get("title") or ""), fields)


def _trec_documents(file: Path) -> Iterator[ArticleItem]:
    start: Line | None = None
    lines: list[str] = []
    for line, text in text_lines(file, blank=True):
        if "<DOC>" in text.upper():
            start, lines = line, []
        lines.append(text)
        if start and "</DOC>" in text.upper():
            yield _trec_document(start, "\n".join(lines))
            start = None
    if start:
        raise start.error("the <DOC> that begins here does not end.")


def _trec_document(line: Line, text: str) -> ArticleItem:
    fields: dict[str, str] = {}
    for match in _FIELD.finditer(text):
        name, value = match["name"].upper(), html.unescape(_TAG.sub("\n\n", match["value"])).strip()
        fields[name] = f"{fields[name]}\n\n{value}" if name in fields and name == "TEXT" else value
    if not fields.get("DOCNO"):
        raise line.error("the document has no <DOCNO>.")
    title = fields.get("TITLE") or fields.get("HEADLINE") or fields.get("HEAD") or ""
    metadata = known(date=fields.get("DATE"), outlet=fields.get("OUTLET"), url=fields.get("URL"))
    return ArticleItem(line, fields["DOCNO"], fields.get("TEXT", ""), title, metadata)
