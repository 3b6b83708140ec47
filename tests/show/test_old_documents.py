"""What Citewire kept and exported before documents had a version still opens and verifies.

The files were made by the program as it was then, from the articles that come with it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation, kept_turns
from qa.errors import ReadError
from qa.library import Library
from qa.prompts import folder
from qa.show.document import answer_of, read_answer, stored_json
from qa.show.document_form import VERSION
from qa.show.export import read_export
from qa.show.verify import verify
from qa.types import Filters, Message

OLD = Path(__file__).parent / "old_documents"
KEPT = json.loads((OLD / "kept.json").read_text("utf-8"))
HOW_MANY = "How many issues are on the agenda of the CIS summit?"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    from qa.settings import load_settings

    with Library.open(load_settings(index=tmp_path_factory.mktemp("old") / "library")) as library:
        library.ingest([folder("seeds")])
        yield library


def test_an_old_answer_has_all_that_was_kept_of_it() -> None:
    first, second, third = map(read_answer, KEPT)
    assert (first.question, first.answer, first.as_of) == (
        HOW_MANY, "The summit has 17 issues on its agenda. [1]", dt.date(2027, 1, 1),
    )  # fmt: skip
    assert first.filters == Filters(any_time=True) and first.citations[0].corrections == ()
    assert first.sentences[0].verdict == "verbatim" and first.sentences[0].citations == (1,)
    assert second.abstained and len(second.citations) == 3
    assert third.filters == Filters(dt.date(2017, 1, 1), dt.date(2017, 12, 31), ("BelTA",), stories=("x",))
    assert third.asked == dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def test_an_old_trace_is_read() -> None:
    first, second, third = (read_answer(document).trace for document in KEPT)
    assert first and second and third
    assert first.question.text == HOW_MANY and first.question.filters.any_time
    assert second.question.window and second.question.window.words == "April 2017"
    assert third.prompt == (Message("system", "Be brief."), Message("user", "How many issues?"))
    assert third.raw == "17 [b7k2]"
    assert first.considered[0].fate == "cited" and first.considered[0].ranks["words"] == 1


@pytest.mark.parametrize("document", KEPT)
def test_what_is_kept_of_it_now_is_of_this_version_and_says_the_same(document: dict[str, object]) -> None:
    again = stored_json(read_answer(document))
    assert again["version"] == VERSION and "version" not in document
    assert read_answer(json.loads(json.dumps(again))) == read_answer(document)
    for citation in again["citations"]:
        assert citation.pop("updated") is None  # it came later
    for sentence in again["sentences"]:
        assert sentence.pop("support") is None  # so did this
        assert sentence.pop("heading") == ""  # and this
    for name in document.keys() - {"trace", "filters"}:
        assert again[name] == document[name]


def test_a_conversation_that_was_kept_then_goes_on(library: Callable[..., Library]) -> None:
    assistant = Assistant(library())
    assistant.library.ingest([folder("seeds")])
    conversations = assistant.library.store.conversations
    row = conversations.start("CIS summit")
    for document in KEPT[:2]:
        conversations.add(row.id, document["question"], document["standalone_question"], document)
    assert [answer_of(turn).text for turn in kept_turns(conversations, row.id)] == [d["answer"] for d in KEPT[:2]]
    assert Conversation.resume(assistant, row.id).turns[0].question == HOW_MANY


@pytest.mark.parametrize("name", ["export.md", "export.html", "export.json", "answer.json"])
def test_an_old_export_opens_and_holds(name: str, seeds: Library) -> None:
    read = read_export(OLD / name)
    assert read.edits == () and read.export.turns[0].question == HOW_MANY
    found = verify(read, seeds)
    assert found.holds, found.summary()
    assert found.turns[0].citations[0].status == "holds"


def test_a_document_of_a_later_version_is_refused() -> None:
    with pytest.raises(ReadError, match=f"it is of version 99, and this program reads version {VERSION}"):
        read_answer({**KEPT[0], "version": 99})
