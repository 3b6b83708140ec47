"""Connecting a model server in the window: what is kept, what a page is told, who may."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from parts import ARTICLES, open_library
from servers import ModelServer

from qa.ask.assistant import Assistant
from qa.settings import load_settings, secrets_file
from qa.types import ModelCall, Trace
from qa.ui.connecting import connecting
from qa.ui.context import AppState

KEY = "sk-planted-4711"
Functions = dict[str, Callable[[dict[str, Any]], Any]]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(models=("tiny", "<b>x</b>")) as server:
        yield server


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppState]:
    monkeypatch.chdir(tmp_path)
    library = open_library(load_settings(index=tmp_path / "library", model_timeout=60))
    for name, text in ARTICLES.items():
        (tmp_path / name).write_text(text, "utf-8")
    library.ingest([tmp_path / name for name in ARTICLES])
    with Assistant(library) as assistant:
        yield AppState(assistant, server_file=secrets_file())


def functions(app: AppState, role: str = "administrator") -> Functions:
    """What the form may ask for, by name, for somebody of this role."""
    request = SimpleNamespace(state=SimpleNamespace(user=None, role=role), client=None)
    return {each.__name__: lambda payload, each=each: each(payload, request) for each in connecting(app)}


def test_a_server_is_listed_tried_and_kept_with_a_key_that_no_page_sees(app: AppState, server: ModelServer) -> None:
    form = functions(app)
    sent = {"address": server.host, "key": KEY, "model": "tiny"}
    listed = form["list_models"](sent)
    assert listed == {"address": server.base_url, "models": ["<b>x</b>", "tiny"], "where": server.host}
    assert not server.requests and not app.settings.server_address
    html = form["try_model"](sent)
    assert "First word after" in html and "borne out by the sources" in html and len(server.requests) == 1
    assert not app.server_file.exists() and app.speed_of("server:tiny")

    used = form["use_model"](sent)
    assert used["address"] == server.base_url and used["has_key"] and KEY not in str(used)
    assert stat.S_IMODE(app.server_file.stat().st_mode) == 0o600
    assistant = app.assistant_for(None)
    assert (assistant.mode, assistant.where) == ("server:tiny", server.host)
    assistant.ask("Who cut the ribbon of the harbour bridge?")
    assert server.requests[-1].key == KEY
    again = load_settings(llm="server:tiny")
    assert (again.server_address, again.server_key.get_secret_value()) == (server.base_url, KEY)

    assert "has no model 'gone' now" in form["use_model"](sent | {"model": "gone"})["error"]
    assert not form["forget_server"]({})["address"]
    assert not app.server_file.exists() and app.assistant_for(None).mode == "extractive"


def test_the_key_that_is_kept_goes_to_its_own_address_alone(app: AppState, server: ModelServer) -> None:
    form = functions(app)
    form["use_model"]({"address": server.base_url, "key": KEY, "model": "tiny"})
    form["try_model"]({"address": server.base_url, "key": "", "model": "tiny"})
    assert server.requests[-1].key == KEY
    with ModelServer() as other:
        form["try_model"]({"address": other.base_url, "key": "", "model": "tiny"})
        assert other.requests[-1].key != KEY


def test_only_an_administrator_may(app: AppState, server: ModelServer) -> None:
    for function in functions(app, role="reader").values():
        said = function({"address": server.base_url, "model": "tiny"})["error"]
        assert said == "Only an administrator may connect a model server. You are logged in as a reader."


def test_what_cannot_be_kept_is_said_and_changes_nothing(app: AppState, server: ModelServer) -> None:
    app.server_file = app.server_file.with_name("harbour.md") / "qa.secrets.toml"
    said = functions(app)["use_model"]({"address": server.base_url, "key": KEY, "model": "tiny"})
    assert "could not be kept in" in said["error"]
    assert app.assistant_for(None).mode == "extractive" and app.settings.server_address is None


def test_how_long_a_first_word_takes_is_kept_until_it_is_quite_another(app: AppState) -> None:
    def noted(seconds: float) -> float:
        app.note_speed(SimpleNamespace(trace=Trace(None, calls=(ModelCall(9e9, seconds * 1000, model="a:b"),))))
        return app.preferences.first_words()["a:b"]

    assert app.speed_of("a:b") == ""
    assert [noted(12), noted(14), noted(30), noted(0.2)] == [12, 12, 30, 0.2]
    assert app.speed_of("a:b") == "at once"
