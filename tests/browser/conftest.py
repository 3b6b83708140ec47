"""A real Chromium before a window that this process serves; a page that errs or asks another host fails its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake import FakeAssistant, FakeLibrary
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, expect, sync_playwright
from tabs import AS_EVER, WIDE, Tabs
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
def context(browser: Browser) -> BrowserContext:
    """What most tests share, so that the page's script is read once; each tab has a session of its own all the same."""
    return browser.new_context(viewport=WIDE, permissions=["clipboard-read", "clipboard-write"])


@pytest.fixture(scope="session")
def all_tabs(context: BrowserContext) -> Tabs:
    return Tabs(context)


@pytest.fixture(scope="module")
def tabs(all_tabs: Tabs) -> Iterator[Tabs]:
    yield all_tabs
    all_tabs.close_windows()


@pytest.fixture
def new_page(context: BrowserContext, tabs: Tabs) -> Iterator[Callable[..., Page]]:
    """Opens pages; afterwards no page may have erred or asked any host but the one it came from."""
    pages: list[tuple[Page, str, dict[str, Any]]] = []
    faults: list[str] = []

    def open_page(address: str, *, viewport: ViewportSize = WIDE, left: bool = False, **media: Any) -> Page:
        """The page at the address; with `left` maybe one that an earlier test has left as good as new."""
        known = tabs.left_at(address) if left else None
        page = known or tabs.take()
        watchers = {
            "pageerror": lambda error: faults.append(f"{error}\n{error.stack}"),
            "request": lambda request: None if is_own(request.url, address) else faults.append(request.url),
        }
        pages.append((page, address if left else "", watchers))
        for event, watcher in watchers.items():
            page.on(event, watcher)  # type: ignore[call-overload]
        page.set_default_timeout(60_000)
        if not known:
            page.set_viewport_size(viewport)
            page.emulate_media(**{**AS_EVER, **media})
            page.goto(address)
        page.bring_to_front()  # a page behind another one is not told what changes
        if left:
            tabs.note(page, address)
        return page

    yield open_page
    for page, address, watchers in pages:
        if page.is_closed():
            continue
        for event, watcher in watchers.items():
            page.remove_listener(event, watcher)
        tabs.leave(page, address)
    context.clear_cookies()
    assert not faults


@pytest.fixture
def page(new_page: Callable[..., Page], window: Window) -> Page:
    """The window, wide and light, before the first question."""
    page = new_page(window.address, left=True)
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    return page
