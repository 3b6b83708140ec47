"""Collections in a real browser before a real library: made, filled, asked, shared by their owner, gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from parts import ARTICLES, open_library
from playwright.sync_api import Page, expect
from windows import Window, ask, axe_faults, serving

from qa.ask.assistant import Assistant
from qa.settings import load_settings
from qa.types import Filters

HOSTILE = "<img src=x onerror=window.canary=1>"


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, "utf-8")
    with open_library(load_settings(index=tmp_path_factory.mktemp("library"))) as library:
        library.ingest([folder])
        yield from serving(Assistant(library))


@pytest.fixture
def page(new_page: Callable[..., Page], window: Window) -> Page:
    kept = window.assistant.library.store.collections
    for row in kept.all():
        kept.delete(row.named)
    page = new_page(f"{window.address}/#/library")
    expect(page.get_by_role("checkbox", name="Select Harbour bridge opens")).to_be_visible()
    return page


def dialog(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("#collect-dialog")


def test_ticked_rows_make_a_collection_that_a_conversation_is_limited_to(page: Page, window: Window) -> None:
    page.get_by_role("checkbox", name="Select Harbour bridge opens").check()
    page.get_by_role("button", name="Add to collection").click()
    expect(dialog(page)).to_contain_text("Add 1 article to a collection")
    expect(page.get_by_label("Name of the collection")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("alert")).to_contain_text("The collection has no name.")
    page.get_by_label("Name of the collection").fill("x" * 300)
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("alert")).to_contain_text("The name has 300 characters; 100 are the most.")
    page.get_by_label("Name of the collection").fill(HOSTILE)
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()
    expect(page.locator("#announcer")).to_have_text(f"The collection “{HOSTILE}” is made; it holds 1 article.")
    page.get_by_role("checkbox", name="Select Harbour bridge opens").uncheck()
    page.get_by_role("checkbox", name="Select School wins chess cup").check()
    page.get_by_role("button", name="Add to collection").click()
    dialog(page).get_by_role("button", name="Add", exact=True).click()
    page.locator("#library-collection").select_option(label=f"{HOSTILE} (2)")
    expect(page.locator(".articles tbody tr")).to_have_count(2)
    expect(page.locator("#collection-words")).to_have_text(f"{HOSTILE}: 2 articles · chosen by hand")
    page.get_by_role("button", name="Take out of the collection").click()
    expect(page.locator(".articles tbody tr")).to_have_count(1)
    assert axe_faults(page) == []
    page.get_by_role("button", name="Ask only this collection").click()
    expect(page.locator("#narrow-chips")).to_contain_text(f"Collection: {HOSTILE}")
    expect(page.locator("#question")).to_be_focused()
    expect(page.locator("#narrow-count")).to_have_text("1 of 3 articles")
    box = page.locator("#question").bounding_box()
    assert box and box["height"] > 30  # though the page was opened on another view
    ask(page, "Who cut the ribbon?")
    expect(page.locator("#last .answer")).to_contain_text("Ines Falk cut the ribbon")
    expect(page.locator("#last .understood").first).to_have_text(f"Filter: collection “{HOSTILE}”")
    [row] = window.assistant.library.store.collections.all()
    window.assistant.library.store.collections.delete(row.named)
    ask(page, "Who won?", "failed")
    expect(page.locator("#last")).to_contain_text(f"The collection “{HOSTILE}” is not there. Take it off the filter")
    page.get_by_role("button", name=f"Remove: Collection: {HOSTILE}").click()
    expect(page.locator("#narrow-chips li")).to_have_count(0)
    assert page.evaluate("window.canary") is None


def test_a_filter_becomes_one_that_is_renamed_shared_and_deleted(page: Page, window: Window) -> None:
    page.goto(f"{window.address}/#/")
    page.locator("#narrow-open").click()
    page.get_by_role("checkbox", name="The Morning Lark").check()
    page.get_by_role("button", name="Save as collection").click()
    page.get_by_label("Name of the collection").fill("Larks")
    dialog(page).get_by_role("button", name="Make it").click()
    expect(dialog(page)).to_be_hidden()
    expect(page.locator("#narrow-collection option")).to_have_text(["All articles", "Larks (1)"])
    page.keyboard.press("Escape")
    page.goto(f"{window.address}/#/library")
    page.locator("#library-collection").select_option(label="Larks (1)")
    expect(page.locator("#collection-words")).to_have_text("Larks: 1 article · what fits the filter: The Morning Lark")
    page.get_by_role("checkbox", name="Select School wins chess cup").check()
    page.get_by_role("button", name="Take out of the collection").click()
    expect(page.locator("#collection-fault")).to_contain_text("is in “Larks” by its filter")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the collection").fill("Birds")
    page.keyboard.press("Enter")
    expect(page.locator("#collection-words")).to_contain_text("Birds: 1 article")
    page.get_by_role("button", name="Share with everybody").click()
    expect(page.locator("#collection-words")).to_contain_text("shared with everybody")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#collection-bar")).to_be_hidden()
    expect(page.locator(".articles tbody tr")).to_have_count(3)


def test_an_article_is_added_from_its_own_view_and_another_tab_sees_it(page: Page, window: Window) -> None:
    kept = window.assistant.library.store.collections
    made = kept.create("Storms")
    expect(page.locator("#library-collection option")).to_have_text(["All collections", "Storms (0)"])
    page.get_by_role("button", name="Storm closes mountain road").click()
    page.get_by_role("button", name="Add to collection").click()
    expect(page.locator("#collect-choice")).to_be_focused()
    dialog(page).get_by_role("button", name="Add", exact=True).press("Enter")
    expect(dialog(page)).to_be_hidden()
    assert [row.id for row in window.assistant.library.articles(Filters(collection=made.named))] == ["storm"]
