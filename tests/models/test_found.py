"""Model servers on this machine that are found at their ports, and language models of llama-index."""

from __future__ import annotations

from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.llms import MockLLM
from servers import ModelServer

from qa.ask.assistant import Assistant
from qa.errors import ModelError
from qa.library import Library
from qa.models import load_embedder, load_language_model
from qa.models.connecting import connect
from qa.models.found import USUAL, Program, found_here, load_found
from qa.models.from_llama_index import LlamaIndexChat
from qa.settings import load_settings
from qa.types import Message

ASK = (Message("system", "Be brief."), Message("user", "Who?"))


def port(server: ModelServer) -> int:
    return int(server.host.rpartition(":")[2])


def test_a_server_is_found_by_its_list_of_models_alone() -> None:
    with ModelServer("Yes.", models=("nomic-embed-text", "tiny")) as one, ModelServer("Yes.", models=("small",)) as two:
        programs = [Program("Ollama", port(one), is_ollama=True), Program("llama.cpp", port(two)), Program("none", 9)]
        found = found_here(programs)
        assert [(program.name, models) for program, models in found] == [
            ("Ollama", ["tiny:latest"]),
            ("llama.cpp", ["small"]),
        ]
        assert not one.requests and not two.requests
        model = load_found(load_settings(), programs)
        assert (model.name, model.where) == ("ollama:tiny:latest", one.host)
        assert "".join(model.stream(ASK)) == "Yes."
        other = load_found(load_settings(), programs[1:])
        assert (other.name, other.where) == ("openai:small", two.host)
        assert "".join(other.stream(ASK)) == "Yes." and two.requests[0].key == "none"


class Endless(BaseHTTPRequestHandler):
    """A camera, or a log: whatever is asked for, it sends without an end."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b"x" * 65_536)

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_what_sends_without_an_end_is_no_model_server() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as endless:
        Thread(target=endless.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        address = f"http://127.0.0.1:{endless.server_port}"
        assert found_here([Program("vLLM", endless.server_port)]) == []
        with pytest.raises(ModelError):
            connect(address, "", load_settings())
        endless.shutdown()


def test_where_no_server_answers_one_sentence_says_what_was_asked() -> None:
    with pytest.raises(ModelError, match=r"No model server answers on this machine.*Ollama \(9\), vLLM \(9\)"):
        load_found(load_settings(), [Program("Ollama", 9, is_ollama=True), Program("vLLM", 9)])
    assert {program.port for program in USUAL} == {11434, 8080, 1234, 8000, 5000}


def test_a_class_of_llama_index_is_named() -> None:
    model = load_language_model("llama-index:llama_index.core.llms:MockLLM")
    assert model and model.name == "llama-index:llama_index.core.llms:MockLLM"
    assert "Who?" in "".join(model.stream(ASK))


def test_a_class_of_its_embeddings_is_an_embedder() -> None:
    embedder = load_embedder(f"llama-index:{__name__}:Letters")
    assert (embedder.name, embedder.dimension) == (f"llama-index:{__name__}:Letters", 26)
    vectors = embedder.embed_passages(["abba", "zz"])
    assert vectors.shape == (2, 26) and vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[0, :2], [2**-0.5, 2**-0.5])
    np.testing.assert_allclose(embedder.embed_query("zz"), vectors[1])
    with pytest.raises(ModelError, match="is no embedding of llama-index"):
        load_embedder("llama-index:llama_index.core.llms:MockLLM")


class Letters(BaseEmbedding):
    """Counts the letters of a text."""

    def _get_text_embedding(self, text: str) -> list[float]:
        return [float(text.count(chr(97 + n))) for n in range(26)]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("llama-index:json", "Write it as llama-index:MODULE:CLASS"),
        ("llama-index:no_such_package:Model", "cannot be made .*no_such_package"),
        ("llama-index:llama_index.core.llms:Nothing", "cannot be made .*Nothing"),
        ("llama-index:collections:Counter", "is no language model of llama-index"),
    ],
)
def test_what_is_no_class_of_it_is_one_sentence(name: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        load_language_model(name)


class Failing(MockLLM):
    def stream_chat(self, messages: object, **options: object) -> object:  # type: ignore[override]
        raise RuntimeError("quota exceeded\nmore")


class Silent(MockLLM):
    def stream_chat(self, messages: object, **options: object) -> object:  # type: ignore[override]
        return iter(())


@pytest.mark.parametrize(("llm", "said"), [(Failing(), "failed: quota exceeded."), (Silent(), "without a word")])
def test_what_goes_wrong_in_it_is_one_sentence(llm: MockLLM, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        list(LlamaIndexChat(llm).stream(ASK))


def test_an_assistant_takes_a_model_of_llama_index_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Bridge opens\n\nThe harbour bridge in Port Ellery opened on Tuesday.", "utf-8")
    with Library.open(load_settings(index=tmp_path / "library")) as library:
        library.ingest([tmp_path / "a.txt"])
        assistant = Assistant(library, MockLLM(max_tokens=12))
        answer = assistant.ask("When did the harbour bridge in Port Ellery open?")
    assert assistant.mode.endswith(":MockLLM") and "opened on Tuesday" in answer.text and answer.trace
    assert answer.trace.raw and answer.timings_ms["model"] > 0
