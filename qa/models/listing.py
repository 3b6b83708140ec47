"""Lists a server's models over plain HTTP, so that a list of choices needs no slow client library."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from qa.models.faults import Fault, httpx_faults
from qa.models.server import LIST_SECONDS, Server

LONGEST_LIST = 5_000_000
"""Bytes of a list of models."""


def fetched(
    server: Server, path: str, headers: Mapping[str, str] | None = None, timeout: float = LIST_SECONDS
) -> Any | None:
    """The JSON at a path below the server's address; None if the reply is not usable."""
    client = httpx.Client(headers=headers, timeout=timeout, trust_env=not server.is_here)
    try:
        with httpx_faults(), client:
            status, body = read_whole(client, server.address.rstrip("/") + path, timeout)
            return json.loads(body) if 200 <= status < 300 else None
    except Fault:
        return None


def read_whole(client: httpx.Client, url: str, seconds: float) -> tuple[int, bytes]:
    """Status and body of what stands at an address. Raises Fault where it has no end, or none within `seconds`.

    What listens there may be anybody: a camera, a log that goes on.
    """
    body, until = bytearray(), time.monotonic() + seconds
    with client.stream("GET", url) as response:
        for data in response.iter_bytes():
            body += data
            if len(body) > LONGEST_LIST or time.monotonic() > until:
                raise Fault("nonsense")
        return response.status_code, bytes(body)


def names_in(reply: Any, key: str, name: str) -> list[str] | None:
    """The names in a list of models, `{key: [{name: "..."}]}`; None if it is no such list."""
    try:
        return [str(model[name]) for model in reply[key]]
    except (TypeError, LookupError):
        return None
