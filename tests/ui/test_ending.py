"""`qa serve` as a process of its own: it ends in the middle of an answer, and leaves the library whole."""

from __future__ import annotations

import base64
import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from servers import ModelServer, Reply, quoting_reply
from serving import QA, ROOT, ended, served

from qa.doctor import examine
from qa.library import Library
from qa.settings import load_settings

pytestmark = pytest.mark.slow

QUESTION = {"question": "Who took over the chairmanship of the CIS?", "keep": True, "stream": True}


def command(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    environment = {**os.environ, "PYTHONPATH": ROOT}
    return subprocess.run(
        [*QA, *arguments], input=stdin, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def whole(address: str) -> None:
    """Asks for an answer in one piece, until the server has gone."""
    with suppress(httpx.HTTPError):
        httpx.post(f"{address}/api/ask", json={"question": QUESTION["question"]}, timeout=60)


@pytest.fixture(scope="module")
def silent() -> Iterator[ModelServer]:
    """A model that writes a word now and then, for an hour."""
    with ModelServer(default=lambda messages: " ".join(f"word{n}" for n in range(9_000)), pause=0.4) as server:
        yield server


def test_sigterm_in_the_middle_of_an_answer_given_where_others_reach_it_without_log_in(
    tmp_path: Path, silent: ModelServer
) -> None:
    flags = ("--llm", "openai:tiny", "--host", "0.0.0.0")
    with served(tmp_path, *flags, OPENAI_BASE_URL=silent.base_url) as (process, address):
        session = httpx.get(f"{address}/session", timeout=30).json()
        assert httpx.get(f"{address}/api/health", timeout=30).json()["articles"] == 5
        with httpx.stream("POST", f"{address}/api/ask", json=QUESTION, timeout=60) as answer:
            lines = answer.iter_lines()
            assert "word1" in next(line for line in lines if "word1" in line)
            before = len(silent.requests)
            for _ in range(3):
                Thread(target=whole, args=(address,), daemon=True).start()
            while len(silent.requests) < before + 3:
                Event().wait(0.01)
            code, errors = ended(process)
        assert code == 0
        assert "Traceback" not in errors and "Error" not in errors
    words = "Anybody who can reach this address can read and change what is here. Ask for a password with: --auth"
    assert words in errors
    assert session == {"user": None, "role": "administrator", "note": words}
    with sqlite3.connect(tmp_path / "library" / "articles.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    with Library.open(load_settings(index=tmp_path / "library")) as library:
        assert [finding for finding in examine(library) if not finding.is_fine] == []


def test_users_of_a_file_and_of_the_command_line_and_an_answer_that_may_come_to_its_end(tmp_path: Path) -> None:
    made = command(tmp_path, "password", "anna", "--role", "reader", stdin="one\n")
    assert made.stdout.startswith("anna:scrypt$") and made.stdout.endswith(":reader\n") and "one" not in made.stdout
    wrong = command(tmp_path, "password", "anna", "--role", "editor", stdin="one\n")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "There is no role 'editor'. Choose one of: administrator, reader." in wrong.stderr
    (tmp_path / "users.txt").write_text(made.stdout, "utf-8")
    go = Event()
    given: list[httpx.Response] = []
    flags = ("--auth-file", "users.txt", "--auth", "ben:two", "--host", "0.0.0.0", "--llm", "openai:tiny")
    with (
        ModelServer(default=Reply(quoting_reply, hold=go)) as model,
        served(tmp_path, *flags, "--finish", "600", OPENAI_BASE_URL=model.base_url) as (process, address),
    ):
        assert httpx.get(f"{address}/api/articles", timeout=30).status_code == 401
        assert httpx.get(f"{address}/api/articles", auth=("anna", "one"), timeout=30).status_code == 200
        token = base64.b64encode(b"ben:two").decode()
        listed = httpx.get(f"{address}/api/articles", headers={"Authorization": f"Basic {token}"}, timeout=30)
        assert json.loads(listed.text)["total"] == 5

        asked: dict[str, Any] = {"json": {"question": QUESTION["question"]}, "auth": ("ben", "two"), "timeout": 600}
        asking = Thread(target=lambda: given.append(httpx.post(f"{address}/api/ask", **asked)), daemon=True)
        asking.start()
        while not model.requests:
            Event().wait(0.01)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(httpx.ConnectError):  # nobody is let in
            while True:
                with suppress(httpx.ReadError, httpx.RemoteProtocolError):  # let in at the last moment, and cut off
                    httpx.get(f"{address}/healthz", timeout=30)
        go.set()
        asking.join(600)
        _, errors = process.communicate(timeout=120)
    assert given[0].status_code == 200 and given[0].json()["answer"]
    assert process.returncode == 0 and "Traceback" not in errors and "Anybody who can reach" not in errors
