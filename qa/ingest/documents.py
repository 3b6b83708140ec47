"""Documents of llama-index, as any of LlamaHub's readers makes them, as raw articles."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qa.ingest.fetch import is_address
from qa.ingest.read import Failure, Record, Source
from qa.ingest.read.fields import named

SOURCE = "documents"
"""What the articles are said to come from."""
_MADE_UP = re.compile(r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}")


def records_of(documents: Iterable[Any]) -> Iterator[Record | Failure]:
    """A record of each document: its text, and what its metadata say under the names that files of articles have.

    A document is known again by its `id` there, else by the id that it was given, its address or file, its title or its
    text; an id that llama-index made up is another each time, and tells nothing. A second one of the same is a failure.
    """
    seen: set[str] = set()
    for number, document in enumerate(documents, start=1):
        text, metadata = getattr(document, "text", None), getattr(document, "metadata", None)
        name = f"{SOURCE}, number {number}"
        if not isinstance(text, str) or not text.strip():
            yield Failure(name, "no text: give a Document of llama-index with a text")
            continue
        fields = _fields(metadata if isinstance(metadata, Mapping) else {})
        given = str(getattr(document, "id_", "") or "")
        if given and "id" not in fields and not _MADE_UP.fullmatch(given):
            fields |= named({"id": given})
        key = fields.get("id") or fields.get("url") or _place(metadata) or fields.get("title")
        if not isinstance(key, str) or (key in seen and "id" not in fields):
            key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        if key in seen:
            yield Failure(name, f"the id or text '{key}' was given before; give each document its own")
            continue
        seen.add(key)
        yield Record(Source(SOURCE), text, fields, key=key)


def _fields(metadata: Mapping[Any, Any]) -> dict[str, Any]:
    fields = named(metadata)
    fields.pop("text", None)
    # Some readers call the address, or the path of a file, the source.
    outlet = fields.get("outlet")
    if isinstance(outlet, str) and (is_address(outlet) or re.search(r"[/\\]", outlet)):
        del fields["outlet"]
        if is_address(outlet):
            fields.setdefault("url", outlet)
    return fields


def _place(metadata: Any) -> str:
    """Where a reader found the document: its file, and its page there."""
    told = metadata if isinstance(metadata, Mapping) else {}
    parts = (told.get("file_path") or told.get("file_name"), told.get("page_label"))
    return " ".join(str(part) for part in parts if part)
