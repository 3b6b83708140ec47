"""Brings the tables of an older library up to date: one function for each schema number, in Alembic's operations.

The number stands in the table `library`. What a number adds stands beside an article's text and never changes it, so
that every offset in a kept conversation or an export stays right. Alembic's operations run on any database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.errors import LibraryError
from qa.store.database import Database
from qa.store.dialects import TEXT
from qa.store.tables import SCHEMA_VERSION, facts

if TYPE_CHECKING:
    from alembic.operations import Operations

OLDEST = 2
"""The first number that can be brought up to date: that of the first release."""


def _3_day_of_revision(op: Operations) -> None:
    op.add_column("articles", sa.Column("updated", sa.Date))


def _4_corrections(op: Operations) -> None:
    op.create_table(
        "corrections",
        sa.Column("article_id", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("source", "text_hash", "said", "given")),
    )


def _5_collections(op: Operations) -> None:
    op.create_table(
        "collections",
        sa.Column("id", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("name", "name_key", "owner", "changed")),
        sa.Column("is_shared", sa.Boolean, nullable=False),
        sa.Column("filter", sa.String),
        sa.UniqueConstraint("owner", "name_key"),
    )

    def of_collection() -> sa.Column[str]:
        return sa.Column("collection", sa.String, sa.ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)

    op.create_table(
        "collection_articles",
        of_collection(),
        sa.Column("article_id", sa.String, primary_key=True, index=True),
        sa.Column("source", sa.String, nullable=False, index=True),
        sa.Column("text_hash", sa.String, nullable=False),
    )
    op.create_table("collection_sources", of_collection(), sa.Column("source", sa.String, primary_key=True))
    op.create_table(
        "brought_sources",
        sa.Column("followed", sa.String, primary_key=True),
        sa.Column("source", sa.String, primary_key=True, index=True),
    )


def _6_keepers(op: Operations) -> None:
    op.add_column("pending", sa.Column("keeper", TEXT, nullable=False, server_default="keeper"))
    op.create_index("ix_pending_keeper", "pending", ["keeper"])


MIGRATIONS: Mapping[int, Callable[[Operations], None]] = {
    3: _3_day_of_revision,
    4: _4_corrections,
    5: _5_collections,
    6: _6_keepers,
}
"""Schema number -> what turns a library of the number before into one of this."""


def bring_up_to_date(database: Database, folder: Path, schema: str, alone: AbstractContextManager[Any]) -> None:
    """Runs the migrations that a library lacks. Raises LibraryError for one of another or of a newer version.

    `schema` is the number that it had a moment ago; `alone` keeps others of this machine away.
    """
    number = int(schema) if schema.isdecimal() else 0
    if number > SCHEMA_VERSION:
        raise LibraryError(
            f"Library {folder} was made by a newer version of Citewire (its schema is {number}, this version reads up "
            f"to {SCHEMA_VERSION}). Update Citewire, or name another library with --index."
        )
    if number < OLDEST:
        raise LibraryError(
            f"Library {folder} was made by another version of Citewire. Name a new folder with --index and ingest the "
            "articles again."
        )
    if number < SCHEMA_VERSION:
        if database.is_read_only:
            raise LibraryError(
                f"Library {folder} was made by an older version of Citewire and can only be read, so that it cannot be "
                "brought up to date. Open it once where it can be written to, or copy it."
            )
        with alone, database.writing() as db:
            now = db.execute(sa.select(facts.c.value).where(facts.c.name == "schema")).scalar_one()
            migrate(db, int(now))  # another process may have done so meanwhile


def migrate(db: Connection, since: int) -> None:
    """Runs every migration after the number `since`, inside the transaction of `db`, and notes the new number."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(db))
    for number in range(since + 1, SCHEMA_VERSION + 1):
        MIGRATIONS[number](operations)
    db.execute(facts.update().where(facts.c.name == "schema").values(value=str(SCHEMA_VERSION)))
