"""Faults of servers and connections, each put into one sentence with a remedy."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from qa.errors import ContextTooLong, ModelError
from qa.models.server import Server

Kind = Literal[
    "unreachable", "deaf", "silent", "endless", "broken", "nonsense", "status", "reported", "filtered", "empty"
]
Listed = Callable[[], "list[str] | None"]
"""Asks a server for the names of its models; None if it does not say."""


@dataclass(eq=False)
class Fault(Exception):
    """What went wrong, in the protocol's terms; `explained` puts it into words."""

    kind: Kind
    """`unreachable`: the connection was refused; `deaf`: nothing answered within the timeout."""
    status: int = 0
    code: str = ""
    message: str = ""
    """The server's own words."""
    wait: float | None = None
    """Seconds to wait before a retry, as the server asked."""

    @property
    def is_too_long(self) -> bool:
        """True if the prompt exceeds the model's context."""
        return self.status == 413 or bool(_TOO_LONG.search(f"{self.code} {self.message}"))

    @property
    def may_pass(self) -> bool:
        """True if the same request may succeed a moment later."""
        if self.is_too_long or self.code == NO_QUOTA:
            return False
        return self.kind in ("unreachable", "broken") or self.status == 429 or self.status >= 500


NO_QUOTA = "insufficient_quota"
_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size|overflow)|too long|too many tokens|too large to process|less than \d+ tokens",
    re.IGNORECASE,
)


# --- from what the client libraries raise ----------------------------------------------------------------------------


@contextmanager
def httpx_faults() -> Iterator[None]:
    """Turns errors of httpx and of malformed replies into Faults."""
    import httpx

    try:
        yield
    except httpx.ConnectTimeout:
        raise Fault("deaf") from None
    except httpx.TimeoutException:
        raise Fault("silent") from None
    except (httpx.TransportError, httpx.InvalidURL, httpx.TooManyRedirects):
        raise Fault("unreachable") from None
    except (ValueError, TypeError, AttributeError, LookupError, httpx.DecodingError):
        raise Fault("nonsense") from None


@contextmanager
def package_faults(package: Any) -> Iterator[None]:
    """Turns errors of `openai` and `anthropic` into Faults; both packages share one class tree of errors."""
    import httpx2

    try:
        yield
    except package.APIStatusError as error:
        raise Fault("status", error.status_code, *_told(error), wait=seconds_asked(error.response.headers)) from None
    except (package.APITimeoutError, httpx2.TimeoutException) as error:
        is_connecting = "ConnectTimeout" in (type(error).__name__, type(error.__cause__).__name__)
        raise Fault("deaf" if is_connecting else "silent") from None
    except (package.APIConnectionError, httpx2.TransportError):
        raise Fault("unreachable") from None
    except package.APIError as error:
        raise Fault("reported", 0, *_told(error)) from None
    except (ValueError, TypeError, AttributeError, LookupError):
        raise Fault("nonsense") from None


def _told(error: Any) -> tuple[str, str]:
    """The code and message of a fault."""
    code = getattr(error, "code", None) or getattr(error, "type", None) or ""
    message = getattr(error, "api_message", None) or error.message
    return str(code), re.sub(r"^Error code: \d+ - ", "", str(message))


def seconds_asked(headers: Mapping[str, str]) -> float | None:
    """Seconds that a Retry-After header asks for, given as a number or a date; None without one."""
    asked = headers.get("retry-after", "")
    try:
        return max(float(asked), 0.0)
    except ValueError:
        pass
    try:
        return max(email.utils.parsedate_to_datetime(asked).timestamp() - time.time(), 0.0)
    except ValueError:
        return None


# --- in a sentence with the server's name and a remedy ---------------------------------------------------------------


