"""Every language model of the table, against a server that speaks its protocol and does whatever servers do wrong."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from threading import Event

import pytest
from servers import ModelServer, Reply

from qa.errors import ContextTooLong, MissingExtra, ModelError, UsageError
from qa.models import EMBEDDERS, EXAMPLES, LANGUAGE_MODELS, RERANKERS, LanguageModel, load_language_model
from qa.settings import CLASSIC
from qa.types import Message

KEY = "sk-planted-4711"
ASK = (Message("system", "Be brief."), Message("user", "Who?"))

# provider -> the variables that lead it to a server, with how to make each of them
SERVED: dict[str, dict[str, Callable[[ModelServer], str]]] = {
    "anthropic": {"ANTHROPIC_BASE_URL": lambda server: server.url, "ANTHROPIC_API_KEY": lambda server: KEY},
    "ollama": {"OLLAMA_HOST": lambda server: server.url},
    "openai": {"OPENAI_BASE_URL": lambda server: server.base_url, "OPENAI_API_KEY": lambda server: KEY},
    "server": {"QA_SERVER_ADDRESS": lambda server: server.base_url, "QA_SERVER_KEY": lambda server: KEY},
}
ON_THIS_MACHINE = {"gguf", "llama-index", "local"}
"""Tested in files of their own: there is no server of ours to do wrong."""

Connect = Callable[..., LanguageModel]


def test_every_row_is_tested_and_has_an_example() -> None:
    assert LANGUAGE_MODELS.keys() == SERVED.keys() | ON_THIS_MACHINE
    assert EXAMPLES["model"].keys() == LANGUAGE_MODELS.keys()
    assert EXAMPLES["embedder"].keys() == EMBEDDERS.keys()
    assert EXAMPLES["reranker"].keys() >= RERANKERS.keys()


@pytest.fixture(params=sorted(SERVED))
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*CLASSIC, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def connect(provider: str, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Gives the model `tiny` of a server."""

    def connect(server: ModelServer, model: str = "tiny", timeout: float = 10) -> LanguageModel:
        for variable, value in SERVED[provider].items():
            monkeypatch.setenv(variable, value(server))
        loaded = load_language_model(f"{provider}:{model}", timeout=timeout)
        assert loaded is not None
        return loaded

    return connect


def failure(model: LanguageModel) -> str:
    with pytest.raises(ModelError) as caught:
        list(model.stream(ASK))
    message = str(caught.value)
    assert KEY not in message and "\n" not in message and message.endswith("."), message
    return message


# --- what comes ------------------------------------------------------------------------------------------------------


def test_a_reply_comes_word_by_word(connect: Connect, provider: str) -> None:
    with ModelServer("Kyrgyzstan took over.\n\n- Today") as server:
        model = connect(server)
        assert [*filter(None, model.stream(ASK))] == ["Kyrgyzstan", " took", " over.", "\n\n-", " Today"]
        assert (model.name, model.where) == (f"{provider}:tiny", server.host)
    (request,) = server.requests
    assert list(request.messages) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Who?"},
    ]
    assert request.body["model"] == "tiny"
    assert request.key == (KEY if provider != "ollama" else "")
    assert not request.disconnected.is_set()


@pytest.mark.parametrize(
    "reply",
    [
        Reply("It is Kyrgyzstan.", thinking="Let me think about it."),
        "<think>\nIs it Kazakhstan? No.\n</think>\n\nIt is Kyrgyzstan.",
    ],
    ids=["apart", "in the text"],
)
def test_thinking_is_no_part_of_the_answer(connect: Connect, reply: Reply | str) -> None:
    with ModelServer(reply) as server:
        assert "".join(connect(server).stream(ASK)) == "It is Kyrgyzstan."


def test_closing_the_iterator_ends_the_request(connect: Connect) -> None:
    with ModelServer(Reply("on and on ", endless=True)) as server:
        pieces = connect(server).stream(ASK)
        assert next(filter(None, pieces)) == "on"
        pieces.close()  # type: ignore[attr-defined]
        assert server.requests[0].disconnected.wait(10)


