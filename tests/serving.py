"""The HTTP interface over an assistant, or a window in a process of its own, on a port of this machine."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from chroma import free_port
from fastapi import FastAPI
from forking import Forked
from parts import own_windows

from qa.api import api_routes
from qa.cli.main import main
from qa.ui.login import Authenticator, LogIn
from qa.ui.passwords import read_accounts
from qa.ui.server import listen
from qa.ui.sessions import Sessions

QA = [sys.executable, "-c", "from qa.cli.main import main; main()"]
ROOT = str(Path(__file__).parents[1])


def serve(assistant: Any, users: bool = False) -> Iterator[str]:
    app = FastAPI(openapi_url=None)
    app.include_router(api_routes(lambda owner: assistant))
    accounts = read_accounts(["anna:one", "ben:two"] if users else [])
    app.add_middleware(
        LogIn, authenticator=Authenticator(accounts, Sessions(own_windows().sessions)) if accounts else None
    )
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@contextmanager
def served(folder: Path, *flags: str, **environment: str) -> Iterator[tuple[Forked, str]]:
    """The process and its address."""
    words = ["serve", "--index", str(folder / "library"), "--port", str(free_port()), *flags]
    process = Forked(_main, folder, {**os.environ, "PYTHONPATH": ROOT, "COLUMNS": "200", **environment}, words)
    with closing(process):
        line = process.stdout.readline()
        assert line.startswith("Citewire is at http"), line or process.communicate()
        yield process, line.split()[3]


def _main(words: list[str]) -> None:
    sys.argv = ["qa", *words]
    main()


def run_code(code: str, arguments: Sequence[str], given: str) -> None:
    """Runs a program as `python -c` would, with what it is given on its input; for Forked."""
    sys.argv, sys.stdin = ["-c", *arguments], io.StringIO(given)
    exec(code, {"__name__": "__main__"})


def ended(process: Forked) -> tuple[int, str]:
    """Its exit code after SIGTERM, and what it said. How long that takes is measured by browser/waiting.py."""
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors
