"""The Evals view before a real library: a set is run, stopped, gone on with, compared, deleted and added to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from evaluating import ARTICLES, write_town
from playwright.sync_api import Locator, Page, expect
from servers import Messages, ModelServer, Reply, quoting_reply
from windows import Window, ask, axe_faults_wide_and_narrow, serving

from qa.ask.assistant import Assistant
from qa.settings import Settings

OPENED = "Who opened the bridge over the river Lune?"


THIRD = Event()
"""Set when the model may answer its third question."""


def reply(messages: Messages) -> str:
    """Quotes a passage; to be tried it says yes."""
    return quoting_reply(messages) if "<passage" in messages[-1]["content"] else "Yes."


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    """A model that is tried once, answers two questions, and thinks long about the third."""
    with ModelServer("Yes.", quoting_reply, quoting_reply, Reply(quoting_reply, hold=THIRD), default=reply) as server:
        yield server


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, model: ModelServer) -> Iterator[Window]:
    """A window over the three articles of the town, with their questions as a set of one's own."""
    folder = tmp_path_factory.mktemp("town")
    for name, text in ARTICLES.items():
        (folder / f"{name}.md").write_text(f"---\ntitle: {name.title()}\noutlet: The Town Post\n---\n\n{text}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        with Assistant.open(Settings(index=folder / "library", openai_base_url=model.base_url)) as assistant:
            assistant.library.ingest(sorted(folder.glob("*.md")))
            write_town(folder / "library/sets/town")
            with contextmanager(serving)(assistant) as window:
                yield window


@pytest.fixture
def evals(town: Window, new_page) -> Page:
    """The view, with the set of the town chosen."""
    return open_evals(new_page(f"{town.address}/#/evals"))


def open_evals(page: Page) -> Page:
    page.get_by_label("Question set").select_option("own/town")
    expect(page.locator("#evals-plan")).to_contain_text("5 questions over 3 articles")
    return page


def run(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()


def results(page: Page) -> None:
    expect(page.locator("#evals-questions")).to_be_visible()


def test_two_settings_are_run_and_shown_side_by_side(evals: Page) -> None:
    expect(evals.locator("#evals-runs")).to_contain_text("No run is kept yet.")
    evals.get_by_role("button", name="Add a setting to compare").click()
    expect(evals.locator("#evals-plan")).to_have_text(
        "Setting B is the same as A. Change something in it, or take it away."
    )
    run(evals)
    expect(evals.locator("#evals-fault")).to_contain_text("Setting B is the same as A.")
    weight = evals.get_by_label("Weight of words, setting B")
    weight.fill("0.25")
    weight.press("ArrowDown")
    expect(weight).to_have_value("0.2")
    expect(evals.locator("input.differs")).to_have_count(1)
    expect(evals.locator("#evals-plan")).to_contain_text("under 2 settings")  # as it is typed, not only afterwards
    weight.fill(evals.get_by_label("Weight of words, setting A").input_value())
    expect(evals.locator("#evals-plan")).to_contain_text("Setting B is the same as A.")
    the_first_click_after_typing_runs(evals, weight)
    results(evals)
    expect(evals.locator("#evals-title")).to_have_text("town against town words=0.2")
    expect(evals.locator("#evals-numbers .words")).to_have_text(
        "Between town words=0.2 and town no metric shows a difference."
    )
    expect(evals.locator("#evals-metrics svg.plot[role=img]").first).to_be_visible()
    expect(evals.locator("#evals-list .question")).to_have_count(5)
    evals.locator("#evals-list").get_by_label("Find").fill("striker")
    expect(evals.locator("#evals-list output")).to_have_text("1 of 5")
    evals.locator("#evals-list").get_by_label("Find").fill("")
    evals.locator("#evals-list").get_by_label("Show").select_option("town right, town words=0.2 wrong")
    expect(evals.locator("#evals-list output")).to_have_text("0 of 5")
    evals.locator("#evals-list").get_by_label("Show").select_option("all questions")
    question = evals.locator('.question[data-id="q1"]')
    question.locator("summary").focus()
    evals.keyboard.press("Enter")
    expect(question.locator(".column")).to_have_count(2)
    expect(question.locator("mark.answer").first).to_have_text("Anna Holt")
    evals.reload()
    results(evals)
    evals.get_by_role("link", name="All runs").click()
    expect(evals.locator(".evals-runs tbody tr")).to_have_count(2)
    kept_runs_are_compared_and_deleted(evals)


def the_first_click_after_typing_runs(evals: Page, weight: Locator) -> None:
    """The field loses the focus when the button goes down: a plan of another height comes before it is up again."""
    evals.get_by_role("button", name="Run", exact=True).hover()
    weight.fill("0.2")
    evals.mouse.down()
    expect(evals.locator("#evals-plan")).to_contain_text("under 2 settings")
    evals.mouse.up()


def kept_runs_are_compared_and_deleted(evals: Page) -> None:
    compare = evals.get_by_role("button", name="Compare", exact=True)
    evals.get_by_label("Choose town words=0.2").check()
    expect(compare).to_be_disabled()
    evals.get_by_label("Choose town", exact=True).check()
    compare.click()
    results(evals)
    expect(evals.locator("#evals-differences")).to_be_visible()
    evals.get_by_role("link", name="All runs").click()
    delete = evals.get_by_role("button", name="Delete town words=0.2")
    delete.click()
    dialog = evals.locator("#evals-dialog")
    expect(dialog).to_contain_text("Delete the run “town words=0.2” with its answers and numbers?")
    evals.get_by_role("button", name="Keep it").click()
    expect(evals.locator(".evals-runs")).to_contain_text("town words=0.2")
    delete.click()
    dialog.get_by_role("button", name="Delete").click()
    expect(evals.locator(".evals-runs")).not_to_contain_text("town words=0.2")


def test_a_run_that_was_stopped_goes_on_after_a_reload(evals: Page) -> None:
    evals.get_by_label("Language model, setting A").fill("openai:tiny")
    evals.get_by_label("Language model, setting A").press("Tab")
    expect(evals.locator("#evals-plan")).to_contain_text("is answered by openai:tiny on 127.0.0.1")
    run(evals)
    expect(evals.locator("#evals-note")).to_contain_text("uestion 3 of 5")
    expect(evals.locator(".evals-runs")).to_contain_text("Under way.")
    evals.reload()
    expect(evals.locator("#evals-note")).to_contain_text("uestion 3 of 5")
    evals.get_by_role("button", name="Stop", exact=True).click()
    expect(evals.locator("#evals-note")).to_have_text("Stopping after this question.")
    THIRD.set()
    expect(evals.locator("#evals-note")).to_have_text("What was answered is kept; the run goes on from there.")
    row = evals.locator(".evals-runs tbody tr", has_text="town llm=openai-tiny")
    expect(row).to_contain_text("Stopped after 3 of 5 questions.")
    row.get_by_role("button", name="Go on").click()
    results(evals)
    expect(evals.locator("#evals-title")).to_have_text("town llm=openai-tiny")


def test_a_folder_that_is_none_is_told_in_a_sentence(evals: Page, tmp_path: Path) -> None:
    evals.get_by_label("Question set").select_option("folder")
    expect(evals.locator("#evals-plan")).to_contain_text("No folder is named.")
    evals.get_by_label("Folder of the set").fill("/nowhere/at/all")
    evals.get_by_label("Folder of the set").press("Tab")
    expect(evals.locator("#evals-plan")).to_have_text(
        "There is no folder '/nowhere/at/all' on the machine of the server."
    )
    write_town(tmp_path / "village")
    evals.get_by_label("Folder of the set").fill(str(tmp_path / "village"))
    evals.get_by_label("Folder of the set").press("Tab")
    expect(evals.locator("#evals-plan")).to_contain_text("5 questions over 3 articles")


def test_a_question_of_the_conversation_goes_into_a_new_set(town: Window, new_page) -> None:
    page = new_page(town.address)
    ask(page, OPENED)
    page.get_by_role("button", name="Add to evals").click()
    dialog = page.locator("#collecting")
    expect(dialog.get_by_label("Question, as it can stand alone")).to_have_value(OPENED)
    expect(dialog.locator("[name=passage]:checked")).to_have_count(1)
    dialog.get_by_label("The articles do not say").check()
    expect(dialog.get_by_label("Right answers")).to_be_disabled()
    dialog.get_by_label("The articles do not say").uncheck()
    dialog.get_by_label("Right answers").fill("Anna Holt")
    dialog.get_by_label("Into the set").fill("../up")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.locator("#collecting-fault")).to_contain_text("'../up' cannot be the name of a set.")
    dialog.get_by_label("Into the set").fill("Of the chat")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog).to_contain_text("Added to the set “Of the chat”, which now has 1 question.")
    dialog.get_by_role("link", name="Open Evals").click()
    page.get_by_label("Question set").select_option("own/Of the chat")
    expect(page.locator("#evals-plan")).to_contain_text("1 question over")
    page.keyboard.press("Escape")


