"""Articles and their passages in SQLite: the truth that the two indexes follow."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from qa.models.base import Vectors
from qa.store import tables
from qa.store.articles.changes import (
    IS_KEEPER,
    KEEPER,
    count_up,
    drop_passages,
    fact_of,
    leave_stories,
    note_passages,
    number_of,
    those_there,
)
from qa.store.articles.corrections import correct, corrected, corrections_of, said_by_files
from qa.store.articles.followed import passage_changes
from qa.store.articles.manifest import Origin, note_sources
from qa.store.articles.membership import filter_of, is_brought, is_chosen, note_members
from qa.store.articles.rows import NewArticle, article_of, article_row, details_row, load_articles, passage_rows
from qa.store.database import Database, portions
from qa.store.dialects import Bytes, Lowered, each, put, put_new
from qa.types import Article, CollectionName, Correction, DateSource, Dropped, Filters, Passage

_articles, _details, _passages, _facts = tables.articles, tables.details, tables.passages, tables.facts
_PATIENCE = 20_000  # changes that a machine may be behind, beside twice the passages that there are


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A line of the table of contents: an article without its text."""

    id: str
    title: str
    outlet: str | None
    date: dt.date | None
    date_source: DateSource
    date_precision: str
    language: str | None
    url: str | None
    path: str | None
    story: str
    """Id of the article that leads the story; its own where it leads or stands alone."""
    passages: int


@dataclass(frozen=True, slots=True)
class PassageVector:
    """What the vector index keeps of a passage."""

    passage_id: int
    outlet: str | None
    date: dt.date | None
    date_last: dt.date | None
    """The last day it may be of; the same as `date` where the day is known."""
    vector: Vectors
    """Shape (dimension,)."""


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """An article that holds a certain text or address already."""

    id: str
    source: str
    text_hash: str
    url_key: str | None
    outlet: str | None
    date: dt.date | None
    first_published: dt.date | None


