"""Anthropic's models, over its Messages API."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from qa.errors import MissingExtra, ModelError
from qa.models.base import Counted
from qa.models.faults import Fault, package_faults
from qa.models.listing import fetched, names_in
from qa.models.server import LIST_SECONDS, Server, checked_address, secret
from qa.models.trying import answered
from qa.models.watch import Watch
from qa.types import Message

if TYPE_CHECKING:
    from anthropic import Anthropic

    from qa.settings import Settings

ANTHROPIC = "https://api.anthropic.com"
VERSION = "2023-06-01"
"""The API version that every request names."""
REPLY_TOKENS = 2048
"""Longest reply in tokens; the API requires a limit."""
STATUS = {
    "overloaded_error": 529,
    "api_error": 500,
    "timeout_error": 504,
    "rate_limit_error": 429,
    "request_too_large": 413,
    "not_found_error": 404,
    "permission_error": 403,
    "authentication_error": 401,
    "invalid_request_error": 400,
}
"""The HTTP status for a fault that is reported in the middle of a reply."""


def load_anthropic_chat(model: str, settings: Settings) -> AnthropicChat:
    """The model `model` of Anthropic. Sends nothing yet. Raises MissingExtra, and ModelError where no key is set."""
    if find_spec("anthropic") is None:
        raise MissingExtra(f"The model anthropic:{model}", "anthropic")
    return AnthropicChat(model, anthropic_server(settings))


def anthropic_server(settings: Settings) -> Server:
    """Anthropic's API, or the gateway that stands in for it. Raises ModelError where no key is set."""
    address, key = (settings.anthropic_base_url or "").strip(), secret(settings.anthropic_key)
    if not key:
        raise ModelError("Anthropic's models need a key: export ANTHROPIC_API_KEY, or set anthropic_key in qa.toml.")
    return Server(
        checked_address(address or ANTHROPIC, "ANTHROPIC_BASE_URL", "https://HOST"),
        key,
        settings.model_timeout,
        settings.answer_timeout,
        protocol="Anthropic's Messages protocol",
        address_name="ANTHROPIC_BASE_URL",
        key_name="ANTHROPIC_API_KEY",
        is_public=not address,
    )


def anthropic_client(server: Server, watch: Watch) -> Anthropic:
    """A client for one request, whose reply is watched, with the key from the settings and no other."""
    import anthropic

    return anthropic.Anthropic(
        base_url=server.address,
        api_key=server.key,
        timeout=anthropic.Timeout(server.timeout, connect=server.connect_timeout),
        max_retries=0,
        http_client=anthropic.DefaultHttpxClient(trust_env=not server.is_here, event_hooks=watch.hooks),
    )


def list_models(server: Server, timeout: float = LIST_SECONDS) -> list[str] | None:
    """The names of the models that the key may use, newest first; None if the API does not say."""
    headers = {"x-api-key": server.key, "anthropic-version": VERSION}
    return names_in(fetched(server, "/v1/models?limit=50", headers, timeout), "data", "id")


class AnthropicChat:
    """One of Anthropic's models and the server that it is reached through."""

    def __init__(self, model: str, server: Server) -> None:
        self.name = f"anthropic:{model}"
        self.where = server.where
        self._model = model
        self._server = server

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, without a model's thinking. Closing the iterator ends the request.

        Raises ModelError, in one sentence, for whatever the server or the connection does wrong.
        """
        return answered(self._server, self._model, partial(self._pieces, messages), lambda: list_models(self._server))

    def _pieces(self, messages: Sequence[Message], watch: Watch) -> Generator[str, None, None]:
        import anthropic

        stop: str | None = None
        begun = ended = False
        read: int | None = None
        try:
            with (
                package_faults(anthropic),
                anthropic_client(self._server, watch) as client,
                self._open(client, messages) as events,
            ):
                for event in events:
                    begun = True
                    match event.type:
                        case "message_start":
                            read = getattr(event.message.usage, "input_tokens", None)
                            yield ""
                        case "content_block_start" if event.content_block.type == "text":
                            yield event.content_block.text or ""
                        case "content_block_delta" if event.delta.type == "text_delta":
                            yield event.delta.text or ""
                        case "message_delta":
                            stop = event.delta.stop_reason or stop
                            written = getattr(event.usage, "output_tokens", None)
                            watch.counted = Counted(read, written, is_cut=stop == "max_tokens")
                        case "message_stop":
                            ended = True
                        case None:
                            raise Fault("nonsense")
                        case "content_block_delta" if event.delta.type == "thinking_delta":
                            watch.alive()
                            yield ""
                        case _:
                            yield ""
        except Fault as fault:
            if fault.status == 200:  # a fault in the middle
                fault.status = STATUS.get(fault.code, 500)
            raise
        if not begun:
            raise Fault("nonsense")
        if not ended:
            raise Fault("broken")
        if stop == "refusal":
            raise Fault("filtered")
        if stop == "model_context_window_exceeded":
            raise Fault("reported", message="context window exceeded")

    def _open(self, client: Anthropic, messages: Sequence[Message]) -> Any:
        """The events of a reply. No temperature is sent, because newer models refuse one."""
        system = "\n\n".join(message.content for message in messages if message.role == "system")
        said: Any = [{"role": m.role, "content": m.content} for m in messages if m.role != "system"]
        more: dict[str, Any] = {"system": system} if system else {}
        return client.messages.create(model=self._model, messages=said, max_tokens=REPLY_TOKENS, stream=True, **more)
