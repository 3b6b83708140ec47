"""Reads what a user offers: files, pages, and the pages that feeds name. What has not changed is not read again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from qa.ingest.fetch import Fetcher, plain_address
from qa.ingest.read import Failure, Link, Record, read_file, read_page, shown
from qa.store import Known, Manifest


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A file with the same bytes as before, and what became of everything in it."""

    path: str
    inside: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class End:
    """The end of a file that was read."""

    path: str
    content_hash: str
    is_whole: bool
    """Whether all that it holds came out of it."""
    missing: int
    """How many articles fewer it held than was expected."""


@dataclass(frozen=True, slots=True)
class More:
    """Articles that were not expected: pages that a feed names."""

    count: int


Offering = Record | Failure | Unchanged | End | More


def read_offers(
    files: Mapping[Path, int], addresses: Iterable[str], manifest: Manifest, fetcher: Fetcher, versions: str
) -> Iterator[Offering]:
    """Everything in the files, with how many articles each may hold, and behind the addresses.

    `versions` are those of the stages it will go through.
    """
    links: dict[str, Link] = {}
    for file, expected in files.items():
        yield from _from_file(file, expected, links, manifest, versions)
    asked = {plain_address(address): Link(address) for address in addresses}
    yield from _from_pages(asked, links, fetcher)
    if links:
        yield More(len(links))
        yield from _from_pages(links, {}, fetcher)


def container_of(record: Record) -> str:
    """The file or page that an article is read from: the same in every run."""
    source = record.source
    return shown(source.path.resolve()) if source.path else plain_address(source.url or source.name)


def _from_file(
    file: Path, expected: int, links: dict[str, Link], manifest: Manifest, versions: str
) -> Iterator[Offering]:
    path, content_hash = shown(file.resolve()), _file_hash(file)
    if content_hash and manifest.is_unchanged(path, content_hash, versions):
        yield Unchanged(path, tuple(manifest.inside([path])))
        return
    count, is_whole = 0, True
    for item in read_file(file):
        if isinstance(item, Link):
            links.setdefault(plain_address(item.url), item)
            is_whole = False  # its pages may change though it does not
        else:
            count += 1
            is_whole = is_whole and isinstance(item, Record)
            yield item
    yield End(path, content_hash, is_whole and bool(content_hash), expected - count)


def _from_pages(pages: Mapping[str, Link], links: dict[str, Link], fetcher: Fetcher) -> Iterator[Offering]:
    """The articles of pages; those that a page only names, as a feed does, go into `links`."""
    asked = {link.url: link for link in pages.values()}
    for address, page in fetcher.fetch_all(asked):
        if isinstance(page, Failure):
            yield page
            continue
        for item in read_page(page.url, page.data, page.content_type):
            if isinstance(item, Link):
                links.setdefault(plain_address(item.url), item)
            else:
                yield _completed(item, asked[address]) if isinstance(item, Record) else item


def _completed(record: Record, link: Link) -> Record:
    """A page's article, with what the feed that named it says where the page itself says nothing."""
    return replace(record, fields={**link.fields, **record.fields})


def _file_hash(file: Path) -> str:
    """A hash of the bytes of a file; empty where it cannot be read, which reading it will tell."""
    try:
        if not file.is_file():
            return ""
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""
