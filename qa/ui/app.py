"""The chat window: wires the panels (build) and serves them until a signal (serve)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from qa.assistant import Assistant
from qa.ui.asking import Conversation, Runs
from qa.ui.composer import composer_panel
from qa.ui.conversation import answer_steps, conversation_panel, welcome_html
from qa.ui.masthead import library_html, masthead_panel
from qa.ui.server import listen, run, web_application
from qa.ui.sources import sources_panel

ASKING_AT_ONCE = 16
"""Questions that are answered at the same time; more wait their turn."""

Update = dict[Any, Any]


def build(assistant: Assistant) -> gr.Blocks:
    """The window, ready to be served. Everything a tab has asked is kept in that tab's session and nowhere else."""
    runs = Runs()
    with gr.Blocks(title="Citewire", analytics_enabled=False, fill_width=True) as window:
        conversation_state = gr.State(())
        masthead = masthead_panel(assistant)
        with gr.Row(elem_id="desk"):
            conversation = conversation_panel(assistant)
            sources_panel(assistant)
            composer = composer_panel(assistant)

        def begin() -> tuple[str, str]:
            # At every load anew, for the library grows and shrinks while the window is open.
            count = assistant.library.count()
            return library_html(count), welcome_html(count, assistant.suggestions())

        def ask(question: str, turns: Conversation, request: gr.Request) -> Iterator[Update]:
            session = str(request.session_hash)
            run = runs.start(session) if question.strip() else None
            if run is None:
                yield {conversation.last: gr.skip()}
                return
            try:
                for step, (html, asked) in enumerate(answer_steps(assistant, question.strip(), turns, run)):
                    if run.discarded:
                        # After its own last words in its own stream: nothing of it can come back once it is cleared.
                        yield {conversation.last: "", conversation_state: ()}
                        return
                    update: Update = {conversation.last: html}
                    if step == 0:
                        update[composer.question] = ""
                    if asked is not None:
                        update[conversation_state] = asked
                    yield update
            finally:
                run.stopped.set()
                runs.finish(session, run)

        def ask_example(turns: Conversation, request: gr.Request, event: gr.EventData) -> Iterator[Update]:
            yield from ask(str(event.question), turns, request)

        def ask_again(turns: Conversation, request: gr.Request) -> Iterator[Update]:
            if turns:
                yield from ask(turns[-1].question, turns[:-1], request)

        def stop(request: gr.Request) -> None:
            runs.stop(str(request.session_hash))

        def discard(request: gr.Request) -> None:
            runs.stop(str(request.session_hash), discard=True)

        def start_again(request: gr.Request) -> Update:
            discard(request)
            return {conversation_state: (), conversation.last: "", composer.question: ""}

        shown = [conversation.last, composer.question, conversation_state]
        quietly: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        # Gradio's "once" would also drop a question that follows an empty one; `runs` sees to double clicks.
        asking: dict[str, Any] = {**quietly, "outputs": shown, "trigger_mode": "multiple", "concurrency_id": "asking"}
        gr.on([composer.question.submit, composer.send.click], ask, [composer.question, conversation_state], **asking)
        conversation.welcome.example(ask_example, [conversation_state], **asking)
        conversation.last.retry(ask_again, [conversation_state], **asking)
        composer.stop.click(stop, queue=False, **quietly)
        masthead.new.click(start_again, outputs=shown, **quietly)
        window.load(begin, outputs=[masthead.library, conversation.welcome], **quietly)
        window.unload(discard)
    window.queue(default_concurrency_limit=ASKING_AT_ONCE)
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
    with listen(host, port) as listener:
        application = web_application(build(assistant), head=page_head(), auth=auth)
        run(application, listener, open_browser=open_browser, announce=announce)


def page_head() -> str:
    """The window's own style and script, as text in the page: nothing is loaded from anywhere."""
    assets = Path(__file__).parent / "assets"
    style = "\n".join(path.read_text(encoding="utf-8") for path in sorted(assets.glob("*.css")))
    script = "\n".join(path.read_text(encoding="utf-8") for path in sorted(assets.glob("*.js")))
    return f"<style>{style}</style>\n<script>{script}</script>"
