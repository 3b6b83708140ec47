"""Lists the language models that could answer now. All servers are asked at once, and no unknown host."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from qa.errors import ModelError
from qa.models.base import ModelChoice
from qa.models.server import is_private

if TYPE_CHECKING:
    from qa.settings import Settings

EXTRACTIVE = ModelChoice("extractive", "this machine", "sentences of the articles, word for word")
_NO_CHAT = ("embed", "whisper", "tts", "dall-e", "moderation", "transcribe", "image", "realtime", "audio", "bge-")


def available_models(settings: Settings | None = None, timeout: float = 1.0) -> list[ModelChoice]:
    """The language models that could answer now, `extractive` first, within about `timeout` seconds.

    Asks Ollama, the servers named in the settings, and public servers for which the settings hold a key. A server that
    does not answer in time is left out.
    """
    if settings is None:
        from qa.settings import load_settings

        settings = load_settings()
    found: list[Sequence[ModelChoice]] = [()] * len(_SOURCES)

    def ask(number: int, source: Callable[[Settings, float], Sequence[ModelChoice]]) -> None:
        try:
            found[number] = source(settings, timeout)
        except ModelError:
            pass  # an address that is none, or a key that is not set: nothing to choose from there

    threads = [Thread(target=ask, args=pair, daemon=True) for pair in enumerate(_SOURCES)]
    end = time.monotonic() + timeout
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))
    return [EXTRACTIVE, *(choice for choices in list(found) for choice in choices)]


def _of_ollama(settings: Settings, timeout: float) -> list[ModelChoice]:
    from qa.models.ollama import list_models, ollama_server

    server = ollama_server(settings)
    if not is_private(server.address):
        return []
    models = list_models(server, timeout) or []
    return [ModelChoice(f"ollama:{model['name']}", server.where, _size(model)) for model in models if can_chat(model)]


def can_chat(model: dict[str, Any]) -> bool:
    """True if an Ollama model writes text. Newer servers list its capabilities, older ones only its family."""
    details = model.get("details") or {}
    if capabilities := model.get("capabilities") or details.get("capabilities"):
        return "completion" in capabilities
    return "bert" not in str(details.get("family", "")) and writes_text(model["name"])


def _size(model: dict[str, Any]) -> str:
    parameters = str((model.get("details") or {}).get("parameter_size") or "")
    size = model.get("size")
    weight = f"{size / 1e9:.1f} GB" if isinstance(size, int) and size else ""
    return ", ".join(filter(None, (f"{parameters} parameters" if parameters else "", weight)))


def _of_openai(settings: Settings, timeout: float) -> list[ModelChoice]:
    from qa.models.openai_chat import list_models, openai_server

    server = openai_server(settings, settings.openai_base_url)
    if not (server.key or is_private(server.address)):
        return []
    names = list_models(server, timeout) or []
    if server.is_public:
        names = [name for name in names if name.startswith(("gpt-", "o1", "o3", "o4", "chatgpt-"))]
    return [ModelChoice(f"openai:{name}", server.where) for name in sorted(names) if writes_text(name)]


def _of_anthropic(settings: Settings, timeout: float) -> list[ModelChoice]:
    from qa.models.anthropic_chat import anthropic_server, list_models

    if find_spec("anthropic") is None:
        return []
    server = anthropic_server(settings)
    return [ModelChoice(f"anthropic:{name}", server.where) for name in list_models(server, timeout) or []]


def _of_this_machine(settings: Settings, timeout: float) -> list[ModelChoice]:
    """Chat models in the model hub's cache. Reads their files only, so that nothing slow is imported."""
    if find_spec("huggingface_hub") is None:
        return []
    from huggingface_hub.constants import HF_HUB_CACHE

    cache = Path(HF_HUB_CACHE)
    found: list[ModelChoice] = []
    if find_spec("llama_cpp") is not None:
        found += _cached_gguf(cache)
    if find_spec("transformers") is not None and find_spec("torch") is not None:
        found += [ModelChoice(f"local:{name}", "this machine", "transformers") for name in _cached(cache)]
    return found


def _cached_gguf(cache: Path) -> Iterator[ModelChoice]:
    for name, snapshot in _snapshots(cache):
        for file in snapshot.glob("*.gguf"):
            with suppress(OSError):  # a link to what is gone
                yield ModelChoice(f"gguf:{name}:{file.name}", "this machine", f"{file.stat().st_size / 1e9:.1f} GB")


def _cached(cache: Path) -> Iterator[str]:
    for name, snapshot in _snapshots(cache):
        with suppress(OSError, ValueError, AttributeError):  # half downloaded, or of another making
            config = json.loads((snapshot / "config.json").read_text("utf-8"))
            writes = any(kind.endswith("ForCausalLM") for kind in config.get("architectures") or ())
            if writes and _has_template(snapshot):
                yield name


def _snapshots(cache: Path) -> Iterator[tuple[str, Path]]:
    """The models in the cache, each with the folder of its files."""
    for folder in sorted(cache.glob("models--*--*")):
        with suppress(OSError, ValueError):
            commit = (folder / "refs" / "main").read_text("utf-8").strip()
            yield folder.name.removeprefix("models--").replace("--", "/", 1), folder / "snapshots" / commit


def _has_template(snapshot: Path) -> bool:
    if (snapshot / "chat_template.jinja").is_file():
        return True
    return "chat_template" in json.loads((snapshot / "tokenizer_config.json").read_text("utf-8"))


def writes_text(name: str) -> bool:
    """False for a model whose name says that it does something else."""
    return not any(word in name.lower() for word in _NO_CHAT)


def _of_connected(settings: Settings, timeout: float) -> list[ModelChoice]:
    from qa.models.connected import PROVIDER, connected_server
    from qa.models.ollama import list_models as list_ollama
    from qa.models.openai_chat import list_models

    server = connected_server(settings)
    if settings.server_protocol == "ollama":
        described = list_ollama(server, timeout) or []
        return [
            ModelChoice(f"{PROVIDER}:{one['name']}", server.where, _size(one)) for one in described if can_chat(one)
        ]
    names = sorted(filter(writes_text, list_models(server, timeout) or []))
    return [ModelChoice(f"{PROVIDER}:{name}", server.where) for name in names]


_SOURCES: Sequence[Callable[[Settings, float], Sequence[ModelChoice]]] = (
    _of_connected,
    _of_ollama,
    _of_this_machine,
    _of_openai,
    _of_anthropic,
)
