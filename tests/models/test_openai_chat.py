"""The OpenAI chat provider against a real server: what it sends, what it yields, and one sentence for every failure."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from threading import Event

import openai
import pytest
from servers import ModelServer, Reply

from qa.errors import ModelError
from qa.models import load_language_model
from qa.models.base import Counted, LanguageModel
from qa.types import Message

KEY = "sk-secret-1234"
ASK = (Message("system", "Be brief."), Message("user", "Who?"))


def load_openai_chat(model: str, timeout: float = 10) -> LanguageModel:
    loaded = load_language_model(f"openai:{model}", timeout=timeout)
    assert loaded is not None
    return loaded


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch):
    """Gives the model `tiny` of a server, with or without a key."""

    def connect(server: ModelServer, key: str | None = KEY, model: str = "tiny", timeout: float = 10) -> LanguageModel:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        if key:
            monkeypatch.setenv("OPENAI_API_KEY", key)
        return load_openai_chat(model, timeout)

    return connect


def failure(model: LanguageModel) -> str:
    with pytest.raises(ModelError) as caught:
        list(model.stream(ASK))
    message = str(caught.value)
    assert KEY not in message and "\n" not in message
    return message


def host(server: ModelServer) -> str:
    return server.base_url.removeprefix("http://").removesuffix("/v1")


# --- what is sent and what comes -------------------------------------------------------------------------------------


def test_a_reply_comes_word_by_word(connect) -> None:
    with ModelServer("Kyrgyzstan took over.\n\n- Today") as server:
        model = connect(server)
        assert [*filter(None, model.stream(ASK))] == ["Kyrgyzstan", " took", " over.", "\n\n-", " Today"]
        assert (model.name, model.where) == ("openai:tiny", host(server))
    (request,) = server.requests
    assert request.body == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who?"}],
        "stream": True,
        "temperature": 0,
        "stream_options": {"include_usage": True},
    }
    assert request.key == KEY
    assert not request.disconnected.is_set()


def test_a_server_of_ones_own_needs_no_key(connect) -> None:
    with ModelServer("Yes.") as server:
        assert [*filter(None, connect(server, key=None).stream(ASK))] == ["Yes."]
    assert server.requests[0].key == "none"


def test_the_provider_table_knows_it(connect) -> None:
    with ModelServer("Yes.") as server:
        connect(server)
        model = load_language_model("openai:tiny")
        assert model is not None and [*filter(None, model.stream(ASK))] == ["Yes."]


def test_a_proxy_is_not_asked_for_this_machine(connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with ModelServer("Yes.") as server:
        assert [*filter(None, connect(server).stream(ASK))] == ["Yes."]


def test_reasoning_empty_and_odd_chunks_are_passed_over(connect) -> None:
    chunks = [
        {"choices": []},
        {"choices": None},
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]},
        {"choices": [{"index": 0, "delta": {"reasoning_content": "Let me think."}}]},
        {"choices": [{"index": 0, "delta": {"content": "Yes"}}]},
        {"choices": [{"index": 0, "delta": {"content": "."}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}},
    ]
    with ModelServer(Reply(lines=[*map(json.dumps, chunks), "[DONE]"])) as server:
        assert [*filter(None, connect(server).stream(ASK))] == ["Yes", "."]


def test_closing_the_iterator_ends_the_request(connect) -> None:
    with ModelServer(Reply("on and on ", endless=True)) as server:
        pieces: Iterator[str] = connect(server).stream(ASK)
        assert next(filter(None, pieces)) == "on"
        pieces.close()  # type: ignore[attr-defined]
        assert server.requests[0].disconnected.wait(10)


@pytest.mark.parametrize(
    ("option", "status", "error"),
    [
        ("temperature", 400, "Unsupported value: 'temperature' does not support 0 with this model."),
        ("stream_options", 422, "body -> stream_options: extra fields not permitted"),
    ],
)
def test_an_option_that_a_server_refuses_is_left_out(connect, option: str, status: int, error: str) -> None:
    fault = Reply(status=status, error=error)
    with ModelServer(fault, "Yes.", "Again.") as server:
        model = connect(server)
        assert [*filter(None, model.stream(ASK))] == ["Yes."]
        assert [*filter(None, model.stream(ASK))] == ["Again."]
    assert [option in request.body for request in server.requests] == [True, False, False]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(connect, status: int) -> None:
    with ModelServer(Reply(status=status), Reply(status=status), "Yes.") as server:
        assert [*filter(None, connect(server).stream(ASK))] == ["Yes."]
    assert len(server.requests) == 3


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_no_server_and_no_key() -> None:
    with pytest.raises(ModelError, match="export OPENAI_BASE_URL .* or OPENAI_API_KEY"):
        load_openai_chat("tiny")


@pytest.mark.parametrize(
    "address", ["localhost:11434/v1", "http://", "http://a b/v1", "ftp://a/v1", "http://a:port/v1"]
)
def test_an_address_that_is_none(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(ModelError, match="Write it as http://HOST:PORT/v1"):
        load_openai_chat("tiny")


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("", "api.openai.com"),
        ("http://localhost:11434/v1", "localhost:11434"),
        ("https://me:secret@models.example.org/v1/", "models.example.org"),
        ("http://[::1]:8080/v1", "[::1]:8080"),
    ],
)
def test_where_a_model_runs(monkeypatch: pytest.MonkeyPatch, address: str, where: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    assert load_openai_chat("tiny").where == where


def test_a_wrong_address_does_not_show_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "ftp://me:secret@models.example.org/v1")
    with pytest.raises(ModelError) as caught:
        load_openai_chat("tiny")
    assert "secret" not in str(caught.value)


def test_a_server_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as bound:  # has the port, and listens to nobody
        bound.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{bound.getsockname()[1]}"
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://{where}/v1")
        message = failure(load_openai_chat("tiny"))
    assert message == (
        f"The model server {where} cannot be reached. Start it, or set OPENAI_BASE_URL to where it runs."
    )


def test_a_server_that_says_nothing(connect) -> None:
    with ModelServer(Reply("Too late.", hold=Event())) as server:
        message = failure(connect(server, timeout=0.2))
        assert server.requests[0].disconnected.wait(10)
    assert message.startswith(f"The model server {host(server)} said nothing for 0.2 seconds.")
    assert "model_timeout" in message
    assert len(server.requests) == 1


def test_a_slow_first_word_is_waited_for(connect) -> None:
    go = Event()
    with ModelServer(Reply("Yes.", hold=go)) as server:
        pieces = connect(server).stream(ASK)
        go.set()
        assert [*filter(None, pieces)] == ["Yes."]


def test_a_reply_that_breaks_off(connect) -> None:
    with ModelServer(Reply("Kyrgyzstan took over from Kazakhstan.", words=2)) as server:
        heard = []
        with pytest.raises(ModelError, match="broke off in the middle of its reply") as caught:
            for piece in connect(server).stream(ASK):
                heard.append(piece)
    assert heard == ["Kyrgyzstan", " took"]
    assert host(server) in str(caught.value)


def test_a_reply_without_its_end_counts_as_broken_off(connect) -> None:
    chunk = json.dumps({"choices": [{"index": 0, "delta": {"content": "Kyrgyzstan"}}]})
    with ModelServer(Reply(lines=[chunk])) as server:
        assert "broke off" in failure(connect(server))


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused(connect, status: int) -> None:
    with ModelServer(Reply(status=status, error=f"Incorrect API key provided: {KEY}")) as server:
        message = failure(connect(server))
    assert message == (f"The model server {host(server)} refuses the key. Set OPENAI_API_KEY to one that it accepts.")


def test_a_model_that_the_server_does_not_have(connect) -> None:
    with ModelServer(models=("llama3.2", "gemma3", "qwen3")) as server:
        message = failure(connect(server, model="qwen2"))
    assert message == (f"The model server {host(server)} has no model 'qwen2'. Choose one of: gemma3, llama3.2, qwen3.")


def test_the_models_most_like_it_come_first(connect) -> None:
    with ModelServer(models=("alpaca", "llama3.2:1b", "zephyr")) as server:
        assert "Choose one of: llama3.2:1b, alpaca, zephyr." in failure(connect(server, model="llama3.2:70b"))


def test_a_server_without_any_model(connect) -> None:
    with ModelServer(models=()) as server:
        assert "has no model at all. Load 'tiny' there." in failure(connect(server))


def test_an_address_without_its_path(connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer() as server:
        connect(server)
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url.removesuffix("/v1"))
        assert "it usually ends in /v1" in failure(load_openai_chat("tiny"))


def test_a_server_that_stays_busy(connect) -> None:
    with ModelServer(default=Reply(status=429)) as server:
        assert "Wait a minute and ask again." in failure(connect(server))
    assert len(server.requests) == 3


def test_a_quota_that_is_used_up_is_not_asked_again(connect) -> None:
    with ModelServer(default=Reply(status=429, code="insufficient_quota")) as server:
        assert "has no quota left" in failure(connect(server))
    assert len(server.requests) == 1


def test_a_server_that_fails(connect) -> None:
    with ModelServer(default=Reply(status=500, error="Out of memory")) as server:
        assert f"{host(server)} failed (status 500)" in failure(connect(server))
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body="<html><body>Welcome to nginx!</body></html>"),
        Reply(lines=["this is not JSON"]),
        Reply(lines=['"a string"']),
        Reply(lines=["[1, 2]"]),
        Reply(lines=['{"choices": [{"delta": "text"}]}']),
        Reply(lines=[]),
    ],
    ids=["html", "garbage", "string", "list", "delta", "nothing"],
)
def test_a_server_that_speaks_another_protocol(connect, reply: Reply) -> None:
    with ModelServer(reply) as server:
        message = failure(connect(server))
    assert f"{host(server)} does not answer in the OpenAI chat protocol." in message


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=400, code="context_length_exceeded", error="Reduce the length."),
        Reply(status=400, error="This model's maximum context length is 4096 tokens."),
        Reply(lines=[json.dumps({"error": {"message": "the request exceeds the available context size"}})]),
    ],
    ids=["code", "words", "in the stream"],
)
def test_a_prompt_that_is_too_long(connect, reply: Reply) -> None:
    with ModelServer(reply) as server:
        assert "too long for model 'tiny'" in failure(connect(server))


def test_what_the_server_says_is_one_short_line_without_the_key(connect) -> None:
    with ModelServer(Reply(status=400, error=f"No!\nYour key {KEY} or sk-other-99 ...\n" + "x" * 900)) as server:
        message = failure(connect(server))
    assert "reports an error with model 'tiny': No! Your key ... or ... ... xxx" in message
    assert len(message) < 330


def test_a_reply_that_a_filter_stopped(connect) -> None:
    chunk = json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]})
    with ModelServer(Reply(lines=[chunk, "[DONE]"])) as server:
        assert "content filter" in failure(connect(server))


def test_a_reply_that_has_no_more_room_says_so_with_its_counts(connect) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    chunks = [
        {"choices": [{"index": 0, "delta": {"content": "He w"}, "finish_reason": "length"}]},
        {"choices": [], "usage": usage},
    ]
    with ModelServer(Reply(lines=[*map(json.dumps, chunks), "[DONE]"])) as server:
        *_, last = connect(server).stream(ASK)
    assert isinstance(last, Counted) and (last.prompt_tokens, last.completion_tokens, last.is_cut) == (7, 2, True)


def test_what_is_no_text_is_no_reply(connect) -> None:
    for content in ([{"type": "text", "text": "Hi"}], 5):
        chunk = json.dumps({"choices": [{"index": 0, "delta": {"content": content}}]})
        with ModelServer(Reply(lines=[chunk, "[DONE]"])) as server:
            assert "does not answer in the OpenAI chat protocol" in failure(connect(server))


# --- the server itself -----------------------------------------------------------------------------------------------


def test_the_server_also_answers_in_one_piece() -> None:
    with ModelServer("Kyrgyzstan took over.") as server:
        with openai.OpenAI(base_url=server.base_url, api_key="x", max_retries=0) as client:
            reply = client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": "Who?"}])
            assert reply.choices[0].message.content == "Kyrgyzstan took over."
            assert [model.id for model in client.models.list().data] == ["tiny"]
