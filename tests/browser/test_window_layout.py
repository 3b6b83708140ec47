"""Wide and narrow, light and dark: where things stand, and that they can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from windows import Window, ask

BRIDGE = "When will the harbour bridge close to traffic? invent"
CONTRASTS = (Path(__file__).parent / "contrasts.js").read_text(encoding="utf-8")


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return dict(found)


def test_wide_the_sources_stand_beside_the_answer(page: Page) -> None:
    ask(page, BRIDGE)
    answer, sources = box(page, "#last .answer"), box(page, "#cards")
    assert sources["x"] >= answer["x"] + answer["width"]
    assert sources["y"] < answer["y"] + answer["height"] + 200
    assert box(page, "#asking")["y"] + box(page, "#asking")["height"] <= 800


@pytest.mark.parametrize("width", [360, 390, 768])
def test_narrow_the_sources_follow_the_answer(new_page, window: Window, width: int) -> None:
    page = new_page(window.address, viewport={"width": width, "height": 800})
    ask(page, BRIDGE)
    answer, sources = box(page, "#last .answer"), box(page, "#cards")
    assert sources["y"] >= answer["y"] + answer["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator("#asking")).to_be_in_viewport(ratio=1)
    page.locator("#last .chip").first.click()
    expect(page.locator('#cards [data-card="1"] mark')).to_be_in_viewport()
    expect(page.locator("#masthead")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [360, 1280, 3840])
def test_nothing_is_cut_off_on_the_empty_screen(new_page, window: Window, width: int) -> None:
    page = new_page(window.address, viewport={"width": width, "height": 800})
    beginning = "New conversation" if width >= 900 else "Conversations and views"
    expect(page.get_by_role("button", name=beginning)).to_be_in_viewport(ratio=1)
    expect(page.locator(".example").first).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_the_contrast_of_aa(new_page, window: Window, scheme: str) -> None:
    page = new_page(window.address, viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    too_weak = page.evaluate(CONTRASTS)
    ask(page, BRIDGE)
    ask(page, "paraphrase supported it harbour bridge repairs cost")
    page.locator("#last .flag").hover()
    too_weak += page.evaluate(CONTRASTS)
    page.locator("#cards").get_by_role("button", name="Open article").first.click()
    expect(page.locator("#reading mark[aria-current]")).to_be_visible()
    too_weak += page.evaluate(CONTRASTS)
    assert too_weak == []
    lightness = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
    assert lightness > 200 if scheme == "light" else lightness < 60


def test_a_change_of_the_system_between_light_and_dark_is_followed(page: Page) -> None:
    for scheme, color in (("dark", "rgb(22, 23, 26)"), ("light", "rgb(251, 250, 246)")):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("body")).to_have_css("background-color", color)


def test_nothing_moves_for_who_wants_it_calm(new_page, window: Window) -> None:
    page = new_page(window.address, reduced_motion="reduce")
    ask(page, "slow harbour bridge", state="running")
    assert page.evaluate("document.getAnimations().length") == 0
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#last .stopped")).to_be_visible()


def test_the_page_has_its_landmarks_and_one_first_heading(page: Page) -> None:
    ask(page, BRIDGE)
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("complementary", name="Sources")).to_be_visible()
    expect(page.get_by_role("region", name="Question 1")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Citewire")
    expect(page).to_have_title(f"{BRIDGE} · Citewire")
    expect(page.locator("footer:has-text('Gradio')")).to_have_count(0)
