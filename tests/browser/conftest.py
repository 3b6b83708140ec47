"""A real Chromium before a window that this process serves; a page that errs or asks another host fails its test."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fake import FakeAssistant, FakeLibrary
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from qa.ui.app import build, page_head
from qa.ui.server import Server, listen, web_application

HERE = Path(__file__).parent
expect.set_options(timeout=20_000)

CHROMIUM_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@dataclass
class Window:
    """A served window and the assistant behind it."""

    address: str
    assistant: Any


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.browser)
            # Gradio's threads run in this process and use what pandas and others have deprecated.
            item.add_marker(pytest.mark.filterwarnings("ignore::DeprecationWarning"))


def launch(playwright: Playwright) -> Browser:
    """The Chromium of this machine, or the one that Playwright has installed."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)


def serving(assistant: Any, auth: str | None = None) -> Iterator[Window]:
    """The window on a free port, until the generator is closed."""
    with listen("127.0.0.1", 0) as listener:
        server = Server(web_application(build(assistant), head=page_head(), auth=auth))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield Window(f"http://127.0.0.1:{listener.getsockname()[1]}", assistant)
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def shared_window() -> Iterator[Window]:
    yield from serving(FakeAssistant())


@pytest.fixture
def window(shared_window: Window) -> Window:
    """The window with three articles, and an assistant that has not been asked anything yet."""
    shared_window.assistant.forget()
    return shared_window


@pytest.fixture(scope="session")
def empty_window() -> Iterator[Window]:
    """The window of a library that holds nothing, before a model elsewhere."""
    yield from serving(FakeAssistant(FakeLibrary(()), mode="openai:llama3.2", where="models.example"))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with launch(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def wide(browser: Browser) -> BrowserContext:
    """What most tests share, so that the page's script is read once; each tab has a session of its own all the same."""
    return browser.new_context(
        viewport={"width": 1280, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
    )


@pytest.fixture
def new_page(browser: Browser, wide: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Opens pages; afterwards no page may have erred or asked any host but the one it came from."""
    pages: list[Page] = []
    faults: list[str] = []

    def open_page(address: str, **options: Any) -> Page:
        page = browser.new_page(**options) if options else wide.new_page()
        pages.append(page)
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: faults.append(f"{error}\n{error.stack}"))
        page.on("request", lambda request: None if is_own(request.url, address) else faults.append(request.url))
        page.goto(address)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not faults


def is_own(url: str, address: str) -> bool:
    return url.startswith(("data:", "blob:", "about:")) or urlsplit(url).netloc == urlsplit(address).netloc


@pytest.fixture
def page(new_page: Callable[..., Page], window: Window) -> Page:
    """The window, wide and light, before the first question."""
    page = new_page(window.address)
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    return page


def citing_first(text: str) -> Callable[[Sequence[dict[str, str]]], str]:
    """A model's reply in which `[1]` has become the key of the first passage in its prompt."""

    def write(messages: Sequence[dict[str, str]]) -> str:
        key = re.search(r"<passage (\w+)>", messages[-1]["content"])
        return text.replace("[1]", f"[{key[1]}]") if key else text

    return write


def ask(page: Page, question: str, state: str = "done") -> None:
    """Asks by keyboard, and waits until the newest turn is in the given state."""
    turns = page.locator(".turn").count()
    box = page.get_by_role("textbox", name="Your question")
    box.fill(question)
    box.press("Enter")
    expect(page.locator(f'.turn[data-turn="{turns + 1}"][data-state="{state}"]')).to_be_visible()