def test_a_proxy_is_not_asked_for_this_machine(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with ModelServer("Yes.") as server:
        assert [*filter(None, connect(server).stream(ASK))] == ["Yes."]


# --- what passes by itself -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_failing_server_is_asked_again(connect: Connect, status: int) -> None:
    with ModelServer(Reply(status=status), Reply(status=status), "Yes.") as server:
        assert [*filter(None, connect(server).stream(ASK))] == ["Yes."]
    assert len(server.requests) == 3


def test_a_connection_that_breaks_before_the_first_word_is_made_again(connect: Connect) -> None:
    with ModelServer(Reply("Yes.", words=0), "Yes.") as server:
        assert [*filter(None, connect(server).stream(ASK))] == ["Yes."]
    assert len(server.requests) == 2


# --- what does not ---------------------------------------------------------------------------------------------------


def test_a_server_that_stays_busy(connect: Connect) -> None:
    with ModelServer(default=Reply(status=429)) as server:
        assert failure(connect(server)) == (
            f"The model server {server.host} is too busy or limits its requests. Wait a minute and ask again."
        )
    assert len(server.requests) == 3


def test_a_server_that_asks_for_more_patience_than_a_reader_has(connect: Connect) -> None:
    with ModelServer(default=Reply(status=429, retry_after="120")) as server:
        assert "It asks to wait 120 seconds. Wait that long and ask again." in failure(connect(server))
    assert len(server.requests) == 1


def test_a_server_that_keeps_failing_is_quoted(connect: Connect) -> None:
    with ModelServer(default=Reply(status=500, error=f"Out of memory, {KEY}")) as server:
        message = failure(connect(server))
    assert message.startswith(f"The model server {server.host} failed (status 500): Out of memory, ")
    assert len(server.requests) == 3


def test_a_reply_that_breaks_off_is_not_asked_for_again(connect: Connect) -> None:
    heard = []
    with ModelServer(Reply("Kyrgyzstan took over from Kazakhstan.", words=2)) as server:
        with pytest.raises(ModelError, match="broke off in the middle of its reply"):
            for piece in connect(server).stream(ASK):
                heard.append(piece)
    assert heard == ["Kyrgyzstan", " took"]
    assert len(server.requests) == 1


def test_a_fault_that_is_reported_in_the_middle(connect: Connect) -> None:
    with ModelServer(Reply("Kyrgyzstan", fails="the model runner has stopped")) as server:
        assert "the model runner has stopped" in failure(connect(server))
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused(connect: Connect, provider: str, status: int) -> None:
    with ModelServer(Reply(status=status, error=f"Incorrect API key provided: {KEY}")) as server:
        message = failure(connect(server))
    variable = {
        "openai": "OPENAI_API_KEY",
        "anthropic": "ANTHROPIC_API_KEY",
        "ollama": "OLLAMA_HOST",
        "server": "the key in Settings",
    }[provider]
    assert server.host in message and variable in message
    assert len(server.requests) == 1


def test_a_model_that_the_server_does_not_have(connect: Connect, provider: str) -> None:
    with ModelServer(models=("llama3.2:1b", "gemma3:4b", "qwen3:8b")) as server:
        message = failure(connect(server, model="tiny"))
    assert message.startswith(f"The model server {server.host} has no model 'tiny'. Choose one of: gemma3:4b, llama3.2")
    assert message.endswith("or fetch it with `ollama pull tiny`.") == (provider == "ollama")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=400, error="prompt is too long: 205000 tokens > 200000 maximum"),
        Reply(status=400, error="the input length exceeds the context length"),
        Reply(status=413, error="Request exceeds the maximum size"),
        Reply(status=500, error="input is too large to process. increase the physical batch size"),
    ],
    ids=["anthropic", "ollama", "413", "llama.cpp"],
)
def test_a_prompt_that_is_too_long(connect: Connect, reply: Reply) -> None:
    with ModelServer(reply) as server, pytest.raises(ContextTooLong, match="too long for model 'tiny'"):
        list(connect(server).stream(ASK))
    assert len(server.requests) == 1


def test_a_server_that_is_down(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server)
    with socket.socket() as bound:  # has the port, and listens to nobody
        bound.bind(("127.0.0.1", int(server.host.rpartition(":")[2])))
        assert failure(model).startswith(f"The model server {server.host} cannot be reached. Start it, or set ")