def test_a_thumb_up_becomes_a_question(town: Window, new_page) -> None:
    page = new_page(town.address)
    ask(page, OPENED)
    page.get_by_role("button", name="Good answer").click()
    expect(page.locator("#announcer")).to_have_text("Noted.")
    page.locator("#views").get_by_role("link", name="Evals").click()
    thumbs = page.locator("#evals-thumbs")
    expect(thumbs).to_contain_text("1 answer with a thumb up.")
    thumbs.get_by_label("Into the set").fill("Thumbs")
    thumbs.get_by_role("button", name="Make questions").click()
    expect(thumbs).to_contain_text("1 question added to the set “Thumbs”, which now has 1 question.")
    expect(page.get_by_label("Question set").locator('option[value="own/Thumbs"]')).to_have_count(1)


def test_nothing_of_a_set_runs(town: Window, new_page) -> None:
    canary = '<img src=x onerror="window.canary=1"><script>window.canary=2</script>'
    folder = town.assistant.settings.index / "sets/town canary"
    eval_set = write_town(folder)
    questions = eval_set.files["queries"]
    questions.write_text(questions.read_text().replace("Who opened", canary.replace('"', '\\"') + " Who opened"))
    corpus = eval_set.corpus
    corpus.write_text(corpus.read_text().replace("Mayor Anna Holt", canary.replace('"', '\\"') + " Mayor Anna Holt"))
    page = new_page(f"{town.address}/#/evals")
    page.get_by_label("Question set").select_option("own/town canary")
    expect(page.locator("#evals-plan")).to_contain_text("5 questions")
    run(page)
    results(page)
    question = page.locator('.question[data-id="q1"]')
    question.locator("summary").click()
    expect(question.locator(".column")).to_contain_text("window.canary=1")
    assert page.evaluate("window.canary") is None


