"""Articles and their passages with their vectors, in SQLite: the truth that the two indexes follow."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, RowMapping

from qa.errors import LibraryError
from qa.models.base import Vectors
from qa.types import Article, Filters, Passage

# Counted up when the tables change, or what the indexes make of an article: a library of another version is refused.
SCHEMA_VERSION = "1"
T = TypeVar("T")
_AT_ONCE = 500  # ids in one IN (...): well under SQLite's limit on variables

_schema = sa.MetaData()
_facts = sa.Table(
    "library",
    _schema,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)
_articles = sa.Table(
    "articles",
    _schema,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("source", sa.String, nullable=False, unique=True),
    sa.Column("fingerprint", sa.String, nullable=False),
    sa.Column("text_hash", sa.String, nullable=False, unique=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("outlet", sa.String, index=True),
    sa.Column("date", sa.Date, index=True),
    sa.Column("date_source", sa.String, nullable=False),
    sa.Column("authors", sa.String, nullable=False),
    sa.Column("url", sa.String),
    sa.Column("path", sa.String),
    sa.Column("language", sa.String),
    sa.Column("text", sa.String, nullable=False),
)
_passages = sa.Table(
    "passages",
    _schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # no id is ever given out again
)
# Passages that came or went, and that the vector index has not followed yet.
_pending = sa.Table(
    "pending",
    _schema,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("passage_id", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article on its way into the store, with the offsets of its passages."""

    article: Article
    source: str
    """Where it came from: a path, or a path and an id within the file. One source is one article."""
    fingerprint: str
    """Hash of the raw content and of the versions of all that was done to it: equal means unchanged."""
    text_hash: str
    """Hash of the cleaned text: equal means an exact copy."""
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A line of the table of contents: an article without its text."""

    id: str
    title: str
    outlet: str | None
    date: dt.date | None
    date_source: str
    url: str | None
    path: str | None
    passages: int


@dataclass(frozen=True, slots=True)
class Embedded:
    """What the vector index keeps of a passage."""

    passage_id: int
    outlet: str | None
    date: dt.date | None
    vector: Vectors
    """Shape (dimension,)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the library remembers of an article that it holds already."""

    id: str
    fingerprint: str


class Articles:
    """The articles database. Every method is one transaction; raises LibraryError where the disk or the file fails."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        url = sa.URL.create("sqlite", database=str(self._path))
        self._engine: Engine = sa.create_engine(url, creator=self._connect)
        self._writing = self._engine.execution_options(writes=True)
        sa.event.listen(self._engine, "begin", _begin)
        sa.event.listen(self._engine, "handle_error", self._explain)

    def create(self, facts: Mapping[str, str]) -> None:
        """Makes the tables, with what the library must remember of itself."""
        rows = {"schema": SCHEMA_VERSION, "generation": "0", **facts}
        with self._writing.begin() as db:
            _schema.create_all(db)
            db.execute(_facts.insert(), [{"name": name, "value": value} for name, value in rows.items()])

    def facts(self) -> dict[str, str]:
        """What the library remembers of itself: schema, embedder, dimension, generation. Empty before `create`."""
        with self._engine.connect() as db:
            if not sa.inspect(db).has_table(_facts.name):
                return {}
            return {str(name): str(value) for name, value in db.execute(sa.select(_facts.c.name, _facts.c.value))}

    def generation(self) -> int:
        """A number that grows with every change, so that a reader notices what another process wrote."""
        with self._engine.connect() as db:
            return _number(db, "generation")

    # --- writing ------------------------------------------------------------------------------------------------------

    def put(self, entries: Sequence[Entry], vectors: Vectors) -> None:
        """Stores the entries with the vectors of all their passages, in place of articles with the same ids."""
        numbers = iter(vectors)
        ids = [entry.article.id for entry in entries]
        with self._writing.begin() as db:
            _take_out(db, ids)
            db.execute(_articles.insert(), [_row(entry) for entry in entries])
            rows = [
                {"article_id": entry.article.id, "start": start, "end": end, "vector": next(numbers).tobytes()}
                for entry in entries
                for start, end in entry.spans
            ]
            db.execute(_passages.insert(), rows)
            _note(db, ids)
            _count_up(db)

    def take_out(self, article_ids: Sequence[str]) -> None:
        """Removes articles; ids that are not there are passed over."""
        with self._writing.begin() as db:
            _take_out(db, article_ids)
            _count_up(db)

    # --- what the vector index has to follow --------------------------------------------------------------------------

    def pending(self, most: int) -> dict[int, int]:
        """The longest-standing changes, `most` of them at most: number of the change -> passage that came or went."""
        query = sa.select(_pending.c.number, _pending.c.passage_id).order_by(_pending.c.number).limit(most)
        with self._engine.connect() as db:
            return {row.number: row.passage_id for row in db.execute(query)}

    def settle(self, numbers: Iterable[int]) -> None:
        """Notes that the vector index has followed these changes."""
        with self._writing.begin() as db:
            db.execute(_pending.delete().where(_pending.c.number == sa.bindparam("n")), [{"n": n} for n in numbers])

    def start_again(self) -> None:
        """Notes every passage as one that the vector index has not got."""
        with self._writing.begin() as db:
            db.execute(_pending.delete())
            db.execute(_pending.insert().from_select(["passage_id"], sa.select(_passages.c.id)))

    def embedded(self, passage_ids: Sequence[int]) -> list[Embedded]:
        """What the vector index keeps of these passages; those that the library no longer holds are left out."""
        found: list[Embedded] = []
        columns = (_passages.c.id, _articles.c.outlet, _articles.c.date, _passages.c.vector)
        with self._engine.connect() as db:
            for some in _portions(passage_ids):
                rows = db.execute(sa.select(*columns).join(_articles).where(_passages.c.id.in_(some)))
                found += (Embedded(row.id, row.outlet, row.date, np.frombuffer(row.vector, np.float32)) for row in rows)
        return found

    # --- reading ------------------------------------------------------------------------------------------------------

    def get(self, article_id: str) -> Article | None:
        """The whole article, or None."""
        with self._engine.connect() as db:
            row = db.execute(sa.select(_articles).where(_articles.c.id == article_id)).mappings().first()
        return _article(row) if row else None

    def rows(self) -> list[ArticleRow]:
        """Every article without its text, newest first, undated last."""
        count = sa.func.count(_passages.c.id).label("passages")
        names = ("id", "title", "outlet", "date", "date_source", "url", "path")
        query = (
            sa.select(*(_articles.c[name] for name in names), count)
            .join(_passages, isouter=True)
            .group_by(_articles.c.id)
            .order_by(_articles.c.date.desc().nulls_last(), _articles.c.title)
        )
        with self._engine.connect() as db:
            return [ArticleRow(**row) for row in db.execute(query).mappings()]

    def count(self) -> int:
        """How many articles there are."""
        with self._engine.connect() as db:
            return int(db.execute(sa.select(sa.func.count()).select_from(_articles)).scalar_one())

    def known(self, sources: Sequence[str]) -> dict[str, Known]:
        """Source -> what is known of it, for those that are in the library."""
        found: dict[str, Known] = {}
        with self._engine.connect() as db:
            for some in _portions(sources):
                query = sa.select(_articles.c.source, _articles.c.id, _articles.c.fingerprint)
                for source, id_, fingerprint in db.execute(query.where(_articles.c.source.in_(some))):
                    found[source] = Known(id_, fingerprint)
        return found

    def sources_of(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Article id -> where it came from, for those that are in the library."""
        return self._pairs(_articles.c.id, _articles.c.source, article_ids)

    def copies_of(self, text_hashes: Sequence[str]) -> dict[str, str]:
        """Hash of a text -> id of the article with exactly this text, where there is one."""
        return self._pairs(_articles.c.text_hash, _articles.c.id, text_hashes)

    def copy_of(self, text_hash: str) -> str | None:
        """The id of the article with exactly this text, or None."""
        return self.copies_of([text_hash]).get(text_hash)

    def _pairs(self, key: sa.Column[str], value: sa.Column[str], keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._engine.connect() as db:
            for some in _portions(keys):
                found |= {row[0]: row[1] for row in db.execute(sa.select(key, value).where(key.in_(some)))}
        return found

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """The passages with these ids; those that the library no longer holds are left out."""
        found: dict[int, Passage] = {}
        articles: dict[str, Article] = {}
        with self._engine.connect() as db:
            for some in _portions(ids):
                columns = (_passages.c.id, _passages.c.article_id, _passages.c.start, _passages.c.end)
                rows = db.execute(sa.select(*columns).where(_passages.c.id.in_(some)).order_by(_passages.c.id)).all()
                missing = {row.article_id for row in rows} - articles.keys()
                query = sa.select(_articles).where(_articles.c.id.in_(missing))
                articles |= {row["id"]: _article(row) for row in db.execute(query).mappings()}
                found |= {row.id: Passage(articles[row.article_id], row.start, row.end, row.id) for row in rows}
        return found

    def passage_ids(self, filters: Filters = Filters()) -> list[int]:
        """Ids of all passages of the articles that pass the filters, ascending."""
        query = sa.select(_passages.c.id).order_by(_passages.c.id)
        if filters:
            query = query.join(_articles).where(*_conditions(filters))
        with self._engine.connect() as db:
            return list(db.execute(query).scalars())

    def all_passages(self, ids: Iterable[int]) -> Iterator[Passage]:
        """The passages with these ids, a portion at a time, so that memory does not grow with their number."""
        for some in _portions(list(ids)):
            yield from self.passages(some).values()

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    def _connect(self) -> sqlite3.Connection:
        connection = None
        try:
            connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")  # readers go on while a writer writes
            connection.execute("PRAGMA synchronous=FULL")  # after a power cut no index may be ahead of the truth
            connection.execute("PRAGMA foreign_keys=ON")
            connection.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows only ASCII
        except sqlite3.Error as error:
            if connection:
                connection.close()
            raise self._error(error) from None
        return connection

    def _explain(self, context: sa.engine.ExceptionContext) -> None:
        if isinstance(context.original_exception, sqlite3.DatabaseError) and not isinstance(
            context.original_exception, sqlite3.IntegrityError | sqlite3.ProgrammingError
        ):
            raise self._error(context.original_exception) from None

    def _error(self, error: BaseException) -> LibraryError:
        if isinstance(error, sqlite3.OperationalError):
            remedy = "Free some space or change its permissions, or name another with --index."
        else:
            remedy = "Put back a copy of it, or delete the folder and ingest the articles again."
        return LibraryError(f"Library {self._path.parent} cannot be used: articles.db says '{error}'. {remedy}")


def _lower(value: str | None) -> str | None:
    return value.lower() if isinstance(value, str) else value


def _begin(db: Connection) -> None:
    """Begins at once: the driver would begin at the first change, and each query before it read another state."""
    db.exec_driver_sql("BEGIN IMMEDIATE" if db.get_execution_options().get("writes") else "BEGIN")


def _number(db: Connection, name: str) -> int:
    return int(db.execute(sa.select(_facts.c.value).where(_facts.c.name == name)).scalar_one())


def _count_up(db: Connection) -> None:
    generation = _number(db, "generation") + 1
    db.execute(_facts.update().where(_facts.c.name == "generation").values(value=str(generation)))


def _take_out(db: Connection, article_ids: Sequence[str]) -> None:
    _note(db, article_ids)
    for some in _portions(article_ids):
        db.execute(_articles.delete().where(_articles.c.id.in_(some)))


def _note(db: Connection, article_ids: Sequence[str]) -> None:
    """Notes the passages of these articles as changed."""
    for some in _portions(article_ids):
        passages = sa.select(_passages.c.id).where(_passages.c.article_id.in_(some))
        db.execute(_pending.insert().from_select(["passage_id"], passages))


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.date_from:
        conditions.append(_articles.c.date >= filters.date_from)
    if filters.date_to:
        conditions.append(_articles.c.date <= filters.date_to)
    if filters.outlets:
        conditions.append(sa.func.lower(_articles.c.outlet).in_([outlet.lower() for outlet in filters.outlets]))
    return conditions


def _portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def _row(entry: Entry) -> dict[str, Any]:
    article = entry.article
    return {
        "id": article.id,
        "source": entry.source,
        "fingerprint": entry.fingerprint,
        "text_hash": entry.text_hash,
        "title": article.title,
        "outlet": article.outlet,
        "date": article.date,
        "date_source": article.date_source,
        "authors": json.dumps(article.authors, ensure_ascii=False),
        "url": article.url,
        "path": article.path,
        "language": article.language,
        "text": article.text,
    }


def _article(row: RowMapping) -> Article:
    return Article(
        id=row["id"],
        title=row["title"],
        text=row["text"],
        outlet=row["outlet"],
        date=row["date"],
        date_source=row["date_source"],
        authors=tuple(json.loads(row["authors"])),
        url=row["url"],
        path=row["path"],
        language=row["language"],
    )
