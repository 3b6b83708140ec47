"""The fields of an article: the names that other tools give them, and their values made plain."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from qa.language.text import normalise

FIELDS = ("id", "title", "outlet", "date", "url", "authors", "language", "text")

# The names that other tools give to a field -> ours; of two that name the same, the first.
_ALSO_CALLED = {
    "_id": "id",
    "headline": "title",
    "titulo": "title",
    "título": "title",
    "titre": "title",
    "titel": "title",
    "source": "outlet",
    "publication": "outlet",
    "publisher": "outlet",
    "fuente": "outlet",
    "quelle": "outlet",
    "published_at": "date",
    "publish_date": "date",
    "publishedat": "date",
    "date_published": "date",
    "datepublished": "date",
    "date_publish": "date",
    "publication_date": "date",
    "fecha": "date",
    "datum": "date",
    "link": "url",
    "author": "authors",
    "byline": "authors",
    "lang": "language",
    "body": "text",
    "content": "text",
    "articlebody": "text",
    "maintext": "text",
    "content_text": "text",
    "article": "text",
    "article_text": "text",
    "articletext": "text",
    "full_text": "text",
    "fulltext": "text",
    "news_article": "text",
    "news_content": "text",
    "story": "text",
    "texto": "text",
    "texte": "text",
    "contenido": "text",
    "inhalt": "text",
    "description": "text",
    "desc": "text",
}

_LONGEST_ID, _LONGEST_FIELD, _MOST_AUTHORS = 200, 2000, 100


def named(values: Mapping[Any, Any]) -> dict[str, Any]:
    """The fields we know, under our names and with plain values.

    Names match without regard to case and outer spaces. A field that is empty stands back behind the same under
    another name, and any other name behind our own.
    """
    found: dict[str, Any] = {}
    ours: dict[str, Any] = {}
    for name, value in values.items():
        key = str(name).strip().casefold()
        if key in FIELDS and not _is_empty(value):
            ours.setdefault(key, value)
        elif key in _ALSO_CALLED and not _is_empty(value):
            found.setdefault(key, value)
    for other, name in _ALSO_CALLED.items():
        if other in found:
            ours.setdefault(name, found[other])
    plain = {name: ours[name] if name == "text" else _plain(ours[name]) for name in FIELDS if name in ours}
    plain["id"] = " ".join(normalise(str(plain.get("id") or "")).split())[:_LONGEST_ID]
    return {name: value for name, value in plain.items() if not _is_empty(value)}


def _is_empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _plain(value: Any) -> str | list[str] | None:
    """A field as text or, of a list, as texts; None where it is neither."""
    if isinstance(value, list):
        return [text for item in value[:_MOST_AUTHORS] if (text := _scalar(item))]
    return _scalar(value)


def _scalar(value: Any) -> str | None:
    if isinstance(value, Mapping):  # {"name": "Reuters"}
        value = value.get("name")
    return str(value)[:_LONGEST_FIELD] if isinstance(value, str | int | float | dt.date) else None


def likely_title(text: str) -> bool:
    """Whether what a document's properties call its title is one: not a file's name, nor a program's own words."""
    return len(text) <= 300 and len(_WORDS.findall(text)) > 1 and not _NO_TITLE.search(text.strip())


_WORDS = re.compile(r"[^\W\d_]{2,}")
_NO_TITLE = re.compile(
    r"\.(?:docx?|pdf|indd|qxd|qxp|pages|odt|rtf|txt|tex|dvi|html?|pptx?|xlsx?|ai|eps|jpe?g|png|tiff?)\s*\Z"
    r"|\A(?:Microsoft (?:Word|PowerPoint)|PowerPoint|Untitled|Document\s?\d*\Z|Layout \d|Slide \d|\(anonymous|doc\d)"
    r"|[\\/]\S+[\\/]|\A\W*https?:",
    re.IGNORECASE,
)
