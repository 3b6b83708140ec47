"""The page itself: what other sites show of it when they link to it, and none of Gradio's own words."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_a_link_to_the_window_is_shown_under_our_own_name(page: Page) -> None:
    cards = page.evaluate(
        '[...document.querySelectorAll(\'meta[property^="og:"], meta[name^="twitter:"], meta[name=description]\')]'
        ".map((meta) => meta.content)"
    )
    about = "Answers from news articles, each sentence with the passage that says it."
    assert cards == [about, "Citewire", about]
    html = page.evaluate("fetch('.').then((answer) => answer.text())")
    assert "Click to try out" not in html and 'content="Gradio"' not in html
    expect(page).to_have_title("Citewire")
