"""The web server under the window: the address it listens on, log-in, and a clean end."""

from __future__ import annotations

import errno
import socket
import threading
import webbrowser
from collections.abc import Callable, Sequence
from types import FrameType

import gradio as gr
import uvicorn
from fastapi import APIRouter, FastAPI
from gradio.themes import Base

from qa.errors import QAError, UsageError
from qa.ui.first_paint import FirstScript, theme_script


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


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    return host in ("localhost", "::1") or host.startswith("127.")


def web_application(
    window: gr.Blocks, *, head: str, auth: str | None = None, routes: Sequence[APIRouter] = ()
) -> FastAPI:
    """The window as an ASGI application, behind a log-in where `auth` ("user:password") is given. Raises UsageError."""
    application = FastAPI(title="Citewire", openapi_url=None)
    for each in routes:
        application.include_router(each)
    gr.mount_gradio_app(
        application,
        window,
        path="/",
        head=head,
        theme=_theme(),
        auth=_user_and_password(auth),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        pwa=False,
    )
    application.add_middleware(FirstScript, script=theme_script())
    return application


def run(
    application: FastAPI,
    listener: socket.socket,
    *,
    open_browser: bool = False,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM, or until the listener is closed."""
    address = _address(listener)
    if announce:
        announce(address)
    if open_browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    Server(application).run(sockets=[listener])


class Server(uvicorn.Server):
    """Ends quietly: a signal is an end like any other, and not raised again after it."""

    def __init__(self, application: FastAPI) -> None:
        # A page holds a stream open for as long as its tab is: an end that waited for those would never come.
        super().__init__(uvicorn.Config(application, log_level="critical", timeout_graceful_shutdown=1))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends at the next tick; on the second signal without waiting for anybody."""
        self.force_exit = self.should_exit
        self.should_exit = True


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


def _user_and_password(auth: str | None) -> tuple[str, str] | None:
    if auth is None:
        return None
    user, colon, password = auth.partition(":")
    if not (user and colon and password):
        raise UsageError("--auth needs a user and a password with a colon between them, such as --auth anna:secret.")
    return user, password
