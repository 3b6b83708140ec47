"""Language models behind the OpenAI chat protocol: OpenAI itself, Ollama, vLLM, llama.cpp, LM Studio and their like."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from qa.errors import ModelError
from qa.models.base import Counted
from qa.models.faults import Fault, package_faults
from qa.models.listing import fetched, names_in
from qa.models.server import LIST_SECONDS, Server, checked_address, secret
from qa.models.trying import answered
from qa.models.watch import Watch
from qa.types import Message

if TYPE_CHECKING:
    from openai import OpenAI

    from qa.settings import Settings

OPENAI = "https://api.openai.com/v1"
_THOUGHTS = ("reasoning_content", "reasoning")
"""Where servers put what a model thinks before it answers."""
NO_KEY = "none"
"""Placeholder for a server without a key; the client insists on one."""


def load_openai_chat(model: str, settings: Settings) -> OpenAIChat:
    """The chat model `model` of the server that OPENAI_BASE_URL names; without one, of OpenAI.

    Sends nothing yet. Raises ModelError when no server is set.
    """
    return OpenAIChat(model, openai_server(settings, settings.openai_base_url))


def openai_server(
    settings: Settings,
    address: str | None,
    *,
    address_name: str = "OPENAI_BASE_URL",
    protocol: str = "the OpenAI chat protocol",
) -> Server:
    """The server at an address, or OpenAI's own where only a key is set. Raises ModelError."""
    address, key = (address or "").strip(), secret(settings.openai_key)
    if not address and not key:
        raise ModelError(
            "No model server is set: export OPENAI_BASE_URL (such as http://localhost:11434/v1 for Ollama), "
            "or OPENAI_API_KEY to use OpenAI."
        )
    return Server(
        checked_address(address or OPENAI, address_name, "http://HOST:PORT/v1"),
        key,
        settings.model_timeout,
        settings.answer_timeout,
        protocol=protocol,
        address_name=address_name,
        address_hint=": it usually ends in /v1",
        key_name="OPENAI_API_KEY",
        is_public=not address,
    )


def openai_client(server: Server, watch: Watch | None = None) -> OpenAI:
    """A client for one request, whose reply is watched; its connection closes with it."""
    import openai

    return openai.OpenAI(
        base_url=server.address,
        api_key=server.key or NO_KEY,
        timeout=openai.Timeout(server.timeout, connect=server.connect_timeout),
        # The client would also retry a request that timed out, and the reader would wait three times as long.
        max_retries=0,
        # A proxy cannot reach a server on this machine.
        http_client=openai.DefaultHttpxClient(trust_env=not server.is_here, event_hooks=watch.hooks if watch else {}),
    )


def list_models(server: Server, timeout: float = LIST_SECONDS) -> list[str] | None:
    """The names of the server's models; None if it does not say."""
    headers = {"Authorization": f"Bearer {server.key}"} if server.key else None
    return names_in(fetched(server, "/models", headers, timeout), "data", "id")


class OpenAIChat:
    """A chat model and the server that runs it."""

    def __init__(self, model: str, server: Server, provider: str = "openai") -> None:
        self.name = f"{provider}:{model}"
        self.where = server.where
        self._model = model
        self._server = server
        # Some reasoning models refuse every temperature, some servers the wish for a count of the tokens; the first
        # request finds out and the rest remember.
        self._options: dict[str, Any] = {"temperature": 0, "stream_options": {"include_usage": True}}

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, without a model's reasoning. Closing the iterator ends the request.

        Raises ModelError, in one sentence, for whatever the server or the connection does wrong.
        """
        return answered(self._server, self._model, partial(self._pieces, messages), lambda: list_models(self._server))

    def _pieces(self, messages: Sequence[Message], watch: Watch) -> Generator[str, None, None]:
        import openai

        finish: str | None = None
        begun = False
        with (
            package_faults(openai),
            openai_client(self._server, watch) as client,
            self._open(client, messages) as chunks,
        ):
            for chunk in chunks:
                begun = True
                if usage := chunk.usage:
                    counts = (getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens"))
                    watch.counted = Counted(*counts)
                # The last chunk of a reply may contain only the token counts.
                for choice in chunk.choices or ():
                    finish = choice.finish_reason or finish
                    if any(getattr(choice.delta, name, None) for name in _THOUGHTS):
                        watch.alive()
                    said = (choice.delta.content if choice.delta else None) or ""
                    if not isinstance(said, str):  # the package takes whatever the server sends
                        raise Fault("nonsense")
                    yield said
        if finish == "length":
            counted = Counted() if watch.counted is None else watch.counted
            watch.counted = Counted(counted.prompt_tokens, counted.completion_tokens, is_cut=True)
        if not begun:
            raise Fault("nonsense")
        if finish is None:
            raise Fault("broken")
        if finish == "content_filter":
            raise Fault("filtered")

    def _open(self, client: OpenAI, messages: Sequence[Message]) -> Any:
        import openai

        said: Any = [{"role": message.role, "content": message.content} for message in messages]
        while True:
            try:
                return client.chat.completions.create(model=self._model, messages=said, stream=True, **self._options)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                left = {name: value for name, value in self._options.items() if name not in str(error)}
                if left == self._options:
                    raise
                self._options = left