class Articles:
    """The articles of a library. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.keeper = KEEPER
        """The fact that says who keeps the vector index that is meant by all that is pending."""

    def create(self, facts: Mapping[str, str]) -> None:
        """Makes the tables, with what the library must remember of itself, unless another has made them meanwhile."""
        rows = {"schema": str(tables.SCHEMA_VERSION), "generation": "0", **facts}
        with self._db.writing() as db:
            self._db.kind.prepare(db)
            tables.schema.create_all(db)
            put_new(db, _facts, [{"name": name, "value": value} for name, value in rows.items()])

    def facts(self) -> dict[str, str]:
        """What the library remembers of itself: schema, id, embedder, dimension, generation. Empty before `create`."""
        with self._db.reading() as db:
            if not sa.inspect(db).has_table(_facts.name):
                return {}
            return {str(name): str(value) for name, value in db.execute(sa.select(_facts.c.name, _facts.c.value))}

    def fact(self, name: str) -> str:
        """One of the things that the library remembers of itself."""
        with self._db.reading() as db:
            return fact_of(db, name)

    def remember(self, facts: Mapping[str, str]) -> None:
        """Puts facts in place of those of the same name."""
        with self._db.writing() as db:
            rows = [{"name": name, "value": value} for name, value in facts.items()]
            put(db, _facts, rows)

    def generation(self) -> int:
        """A number that grows with every change, so that a reader notices what another process wrote."""
        with self._db.reading() as db:
            return number_of(db, "generation")

    # --- writing ------------------------------------------------------------------------------------------------------

    def put(self, entries: Sequence[NewArticle], vectors: Mapping[bytes, Vectors]) -> None:
        """Stores the entries in place of articles with the same ids, and the vectors of passages that had none.

        `vectors` are by `passage_hash`. Each entry stands alone until it is grouped with the others.
        """
        ids = [entry.article.id for entry in entries]
        with self._db.writing() as db:
            model = fact_of(db, "model")
            leave_stories(db, ids)
            drop_passages(db, ids)
            for some in portions(ids):
                for table in (_details, tables.bands):
                    db.execute(table.delete().where(table.c.article_id.in_(some)))
            _replace(db, corrected(db, [article_row(entry) for entry in entries]))
            db.execute(_details.insert(), [details_row(entry) for entry in entries])
            if bands := [{"key": key, "article_id": e.article.id} for e in entries for key in e.bands]:
                db.execute(tables.bands.insert(), bands)
            note_sources(db, [(entry.origin, entry.article.id, "article", entry.text_hash) for entry in entries])
            if vectors:
                rows = [{"model": model, "text_hash": key, "vector": v.tobytes()} for key, v in vectors.items()]
                put_new(db, tables.embeddings, rows)
            if rows := [row for entry in entries for row in passage_rows(entry)]:
                db.execute(_passages.insert(), rows)
            note_passages(db, ids)
            count_up(db)

    def correct(self, article_ids: Sequence[str], given: Mapping[str, str], unset: Sequence[str]) -> None:
        """Sets fields of articles that are there, or gives them back to their files. Each stands alone until grouped.

        Their passages come anew: what they are found by has changed.
        """
        with self._db.writing() as db:
            correct(db, article_ids, given, unset)

    def corrections(self, article_id: str) -> tuple[Correction, ...]:
        """What a person has set of an article."""
        with self._db.reading() as db:
            return corrections_of(db, article_id)

    def set_first_published(self, days: Mapping[str, dt.date]) -> None:
        """Notes the days on which articles were first published, by id."""
        statement = _articles.update().where(_articles.c.id == sa.bindparam("of"))
        if days:
            with self._db.writing() as db:
                rows = [{"of": id_, "day": day} for id_, day in days.items()]
                db.execute(statement.values(first_published=sa.bindparam("day")), rows)
                count_up(db)

    def take_out(self, article_ids: Sequence[str]) -> None:
        """Removes articles and what the manifest says of them; ids that are not there are passed over."""
        with self._db.writing() as db:
            leave_stories(db, article_ids)
            drop_passages(db, article_ids)
            for some in portions(article_ids):
                containers = sa.select(tables.sources.c.container).where(tables.sources.c.article_id.in_(some))
                db.execute(tables.files.delete().where(tables.files.c.path.in_(containers)))
                db.execute(_articles.delete().where(_articles.c.id.in_(some)))
            count_up(db)

    # --- vectors ------------------------------------------------------------------------------------------------------

    def embedded_texts(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Those of the passages' hashes that there is a vector for, of the library's own embedder."""
        found: set[bytes] = set()
        with self._db.reading() as db:
            model, table = fact_of(db, "model"), tables.embeddings
            for some in portions(list(hashes)):
                query = sa.select(table.c.text_hash).where(table.c.model == model, table.c.text_hash.in_(some))
                found.update(db.execute(query).scalars())
        return found

    def without_vector(self, model: str) -> list[int]:
        """Ids of the passages that have no vector of this model."""
        table = tables.embeddings
        theirs = sa.and_(table.c.text_hash == _passages.c.text_hash, table.c.model == model)
        query = sa.select(_passages.c.id).outerjoin(table, theirs).where(table.c.text_hash.is_(None))
        with self._db.reading() as db:
            return list(db.execute(query.order_by(_passages.c.id)).scalars())

    def put_vectors(self, model: str, vectors: Mapping[bytes, Vectors]) -> None:
        """Stores vectors of a model, which need not be the library's own yet."""
        rows = [{"model": model, "text_hash": key, "vector": v.tobytes()} for key, v in vectors.items()]
        with self._db.writing() as db:
            put_new(db, tables.embeddings, rows)

    def unused_vectors(self, *, remove: bool = False) -> int:
        """How many vectors belong to no passage, or to another model; and out they go, if so wanted."""
        table = tables.embeddings
        with self._db.writing() if remove else self._db.reading() as db:
            used = sa.select(_passages.c.text_hash)
            unused = sa.or_(table.c.model != fact_of(db, "model"), table.c.text_hash.not_in(used))
            count = int(db.execute(sa.select(sa.func.count()).select_from(table).where(unused)).scalar_one())
            if remove and count:
                db.execute(table.delete().where(unused))
        return count

    # --- what the vector index has to follow --------------------------------------------------------------------------

    def pending(self, most: int) -> dict[int, int]:
        """The longest-standing changes, `most` of them at most: number of the change -> passage that came or went."""
        query = sa.select(tables.pending.c.number, tables.pending.c.passage_id).where(self._is_mine())
        with self._db.reading() as db:
            rows = db.execute(query.order_by(tables.pending.c.number).limit(most))
            return {row.number: row.passage_id for row in rows}

    def count_pending(self) -> int:
        """How many changes there are that the vector index has not followed."""
        with self._db.reading() as db:
            return int(db.execute(sa.select(sa.func.count()).where(self._is_mine())).scalar_one())

    def note_followed(self, numbers: Iterable[int]) -> None:
        """Notes that the vector index has followed these changes."""
        statement = tables.pending.delete().where(tables.pending.c.number == sa.bindparam("n"))
        with self._db.writing() as db:
            db.execute(statement, [{"n": number} for number in numbers])

    def start_again(self) -> None:
        """Notes every passage as one that the vector index has not got."""
        with self._db.writing() as db:
            db.execute(tables.pending.delete().where(self._is_mine()))
            every = sa.select(_passages.c.id, sa.literal(self.keeper)).order_by(_passages.c.id)
            db.execute(tables.pending.insert().from_select(["passage_id", "keeper"], every))

    def forget_keepers(self) -> None:
        """Whoever keeps a vector index starts it again."""
        with self._db.writing() as db:
            db.execute(_facts.update().where(IS_KEEPER).values(value=""))

    def drop_idle_keepers(self) -> None:
        """Notes no more changes for machines that have not followed for long: they start again if they come back."""
        waiting = sa.select(tables.pending.c.keeper).group_by(tables.pending.c.keeper)
        with self._db.writing() as db:
            total = db.execute(sa.select(sa.func.count()).select_from(_passages)).scalar_one()
            idle = waiting.having(sa.func.count() > 2 * total + _PATIENCE)
            for keeper in set(db.execute(idle).scalars()) - {self.keeper}:
                db.execute(tables.pending.delete().where(tables.pending.c.keeper == keeper))
                db.execute(_facts.delete().where(_facts.c.name == keeper))

    def _is_mine(self) -> sa.ColumnElement[bool]:
        return tables.pending.c.keeper == self.keeper

    def embedded(self, passage_ids: Sequence[int]) -> list[PassageVector]:
        """What the vector index keeps of these passages; those that the library no longer holds are left out."""
        found: list[PassageVector] = []
        columns = (_passages.c.id, _articles.c.outlet, _articles.c.date, _articles.c.date_last)
        vectors = tables.embeddings
        with self._db.reading() as db:
            theirs = sa.and_(vectors.c.text_hash == _passages.c.text_hash, vectors.c.model == fact_of(db, "model"))
            query = sa.select(*columns, vectors.c.vector).join(_articles).join(vectors, theirs)
            for some in portions(passage_ids):
                rows = db.execute(query.where(_passages.c.id.in_(some)))
                found += (
                    PassageVector(r.id, r.outlet, r.date, r.date_last, np.frombuffer(r.vector, np.float32))
                    for r in rows
                )
        return found

    # --- reading ------------------------------------------------------------------------------------------------------

    def get(self, article_id: str) -> Article | None:
        """The whole article, or None."""
        return self.many([article_id]).get(article_id)

    def many(self, article_ids: Sequence[str]) -> dict[str, Article]:
        """The whole articles, by id; those that are not there are left out."""
        with self._db.reading() as db:
            return load_articles(db, article_ids)

    def dropped(self, article_id: str) -> tuple[Dropped, ...]:
        """The lines that cleaning took out of an article, in order."""
        query = sa.select(_details.c.dropped).where(_details.c.article_id == article_id)
        with self._db.reading() as db:
            return tuple(Dropped(**line) for line in json.loads(db.execute(query).scalar() or "[]"))

    def rows(self, filters: Filters = Filters()) -> list[ArticleRow]:
        """Every article that passes the filters, without its text, newest first, undated last."""
        count = sa.func.count(_passages.c.id).label("passages")
        names = [name for name in ArticleRow.__slots__ if name != "passages"]
        query = (
            sa.select(*(_articles.c[name] for name in names), count)
            .join(_passages, isouter=True)
            .group_by(_articles.c.id)
            .order_by(_articles.c.date.desc().nulls_last(), _articles.c.title)
        )
        with self._db.reading() as db:
            rows = db.execute(query.where(*conditions(db, filters))).mappings()
            return [ArticleRow(**row) for row in rows]

    def count(self, filters: Filters = Filters()) -> int:
        """How many articles there are that pass the filters."""
        query = sa.select(sa.func.count()).select_from(_articles)
        with self._db.reading() as db:
            return int(db.execute(query.where(*conditions(db, filters))).scalar_one())

    def problems(self) -> list[str]:
        """What the database finds wrong with itself; nothing where it is whole."""
        with self._db.reading() as db:
            return self._db.kind.problems(db)

    def altered(self, most: int) -> tuple[list[str], int]:
        """Ids of the articles whose text is not the one that was stored, and how many articles were looked at.

        Of more than `most`, so many are looked at, chosen by chance.
        """
        found: list[str] = []
        with self._db.reading() as db:
            ids = list(db.execute(sa.select(_articles.c.id).order_by(_articles.c.id)).scalars())
            chosen = ids if len(ids) <= most else sorted(random.sample(ids, most))
            text = Bytes(_articles.c.text)
            for some in portions(chosen):
                rows = db.execute(
                    sa.select(_articles.c.id, _articles.c.text_hash, text).where(_articles.c.id.in_(some))
                )
                found += (id_ for id_, text_hash, stored in rows if sha256(stored).hexdigest() != text_hash)
        return sorted(found), len(chosen)

    def known(
        self, *, ids: Sequence[str] = (), text_hashes: Sequence[str] = (), url_keys: Sequence[str] = ()
    ) -> list[KnownArticle]:
        """The articles with one of these ids, texts or addresses, as their files have them."""
        found: dict[str, KnownArticle] = {}
        columns = [_articles.c[name] for name in KnownArticle.__slots__]
        with self._db.reading() as db:
            keys = (_articles.c.id, ids), (_articles.c.text_hash, text_hashes), (_articles.c.url_key, url_keys)
            for column, values in keys:
                for some in portions(values):
                    rows = db.execute(sa.select(*columns).where(column.in_(some)).order_by(_articles.c.id))
                    found |= {row.id: KnownArticle(*row) for row in rows}
            for id_, said in said_by_files(db, list(found)).items():
                found[id_] = replace(found[id_], outlet=said["outlet"], date=said["date"])
        return list(found.values())

    def sources_of(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Article id -> the source it is read from, for those that are in the library."""
        found: dict[str, str] = {}
        with self._db.reading() as db:
            for some in portions(article_ids):
                query = sa.select(_articles.c.id, _articles.c.source).where(_articles.c.id.in_(some))
                found |= {row.id: row.source for row in db.execute(query)}
        return found

    def lines_of(self, outlet: str | None) -> dict[str, bytes]:
        """Article id -> hashes of the lines it came with, of all articles of an outlet."""
        query = sa.select(_details.c.article_id, _details.c.lines).join(_articles)
        with self._db.reading() as db:
            return {row.article_id: row.lines for row in db.execute(query.where(_articles.c.outlet == outlet))}

    def stored(self, article_ids: Sequence[str]) -> list[NewArticle]:
        """The articles as they were put in, to be changed and put in again; without what is made of their text.

        What was set by hand is left out: it comes back over what is put in.
        """
        found = []
        source = tables.sources
        columns = (_articles, _details.c.dropped, _details.c.lines, source.c.container, source.c.content_hash)
        with self._db.reading() as db:
            for some in portions(article_ids):
                query = sa.select(*columns, source.c.versions).join(_details)
                query = query.join(source, source.c.source == _articles.c.source)
                said = said_by_files(db, some)
                for row in db.execute(query.where(_articles.c.id.in_(some))).mappings():
                    origin = Origin(row["source"], row["container"], row["content_hash"], row["versions"])
                    dropped = tuple(Dropped(**line) for line in json.loads(row["dropped"]))
                    found.append(
                        NewArticle(
                            article_of({**row, **said.get(row["id"], {})}),
                            origin,
                            row["text_hash"],
                            (),
                            row["url_key"],
                            dropped,
                            row["lines"],
                        )
                    )
        return found

    def passages(self, ids: Sequence[int], until: dt.date | None = None) -> dict[int, Passage]:
        """The passages with these ids; those that the library no longer holds are left out.

        With `until`, a version of their story that is dated later is not named.
        """
        found: dict[int, Passage] = {}
        articles: dict[str, Article] = {}
        columns = (_passages.c.id, _passages.c.article_id, _passages.c.start, _passages.c.end, _passages.c.is_copy)
        with self._db.reading() as db:
            for some in portions(ids):
                rows = db.execute(sa.select(*columns).where(_passages.c.id.in_(some)).order_by(_passages.c.id)).all()
                articles |= load_articles(db, list({row.article_id for row in rows} - articles.keys()), until)
                found |= {r.id: Passage(articles[r.article_id], r.start, r.end, r.id, r.is_copy) for r in rows}
        return found

    def passage_ids(self, filters: Filters = Filters()) -> list[int]:
        """Ids of all passages of the articles that pass the filters, ascending."""
        query = sa.select(_passages.c.id).order_by(_passages.c.id)
        with self._db.reading() as db:
            if filters:
                query = query.join(_articles).where(*conditions(db, filters))
            return list(db.execute(query).scalars())

    def changes_since(self, known: NDArray[np.int64]) -> tuple[list[int], list[int]]:
        """Ids of the passages that have gone since there were those that are `known`, and of those that came."""
        return passage_changes(self._db, known)

    def copies(self) -> list[int]:
        """Ids of the passages that say nothing which the article that leads their story does not say, ascending."""
        query = sa.select(_passages.c.id).where(_passages.c.is_copy).order_by(_passages.c.id)
        with self._db.reading() as db:
            return list(db.execute(query).scalars())

    def outlets(self) -> list[str]:
        """Every outlet that an article has, in the order of the alphabet."""
        query = sa.select(_articles.c.outlet).where(_articles.c.outlet.is_not(None)).distinct()
        with self._db.reading() as db:
            return sorted(db.execute(query.order_by(_articles.c.outlet)).scalars())

    def languages(self) -> list[str]:
        """The languages of the articles, two letters each, that of most first; none where it is not known of any."""
        count = sa.func.count()
        query = sa.select(_articles.c.language).where(_articles.c.language.is_not(None)).group_by(_articles.c.language)
        with self._db.reading() as db:
            return list(db.execute(query.order_by(count.desc(), _articles.c.language)).scalars())

    def first_and_last_day(self, until: dt.date | None = None) -> tuple[dt.date, dt.date] | None:
        """The days of the oldest and of the newest article, up to `until`; None where no article has one."""
        days = _articles.c.date
        query = sa.select(sa.func.min(days), sa.func.max(days))
        with self._db.reading() as db:
            first, last = db.execute(query.where(days <= until) if until else query).one()
        return (first, last) if first and last else None

    def days(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Ids of all passages, ascending, and the day of each one's article as an ordinal; nan for an undated one."""
        query = sa.select(_passages.c.id, _articles.c.date).join(_articles).order_by(_passages.c.id)
        with self._db.reading() as db:
            rows = db.execute(query).all()
        days = {date: float(date.toordinal()) if date else np.nan for date in {row.date for row in rows}}
        return np.array([row.id for row in rows], np.int64), np.array([days[row.date] for row in rows], np.float64)

    def all_passages(self, ids: Iterable[int]) -> Iterator[Passage]:
        """The passages with these ids, a portion at a time, so that memory does not grow with their number."""
        for some in portions(list(ids)):
            yield from self.passages(some).values()


def _replace(db: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes the rows of articles over those with the same ids, whose sources stay with them."""
    new = {row["id"]: row for row in rows}
    there = those_there(db, list(new))
    note_members(db, rows, there)
    for id_ in there:
        db.execute(_articles.update().where(_articles.c.id == id_).values(**new.pop(id_)))
    if new:
        db.execute(_articles.insert(), list(new.values()))


_LONGEST = dt.timedelta(366)
"""Days between the first and the last day that an article may be of: it is of a year at the most."""


def conditions(db: Connection, filters: Filters) -> list[sa.ColumnElement[bool]]:
    """What an article must meet to pass the filters. Raises UsageError for a collection that is gone."""
    found: list[sa.ColumnElement[bool]] = []
    if filters.date_from:
        found.append(_articles.c.date_last >= filters.date_from)
        if filters.date_from > dt.date.min + _LONGEST:  # says nothing new, and spares reading all the articles before
            found.append(_articles.c.date >= filters.date_from - _LONGEST)
    if filters.date_to:
        found.append(_articles.c.date <= filters.date_to)
    if filters.dated_until:
        found.append(sa.or_(_articles.c.date.is_(None), _articles.c.date <= filters.dated_until))
    if filters.outlets:
        found.append(Lowered(_articles.c.outlet).in_([outlet.lower() for outlet in filters.outlets]))
    if filters.articles or filters.stories:
        chosen = _articles.c.id.in_(each(filters.articles)), _articles.c.story.in_(each(filters.stories))
        found.append(sa.or_(*chosen))
    if filters.collection:
        found.append(_is_in(db, filters.collection))
    return found


def _is_in(db: Connection, collection: CollectionName) -> sa.ColumnElement[bool]:
    fits = filter_of(db, collection)
    ways = [is_chosen(collection.id), *is_brought(db, collection.id)]
    return sa.or_(*ways, sa.and_(*conditions(db, fits))) if fits else sa.or_(*ways)
