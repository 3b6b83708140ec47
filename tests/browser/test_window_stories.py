"""The page of a story and what can be asked from it, in a real browser before a real library; by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from ferry import ARTICLES
from parts import open_library
from playwright.sync_api import Page, expect
from windows import Window, ask, axe_faults, serving, walking_faults

from qa.ask.assistant import Assistant
from qa.settings import load_settings

HOSTILE = "<img src=x onerror=window.canary=1>"
MORE = {
    "hostile": f"---\nid: hostile/1?x\ntitle: {HOSTILE} Aurora at Vik\noutlet: {HOSTILE}\ndate: 2025-03-06\n---\n\n"
    f"The ferry Aurora lies off Vik, said {HOSTILE} Ines Falk of the coast guard at Vik on Wednesday.\n"
}


@pytest.fixture(scope="module")
def story_window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in (ARTICLES | MORE).items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    with open_library(load_settings(index=tmp_path_factory.mktemp("library"))) as library:
        library.ingest([folder])
        yield from serving(Assistant(library))


def test_a_story_has_an_address_and_limits_the_conversation(
    new_page: Callable[..., Page], story_window: Window
) -> None:
    page = new_page(f"{story_window.address}/#/s/copied")
    heading = page.get_by_role("heading", name="Ferry Aurora sinks off Vik")
    expect(heading).to_be_focused()
    story = page.locator("#story")
    expect(story).to_contain_text("5 articles in 4 outlets, 3 to 6 Mar 2025")
    expect(page).to_have_title("Ferry Aurora sinks off Vik · Citewire")
    expect(story.locator(".differences")).to_contain_text("The newest article says 14 people (Post, 6 Mar 2025)")
    expect(story.locator(".corrections")).to_contain_text("gave the depth in feet")
    assert axe_faults(page) == [] and page.evaluate("window.canary") is None
    page.reload()
    expect(heading).to_be_visible()
    page.get_by_role("button", name="Open the article at these words: Post, 5 Mar 2025").press("Enter")
    expect(page.locator("#reading mark")).to_contain_text("Divers found the hull")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("#/s/copied$"))
    page.get_by_role("button", name="Ask about this story").press("Enter")
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    expect(page.locator("#narrow-chips li")).to_have_count(4)
    expect(page.locator("#narrow-count")).to_have_text("5 of 8 articles")
    page.go_back()
    expect(heading).to_be_visible()
    page.get_by_role("button", name="Briefing", exact=True).press("Enter")
    turn = page.locator('.turn[data-state="done"]')
    expect(turn.locator(".question")).to_have_text("Briefing on this story: Ferry Aurora sinks off Vik")
    expect(turn.locator(".answer h3")).to_contain_text("Ferry Aurora sinks off Vik (5 articles in 4 outlets)")
    assert axe_faults(page) == []


def test_the_start_page_leads_to_stories_and_to_what_is_new(
    new_page: Callable[..., Page], story_window: Window
) -> None:
    page = new_page(story_window.address)
    page.locator(".start-stories").get_by_role("link", name="Ferry Aurora sinks off Vik").click()
    expect(page.locator("#story-heading")).to_be_focused()
    page.go_back()
    page.get_by_role("button", name="What's new?", exact=True).click()
    expect(page.locator('.turn[data-state="done"] .answer h3').first).to_contain_text("Ferry Aurora")
    page.evaluate("location.hash = '#/s/bridge'")
    expect(page.locator("#story")).to_have_text("No article of this story is in the library any more.")


class Slow(Assistant):
    """Looks for questions until it is told to stop."""

    enough = Event()

    def suggestions(self, count: int = 4) -> list[str]:
        self.enough.wait(60)
        return []


def test_the_stories_of_the_start_page_do_not_wait_for_its_questions(
    new_page: Callable[..., Page], story_window: Window
) -> None:
    with contextmanager(serving)(Slow(story_window.app.library)) as window:
        page = new_page(window.address)
        expect(page.locator(".start-stories a").first).to_be_visible()
        expect(page.locator("#start-questions")).to_contain_text("Looking for questions")
        Slow.enough.set()
        expect(page.locator("#start-questions")).to_be_empty()
        expect(page.locator(".start-stories a").first).to_be_visible()


def test_every_view_is_walked_through_by_keyboard_alone(new_page: Callable[..., Page], story_window: Window) -> None:
    page = new_page(f"{story_window.address}/#/s/copied")
    expect(page.locator("#story-heading")).to_be_visible()
    assert walking_faults(page) == []
    for view, last in (("library", ".articles"), ("evals", "#evals-plan p"), ("settings", "#settings-refuse-said")):
        page.evaluate("view => location.hash = `#/${view}`", view)
        expect(page.locator(last).first).to_be_visible()
        assert walking_faults(page) == []


def test_an_article_and_words_in_it_can_be_asked_about(new_page: Callable[..., Page], story_window: Window) -> None:
    page = new_page(f"{story_window.address}/#/a/hostile%2F1%3Fx")
    expect(page.locator("#reading-article")).to_contain_text("The ferry Aurora lies off Vik")
    assert axe_faults(page) == []
    page.get_by_role("button", name="Ask about this article").press("Enter")
    box = page.get_by_role("textbox", name="Your question")
    expect(box).to_be_focused()
    expect(page.locator("#narrow-chips li")).to_contain_text(HOSTILE)
    ask(page, "Where does the ferry lie?")
    page.evaluate("location.hash = '#/a/toll'")
    expect(page.locator("#reading-article")).to_contain_text("At least 14 people died")
    expect(page.locator("#reading-selected")).to_be_hidden()
    page.evaluate(
        """() => {
          const text = document.querySelector("#reading-article .reading-text p:last-of-type").firstChild;
          getSelection().setBaseAndExtent(text, 0, text, 24);
        }"""
    )
    page.get_by_role("button", name="Quote them in the question").click()
    expect(box).to_have_value("“At least 14 people died,” ")
    expect(page.locator("#narrow-chips li")).to_have_count(1)  # of the article asked about before
    assert page.evaluate("window.canary") is None
