"""Wide and narrow, light and dark: where things stand, and that they can be read."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from windows import Window, ask, walking_faults

BRIDGE = "When will the harbour bridge close to traffic? invent"


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


def test_narrow_the_sources_follow_the_answer(page: Page) -> None:
    for width in (768, 390, 360):
        page.set_viewport_size({"width": width, "height": 800})
        ask(page, BRIDGE)
        answer, sources = box(page, "#last .answer"), box(page, "#cards")
        assert sources["y"] >= answer["y"] + answer["height"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        expect(page.locator("#asking")).to_be_in_viewport(ratio=1)
        page.locator("#last .chip").first.click()
        expect(page.locator('#cards [data-card="1"] mark')).to_be_in_viewport()
        expect(page.locator("#masthead")).to_be_in_viewport(ratio=1)
    assert walking_faults(page) == []


def test_narrow_and_high_the_question_box_stands_at_the_foot_and_the_sources_under_the_answer(page: Page) -> None:
    page.set_viewport_size({"width": 768, "height": 1100})
    composer, mode = box(page, "#composer"), box(page, "#mode")
    assert composer["y"] + composer["height"] == 1100
    assert mode["y"] + mode["height"] > 1070  # no emptiness under it
    ask(page, BRIDGE)
    assert box(page, "#side-sources")["x"] == box(page, "#last .answer")["x"]


def test_nothing_is_cut_off_on_the_empty_screen(page: Page) -> None:
    for width in (360, 1280, 3840):
        page.set_viewport_size({"width": width, "height": 800})
        beginning = "New conversation" if width >= 900 else "Conversations and views"
        expect(page.get_by_role("button", name=beginning)).to_be_in_viewport(ratio=1)
        expect(page.locator(".example").first).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


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
