"""A conversation as a file to pass on: Markdown, HTML or JSON, each with all that `qa verify` needs."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

from qa.show.document_form import AnswerDocument
from qa.show.export.html import as_html
from qa.show.export.markdown import as_markdown
from qa.show.export.reading import ReadExport, read_export
from qa.show.export.record import Export, sealed
from qa.show.wording import bare_name

_LONGEST_NAME = 70  # letters, of which each may be four bytes: file systems take 255

__all__ = ["FORMATS", "Export", "ReadExport", "file_name", "make_export", "read_export", "write_export"]


def make_export(title: str, turns: tuple[AnswerDocument, ...], conversation: str | None = None) -> Export:
    """The turns with what an export says of its own making: now, by this version.

    Of the files that articles were read from it names no folders: those are the business of this machine.
    """
    return Export(
        title,
        tuple(map(_without_folders, turns)),
        dt.datetime.now(dt.UTC).replace(microsecond=0),
        program(),
        conversation,
    )


def file_name(title: str, format: str) -> str:
    """What a file of an export is called: its title's words, such as "Who-opened-the-bridge.md"."""
    name = "-".join(re.findall(r"\w+", title))
    if len(name) > _LONGEST_NAME:
        name = name[:_LONGEST_NAME].rpartition("-")[0] or name[:_LONGEST_NAME]
    return f"{name or 'conversation'}.{format}"


def _without_folders(turn: AnswerDocument) -> AnswerDocument:
    citations = (replace(c, path=bare_name(c.path)) for c in turn.citations)
    return replace(turn, citations=tuple(citations))


def program() -> str:
    """Name and version of this program, such as "citewire 0.1.0"."""
    try:
        return f"citewire {version('citewire')}"
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "citewire"


def write_export(export: Export, format: str) -> str:
    """The export as a text file of one of FORMATS."""
    return FORMATS[format](export)


def _as_json(export: Export) -> str:
    return json.dumps(sealed(export), ensure_ascii=False, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Export], str]] = {"md": as_markdown, "html": as_html, "json": _as_json}
"""What a conversation can be written as; also how a file of it is called."""
