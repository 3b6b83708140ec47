"""The HTML report of evals in a real browser: readable everywhere, without a script, a network or a mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from report_runs import good, poor
from windows import CONTRASTS

from qa.evaluation.comparison import compare_runs
from qa.evaluation.reports.html import html_report

OPEN_ALL = "document.querySelectorAll('details').forEach((part) => (part.open = true))"
# Things that stick out of the page, but for what lies in a part that scrolls by itself.
STICKING_OUT = """() => [...document.querySelectorAll("body *")]
    .filter((e) => !e.closest("svg, .wide, .columns, .skip") && e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => e.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("report") / "report.html"
    runs = [good(), poor()]
    file.write_text(html_report(runs, compare_runs(runs)), encoding="utf-8")
    return file.as_uri()


def test_all_of_it_can_be_read(new_page: Callable[..., Page], address: str) -> None:
    page = new_page(address)
    page.evaluate(OPEN_ALL)
    papers = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        papers.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})

            assert page.evaluate(CONTRASTS) == []
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert page.evaluate(STICKING_OUT) == []
    assert len(papers) == 2


def test_a_question_opens_with_the_keyboard(new_page: Callable[..., Page], address: str) -> None:
    page = new_page(address)
    question = page.locator(".question").first

    question.locator("summary").first.focus()
    expect(question.locator(".body")).not_to_be_visible()
    page.keyboard.press("Enter")

    expect(question.locator(".body")).to_be_visible()
    expect(question.get_by_text("Missed.")).to_be_visible()


def test_the_list_is_narrowed_by_words_and_by_what_failed(new_page: Callable[..., Page], address: str) -> None:
    page = new_page(address)
    shown = page.locator(".question:visible .id")

    expect(shown).to_have_text(["q2", "q3", "q1"])
    page.get_by_label("Find").fill("bridge OPENED")
    expect(shown).to_have_text(["q1"])
    page.get_by_label("Find").fill("")
    page.get_by_label("Show").select_option("evidence missed")
    expect(shown).to_have_text(["q2"])
    expect(page.locator("output")).to_have_text("1 of 3")


def test_without_a_script_everything_is_there(browser: Browser, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)

        expect(page.locator(".controls")).not_to_be_visible()
        expect(page.locator(".question")).to_have_count(3)
        page.locator(".question summary").first.click()
        expect(page.locator(".question .body").first).to_be_visible()


def test_paper_is_white_and_holds_no_controls(new_page: Callable[..., Page], address: str) -> None:
    page = new_page(address, color_scheme="dark")

    page.emulate_media(media="print")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator("nav")).not_to_be_visible()
    assert page.evaluate(CONTRASTS) == []
