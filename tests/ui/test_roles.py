"""Administrators and readers: who may do what, over the window's functions, its routes and HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from looping import run
from parts import ARTICLES, open_library

from qa.ask.assistant import Assistant
from qa.errors import UsageError
from qa.settings import load_settings
from qa.ui.app import application_of
from qa.ui.context import AppState
from qa.ui.passwords import Accounts, hashed, read_accounts
from qa.ui.preferences import Preferences
from qa.ui.settings import models_html

READER = {
    "add", "add_thumbed", "add_to_collection", "cancel", "cancel_job", "delete", "delete_collection", "dismiss",
    "export", "fields", "find_models", "follow_ups", "list_articles", "list_collections", "list_conversations",
    "list_followed", "make_collection", "mode_now", "narrowing_count", "narrowing_find", "narrowing_outlets",
    "open_conversation", "overview", "progress", "question", "rate", "read_article", "read_story", "read_time",
    "rename", "rename_collection", "report", "results", "settings_now", "settings_set", "share", "share_collection",
    "share_now", "stop", "take_out", "under_way", "unshare", "welcome", "welcome_questions",
    "welcome_stories", "why",
}  # fmt: skip
"""What a reader may call in the window. Whoever adds a function decides here whether it is one of them."""
ADMINISTRATOR = {
    "add_address", "add_files", "connection_now", "correct", "correcting_fields", "delete", "doctor", "follow_folder",
    "forget_server", "form", "list_models", "look_here", "models", "plan", "put_back", "remove_articles", "resume",
    "start", "start_repair", "try_model", "unfollow", "use_model",
}  # fmt: skip
"""What only an administrator may call: `delete` is that of the evals here, that of one's own conversations above."""

Call = tuple[int, str]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppState]:
    folder = tmp_path_factory.mktemp("roles")
    library = open_library(load_settings(index=folder / "library"))
    (folder / "harbour.md").write_text(ARTICLES["harbour.md"], "utf-8")
    library.ingest([folder / "harbour.md"])
    with Assistant(library) as assistant:
        app = AppState(assistant, accounts=Accounts({"ada": hashed("one"), "ben": hashed("two")}, ["ben"]))
        yield app
        app.close()


@pytest.fixture(scope="module")
def application(app: AppState) -> FastAPI:
    async def made() -> FastAPI:  # Gradio makes a loop where none runs, and leaves it open
        return application_of(app)

    return run(made())


def visit(application: FastAPI, user: str, *asked: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
    """The answers to what a user asks once logged in."""

    async def all_of_it() -> list[httpx.Response]:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            form = {"user": user, "password": {"ada": "one", "ben": "two"}[user]}
            assert (await client.post("/login", data=form)).status_code == 303
            return [await client.request(method, path, **how) for method, path, how in asked]

    return run(all_of_it())


def functions(application: FastAPI, user: str = "ada") -> list[Call]:
    [config] = visit(application, user, ("GET", "/config", {}))
    parts = config.json()["components"]
    return [(part["id"], name) for part in parts for name in part["props"].get("server_fns", [])]


def call(application: FastAPI, user: str, called: list[Call]) -> list[Any]:
    """What each function gives for an empty payload; a function that wants more says so in its own way."""
    asked = [{"session_hash": "s", "component_id": part, "fn_name": name, "data": {}} for part, name in called]
    answers = visit(application, user, *(("POST", "/gradio_api/component_server", {"json": each}) for each in asked))
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json() for answer in answers]


def refused(given: Any) -> bool:
    return isinstance(given, dict) and str(given.get("error", "")).startswith("Only an administrator may ")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_a_reader_may_call_is_decided_for_every_function_of_the_window(application: FastAPI) -> None:
    there = functions(application)
    assert {name for _, name in there} == READER | ADMINISTRATOR
    given = dict(zip(there, call(application, "ben", there), strict=True))
    closed = {called for called, answer in given.items() if refused(answer)}
    assert {name for _, name in closed} == ADMINISTRATOR
    assert {name for _, name in set(there) - closed} == READER
    assert not any(map(refused, call(application, "ada", sorted(closed))))


def test_a_reader_sends_no_file_and_an_administrator_does(application: FastAPI, app: AppState) -> None:
    upload = ("POST", "/library/upload?name=a.txt", {"content": b"Words.", "headers": {"X-Citewire": "1"}})
    [of_ben], [of_ada] = visit(application, "ben", upload), visit(application, "ada", upload)
    assert of_ben.status_code == 403
    assert of_ben.json() == {"error": "Only an administrator may add articles. You are logged in as a reader."}
    assert of_ada.status_code == 200 and Path(of_ada.json()["path"]).read_bytes() == b"Words."
    assert not (app.library.settings.index / "uploads" / "ben").exists()


