"""Reads archives (ZIP, TAR): each file in it as if it stood on the disk, without unpacking to the disk."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

from qa.errors import ReadError
from qa.ingest.read.record import Failure, Item, ReaderOf, Record, Source
from qa.ingest.read.stream import MEGABYTE, contents, open_stream
from qa.ingest.read.zipped import is_dense, open_zip

_LARGEST_MEMBER = 200 * MEGABYTE
_MOST_UNPACKED = 4_000 * MEGABYTE
_MOST_MEMBERS = 200_000
_LARGEST_ARCHIVE = 500 * MEGABYTE
"""Of one that is itself compressed, and so held in memory."""


def read_zip(source: Source, reader_of: ReaderOf) -> Iterator[Item]:
    """The articles of all files in a ZIP archive. Raises ReadError for what is none."""
    with open_stream(source) as opened:
        file = opened if opened.seekable() else io.BytesIO(contents(source, _LARGEST_ARCHIVE))
        with open_zip(file, "a ZIP archive") as archive:
            files = (info for info in archive.infolist() if not info.is_dir())
            found = ((info.filename, info.file_size, partial(_unzipped, archive, info)) for info in files)
            yield from _members(source, found, reader_of)


def read_tar(source: Source, reader_of: ReaderOf) -> Iterator[Item]:
    """The articles of all files in a TAR archive, packed or not. Raises ReadError for what is none."""
    with open_stream(source) as file:
        try:
            with tarfile.open(fileobj=file, mode="r|*") as archive:
                found = ((info.name, info.size, partial(_untarred, archive, info)) for info in archive if info.isfile())
                yield from _members(source, found, reader_of)
            while file.read(MEGABYTE):  # an end that is cut off is seen by what unpacks, not by tarfile
                pass
        except tarfile.TarError as error:
            raise ReadError(f"not a TAR archive, or a damaged one: {error}") from None


def _unzipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.flag_bits & 1:
        raise ReadError("needs a password; unpack it first")
    if is_dense(info):
        raise ReadError(f"would unpack to {info.file_size // MEGABYTE} MB, which no article does")
    try:
        with archive.open(info) as member:
            return member.read(_LARGEST_MEMBER)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        raise ReadError(f"damaged, or packed in a way that is not read: {error}") from None


def _untarred(archive: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    member = archive.extractfile(info)
    return member.read() if member else b""


def _members(
    source: Source, members: Iterable[tuple[str, int, Callable[[], bytes]]], reader_of: ReaderOf
) -> Iterator[Item]:
    """The articles of members, each given as name, size and what unpacks it."""
    unpacked = 0
    for number, (name, size, unpack) in enumerate(members, start=1):
        if number > _MOST_MEMBERS or unpacked > _MOST_UNPACKED:
            most = f"{_MOST_MEMBERS:,} files or {_MOST_UNPACKED // MEGABYTE:,} MB"
            raise ReadError(f"holds more than {most}; unpack it, and give the folder")
        hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in PurePosixPath(name).parts)
        if hidden or (read := reader_of(name)) is None:
            continue
        unpacked += size
        try:
            if size > _LARGEST_MEMBER:
                raise ReadError(f"holds more than {_LARGEST_MEMBER // MEGABYTE} MB; unpack it, and split it")
            data = unpack()
        except ReadError as error:
            yield Failure(f"{source.name}, '{name}'", str(error))
            continue
        for item in read(Source(name, data=data)):
            if isinstance(item, Record):
                yield replace(item, source=source, key=f"{name}, {item.key}" if item.key else name)
            elif isinstance(item, Failure):
                yield replace(item, name=f"{source.name}, {item.name}")
            else:
                yield item
