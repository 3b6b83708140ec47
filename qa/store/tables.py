"""The tables of articles.db."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.dialects import NUMBER, TEXT, keep_order

SCHEMA_VERSION = 6
"""Counted up when the tables change; `qa.store.migrations` brings older libraries up to date."""

schema = sa.MetaData()

facts = sa.Table(
    "library",
    schema,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("value", TEXT, nullable=False),
)

articles = sa.Table(
    "articles",
    schema,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("source", TEXT, nullable=False, index=True),  # the one of its sources that it is read from
    sa.Column("text_hash", TEXT, nullable=False, index=True),
    sa.Column("url_key", TEXT, index=True),
    sa.Column("story", TEXT, nullable=False, index=True),  # id of the article that leads its story
    sa.Column(
        "settled", sa.Boolean, key="grouped", nullable=False, index=True
    ),  # whether it was compared with the others
    sa.Column("title", TEXT, nullable=False),
    sa.Column("title_is_made", sa.Boolean, nullable=False),
    sa.Column("outlet", TEXT, index=True),
    sa.Column("date", sa.Date, index=True),
    sa.Column("date_last", sa.Date),  # the last day it may be of: another than `date` where that is a month or a year
    sa.Column("date_source", TEXT, nullable=False),
    sa.Column("date_precision", TEXT, nullable=False),
    sa.Column("first_published", sa.Date),
    sa.Column("updated", sa.Date),  # the day of the last revision that its page names
    sa.Column("authors", TEXT, nullable=False),
    sa.Column("url", TEXT),
    sa.Column("path", TEXT),
    sa.Column("language", TEXT),
    sa.Column("place", TEXT),
    sa.Column("notes", TEXT, nullable=False),
    sa.Column("pages", TEXT, nullable=False),
    sa.Column("text", TEXT, nullable=False),
)


def _article_key(**options: bool) -> sa.Column[str]:
    return sa.Column("article_id", sa.ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, **options)  # type: ignore[arg-type]


# What is seldom asked for, kept apart so that a list of articles need not step over it.
details = sa.Table(
    "details",
    schema,
    _article_key(primary_key=True),
    sa.Column("dropped", TEXT, nullable=False),
    sa.Column("lines", sa.LargeBinary, nullable=False),  # hashes of its lines, to count those that recur
    sa.Column("signature", sa.LargeBinary, nullable=False),  # MinHash of its text
)
bands = sa.Table(
    "bands",
    schema,
    sa.Column("key", NUMBER, nullable=False, index=True),  # articles that are almost alike share one
    _article_key(index=True),
)

# What a person has set by hand. It outlives the article, which may come back.
corrections = sa.Table(
    "corrections",
    schema,
    sa.Column("article_id", TEXT, primary_key=True),
    sa.Column("source", TEXT, nullable=False),  # of the article, to know it by
    sa.Column("text_hash", TEXT, nullable=False),
    sa.Column("said", TEXT, nullable=False),  # the columns as the file has them, as JSON
    sa.Column("given", TEXT, nullable=False),  # field -> value, as JSON
)

passages = sa.Table(
    "passages",
    schema,
    sa.Column("id", NUMBER, primary_key=True),
    _article_key(index=True),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("text_hash", sa.LargeBinary, nullable=False, index=True),
    # Whether it says nothing that the article which leads the story does not say; then it is not searched.
    sa.Column("is_copy", sa.Boolean, nullable=False),
    sqlite_autoincrement=True,  # no id is ever given out again
)
embeddings = sa.Table(
    "embeddings",
    schema,
    sa.Column("model", TEXT, nullable=False),
    sa.Column("text_hash", sa.LargeBinary, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("text_hash", "model"),
)
# Passages that came or went, and that a vector index has not followed yet.
pending = sa.Table(
    "pending",
    schema,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("passage_id", NUMBER, nullable=False),
    # The fact that says who keeps that index: each machine on a server's database may have its own.
    sa.Column("keeper", TEXT, nullable=False, index=True, server_default="keeper"),
    sqlite_autoincrement=True,
)

# The manifest: what was offered, and what became of it.
sources = sa.Table(
    "sources",
    schema,
    sa.Column("source", TEXT, primary_key=True),  # a path or address, and where that holds many, a key within
    sa.Column("container", TEXT, nullable=False, index=True),  # the path or address alone
    sa.Column("content_hash", TEXT, nullable=False),
    sa.Column("versions", TEXT, nullable=False),  # of the stages it went through
    sa.Column("text_hash", TEXT, nullable=False),
    sa.Column("role", TEXT, nullable=False),
    _article_key(index=True),
)
files = sa.Table(
    "files",
    schema,
    sa.Column("path", TEXT, primary_key=True),
    sa.Column("content_hash", TEXT, nullable=False),
    sa.Column("versions", TEXT, nullable=False),
)

# Conversations that were kept. They belong to the reader, not to the articles: nothing of them hangs on those.
conversations = sa.Table(
    "conversations",
    schema,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("title", TEXT, nullable=False),
    sa.Column("created", TEXT, nullable=False),  # moments are ISO 8601 in UTC, so that they sort as text
    sa.Column("updated", TEXT, nullable=False, index=True),
    sa.Column("owner", TEXT, index=True),
)
turns = sa.Table(
    "turns",
    schema,
    sa.Column("id", NUMBER, primary_key=True),
    sa.Column("conversation", sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("question", TEXT, nullable=False),
    sa.Column("standalone", TEXT, nullable=False),
    sa.Column("answer", TEXT, nullable=False),  # the JSON document of the whole turn
    sa.Column("created", TEXT, nullable=False),
    sa.UniqueConstraint("conversation", "number"),
)
# What a reader thinks of an answer; a turn that is asked anew is not thought of yet.
thumbs = sa.Table(
    "thumbs",
    schema,
    sa.Column("conversation", sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("up", sa.Boolean, nullable=False),
    sa.Column("reason", TEXT),
)

# Folders, pages and feeds that are read again and again, and what came of the last time.
followed_sources = sa.Table(
    "followed_sources",
    schema,
    sa.Column("source", TEXT, primary_key=True),
    sa.Column("added", TEXT, nullable=False),
    sa.Column("last_run", TEXT),
    sa.Column("summary", TEXT, nullable=False),
    sa.Column("failures", TEXT, nullable=False),  # a JSON list of pairs: name, reason
)

# Conversations that can be read by whoever has the link.
shares = sa.Table(
    "shares",
    schema,
    sa.Column("secret", TEXT, primary_key=True),
    sa.Column("conversation", sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, unique=True),
    sa.Column("created", TEXT, nullable=False),
)

# Named sets of articles. What is in one follows from what was chosen, from its filter and from its sources.
collections = sa.Table(
    "collections",
    schema,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("name_key", TEXT, nullable=False),  # the name in the form that all its spellings have in common
    sa.Column("owner", TEXT, nullable=False),  # empty for nobody: two of these could not be told apart by NULL
    sa.Column("is_shared", sa.Boolean, nullable=False),
    sa.Column("filter", TEXT),  # JSON; NULL where no article belongs to it by a filter
    sa.Column("changed", TEXT, nullable=False),
    sa.UniqueConstraint("owner", "name_key"),
)


def _collection_key() -> sa.Column[str]:
    return sa.Column("collection", sa.ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)


# Chosen by hand. They outlive the article, which may come back.
collection_articles = sa.Table(
    "collection_articles",
    schema,
    _collection_key(),
    sa.Column("article_id", TEXT, primary_key=True, index=True),
    sa.Column("source", TEXT, nullable=False, index=True),  # of the article, to know it by
    sa.Column("text_hash", TEXT, nullable=False),
)
# Followed folders, pages and feeds that fill a collection.
collection_sources = sa.Table(
    "collection_sources",
    schema,
    _collection_key(),
    sa.Column("source", TEXT, primary_key=True),
)
# What a page or feed that is followed has led to: the articles of a feed have other addresses than it has.
brought_sources = sa.Table(
    "brought_sources",
    schema,
    sa.Column("followed", TEXT, primary_key=True),
    sa.Column("source", TEXT, primary_key=True, index=True),
)

keep_order(articles, bands, sources, conversations)
