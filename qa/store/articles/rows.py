"""Articles as rows of the tables, rows as articles, and days of publication as numbers."""

from __future__ import annotations

import calendar
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from qa.store import tables
from qa.store.articles.manifest import Origin
from qa.store.database import portions
from qa.types import Article, Dropped, Note

_articles = tables.articles

Days = NDArray[np.float64]
"""Days of publication as ordinals; nan for an undated article."""
Nearness = Callable[[Days], NDArray[np.float32]]
"""Day of publication -> what its nearness to the time asked about adds to a score."""


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article on its way into the store, with the offsets of its passages."""

    article: Article
    origin: Origin
    text_hash: str
    """Hash of the cleaned text: equal means an exact copy."""
    spans: tuple[tuple[int, int], ...]
    url_key: str | None = None
    """Its address in the one form that all spellings of it have in common."""
    dropped: tuple[Dropped, ...] = ()
    lines: bytes = b""
    """Hashes of the lines it came with, as unsigned 64-bit numbers."""
    signature: bytes = b""
    """MinHash of its text."""
    bands: tuple[int, ...] = ()
    """What articles that are almost alike have in common."""


def passage_hash(text: str) -> bytes:
    """What the vector of a passage is kept under: 16 bytes."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def last_day(article: Article) -> dt.date | None:
    """The last day that an article may have been published on, which follows from how exact its date is."""
    return article.date and last_day_of(article.date, article.date_precision)


def last_day_of(date: dt.date, precision: str) -> dt.date:
    """The last day of the day, month or year that begins on a date."""
    if precision == "day":
        return date
    month = 12 if precision == "year" else date.month
    return date.replace(month=month, day=calendar.monthrange(date.year, month)[1])


def days_of(articles: Iterable[Article]) -> Days:
    """The day of each article, shape (articles,)."""
    dates = (article.date for article in articles)
    return np.array([date.toordinal() if date else np.nan for date in dates], np.float64)


_PLAIN = (
    "id title title_is_made outlet date date_source date_precision first_published updated url path language place text"
).split()
"""The fields of an article that stand in a column as they are."""


def article_row(entry: NewArticle) -> dict[str, Any]:
    """The row of `articles`: it stands alone until it is grouped with the others."""
    article = entry.article
    return {
        **{name: getattr(article, name) for name in _PLAIN},
        "source": entry.origin.source,
        "text_hash": entry.text_hash,
        "url_key": entry.url_key,
        "story": article.id,
        "grouped": False,
        "date_last": last_day(article),
        "authors": json.dumps(article.authors, ensure_ascii=False),
        "notes": json.dumps([asdict(note) for note in article.notes], ensure_ascii=False),
        "pages": json.dumps(article.pages),
    }


def details_row(entry: NewArticle) -> dict[str, Any]:
    """The row of `details`."""
    return {
        "article_id": entry.article.id,
        "dropped": json.dumps([asdict(line) for line in entry.dropped], ensure_ascii=False),
        "lines": entry.lines,
        "signature": entry.signature,
    }


def passage_rows(entry: NewArticle) -> Iterator[dict[str, Any]]:
    """The rows of `passages`, in order."""
    for start, end in entry.spans:
        key = passage_hash(entry.article.text[start:end])
        yield {"article_id": entry.article.id, "start": start, "end": end, "text_hash": key, "is_copy": False}


def article_of(row: Mapping[Any, Any], also_in: tuple[str, ...] = ()) -> Article:
    """The article of a row of `articles`."""
    return Article(
        **{name: row[name] for name in _PLAIN},
        authors=tuple(json.loads(row["authors"])),
        notes=tuple(Note(**note) for note in json.loads(row["notes"])),
        pages=tuple(json.loads(row["pages"])),
        story=row["story"],
        also_in=also_in,
    )


def load_articles(db: Connection, article_ids: Sequence[str], until: dt.date | None = None) -> dict[str, Article]:
    """The articles with these ids, and who else published each; those that are not there are left out.

    With `until`, versions that are dated later do not count as published.
    """
    found: dict[str, Article] = {}
    for some in portions(article_ids):
        rows = db.execute(sa.select(_articles).where(_articles.c.id.in_(some))).mappings().all()
        versions = _versions(db, {row["story"] for row in rows}, until)
        found |= {row["id"]: article_of(row, _also_in(row, versions.get(row["story"], []))) for row in rows}
    return found


def _versions(db: Connection, stories: Iterable[str], until: dt.date | None) -> dict[str, list[tuple[str, str]]]:
    """Story -> its articles, as pairs of an id and the name of who published it."""
    found: dict[str, list[tuple[str, str]]] = {}
    columns = (_articles.c.story, _articles.c.id, _articles.c.outlet)
    for some in portions(list(stories)):
        query = sa.select(*columns).where(_articles.c.story.in_(some))
        if until:
            query = query.where(sa.or_(_articles.c.date.is_(None), _articles.c.date <= until))
        for story, id_, outlet in db.execute(query.order_by(_articles.c.date.asc().nulls_first(), _articles.c.id)):
            found.setdefault(story, []).append((id_, outlet or id_))
    return found


def _also_in(row: Mapping[Any, Any], versions: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    names = dict.fromkeys(name for id_, name in versions if id_ != row["id"])
    return tuple(name for name in names if name != row["outlet"])
