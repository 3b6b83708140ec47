"""What an answer says besides what was asked, the whole way: false premises, articles that differ, corrections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import ModelServer

from qa.ask.assistant import Assistant
from qa.library import Library
from qa.prompts import refusal
from qa.settings import load_settings
from qa.show.document import answer_json
from qa.show.html import answer_html
from qa.show.wording import answer_text

ARTICLES = {
    "herald.md": """---
title: Ferry sinks off Brakvik
outlet: Fjord Herald
date: 2023-07-03
---
The ferry that sank off Brakvik on Sunday killed 17 people, the harbour police said. The ferry was built by Vestyard.

Correction: An earlier version of this article gave a wrong name of the ferry's builder.
""",
    "post.md": """---
title: More dead after the sinking
outlet: Skerry Post
date: 2023-07-05
---
The ferry that sank off Brakvik has killed 20 people, the county police said. Divers searched the wreck for two days.
""",
    "bridge.md": """---
title: A bridge for Lorholm
outlet: Skerry Post
date: 2023-03-01
---
Lorholm will build a bridge with six lanes over the Tern. The bridge will be opened by Mayor Ines Falk.
""",
}
DEATHS = "How many people has the ferry that sank off Brakvik killed?"
HERALD, POST = "17 people (Fjord Herald, 3 Jul 2023)", "20 people (Skerry Post, 5 Jul 2023)"
NEWEST = f"The newest article says {POST}; before, {HERALD}."
KILLED = "How many people did the ferry that sank off Brakvik kill?"
DIFFER, OTHER_WAY_ROUND = f"The articles differ: {HERALD}, {POST}.", f"The articles differ: {POST}, {HERALD}."


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, index = tmp_path_factory.mktemp("articles"), tmp_path_factory.mktemp("library")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, "utf-8")
    with Library.open(load_settings(index=index)) as library:
        library.ingest([folder])
    return index


@pytest.fixture
def assistant(index: Path) -> Iterator[Assistant]:
    with Assistant.open(load_settings(index=index, refuse_below=0)) as assistant:
        yield assistant


@pytest.fixture
def served(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Assistant, ModelServer]]:
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        with Assistant.open(load_settings(index=index, llm="openai:tiny", model_timeout=5)) as assistant:
            yield assistant, server


@pytest.mark.parametrize(("asked", "told"), [(DEATHS, (NEWEST,)), (KILLED, (DIFFER, OTHER_WAY_ROUND))])
def test_articles_that_differ_are_told_after_the_answer_with_a_citation_each(
    assistant: Assistant, asked: str, told: tuple[str, ...]
) -> None:
    answer = assistant.ask(asked)
    last = answer.sentences[-1]
    assert last.text in told
    assert (last.verdict, last.reasons, len(last.citations)) == ("supported", (), 2)
    assert {answer.citations[n - 1].article.outlet for n in last.citations} == {"Fjord Herald", "Skerry Post"}
    assert not answer.abstained and len(answer.sentences) > 1


def test_a_model_that_tells_one_value_gets_the_others_beside_it(served: tuple[Assistant, ModelServer]) -> None:
    answer = served[0].ask(KILLED)
    assert answer.notice and answer.notice.startswith("The articles differ: ")
    assert "17 people" in answer.notice and "20 people" in answer.notice


def test_a_false_premise_is_all_that_is_said(assistant: Assistant) -> None:
    answer = assistant.ask("Who will open the bridge with four lanes over the Tern in Lorholm?")
    assert answer.text == "The articles say six lanes, not four lanes. [1]"
    assert answer.abstained and answer.sentences[0].verdict == "supported"
    assert "six lanes" in answer.citations[0].quote and answer.citations[0].article.outlet == "Skerry Post"
    assert answer_json(answer)["sentences"][0]["citations"] == [1]
    assert "six lanes, not four lanes" in answer_html(answer) and "six lanes" in answer_text(answer)
    true = assistant.ask("Who will open the bridge with six lanes over the Tern in Lorholm?")
    assert not true.abstained and "Ines Falk" in true.text


FOUR = "Who will open the bridge with four lanes over the Tern in Lorholm?"


def test_the_correction_is_the_answer_whatever_a_model_agrees_to(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    server._replies.append("The bridge with four lanes will be opened by Mayor Ines Falk [1].")
    answer = assistant.ask(FOUR)
    assert answer.text == "The articles say six lanes, not four lanes. [1]" and answer.mode == "extractive"
    assert answer.notice == "The articles contradict the question, so that openai:tiny does not answer it."


def test_a_false_premise_stands_beside_what_a_model_says_alone(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    assistant = assistant.with_(assistant.model, assistant.settings.model_copy(update={"draft": False}))
    server._replies.append(refusal())
    answer = assistant.ask(FOUR)
    assert answer.abstained and answer.text == refusal()
    assert answer.notice == "The articles say six lanes, not four lanes."


def test_a_correction_of_a_cited_article_is_named(assistant: Assistant) -> None:
    answer = assistant.ask("Who built the ferry that sank off Brakvik?")
    assert "Vestyard" in answer.text
    assert answer.notice == (
        "Fjord Herald, 3 Jul 2023, corrected this article: "
        "An earlier version of this article gave a wrong name of the ferry's builder."
    )
    assert assistant.ask("Which mayor will open the bridge in Lorholm?").notice is None
