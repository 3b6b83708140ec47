"""Conversations in the window: kept, listed, found again after a reload, asked anew, edited, judged."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect
from windows import Window, ask, held

BRIDGE = "When will the harbour bridge close to traffic?"
DIRECTOR = "Who is the director, Olaf Rehn of tickets?"


def items(page: Page):
    return page.locator("#history-list li")


def menu(page: Page, number: int, action: str) -> None:
    items(page).nth(number).locator("summary").click()
    items(page).nth(number).get_by_role("button", name=action).click()


def test_after_a_reload_everything_is_there_again(page: Page, window: Window) -> None:
    ask(page, BRIDGE)
    ask(page, f"{BRIDGE} invent")
    before = page.locator(".turn .answer").all_inner_texts()
    page.reload()
    expect(page.locator('#last .turn[data-turn="2"]')).to_be_visible()
    expect(page.locator("#past .turn")).to_have_count(1)
    assert page.locator(".turn .answer").all_inner_texts() == before
    expect(page.locator("#last .flag")).to_have_text("Not in the source")
    expect(page.locator('#cards [data-card="1"] mark')).to_be_visible()
    page.locator("#past .chip").first.click()
    expect(page.locator("#sources-of")).to_have_text(BRIDGE)
    ask(page, BRIDGE)
    assert [turn.question for turn in window.assistant.histories[-1]] == [BRIDGE, f"{BRIDGE} invent"]


def test_a_reload_in_the_middle_of_an_answer_goes_on_with_it(page: Page, window: Window) -> None:
    ask(page, BRIDGE)
    ask(page, "slow harbour bridge", state="running")
    expect(page.locator("#last .answer")).to_contain_text("word9 ")
    page.reload()
    expect(page.locator('#last .turn[data-turn="2"][data-state="running"]')).to_be_visible()
    expect(page.locator("#past .turn")).to_have_count(1)
    expect(page.locator("#last .answer")).to_contain_text("word60 ")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#last .stopped")).to_be_visible()
    assert window.assistant.questions == [BRIDGE, "slow harbour bridge"]


def test_a_conversation_is_listed_opened_renamed_and_deleted(page: Page) -> None:
    ask(page, BRIDGE)
    page.get_by_role("button", name="New conversation").click()
    ask(page, DIRECTOR)
    expect(items(page)).to_have_count(2)
    expect(items(page).first.get_by_role("link")).to_have_text(DIRECTOR)
    expect(items(page).first.get_by_role("link")).to_have_attribute("aria-current", "true")
    items(page).nth(1).get_by_role("link").click()
    expect(page.locator("#last .question")).to_have_text(BRIDGE)
    menu(page, 1, "Rename")
    dialog = page.get_by_role("dialog", name="Rename the conversation")
    dialog.get_by_label("Title").fill("  ")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The title is empty.")
    dialog.get_by_label("Title").fill("The <b>bridge</b>")
    dialog.get_by_role("button", name="Rename").click()
    expect(items(page).first.get_by_role("link")).to_have_text("The <b>bridge</b>")
    menu(page, 0, "Delete")
    page.get_by_role("dialog", name="Delete “The <b>bridge</b>” with its answers? This cannot be undone.").get_by_role(
        "button", name="Delete"
    ).click()
    expect(items(page)).to_have_count(1)
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()


def test_while_another_conversation_is_opened_a_question_waits_and_the_last_one_shows(
    page: Page, window: Window
) -> None:
    for question in (BRIDGE, DIRECTOR, f"{BRIDGE} paraphrase"):
        page.get_by_role("button", name="New conversation").click()
        ask(page, question)
    expect(items(page)).to_have_count(3)
    box = page.get_by_role("textbox", name="Your question")
    with held(page, "open_conversation") as calls:
        items(page).filter(has_text=DIRECTOR).get_by_role("link").click()
        calls.wait_for(1)
        box.fill("What do tickets cost?")
        box.press("Enter")
        expect(box).to_have_value("What do tickets cost?")
        items(page).last.get_by_role("link").click()
        calls.answer(1)
        expect(page.locator("#last .question")).to_have_text(BRIDGE)
        calls.answer(0)
    expect(page.locator("#last .question")).to_have_text(BRIDGE)
    assert len(window.assistant.questions) == 3
    box.press("Enter")
    expect(page.locator('#last .turn[data-turn="2"][data-state="done"]')).to_be_visible()
    assert [turn.question for turn in window.assistant.histories[-1]] == [BRIDGE]


def test_a_conversation_is_never_shared_under_the_link_of_another(page: Page) -> None:
    ask(page, BRIDGE)
    page.get_by_role("button", name="New conversation").click()
    ask(page, DIRECTOR)
    expect(items(page)).to_have_count(2)
    dialog = page.locator("#share-dialog")
    menu(page, 0, "Share")
    dialog.get_by_role("button", name="Make a link").click()
    expect(page.locator("#share-link")).to_have_value(re.compile("/shared/"))
    dialog.get_by_role("button", name="Close").click()
    with held(page, "share_now") as calls:
        menu(page, 1, "Share")
        calls.wait_for(1)
        expect(page.locator("#share-heading")).to_contain_text(BRIDGE)
        expect(page.locator("#share-link")).to_be_hidden()
        expect(dialog.get_by_role("button", name="Copy the link")).to_be_hidden()
        calls.answer()
    expect(dialog.get_by_role("button", name="Make a link")).to_be_visible()
    expect(page.locator("#share-link")).to_have_value("")


def test_conversations_are_searched(page: Page) -> None:
    ask(page, BRIDGE)
    page.get_by_role("button", name="New conversation").click()
    ask(page, DIRECTOR)
    expect(items(page)).to_have_count(2)
    box = page.get_by_role("searchbox", name="Search conversations")
    box.fill("weeks monday")  # words of an answer
    expect(items(page)).to_have_count(1)
    expect(items(page)).to_contain_text(BRIDGE)
    box.fill("wire hires")  # the outlet and the title of a source
    expect(items(page)).to_contain_text([DIRECTOR])
    box.fill("zeppelin")
    expect(page.locator(".history-empty")).to_have_text("No conversation holds “zeppelin”.")


def test_what_another_tab_does_shows_here_within_seconds(page: Page, new_page, window: Window) -> None:
    other = new_page(window.address)
    ask(other, BRIDGE)
    expect(items(page)).to_have_count(1)
    expect(items(page)).to_contain_text(BRIDGE)
    items(page).first.get_by_role("link").focus()
    menu(other, 0, "Rename")
    other.get_by_role("dialog").get_by_role("textbox").fill("Bridges")
    other.keyboard.press("Enter")
    expect(items(page)).to_contain_text("Bridges")
    expect(items(page).first.get_by_role("link")).to_be_focused()


def test_a_conversation_is_saved_as_a_file(page: Page, tmp_path: Path) -> None:
    ask(page, BRIDGE)
    with page.expect_download() as download:
        menu(page, 0, "Export as JSON")
    saved = tmp_path / "saved.json"
    download.value.save_as(saved)
    assert download.value.suggested_filename == "When-will-the-harbour-bridge-close-to-traffic.json"
    assert json.loads(saved.read_text("utf-8"))["turns"][0]["question"] == BRIDGE


def test_the_last_question_is_edited(page: Page, window: Window) -> None:
    ask(page, BRIDGE)
    box = page.get_by_role("textbox", name="Your question")
    box.press("ArrowUp")
    expect(box).to_have_value(BRIDGE)
    expect(page.get_by_text("Editing the last question.")).to_be_visible()
    box.press("Escape")
    expect(box).to_have_value("")
    expect(page.get_by_text("Editing the last question.")).to_be_hidden()
    page.locator("#last").get_by_role("button", name="Edit").click()
    box.fill(DIRECTOR)
    box.press("Enter")
    expect(page.locator("#last .question")).to_have_text(DIRECTOR)
    expect(page.locator('#last .turn[data-state="done"]')).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)
    page.reload()
    expect(page.locator("#last .question")).to_have_text(DIRECTOR)
    expect(page.locator(".turn")).to_have_count(1)
    assert window.assistant.histories[-1] == ()


def test_a_thumb_and_its_reason_are_kept(page: Page, window: Window) -> None:
    ask(page, BRIDGE)
    down = page.locator("#last").get_by_role("button", name="Bad answer")
    down.click()
    expect(down).to_have_attribute("aria-pressed", "true")
    page.locator("#last").get_by_role("button", name="out of date").click()
    expect(page.locator("#last").get_by_role("button", name="out of date")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator("#last").get_by_role("button", name="out of date")).to_have_attribute("aria-pressed", "true")
    up = page.locator("#last").get_by_role("button", name="Good answer")
    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#last .reasons")).to_be_hidden()
    up.click()
    expect(up).to_have_attribute("aria-pressed", "false")
    conversations = window.assistant.library.store.conversations
    assert [turn.thumb for row in conversations.rows() for turn in conversations.turns(row.id)] == [None]


def test_a_thumb_stays_where_it_is_when_more_is_asked(page: Page) -> None:
    ask(page, BRIDGE)
    page.locator("#last").get_by_role("button", name="Bad answer").click()
    page.locator("#last").get_by_role("button", name="out of date").click()
    expect(page.locator("#last").get_by_role("button", name="out of date")).to_have_attribute("aria-pressed", "true")
    ask(page, DIRECTOR)
    for name in ("Bad answer", "out of date"):
        expect(page.locator("#past").get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")


def test_an_answer_leads_on(page: Page) -> None:
    ask(page, "When will the harbour bridge close?")
    follow = page.locator("#last .next .example")
    expect(follow).to_have_count(2)
    follow.first.click()
    expect(page.locator('#last .turn[data-turn="2"][data-state="done"]')).to_be_visible()
    expect(page.locator("#past .next .example")).to_have_count(0)


def test_a_draft_outlives_a_reload(page: Page) -> None:
    box = page.get_by_role("textbox", name="Your question")
    box.fill("half a quest")
    page.reload()
    expect(box).to_have_value("half a quest")


def test_a_conversation_that_is_gone_says_so(new_page, window: Window) -> None:
    page = new_page(f"{window.address}/#/c/000000000000")
    expect(page.get_by_role("alert")).to_have_text("This conversation is not here any more. Begin a new one.")
    ask(page, BRIDGE)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_on_a_narrow_screen_the_list_is_a_drawer(new_page, window: Window) -> None:
    page = new_page(window.address, viewport={"width": 360, "height": 800})
    ask(page, BRIDGE)
    toggle = page.get_by_role("button", name="Conversations and views")
    expect(items(page).first).to_be_hidden()
    toggle.click()
    expect(page.get_by_role("button", name="New conversation")).to_be_focused()
    expect(items(page).first).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(items(page).first).to_be_hidden()
    expect(toggle).to_be_focused()


def test_two_tabs_of_one_conversation_ask_one_after_the_other(page: Page, new_page, window: Window) -> None:
    ask(page, BRIDGE)
    other = new_page(page.url)
    expect(other.locator("#last .question")).to_have_text(BRIDGE)
    ask(page, "slow harbour bridge", state="running")
    ask(other, BRIDGE, state="failed")
    expect(other.get_by_role("alert").last).to_have_text(
        "This conversation is answering another question in another tab. Wait for it."
    )
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#last .stopped")).to_be_visible()
