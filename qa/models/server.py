"""A model server: its address, the key to it, and what messages call them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from qa.errors import ModelError

CONNECT_SECONDS = 5.0
LIST_SECONDS = 2.0
"""Timeout in seconds for the list of models that a message about an unknown model shows."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs models. Its key and password are never shown."""

    address: str = field(repr=False)
    key: str = field(default="", repr=False)
    timeout: float = 60
    """Seconds without a word after which the request is given up."""
    whole: float = 600
    """Seconds after which a reply that is still being written is given up."""
    protocol: str = ""
    """Such as "the OpenAI chat protocol"."""
    address_name: str = ""
    """The variable that sets the address, such as OPENAI_BASE_URL."""
    address_hint: str = ""
    """How such an address looks, such as ": it usually ends in /v1"."""
    key_name: str = ""
    """The variable that sets the key; empty if the server takes none."""
    is_public: bool = False
    """True for the provider's own public server."""
    fetch: str = ""
    """The command that fetches a missing model, up to the model's name."""

    @property
    def where(self) -> str:
        """Host and port, for the reader."""
        return _host(self.address)

    @property
    def is_here(self) -> bool:
        """True if it runs on this machine, which no proxy can reach."""
        return is_loopback(self.address)

    @property
    def connect_timeout(self) -> float:
        """Timeout in seconds for the connection."""
        return min(CONNECT_SECONDS, self.timeout)


def checked_address(address: str, name: str, example: str) -> str:
    """The address without surrounding white space. Raises ModelError, without a password, if it is no address."""
    address = address.strip()
    is_http = re.fullmatch(r"https?", address.partition("://")[0]) and _HOST.fullmatch(_host(address))
    if not is_http or not _is_read(address):
        raise ModelError(f"{name} is '{without_password(address)}'. Write it as {example}.")
    return address


def _is_read(address: str) -> bool:
    """Whether its host and port can be one: no [1:2:3]."""
    try:
        return bool(urlsplit(address).hostname and (urlsplit(address).port or True))
    except ValueError:
        return False


def secret(value: SecretStr | None) -> str:
    """The text of a secret setting; empty if it is not set."""
    return value.get_secret_value().strip() if value else ""


def without_password(address: str) -> str:
    """The address without the name and password before its host."""
    return re.sub(r"//[^/?#]*@", "//", address)


def is_loopback(address: str) -> bool:
    """True if the address leads to this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_private(address: str) -> bool:
    """True if the address names this machine or its private network; no name is looked up."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))


_HOST = re.compile(r"([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?")


def _host(address: str) -> str:
    return re.split(r"[/?#]", address.partition("://")[2])[0].rpartition("@")[2]