def explained(fault: Fault, server: Server, model: str, listed: Listed) -> ModelError:
    """The error for the user: one or two sentences that never show a key."""
    if fault.is_too_long:
        return ContextTooLong(
            f"The question and its passages are too long for model '{model}' on {server.where}. "
            "Choose a model with a longer context, or lower the setting top."
        )
    match fault.kind:
        case "status":
            return ModelError(_status(fault, server, model, listed))
        case "reported":
            return ModelError(_reported(fault, server, model))
        case "unreachable" | "deaf":
            return ModelError(f"The model server {server.where} cannot be reached. {_remedy(server)}")
        case "silent":
            return ModelError(
                f"The model server {server.where} said nothing for {server.timeout:g} seconds. "
                "Try a smaller model, or raise the setting model_timeout."
            )
        case "endless":
            return ModelError(
                f"The model server {server.where} was not done within {server.whole:g} seconds. "
                "Try a faster model, or raise the setting answer_timeout."
            )
        case "broken":
            return ModelError(
                f"The model server {server.where} broke off in the middle of its reply. Ask again, or look at its log."
            )
        case "filtered":
            return ModelError(f"The content filter of {server.where} stopped the reply of model '{model}'.")
        case "empty":
            return ModelError(
                f"Model '{model}' on {server.where} replied without a word. Ask again, or choose another model."
            )
        case "nonsense":
            return ModelError(
                f"The server {server.where} does not answer in {server.protocol}. "
                f"Check {server.address_name}{server.address_hint}."
            )


def _remedy(server: Server) -> str:
    if server.is_public:
        return f"Check the internet connection, or set {server.address_name} to a server of your own."
    return f"Start it, or set {server.address_name} to where it runs."


def _status(fault: Fault, server: Server, model: str, listed: Listed) -> str:
    where = server.where
    match fault.status:
        case 401 | 403:
            return _refused(server)
        case 404:
            return _missing(server, model, listed())
        case 429 if fault.code == NO_QUOTA:
            return f"The key for {where} has no quota left. Add credit there, or choose another model."
        case 429 | 529:
            wait = f" It asks to wait {fault.wait:.0f} seconds." if fault.wait and fault.wait >= 1 else ""
            return (
                f"The model server {where} is too busy or limits its requests.{wait} "
                f"Wait {'that long' if wait else 'a minute'} and ask again."
            )
        case status if status >= 500:
            said = f": {_quoted(fault, server)}" if fault.message else "."
            return f"The model server {where} failed (status {status}){said} Ask again, or look at its log."
        case _:
            return _reported(fault, server, model)


def _refused(server: Server) -> str:
    if not server.key_name:
        return (
            f"The model server {server.where} lets nobody in without a password. "
            f"Write {server.address_name} as http://NAME:PASSWORD@HOST:PORT."
        )
    if not server.key:
        return f"The model server {server.where} wants a key. Set {server.key_name}."
    return f"The model server {server.where} refuses the key. Set {server.key_name} to one that it accepts."


def _reported(fault: Fault, server: Server, model: str) -> str:
    """A fault in the server's own words, used when we know no better ones."""
    return f"The model server {server.where} reports an error with model '{model}': {_quoted(fault, server)}"


def _missing(server: Server, model: str, models: list[str] | None) -> str:
    if models is None:
        return (
            f"The server {server.where} knows no model '{model}' at this address. "
            f"Check the model's name and {server.address_name}{server.address_hint}."
        )
    fetch = f"{server.fetch} {model}" if server.fetch else ""
    if not models:
        remedy = f"Fetch it with `{fetch}`." if fetch else f"Load '{model}' there."
        return f"The model server {server.where} has no model at all. {remedy}"
    family = re.split(r"[-:./]", model)[0]
    nearest = sorted(models, key=lambda name: (family not in name, name))
    shown = ", ".join(_line(name, 60) for name in nearest[:8]) + (", ..." if len(models) > 8 else "")
    other = f", or fetch it with `{fetch}`." if fetch else "."
    return f"The model server {server.where} has no model '{model}'. Choose one of: {shown}{other}"


def _quoted(fault: Fault, server: Server) -> str:
    """The server's own words on one short line. A key that the server repeats is removed."""
    words = fault.message.replace(server.key, "...") if server.key else fault.message
    return _line(re.sub(r"\bsk-[\w*.-]+", "...", words), 200).rstrip(".") + "."


def _line(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."
