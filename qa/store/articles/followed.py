"""What an index has to follow: which passages came and went, and how many it holds when it has followed them all."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

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


def passage_changes(database: Database, known: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """Ids of the passages that have gone since there were those that are `known`, ascending, and of those that came.

    Where none has gone, no list is made of all: ids only grow, and are never given out again. On a server those of two
    writers do not arrive in their order.
    """
    last = int(known[-1]) if len(known) else -1
    all_ids = sa.select(_passages.c.id).order_by(_passages.c.id)
    with database.reading() as db:
        if not database.is_shared:
            before = sa.select(sa.func.count()).select_from(_passages).where(_passages.c.id <= last)
            if db.execute(before).scalar_one() == len(known):
                return [], list(db.execute(all_ids.where(_passages.c.id > last)).scalars())
        there = np.fromiter(db.execute(all_ids).scalars(), np.int64)
    gone, came = np.setdiff1d(known, there), np.setdiff1d(there, known)
    return gone.tolist(), came.tolist()
