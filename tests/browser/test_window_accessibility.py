"""What axe-core finds in every state of the window, one after the other in one conversation: nothing serious."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from windows import ask, axe_faults, look

BRIDGE = "When will the harbour bridge close to traffic?"


def nothing(page: Page) -> None:
    pass


def the_keys(page: Page) -> None:
    page.get_by_role("heading", level=1).click()  # the question box has the focus
    page.keyboard.type("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def an_answer(page: Page) -> None:
    page.keyboard.press("Escape")  # out of the list of keys
    ask(page, f"{BRIDGE} paraphrase")
    expect(page.locator("#last .next .example").first).to_be_visible()
    page.locator("#last .next .example").last.evaluate("one => one.scrollIntoView()")  # from under the question box


def the_reasons(page: Page) -> None:
    page.get_by_role("tab", name="Why").click()
    expect(page.get_by_role("tabpanel", name="Why")).to_contain_text("was not kept")


def a_refusal(page: Page) -> None:
    page.get_by_role("tab", name="Sources").click()
    ask(page, "Who repainted the lighthouse near the bridge?")


def an_unsupported_sentence(page: Page) -> None:
    ask(page, f"{BRIDGE} invent")
    page.locator("#last").get_by_role("button", name="Bad answer").click()
    expect(page.locator("#last .reasons")).to_be_visible()
    page.locator("#last .flag").focus()


def a_failure(page: Page) -> None:
    ask(page, "fail harbour bridge", state="failed")


def an_article(page: Page) -> None:
    ask(page, BRIDGE)
    page.locator("#cards").get_by_role("button", name="Open article").first.click()
    expect(page.locator("#reading mark[aria-current]")).to_be_visible()


def the_list(page: Page) -> None:
    page.keyboard.press("Escape")  # out of the article
    if page.get_by_role("button", name="Conversations and views").is_visible():
        page.get_by_role("button", name="Conversations and views").click()
    page.locator("#history-list summary").click()
    expect(page.get_by_role("button", name="Rename")).to_be_visible()


STATES: list[Callable[[Page], None]] = [
    nothing,
    the_keys,
    an_answer,
    the_reasons,
    a_refusal,
    an_unsupported_sentence,
    a_failure,
    an_article,
    the_list,
]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_no_fault(page: Page, width: int, scheme: str) -> None:
    look(page, width, scheme)
    faults = {}
    for state in STATES:
        state(page)
        faults[state.__name__] = axe_faults(page)
    assert not any(faults.values()), faults
