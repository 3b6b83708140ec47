"""The web server under the window: the address it listens on, what stands before it, and a clean end."""

from __future__ import annotations

import asyncio
import errno
import re
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FrameType
from typing import Any

import gradio as gr
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from gradio.themes import Base

from qa.errors import QAError, UsageError
from qa.library import Library
from qa.show.window_words import WORDS
from qa.ui.connections import TimedConnection
from qa.ui.first_paint import FirstPaint, theme_script
from qa.ui.guard import LARGEST, Guard, inline_scripts, is_loopback
from qa.ui.login import Authenticator, LogIn, login_routes
from qa.ui.pages import render
from qa.ui.passwords import Accounts
from qa.ui.roles import role_of
from qa.ui.sessions import Sessions
from qa.ui.watch.metrics import Metrics
from qa.ui.watch.requests import Watched, watch_routes


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the address. Raises QAError or UsageError with the remedy when it cannot."""
    if not 0 <= port <= 65535:
        raise UsageError(f"Port {port} does not exist. Choose one from 1 to 65535 with --port.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise QAError(f"Port {port} is in use. Choose another with --port.") from None
        if error.errno == errno.EACCES:
            raise QAError(
                f"Port {port} needs more rights than you have. Choose one from 1024 up with --port."
            ) from None
        raise UsageError(
            f"'{host}' is not an address of this machine. Choose one such as 127.0.0.1 with --host."
        ) from None


def check_root_path(path: str) -> str:
    """The path without a slash at its end; empty for the root. Raises UsageError for what is no path."""
    bare = path.strip().rstrip("/")
    if bare and not re.fullmatch(r"(?:/[\w.~-]+)+", bare, re.ASCII):
        raise UsageError(f"'{path}' is not a path. Write it as the proxy shows it, such as --root-path /news.")
    return bare


def open_note(host: str, accounts: Accounts | None) -> str | None:
    """What to tell where others can reach the window and nobody has to log in; None where all is well."""
    if accounts is not None or is_loopback(host):
        return None
    return WORDS["session"]["open_to_all"]


def web_application(
    window: gr.Blocks,
    *,
    head: str,
    watched: tuple[Library, Metrics],
    accounts: Accounts | None = None,
    hosts: Iterable[str] | None = None,
    note: str | None = None,
    uploads: Mapping[str, int] | None = None,
    routes: Sequence[APIRouter] = (),
    root_path: str = "",
) -> FastAPI:
    """The window as an ASGI application, behind a log-in where there are accounts.

    `watched` is what /healthz and /metrics tell about; `hosts` are the names that it is reached by, None for any;
    `note` is shown to its readers; `uploads` says for the beginnings of paths how many bytes may come; `root_path` is
    the path under which a reverse proxy shows it all.
    """
    authenticator = None
    if accounts is not None:
        authenticator = Authenticator(accounts, Sessions(watched[0].store.windows.sessions, accounts.seal))
    application = FastAPI(title="Citewire", openapi_url=None)
    for each in [
        *routes,
        watch_routes(*watched),
        _session_route(note),
        *([login_routes(authenticator, root_path)] if authenticator else []),
    ]:
        application.include_router(each)
    gr.mount_gradio_app(
        application,
        window,
        path="/",
        root_path=root_path or None,
        head=head,
        theme=_theme(),
        auth_dependency=user_of if authenticator else None,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        pwa=False,
    )
    # The last one added stands first.
    application.add_middleware(FirstPaint, script=theme_script(), opening=render("opening.html"))
    application.add_middleware(LogIn, authenticator=authenticator, root_path=root_path)
    application.add_middleware(Guard, scripts=inline_scripts(head), hosts=hosts, uploads=uploads)
    application.add_middleware(Watched, metrics=watched[1])
    return application


def user_of(request: Request) -> str | None:
    """Who is logged in."""
    user: str | None = request.state.user
    return user


def _session_route(note: str | None) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/session")
    def session(request: Request) -> dict[str, Any]:
        """Who looks at the window, and what they are to be told of it."""
        return {"user": user_of(request), "role": role_of(request), "note": note}

    return routes


def run(
    application: FastAPI,
    listener: socket.socket,
    *,
    open_browser: bool = False,
    announce: Callable[[str], None] | None = None,
    on_end: Callable[[], None] = lambda: None,
    is_answering: Callable[[], bool] = lambda: False,
    finish: float = 0.0,
) -> None:
    """Serves until SIGINT or SIGTERM, or until the listener is closed. `on_end` lets go of what is under way.

    After a SIGTERM nobody is let in any more, and what `is_answering` gets up to `finish` seconds to come to its end.
    """
    address = _address(listener)
    if announce:
        announce(address)
    if open_browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    WindowServer(application, on_end, is_answering, finish).run(sockets=[listener])


class WindowServer(uvicorn.Server):
    """Ends quietly: a signal is an end like any other, and not raised again after it."""

    def __init__(
        self,
        application: FastAPI,
        on_end: Callable[[], None] = lambda: None,
        is_answering: Callable[[], bool] = lambda: False,
        finish: float = 0.0,
    ) -> None:
        # A page holds a stream open for as long as its tab is: an end that waited for those would never come.
        config = uvicorn.Config(
            application,
            http=TimedConnection,
            h11_max_incomplete_event_size=LARGEST,  # of the head of a request, with its address
            log_level="critical",
            server_header=False,
        )
        config.timeout_graceful_shutdown = 0.5  # type: ignore[assignment]  # seconds; with a whole one an end took over two
        super().__init__(config)
        self._on_end, self._is_answering, self._finish = on_end, is_answering, finish

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends at the next tick; on the second signal, or on Ctrl-C, without waiting for anybody's answer."""
        self._finish = 0.0 if sig == signal.SIGINT else self._finish
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends what is under way first: streams that go on would be waited for."""
        for closing in (*self.servers, *(sockets or ())):
            closing.close()  # the proxy sends whoever comes now to another window
        loop = asyncio.get_running_loop()
        until = loop.time() + self._finish
        while self._is_answering() and loop.time() < until and not self.force_exit:
            await asyncio.sleep(0.1)
        self._on_end()
        await super().shutdown(sockets)


def _theme() -> Base:
    """What shows before the page's own style: the first moment and the log-in, in the same colours."""
    # Plain font names: a font by any other class of Gradio's is fetched from another host.
    theme = Base(font=("system-ui", "sans-serif"), font_mono=("ui-monospace", "monospace"))
    return theme.set(
        body_background_fill="#fbfaf6",
        body_background_fill_dark="#16171a",
        background_fill_secondary="#fbfaf6",
        background_fill_secondary_dark="#16171a",
        button_primary_background_fill="#1f4f7a",
        button_primary_background_fill_dark="#1f4f7a",
    )


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
