"""The conversations that can be read by whoever has a link to them."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.errors import UsageError
from qa.store import tables
from qa.store.database import Database, has_tables, moment_text

_shares, _conversations = tables.shares, tables.conversations


class Shares:
    """A secret for each conversation that is shared. Where an `owner` is given, only theirs are shared and ended."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._has_table = has_tables(database, _shares)

    def begin(self, conversation: str, *, owner: str | None = None) -> str:
        """The secret of a conversation, the same for as long as it is shared. Raises UsageError if there is none."""
        with self._db.writing() as db:
            if there := _secret(db, conversation, owner):
                return there
            secret = secrets.token_urlsafe(24)
            now = moment_text(dt.datetime.now(dt.UTC))
            db.execute(_shares.insert().values(secret=secret, conversation=conversation, created=now))
        return secret

    def secret(self, conversation: str, *, owner: str | None = None) -> str | None:
        """The secret of a conversation; None where it is not shared. Raises UsageError if there is no such one."""
        if not self._has_table:
            return None
        with self._db.reading() as db:
            return _secret(db, conversation, owner)

    def end(self, conversation: str, *, owner: str | None = None) -> None:
        """Shares it no longer: its secret leads nowhere from now on. Raises UsageError if there is no such one."""
        with self._db.writing() as db:
            _secret(db, conversation, owner)
            db.execute(_shares.delete().where(_shares.c.conversation == conversation))

    def conversation(self, secret: str) -> str | None:
        """Id of the conversation that a secret leads to, whoever asks; None for one that leads nowhere."""
        if not self._has_table:
            return None
        with self._db.reading() as db:
            return db.execute(sa.select(_shares.c.conversation).where(_shares.c.secret == secret)).scalar()

    def shared(self) -> set[str]:
        """Ids of all conversations that are shared."""
        if not self._has_table:
            return set()
        with self._db.reading() as db:
            return set(db.execute(sa.select(_shares.c.conversation)).scalars())


def _secret(db: Connection, conversation: str, owner: str | None) -> str | None:
    theirs = sa.select(_conversations.c.id).where(_conversations.c.id == conversation)
    if owner is not None:
        theirs = theirs.where(_conversations.c.owner == owner)
    if db.execute(theirs).first() is None:
        raise UsageError("This conversation is not here any more.")
    secret: str | None = db.execute(sa.select(_shares.c.secret).where(_shares.c.conversation == conversation)).scalar()
    return secret
