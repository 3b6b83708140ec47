"""Which models a picker can offer: asked of servers on this machine, and of nobody else."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from servers import ModelServer

from qa.models import ModelChoice
from qa.models.choices import available_models
from qa.settings import CLASSIC, load_settings


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Without servers, keys and cached models."""
    for name in CLASSIC:
        monkeypatch.delenv(name, raising=False)
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    return cache


def names(**flags: object) -> list[str]:
    return [choice.name for choice in available_models(load_settings(**flags), timeout=5)]


def test_without_anything_there_is_what_is_built_in() -> None:
    assert names() == ["extractive"]


def test_servers_are_asked_for_what_they_have() -> None:
    with ModelServer(models=("llama3.2:3b", "nomic-embed-text")) as server:
        choices = available_models(load_settings(ollama_host=server.url, openai_base_url=server.base_url), timeout=5)
    assert choices == [
        ModelChoice("extractive", "this machine", "sentences of the articles, word for word"),
        ModelChoice("ollama:llama3.2:3b", server.host, "3.2B parameters, 2.0 GB"),
        ModelChoice("openai:llama3.2:3b", server.host),
    ]


def test_anthropic_is_asked_where_there_is_a_key() -> None:
    with ModelServer(models=("claude-sonnet-4-5",)) as server:
        assert names(anthropic_base_url=server.url) == ["extractive"]
        assert not server.requests
        assert names(anthropic_base_url=server.url, anthropic_key="k") == ["extractive", "anthropic:claude-sonnet-4-5"]


def test_no_public_host_is_asked_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def note(host: str, *more: object, **others: object) -> object:
        looked_up.append(str(host))
        return real(host, *more, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", note)
    assert names(openai_base_url="https://models.example.org/v1", ollama_host="https://ollama.example.org") == [
        "extractive"
    ]
    assert not [host for host in looked_up if "example" in host]


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        choices = available_models(load_settings(ollama_host=address, openai_base_url=f"{address}/v1"), timeout=0.3)
        assert [choice.name for choice in choices] == ["extractive"]


def test_chat_models_in_the_cache_of_the_hub(environment: Path) -> None:
    def cache(name: str, architecture: str, template: bool) -> None:
        folder = environment / f"models--{name.replace('/', '--')}"
        snapshot = folder / "snapshots" / "abc"
        snapshot.mkdir(parents=True)
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text("abc")
        (snapshot / "config.json").write_text(json.dumps({"architectures": [architecture]}))
        (snapshot / "tokenizer_config.json").write_text(json.dumps({"chat_template": "x"} if template else {}))

    cache("Qwen/Qwen2.5-0.5B-Instruct", "Qwen2ForCausalLM", True)
    cache("openai-community/gpt2", "GPT2ForCausalLM", False)
    cache("BAAI/bge-small-en-v1.5", "BertModel", False)
    (environment / "models--half--downloaded").mkdir()
    assert names() == ["extractive", "local:Qwen/Qwen2.5-0.5B-Instruct"]
