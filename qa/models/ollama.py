"""Ollama's own API: the server that OLLAMA_HOST names, what it holds, and its chat models."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from qa.models.base import Counted
from qa.models.faults import Fault, httpx_faults, seconds_asked
from qa.models.listing import fetched, names_in
from qa.models.server import LIST_SECONDS, Server, checked_address
from qa.models.trying import answered
from qa.models.watch import Watch
from qa.types import Message

if TYPE_CHECKING:
    from qa.settings import Settings

PORT = 11434
SMALLEST_CONTEXT = 4096
REPLY_TOKENS = 1024
"""Tokens of the context kept for the reply."""


def load_ollama_chat(model: str, settings: Settings) -> OllamaChat:
    """The chat model `model` of Ollama. Sends nothing yet. Raises ModelError where OLLAMA_HOST is no address."""
    return OllamaChat(model, ollama_server(settings))


def ollama_server(settings: Settings) -> Server:
    """The server that OLLAMA_HOST names, or the one on this machine. Raises ModelError."""
    return Server(
        checked_address(_address(settings.ollama_host or ""), "OLLAMA_HOST", "http://HOST:PORT"),
        timeout=settings.model_timeout,
        whole=settings.answer_timeout,
        protocol="Ollama's protocol",
        address_name="OLLAMA_HOST",
        fetch="ollama pull",
    )


def _address(host: str) -> str:
    """The full address for a value of OLLAMA_HOST, whose scheme and port may be missing; 0.0.0.0 means this machine."""
    host = host.strip().rstrip("/") or "127.0.0.1"
    scheme, found, rest = host.rpartition("://")
    scheme = scheme if found else "http"
    place, slash, path = rest.partition("/")
    login, at, place = place.rpartition("@")
    name, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
    if not colon:
        name, port = place, "" if found else str(PORT)
    name = "127.0.0.1" if name in ("", "0.0.0.0", "[::]") else name
    return f"{scheme}://{login}{at}{name}{':' if port else ''}{port}{slash}{path}"


def ollama_client(server: Server, watch: Watch | None = None) -> httpx.Client:
    """A client for one request, whose reply is watched; no proxy leads to a server on this machine."""
    timeout, hooks = httpx.Timeout(server.timeout, connect=server.connect_timeout), watch.hooks if watch else {}
    return httpx.Client(base_url=server.address, timeout=timeout, trust_env=not server.is_here, event_hooks=hooks)


def posted(server: Server, path: str, body: Mapping[str, Any]) -> Any:
    """The server's reply as JSON. Raises Fault."""
    with httpx_faults(), ollama_client(server) as client:
        response = client.post(path, json=body)
        _check(response)
        return response.json()


def list_models(server: Server, timeout: float = LIST_SECONDS) -> list[dict[str, Any]] | None:
    """The server's models as it describes them, each with a `name`; None if it does not say."""
    reply: Any = fetched(server, "/api/tags", timeout=timeout)
    if names_in(reply, "models", "name") is None:
        return None
    models: list[dict[str, Any]] = reply["models"]
    return models


def model_names(server: Server) -> list[str] | None:
    """The names of the server's models; None if it does not say."""
    models = list_models(server)
    return None if models is None else [model["name"] for model in models]


def _check(response: httpx.Response) -> None:
    """Raises Fault unless the status is a success."""
    if response.is_success:
        return
    response.read()
    try:
        said = str(response.json()["error"])
    except (ValueError, LookupError, TypeError):
        said = ""
    raise Fault("status", response.status_code, message=said, wait=seconds_asked(response.headers))


class OllamaChat:
    """A chat model and the Ollama server that runs it."""

    def __init__(self, model: str, server: Server, provider: str = "ollama") -> None:
        self.name = f"{provider}:{model}"
        self.where = server.where
        self._model = model
        self._server = server

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, without a model's thinking. Closing the iterator ends the request.

        Raises ModelError, in one sentence, for whatever the server or the connection does wrong.
        """
        return answered(self._server, self._model, partial(self._pieces, messages), lambda: model_names(self._server))

    def _pieces(self, messages: Sequence[Message], watch: Watch) -> Generator[str, None, None]:
        begun = finished = False
        body = self._request(messages)
        with (
            httpx_faults(),
            ollama_client(self._server, watch) as client,
            client.stream("POST", "/api/chat", json=body) as response,
        ):
            _check(response)
            for line in filter(None, map(str.strip, response.iter_lines())):
                part = json.loads(line)
                if error := part.get("error"):
                    raise Fault("reported", message=str(error))
                begun = True
                if part["message"].get("thinking"):
                    watch.alive()
                said = part["message"].get("content") or ""
                if not isinstance(said, str):
                    raise Fault("nonsense")
                yield said
                if part.get("done"):
                    finished, is_cut = True, part.get("done_reason") == "length"
                    counts = (_count(part, name) for name in ("prompt_eval_count", "eval_count"))
                    watch.counted = Counted(*counts, is_cut=is_cut)
        if not begun:
            raise Fault("nonsense")
        if not finished:
            raise Fault("broken")

    def _request(self, messages: Sequence[Message]) -> dict[str, Any]:
        return {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "stream": True,
            # Ollama would silently cut the start of a prompt that is too long, so it is refused.
            "truncate": False,
            "shift": False,
            "options": {"temperature": 0, "num_ctx": _context(messages)},
        }


def _count(part: Mapping[str, Any], name: str) -> int | None:
    return count if isinstance(count := part.get(name), int) else None


def _context(messages: Sequence[Message]) -> int:
    """Tokens for prompt and reply, rounded up to a power of two, because every new number reloads the model."""
    text = "".join(message.content for message in messages)
    plain = sum(map(str.isascii, text))
    # English has about four characters a token, Russian two; the estimate errs on the large side.
    needed = plain / 3.5 + (len(text) - plain) / 1.5 + REPLY_TOKENS
    context = SMALLEST_CONTEXT
    while context < needed:
        context *= 2
    return context
