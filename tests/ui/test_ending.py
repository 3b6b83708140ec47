"""`qa serve` as a process of its own: it ends in the middle of an answer, and leaves the library whole."""

from __future__ import annotations

import base64
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest
from chroma import free_port
from servers import ModelServer

from qa.doctor import examine
from qa.library import Library
from qa.settings import load_settings

pytestmark = pytest.mark.slow

QA = [sys.executable, "-c", "from qa.cli.main import main; main()"]
ROOT = str(Path(__file__).parents[2])
QUESTION = {"question": "Who took over the chairmanship of the CIS?", "keep": True, "stream": True}


@contextmanager
def served(folder: Path, *flags: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address."""
    words = [*QA, "serve", "--index", str(folder / "library"), "--port", str(free_port()), *flags]
    with subprocess.Popen(
        words,
        env={**os.environ, "PYTHONPATH": ROOT, "COLUMNS": "200", "PYTHONUNBUFFERED": "1", **environment},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line.startswith("Citewire is at http"), line or process.communicate()
            yield process, line.split()[3]
        finally:
            process.kill()


def command(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    environment = {**os.environ, "PYTHONPATH": ROOT}
    return subprocess.run(
        [*QA, *arguments], input=stdin, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code after SIGTERM, and what it said. How long that takes is measured by browser/waiting.py."""
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors


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


def test_users_of_a_file_and_of_the_command_line(tmp_path: Path) -> None:
    made = command(tmp_path, "password", "anna", "--role", "reader", stdin="one\n")
    assert made.stdout.startswith("anna:scrypt$") and made.stdout.endswith(":reader\n") and "one" not in made.stdout
    wrong = command(tmp_path, "password", "anna", "--role", "editor", stdin="one\n")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "There is no role 'editor'. Choose one of: administrator, reader." in wrong.stderr
    (tmp_path / "users.txt").write_text(made.stdout, "utf-8")
    with served(tmp_path, "--auth-file", "users.txt", "--auth", "ben:two", "--host", "0.0.0.0") as (process, address):
        assert httpx.get(f"{address}/api/articles", timeout=30).status_code == 401
        assert httpx.get(f"{address}/api/articles", auth=("anna", "one"), timeout=30).status_code == 200
        token = base64.b64encode(b"ben:two").decode()
        given = httpx.get(f"{address}/api/articles", headers={"Authorization": f"Basic {token}"}, timeout=30)
        assert json.loads(given.text)["total"] == 5
        code, errors = ended(process)
    assert code == 0 and "Anybody who can reach" not in errors
