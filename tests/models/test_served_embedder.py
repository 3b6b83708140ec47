"""Embedders on a server, over both protocols: what is sent, what comes, and what happens to what goes wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from servers import EMBEDDINGS, ModelServer, Reply, hashed_vector

from qa.errors import ModelError
from qa.models import Embedder, load_embedder
from qa.models.served_embedder import BATCH_TEXTS
from qa.settings import CLASSIC

KEY = "sk-planted-4711"
Connect = Callable[..., Embedder]


@pytest.fixture(params=["openai", "ollama"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*CLASSIC, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def connect(provider: str, monkeypatch: pytest.MonkeyPatch) -> Connect:
    def connect(server: ModelServer, model: str = "tiny") -> Embedder:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OLLAMA_HOST", server.host)
        return load_embedder(f"{provider}:{model}")

    return connect


def unit(text: str) -> np.ndarray:
    vector = np.array(hashed_vector(text), np.float32)
    return vector / np.linalg.norm(vector)


def test_vectors_have_unit_length_and_the_order_of_the_texts(connect: Connect, provider: str) -> None:
    texts = [f"Story {n} of the harbour bridge" for n in range(BATCH_TEXTS + 3)]
    with ModelServer() as server:
        embedder = connect(server)
        assert not server.requests  # nothing is sent before it is needed
        vectors = embedder.embed_passages(texts)
        assert (embedder.name, embedder.dimension) == (f"{provider}:tiny", 16)
        np.testing.assert_allclose(vectors, [unit(text) for text in texts], atol=1e-6)
        np.testing.assert_allclose(embedder.embed_query("the bridge"), unit("the bridge"), atol=1e-6)
    assert vectors.dtype == np.float32
    # One to learn the dimension, two batches, one question.
    assert [len(request.body["input"]) for request in server.requests] == [1, BATCH_TEXTS, 3, 1]
    assert {request.path for request in server.requests} <= set(EMBEDDINGS)
    assert server.requests[0].key == (KEY if provider == "openai" else "")


def test_a_text_without_a_word_has_zeros_and_is_not_sent(connect: Connect) -> None:
    with ModelServer() as server:
        embedder = connect(server)
        vectors = embedder.embed_passages(["", "the bridge", " \n"])
        assert not vectors[[0, 2]].any() and vectors[1].any()
        assert not embedder.embed_query(" ").any()
        assert embedder.embed_passages([]).shape == (0, 16)
    assert [request.body["input"] for request in server.requests][1:] == [["the bridge"]]


def test_the_words_that_a_model_was_trained_with_are_put_before_a_text(connect: Connect) -> None:
    with ModelServer(models=("nomic-embed-text",)) as server:
        embedder = connect(server, "nomic-embed-text")
        revision = embedder.revision
        embedder.embed_passages(["the bridge"])
        embedder.embed_query("the bridge")
        sent = [request.body["input"] for request in server.requests]
    assert sent[-2:] == [["search_document: the bridge"], ["search_query: the bridge"]]
    assert revision  # a library that was built with other words would not fit


def test_ollama_tells_its_weights_apart_and_openai_cannot(connect: Connect, provider: str) -> None:
    with ModelServer(models=("tiny", "other")) as server:
        first, second = connect(server).revision, connect(server, "other").revision
    assert (len(first), len(second)) == ((12, 12) if provider == "ollama" else (0, 0))
    assert first != second or provider == "openai"


def test_a_text_that_is_too_long_is_cut_and_takes_no_other_with_it(connect: Connect) -> None:
    long = "harbour bridge " * 40
    with ModelServer(longest=300) as server:
        embedder = connect(server)
        vectors = embedder.embed_passages(["the school", long, "the storm"])
        np.testing.assert_allclose(vectors[[0, 2]], [unit("the school"), unit("the storm")], atol=1e-6)
        assert vectors[1].any()
        before = len(server.requests)
        embedder.embed_passages([long, long])  # by now it knows how much the model takes
        assert len(server.requests) == before + 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(connect: Connect, status: int) -> None:
    with ModelServer(*[Reply(status=status)] * 2) as server:
        assert connect(server).dimension == 16


def test_another_address_for_embeddings(monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        monkeypatch.setenv("OPENAI_EMBED_BASE_URL", server.base_url)
        assert load_embedder("openai:tiny").dimension == 16


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(status=401, error=f"Wrong key {KEY}"), "refuses the key|lets nobody in"),
        (Reply(body="<html>"), "does not answer in"),
        (Reply(status=400, error="this model does not support embeddings"), "this model does not support embeddings"),
    ],
)
def test_what_goes_wrong_is_a_sentence(connect: Connect, reply: Reply, said: str) -> None:
    with ModelServer(reply) as server, pytest.raises(ModelError, match=said) as caught:
        connect(server).embed_query("the bridge")
    assert KEY not in str(caught.value) and "\n" not in str(caught.value)


def test_a_model_that_the_server_does_not_have(connect: Connect) -> None:
    with ModelServer(models=("nomic-embed-text",)) as server, pytest.raises(ModelError, match="Choose one of: nomic-e"):
        connect(server).embed_query("the bridge")
