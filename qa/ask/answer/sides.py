"""What each part of a question is about that the others are not: the sides of a comparison."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.language.names import find_names
from qa.language.text import stems
from qa.types import Part

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def sides_of(parts: Sequence[Part]) -> list[str]:
    """A few words for each part: its outlets, or the names or years that only it has; empty where it has none."""
    return [_side(part, [other for other in parts if other is not part]) for part in parts]


def _side(part: Part, others: Sequence[Part]) -> str:
    if part.outlets and not any(set(part.outlets) & set(other.outlets) for other in others):
        return " and ".join(part.outlets)
    known = {stem for other in others for stem in stems(other.text)}
    spans = [*find_names(part.text), *(match.span() for match in _YEAR.finditer(part.text))]
    own = [part.text[start:end] for start, end in sorted(spans) if not known & set(stems(part.text[start:end]))]
    return " and ".join(dict.fromkeys(own))
