"""Reads the sources that a user names: files, pages, and the pages that feeds name. Passes over unchanged files."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from pathlib import Path

from qa.ingest.fetch import Fetcher, is_address, plain_address
from qa.ingest.read import Failure, Link, Record, path_of, shown
from qa.ingest.read.apart import FilesApart, read_page_apart, reading_processes
from qa.store import KnownSource, Manifest


@dataclass(frozen=True, slots=True)
class UnchangedFile:
    """A file with the same bytes as before, and what its articles became then."""

    path: str
    inside: tuple[KnownSource, ...]


@dataclass(frozen=True, slots=True)
class FileEnd:
    """The end of a file that was read."""

    path: str
    content_hash: str
    is_whole: bool
    """Whether all that it holds came out of it."""
    missing: int
    """How many articles fewer it held than was expected."""


@dataclass(frozen=True, slots=True)
class MorePages:
    """Articles that nobody expected: the pages that a feed names."""

    count: int


SourceItem = Record | Failure | UnchangedFile | FileEnd | MorePages


def read_sources(
    files: Mapping[Path, int],
    addresses: Iterable[str],
    manifest: Manifest,
    fetcher: Fetcher,
    versions: str,
    processes: int = 1,
) -> Iterator[SourceItem]:
    """Everything in the files and behind the addresses, in order.

    `files` gives the number of articles that each may hold, `versions` the versions of the stages that follow,
    `processes` how many read files at the same time.
    """
    links: dict[str, Link] = {}
    yield from _from_files(files, links, manifest, versions, processes)
    asked = {plain_address(address): Link(address) for address in addresses}
    yield from _from_pages(asked, links, fetcher)
    if links:
        yield MorePages(len(links))
        yield from _from_pages(links, {}, fetcher)


def container_of(record: Record) -> str:
    """The file or page that an article is read from: the same in every run."""
    source = record.source
    return shown(source.path.resolve()) if source.path else plain_address(source.url or source.name)


def _from_files(
    files: Mapping[Path, int], links: dict[str, Link], manifest: Manifest, versions: str, processes: int
) -> Iterator[SourceItem]:
    """The articles of the files in order; a few files that have changed are announced to who reads them ahead."""
    waiting, known = iter(files), dict[Path, tuple[str, str, bool]]()
    with reading_processes(processes) as there:
        reading = FilesApart(there)
        for file, expected in files.items():
            for ahead in islice(waiting, 1 if known else _AHEAD * processes):
                path, content_hash = shown(ahead.resolve()), _file_hash(ahead)
                has_changed = not content_hash or not manifest.is_unchanged(path, content_hash, versions)
                known[ahead] = path, content_hash, has_changed
                if has_changed:
                    reading.announce(ahead)
            path, content_hash, has_changed = known.pop(file)
            # Asked again: what was taken in since may have been the original of a copy in it.
            if has_changed or not manifest.is_unchanged(path, content_hash, versions):
                yield from _from_file(file, path, content_hash, expected, reading, links)
            else:
                yield UnchangedFile(path, tuple(manifest.inside([path])))


_AHEAD = 8


def _from_file(
    file: Path,
    path: str,
    content_hash: str,
    expected: int,
    reading: FilesApart,
    links: dict[str, Link],
) -> Iterator[SourceItem]:
    count, is_whole = 0, True
    for item in reading.read(file):
        if isinstance(item, Link):
            links.setdefault(plain_address(item.url), item)
            is_whole = False  # its pages may change though it does not
        else:
            count += 1
            is_whole = is_whole and isinstance(item, Record)
            yield item
    yield FileEnd(path, content_hash, is_whole and bool(content_hash), expected - count)


def _from_pages(pages: Mapping[str, Link], links: dict[str, Link], fetcher: Fetcher) -> Iterator[SourceItem]:
    """The articles of pages; those that a page only names, as a feed does, go into `links`."""
    asked = {link.url: link for link in pages.values()}
    for address, page in fetcher.fetch_all(asked):
        if isinstance(page, Failure):
            yield page
            continue
        for item in read_page_apart(page.url, page.data, page.content_type):
            if isinstance(item, Link):
                links.setdefault(plain_address(item.url), item)
            else:
                yield _completed(item, asked[address]) if isinstance(item, Record) else item


def _completed(record: Record, link: Link) -> Record:
    """A page's article; what the page does not say comes from the feed that named it."""
    said = dict(link.fields)
    if link.is_elsewhere and record.dates:
        said.pop("date", None)
    return replace(record, fields={**said, **record.fields})


def _file_hash(file: Path) -> str:
    """A hash of the bytes of a file; empty if it cannot be read, which reading it then reports."""
    try:
        if not file.is_file():
            return ""
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


def covers(source: str, container: str) -> bool:
    """Whether the user named a file: itself, a folder that holds it, or a pattern."""
    if is_address(source) or is_address(container):
        return False
    path, file = Path(source).expanduser(), path_of(container)
    if path.is_dir():
        return file.is_relative_to(path.resolve())
    return file == path.resolve() or _matches(source, file)


def _matches(pattern: str, file: Path) -> bool:
    """Whether a glob names a file, as Python's own does: * stays in a folder, **/ goes through any number."""
    parts = Path(pattern).expanduser().parts
    fixed = list(takewhile(lambda part: not set(part) & set("*?["), parts))
    if len(fixed) == len(parts) or not file.is_relative_to(Path(*fixed).resolve()):
        return False
    return _matches_parts(parts[len(fixed) :], file.relative_to(Path(*fixed).resolve()).parts)


def _matches_parts(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    if not pattern or not parts:
        return not pattern and not parts
    if pattern[0] == "**":
        return _matches_parts(pattern[1:], parts) or _matches_parts(pattern, parts[1:])
    return fnmatch.fnmatchcase(parts[0], pattern[0]) and _matches_parts(pattern[1:], parts[1:])
