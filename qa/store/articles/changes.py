"""What every change of articles does beside their rows: counts up, leaves stories, notes passages for the indexes."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.store import tables
from qa.store.database import portions

_articles, _passages, _facts = tables.articles, tables.passages, tables.facts
KEEPER = "keeper"
"""The fact that says who keeps the vector index; where each machine has its own, one for each: "keeper NAME"."""
IS_KEEPER = sa.or_(_facts.c.name == KEEPER, _facts.c.name.startswith(f"{KEEPER} "))


def count_up(db: Connection) -> None:
    """Counts a change, inside the transaction that makes it."""
    after = sa.cast(sa.cast(_facts.c.value, sa.Integer) + 1, sa.String)
    db.execute(_facts.update().where(_facts.c.name == "generation").values(value=after))


def number_of(db: Connection, name: str) -> int:
    """A number that the library remembers of itself."""
    return int(fact_of(db, name))


def fact_of(db: Connection, name: str) -> str:
    """One of the things that the library remembers of itself."""
    return str(db.execute(sa.select(_facts.c.value).where(_facts.c.name == name)).scalar_one())


def those_there(db: Connection, article_ids: Sequence[str]) -> set[str]:
    """Those of the ids that an article has."""
    found: set[str] = set()
    for some in portions(article_ids):
        found.update(db.execute(sa.select(_articles.c.id).where(_articles.c.id.in_(some))).scalars())
    return found


def leave_stories(db: Connection, article_ids: Sequence[str]) -> None:
    """The other versions of their stories stand alone until they are grouped again."""
    for some in portions(article_ids):
        stories = sa.select(_articles.c.story).where(_articles.c.id.in_(some))
        others = list(db.execute(sa.select(_articles.c.id).where(_articles.c.story.in_(stories))).scalars())
        if set(others) <= set(some):
            continue  # no other version stays
        for portion in portions(others):
            alone = _articles.update().where(_articles.c.id.in_(portion))
            db.execute(alone.values(story=_articles.c.id, grouped=False))
            db.execute(_passages.update().where(_passages.c.article_id.in_(portion)).values(is_copy=False))


def drop_passages(db: Connection, article_ids: Sequence[str]) -> None:
    """Removes the passages of these articles, and notes them as changed."""
    note_passages(db, article_ids)
    for some in portions(article_ids):
        db.execute(_passages.delete().where(_passages.c.article_id.in_(some)))


def note_passages(db: Connection, article_ids: Sequence[str]) -> None:
    """Notes the passages of these articles as changed, for every vector index."""
    for some in portions(article_ids):
        each = sa.select(_passages.c.id, _facts.c.name).select_from(_passages.join(_facts, IS_KEEPER))
        passages = each.where(_passages.c.article_id.in_(some)).order_by(_passages.c.id)
        db.execute(tables.pending.insert().from_select(["passage_id", "keeper"], passages))