def test_a_reader_asks_and_keeps_what_was_asked(application: FastAPI, app: AppState) -> None:
    asked = {"question": "Who cut the ribbon of the harbour bridge?", "keep": True}
    [answer] = visit(application, "ben", ("POST", "/api/ask", {"json": asked}))
    assert "Ines Falk" in answer.json()["answer"]
    assert [row.owner for row in app.library.store.conversations.rows(owner="ben")] == ["ben"]


def test_a_page_is_told_the_role(application: FastAPI) -> None:
    [of_ben], [of_ada] = (visit(application, user, ("GET", "/session", {})) for user in ("ben", "ada"))
    assert of_ben.json() == {"user": "ben", "role": "reader", "note": None}
    assert of_ada.json() == {"user": "ada", "role": "administrator", "note": None}


def test_a_model_that_somebody_chose_before_they_became_a_reader_is_sent_nothing(
    application: FastAPI, app: AppState
) -> None:
    for user in ("ada", "ben"):
        app.preferences.write(user, Preferences("openai:elsewhere", "api.example.com", "short"))
    assert app.assistant_for("ada").mode == "openai:elsewhere"
    assert app.assistant_for("ben").mode == "extractive"
    assert app.assistant_for("ben").settings.answer_sentences == 2
    there = {name: part for part, name in functions(application)}
    send = {"session_hash": "s", "component_id": there["settings_set"], "fn_name": "settings_set"}
    chosen = {"json": {**send, "data": {"llm": "openai:elsewhere"}}}
    [answer] = visit(application, "ben", ("POST", "/gradio_api/component_server", chosen))
    words = "Only an administrator may choose who writes the answers. You are logged in as a reader."
    assert answer.json() == {"error": words}
    [listed] = call(application, "ben", [(there["find_models"], "find_models")])
    assert 'value="extractive" checked disabled' in listed and listed.count("<input") == 1
    assert "Only an administrator chooses who writes the answers." in listed and "elsewhere" not in listed


def test_who_may_choose_finds_no_word_of_administrators() -> None:
    from qa.models.choices import EXTRACTIVE

    assert "administrator" not in models_html([EXTRACTIVE], EXTRACTIVE, Preferences())


def test_half_a_letter_is_taken_by_every_function_and_sent_back_by_none(application: FastAPI) -> None:
    """JSON can hold half a surrogate pair, which nothing can store or send: no function may fail over it."""
    half = "\ud800"
    names = ("search", "outlet", "title", "address", "folder", "llm", "set", "sort", "article", "run", "conversation")
    data = {name: half for name in names} | {"articles": [half], "paths": [half], "runs": [half], "number": 1}
    there = functions(application)
    asked = [{"session_hash": "s", "component_id": part, "fn_name": name, "data": data} for part, name in there]
    sent = [{"content": json.dumps(each), "headers": {"content-type": "application/json"}} for each in asked]
    answers = visit(application, "ada", *(("POST", "/gradio_api/component_server", each) for each in sent))
    assert [name for (_, name), answer in zip(there, answers, strict=True) if answer.status_code != 200] == []


# --- the file of users ------------------------------------------------------------------------------------------------


def roles(tmp_path: Path, *lines: str, auth: tuple[str, ...] = ()) -> dict[str, str]:
    file = tmp_path / "users.txt"
    file.write_text("\n".join(lines), "utf-8")
    accounts = read_accounts(auth, file)
    assert accounts and all(accounts.fits(user, "secret") for user in ("ada", "b:reader") if user in accounts)
    return {user: accounts.role(user) for user in ("ada", "b:reader", "carla", "nobody") if user in accounts}


SECRET = str(hashed("secret"))


@pytest.mark.parametrize(
    ("lines", "auth", "expected"),
    [
        (["ada:H", "b:reader:H"], (), ["administrator", "administrator"]),  # as before there were roles
        (["ada:H:administrator", "b:reader:H:reader"], (), ["administrator", "reader"]),
        (["ada:H:administrator", "b:reader:H"], (), ["administrator", "reader"]),
        (["ada:H", "b:reader:H:reader"], ("carla:x",), ["reader", "reader", "administrator"]),
    ],
)
def test_roles_stand_at_the_end_of_a_line(tmp_path: Path, lines: list[str], auth: tuple[str, ...], expected) -> None:
    given = roles(tmp_path, *(line.replace(":H", f":{SECRET}", 1) for line in lines), auth=auth)
    assert list(given.values()) == expected


def test_a_role_that_is_none_names_those_that_are(tmp_path: Path) -> None:
    words = r"^Line 1 of .*users\.txt has the role 'editor'\. Choose one of: administrator, reader\.$"
    with pytest.raises(UsageError, match=words):
        roles(tmp_path, f"ada:{SECRET}:editor")


def test_a_name_that_is_not_there_has_no_rights() -> None:
    accounts = read_accounts(["ada:secret"])
    assert accounts and accounts.role("ada") == "administrator"
    assert accounts.role("eve") == accounts.role(None) == "reader"
