"""Stories: which articles are versions of one another, and which of their passages say nothing new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from qa.store import tables
from qa.store.articles.changes import count_up
from qa.store.database import Database, portions

_articles, _bands, _details, _passages = tables.articles, tables.bands, tables.details, tables.passages


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is needed of an article to tell whether another is a version of it."""

    id: str
    signature: NDArray[np.uint32]
    """MinHash of its text."""
    title: str
    date: dt.date | None
    length: int
    """Characters of its text."""
    story: str | None = None
    """Id of the article that leads its story; None where it was not compared with the others yet."""


MANY = 64
"""Articles that share a band or a story from which on only the newest of them are looked at."""


def _sharing(db: sa.Connection, wanted: sa.Column[str], shared: sa.Column[Any], values: Sequence[Any]) -> Iterator[str]:
    """The ids of the rows that have one of the values; of a value that more than MANY have, the newest."""
    for some in portions(values):
        counts = sa.select(shared, sa.func.count()).where(shared.in_(some)).group_by(shared).having(sa.func.count() > 1)
        rows = db.execute(counts).all()
        few, many = ([value for value, count in rows if (count > MANY) == is_many] for is_many in (False, True))
        yield from db.execute(sa.select(wanted).where(shared.in_(few)).distinct()).scalars()
        for value in many:
            newest = sa.select(wanted).where(shared == value).order_by(sa.text("rowid DESC")).limit(MANY)
            yield from db.execute(newest).scalars()


class Stories:
    """Who is a version of whom. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def ungrouped(self, most: int) -> list[str]:
        """Ids of articles that were not compared with the others yet, `most` of them at most."""
        query = sa.select(_articles.c.id).where(sa.not_(_articles.c.grouped)).order_by(sa.text("rowid")).limit(most)
        with self._db.reading() as db:
            return list(db.execute(query).scalars())

    def around(self, article_ids: Sequence[str]) -> list[Sketch]:
        """These articles, those that share a band with one of them, and the other versions of the stories of all.

        Of a band or a story that more than MANY share, such as the rows of a table or a notice in place of articles,
        the newest MANY, and the article that leads the story: the work for an article has a bound.
        """
        near = set(article_ids)
        with self._db.reading() as db:
            keys: set[int] = set()
            for some in portions(article_ids):
                keys.update(
                    db.execute(sa.select(_bands.c.key).where(_bands.c.article_id.in_(some)).distinct()).scalars()
                )
            near.update(_sharing(db, _bands.c.article_id, _bands.c.key, sorted(keys)))
            leaders: set[str] = set()
            for some in portions(sorted(near)):
                leaders.update(db.execute(sa.select(_articles.c.story).where(_articles.c.id.in_(some))).scalars())
            near.update(leaders)
            near.update(_sharing(db, _articles.c.id, _articles.c.story, sorted(leaders)))
            columns = (_articles.c.id, _details.c.signature, _articles.c.title, _articles.c.date)
            story = sa.case((_articles.c.grouped, _articles.c.story))
            found: list[Sketch] = []
            for some in portions(sorted(near)):
                query = sa.select(*columns, sa.func.length(_articles.c.text), story).join(_details)
                for id_, signature, *rest in db.execute(query.where(_articles.c.id.in_(some))):
                    found.append(Sketch(id_, np.frombuffer(signature, np.uint32), *rest))
        return found

    def spans(self, article_ids: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
        """Article id -> offsets of its passages, in order."""
        found: dict[str, list[tuple[int, int]]] = {id_: [] for id_ in article_ids}
        columns = (_passages.c.article_id, _passages.c.start, _passages.c.end)
        with self._db.reading() as db:
            for some in portions(article_ids):
                query = sa.select(*columns).where(_passages.c.article_id.in_(some)).order_by(_passages.c.start)
                for id_, start, end in db.execute(query):
                    found[id_].append((start, end))
        return found

    def leaders(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Article id -> id of the article that leads its story."""
        found: dict[str, str] = {}
        with self._db.reading() as db:
            for some in portions(article_ids):
                query = sa.select(_articles.c.id, _articles.c.story).where(_articles.c.id.in_(some))
                found |= {row.id: row.story for row in db.execute(query)}
        return found

    def group(self, leaders: Mapping[str, str], copies: Mapping[str, Sequence[tuple[int, bool]]]) -> None:
        """Notes who leads each article's story and, by article, which passages are copies: (start, whether it is)."""
        with self._db.writing() as db:
            update = _articles.update().where(_articles.c.id == sa.bindparam("article"))
            rows = [{"article": id_, "leader": leader} for id_, leader in leaders.items()]
            if rows:
                # Versions that were too many to look at stay with the article that led them.
                moved = [row for row in rows if row["article"] != row["leader"]]
                others = _articles.update().where(_articles.c.story == sa.bindparam("article"))
                if moved:
                    db.execute(others.values(story=sa.bindparam("leader")), moved)
                db.execute(update.values(story=sa.bindparam("leader"), grouped=True), rows)
            shown = 0
            for some in portions([id_ for id_ in leaders if id_ not in copies]):
                theirs = sa.and_(_passages.c.article_id.in_(some), _passages.c.is_copy)
                shown += db.execute(_passages.update().where(theirs).values(is_copy=False)).rowcount
            marks = [
                {"article": id_, "begin": start, "copy": is_copy}
                for id_, flags in copies.items()
                for start, is_copy in flags
            ]
            if marks:
                where = (_passages.c.article_id == sa.bindparam("article"), _passages.c.start == sa.bindparam("begin"))
                db.execute(_passages.update().where(*where).values(is_copy=sa.bindparam("copy")), marks)
            if marks or shown:
                count_up(db)

    def count(self) -> tuple[int, int]:
        """How many stories there are, and how many articles are versions of another."""
        with self._db.reading() as db:
            leading = sa.case((_articles.c.story == _articles.c.id, 1), else_=0)
            total, lead = db.execute(sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(leading), 0))).one()
        return int(lead), int(total) - int(lead)
