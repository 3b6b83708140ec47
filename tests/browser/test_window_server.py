"""The server under the window: its address, its errors, its end."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest
from chroma import free_port
from fake import serve_until_told
from forking import Forked
from playwright.sync_api import expect
from windows import ask

from qa.errors import QAError, UsageError
from qa.ui.server import listen


def test_a_port_in_use_is_refused_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(QAError, match=rf"^Port {port} is in use\. Choose another with --port\.$"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("no.such.host.invalid", 0, "'no.such.host.invalid' is not an address of this machine."),
        ("203.0.113.7", 0, "'203.0.113.7' is not an address of this machine."),
        ("127.0.0.1", 70000, "Port 70000 does not exist."),
    ],
)
def test_an_address_that_cannot_be_used_is_wrong_usage(host: str, port: int, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        listen(host, port)
    assert str(caught.value).startswith(words)


def test_a_server_that_is_killed_in_the_middle_of_an_answer_is_waited_for(new_page, tmp_path: Path) -> None:
    """The page says that it is gone; once it is back, the conversation is there and the question goes on by itself.

    SIGTERM ends the second server cleanly, with the tab open.
    """
    port = free_port()

    def start() -> Forked:
        process = Forked(serve_until_told, tmp_path, os.environ, tmp_path / "library.db", port)
        assert process.stdout.readline().strip() == f"http://127.0.0.1:{port}"
        return process

    first = start()
    try:
        page = new_page(f"http://127.0.0.1:{port}")
        ask(page, "When will the harbour bridge close?")
        ask(page, "slow harbour bridge", state="running")
        expect(page.locator("#last .answer")).to_contain_text("word9 ")
    finally:
        first.close()
    expect(page.locator("#connection")).to_have_text("The server does not answer. This page goes on when it is back.")
    expect(page.locator(".toast-wrap")).to_be_hidden()  # Gradio's own word for it
    second = start()
    try:
        expect(page.locator("#last .answer")).to_contain_text("word9 ")
        expect(page.locator("#last .question")).to_have_text("slow harbour bridge")
        expect(page.locator("#finished .question")).to_have_text("When will the harbour bridge close?")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator('.turn[data-turn="2"][data-state="stopped"]')).to_be_visible()
        ask(page, "When will the harbour bridge close to traffic?")
        second.send_signal(signal.SIGTERM)
        output, errors = second.communicate(timeout=20)
    finally:
        second.close()
    assert (second.returncode, output, errors) == (0, "ended\n", "")
