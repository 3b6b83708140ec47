"""Checking a source: chips, keys, hover, the card, the whole article."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from windows import ask

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


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_digit_brings_its_source_forward(page: Page, number: int) -> None:
    ask(page, BRIDGE)
    page.keyboard.press("Escape")  # out of the question box
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


@pytest.mark.parametrize(
    ("word", "verdict", "words", "why"),
    [
        ("invent", "unsupported", "Not in the source", '"25 million" is not in the source.'),
        ("paraphrase", "unverified", "Not verified", "Too few of its words stand in the source."),
    ],
)
def test_a_sentence_in_doubt_says_so_at_once_and_why_on_focus(
    page: Page, word: str, verdict: str, words: str, why: str
) -> None:
    ask(page, f"{BRIDGE} {word}")
    flag = page.locator("#last .flag")
    expect(flag).to_have_count(1)
    expect(flag).to_have_text(words)
    expect(flag.locator("svg")).to_be_visible()
    sentence = page.locator(f'#last .sentence[data-verdict="{verdict}"]')
    expect(sentence).to_have_css("text-decoration-style", "wavy")
    expect(page.locator('#last .sentence[data-verdict="verbatim"]').first).to_have_css("text-decoration-line", "none")
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
    expect(dialog.locator("mark")).to_have_text("The repairs will cost 18 million crowns, mayor Ida Berg said.")
    expect(dialog.locator("mark")).to_be_in_viewport(ratio=1)
    expect(dialog.get_by_text("Paragraph 12 tells")).to_be_visible()
    expect(dialog.get_by_role("link", name="Original page")).to_have_attribute(
        "href", "https://news.example/harbour-bridge"
    )
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


def test_digits_rest_while_an_article_is_open(page: Page) -> None:
    ask(page, COST)
    card(page, 1).get_by_role("button", name="Open article").click()
    expect(page.get_by_role("dialog", name="Article")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("#cards [aria-current]")).to_have_count(0)


def test_a_chip_of_an_older_turn_shows_the_sources_of_that_turn(page: Page) -> None:
    ask(page, BRIDGE)
    ask(page, "Who is the director, Olaf Rehn of tickets?")
    expect(card(page, 1)).to_contain_text("North Wire · undated")
    page.locator("#past .chip").first.click()
    expect(card(page, 1)).to_contain_text("Coast Courier")
    expect(card(page, 1)).to_be_focused()
    expect(page.locator("#sources-of")).to_have_text(BRIDGE)
    page.keyboard.press("2")
    expect(card(page, 2)).to_be_focused()
    expect(card(page, 2)).to_contain_text("Coast Courier")


def test_everything_is_reached_by_keyboard_alone(page: Page) -> None:
    box = page.get_by_role("textbox", name="Your question")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type(COST)
    page.keyboard.press("Enter")
    expect(page.locator('#last .turn[data-state="done"]')).to_be_visible()
    page.keyboard.press("Escape")
    chip = page.locator("#last .chip").first
    for _ in range(30):
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
