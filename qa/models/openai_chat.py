"""Language models behind the OpenAI chat protocol: OpenAI itself, Ollama, vLLM, llama.cpp, LM Studio and their like."""

from __future__ import annotations

import ipaddress
import os
import re
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qa.errors import ModelError
from qa.models.base import Message

if TYPE_CHECKING:
    from openai import APIError, APIStatusError, OpenAI, Stream
    from openai.types.chat import ChatCompletionChunk

OPENAI = "https://api.openai.com/v1"
NO_KEY = "none"
"""Stands in for a key where a server of one's own asks for none; the client insists on having one."""

CONNECT_SECONDS = 5.0
LIST_SECONDS = 2.0
"""How long the list of models may take that a message about an unknown model would like to show."""
RETRIES = 2
LONGEST_WAIT = 8.0
"""Seconds between two tries at most, whatever the server asks for: a reader is waiting."""


def load_openai_chat(model: str, *, timeout: float = 60) -> OpenAIChat:
    """The chat model `model` of the server that OPENAI_BASE_URL names; without one, of OpenAI.

    `timeout` is in seconds without a word from the server. Sends nothing yet. Raises ModelError when no server is set.
    """
    address = os.environ.get("OPENAI_BASE_URL", "").strip()
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not address and not key:
        raise ModelError(
            "No model server is set: export OPENAI_BASE_URL (such as http://localhost:11434/v1 for Ollama), "
            "or OPENAI_API_KEY to use OpenAI."
        )
    return OpenAIChat(model, address or OPENAI, key or NO_KEY, timeout)


