"""What articles, questions and models contain is text: nothing of it runs, and nothing of it is fetched."""

from __future__ import annotations

from fake import CANARY
from playwright.sync_api import Page, expect
from windows import Window, ask

from qa.ui.app import page_head

HOSTILE = (
    '<script>window.canary="question"</script> <img src="http://elsewhere.example/q.png" onerror="window.canary=9"> '
    "![x](http://elsewhere.example/m.png) [x](javascript:window.canary=10) canary sings mine ${window.canary=11}"
)


def dead(page: Page) -> bool:
    """Whether nothing of the canary ran and nothing of it became part of the page."""
    return bool(
        page.evaluate(
            "window.canary === undefined &&"
            " !document.querySelector(':is(.turn, #cards, #reading) :is(script, img, iframe, b, a:not(#reading-story))'"
            ")"
        )
    )


def test_a_canary_in_articles_and_questions_is_shown_as_text(page: Page) -> None:
    ask(page, HOSTILE)
    expect(page.locator("#last .question")).to_have_text(HOSTILE)
    expect(page.locator("#last .answer")).to_contain_text("<script>window.canary='text'</script>")
    first = page.locator("#cards .card").first
    expect(first.locator(".card-title")).to_have_text(CANARY.title)
    expect(first.locator(".kicker")).to_contain_text(str(CANARY.outlet))
    page.locator("#last .chip").first.hover()
    expect(page.get_by_role("tooltip")).to_contain_text(str(CANARY.outlet))
    first.get_by_role("button", name="Open article").first.click()
    article = page.locator("#reading-article")
    expect(article).to_contain_text("![image](http://elsewhere.example/c.png) ${window.canary=4} {{window.canary}}")
    expect(article).to_contain_text(str(CANARY.path))
    expect(article.get_by_role("link")).to_have_count(0)
    assert dead(page)


def test_a_canary_in_a_growing_answer_is_shown_as_text(page: Page, window: Window) -> None:
    ask(page, f"slow {HOSTILE}", state="running")
    expect(page.locator("#last .answer")).to_contain_text("word9 ")
    expect(page.locator("#last .answer")).to_contain_text("<img src=x onerror=window.canary=20> ![m](http://elsewhere")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#last .stopped")).to_be_visible()
    assert dead(page)


def test_a_canary_in_a_kept_conversation_is_shown_as_text(page: Page) -> None:
    """In the list, in its dialogs, after a reload, in the box when it is edited, and in the file it is saved as."""
    ask(page, HOSTILE)
    item = page.locator("#history-list li")
    expect(item.get_by_role("link")).to_contain_text("<script>window.canary")
    item.locator("summary").click()
    item.get_by_role("button", name="Delete").click()
    expect(page.locator("#history-dialog-words")).to_contain_text("<script>window.canary")
    page.get_by_role("button", name="Cancel").click()
    page.reload()
    expect(page.locator("#last .question")).to_have_text(HOSTILE)
    page.locator("#last").get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="Your question")).to_have_value(HOSTILE)
    page.get_by_role("searchbox", name="Search conversations").fill("<img src=x onerror=window.canary=30>")
    expect(page.locator(".history-empty")).to_contain_text("<img src=x onerror=window.canary=30>")
    assert dead(page)
    assert not page.evaluate("document.querySelector('#history-list :is(script, img)')")


STRANGE = {
    "right to left": "harbour \u202eegdirb\u202c bridge close",
    "null": "harbour\x00 bridge\x07 close \u200bto traffic",
    "marks": "harbour bridge close \ud83d\ude80 " + "\u0301" * 500,
    "long": "harbour bridge close " + "x" * 15_000,
}


def test_strange_signs_in_a_question_do_no_harm(page: Page) -> None:
    for number, question in enumerate(STRANGE.values(), start=1):
        page.evaluate(
            "question => { const box = document.getElementById('question'); box.value = question;"
            " document.getElementById('asking').requestSubmit(); }",
            question,
        )
        turn = page.locator(f'#last .turn[data-turn="{number}"][data-state="done"]')
        expect(turn.locator(".answer")).to_contain_text("The harbour bridge will close")
        page.reload()
        expect(turn.locator(".answer")).to_contain_text("The harbour bridge will close")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_a_page_makes_up_is_refused_in_words(page: Page, window: Window) -> None:
    ask(page, "When will the harbour bridge close?")
    page.evaluate("location.hash = '#/c/..%2F..%2Fetc'")
    page.evaluate("location.hash = '#/c/0123456789ab'")
    expect(page.get_by_role("alert").first).to_have_text("This conversation is not here any more. Begin a new one.")
    assert dead(page)


def test_the_page_names_no_other_host() -> None:
    assert "http://" not in page_head()
    assert "https://" not in page_head()
    assert "url(" not in page_head()
    assert "@import" not in page_head()
