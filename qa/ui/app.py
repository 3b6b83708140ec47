"""The chat window: wires the panels (build) and serves them until a signal (serve)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gradio as gr
from fastapi import FastAPI

from qa.assistant import Assistant
from qa.ui.asking import Runs
from qa.ui.collecting import collecting_panel
from qa.ui.composer import composer_panel
from qa.ui.conversation import conversation_panel
from qa.ui.desk import Desk
from qa.ui.evals.panel import evals_panel, evals_style
from qa.ui.history import history_panel
from qa.ui.library import library_panel, upload_routes
from qa.ui.masthead import masthead_panel
from qa.ui.server import is_loopback, listen, run, web_application
from qa.ui.sources import reading_panel, sources_panel


def build(desk: Desk) -> gr.Blocks:
    """The window, ready to be served: every panel once. What a reader asks is kept in the library."""
    with gr.Blocks(title="Citewire", analytics_enabled=False, fill_width=True) as window:
        masthead_panel(desk.library.count())
        history_panel(desk)
        with gr.Row(elem_id="desk"):
            conversation_panel(desk, Runs())
            sources_panel()
            composer_panel(desk)
        library_panel(desk)
        evals_panel(desk)
        collecting_panel(desk)
        reading_panel(desk)
    window.queue()
    assert isinstance(window, gr.Blocks)
    return window


def serve(
    assistant: Assistant,
    *,
    host: str,
    port: int,
    auth: str | None,
    open_browser: bool = False,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serves the window until SIGINT or SIGTERM. `auth` is "user:password"; `announce` is told the address.

    Raises QAError when the port is in use, UsageError for an address or an `auth` that cannot be used.
    """
    desk = Desk(assistant, is_local=auth is None and is_loopback(host))
    with listen(host, port) as listener:
        run(application_of(desk, auth=auth), listener, open_browser=open_browser, announce=announce)


def application_of(desk: Desk, *, auth: str | None = None) -> FastAPI:
    """The window and all that stands beside it, as an ASGI application. Raises UsageError for an `auth` of no use."""
    routes = [upload_routes(desk.assistant.settings.index)]
    return web_application(build(desk), head=page_head(), auth=auth, routes=routes)


def page_head() -> str:
    """The window's own style and script, as text in the page: nothing is loaded from anywhere."""
    assets = Path(__file__).parent / "assets"
    style = "\n".join(path.read_text(encoding="utf-8") for path in sorted(assets.glob("*.css"))) + evals_style()
    script = "\n".join(path.read_text(encoding="utf-8") for path in sorted(assets.glob("*.js")))
    return f"<style>{style}</style>\n<script>{script}</script>"