def test_a_server_that_says_nothing(connect: Connect) -> None:
    with ModelServer(Reply("Too late.", hold=Event())) as server:
        message = failure(connect(server, timeout=0.2))
        assert server.requests[0].disconnected.wait(10)
    assert message.startswith(f"The model server {server.host} said nothing for 0.2 seconds.")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body="<html><body>Welcome to nginx!</body></html>"),
        Reply(lines=["this is not JSON"]),
        Reply(lines=["[1, 2]"]),
        Reply(lines=['{"message": "text", "choices": [{"delta": "text"}]}']),
        Reply(lines=[]),
    ],
    ids=["html", "garbage", "list", "shape", "nothing"],
)
def test_a_server_that_speaks_another_protocol(connect: Connect, reply: Reply) -> None:
    with ModelServer(default=reply) as server:
        assert f"{server.host} does not answer in " in failure(connect(server))


@pytest.mark.parametrize("reply", ["", "<think>Hm.</think>", "<think>Hm."], ids=["nothing", "thought", "thinking"])
def test_a_reply_without_a_word(connect: Connect, reply: str) -> None:
    with ModelServer(reply) as server:
        assert "'tiny' on " in (message := failure(connect(server))) and "replied without a word" in message


def test_a_model_does_not_show_its_key(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server)
    assert KEY not in f"{model!r} {model.__dict__!r} {model}"


# --- names and packages ----------------------------------------------------------------------------------------------


def test_a_provider_that_there_is_not() -> None:
    with pytest.raises(
        UsageError, match="Choose one of: anthropic, auto, extractive, gguf, llama-index, local, ollama, openai"
    ):
        load_language_model("acme:gpt")


@pytest.mark.parametrize("provider_", sorted(LANGUAGE_MODELS))
def test_a_provider_without_a_model(provider_: str) -> None:
    with pytest.raises(UsageError, match=f"names no model. Write it as provider:model, such as {provider_}:"):
        load_language_model(provider_)


@pytest.mark.parametrize(
    ("provider_", "package"), [("anthropic", "anthropic"), ("gguf", "llama_cpp"), ("local", "transformers")]
)
def test_a_package_that_is_missing(provider_: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'citewire\[{provider_}\]'"):
        load_language_model(f"{provider_}:some-model")


def test_anthropic_wants_a_key() -> None:
    with pytest.raises(ModelError, match="export ANTHROPIC_API_KEY"):
        load_language_model("anthropic:claude-sonnet-4-5")


# --- replies that drip -----------------------------------------------------------------------------------------------


def test_bytes_without_a_word_are_no_reply(connect: Connect) -> None:
    with ModelServer(Reply(" ", endless=True), pause=0.02) as server:
        with pytest.raises(ModelError, match=r"said nothing for 0\.4 seconds.*raise the setting model_timeout"):
            list(connect(server, timeout=0.4).stream(ASK))
        assert server.requests[0].disconnected.wait(5) and len(server.requests) == 1


def test_a_model_that_thinks_aloud_is_waited_for(connect: Connect) -> None:
    with ModelServer(Reply("Done.", thinking="hm " * 40), pause=0.03) as server:
        assert "".join(connect(server, timeout=0.6).stream(ASK)) == "Done."


def test_a_reply_without_an_end_is_given_up(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_ANSWER_TIMEOUT", "0.5")
    with ModelServer(Reply("word ", endless=True), pause=0.01) as server:
        with pytest.raises(ModelError, match=r"was not done within 0\.5 seconds.*raise the setting answer_timeout"):
            list(connect(server).stream(ASK))
        assert server.requests[0].disconnected.wait(5)


@pytest.mark.slow
def test_the_time_in_which_nobody_reads_on_is_not_the_models(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_ANSWER_TIMEOUT", "1.5")
    with ModelServer(Reply("one two three")) as server:
        said = []
        for piece in connect(server, timeout=1).stream(ASK):
            said.append(piece)
            Event().wait(0.8)
        assert "".join(said) == "one two three"


def test_a_line_without_an_end_is_not_collected(connect: Connect) -> None:
    with ModelServer(Reply(lines=["x" * 3_000_000])) as server, pytest.raises(ModelError, match="does not answer in"):
        list(connect(server).stream(ASK))
