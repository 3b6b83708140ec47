"""What those who run a server look at: its health, its numbers, and its log as JSON lines."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from looping import run
from parts import ARTICLES, open_library

from qa.api import api_routes
from qa.ask.assistant import Assistant
from qa.runtime import Turnstile
from qa.settings import load_settings
from qa.ui.context import AppState, served
from qa.ui.guard import Guard
from qa.ui.login import Authenticator, LogIn
from qa.ui.passwords import Accounts, hashed
from qa.ui.sessions import Sessions
from qa.ui.watch.logs import JsonLines, log_as_json
from qa.ui.watch.requests import Watched, watch_routes

WHO = "Who cut the ribbon of the harbour bridge?"
ADA = ("ada", "one")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[AppState]:
    library = open_library(load_settings(index=tmp_path / "library"))
    (tmp_path / "harbour.md").write_text(ARTICLES["harbour.md"], "utf-8")
    library.ingest([tmp_path / "harbour.md"])
    with Assistant(library) as assistant:
        yield AppState(assistant, accounts=Accounts({"ada": hashed("one")}))


def application(app: AppState) -> FastAPI:
    """What the window puts before and beside itself, without the window."""
    made = FastAPI()
    made.include_router(watch_routes(app.library, app.metrics))
    made.include_router(api_routes(app.assistant_for))

    @made.get("/broken")
    def broken(request: Request) -> None:
        raise RuntimeError("as it is meant")

    sessions = Sessions(app.library.store.windows.sessions)
    made.add_middleware(LogIn, authenticator=Authenticator(app.accounts, sessions) if app.accounts else None)
    made.add_middleware(Guard, hosts=("news.example",))
    made.add_middleware(Watched, metrics=app.metrics)
    return made


def visit(made: FastAPI, *asked: tuple[str, str, dict[str, Any]], host: str = "news.example") -> list[httpx.Response]:
    async def all_of_it() -> list[httpx.Response]:
        transport = httpx.ASGITransport(made, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return [await client.request(method, path, **how) for method, path, how in asked]

    return run(all_of_it())


def numbers(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_everybody_may_know_that_it_is_well(app: AppState) -> None:
    [well] = visit(application(app), ("GET", "/healthz", {}), host="10.1.2.3")
    assert (well.status_code, well.json()) == (200, {"status": "ok"})
    [other] = visit(application(app), ("GET", "/api/health", {}), host="10.1.2.3")
    assert other.status_code == 421


def test_a_library_that_cannot_be_read_is_not_well(app: AppState) -> None:
    class Gone:
        def count(self) -> int:
            raise OSError("the disk is gone")

    made = FastAPI()
    made.include_router(watch_routes(Gone(), app.metrics))  # type: ignore[arg-type]
    [ill] = visit(made, ("GET", "/healthz", {}))
    assert (ill.status_code, ill.json()) == (503, {"status": "unreadable"})


def test_numbers_are_for_those_who_may_log_in(app: AppState) -> None:
    made = application(app)
    nothing = {"question": "Who won the chess cup of Mars?"}
    closed, _, _, refused, page = visit(
        made,
        ("GET", "/metrics", {}),
        ("POST", "/api/ask", {"json": {"question": WHO}, "auth": ADA}),
        ("POST", "/api/ask", {"json": {"question": WHO, "stream": True}, "auth": ADA}),
        ("POST", "/api/ask", {"json": nothing, "auth": ADA}),
        ("GET", "/metrics", {"auth": ADA}),
    )
    assert closed.status_code == 401 and closed.headers["www-authenticate"].startswith("Basic")
    assert refused.json()["abstained"] is True
    assert page.headers["content-type"].startswith("text/plain")
    told = numbers(page.text)
    assert told['citewire_questions_total{mode="extractive"}'] == 3
    assert told["citewire_refusals_total"] == 1 and told['citewire_sentences_total{verdict="verbatim"}'] >= 2
    assert told['citewire_requests_total{status="200"}'] == 3 and told['citewire_requests_total{status="401"}'] == 1
    assert told["citewire_answer_seconds_count"] == told['citewire_stage_seconds_count{stage="check"}'] == 3
    assert told["citewire_articles"] == 1
    assert told["citewire_work_waiting"] == told["citewire_work_running"] == 0
    if sys.platform == "linux":
        assert told["process_resident_memory_bytes"] > 1_000_000


def test_without_the_package_it_is_said_what_to_type(app: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    bare = AppState(app.assistant)
    answer, page = visit(application(bare), ("POST", "/api/ask", {"json": {"question": WHO}}), ("GET", "/metrics", {}))
    assert answer.status_code == 200 and page.status_code == 501
    words = "/metrics needs an optional package. Install it with: pip install 'citewire[metrics]'"
    assert page.json() == {"error": words}


def test_a_turnstile_knows_who_waits() -> None:
    turns = Turnstile(1)
    assert (turns.running, turns.waiting) == (0, 0)
    with turns.turn():
        assert (turns.running, turns.waiting) == (1, 0)


# --- the log ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged as JSON meanwhile; afterwards all is as before."""
    root, ours, stream = logging.getLogger(), logging.getLogger("qa.ui.watch"), io.StringIO()
    before, level = list(root.handlers), ours.level
    log_as_json(stream)
    yield stream
    root.handlers[:] = before
    ours.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_for_each_request_and_answer_without_what_was_typed(app: AppState, log: io.StringIO) -> None:
    visit(
        application(app),
        ("POST", "/api/ask", {"json": {"question": WHO}, "auth": ADA}),
        ("GET", f"/api/search?q={WHO}", {"auth": ADA}),
        ("GET", "/api/articles", {}),
        ("GET", "/broken", {"auth": ADA}),
    )
    told = [line for line in lines(log) if line["logger"] == "qa.ui.watch.logs"]
    answer, *requests = told
    assert (answer["event"], answer["user"], answer["mode"], answer["refused"]) == (
        "answer",
        "ada",
        "extractive",
        False,
    )
    assert set(answer["verdicts"]) == {"verbatim"} and answer["ms"]["total"] >= 0 and "question" not in answer
    assert [(line["method"], line["path"], line["status"], line["user"]) for line in requests] == [
        ("POST", "/api/ask", 200, "ada"),
        ("GET", "/api/search", 200, "ada"),
        ("GET", "/api/articles", 401, None),
        ("GET", "/broken", 401, None),  # Basic holds for /api/ only
    ]
    assert all(line["level"] == "info" and line["time"].endswith("+00:00") for line in told)
    assert "ribbon" not in log.getvalue()


def test_the_text_of_a_question_stands_there_once_it_was_asked_for(app: AppState, log: io.StringIO) -> None:
    app.logs_questions = True
    app.assistant_for(None).ask(WHO)
    assert lines(log)[-1]["question"] == WHO


def test_what_failed_has_its_trace_in_one_line_and_not_what_was_typed(log: io.StringIO) -> None:
    def failing(payload: Any, owner: str | None) -> None:
        raise RuntimeError("inside")

    given = served(failing)({"question": WHO}, None)
    assert given == {"error": "Something went wrong inside Citewire. The log of the server says what."}
    [line] = lines(log)
    assert line["level"] == "error" and line["event"] == "failing could not be answered."
    assert "RuntimeError: inside" in line["trace"] and "ribbon" not in log.getvalue()


def test_a_line_is_a_line_whatever_stands_in_it() -> None:
    record = logging.LogRecord("a", logging.WARNING, "", 0, "one\ntwo \ud800 %s", ("\u2028",), None)
    line = JsonLines().format(record)
    assert line.isascii() and "\n" not in line and json.loads(line)["event"] == "one\ntwo \ud800 \u2028"