def too_wide(page: Page) -> list[int]:
    """The widths at which something sticks out of the page, as it is."""
    out = []
    for width in (360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            out.append(width)
    return out


def test_axe_finds_no_fault_and_nothing_is_wider_than_the_page(town: Window, evals: Page) -> None:
    page = evals
    run(page)
    results(page)
    assert too_wide(page) == []
    page.get_by_role("link", name="All runs").click()
    expect(page.locator(".evals-runs")).to_be_visible()
    assert too_wide(page) == []
    page.get_by_role("button", name="Add a setting to compare").click()
    page.get_by_label("Weight of words, setting B").fill("0.2")
    page.get_by_label("Weight of words, setting B").press("Tab")
    expect(page.locator("#evals-plan")).to_contain_text("under 2 settings")
    assert axe_faults_wide_and_narrow(page) == []
    run(page)
    results(page)
    page.locator('.question[data-id="q1"] summary').click()
    expect(page.locator('.question[data-id="q1"] .column')).to_have_count(2)
    assert axe_faults_wide_and_narrow(page) == []
    page.goto(f"{town.address}/#/")
    ask(page, OPENED)
    page.get_by_role("button", name="Add to evals").click()
    expect(page.locator("#collecting-question")).to_be_visible()
    assert axe_faults_wide_and_narrow(page) == []
