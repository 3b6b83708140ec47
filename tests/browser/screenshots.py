"""Pictures of the window for the docs and for one's own eyes: python tests/browser/screenshots.py FOLDER

The real program over seeds/, wide and narrow, light and dark; the picture with a sentence that the check refuses has a
model server behind it that says what it is told to.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright
from windows import ask, citing_first, launch, serving

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from servers import ModelServer  # noqa: E402

from qa.ask.assistant import Assistant  # noqa: E402
from qa.settings import Settings  # noqa: E402

SEEDS = HERE.parents[1] / "seeds"
QUESTION = "Who is at the head of the CIS Plenipotentiaries Council this year?"
UNANSWERED = "Who won the chess tournament in Toronto?"
INVENTED = (
    "Kubanychbek Omuraliev is at the head of the CIS Plenipotentiaries Council this year. [1] "
    "Omuraliev, Kyrgyzstan's plenipotentiary in the CIS, was chosen on 25 March by 9 votes to 3. [1]"
)
SCREENS = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 844}}


@contextmanager
def window(index: Path, llm: str) -> Iterator[str]:
    with Assistant.open(Settings(index=index, llm=llm)) as assistant:
        assistant.library.ingest([SEEDS])
        for served in serving(assistant):
            yield served.address


def pages(browser: Browser, address: str) -> Iterator[tuple[str, Page]]:
    """A fresh window for every screen and scheme, with its name."""
    for screen, viewport in SCREENS.items():
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
            page.goto(address)
            expect(page.locator(".example").first).to_be_visible()
            yield f"{screen}-{scheme}", page
            page.close()


def open_first_source(page: Page) -> None:
    page.locator("#last .chip").first.click()
    expect(page.locator('#cards [data-card="1"]')).to_be_focused()
    page.mouse.move(2, 400)


def votes(council: int) -> str:
    """An article like no other."""
    return " ".join(
        f"Council {council} of district {council * 7 + n} chose member {council * 13 + n} on ballot {n}."
        for n in range(60)
    )


def take_in(page: Page) -> None:
    """Sends the Library a file of many articles, and returns while they are on their way."""
    page.evaluate("location.hash = '#/library'")
    expect(page.locator(".articles")).to_be_visible()
    rows = "\n".join(json.dumps({"id": f"r{n}", "title": f"Council {n} votes", "text": votes(n)}) for n in range(4_000))
    file = {"name": "councils.jsonl", "mimeType": "application/jsonl", "buffer": rows.encode()}
    page.locator("#library-file-input").set_input_files([file])
    expect(page.locator(".job progress[value]")).to_be_visible()


def compare(page: Page, address: str) -> str:
    """Runs the questions about seeds/ under two settings; gives the address of their comparison."""
    page.goto(f"{address}/#/evals")
    page.get_by_label("Question set").select_option("seeds")
    page.get_by_role("button", name="Add a setting to compare").click()
    reranker = page.get_by_label("Reranker, setting B")
    reranker.fill("none")
    reranker.press("Tab")
    expect(page.locator("#evals-plan")).to_contain_text("under 2 settings")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#evals-questions")).to_be_visible(timeout=300_000)
    return page.url


def main(out: Path) -> None:
    """Writes the pictures into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)

    def shoot(page: Page, name: str) -> None:
        page.screenshot(path=out / f"{name}.png")

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, launch(playwright) as browser:
        with window(Path(folder) / "extractive", "extractive") as address:
            for name, page in pages(browser, address):
                shoot(page, f"empty-{name}")
                ask(page, QUESTION)
                open_first_source(page)
                shoot(page, f"answer-{name}")
                page.locator('#cards [data-card="1"]').get_by_role("button", name="Open article").click()
                expect(page.locator("#reading mark").first).to_be_in_viewport()
                shoot(page, f"article-{name}")
                page.keyboard.press("Escape")
                ask(page, UNANSWERED)
                shoot(page, f"refusal-{name}")
                page.get_by_role("tab", name="Why").click()
                expect(page.get_by_role("heading", name="The search")).to_be_visible()
                shoot(page, f"why-{name}")
            page = browser.new_page(viewport=SCREENS["wide"])
            page.goto(address)
            compared = compare(page, address)
            for name, other in pages(browser, address):
                other.goto(compared)
                expect(other.locator("#evals-questions")).to_be_visible()
                shoot(other, f"evals-{name}")
                other.locator("#evals-list .question summary").first.click()
                expect(other.locator("#evals-list .question[open] .column")).to_have_count(2)
                other.locator("#evals-list .question[open]").scroll_into_view_if_needed()
                shoot(other, f"evals-question-{name}")
            take_in(page)
            shoot(page, "library-wide-light")
        with ModelServer(default=citing_first(INVENTED)) as model:
            os.environ["OPENAI_BASE_URL"] = model.base_url
            with window(Path(folder) / "model", "openai:tiny") as address:
                for name, page in pages(browser, address):
                    ask(page, QUESTION)
                    page.locator("#last .flag").first.hover()
                    shoot(page, f"unsupported-{name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
