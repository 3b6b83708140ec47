"""Reads RTF: its paragraphs, and the title that its properties give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.errors import ReadError
from qa.ingest.read.fields import likely_title
from qa.ingest.read.record import Record, Source
from qa.ingest.read.stream import MEGABYTE, contents
from qa.ingest.read.top_lines import dates_above

_LARGEST = 20 * MEGABYTE
_TITLE = re.compile(r"\{\\title[ \r\n]([^{}]{1,600})\}")
# Pictures, as long rows of hexadecimal digits: without them the rest is read in a moment.
_PICTURE = re.compile(r"[0-9a-fA-F\s]{2000,}")


def read_rtf(source: Source) -> Iterator[Record]:
    """The article that an RTF file is. Raises ReadError for what is none."""
    data = contents(source, _LARGEST)
    if not data.lstrip().startswith(b"{\\rtf"):
        raise ReadError("not an RTF file, or a damaged one")
    from striprtf.striprtf import rtf_to_text

    markup = _PICTURE.sub(" ", data.decode("cp1252", "replace"))

    def read(part: str) -> list[str]:
        lines: list[str] = rtf_to_text(part, errors="replace").splitlines()  # type: ignore[no-untyped-call]
        return [line.strip() for line in lines if line.strip()]

    text = "\n\n".join(read(markup))
    found = _TITLE.search(markup)
    title = " ".join(read(f"{{\\rtf1 {found[1]}}}")) if found else ""
    yield Record(source, text, {"title": title} if likely_title(title) else {}, dates_above(text))
