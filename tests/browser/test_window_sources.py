"""Checking a source: chips, keys, hover, the card, the whole article."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fake import HARBOUR, FakeAssistant, FakeLibrary
from playwright.sync_api import Page, expect
from windows import Window, ask, held, serving

from qa.types import Article

BRIDGE = "When will the harbour bridge close to traffic?"
COST = "What will the repairs cost, million crowns mayor?"


def card(page: Page, number: int):
    return page.locator(f'#cards [data-card="{number}"]')


def test_a_click_on_a_chip_brings_its_source_forward(page: Page) -> None:
    ask(page, BRIDGE)
    expect(card(page, 3)).not_to_be_in_viewport(ratio=1)
    page.locator("#last .chip", has_text="3").click()
    expect(card(page, 3)).to_be_focused()
    expect(card(page, 3)).to_have_attribute("aria-current", "true")
    expect(card(page, 3).locator("mark")).to_be_in_viewport()
    expect(page.locator("#cards [aria-current]")).to_have_count(1)


def test_the_number_of_a_card_leads_back_to_its_sentence(page: Page) -> None:
    ask(page, BRIDGE)
    page.locator("#last .chip", has_text="2").click()
    card(page, 2).get_by_role("button", name="Source 2, back to the sentence").click()
    expect(page.locator("#last .chip", has_text="2")).to_be_focused()


def test_a_digit_brings_its_source_forward(page: Page) -> None:
    ask(page, BRIDGE)
    page.keyboard.press("Escape")  # out of the question box
    for number in (1, 2, 3):
        page.keyboard.press(str(number))
        expect(card(page, number)).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#last .chip", has_text=str(number))).to_be_focused()


def test_a_digit_without_a_source_and_digits_in_the_question_do_nothing_else(page: Page) -> None:
    ask(page, BRIDGE)
    page.keyboard.type("1 2 3")
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("1 2 3")
    page.keyboard.press("Escape")
    page.keyboard.press("9")
    expect(page.locator("#cards [aria-current]")).to_have_count(0)


def test_a_slash_leads_to_the_question_box(page: Page) -> None:
    ask(page, BRIDGE)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("")


def test_hover_and_focus_show_the_quote(page: Page) -> None:
    ask(page, BRIDGE)
    tip = page.get_by_role("tooltip")
    expect(tip).to_be_hidden()
    page.locator("#last .chip").first.hover()
    expect(tip).to_contain_text("Verbatim. Coast Courier, 12 Mar 2024")
    expect(tip).to_contain_text("The harbour bridge will close to traffic on 2 April")
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    page.locator("#last .chip").nth(1).focus()
    expect(tip).to_contain_text("Ferries will run")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_a_sentence_in_doubt_says_so_at_once_and_why_on_focus(page: Page) -> None:
    for word, verdict, words, why in (
        ("invent", "unsupported", "Not in the source", '"25 million" is not in the source.'),
        ("paraphrase", "unverified", "Not verified", "Too few of its words stand in the source."),
    ):
        ask(page, f"{BRIDGE} {word}")
        flag = page.locator("#last .flag")
        expect(flag).to_have_count(1)
        expect(flag).to_have_text(words)
        expect(flag.locator("svg")).to_be_visible()
        sentence = page.locator(f'#last .sentence[data-verdict="{verdict}"]')
        expect(sentence).to_have_css("text-decoration-style", "wavy")
        verbatim = page.locator('#last .sentence[data-verdict="verbatim"]').first
        expect(verbatim).to_have_css("text-decoration-line", "none")
        flag.focus()
        expect(page.get_by_role("tooltip")).to_contain_text(why)
        expect(flag).to_have_accessible_description(re.compile(re.escape(why)))
        expect(card(page, 2).locator(".verdict")).to_have_text(f"{words} {why}")


def test_the_article_opens_at_the_highlight_and_escape_leads_back(page: Page) -> None:
    ask(page, COST)
    opener = card(page, 1).get_by_role("button", name="Open article")
    opener.click()
    dialog = page.get_by_role("dialog", name="Article")
    expect(dialog.get_by_role("heading", name="Harbour bridge to close for repairs")).to_be_attached()
    mark = dialog.locator("mark[aria-current]")
    expect(mark).to_have_text("The repairs will cost 18 million crowns, mayor Ida Berg said.")
    expect(mark).to_be_in_viewport(ratio=1)
    expect(dialog.get_by_text("Paragraph 12 tells")).to_be_visible()
    words = "The%20repairs%20will%20cost%2018%20million%20crowns%2C%20mayor%20Ida%20Berg%20said"
    original = f"https://news.example/harbour-bridge#:~:text={words}"
    expect(dialog.get_by_role("link", name="Original page at these words")).to_have_attribute("href", original)
    expect(card(page, 1).get_by_role("link", name="Original", include_hidden=True)).to_have_attribute("href", original)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_article_closes_by_its_button_and_by_a_click_beside_it(page: Page) -> None:
    ask(page, COST)
    dialog = page.get_by_role("dialog", name="Article")
    card(page, 1).get_by_role("button", name="Open article").click()
    dialog.get_by_role("button", name="Back to the answer").click()
    expect(dialog).to_be_hidden()
    card(page, 1).get_by_role("button", name="Open article").click()
    expect(dialog).to_be_visible()
    page.mouse.click(20, 300)
    expect(dialog).to_be_hidden()


def test_each_place_of_an_article_has_an_address_that_stays(page: Page, new_page, window: Window) -> None:
    ask(page, COST)
    expect(page).to_have_title(f"{COST} · Citewire")
    asked = page.url
    dialog, mark = page.get_by_role("dialog", name="Article"), page.locator("#reading mark[aria-current]")
    card(page, 1).get_by_role("button", name="Open article").click()
    expect(mark).to_have_text("The repairs will cost 18 million crowns, mayor Ida Berg said.")
    assert re.search(r"#/a/harbour\?at=\d+-\d+$", page.url)
    expect(page).to_have_title("Harbour bridge to close for repairs · Citewire")
    dialog.get_by_role("button", name="Copy link").click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == page.url
    page.reload()
    expect(mark).to_have_text("The repairs will cost 18 million crowns, mayor Ida Berg said.")
    page.go_back()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(asked)
    expect(page.locator("#last .question")).to_have_text(COST)
    page.go_forward()
    expect(mark).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page).to_have_url(asked)
    other = new_page(address)
    expect(other.locator("#reading mark[aria-current]")).to_have_text(mark.text_content() or "?")
    other.get_by_role("dialog").get_by_role("button", name="Back").click()
    expect(other.get_by_role("heading", name="Ask the articles")).to_be_visible()
    expect(other).to_have_url(f"{window.address}/#/")
    other.goto(f"{window.address}/#/a/no%such?at=5-99999999999")
    expect(other.locator("#reading")).to_contain_text("This article is no longer in the library.")


def test_an_article_that_comes_late_is_shown_under_no_other_address(page: Page) -> None:
    ask(page, BRIDGE)
    dialog = page.locator("#reading")
    with held(page, "read_article") as calls:
        card(page, 1).get_by_role("button", name="Open article").click()
        calls.wait_for(1)
        page.go_back()
        calls.answer(0)
        expect(dialog).to_be_hidden()
        other = page.locator('#cards [data-action="open"][data-article="ferry"]')
        card(page, 1).get_by_role("button", name="Open article").click()
        calls.wait_for(2)
        other.first.click()
        calls.answer(2)
        expect(page.locator("#reading-name")).to_have_text(re.compile("^Ferry company"))
        calls.answer(1)
    expect(page.locator("#reading-name")).to_have_text(re.compile("^Ferry company"))
    expect(page.locator("#reading-correct")).to_have_attribute("data-article", "ferry")


def test_digits_rest_while_an_article_is_open(page: Page) -> None:
    ask(page, COST)
    card(page, 1).get_by_role("button", name="Open article").click()
    expect(page.get_by_role("dialog", name="Article")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("#cards [aria-current]")).to_have_count(0)


def test_a_chip_of_an_older_turn_shows_the_sources_of_that_turn(page: Page) -> None:
    ask(page, BRIDGE)
    ask(page, "Who is the director, Olaf Rehn of tickets?")
    expect(page.locator("#cards .card").first).to_contain_text("North Wire · undated")
    page.locator("#past .chip").first.click()
    expect(page.locator("#cards .card", has=page.locator('[data-card="1"]'))).to_contain_text("Coast Courier")
    expect(card(page, 1)).to_be_focused()
    expect(page.locator("#sources-of")).to_have_text(BRIDGE)
    page.keyboard.press("2")
    expect(card(page, 2)).to_be_focused()
    expect(page.locator("#cards .card", has=page.locator('[data-card="2"]'))).to_contain_text("Coast Courier")


def test_everything_is_reached_by_keyboard_alone(page: Page) -> None:
    box = page.get_by_role("textbox", name="Your question")
    expect(box).to_be_focused()  # from the start, before all the conversations
    page.keyboard.press("/")
    expect(box).to_have_value("")
    page.keyboard.type(COST)
    page.keyboard.press("Enter")
    expect(page.locator('#last .turn[data-state="done"]')).to_be_visible()
    page.keyboard.press("Escape")
    chip = page.locator("#last .chip").first
    for _ in range(45):
        if chip.evaluate("chip => chip === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    expect(chip).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(page, 1)).to_be_focused()
    page.keyboard.press("Tab")  # the number
    page.keyboard.press("Tab")
    expect(card(page, 1).get_by_role("button", name="Open article")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Article")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card(page, 1).get_by_role("button", name="Open article")).to_be_focused()


def test_the_focus_goes_from_ask_to_stop_and_back(page: Page) -> None:
    page.get_by_role("textbox", name="Your question").fill("slow harbour bridge")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#last .stopped")).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_focused()


# --- all places of an article ----------------------------------------------------------------------------------------


def test_every_cited_place_of_an_article_is_numbered_and_n_and_p_walk_through_them(page: Page) -> None:
    ask(page, COST)
    card(page, 1).get_by_role("button", name="Open article").click()
    marks = page.locator("#reading mark")
    expect(marks).to_have_count(3)
    place, current = page.locator("#reading-place"), page.locator("#reading mark[aria-current]")
    expect(place).to_have_text("Citation 1 \u00b7 3 of 3")
    assert [mark.get_attribute("data-n") for mark in marks.all()] == ["2", "3", "1"]
    page.keyboard.press("n")  # there is none behind it
    expect(place).to_have_text("Citation 1 \u00b7 3 of 3")
    page.keyboard.press("p")
    expect(place).to_have_text("Citation 3 \u00b7 2 of 3")
    expect(current).to_have_attribute("data-n", "3")
    expect(current).to_be_in_viewport()
    page.get_by_role("button", name="Citation before").click()
    expect(current).to_have_attribute("data-n", "2")
    expect(current).to_be_in_viewport()
    page.keyboard.press("n")
    expect(current).to_have_attribute("data-n", "3")


def test_what_cleaning_took_out_is_there_on_demand(page: Page) -> None:
    ask(page, COST)
    card(page, 1).get_by_role("button", name="Open article").click()
    summary = page.locator("#reading").get_by_text("1 line taken out by cleaning")
    expect(page.get_by_text("Share this article")).to_be_hidden()
    summary.click()
    expect(page.get_by_text("Share this article")).to_be_visible()


class Vast(FakeLibrary):
    """A library that opens an article of ten megabytes besides."""

    huge = replace(
        HARBOUR, id="huge", text="\n\n".join(f"Line {n} of a very long report. " * 30 for n in range(12_000))
    )

    def article(self, article_id: str) -> Article | None:
        return self.huge if article_id == "huge" else super().article(article_id)


@pytest.fixture
def vast() -> Iterator[Window]:
    yield from serving(FakeAssistant(Vast()))


def test_ten_megabytes_open_at_the_place_and_as_a_whole_on_demand(vast: Window, new_page: Callable[..., Page]) -> None:
    text = Vast.huge.text
    start = text.index("Line 6000 of")
    assert len(text) > 10_000_000
    page = new_page(vast.address)
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    page.evaluate(
        """([start, end]) => {
          const button = document.createElement("button");
          Object.assign(button.dataset, { action: "open", article: "huge", start, end });
          Object.assign(button, { id: "opener", textContent: "Open" });
          document.body.append(button);
        }""",
        [start, start + 28],
    )
    page.evaluate("() => document.querySelector('#opener').click()")
    mark = page.locator("#reading mark[aria-current]")
    expect(mark).to_have_text(text[start : start + 28], timeout=5_000)
    expect(mark).to_be_in_viewport()
    expect(page.locator("#reading p")).not_to_have_count(12_000)
    page.get_by_role("button", name="Show the whole article").first.click()
    expect(page.locator("#reading .reading-text p")).to_have_count(12_000)
    expect(mark).to_be_in_viewport()


# --- one after the other ---------------------------------------------------------------------------------------------


def test_j_and_k_walk_through_the_citations_of_all_turns(page: Page) -> None:
    ask(page, BRIDGE)
    ask(page, "Who is the director, Olaf Rehn of tickets?")
    page.keyboard.press("Escape")
    first = page.locator("#past .chip").count()
    chips = page.locator(".turn .chip[data-cite]")
    page.keyboard.press("j")
    expect(chips.nth(first)).to_have_class(re.compile("is-current"))
    expect(card(page, 1)).to_be_focused()
    expect(page.locator("#cards .card", has=page.locator('[data-card="1"]'))).to_contain_text("North Wire")
    page.keyboard.press("k")
    expect(chips.nth(first - 1)).to_have_class(re.compile("is-current"))
    expect(page.locator("#sources-of")).to_have_text(BRIDGE)
    expect(card(page, first)).to_be_focused()
    for at in range(first - 2, -1, -1):
        page.keyboard.press("k")
        expect(chips.nth(at)).to_have_class(re.compile("is-current"))
    page.keyboard.press("k")
    expect(page.locator("#announcer")).to_have_text("This is the first citation.")
    page.keyboard.press("j")
    expect(chips.nth(1)).to_have_class(re.compile("is-current"))
    page.keyboard.press("3")  # from within a card
    expect(card(page, 3)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#past .chip", has_text="3")).to_be_focused()


def test_enter_on_a_chip_brings_its_source_forward(page: Page) -> None:
    ask(page, BRIDGE)
    page.locator("#last .chip").nth(1).focus()
    page.keyboard.press("Enter")
    expect(card(page, 2)).to_be_focused()


def test_the_words_that_the_check_missed_are_marked_in_the_answer_and_on_the_card(page: Page) -> None:
    ask(page, f"{BRIDGE} invent")
    expect(page.locator("#last .sentence .missed")).to_have_text("Reportedly")
    expect(card(page, 2).locator(".claimed .missed")).to_have_text("Reportedly")
    expect(card(page, 1).locator(".missed")).to_have_count(0)


def test_on_a_narrow_screen_a_card_has_a_way_back(window: Window, new_page: Callable[..., Page]) -> None:
    page = new_page(window.address, viewport={"width": 360, "height": 740})
    ask(page, BRIDGE)
    chip = page.locator("#last .chip", has_text="3")
    chip.click()
    expect(card(page, 3)).to_be_in_viewport()
    expect(card(page, 3).locator("mark")).to_be_in_viewport()
    card(page, 3).get_by_role("button", name="Back to the sentence", exact=False).last.click()
    expect(chip).to_be_focused()
    expect(chip).to_be_in_viewport()


def test_a_question_mark_lists_the_keys(page: Page) -> None:
    page.keyboard.press("Escape")  # leaves the box, which has the focus from the start
    page.keyboard.type("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("The next citation, the one before")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    ask(page, BRIDGE)
    page.keyboard.type("?")
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("?")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="All keys").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
