"""What a search was narrowed to, as a JSON document, and read again."""

from __future__ import annotations

from typing import Any

from qa.show.saved.fields import Fields, day_text
from qa.types import Filters


def filters_json(filters: Filters) -> dict[str, Any]:
    """The filters as `qa ask --json` writes them, with what is known besides."""
    return {
        "from": day_text(filters.date_from),
        "to": day_text(filters.date_to),
        "outlets": list(filters.outlets),
        **_choice(filters),
    }


def _choice(filters: Filters) -> dict[str, Any]:
    """What else narrowed the search, where it did."""
    choice = {"articles": list(filters.articles), "stories": list(filters.stories), "any_time": filters.any_time}
    return {name: value for name, value in choice.items() if value}


def read_filters(document: object) -> Filters:
    """The filters of a document that `filters_json` made; none where there is none. Raises ReadError."""
    fields = Fields(document or {}, "filters")
    return Filters(
        fields.day("from"),
        fields.day("to"),
        fields.texts("outlets"),
        fields.texts("articles"),
        fields.texts("stories"),
        fields.get("any_time") is True,
    )
