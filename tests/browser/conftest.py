"""A real Chromium before a window that this process serves; a page that errs or asks another host fails its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake import FakeAssistant, FakeLibrary
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from windows import Window, is_own, launch, serving

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            # Gradio's threads run in this process and use what pandas and others have deprecated.
            item.add_marker(pytest.mark.filterwarnings("ignore::DeprecationWarning"))


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


@pytest.fixture
def page(new_page: Callable[..., Page], window: Window) -> Page:
    """The window, wide and light, before the first question."""
    page = new_page(window.address)
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    return page
