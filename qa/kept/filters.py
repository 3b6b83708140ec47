"""What a search was narrowed to, as a JSON document, and read again."""

from __future__ import annotations

from typing import Any

from qa.kept.fields import Fields, day_text
from qa.types import Filters


def filters_json(filters: Filters) -> dict[str, Any]:
    """The filters as `qa ask --json` writes them, with what is known besides."""
    return {
        "from": day_text(filters.date_from),
        "to": day_text(filters.date_to),
        "outlets": list(filters.outlets),
    }


def read_filters(document: object) -> Filters:
    """The filters of a document that `filters_json` made; none where there is none. Raises ReadError."""
    fields = Fields(document or {}, "filters")
    return Filters(fields.day("from"), fields.day("to"), fields.texts("outlets"))
