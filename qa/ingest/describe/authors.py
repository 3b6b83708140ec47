"""Tells the names of the people who wrote an article, from the field that lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qa.language.text import normalise

_LONGEST = 2000  # characters of a field; more is no list of names
_QUOTED = re.compile(r"""(?P<quote>["'])(?P<name>.+?)(?P=quote)\s*(?=[,\]])""")  # how a table writes a list
_BETWEEN = re.compile(r"\s*[,;\n•·]\s*|\s+(?:and|&|и)\s+", re.IGNORECASE)
_BEFORE = re.compile(r"(?:(?:written|reported|reporting|story)\s+)?by:?\s+", re.IGNORECASE)
_EMAIL_OR_HANDLE = re.compile(r"[(<\[]?(?:mailto:)?\b[\w.+-]+@[\w.-]+\.\w+[)>\]]?|(?<!\w)@\w+|https?://\S+")
_OUTLET = re.compile(r"\s+[|/–—-]\s+.*|\s*\(.*\)")  # "Ines Falk | Reuters"
_NOBODY = re.compile(
    r"""unknown | none | null | n/?a | anonymous | undated | admin(?:istrator)? | editors? | newsroom | jr\.? | sr\.?
      | .*\b (?: staff | desk | editorial\sboard | (?:staff|contributing)\swriters? | correspondents? | contributors?
              | reporters? )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def read_authors(value: Any) -> tuple[str, ...]:
    """The names in a list or in "By A. Ode and B. Lund | The Herald", each once, without titles, mail or handles."""
    return tuple(dict.fromkeys(name for item in _items(value) for name in _names(item)))


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, str) and value.startswith("["):
        return [match["name"] for match in _QUOTED.finditer(value[:_LONGEST])] or [value.strip("[]")]
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple)) else [value]


def _names(item: Any) -> Iterator[str]:
    if isinstance(item, Mapping):
        item = item.get("name")
    line = _EMAIL_OR_HANDLE.sub("", normalise(str(item or "")[:_LONGEST]))
    for part in _BETWEEN.split(line):
        name = " ".join(_OUTLET.sub("", _BEFORE.sub("", part.strip(), count=1)).split())
        if any(map(str.isalpha, name)) and not _NOBODY.fullmatch(name):
            yield name
