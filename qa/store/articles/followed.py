"""How many passages an index that has followed every change holds."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store import tables
from qa.store.database import Database

_passages, _embeddings = tables.passages, tables.embeddings


def can_be_whole(database: Database, held: int, keeper: str) -> bool:
    """True if a vector index of `held` passages may have all that it should, or has changes to follow first.

    A passage that lost its vector may be in it or not.
    """
    with database.reading() as db:
        if db.execute(sa.select(tables.pending.c.number).where(tables.pending.c.keeper == keeper).limit(1)).first():
            return True
        there = db.execute(sa.select(sa.func.count()).select_from(_passages)).scalar_one()
        if held >= there:
            return bool(held == there)
        model = sa.select(tables.facts.c.value).where(tables.facts.c.name == "model").scalar_subquery()
        embedded = sa.and_(_embeddings.c.text_hash == _passages.c.text_hash, _embeddings.c.model == model)
        fewest = sa.select(sa.func.count()).select_from(_passages.join(_embeddings, embedded))
        return bool(held >= db.execute(fewest).scalar_one())
