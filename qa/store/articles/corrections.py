"""What a person has set of an article by hand: it stands over what the file says, and outlives every ingest."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.errors import UsageError
from qa.language.days import read_day
from qa.store import tables
from qa.store.articles.changes import count_up, drop_passages, leave_stories, note_passages, those_there
from qa.store.articles.rows import last_day_of
from qa.store.database import portions, writable
from qa.types import Article, CorrectedField, Correction

_articles, _corrections, _passages = tables.articles, tables.corrections, tables.passages
FIELDS: tuple[CorrectedField, ...] = get_args(CorrectedField)
_LONGEST = 1_000  # characters of a value
_BETWEEN = "; "
"""What stands between two authors."""

Row = dict[str, Any]


def checked_corrections(given: Mapping[str, str], unset: Sequence[str]) -> dict[str, str]:
    """The values in the form they are kept in. Raises UsageError for a field or value that cannot be."""
    for field in unset:
        if _named(field) in given:
            raise UsageError(f"The {field} cannot be set and given back at once.")
    return {field: _KEPT[_named(field)](" ".join(value.split())) for field, value in given.items()}


def as_written(article: Article) -> dict[CorrectedField, str]:
    """What is known of an article, field by field, in the form that a person would set it in."""
    row = {"title": article.title, "date": article.date, "outlet": article.outlet}
    row |= {"date_precision": article.date_precision, "authors": json.dumps(article.authors)}
    return {field: _text_of(row, field) for field in FIELDS}


def _named(field: str) -> CorrectedField:
    if field not in FIELDS:
        raise UsageError(f"'{field}' of an article cannot be set. Choose one of: {', '.join(FIELDS)}.")
    return field


def _kept_title(value: str) -> str:
    if not value:
        raise UsageError("The title of an article cannot be empty.")
    return _short("title", value)


def _kept_outlet(value: str) -> str:
    return _short("outlet", value)


def _kept_date(value: str) -> str:
    if not value:
        return ""
    day = read_day(value)
    if day is None:
        raise UsageError(f"'{value}' is not a day. Write it as 2024-05-03; 2024-05 or 2024 where no more is known.")
    return day.date.isoformat()[: _DIGITS[day.precision]]


def _kept_authors(value: str) -> str:
    return _short("authors", _BETWEEN.join(filter(None, map(str.strip, value.split(";")))))


def _short(field: str, value: str) -> str:
    if len(value) > _LONGEST:
        raise UsageError(f"The {field} has {len(value):,} characters; {_LONGEST:,} are the most that can be set.")
    return writable(value)


_KEPT: Mapping[CorrectedField, Callable[[str], str]] = {
    "title": _kept_title,
    "date": _kept_date,
    "outlet": _kept_outlet,
    "authors": _kept_authors,
}
_DIGITS = {"day": 10, "month": 7, "year": 4}

# --- the columns that a field stands in -------------------------------------------------------------------------------

_DAYS = ("date", "date_last", "updated")
_COLUMNS = ("title", "title_is_made", "outlet", "authors", "date_source", "date_precision", *_DAYS)


def _said(row: Mapping[Any, Any]) -> str:
    """What the file says, as JSON."""
    return json.dumps({name: row[name] for name in _COLUMNS}, default=dt.date.isoformat, ensure_ascii=False)


def _as_said(said: str) -> Row:
    """The columns as the file has them."""
    row: Row = json.loads(said)
    return row | {name: row[name] and dt.date.fromisoformat(row[name]) for name in _DAYS}


def _as_set(said: str, given: Mapping[str, str]) -> Row:
    """The columns with what was set over what the file says."""
    row = _as_said(said)
    for field, value in given.items():
        if field == "title":
            row |= {"title": value, "title_is_made": False}
        elif field == "outlet":
            row["outlet"] = value or None
        elif field == "authors":
            row["authors"] = json.dumps(value.split(_BETWEEN) if value else [], ensure_ascii=False)
        else:
            row |= _day_columns(value, row["updated"])
    return row


def _day_columns(value: str, updated: dt.date | None) -> Row:
    if not value:
        return {"date": None, "date_last": None, "date_source": "set", "date_precision": "day", "updated": None}
    date = dt.date.fromisoformat(value + "-01-01"[len(value) - 4 :] if len(value) < 10 else value)
    precision = next(name for name, digits in _DIGITS.items() if digits == len(value))
    return {
        "date": date,
        "date_last": last_day_of(date, precision),
        "date_source": "set",
        "date_precision": precision,
        "updated": updated if updated and updated > date else None,
    }


def _text_of(row: Mapping[Any, Any], field: str) -> str:
    """What the columns say of a field, in the form that a person would set it in."""
    if field == "authors":
        return _BETWEEN.join(json.loads(row["authors"]))
    if field == "date":
        return row["date"].isoformat()[: _DIGITS[row["date_precision"]]] if row["date"] else ""
    return row[field] or ""


# --- inside a transaction ---------------------------------------------------------------------------------------------


def correct(db: Connection, article_ids: Sequence[str], given: Mapping[str, str], unset: Iterable[str]) -> None:
    """Sets fields of articles that are there, and makes their passages anew: what they are found by has changed."""
    leave_stories(db, article_ids)
    for id_ in article_ids:
        _set_fields(db, id_, given, unset)
        columns = [column for column in _passages.c if column is not _passages.c.id]
        query = sa.select(*columns).where(_passages.c.article_id == id_).order_by(_passages.c.id)
        anew = [{**row, "is_copy": False} for row in db.execute(query).mappings()]
        drop_passages(db, [id_])
        if anew:
            db.execute(_passages.insert(), anew)
    note_passages(db, article_ids)
    count_up(db)


def _set_fields(db: Connection, article_id: str, given: Mapping[str, str], unset: Iterable[str]) -> None:
    columns = (_articles.c[name] for name in ("source", "text_hash", *_COLUMNS))
    row = db.execute(sa.select(*columns).where(_articles.c.id == article_id)).mappings().one()
    there = db.execute(sa.select(_corrections).where(_corrections.c.article_id == article_id)).mappings().first()
    said = there["said"] if there else _said(row)
    kept = {**(json.loads(there["given"]) if there else {}), **given}
    kept = {field: value for field, value in kept.items() if field not in unset}
    alone = {"story": article_id, "grouped": False}
    db.execute(_articles.update().where(_articles.c.id == article_id).values(**_as_set(said, kept), **alone))
    db.execute(_corrections.delete().where(_corrections.c.article_id == article_id))
    if kept:
        db.execute(_corrections.insert(), _row(article_id, row, said, kept))


def _row(article_id: str, row: Mapping[Any, Any], said: str, given: Mapping[str, str]) -> Row:
    of = {"article_id": article_id, "source": row["source"], "text_hash": row["text_hash"]}
    return {**of, "said": said, "given": json.dumps(given, ensure_ascii=False)}


def corrected(db: Connection, rows: Sequence[Row]) -> list[Row]:
    """Rows of articles on their way in, with what was set of them; notes what their files say now.

    What was set of an article that has gone comes back with it: with its file, or with its text. It goes where another
    article takes the id.
    """
    by_id = {row["id"]: row for row in rows}
    for some in portions(list(by_id)):
        kept = db.execute(sa.select(_corrections).where(_corrections.c.article_id.in_(some))).mappings().all()
        if not kept:
            continue
        there = those_there(db, some)
        for correction in kept:
            id_ = correction["article_id"]
            row = by_id[id_]
            db.execute(_corrections.delete().where(_corrections.c.article_id == id_))
            if id_ in there or any(row[name] == correction[name] for name in ("source", "text_hash")):
                said, given = _said(row), json.loads(correction["given"])
                db.execute(_corrections.insert(), _row(id_, row, said, given))
                by_id[id_] = row | _as_set(said, given)
    return list(by_id.values())


def said_by_files(db: Connection, article_ids: Sequence[str]) -> dict[str, Row]:
    """Article id -> its columns as its file has them, for the articles of which something was set."""
    found: dict[str, Row] = {}
    columns = (_corrections.c.article_id, _corrections.c.said)
    for some in portions(article_ids):
        rows = db.execute(sa.select(*columns).where(_corrections.c.article_id.in_(some)))
        found |= {row.article_id: _as_said(row.said) for row in rows}
    return found


def corrections_of(db: Connection, article_id: str) -> tuple[Correction, ...]:
    """What was set of an article that is there, in the order of the fields."""
    row = db.execute(sa.select(_corrections).where(_corrections.c.article_id == article_id)).mappings().first()
    if row is None:
        return ()
    said, given = _as_said(row["said"]), json.loads(row["given"])
    return tuple(Correction(field, given[field], _text_of(said, field)) for field in FIELDS if field in given)
