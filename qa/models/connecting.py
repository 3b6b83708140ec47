"""Connects a model server by the address that a person typed: what it speaks, and its list of models."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qa.models.choices import can_chat, writes_text
from qa.models.connected import server_at
from qa.models.faults import Fault, explained, httpx_faults
from qa.models.listing import names_in, read_whole
from qa.models.ollama import list_models as list_ollama
from qa.models.server import Server

if TYPE_CHECKING:
    from qa.settings import Settings

SECONDS = 10.0
"""Timeout for the list of models."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A server that was asked for its models."""

    server: Server
    is_ollama: bool
    """Whether it is spoken to in Ollama's protocol; others speak OpenAI's."""
    models: Sequence[str]
    """Those that write text."""


def connect(address: str, key: str, settings: Settings) -> Connection:
    """The server at an address that a person typed, with its models; it is asked for nothing else.

    Raises ModelError, in one sentence, for whatever is wrong with the address, the key or the server.
    """
    address = re.sub(r"(?:/chat/completions|/models|/api/(?:tags|chat))?/*$", "", address.strip())
    address = address if "://" in address or not address else f"http://{address}"
    server = server_at(address, key.strip(), settings)
    if not server.key:
        ollama = server_at(address.removesuffix("/v1"), "", settings, is_ollama=True)
        if (described := list_ollama(ollama, SECONDS)) is not None:
            return Connection(ollama, True, [str(model["name"]) for model in described if can_chat(model)])
    first: Fault | None = None
    for each in (server, replace(server, address=f"{address}/v1")):
        try:
            return Connection(each, False, sorted(filter(writes_text, _listed(each))))
        except Fault as fault:
            first = first if first and (first.kind, first.status) != ("status", 404) else fault
        if address.endswith("/v1") or first.kind in ("unreachable", "deaf", "silent"):
            break
    assert first
    if (first.kind, first.status) == ("status", 404):
        first = Fault("nonsense")
    raise explained(first, replace(server, timeout=SECONDS), "", lambda: None)


def _listed(server: Server) -> list[str]:
    """The names of the models of a server that speaks OpenAI's protocol. Raises Fault."""
    import httpx

    headers = {"Authorization": f"Bearer {server.key}"} if server.key else None
    with httpx_faults(), httpx.Client(headers=headers, timeout=SECONDS, trust_env=not server.is_here) as client:
        status, body = read_whole(client, f"{server.address}/models", SECONDS)
        if not 200 <= status < 300:
            raise Fault("status", status)
        names = names_in(json.loads(body), "data", "id")
    if names is None:
        raise Fault("nonsense")
    return names
