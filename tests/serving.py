"""The HTTP interface over an assistant, served on a port of this machine while a test runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI

from qa.api import api_routes
from qa.ui.login import Authenticator, LogIn
from qa.ui.passwords import read_accounts
from qa.ui.server import listen


def serve(assistant: Any, users: bool = False) -> Iterator[str]:
    app = FastAPI(openapi_url=None)
    app.include_router(api_routes(lambda owner: assistant))
    accounts = read_accounts(["anna:one", "ben:two"] if users else [])
    app.add_middleware(LogIn, authenticator=Authenticator(accounts) if accounts else None)
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
