"""The chat window: wires the panels (build) and serves them until a signal (serve)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import gradio as gr
from fastapi import FastAPI

from qa.api import api_routes
from qa.ask.assistant import Assistant
from qa.show.window_words import words_script
from qa.ui.changes import change_routes
from qa.ui.collecting import collecting_panel
from qa.ui.collections import collections_panel
from qa.ui.composer import composer_panel
from qa.ui.context import AppState
from qa.ui.conversation import conversation_panel
from qa.ui.evals.panel import evals_panel, evals_style
from qa.ui.guard import is_loopback, known_hosts
from qa.ui.history import history_panel
from qa.ui.keys import keys_panel
from qa.ui.library import LARGEST, correcting_panel, library_panel, upload_routes
from qa.ui.masthead import masthead_panel
from qa.ui.narrowing import narrowing_panel
from qa.ui.pages import colours
from qa.ui.passwords import Accounts
from qa.ui.server import check_root_path, listen, open_note, run, web_application
from qa.ui.settings import settings_panel
from qa.ui.sharing import share_routes
from qa.ui.sources import reading_panel, sources_panel
from qa.ui.stories import stories_panel


def build(app: AppState) -> gr.Blocks:
    """The window, ready to be served: every panel once. What a reader asks is kept in the library."""
    with gr.Blocks(title="Citewire", analytics_enabled=False, fill_width=True) as window:
        masthead_panel(app.library.count())
        history_panel(app)
        with gr.Row(elem_id="desk"):
            conversation_panel(app, app.runs)
            sources_panel(app)
            composer_panel(app)
        narrowing_panel(app)
        collections_panel(app)
        library_panel(app)
        stories_panel(app)
        evals_panel(app)
        collecting_panel(app)
        reading_panel(app)
        correcting_panel(app)
        settings_panel(app)
        keys_panel()
    window.queue()
    assert isinstance(window, gr.Blocks)
    return window


def serve(
    assistant: Assistant,
    *,
    host: str,
    port: int,
    auth: Accounts | None = None,
    allow_hosts: Sequence[str] = (),
    open_browser: bool = False,
    announce: Callable[[str], None] | None = None,
    origins: Mapping[str, str] | None = None,
    root_path: str = "",
    logs_questions: bool = False,
    server_file: Path | None = None,
    finish: float = 0.0,
) -> None:
    """Serves the window until SIGINT or SIGTERM, to the accounts of `auth` where there are any.

    `allow_hosts` are names that it is reached by beside `host`; `origins` says who set what, as `settings_origins`
    gives it; `announce` is told the address; `root_path` is where a reverse proxy shows it, such as "/news";
    `logs_questions` puts the text of questions into the log of answers; `server_file` is where a model server is kept
    that is connected in it; `finish` is how many seconds answers may go on after SIGTERM. Raises QAError when the port
    is in use,
    UsageError for an address or a path that cannot be used.
    """
    app = AppState(
        assistant,
        is_local=auth is None and is_loopback(host),
        accounts=auth,
        origins=origins or {},
        logs_questions=logs_questions,
        server_file=server_file,
    )
    with listen(host, port) as listener:
        application = application_of(
            app,
            hosts=known_hosts(host, allow_hosts),
            note=open_note(host, auth),
            root_path=check_root_path(root_path),
        )
        app.keeper.start()
        run(
            application,
            listener,
            open_browser=open_browser,
            announce=announce,
            on_end=app.close,
            is_answering=app.is_answering,
            finish=finish,
        )


def application_of(
    app: AppState,
    *,
    hosts: Iterable[str] | None = None,
    note: str | None = None,
    root_path: str = "",
) -> FastAPI:
    """The window and all that stands beside it, as an ASGI application; see `web_application`."""
    return web_application(
        build(app),
        head=page_head(),
        watched=(app.library, app.metrics),
        accounts=app.accounts,
        hosts=hosts,
        note=note,
        uploads={"/library/upload": LARGEST},
        routes=[
            upload_routes(app.assistant.settings.index),
            change_routes(app),
            share_routes(app),
            api_routes(app.assistant_for, colours()),
        ],
        root_path=root_path,
    )


def page_head() -> str:
    """The window's own style and script, as text in the page: nothing is loaded from anywhere."""
    assets = Path(__file__).parent / "assets"
    style = "\n".join(path.read_text(encoding="utf-8") for path in sorted(assets.glob("*.css"))) + evals_style()
    script = "\n".join(path.read_text(encoding="utf-8") for path in sorted(assets.glob("*.js")))
    return f"<style>{style}</style>\n<script>{words_script()}\n{script}</script>"