class OpenAIChat:
    """A chat model, the address of its server and the key to it."""

    def __init__(self, model: str, address: str, key: str, timeout: float) -> None:
        self.name = f"openai:{model}"
        self.where = _host(address)
        self._model = model
        self._address = address
        self._key = key
        self._timeout = timeout
        # Some reasoning models refuse every temperature; found out with the first request, remembered for the next.
        self._options: dict[str, Any] = {"temperature": 0}

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, without a model's reasoning. Closing the iterator ends the request.

        Raises ModelError, in one sentence, for whatever the server or the connection does wrong.
        """
        import openai

        begun = False
        finish: str | None = None
        try:
            with self._connect() as client, self._open(client, messages) as chunks:
                for chunk in chunks:
                    begun = True
                    # The last chunk of a reply may hold nothing but the count of tokens.
                    for choice in chunk.choices or ():
                        finish = choice.finish_reason or finish
                        if choice.delta and choice.delta.content:
                            yield choice.delta.content
        except openai.APIStatusError as error:
            raise ModelError(self._explain_status(error)) from None
        except openai.APITimeoutError as error:
            raise ModelError(self._explain_silence(error)) from None
        except openai.APIConnectionError:
            raise ModelError(self._broken_off if begun else self._unreachable) from None
        except openai.APIError as error:
            raise ModelError(self._explain_report(error)) from None
        except (ValueError, TypeError, AttributeError):
            raise ModelError(self._not_the_protocol) from None
        if not begun:
            raise ModelError(self._not_the_protocol)
        if finish is None:
            raise ModelError(self._broken_off)
        if finish == "content_filter":
            raise ModelError(f"The content filter of {self.where} stopped the reply of model '{self._model}'.")

    def _connect(self) -> OpenAI:
        """A client for one request: it holds its connection no longer than that."""
        import openai

        return openai.OpenAI(
            base_url=self._address,
            api_key=self._key,
            timeout=openai.Timeout(self._timeout, connect=min(CONNECT_SECONDS, self._timeout)),
            # The client would also repeat a request that timed out, and keep the reader waiting thrice as long.
            max_retries=0,
            # A proxy cannot reach a server on this machine.
            http_client=openai.DefaultHttpxClient(trust_env=False) if _is_local(self._address) else None,
        )

    def _open(self, client: OpenAI, messages: Sequence[Message]) -> Stream[ChatCompletionChunk]:
        """The reply's stream, tried again while the server is busy or failing and has not said a word."""
        import openai

        attempt = 0
        while True:
            try:
                return self._request(client, messages)
            except openai.BadRequestError as error:
                if "temperature" not in self._options or "temperature" not in str(error):
                    raise
                del self._options["temperature"]
            except (openai.RateLimitError, openai.InternalServerError) as error:
                if attempt == RETRIES or error.code == "insufficient_quota":
                    raise
                time.sleep(_wait(error, attempt))
                attempt += 1

    def _request(self, client: OpenAI, messages: Sequence[Message]) -> Stream[ChatCompletionChunk]:
        said: Any = [{"role": message.role, "content": message.content} for message in messages]
        stream: Stream[ChatCompletionChunk] = client.chat.completions.create(
            model=self._model, messages=said, stream=True, **self._options
        )
        return stream

    # --- what went wrong, in a sentence with the server's name and a remedy -------------------------------------------

    @property
    def _remedy(self) -> str:
        if self.where == _host(OPENAI):
            return "Check the internet connection, or set OPENAI_BASE_URL to a server of your own."
        return "Start it, or set OPENAI_BASE_URL to where it runs."

    @property
    def _unreachable(self) -> str:
        return f"The model server {self.where} cannot be reached. {self._remedy}"

    @property
    def _broken_off(self) -> str:
        return f"The model server {self.where} broke off in the middle of its reply. Ask again, or look at its log."

    @property
    def _not_the_protocol(self) -> str:
        return (
            f"The server {self.where} does not answer in the OpenAI chat protocol. "
            "Check OPENAI_BASE_URL: it usually ends in /v1."
        )

    def _explain_silence(self, error: APIError) -> str:
        if type(error.__cause__).__name__ == "ConnectTimeout":
            return self._unreachable
        return (
            f"The model server {self.where} said nothing for {self._timeout:g} seconds. "
            "Try a smaller model, or raise the setting model_timeout."
        )

    def _explain_status(self, error: APIStatusError) -> str:
        match error.status_code:
            case 401 | 403:
                return f"The model server {self.where} refuses the key. Set OPENAI_API_KEY to one that it accepts."
            case 404:
                return self._explain_missing()
            case 429 if error.code == "insufficient_quota":
                return f"The key for {self.where} has no quota left. Add credit there, or choose another model."
            case 429:
                return f"The model server {self.where} is too busy or limits its requests. Wait a minute and ask again."
            case status if status >= 500:
                return f"The model server {self.where} failed (status {status}). Ask again, or look at its log."
            case _:
                return self._explain_report(error)

    def _explain_report(self, error: APIError) -> str:
        """A fault that the server puts into words, which are shown where no better ones are known."""
        if _TOO_LONG.search(f"{error.code} {error.message}"):
            return (
                f"The question and its passages are too long for model '{self._model}' on {self.where}. "
                "Choose a model with a longer context, or lower the setting top."
            )
        return f"The model server {self.where} reports an error with model '{self._model}': {self._quote(error)}"

    def _explain_missing(self) -> str:
        models = self._models()
        if models is None:
            return (
                f"The server {self.where} knows no chat model '{self._model}' at this address. "
                "Check the model's name and OPENAI_BASE_URL: it usually ends in /v1."
            )
        if not models:
            return f"The model server {self.where} has no model at all. Load '{self._model}' there."
        shown = ", ".join(_line(name, 60) for name in models[:8]) + (", ..." if len(models) > 8 else "")
        return f"The model server {self.where} has no model '{self._model}'. Choose one of: {shown}."

    def _models(self) -> list[str] | None:
        """Names of the server's models, those most like the missing one first; None where it does not say."""
        import openai

        try:
            with self._connect() as client:
                names = [model.id for model in client.models.list(timeout=LIST_SECONDS).data]
        except (openai.APIError, ValueError, TypeError, AttributeError):
            return None
        family = re.split(r"[-:./]", self._model)[0]
        return sorted(names, key=lambda name: (family not in name, name))

    def _quote(self, error: APIError) -> str:
        """The server's own words on one short line. A server may repeat the key it was given: it is taken out."""
        words = re.sub(r"^Error code: \d+ - ", "", error.message)
        words = words if self._key == NO_KEY else words.replace(self._key, "...")
        return _line(re.sub(r"\bsk-[\w*.-]+", "...", words), 200).rstrip(".") + "."


_TOO_LONG = re.compile(r"context.{0,20}(length|window|size|overflow)|too long|too many tokens", re.IGNORECASE)


def _wait(error: APIStatusError, attempt: int) -> float:
    """Seconds until the next try: what the server asks for within reason, else half a second, doubled every time."""
    try:
        asked = float(error.response.headers["retry-after"])
    except (KeyError, ValueError):
        asked = 0.5 * 2**attempt
    return min(max(asked, 0.0), LONGEST_WAIT)


def _host(address: str) -> str:
    """Host and port of a URL, without a name and password that may stand before them. Raises ModelError."""
    scheme, _, rest = address.partition("://")
    host = re.split(r"[/?#]", rest)[0].rpartition("@")[2]
    if scheme not in ("http", "https") or not re.fullmatch(r"([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?", host):
        shown = re.sub(r"//.*@", "//", address)
        raise ModelError(f"OPENAI_BASE_URL is '{shown}'. Write it as http://HOST:PORT/v1.")
    return host


def _is_local(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _line(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."
