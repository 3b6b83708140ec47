"""Carries the articles of a library from one database to another, whatever keeps them, and compares the two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.errors import LibraryError
from qa.store import tables
from qa.store.database import Database

_AT_ONCE = 500  # rows in memory
_OWN = ("id", "keeper", "words")
"""Facts that a library has of its own, and of its indexes: the first word of each."""


def transfer(source: Database, target: Database) -> None:
    """Writes all that the source holds at one moment into the target, which holds nothing, as a whole or not at all.

    Raises LibraryError where a database fails, or what was written is not equal to what was read.
    """
    with source.reading() as there, target.writing() as here:
        target.kind.prepare(here)
        tables.schema.create_all(here)
        for table in tables.schema.sorted_tables:
            if table is tables.pending:
                continue  # each has indexes of its own
            read = _Sum()
            noted = map(read.noted, _rows(there, table))
            while rows := list(islice(noted, _AT_ONCE)):
                here.execute(table.insert(), rows)
            written = _Sum()
            for row in _rows(here, table):
                written.noted(row)
            if (read.count, read.sum) != (written.count, written.sum):
                raise LibraryError(
                    f"The copy is not equal: '{table.name}' had {read.count:,} rows, and {written.count:,} were "
                    "written. Nothing was kept of it; try again."
                )
        here.execute(tables.facts.insert().values(name="id", value=uuid4().hex))
        target.kind.count_on(here, tables.schema.sorted_tables)


class _Sum:
    """How many rows there were, and a checksum that minds no order."""

    def __init__(self) -> None:
        self.count, self.sum = 0, 0

    def noted(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row, counted."""
        digest = blake2b(repr(sorted(row.items())).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self.count, self.sum = self.count + 1, (self.sum + int.from_bytes(digest, "big")) % (1 << 64)
        return dict(row)


def _rows(db: Connection, table: sa.Table) -> Iterator[Mapping[str, Any]]:
    """The rows of a table in the order in which they came."""
    order = [sa.text("rowid")] if table.info.get("keeps_order") else list(table.primary_key)
    keys = [column.key for column in table.c]
    for values in db.execute(sa.select(table).order_by(*order), execution_options={"yield_per": _AT_ONCE}):
        row = dict(zip(keys, values, strict=True))
        if table is not tables.facts or row["name"].split(" ")[0] not in _OWN:
            yield row
