"""Why an answer is as it is: the tab beside the sources, over a real library."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from windows import Window, ask, axe_faults_wide_and_narrow, citing_first, serving

from qa.ask.assistant import Assistant
from qa.settings import Settings

BRIDGE = "When will the harbour bridge close to traffic?"
ARTICLES = {
    "bridge": (
        "Coast Courier",
        "2024-03-12",
        "Harbour bridge to close",
        "The harbour bridge will close to traffic on 2 April, the council said.",
    ),
    "cost": (
        "North Wire",
        "2024-03-14",
        "What the bridge costs",
        "Repairs of the harbour bridge cost 18 million crowns.",
    ),
    "storm": (
        "North Wire",
        "2021-01-02",
        "<img src=x onerror=window.canary=1>",
        "A storm closed the mountain road to traffic <b>for two days</b>.",
    ),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("news")
    for name, (outlet, date, title, text) in ARTICLES.items():
        (folder / f"{name}.md").write_text(
            f'---\ntitle: "{title}"\noutlet: {outlet}\ndate: {date}\n---\n\n{text}\n', "utf-8"
        )
    index = tmp_path_factory.mktemp("why") / "library"
    with Assistant.open(Settings(index=index)) as assistant:
        assistant.library.ingest([folder])
    return index


@pytest.fixture(scope="module")
def real(index: Path) -> Iterator[Window]:
    with Assistant.open(Settings(index=index, top=2, refuse_below=0.0)) as assistant:
        yield from serving(assistant)


@pytest.fixture
def asked(real: Window, new_page: Callable[..., Page]) -> Page:
    page = new_page(real.address)
    expect(page.locator("#library")).to_contain_text("in the library")
    ask(page, BRIDGE)
    return page


def why(page: Page):
    return page.get_by_role("tabpanel", name="Why")


def open_why(page: Page) -> None:
    page.get_by_role("tab", name="Why").click()
    expect(why(page).get_by_role("table")).to_be_visible()


def test_the_tab_tells_the_question_the_search_the_passages_and_the_time(asked: Page) -> None:
    open_why(asked)
    expect(why(asked)).to_contain_text(BRIDGE)
    expect(why(asked)).to_contain_text("nothing: every article was searched")
    expect(why(asked)).to_contain_text("3 passages found; the best has a score of")
    expect(why(asked)).to_contain_text("No language model was asked")
    rows = why(asked).locator("tbody")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("Harbour bridge to close")
    expect(rows.nth(0)).to_contain_text("Coast Courier · 12 Mar 2024")
    expect(rows.nth(0)).to_contain_text("Cited [1]")
    expect(rows.nth(2)).to_contain_text("Cut: below the first 2")
    assert rows.nth(0).locator("td").all_inner_texts()[:3] == ["1", "1", "1"]
    expect(why(asked).locator(".stage-list")).to_contain_text("Check every sentence")
    expect(why(asked).locator(".stages rect")).to_have_count(6)
    assert asked.evaluate("() => window.canary === undefined && !document.querySelector('#side-why :is(img, b)')")


def test_a_passage_of_the_table_opens_in_its_article_with_what_is_cited_marked(asked: Page) -> None:
    open_why(asked)
    why(asked).get_by_role("button", name="Harbour bridge to close").click()
    expect(asked.get_by_role("dialog", name="Article").locator('mark[data-n="1"]')).to_be_visible()
    asked.keyboard.press("Escape")
    expect(why(asked).get_by_role("button", name="Harbour bridge to close")).to_be_focused()


def test_the_tabs_are_walked_by_arrow_keys_and_remembered(asked: Page, real: Window) -> None:
    tabs = asked.get_by_role("tab")
    expect(tabs.nth(0)).to_have_attribute("aria-selected", "true")
    tabs.nth(0).focus()
    asked.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(why(asked).get_by_role("table")).to_be_visible()
    expect(asked.locator("#cards")).to_be_hidden()
    asked.keyboard.press("ArrowRight")
    expect(tabs.nth(0)).to_be_focused()
    expect(asked.locator("#cards")).to_be_visible()
    asked.keyboard.press("End")
    asked.reload()
    expect(why(asked).get_by_role("table")).to_be_visible()
    expect(why(asked)).to_contain_text(BRIDGE)


def test_axe_finds_no_fault(real: Window, new_page: Callable[..., Page]) -> None:
    page = new_page(real.address)
    expect(page.locator("#library")).to_contain_text("in the library")
    ask(page, f"{BRIDGE} What did the repairs of the bridge cost?")
    open_why(page)
    assert axe_faults_wide_and_narrow(page) == []


def test_a_chip_leads_from_why_to_its_source(asked: Page) -> None:
    open_why(asked)
    asked.locator("#last .chip").first.click()
    expect(asked.locator('#cards [data-card="1"]')).to_be_focused()
    expect(asked.get_by_role("tab", name="Sources")).to_have_attribute("aria-selected", "true")


def test_it_follows_the_turn_that_is_read(asked: Page) -> None:
    open_why(asked)
    ask(asked, "What did the repairs of the bridge cost?")
    expect(why(asked)).to_contain_text("What did the repairs of the bridge cost?")
    expect(why(asked).locator("tbody").first).to_contain_text("What the bridge costs")


def test_time_words_are_told_as_they_were_understood(asked: Page) -> None:
    ask(asked, "What was said about the harbour bridge in March 2024?")
    open_why(asked)
    expect(why(asked)).to_contain_text("“March 2024”: from 27 Feb 2024 until 21 Apr 2024")
    expect(why(asked).get_by_role("columnheader", name="Time")).to_be_visible()


def test_a_turn_from_before_says_that_nothing_was_kept(page: Page) -> None:
    ask(page, BRIDGE)  # the fake assistant tells nothing of how it came to its answers
    page.get_by_role("tab", name="Why").click()
    expect(why(page)).to_contain_text("was not kept")


def test_what_was_stopped_has_none(page: Page) -> None:
    ask(page, "slow harbour bridge", state="running")
    page.get_by_role("tab", name="Why").click()
    expect(why(page)).to_contain_text("once it is there")
    page.get_by_role("button", name="Stop").click()
    expect(why(page)).to_contain_text("no answer that was kept")


def test_the_prompt_is_folded_and_can_be_copied(
    index: Path, new_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    from servers import ModelServer

    with ModelServer(default=citing_first("The harbour bridge will close on 9 April. [1]")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        with Assistant.open(Settings(index=index, llm="openai:tiny", draft=False)) as assistant:
            for window in serving(assistant):
                page = new_page(window.address)
                expect(page.locator("#library")).to_contain_text("in the library")
                ask(page, BRIDGE)
                expect(page.locator("#last .sentence .missed")).to_have_text("9 April")
                open_why(page)
                summary = why(page).get_by_text(re.compile("What the model was sent: 2 messages"))
                expect(why(page).locator("pre").first).to_be_hidden()
                summary.click()
                expect(why(page).locator("pre").nth(1)).to_contain_text("the council said")
                why(page).get_by_role("button", name="Copy").first.click()
                copied = page.evaluate("() => navigator.clipboard.readText()")
                assert "system:" in copied and server.requests[-1].messages[1]["content"].strip() in copied
                why(page).get_by_text("What the model wrote, unchecked").click()
                expect(why(page).locator("pre").nth(2)).to_contain_text("The harbour bridge will close on 9 April. [")
