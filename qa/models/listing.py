"""Lists a server's models over plain HTTP, so that a list of choices needs no slow client library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from qa.models.faults import Fault, httpx_faults
from qa.models.server import LIST_SECONDS, Server


def fetched(
    server: Server, path: str, headers: Mapping[str, str] | None = None, timeout: float = LIST_SECONDS
) -> Any | None:
    """The JSON at a path below the server's address; None if the reply is not usable."""
    client = httpx.Client(headers=headers, timeout=timeout, trust_env=not server.is_here)
    try:
        with httpx_faults(), client:
            response = client.get(server.address.rstrip("/") + path)
            return response.json() if response.is_success else None
    except Fault:
        return None


def names_in(reply: Any, key: str, name: str) -> list[str] | None:
    """The names in a list of models, `{key: [{name: "..."}]}`; None if it is no such list."""
    try:
        return [str(model[name]) for model in reply[key]]
    except (TypeError, LookupError):
        return None
