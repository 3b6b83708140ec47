"""Reads text, and Markdown with front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from qa.errors import ReadError
from qa.ingest.read.decode import decode
from qa.ingest.read.fields import named
from qa.ingest.read.record import Record, Source
from qa.ingest.read.stream import contents
from qa.ingest.read.top_lines import dates_above


def read_text(source: Source) -> Iterator[Record]:
    """The article that a text file is."""
    text = decode(contents(source))
    yield Record(source, text, dates=dates_above(text))


def read_markdown(source: Source) -> Iterator[Record]:
    """The article that a Markdown file is, with the fields of its front matter."""
    text = decode(contents(source)).replace("\r\n", "\n")
    fields: dict[str, Any] = {}
    if found := _FRONT_MATTER.match(text):
        fields, text = _front_matter(found[1]), text[found.end() :]
    elif _UNCLOSED.match(text):
        raise ReadError("the front matter has no closing line '---'")
    yield Record(source, text, {name: value for name, value in fields.items() if name != "text"})


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
    return {name: value for name, value in named(values or {}).items() if value not in ("~", "null")}
