"""The Settings view in a real browser, before a library on disk and model servers on this machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from parts import ARTICLES, open_library
from playwright.sync_api import Browser, Locator, Page, expect
from servers import ModelServer
from windows import Window, ask, axe_faults, axe_faults_wide_and_narrow, held, serving

from qa.ask.assistant import Assistant
from qa.settings import load_settings
from qa.ui.preferences import PreferenceFile, Preferences

WHO = "Who cut the ribbon of the harbour bridge?"
HOSTILE = "<img src=x onerror=window.canary=1>"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(models=("tiny", HOSTILE)) as server:
        yield server


@pytest.fixture(scope="module")
def served_window(tmp_path_factory: pytest.TempPathFactory, server: ModelServer) -> Iterator[Window]:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, "utf-8")
    nobody = "http://127.0.0.1:9"  # the port that discards: nothing listens there
    index = tmp_path_factory.mktemp("library")
    with open_library(load_settings(index=index, openai_base_url=server.base_url, ollama_host=nobody)) as library:
        library.ingest([folder])
        yield from serving(Assistant(library))


@pytest.fixture
def page(new_page: Callable[..., Page], served_window: Window) -> Page:
    PreferenceFile(served_window.assistant.settings.index).write(None, Preferences())
    page = new_page(f"{served_window.address}/#/settings")
    expect(page.get_by_role("radio", name="openai:tiny")).to_be_visible()
    return page


def kept(page: Page) -> Locator:
    return page.locator("#settings-said")


def test_a_model_that_is_found_answers_the_next_question_of_a_conversation_and_stays_over_a_reload(
    page: Page, server: ModelServer
) -> None:
    expect(page.get_by_role("radio", name="Quoted from the articles")).to_be_checked()
    expect(page.locator("label", has_text="openai:tiny")).to_contain_text(
        f"on {server.host} · nothing leaves this machine"
    )
    page.get_by_role("link", name="Ask", exact=True).click()
    ask(page, WHO)
    expect(page.locator("#last .meta")).to_contain_text("quoted from the articles")
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("radio", name="openai:tiny").check()
    expect(kept(page)).to_have_text("Kept.")
    page.get_by_role("link", name="Ask", exact=True).click()
    expect(page.locator("#mode")).to_contain_text(f"openai:tiny on {server.host} · nothing leaves this machine")
    expect(page.locator("#last .question")).to_have_text(WHO)
    ask(page, WHO)
    expect(page.locator("#last .meta")).to_contain_text("openai:tiny")
    assert len(server.requests) == 1
    page.reload()
    expect(page.locator("#mode")).to_contain_text("openai:tiny")
    expect(page.locator("#last .question")).to_have_text(WHO)
    page.get_by_role("link", name="Settings", exact=True).click()
    expect(page.get_by_role("radio", name="openai:tiny")).to_be_checked()
    page.get_by_role("radio", name="Quoted from the articles").check()
    expect(kept(page)).to_have_text("Kept.")
    page.get_by_role("link", name="Ask", exact=True).click()
    expect(page.locator("#mode")).to_contain_text("Quoted from the articles")


def test_a_model_that_has_gone_is_said_and_the_one_in_force_stays(page: Page, server: ModelServer) -> None:
    server.models = ()
    try:
        page.get_by_role("button", name="Look again").click()
        expect(page.get_by_role("radio", name="openai:tiny")).to_have_count(0)
        expect(page.get_by_text("No language model was found on this machine.")).to_be_visible()
        expect(page.locator("#settings-models")).to_contain_text("OPENAI_BASE_URL=")
    finally:
        server.models = ("tiny", HOSTILE)
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("radio", name="openai:tiny")).to_be_visible()


def test_a_server_is_connected_tried_used_and_forgotten(page: Page, server: ModelServer) -> None:
    page.get_by_text("Connect a model server").click()
    page.locator("#connect-address").fill("127.0.0.1:9")
    page.get_by_role("button", name="List its models").click()
    expect(page.locator("#connect-fault")).to_contain_text("The model server 127.0.0.1:9 cannot be reached.")
    page.locator("#connect-address").fill(server.host)
    page.locator("#connect-key").fill("sk-planted")
    page.locator("#connect-key").press("Enter")
    expect(page.locator("#connect-model")).to_be_focused()
    page.locator("#connect-model").select_option("tiny")
    page.get_by_role("button", name="Try it with one question").click()
    expect(page.locator("#connect-tried")).to_contain_text("First word after")
    assert axe_faults(page) == []
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#connect-said")).to_have_text(f"Kept. tiny on {server.host} writes the answers.")
    expect(page.get_by_role("radio", name="server:tiny")).to_be_checked()
    expect(page.locator("#connect-key")).to_have_value("")
    assert "sk-planted" not in page.content()
    page.get_by_role("button", name="Forget this server").click()
    expect(page.get_by_role("radio", name="Quoted from the articles")).to_be_checked()
    expect(page.get_by_role("radio", name="server:tiny")).to_have_count(0)


def test_what_is_typed_before_the_server_has_said_what_is_connected_stays(page: Page) -> None:
    with held(page, "connection_now") as calls:
        page.get_by_text("Connect a model server").click()
        calls.wait_for(1)
        page.locator("#connect-address").fill("127.0.0.1:9")
        calls.answer()
    expect(page.locator("#connect-key-about")).not_to_be_empty()
    expect(page.locator("#connect-address")).to_have_value("127.0.0.1:9")


def test_models_of_a_server_are_not_offered_for_another_one_that_is_typed_meanwhile(
    page: Page, server: ModelServer
) -> None:
    page.get_by_text("Connect a model server").click()
    expect(page.locator("#connect-key-about")).not_to_be_empty()
    page.locator("#connect-address").fill(server.host)
    with held(page, "list_models") as calls:
        page.get_by_role("button", name="List its models").click()
        calls.wait_for(1)
        page.locator("#connect-address").fill("127.0.0.1:9")
        calls.answer()
    expect(page.locator("#connect-doing")).to_be_hidden()
    expect(page.locator("#connect-address")).to_have_value("127.0.0.1:9")
    expect(page.locator("#connect-choosing")).to_be_hidden()


def test_what_is_chosen_while_a_model_loads_is_kept_beside_it(page: Page, served_window: Window) -> None:
    with held(page, "settings_set") as calls:
        page.get_by_role("radio", name="openai:tiny").check()
        calls.wait_for(1)
        page.get_by_role("radio", name=re.compile("Short")).check()
        expect(page.get_by_role("radio", name=re.compile("Short"))).to_be_checked()
        assert len(calls.routes) == 1  # each writes all settings: two at once would undo each other
        calls.answer(0)
        calls.answer(1)
    expect(page.locator("#settings-length")).to_contain_text("Set by you.")
    expect(page.get_by_role("radio", name="openai:tiny")).to_be_checked()
    kept_now = PreferenceFile(served_window.assistant.settings.index).read(None)
    assert (kept_now.llm, kept_now.length) == ("openai:tiny", "short")


def test_length_and_refusing_are_kept_and_can_be_taken_back(page: Page, served_window: Window) -> None:
    preferences = PreferenceFile(served_window.assistant.settings.index)
    page.get_by_role("radio", name=re.compile("Short")).check()
    expect(kept(page)).to_have_text("Kept.")
    expect(page.locator("#settings-length")).to_contain_text("Set by you.")
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.locator("#settings-refuse-said")).to_have_text(
        "Of 100 questions that the articles answer, 26 are refused all the same; of 100 that they do not answer, "
        "75 are refused."
    )
    expect(page.locator("#settings-refusing")).to_contain_text("Set by you.")
    expect(page.get_by_role("slider")).to_be_focused()
    assert preferences.read(None) == Preferences(length="short", refuse_below=0.55)
    page.reload()
    expect(page.get_by_role("radio", name=re.compile("Short"))).to_be_checked()
    page.locator("#settings-length").get_by_role("button", name="Take back").click()
    expect(page.get_by_role("radio", name=re.compile("Usual"))).to_be_checked()
    page.locator("#settings-refusing").get_by_role("button", name="Take back").click()
    expect(page.locator("#settings-refusing")).not_to_contain_text("Set by you.")
    assert preferences.read(None) == Preferences()


def test_the_theme_is_kept_in_the_browser_and_there_before_the_page_is_drawn(
    browser: Browser, served_window: Window
) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{served_window.address}/#/settings")
    expect(page.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    page.get_by_role("radio", name="Light").check()
    expect(page.locator("body")).not_to_have_class(re.compile(r"\bdark\b"))
    # What each frame would have shown, from the first on.
    page.add_init_script(
        "window.shades = new Set(); const look = () => { const root = getComputedStyle(document.documentElement);"
        " const body = document.body && getComputedStyle(document.body).backgroundColor;"
        " shades.add(root.backgroundColor); if (body && body !== 'rgba(0, 0, 0, 0)') shades.add(body);"
        " requestAnimationFrame(look); }; requestAnimationFrame(look);"
    )
    page.reload()
    expect(page.get_by_role("radio", name="Light")).to_be_checked()
    expect(page.locator("body")).not_to_have_class(re.compile(r"\bdark\b"))
    assert page.evaluate("[...shades]") == ["rgb(251, 250, 246)"]
    other = context.new_page()
    other.goto(served_window.address)
    expect(other.get_by_role("heading", name="Ask the articles")).to_be_visible()
    page.get_by_role("radio", name="Dark").check()
    expect(other.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    page.emulate_media(color_scheme="light")
    expect(page.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    page.get_by_role("radio", name="As the system").check()
    expect(page.locator("body")).not_to_have_class(re.compile(r"\bdark\b"))
    context.close()


def test_names_of_models_run_nothing_and_axe_finds_no_fault(page: Page) -> None:
    assert axe_faults_wide_and_narrow(page) == []
    expect(page.get_by_role("radio", name=f"openai:{HOSTILE}")).to_be_visible()
    page.get_by_text("What Citewire was started with").last.click()
    expect(page.locator("#settings-started")).to_contain_text("set, not shown")
    assert page.evaluate("window.canary") is None


def test_all_by_keyboard(page: Page) -> None:
    page.get_by_role("radio", name="Quoted from the articles").focus()
    page.keyboard.press("ArrowDown")
    expect(kept(page)).to_have_text("Kept.")
    expect(page.locator("#settings-models input:checked")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Look again")).to_be_focused()
    for _ in range(12):  # past the form that connects a server
        if page.locator("#settings-length input:focus").count():
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#settings-length")).to_contain_text("Set by you.")
    expect(page.locator("#settings-length input:checked")).to_be_focused()
