"""What is particular to Ollama: its address, and how much it is asked to read."""

from __future__ import annotations

import pytest
from servers import ModelServer

from qa.errors import ModelError
from qa.models import load_language_model
from qa.models.ollama import list_models, model_names, ollama_server
from qa.settings import CLASSIC, load_settings
from qa.types import Message


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CLASSIC:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        (None, "http://127.0.0.1:11434"),
        (" ", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        (":8080", "http://127.0.0.1:8080"),
        ("gpu", "http://gpu:11434"),
        ("gpu:8080", "http://gpu:8080"),
        ("http://gpu:8080/", "http://gpu:8080"),
        ("https://ollama.example.org", "https://ollama.example.org"),
        ("https://me:secret@ollama.example.org/api", "https://me:secret@ollama.example.org/api"),
        ("[::1]", "http://[::1]:11434"),
        ("[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_its_address_is_read_the_way_ollama_reads_it(host: str | None, address: str) -> None:
    assert ollama_server(load_settings(ollama_host=host)).address == address


def test_an_address_that_is_none_does_not_show_its_password() -> None:
    with pytest.raises(ModelError, match="OLLAMA_HOST is 'ftp://gpu'. Write it as http://HOST:PORT") as caught:
        load_language_model("ollama:tiny", load_settings(ollama_host="ftp://me:secret@gpu"))
    assert "secret" not in str(caught.value)


def test_a_prompt_is_to_be_read_whole_or_not_at_all() -> None:
    with ModelServer("Yes.", "Yes.", "Yes.") as server:
        model = load_language_model("ollama:tiny", load_settings(ollama_host=server.url))
        assert model is not None
        for length in (10, 4_000, 40_000):
            list(model.stream([Message("user", "a word " * (length // 7)), Message("user", "ж" * (length // 10))]))
    bodies = [request.body for request in server.requests]
    assert [body["options"]["num_ctx"] for body in bodies] == [4096, 4096, 16384]
    assert all(body["truncate"] is False and body["shift"] is False for body in bodies)
    assert bodies[0]["options"]["temperature"] == 0


def test_what_it_has() -> None:
    with ModelServer(models=("llama3.2:3b", "tiny")) as server:
        reached = ollama_server(load_settings(ollama_host=server.url))
        assert model_names(reached) == ["llama3.2:3b", "tiny:latest"]
        assert [model["size"] for model in list_models(reached) or []] == [2_000_000_000] * 2
    assert model_names(reached) is None
