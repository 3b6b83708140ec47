"""What narrows the search, in a real browser before a real library."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from parts import ARTICLES, open_library
from playwright.sync_api import Locator, Page, expect
from windows import Window, ask, axe_faults, axe_faults_wide_and_narrow, serving

from qa.ask.assistant import Assistant
from qa.settings import load_settings

WHO = "Who won the national chess cup?"
HOSTILE = "<img src=x onerror=window.canary=1>"
MORE = {
    "hostile.md": f"---\ntitle: {HOSTILE} harbour\noutlet: {HOSTILE}\ndate: 2021-05-05\n---\n\nThe ribbon was blue.\n"
}


@pytest.fixture(scope="module")
def narrowed_window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in (ARTICLES | MORE).items():
        (folder / name).write_text(text, "utf-8")
    with open_library(load_settings(index=tmp_path_factory.mktemp("library"))) as library:
        library.ingest([folder])
        yield from serving(Assistant(library))


@pytest.fixture
def page(new_page: Callable[..., Page], narrowed_window: Window) -> Page:
    page = new_page(narrowed_window.address, left=True)
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    return page


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Ask only some of the articles")


def chips(page: Page) -> Locator:
    return page.locator("#narrow-chips li > :first-child")


def narrow(page: Page) -> Locator:
    page.locator("#narrow-open").click()
    expect(dialog(page)).to_be_visible()
    return dialog(page)


def sources(page: Page) -> Locator:
    return page.locator("#sources .card")


def test_an_outlet_narrows_the_answers_until_its_chip_is_removed(page: Page) -> None:
    window = narrow(page)
    expect(window.get_by_role("status").last).to_have_text("4 of 4 articles")
    window.get_by_label("Find an outlet").fill("lark")
    expect(window.get_by_role("checkbox")).to_have_count(1)
    window.get_by_role("checkbox", name="The Morning Lark").check()
    expect(window.get_by_role("status").last).to_have_text("1 of 4 articles")
    window.get_by_role("button", name="Filter", exact=True).click()
    expect(dialog(page)).to_be_hidden()
    expect(chips(page)).to_have_text(["The Morning Lark"])
    expect(page.locator("#narrow-count")).to_have_text("1 of 4 articles")
    ask(page, "Who cut the ribbon?")
    expect(page.locator("#last .understood").first).to_have_text("Filter: The Morning Lark")
    expect(page.locator("#last .refusal")).to_be_visible()
    remove = page.get_by_role("button", name="Remove: The Morning Lark")
    remove.focus()
    remove.press("Delete")
    expect(chips(page)).to_have_count(0)
    expect(page.locator("#narrow-open")).to_be_focused()
    expect(page.locator("#narrow-count")).to_have_text("")
    ask(page, "Who cut the ribbon?")
    expect(page.locator("#last .answer")).to_contain_text("Ines Falk cut the ribbon")


def test_a_conversation_keeps_its_filters_over_a_reload_and_a_new_one_has_none(page: Page) -> None:
    window = narrow(page)
    window.get_by_label("Find an article by its title").fill("chess")
    window.get_by_role("button", name="Choose School wins chess cup").click()
    expect(window.get_by_role("list", name="Chosen")).to_contain_text("School wins chess cup")
    window.get_by_label("Day").fill("2022-12-01")
    window.get_by_role("button", name="Filter", exact=True).click()
    ask(page, WHO)
    expect(page).to_have_url(re.compile("#/c/"))
    page.reload()
    expect(page.locator("#last .question")).to_have_text(WHO)
    expect(chips(page)).to_have_text(["School wins chess cup", "As of 1 Dec 2022"])
    ask(page, "And when was that?")
    expect(page.locator("#last .understood", has_text="1 chosen article")).to_be_visible()
    page.get_by_role("button", name="New conversation").or_(page.locator("#new")).first.click()
    expect(chips(page)).to_have_count(0)


def test_days_that_are_the_wrong_way_round_are_said_and_not_taken(page: Page) -> None:
    window = narrow(page)
    window.get_by_label("From").fill("2022-05-02")
    window.get_by_label("To", exact=True).fill("2022-05-01")
    expect(window.get_by_role("alert")).to_have_text(
        "The articles cannot be from 2 May 2022 until 1 May 2022. Turn the days round."
    )
    expect(window.get_by_role("button", name="Filter", exact=True)).to_be_disabled()
    window.get_by_label("To", exact=True).fill("2022-12-31")
    expect(window.get_by_role("alert")).to_have_text("")
    window.get_by_role("button", name="Filter", exact=True).click()
    expect(chips(page)).to_have_text(["2 May 2022 to 31 Dec 2022"])
    expect(page.locator("#narrow-count")).to_have_text("1 of 4 articles")
    page.get_by_role("button", name="Clear all").click()
    expect(chips(page)).to_have_count(0)


def test_quick_choices_count_from_the_as_of_day(page: Page) -> None:
    window = narrow(page)
    window.get_by_label("Day").fill("2021-05-12")
    window.get_by_role("button", name="Last week").click()
    expect(window.get_by_label("From")).to_have_value("2021-05-03")
    expect(window.get_by_label("To", exact=True)).to_have_value("2021-05-09")
    expect(window.get_by_role("status").last).to_have_text("2 of 4 articles")
    window.get_by_role("button", name="Last month").click()
    expect(window.get_by_label("From")).to_have_value("2021-04-01")
    expect(window.get_by_label("To", exact=True)).to_have_value("2021-04-30")
    window.get_by_role("button", name="This year").click()
    expect(window.get_by_label("From")).to_have_value("2021-01-01")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(chips(page)).to_have_count(0)


def test_time_words_become_a_chip_while_typing_that_can_be_removed_for_one_question(page: Page) -> None:
    box = page.get_by_role("textbox", name="Your question")
    box.fill("What do articles from November 2022 say about the harbour bridge?")
    expect(chips(page)).to_have_text(["November 2022: 1 to 30 Nov 2022"])
    box.fill("What about the harbour bridge?")
    expect(chips(page)).to_have_count(0)
    box.fill("What do articles from November 2022 say about the harbour bridge?")
    page.get_by_role("button", name="Remove: the days of this question").click()
    expect(chips(page)).to_have_text(["At any time"])
    box.press("Enter")
    expect(page.locator('.turn[data-state="done"]')).to_be_visible()
    expect(page.locator("#last .understood").first).to_have_text("Filter: whatever time the question names")
    expect(sources(page).first).to_contain_text("Tern Valley Herald")
    expect(chips(page)).to_have_count(0)


def test_the_days_understood_can_be_changed_at_the_answer(page: Page) -> None:
    ask(page, "What do articles from November 2022 say about the harbour bridge?")
    understood = page.locator("#last .understood.time")
    expect(understood).to_contain_text("“November 2022” is 1 to 30 Nov 2022")
    understood.get_by_role("button", name="Change").click()
    expect(dialog(page).get_by_label("From")).to_have_value("2022-11-01")
    dialog(page).get_by_label("From").fill("2021-01-01")
    dialog(page).get_by_role("button", name="Filter", exact=True).click()
    expect(chips(page)).to_have_text(["1 Jan 2021 to 30 Nov 2022", "At any time"])
    page.reload()
    expect(page.locator("#last .understood.time")).to_contain_text("1 to 30 Nov 2022")
    page.locator("#last").get_by_role("button", name="Ask of any time").click()
    expect(page.locator("#last .understood", has_text="whatever time")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)


def test_articles_selected_in_the_library_are_asked_alone(page: Page) -> None:
    page.goto(page.url.split("#")[0] + "#/library")
    page.get_by_role("row", name=re.compile("School wins")).get_by_role("checkbox").check()
    page.get_by_role("button", name="Ask only these").click()
    expect(chips(page)).to_have_text(["School wins chess cup"])
    ask(page, WHO)
    assert set(sources(page).locator("h3, .card-title").all_inner_texts()) <= {"School wins chess cup"}


def test_names_and_titles_run_nothing(page: Page) -> None:
    window = narrow(page)
    window.get_by_role("checkbox", name=HOSTILE).check()
    window.get_by_label("Find an article by its title").fill("harbour")
    window.get_by_role("button", name=f"Choose {HOSTILE} harbour").click()
    window.get_by_role("button", name="Filter", exact=True).click()
    expect(chips(page)).to_have_text([HOSTILE, f"{HOSTILE} harbour"])
    assert page.evaluate("window.canary") is None


def test_all_by_keyboard(page: Page) -> None:
    page.locator("#narrow-open").focus()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_label("Find an outlet")).to_be_visible()  # the outlets come a moment later
    dialog(page).get_by_label("Find an outlet").focus()
    page.keyboard.type("tern")
    page.keyboard.press("Enter")  # not taken for the end of the form
    page.keyboard.press("Tab")
    expect(dialog(page)).to_be_visible()
    dialog(page).get_by_role("checkbox", name="Tern Valley Herald").focus()
    page.keyboard.press("Space")
    dialog(page).get_by_role("button", name="Filter", exact=True).focus()
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_text(["Tern Valley Herald"])
    expect(page.locator("#narrow-open")).to_be_focused()


def test_axe_finds_no_fault(page: Page) -> None:
    window = narrow(page)
    window.get_by_role("checkbox", name="The Morning Lark").check()
    window.get_by_label("Find an article by its title").fill("chess")
    window.get_by_role("button", name="Choose School wins chess cup").click()
    window.get_by_label("From").fill("2022-01-01")
    expect(window.get_by_role("list", name="Chosen")).to_contain_text("School wins chess cup")
    assert axe_faults_wide_and_narrow(page) == []
    window.get_by_role("button", name="Filter", exact=True).click()
    expect(chips(page)).to_have_count(3)
    assert axe_faults_wide_and_narrow(page) == []


def test_the_start_page_tells_what_there_is_and_a_click_asks_only_that(page: Page) -> None:
    overview = page.get_by_role("region", name="What the library holds")
    expect(overview).to_contain_text("4 articles from 4 May 2021 to 20 Nov 2022 · 1 without an exact date")
    assert axe_faults(page) == []
    overview.get_by_role("button", name="Ask only The Morning Lark, 1 article").click()
    expect(chips(page)).to_have_text(["The Morning Lark"])
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    page.locator("#narrow-clear").click()
    overview.locator(".chart g").last.click()
    expect(chips(page)).to_have_text(["1 Nov 2022 to 30 Nov 2022"])
    overview.get_by_text("As a table").click()
    overview.get_by_role("button", name="Ask only articles of May 2021").click()
    expect(chips(page)).to_have_text(["1 May 2021 to 31 May 2021"])
    expect(page.locator("#narrow-count")).to_have_text("2 of 4 articles")
    assert page.evaluate("window.canary") is None
