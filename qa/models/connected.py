"""The model server that was connected in the window's Settings, and one of its models as `server:NAME`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.errors import ModelError
from qa.models.base import LanguageModel
from qa.models.ollama import OllamaChat
from qa.models.openai_chat import OpenAIChat
from qa.models.server import Server, checked_address, secret

if TYPE_CHECKING:
    from qa.settings import Settings

PROVIDER = "server"


def load_connected_chat(model: str, settings: Settings) -> LanguageModel:
    """The chat model `model` of the connected server. Sends nothing yet. Raises ModelError where none is connected."""
    server = connected_server(settings)
    chat = OllamaChat if settings.server_protocol == "ollama" else OpenAIChat
    return chat(model, server, PROVIDER)


def connected_server(settings: Settings) -> Server:
    """The server that is connected. Raises ModelError where there is none."""
    address = (settings.server_address or "").strip()
    if not address:
        raise ModelError("No model server is connected. Connect one in the window's Settings, or set server_address.")
    return server_at(address, secret(settings.server_key), settings, is_ollama=settings.server_protocol == "ollama")


def server_at(address: str, key: str, settings: Settings, *, is_ollama: bool = False) -> Server:
    """The server at an address. Raises ModelError where it, or the key, cannot be one."""
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ModelError("The key holds a line break, a space or a letter that no key has. Copy it again, as one word.")
    return Server(
        checked_address(address, "The address of the server", "http://HOST:PORT/v1"),
        key,
        settings.model_timeout,
        settings.answer_timeout,
        protocol="Ollama's protocol" if is_ollama else "the OpenAI chat protocol",
        address_name="the address in Settings",
        address_hint="" if is_ollama else ": it usually ends in /v1",
        key_name="the key in Settings",
    )
