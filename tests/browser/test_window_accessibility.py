"""What axe-core finds in every state of the window, one after the other in one conversation: nothing serious."""

from __future__ import annotations

from collections.abc import Callable

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
    from_under_the_question_box(page)


def from_under_the_question_box(page: Page) -> None:
    expect(page.locator("#last .next .example").first).to_be_visible()
    page.locator("#last .next .example").last.evaluate("one => one.scrollIntoView()")


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


NARROW: dict[Callable[[Page], None], Callable[[Page], None]] = {
    an_answer: from_under_the_question_box,
    the_reasons: from_under_the_question_box,
    the_list: lambda page: page.get_by_role("button", name="Conversations and views").click(),
}
"""What a state takes besides once the page has become narrow."""


def test_axe_finds_no_fault(page: Page) -> None:
    faults = {}
    for state in STATES:
        whole = state is an_unsupported_sentence
        look(page, 1280, "light")
        state(page)
        faults[state.__name__, "light"] = axe_faults(page, whole)
        look(page, 360, "dark")
        NARROW.get(state, nothing)(page)
        faults[state.__name__, "dark"] = axe_faults(page, whole)
    assert not any(faults.values()), {where: told for where, told in faults.items() if told}
