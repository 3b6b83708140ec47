"""The table of contents of a library: one page of it, searched, narrowed and sorted by the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from qa.errors import UsageError
from qa.store import tables
from qa.store.articles.articles import ArticleRow, conditions
from qa.store.database import Database
from qa.store.dialects import Folded, Lowered
from qa.types import CollectionName, Filters

_articles, _passages = tables.articles, tables.passages

_count = (
    sa.select(sa.func.count()).where(_passages.c.article_id == _articles.c.id).correlate(_articles).scalar_subquery()
)
SORTS: Mapping[str, sa.ColumnElement[Any]] = {
    "title": Lowered(_articles.c.title),
    "outlet": Lowered(_articles.c.outlet),
    "date": _articles.c.date,
    "language": _articles.c.language,
    "passages": _count,
}
"""What the table can be sorted by."""


@dataclass(frozen=True, slots=True)
class ContentsPage:
    """A page of the table, and how long the whole is."""

    rows: tuple[ArticleRow, ...]
    versions: Mapping[str, int]
    """Id of a story on this page -> articles that are versions of it."""
    total: int
    """Articles that match, on all pages."""


def contents_page(
    database: Database,
    *,
    search: str = "",
    outlet: str | None = None,
    collection: CollectionName | None = None,
    sort: str = "date",
    descending: bool = True,
    offset: int = 0,
    limit: int = 50,
) -> ContentsPage:
    """Articles with all words of `search` in title, outlet or authors; what nobody knows stands last.

    Raises UsageError for a column that cannot be sorted by, and for a collection that is gone.
    """
    if sort not in SORTS:
        raise UsageError(f"The table cannot be sorted by '{sort}'. Choose one of: {', '.join(SORTS)}.")
    matching = _matching(search, outlet)
    column = SORTS[sort].desc() if descending else SORTS[sort].asc()
    names = [field.name for field in fields(ArticleRow) if field.name != "passages"]
    query = (
        sa.select(*(_articles.c[name] for name in names), _count.label("passages"))
        .order_by(column.nulls_last(), _articles.c.title, _articles.c.id)
        .limit(limit)
        .offset(offset)
    )
    with database.reading() as db:
        where = [*matching, *conditions(db, Filters(collection=collection))]
        total = db.execute(sa.select(sa.func.count()).select_from(_articles).where(*where)).scalar_one()
        rows = tuple(ArticleRow(**row) for row in db.execute(query.where(*where)).mappings())
        stories = (
            sa.select(_articles.c.story, sa.func.count())
            .where(_articles.c.story.in_([row.story for row in rows]))
            .group_by(_articles.c.story)
        )
        versions = {story: count for story, count in db.execute(stories)}
    return ContentsPage(rows, versions, int(total))


def outlets_with_counts(database: Database) -> list[tuple[str, int]]:
    """Every outlet and how many articles it has, in the order of the alphabet."""
    outlet = _articles.c.outlet
    query = sa.select(outlet, sa.func.count()).where(outlet.is_not(None)).group_by(outlet)
    with database.reading() as db:
        rows = [(str(name), int(count)) for name, count in db.execute(query)]
    return sorted(rows, key=lambda row: row[0].casefold())


def _matching(search: str, outlet: str | None) -> list[sa.ColumnElement[bool]]:
    columns = (_articles.c.title, _articles.c.outlet, _articles.c.authors)
    conditions: list[sa.ColumnElement[bool]] = [
        sa.or_(*(folded(column).contains(word, autoescape=True) for column in columns))
        for word in search.lower().split()
        for folded in [Folded if word.isascii() else Lowered]
    ]
    if outlet:
        conditions.append(_articles.c.outlet == outlet)
    return conditions
