"""The window before the real assistant: articles in a library on disk, a model behind the OpenAI protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event

import pytest
from fake import FERRY, HARBOUR
from playwright.sync_api import Page, expect
from servers import ModelServer, Reply
from windows import Window, ask, citing_first, serving

from qa.ask.assistant import Assistant
from qa.settings import Settings

COST = "What will the repairs of the harbour bridge cost?"


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer(pause=0.03) as model:
        yield model


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory, model: ModelServer) -> Iterator[Callable[[bool], Window]]:
    """The window before the model, with a first answer of quotations or without one; each is made once."""
    folder = tmp_path_factory.mktemp("articles")
    for article in (HARBOUR, FERRY):
        front = f"---\ntitle: {article.title}\noutlet: {article.outlet}\ndate: {article.date or ''}\n---\n\n"
        (folder / f"{article.id}.md").write_text(front + article.text, encoding="utf-8")
    index = tmp_path_factory.mktemp("model") / "library"
    made: dict[bool, Window] = {}
    with ExitStack() as stack:

        def window(draft: bool) -> Window:
            if draft not in made:
                settings = Settings(index=index, llm="openai:tiny", draft=draft, openai_base_url=model.base_url)
                assistant = stack.enter_context(Assistant.open(settings))
                assistant.library.ingest([folder])
                made[draft] = stack.enter_context(contextmanager(serving)(assistant))
            return made[draft]

        yield window


@pytest.fixture
def open_window(
    model: ModelServer, serve: Callable[[bool], Window], new_page: Callable[..., Page]
) -> Callable[..., tuple[Page, ModelServer]]:
    """Opens the window before a model that says what it is told to."""

    def open_(reply: str | Reply, draft: bool = False) -> tuple[Page, ModelServer]:
        model.default = reply
        model.requests.clear()
        return new_page(serve(draft).address), model

    return open_


def test_a_model_writes_and_code_checks_each_sentence(open_window) -> None:
    page, _ = open_window(
        Reply(
            citing_first(
                "The repairs will cost 18 million crowns, mayor Ida Berg said. [1] "
                "The repairs will cost 25 million crowns. [1]"
            )
        )
    )
    expect(page.locator(".mode > p")).to_contain_text("openai:tiny on 127.0.0.1")
    expect(page.locator(".mode > p")).to_contain_text("nothing leaves this machine")
    ask(page, COST)
    expect(page.locator("#last .sentence").first).to_contain_text("The repairs will cost 18 million crowns")
    expect(page.locator('#last .sentence[data-verdict="unsupported"]')).to_have_text(
        "The repairs will cost 25 million crowns."
    )
    expect(page.locator("#last .flag")).to_have_text("Not in the source")
    expect(page.locator("#last .meta")).to_contain_text("openai:tiny")
    page.locator("#last .chip").first.click()
    expect(page.locator('#cards [data-card="1"] mark')).to_contain_text("18 million crowns")


def test_each_sentence_has_its_verdict_while_the_next_is_written(open_window) -> None:
    page, _ = open_window(
        Reply(
            citing_first(
                "The repairs will cost 18 million crowns, mayor Ida Berg said. [1] "
                "The repairs will cost 25 million crowns. [1] "
                + "So say "
                + ", ".join(f"witness {n}" for n in range(2_000))  # one sentence that is still being written
            )
        )
    )
    ask(page, COST, state="running")
    unsupported = page.locator('#last .sentence[data-verdict="unsupported"]').first
    expect(unsupported).to_have_text("The repairs will cost 25 million crowns.")
    expect(page.locator("#last .flag").first).to_have_text("Not in the source")
    expect(page.locator("#last .writing + .answer button")).to_have_count(0)
    assert page.locator("#last .turn").get_attribute("data-state") == "running"
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#last .stopped")).to_have_text("Stopped. What has no verdict was not checked.")
    expect(unsupported).to_be_visible()


def test_stop_ends_the_request_of_the_model(open_window) -> None:
    said = " ".join(f"Sentence number {n} says something else. [1]" for n in range(3))
    page, model = open_window(Reply(said, hold=Event(), lines_before_hold=18))
    ask(page, COST, state="running")
    expect(page.locator("#last .answer")).to_contain_text("Sentence number 1 says")
    assert not model.requests[0].disconnected.is_set()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#last .stopped")).to_be_visible()
    assert model.requests[0].disconnected.wait(5)


def test_the_sources_stand_there_while_the_model_is_silent(open_window) -> None:
    hold = Event()
    page, _ = open_window(Reply("The repairs will cost 18 million crowns, mayor Ida Berg said. [1]", hold=hold))
    ask(page, COST, state="running")
    expect(page.locator("#sources-heading")).to_have_text("Found so far")
    expect(page.locator("#cards .card").first).to_be_visible()
    expect(page.locator("#last .status")).to_contain_text("Reading")
    hold.set()
    expect(page.locator('#last .turn[data-state="done"]')).to_be_visible()


def test_without_a_model_that_answers_the_articles_do_and_a_notice_says_so(open_window) -> None:
    page, _ = open_window(Reply(status=401, error="No such key."))
    ask(page, COST)
    expect(page.locator("#last .notice")).to_contain_text("These are sentences from the articles instead.")
    expect(page.locator("#last .answer")).to_contain_text("18 million crowns")
    expect(page.locator("#last .meta")).to_contain_text("quoted from the articles")


def test_the_first_answer_stands_above_what_the_model_writes(open_window) -> None:
    hold = Event()
    said = (
        "The repairs will cost 18 million crowns, mayor Ida Berg said. [1] The repairs will cost 25 million crowns. [1]"
    )
    page, _ = open_window(Reply(citing_first(said), hold=hold), draft=True)
    ask(page, COST, state="running")
    expect(page.locator("#last .answer .sentence").first).to_contain_text("18 million crowns")
    expect(page.locator("#last .status")).to_contain_text("The language model reads the passages …")
    expect(page.locator("#sources-heading")).to_have_text("Sources")
    page.locator("#last .chip").first.click()
    expect(page.locator('#cards [data-card="1"] mark')).to_contain_text("18 million crowns")
    hold.set()
    expect(page.locator('#last .turn[data-state="done"]')).to_be_visible()
    expect(page.locator("#last .meta")).to_contain_text("openai:tiny")
    expect(page.locator("#last .answer .sentence")).to_have_count(1)
    folded = page.locator("#last details.folded")
    expect(folded.first).to_contain_text("1 sentence that the sources do not bear out")
    expect(page.get_by_text("The repairs will cost 25 million crowns.")).to_be_hidden()
    folded.first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The repairs will cost 25 million crowns.")).to_be_visible()
    expect(folded.last.locator("summary")).to_have_text("In the articles' own words")
