"""An embedder that loads while the window already answers in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray
from parts import ARTICLES, HashingEmbedder
from servers import ModelServer, Reply

from qa.ask.assistant import Assistant
from qa.errors import EmbedderMismatch, ModelError, UsageError
from qa.library import Library
from qa.models import (
    BackgroundEmbedder,
    BackgroundReranker,
    Embedder,
    load_reranker,
    query_vector,
    ready_reranker,
)
from qa.models.background import LOADING, UNRANKED
from qa.settings import Settings
from qa.store import Store


@pytest.fixture
def gate() -> Iterator[Event]:
    """Opens for the loader when it is set, and at the end in any case."""
    gate = Event()
    yield gate
    gate.set()


def loading(gate: Event, outcome: Embedder | Exception, revision: str = "1") -> BackgroundEmbedder:
    def load() -> Embedder:
        gate.wait(30)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return BackgroundEmbedder("hashing:stems", revision, 256, load)


def test_until_it_has_loaded_there_is_a_notice_and_no_vector(gate: Event) -> None:
    embedder = loading(gate, HashingEmbedder())
    assert (embedder.name, embedder.revision, embedder.dimension) == ("hashing:stems", "1", 256)
    assert not embedder.ready()
    assert query_vector(embedder, "the bridge") == (None, LOADING)
    gate.set()
    embedder.wait()
    assert embedder.ready()
    vector, notice = query_vector(embedder, "the bridge")
    assert notice is None
    np.testing.assert_array_equal(vector, HashingEmbedder().embed_query("the bridge"))


def test_who_cannot_do_without_waits(gate: Event) -> None:
    embedder = loading(gate, HashingEmbedder())
    gate.set()
    assert embedder.embed_passages(["the bridge"]).shape == (1, 256)


@pytest.mark.parametrize("error", [ModelError("The model hub cannot be reached."), MemoryError("out of memory")])
def test_a_failure_is_kept_and_told(gate: Event, error: Exception) -> None:
    embedder = loading(gate, error)
    gate.set()
    for _ in range(2):
        with pytest.raises(ModelError, match=str(error).rstrip(".")):
            embedder.embed_query("the bridge")
    vector, notice = query_vector(embedder, "the bridge")
    assert vector is None
    assert embedder.failure and str(error).rstrip(".") in embedder.failure
    assert notice == f"{embedder.failure} Found by words alone."


def test_other_weights_than_the_library_was_built_with(gate: Event) -> None:
    embedder = loading(gate, HashingEmbedder(), revision="2")
    gate.set()
    with pytest.raises(EmbedderMismatch, match="other weights of the embedder 'hashing:stems'.*qa doctor --repair"):
        embedder.wait()


def test_a_server_that_goes_away_leaves_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from qa.models import load_embedder

    with ModelServer() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        embedder = load_embedder("ollama:tiny")
        assert query_vector(embedder, "the bridge")[1] is None
    vector, notice = query_vector(embedder, "the bridge")
    assert vector is None and notice is not None and "cannot be reached" in notice


def test_words_alone_find_passages(library: Callable[..., Library], write: Callable[[str, str], Path]) -> None:
    store = filled(library(), write).store
    (found,) = store.find("harbour bridge", None, 10)
    assert found.passage.article.title == "Harbour bridge opens"
    assert found.bm25 > 0 and found.cosine is None
    assert store.find("nothing of the kind", None, 10) == []


def filled(library: Library, write: Callable[[str, str], Path]) -> Library:
    library.ingest([write(name, text) for name, text in ARTICLES.items()])
    return library


def test_a_library_opens_with_what_it_was_built_with(
    settings: Callable[..., Settings], write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        chosen = settings(embed="ollama:tiny")
        assert Store.built_with(chosen.index) is None
        with Library.open(chosen, background=True) as library:  # new: there is nothing to be found meanwhile
            assert not isinstance(library.embedder, BackgroundEmbedder)
            filled(library, write)
        built = Store.built_with(chosen.index)
        assert built is not None and (built.embedder, built.dimension, len(built.revision)) == ("ollama:tiny", 16, 12)
        with Library.open(chosen, background=True) as library:
            assert isinstance(library.embedder, BackgroundEmbedder)
            library.embedder.wait()
            vector, notice = query_vector(library.embedder, "harbour bridge")
            assert notice is None
            assert any(hit.cosine is not None for hit in library.store.find("harbour bridge", vector, 10))
        with pytest.raises(EmbedderMismatch, match="built with the embedder 'ollama:tiny'"):
            Library.open(settings(embed="bundled:news"), background=True)
    with Library.open(chosen, background=True) as library:  # the server has gone; the words are there
        assert library.store.find("harbour bridge", query_vector(library.embedder, "harbour bridge")[0], 10)


class Longest:
    """A reranker that likes long texts."""

    name = "test:longest"

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([len(text) for text in texts], np.float32)


def test_a_reranker_is_left_out_until_it_has_loaded(gate: Event) -> None:
    def load() -> Longest:
        gate.wait(30)
        return Longest()

    reranker = BackgroundReranker("test:longest", load)
    assert ready_reranker(reranker) == (None, UNRANKED)
    gate.set()
    assert reranker.scores("who?", ["a", "abc"]).tolist() == [1, 3]
    assert ready_reranker(reranker) == (reranker, None)
    assert ready_reranker(None) == (None, None)


def test_a_reranker_that_cannot_be_loaded_leaves_the_order_as_it_is() -> None:
    with pytest.raises(UsageError, match="Unknown reranker provider 'acme'"):
        load_reranker("acme:x", background=True)
    reranker = load_reranker("sentence-transformers:/no/such/folder", background=True)
    assert reranker is not None
    with pytest.raises(ModelError, match="There is no model folder /no/such/folder"):
        reranker.scores("who?", ["a"])
    none, notice = ready_reranker(reranker)
    assert none is None and notice is not None and notice.endswith("This is the order without it.")


def test_a_window_answers_while_its_embedder_loads(
    settings: Callable[..., Settings], write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "Who cut the ribbon of the harbour bridge?"
    go = Event()
    with ModelServer() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        chosen = settings(embed="ollama:tiny", rerank="none")
        with Library.open(chosen) as library:
            filled(library, write)
    # Now a server that is there and does not answer before it is told to.
    with ModelServer(Reply(hold=go), port=int(server.host.rpartition(":")[2])) as slow:
        with Assistant.open(chosen, background=True) as assistant:
            answer = assistant.ask(asked)
            assert answer.notice == LOADING
            assert answer.hits[0].passage.article.title == "Harbour bridge opens"
            go.set()
            assert isinstance(assistant.library.embedder, BackgroundEmbedder)
            assistant.library.embedder.wait()
            assert assistant.ask(asked).notice is None
        assert slow.requests
