"""Logging in and out in a real browser, what the policy of the page forbids, and what is said of an open window."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from fake import FakeAssistant
from playwright.sync_api import ConsoleMessage, Page, expect
from windows import Window, ask, serving


@pytest.fixture(scope="module")
def closed_window() -> Iterator[Window]:
    yield from serving(FakeAssistant(), auth="anna:secret", note="Anybody can read this.")


def log_in(page: Page, password: str = "secret") -> None:
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_logging_in_and_out_by_keyboard(new_page: Callable[..., Page], closed_window: Window) -> None:
    page = new_page(f"{closed_window.address}/#/library")
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_text("Ask the articles")).to_have_count(0)
    log_in(page, "wrong")
    expect(page.get_by_role("alert")).to_have_text("This name and password do not belong together. Try again.")
    expect(page.get_by_label("Name")).to_have_value("anna")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type("secret")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    page.get_by_role("link", name="Ask", exact=True).click()
    ask(page, "When will the harbour bridge close?")
    expect(page.locator(".session-user")).to_have_text("anna")
    expect(page.locator(".session-note")).to_have_text("Anybody can read this.")
    [row] = closed_window.assistant.library.store.conversations.rows()
    assert row.owner == "anna"
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Name")).to_be_visible()
    page.goto(closed_window.address)
    expect(page.get_by_label("Name")).to_be_visible()


def test_a_session_that_ends_while_the_page_is_open_is_said(
    new_page: Callable[..., Page], closed_window: Window
) -> None:
    page = new_page(closed_window.address)
    log_in(page)
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    page.context.clear_cookies()
    box = page.get_by_role("textbox", name="Your question")
    box.fill("When will the harbour bridge close?")
    box.press("Enter")
    expect(page.locator("#connection")).to_have_text("You have been logged out. Log in again.")
    page.get_by_role("link", name="Log in again").click()
    log_in(page)
    expect(page.get_by_role("textbox", name="Your question")).to_be_visible()


def test_the_log_in_works_without_script(browser, closed_window: Window) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(closed_window.address)
    log_in(page)
    page.wait_for_url(f"{closed_window.address}/")
    context.close()


CONTRASTS = """() => {
    const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const paper = getComputedStyle(document.body).backgroundColor;
    return ["h1", ".about", "label", "button"].map((name) => {
        const style = getComputedStyle(document.querySelector(name));
        const back = name === "button" ? style.backgroundColor : paper;
        const [high, low] = [light(style.color), light(back)].sort((a, b) => b - a);
        return (high + 0.05) / (low + 0.05); });
}"""


def test_the_log_in_can_be_read(new_page: Callable[..., Page], closed_window: Window) -> None:
    page = new_page(closed_window.address, viewport={"width": 360, "height": 640})
    log_in(page, "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    papers = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert min(page.evaluate(CONTRASTS)) >= 4.5
        papers.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(papers) == 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_policy_runs_nothing_that_is_written_into_the_page(browser, window: Window) -> None:
    """Apart from escaping: HTML that came into the page whole would still run nothing and fetch nothing."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(window.address)
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    refused = page.evaluate(
        """async () => {
        const refused = [];
        document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
        const place = document.createElement("div");
        document.body.append(place);
        place.innerHTML = '<img src="data:," onerror="window.canary = 1"><a href="javascript:window.canary=2">x</a>' +
          '<img src="http://elsewhere.example/a.png"><iframe src="http://elsewhere.example/"></iframe>' +
          '<object data="http://elsewhere.example/b"></object>';
        const script = document.createElement("script");
        script.textContent = "window.canary = 3";
        place.append(script);
        await fetch("http://elsewhere.example/d").catch(() => 0);
        while (refused.length < 6) await new Promise((done) => setTimeout(done, 20));
        place.querySelector("a").click();
        while (refused.length < 7) await new Promise((done) => setTimeout(done, 20));
        return refused.sort();
        }"""
    )
    assert page.evaluate("window.canary") is None
    assert refused == [
        "connect-src", "frame-src", "img-src", "object-src", "script-src-attr", "script-src-elem", "script-src-elem",
    ]  # fmt: skip
    context.close()


def test_the_window_itself_breaks_no_rule_of_its_policy(page: Page, window: Window) -> None:
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        said.append(message.text)

    page.on("console", hear)
    page.reload()
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    ask(page, "When will the harbour bridge close?")
    page.goto(f"{window.address}/#/library")
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    page.remove_listener("console", hear)
    assert not [line for line in said if re.search("Content Security Policy|Refused", line)]
