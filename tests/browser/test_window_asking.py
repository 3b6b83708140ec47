"""Asking in the window: an answer with its citations, stop, again, copy, a new conversation."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from windows import Window, ask, held

BRIDGE = "When will the harbour bridge close to traffic?"


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_an_answer_has_numbered_chips_and_a_source_for_each(page: Page) -> None:
    ask(page, BRIDGE)
    expect(page.locator("#last .answer")).to_contain_text("The harbour bridge will close to traffic on 2 April")
    chips = page.locator("#last .chip")
    cited = page.locator("#cards .cited")
    assert chips.count() == cited.count() == 3
    expect(page.locator("#cards .card")).to_have_count(2)  # two of them are of one article
    expect(chips.first).to_have_text("1")
    expect(chips.first).to_have_accessible_name("Source 1. Verbatim. Coast Courier, 12 Mar 2024")
    card = page.locator("#cards .card").first
    expect(card).to_contain_text("Coast Courier · 12 Mar 2024 (from its dateline)")
    expect(cited.first.locator("mark")).to_have_text(
        "The harbour bridge will close to traffic on 2 April for eleven weeks, the city council decided on Monday."
    )
    expect(page.locator("#question")).to_have_value("")


def test_the_announcer_says_the_answer_and_not_its_growing(page: Page) -> None:
    ask(page, BRIDGE)
    expect(page.locator("#announcer")).to_have_attribute("aria-live", "polite")
    expect(page.locator("#announcer")).to_contain_text("The harbour bridge will close to traffic on 2 April")
    expect(page.locator("#announcer")).to_contain_text("3 sources.")


def test_an_example_is_asked_by_a_click(page: Page, window: Window) -> None:
    example = page.locator(".example").first
    question = example.inner_text()
    example.click()
    expect(page.locator("#last .question")).to_have_text(question)
    expect(page.locator('#last .turn[data-state="done"]')).to_be_visible()
    assert window.assistant.questions == [question]
    expect(page.locator("#welcome")).to_be_hidden()


def test_a_refusal_shows_what_is_closest_and_no_verdict(page: Page) -> None:
    ask(page, "Who repainted the lighthouse near the bridge?")
    expect(page.locator("#last .refusal")).to_contain_text("The articles do not say.")
    expect(page.locator("#sources-heading")).to_have_text("Closest passages")
    expect(page.locator("#cards .card").first).to_be_visible()
    expect(page.locator("#cards .verdict")).to_have_count(0)
    page.locator("#last .closest .chip").first.click()
    expect(page.locator('#cards [data-card="1"]')).to_be_focused()


def test_shift_enter_breaks_the_line_and_enter_sends(page: Page, window: Window) -> None:
    box = page.get_by_role("textbox", name="Your question")
    box.click()
    page.keyboard.type("harbour bridge")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("close traffic")
    expect(box).to_have_value("harbour bridge\nclose traffic")
    page.keyboard.press("Enter")
    expect(page.locator('#last .turn[data-state="done"]')).to_be_visible()
    assert window.assistant.questions == ["harbour bridge\nclose traffic"]


def test_an_empty_question_asks_nothing(page: Page, window: Window) -> None:
    for question in ("", "   ", "\n"):
        page.get_by_role("textbox", name="Your question").fill(question)
        page.get_by_role("button", name="Ask", exact=True).click()
    ask(page, BRIDGE)
    assert window.assistant.questions == [BRIDGE]


def test_a_double_click_asks_once(page: Page, window: Window) -> None:
    page.get_by_role("textbox", name="Your question").fill("slow harbour bridge")
    page.get_by_role("button", name="Ask", exact=True).dblclick()
    expect(page.locator("#last .answer")).to_contain_text("word9 ")
    page.locator(".example").first.evaluate("button => button.click()")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator('.turn[data-state="stopped"]')).to_have_count(1)
    assert window.assistant.questions == ["slow harbour bridge"]


def test_stop_closes_the_stream_and_keeps_what_was_written(page: Page, window: Window) -> None:
    ask(page, "slow harbour bridge", state="running")
    expect(page.locator("#last .answer")).to_contain_text("word9 ")
    expect(page.locator("#sources-heading")).to_have_text("Found so far")
    expect(page.locator("#cards mark").first).to_be_visible()
    assert not window.assistant.closed.is_set()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#last .stopped")).to_have_text("Stopped. What stands here was not checked.")
    assert window.assistant.closed.wait(60)
    expect(page.locator("#last .answer")).to_contain_text("word9 ")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    ask(page, BRIDGE)
    assert window.assistant.histories[-1] == ()


def test_closing_the_tab_closes_the_stream(page: Page, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ui.asking.LINGER", 0.1)
    ask(page, "slow harbour bridge", state="running")
    expect(page.locator("#last .answer")).to_contain_text("word9 ")
    page.close()
    assert window.assistant.closed.wait(60)


def test_ask_again_replaces_the_last_turn(page: Page, window: Window) -> None:
    ask(page, BRIDGE)
    ask(page, "slow harbour bridge", state="running")
    expect(page.locator("#last .answer")).to_contain_text("word9 ")  # what is stopped sooner may not have begun
    page.get_by_role("button", name="Stop").click()
    expect(page.locator('#last .turn[data-turn="2"][data-state="stopped"]')).to_be_visible()
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator('#last .turn[data-turn="2"][data-state="running"] .answer')).to_contain_text("word9 ")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator('#last .turn[data-turn="2"][data-state="stopped"]')).to_be_visible()
    expect(page.locator(".turn")).to_have_count(2)
    assert window.assistant.questions == [BRIDGE, "slow harbour bridge", "slow harbour bridge"]
    assert [turn.question for turn in window.assistant.histories[-1]] == [BRIDGE]


def test_a_follow_up_knows_the_conversation_and_says_how_it_was_understood(page: Page, window: Window) -> None:
    ask(page, BRIDGE)
    expect(page.locator(".understood")).to_have_count(0)
    ask(page, "What will repairs of it cost, million crowns?")
    expect(page.locator("#last .understood")).to_have_text(
        f"Searched for: What will repairs of it cost, million crowns? (after: {BRIDGE})"
    )
    (turn,) = window.assistant.histories[-1]
    assert turn.question == BRIDGE
    assert turn.answer.startswith("The harbour bridge will close to traffic")
    expect(page.locator("#past .question")).to_have_text(BRIDGE)
    expect(page.locator("#past").get_by_role("button", name="Ask again")).to_be_hidden()


def test_the_newest_question_stands_at_the_top(page: Page) -> None:
    for _ in range(3):
        ask(page, BRIDGE)
    expect(page.locator("#last .question")).to_be_in_viewport(ratio=1)
    expect(page.locator("#past .question").first).not_to_be_in_viewport()


def test_copy_gives_the_answer_with_its_citations(page: Page) -> None:
    ask(page, "What will the repairs cost, invent million crowns mayor?")
    page.locator("#last").get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#last").get_by_role("button", name="Copied")).to_be_visible()
    copied = clipboard(page)
    assert copied.startswith("The repairs will cost 18 million crowns, mayor Ida Berg said. [1]")
    assert '[1] "The repairs will cost 18 million crowns, mayor Ida Berg said." - "Harbour bridge to close' in copied
    assert "Coast Courier, 12 Mar 2024, https://news.example/harbour-bridge" in copied
    assert "Not in the source: " in copied
    rich = page.evaluate(
        "navigator.clipboard.read().then(([item]) => item.getType('text/html')).then((part) => part.text())"
    )
    assert 'href="https://news.example/harbour-bridge#:~:text=The%20repairs' in rich
    page.locator("#last").get_by_role("button", name="Copy Markdown").click()
    link = "said. [\\[1\\]](<https://news.example/harbour-bridge#:~:text=The%20repairs"
    page.wait_for_function("link => navigator.clipboard.readText().then((text) => text.includes(link))", arg=link)


def test_copy_citation_gives_quote_title_outlet_and_date(page: Page) -> None:
    ask(page, "Who is the director, Olaf Rehn of tickets?")
    page.locator('#cards [data-card="1"]').get_by_role("button", name="Copy citation").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert clipboard(page) == (
        '"The company\'s director, Olaf Rehn, said that tickets would stay at 30 crowns." - '
        '"Ferry company hires sixty for the bridge closure", North Wire, undated'
    )


def test_a_new_conversation_forgets_the_old_one(page: Page, window: Window) -> None:
    ask(page, BRIDGE)
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#sources")).to_be_hidden()
    expect(page).to_have_title("Citewire")
    ask(page, BRIDGE)
    assert window.assistant.histories[-1] == ()


def test_a_new_conversation_ends_the_question_under_way(page: Page, window: Window) -> None:
    ask(page, "slow harbour bridge", state="running")
    expect(page.locator("#last .answer")).to_contain_text("word9 ")
    page.get_by_role("button", name="New conversation").click()
    assert window.assistant.closed.wait(60)
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    ask(page, BRIDGE)
    expect(page.locator(".turn")).to_have_count(1)


def test_the_last_words_of_a_question_that_was_left_do_not_take_the_next_one_off_the_page(page: Page) -> None:
    ask(page, "slow harbour bridge", state="running")
    expect(page.locator("#last .answer")).to_contain_text("word9 ")
    with held(page, "stop") as calls:
        page.get_by_role("button", name="New conversation").click()
        calls.wait_for(1)
        expect(page.locator(".turn")).to_have_count(0)
        ask(page, BRIDGE)
        calls.answer()
    expect(page.locator("#last .question")).to_have_text(BRIDGE)
    expect(page.locator('#last .turn[data-state="done"]')).to_be_visible()


def test_a_failure_is_one_line_and_can_be_tried_again(page: Page, window: Window) -> None:
    ask(page, "fail harbour bridge", state="failed")
    expect(page.get_by_role("alert")).to_have_text(
        "The model's server at 127.0.0.1:11434 does not answer. Start it, or leave out --llm."
    )
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_role("alert")).to_be_visible()
    ask(page, BRIDGE)
    assert window.assistant.histories[-1] == ()


def test_a_very_long_question_is_answered_with_a_notice(page: Page) -> None:
    ask(page, "harbour bridge close " + "and why " * 5_000)
    expect(page.locator("#last .notice")).to_have_text("The question was cut after 400 words.")
    question = page.locator("#last .question").bounding_box()
    assert question is not None
    assert question["height"] < 300


def test_tabs_do_not_see_each_other_and_do_not_wait_for_each_other(page: Page, new_page, window: Window) -> None:
    ask(page, "slow harbour bridge", state="running")
    expect(page.locator("#last .answer")).to_contain_text("word9 ")
    other = new_page(window.address)
    ask(other, BRIDGE)
    expect(other.locator(".turn")).to_have_count(1)
    expect(page.locator('#last .turn[data-state="running"]')).to_be_visible()
    assert window.assistant.histories == [(), ()]
    page.get_by_role("button", name="Stop").click()
    expect(page.locator('#last .turn[data-state="stopped"]')).to_be_visible()


def test_streaming_leaves_finished_turns_alone(page: Page) -> None:
    ask(page, BRIDGE)
    ask(page, "slow harbour bridge", state="running")
    expect(page.locator("#last .answer")).to_contain_text("word9 ")
    page.evaluate(
        "window.touched = 0; new MutationObserver((seen) => window.touched += seen.length)"
        ".observe(document.getElementById('past'),"
        " {subtree: true, childList: true, characterData: true, attributes: true})"
    )
    expect(page.locator("#last .answer")).to_contain_text("word60 ")
    assert page.evaluate("window.touched") == 0
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#last .stopped")).to_be_visible()


def test_the_mode_line_says_that_nothing_leaves_and_how_to_plug_in_a_model(page: Page) -> None:
    expect(page.locator(".mode > p")).to_have_text(
        "Quoted from the articles · no language model · nothing leaves this machine"
    )
    page.get_by_text("Use a language model").click()
    expect(page.get_by_text("qa serve --llm openai:llama3.2")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("qa serve --llm openai:llama3.2")).to_be_hidden()


def test_an_empty_library_says_how_to_fill_it_and_what_leaves_the_machine(new_page, empty_window: Window) -> None:
    page = new_page(empty_window.address)
    expect(page.get_by_role("heading", name="There are no articles yet")).to_be_visible()
    expect(page.locator("#welcome")).to_contain_text("Drop files or folders here")
    expect(page.locator("#welcome")).to_contain_text("qa ingest FOLDER")
    expect(page.locator("#library")).to_contain_text("0 articles")
    expect(page.locator(".mode > p")).to_have_text(
        "openai:llama3.2 on models.example · questions and passages are sent there"
    )
    ask(page, BRIDGE)
    expect(page.locator("#last .refusal")).to_contain_text("The articles do not say.")
