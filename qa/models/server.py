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
"""How long the list of models may take that a message about an unknown model would like to show."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a model runs that is not on this machine's own account. Neither key nor password is ever shown."""

    address: str = field(repr=False)
    key: str = field(default="", repr=False)
    timeout: float = 60
    """Seconds without a word after which it is given up."""
    protocol: str = ""
    """Such as "the OpenAI chat protocol"."""
    address_name: str = ""
    """The variable that sets the address, such as OPENAI_BASE_URL."""
    address_hint: str = ""
    """How such an address looks, such as ": it usually ends in /v1"."""
    key_name: str = ""
    """The variable that sets the key; empty where there is no such thing."""
    is_public: bool = False
    """Whether it is the provider's own, which is there unless the network is not."""
    fetch: str = ""
    """The command that fetches a model which it lacks, before the model's name."""

    @property
    def where(self) -> str:
        """Host and port, for the reader."""
        return _host(self.address)

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine, where no proxy leads to."""
        return is_loopback(self.address)

    @property
    def connect_timeout(self) -> float:
        """Seconds until it must have taken the connection."""
        return min(CONNECT_SECONDS, self.timeout)


def checked_address(address: str, name: str, example: str) -> str:
    """The address without white space around it. Raises ModelError, which shows no password, where it is none."""
    address = address.strip()
    if not re.fullmatch(r"https?", address.partition("://")[0]) or not _HOST.fullmatch(_host(address)):
        raise ModelError(f"{name} is '{without_password(address)}'. Write it as {example}.")
    return address


def secret(value: SecretStr | None) -> str:
    """The text of a secret setting; empty where it is not set."""
    return value.get_secret_value().strip() if value else ""


def without_password(address: str) -> str:
    """The address without the name and password that may stand before its host."""
    return re.sub(r"//[^/?#]*@", "//", address)


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_private(address: str) -> bool:
    """Whether an address leads to this machine or to the network that it stands in, as far as its words tell."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))


_HOST = re.compile(r"([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?")


def _host(address: str) -> str:
    return re.split(r"[/?#]", address.partition("://")[2])[0].rpartition("@")[2]
