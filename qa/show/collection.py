"""A collection as JSON, for the command line and the HTTP API."""

from __future__ import annotations

import json
from typing import Any

from qa.store import CollectionRow
from qa.store.articles.membership import written_filter


def collection_json(row: CollectionRow) -> dict[str, Any]:
    """What `qa collections --json` prints of each."""
    written = written_filter(row.filter)
    return {
        "id": row.id,
        "name": row.name,
        "owner": row.owner,
        "shared": row.is_shared,
        "articles": row.articles,
        "filter": json.loads(written) if written else None,
        "sources": list(row.sources),
    }
