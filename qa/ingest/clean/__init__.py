"""Cleans the text of an article: joins paragraphs, sets editors' notes apart, removes lines that are no part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from qa.ingest.clean.lines import find_reason, split_credit
from qa.ingest.clean.menus import find_menus
from qa.ingest.clean.notes import find_note
from qa.ingest.clean.paragraphs import split_paragraphs
from qa.ingest.clean.recurring import hash_line, line_hashes, recurring_lines
from qa.types import Dropped, Note

__all__ = ["CLEANER_VERSION", "Cleaned", "clean", "line_hashes", "recurring_lines"]

CLEANER_VERSION = 2
"""Counted up when cleaning gives another result for the same raw text."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article's text and what was taken out of it."""

    text: str
    """NFC, plain spaces and quotes, paragraphs separated by one empty line."""
    notes: tuple[Note, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    """In order; a line that was taken out twice is listed once."""
    pages: tuple[int, ...] = ()
    """Offsets into `text` at which the pages begin; empty if the raw text has no form feed."""


@dataclass(slots=True)
class _Line:
    """A paragraph on its way through the cleaner."""

    text: str
    page: int
    credit: str = ""
    """The photo credit behind a caption."""
    note: Note | None = None
    reason: str = ""
    """Why it is dropped; empty if it stays."""

    @property
    def stays(self) -> bool:
        return not self.reason and self.note is None


def clean(text: str, recurring: Mapping[int, int] = {}, *, keep_everything: bool = False) -> Cleaned:
    """The article's own paragraphs, its editors' notes and what was dropped.

    `recurring` comes from `recurring_lines`: the hash of a line and in how many articles of the outlet it stands.
    `keep_everything` only makes characters and paragraphs normal.
    """
    lines = [_Line(line, page) for page, part in enumerate(text.split("\f")) for line in split_paragraphs(part)]
    if not keep_everything:
        _judge(lines)
        _drop_recurring(lines, recurring)
        _drop_menus(lines)
        _keep_notes_of_nothing(lines)
    kept = [line for line in lines if line.stays]
    return Cleaned(
        text="\n\n".join(line.text for line in kept),
        notes=tuple(dict.fromkeys(line.note for line in lines if line.note)),
        dropped=tuple(dict.fromkeys(dropped for line in lines for dropped in _dropped(line))),
        pages=_page_starts(kept, text.count("\f") + 1) if "\f" in text else (),
    )


def _judge(lines: list[_Line]) -> None:
    """Marks notes and boilerplate, line by line."""
    for line in lines:
        line.note = find_note(line.text)
        if line.note is None:
            line.text, line.credit = split_credit(line.text)
            line.reason = find_reason(line.text)


def _drop_recurring(lines: list[_Line], recurring: Mapping[int, int]) -> None:
    """Drops lines that recur in many articles, unless they are most of this one: then it is a copy."""
    if not recurring:
        return
    body = [line for line in lines if line.stays]
    counted = [(line, recurring.get(hash_line(line.text) or 0, 0)) for line in body]
    found = [(line, count) for line, count in counted if count]
    if sum(len(line.text) for line, _ in found) * 2 > sum(len(line.text) for line in body):
        return
    for line, count in found:
        line.reason = f"in {count:,} articles of this outlet"


def _drop_menus(lines: list[_Line]) -> None:
    """Drops menus and tickers among the remaining lines."""
    body = [line for line in lines if line.stays]
    for start, end in find_menus([line.text for line in body]):
        for line in body[start:end]:
            line.reason = "menu or ticker"


def _keep_notes_of_nothing(lines: list[_Line]) -> None:
    """Leaves the notes in the text if nothing else is in it."""
    if not any(line.stays for line in lines):
        for line in lines:
            line.note = None


def _dropped(line: _Line) -> list[Dropped]:
    """What was taken out at this line: all of it, the credit behind it, both, or nothing."""
    whole = [Dropped(line.text, line.reason)] if line.reason else []
    return whole + ([Dropped(line.credit, "photo credit")] if line.credit else [])


def _page_starts(kept: list[_Line], count: int) -> tuple[int, ...]:
    """The offset at which each page begins; an empty page begins where the next one does."""
    lengths = [0] * count
    for line in kept:
        lengths[line.page] += len(line.text) + len("\n\n")
    whole = max(0, sum(lengths) - len("\n\n"))
    return tuple(min(start, whole) for start in accumulate(lengths[:-1], initial=0))
