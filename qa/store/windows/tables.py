"""The tables of what windows share while they work: no part of a library, and of no copy of it.

Moments are seconds since 1970. `holder` is the window that has a row in hand; where that has gone, another may take it.
"""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.dialects import TEXT

windows_schema = sa.MetaData()

sessions = sa.Table(
    "sessions",
    windows_schema,
    sa.Column("key", TEXT, primary_key=True),  # a hash of what the cookie holds
    sa.Column("user", TEXT, nullable=False),
    sa.Column("account", TEXT, nullable=False),  # tells another password of the same name apart
    sa.Column("began", sa.Double, nullable=False, index=True),
    sa.Column("used", sa.Double, nullable=False),
)
# Questions on their way, and those that ended a while ago.
questions = sa.Table(
    "questions",
    windows_schema,
    sa.Column("run", TEXT, primary_key=True),
    sa.Column("holder", TEXT, nullable=False, index=True),
    sa.Column("owner", TEXT),
    sa.Column("asked", TEXT, nullable=False),  # the question and what narrows it, as JSON; empty once it is answered
    sa.Column("conversation", TEXT, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("error", TEXT),
    sa.Column("began", sa.Double, nullable=False, index=True),
)
# Loads, repairs and evals.
jobs = sa.Table(
    "jobs",
    windows_schema,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("holder", TEXT, nullable=False, index=True),
    sa.Column("title", TEXT, nullable=False),
    sa.Column("lane", TEXT, nullable=False),
    sa.Column("owner", TEXT),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer),
    sa.Column("note", TEXT, nullable=False),
    sa.Column("error", TEXT),
    sa.Column("result", TEXT),  # JSON
    sa.Column("again", TEXT),  # what another window needs to go on with it, as JSON; NULL where none can
    sa.Column("began", sa.Double, nullable=False),
    sa.Column("is_cancelled", sa.Boolean, nullable=False),
    sa.Column("is_dismissed", sa.Boolean, nullable=False),
)
