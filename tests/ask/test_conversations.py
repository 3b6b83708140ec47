"""Conversations that are kept: in the library, in Python, on the command line."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from databases import EVERYWHERE
from hypothesis import given
from hypothesis import strategies as st
from looping import run
from parts import ARTICLES

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation, kept_turns
from qa.errors import LibraryError, ReadError, UsageError
from qa.library import Library
from qa.show.document import answer_json, answer_of, document_json, document_of, read_answer
from qa.store import Conversations, tables
from qa.types import Answer, Draft, Filters

Open = Callable[..., Library]
Write = Callable[[str, str | bytes], Path]
WHO = "Who cut the ribbon of the harbour bridge?"
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def kept(library: Open) -> Conversations:
    return library().store.conversations


@pytest.fixture
def assistant(library: Open, write: Write) -> Iterator[Assistant]:
    for name, text in ARTICLES.items():
        write(f"news/{name}", text)
    ours = library(refuse_below=0.0)
    ours.ingest([write("news/last.txt", "The ferry to Vik was late on Friday.").parent])
    with Assistant(ours) as assistant:
        yield assistant


# --- in the library --------------------------------------------------------------------------------------------------


def test_a_conversation_called_by_its_first_question_goes_by_the_edited_one(kept: Conversations) -> None:
    def titled(title: str, *questions: str) -> str:
        row = kept.start(title)
        kept.add(row.id, questions[0], questions[0], {"answer": ""})
        for question in questions[1:]:
            kept.add(row.id, question, question, {"answer": ""}, replaces_last=True)
        return kept.find(row.id).title

    assert titled("Who cut the ribon?", "Who cut the ribon?", "Who cut the ribbon?") == "Who cut the ribbon?"
    assert titled("The bridge", "Who cut the ribon?", "Who cut the ribbon?") == "The bridge"
    row = kept.start(WHO)
    for question in (WHO, "And when?"):
        kept.add(row.id, question, question, {"answer": ""})
    kept.add(row.id, "And where?", "And where?", {"answer": ""}, replaces_last=True)
    assert kept.find(row.id).title == WHO


def test_turns_are_numbered_in_order_and_come_back_as_they_were_given(kept: Conversations) -> None:
    row = kept.start("  The harbour \n bridge ")
    assert (row.title, row.turns, row.owner) == ("The harbour bridge", 0, None)
    for question in ("Who?", "And “when”?"):
        kept.add(row.id, question, f"{question} (bridge)", {"answer": "Любой 📰", "n": [1, None]})
    turns = kept.turns(row.id)
    assert [(t.number, t.question, t.standalone) for t in turns] == [
        (1, "Who?", "Who? (bridge)"),
        (2, "And “when”?", "And “when”? (bridge)"),
    ]
    assert turns[0].document == {"answer": "Любой 📰", "n": [1, None]}
    again = kept.get(row.id)
    assert again and again.turns == 2 and again.updated >= turns[1].created > row.created


@EVERYWHERE
def test_the_list_has_the_last_changed_first_and_is_searched_by_titles_and_questions(kept: Conversations) -> None:
    first, second, third = (kept.start(title) for title in ("Élection", "The 100% bridge", "Storm"))
    kept.add(third.id, "Who closed the Karsk pass?", "", {})
    kept.add(first.id, "Who won in ÖREBRO?", "", {})
    assert [row.id for row in kept.rows()] == [first.id, third.id, second.id]
    assert [row.id for row in kept.rows(most=1)] == [first.id]
    assert [row.id for row in kept.rows("éLECTION")] == [first.id]
    assert [row.id for row in kept.rows("örebro who")] == [first.id]
    assert [row.id for row in kept.rows("who")] == [first.id, third.id]
    assert [row.id for row in kept.rows("100%")] == [second.id]
    assert kept.rows("1_0") == [] and kept.rows("who nobody") == []
    assert kept.last().id == first.id


def test_answers_and_sources_are_searched_and_what_else_a_turn_keeps_is_not(kept: Conversations) -> None:
    first, second, damaged = (kept.start(title) for title in ("Bridge", "Storm", "Pass"))
    source = {"title": 'Brücke "Nord" öffnet', "outlet": "The Vik Herald", "quote": "zebra"}
    document = {"answer": 'It cost 48 million "crowns". [1]', "citations": [source], "texts": {"a": "unicorn"}}
    kept.add(first.id, "What did it cost?", "", document)
    kept.add(second.id, "Who closed it?", "", {"answer": None, "citations": None})
    kept.add(damaged.id, "Who?", "", {})
    with kept._db.writing() as db:
        broken = tables.turns.update().where(tables.turns.c.conversation == damaged.id)
        db.execute(broken.values(answer='{"answer": "48 million'))
    for words in ("48 MILLION", '"crowns"', '"nord" ÖFFNET', "vik herald", "bridge cost million"):
        assert [row.id for row in kept.rows(words)] == [first.id], words
    for words in ("unicorn", "zebra", "citations", "48%"):
        assert kept.rows(words) == [], words


def test_the_stamp_changes_with_whatever_the_list_shows(kept: Conversations) -> None:
    stamps = [kept.stamp(owner="ada")]
    row = kept.start("Storm", owner="ada")
    stamps.append(kept.stamp(owner="ada"))
    kept.add(row.id, "Who?", "", {})
    stamps.append(kept.stamp(owner="ada"))
    kept.rename(row.id, "Wind")
    stamps.append(kept.stamp(owner="ada"))
    kept.start("Bridge", owner="bob")
    assert kept.stamp(owner="ada") == stamps[-1] != kept.stamp()
    kept.delete(row.id)
    stamps.append(kept.stamp(owner="ada"))
    assert all(one != other for one, other in pairwise(stamps))


def test_a_conversation_is_named_by_id_by_its_beginning_or_by_title(kept: Conversations) -> None:
    row, other = kept.start("Storm"), kept.start("Bridge")
    for name in (row.id, row.id[:5], row.id[:5].upper(), "storm", " Storm "):
        assert kept.find(name).id == row.id
    kept.rename(other.id, "STORM")
    with pytest.raises(UsageError, match="'storm' names 2 conversations"):
        kept.find("storm")
    with pytest.raises(UsageError, match="There is no conversation 'sto'"):
        kept.find("sto")


def test_rename_and_delete(kept: Conversations) -> None:
    row = kept.start("Storm")
    kept.add(row.id, "Who?", "", {})
    assert kept.rename(row.id, "Wind").title == "Wind"
    with pytest.raises(UsageError, match="title is empty"):
        kept.rename(row.id, " \n")
    kept.delete(row.id)
    assert kept.get(row.id) is None and kept.turns(row.id) == [] and kept.rows() == []
    for change in (lambda: kept.delete(row.id), lambda: kept.add(row.id, "", "", {}), lambda: kept.rename(row.id, "x")):
        with pytest.raises(UsageError, match=f"no conversation '{row.id}'"):
            change()
    with pytest.raises(UsageError, match="No conversation is kept yet"):
        kept.last()


def test_a_long_title_is_cut_between_words(kept: Conversations) -> None:
    title = kept.start("word " * 100).title
    assert len(title) <= 200 and title.endswith("word…")


def test_an_owner_sees_only_their_own(kept: Conversations) -> None:
    hers, his, nobodys = kept.start("Hers", owner="ines"), kept.start("His", owner="otto"), kept.start("Nobody's")
    assert {row.id for row in kept.rows()} == {hers.id, his.id, nobodys.id}
    assert [row.id for row in kept.rows(owner="ines")] == [hers.id]
    assert kept.get(his.id, owner="ines") is None
    for change in (
        lambda: kept.delete(his.id, owner="ines"),
        lambda: kept.rename(his.id, "Mine", owner="ines"),
        lambda: kept.add(his.id, "", "", {}, owner="ines"),
        lambda: kept.find("His", owner="ines"),
    ):
        with pytest.raises(UsageError):
            change()
    assert kept.last(owner="otto").id == his.id


def test_a_library_from_before_conversations_is_opened_and_keeps_them(library: Open, write: Write) -> None:
    ours = library()
    ours.ingest([write("storm.txt", ARTICLES["storm.txt"])])
    path = ours.settings.index / "articles.db"
    ours.close()
    with sqlite3.connect(path) as db:
        db.executescript("DROP TABLE turns; DROP TABLE conversations;")
    db.close()
    again = library()
    assert again.store.conversations.rows() == []
    again.store.conversations.start("Storm")
    assert again.count() == 1
    assert [row.title for row in library().store.conversations.rows()] == ["Storm"]


def test_neither_ingest_nor_remove_nor_the_indexes_notice(assistant: Assistant) -> None:
    before = assistant.library.store.articles.generation()
    conversation = Conversation(assistant)
    conversation.ask(WHO)
    assert assistant.library.store.articles.generation() == before
    assistant.library.remove([row.id for row in assistant.library.articles()])
    assert len(Conversation.resume(assistant).turns) == 1


# --- what is kept of an answer ---------------------------------------------------------------------------------------


def test_a_turn_is_the_document_of_qa_ask_with_what_is_known_besides(assistant: Assistant) -> None:
    answer = assistant.ask(WHO, filters=Filters(dt.date(2021, 1, 1), None, ("Tern Valley Herald",)))
    document = document_json(document_of(answer, NOW))
    contract = answer_json(answer)
    for name in contract.keys() - {"sentences", "citations", "filters"}:
        assert document[name] == contract[name]
    assert document["filters"].items() >= contract["filters"].items()
    for name in ("sentences", "citations"):
        for ours, theirs in zip(document[name], contract[name], strict=True):
            assert ours.items() >= {k: v for k, v in theirs.items()}.items()
    assert document.keys() - contract.keys() == {"version", "as_of", "asked", "texts", "verifier"}
    assert document["asked"] == "2026-03-01T12:00:00+00:00"


def test_a_turn_is_read_back_as_it_was(assistant: Assistant) -> None:
    turn = document_of(assistant.ask(WHO, as_of=dt.date(2022, 1, 1)), NOW)
    again = read_answer(document_json(turn))
    assert document_json(again) == document_json(turn)
    assert (again.sentences, again.citations, again.passages, again.texts) == (
        turn.sentences, turn.citations, turn.passages, turn.texts,
    )  # fmt: skip


def test_a_plain_document_of_qa_ask_is_read_too(assistant: Assistant) -> None:
    turn = read_answer(answer_json(assistant.ask(WHO)))
    assert turn.citations[0].corrections is None and turn.asked is None and not turn.texts


def test_an_answer_is_shown_again_with_the_article_or_with_what_was_kept_of_it(assistant: Assistant) -> None:
    answer = assistant.ask(WHO)
    turn = document_of(answer, NOW)
    again = answer_of(turn, assistant.library.article)
    assert again == Answer(
        **{name: getattr(answer, name) for name in Answer.__slots__ if name != "hits"}, hits=again.hits
    )
    alone = answer_of(turn)
    assert [c.quote for c in alone.citations] == [c.quote for c in answer.citations]
    assert [hit.passage.text for hit in alone.hits] == [hit.passage.text for hit in answer.hits]
    assert alone.citations[0].article.outlet == answer.citations[0].article.outlet


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("question"), "'question' of the answer is missing"),
        (lambda d: d["citations"].append(d["citations"][0]), "two citations of one answer have the same number"),
        (lambda d: d["sentences"][0].update(citations=[9]), "a sentence cites [9]"),
        (lambda d: d["sentences"][0].update(verdict="true"), "'verdict' of a sentence is not one of: verbatim"),
        (lambda d: d["citations"][0].update(start=-1), "'start' of a citation is not a whole number from 0"),
        (lambda d: d["citations"][0].update(start=True), "'start' of a citation is not a whole number from 0"),
        (lambda d: d["citations"][0].update(date="19 Jan"), "'date' of a citation is not a day"),
        (lambda d: d.update(asked="noon"), "'asked' of the answer is not a moment"),
        (lambda d: d.update(sentences={}), "'sentences' of the answer is not a list"),
        (lambda d: d.update(citations=["x"]), "a citation is not a JSON object"),
    ],
)
def test_what_is_wrong_with_a_document_is_said(assistant: Assistant, change, words: str) -> None:
    document = document_json(document_of(assistant.ask(WHO), NOW))
    change(document)
    with pytest.raises(ReadError) as error:
        read_answer(document)
    assert words in str(error.value)


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
            ["question", "standalone_question", "answer", "mode", "sentences", "citations", "filters", "texts", "n"]
        ) | st.text(), inner),
    )
)  # fmt: skip
def test_any_document_is_read_or_refused_in_words(document: object) -> None:
    try:
        document_json(read_answer(document))
    except ReadError as error:
        assert str(error)


# --- in Python -------------------------------------------------------------------------------------------------------


def test_a_conversation_is_kept_from_its_first_answer_on(assistant: Assistant) -> None:
    conversation = Conversation(assistant)
    kept = assistant.library.store.conversations
    steps = conversation.stream(WHO)
    assert isinstance(next(steps), Draft) and kept.rows() == []
    *_, answer = steps
    assert isinstance(answer, Answer)
    [row] = kept.rows()
    assert (row.id, row.title, row.turns) == (conversation.id, WHO, 1)
    steps = conversation.stream("And what did it cost?")
    next(steps)
    steps.close()
    assert kept.rows()[0].turns == 1 and len(conversation.turns) == 1


def test_a_follow_up_knows_what_was_said_before_also_when_resumed(assistant: Assistant) -> None:
    conversation = Conversation(assistant)
    conversation.ask("Who won the national chess cup?")
    assert "chess cup" in conversation.ask("And when was that?").question.standalone
    resumed = Conversation.resume(assistant, conversation.id)
    assert len(resumed.turns) == 2
    assert "chess cup" in resumed.ask("And why?").question.standalone
    assert [turn.question for turn in kept_turns(assistant.library.store.conversations, resumed.id or "")] == [
        "Who won the national chess cup?",
        "And when was that?",
        "And why?",
    ]


def test_a_conversation_holds_to_its_filters_and_its_day(assistant: Assistant) -> None:
    lark, day = Filters(outlets=("The Morning Lark",)), dt.date(2022, 12, 1)
    conversation = Conversation(assistant, filters=lark, as_of=day)
    for question in ("Who won the cup?", "Who cut the ribbon?"):
        answer = conversation.ask(question)
        assert (answer.question.filters, answer.question.as_of) == (lark, day)
        assert {hit.passage.article.outlet for hit in answer.hits} == {"The Morning Lark"}
    resumed = Conversation.resume(assistant)
    assert (resumed.filters, resumed.as_of) == (lark, day)
    assert resumed.ask(WHO, filters=Filters(), as_of=None).question.filters == Filters()
    assert (resumed.filters, resumed.as_of) == (Filters(), None)
    assert Conversation.resume(assistant).filters == Filters()


def test_any_time_is_said_of_one_question_and_chosen_articles_of_all(assistant: Assistant) -> None:
    school = next(row.id for row in assistant.library.articles() if row.title == "School wins chess cup")
    chosen = Filters(articles=(school,), stories=("gone",), any_time=True)
    conversation = Conversation(assistant)
    first = conversation.ask("Who won the cup in 2019?", filters=chosen)
    assert first.question.filters == chosen and first.question.window is None
    assert {hit.passage.article.id for hit in first.hits} == {school}
    resumed = Conversation.resume(assistant, conversation.id)
    assert resumed.turns[0].filters == chosen
    assert resumed.filters == conversation.filters == replace(chosen, any_time=False)


def test_a_conversation_that_is_not_kept_leaves_nothing(assistant: Assistant) -> None:
    conversation = Conversation(assistant, kept=False)
    conversation.ask("Who won the national chess cup?")
    assert "chess cup" in conversation.ask("And when was that?").question.standalone
    assert conversation.id is None and assistant.library.store.conversations.rows() == []


def test_a_conversation_that_was_deleted_while_it_goes_on_is_kept_anew(assistant: Assistant) -> None:
    kept = assistant.library.store.conversations
    conversation = Conversation(assistant, title="Bridge")
    conversation.ask(WHO)
    assert conversation.id
    kept.delete(conversation.id)
    assert conversation.ask("And what did it cost?")
    [row] = kept.rows()
    assert (row.id, row.title, row.turns) == (conversation.id, "Bridge", 2)


def test_the_async_twin_keeps_the_same(assistant: Assistant) -> None:
    async def talk() -> Answer:
        conversation = Conversation(assistant)
        await conversation.aask("Who won the national chess cup?")
        return await conversation.aask("And when was that?")

    assert "chess cup" in run(talk()).question.standalone
    assert len(Conversation.resume(assistant).turns) == 2


def test_a_turn_that_was_damaged_is_an_error_in_words(assistant: Assistant) -> None:
    kept = assistant.library.store.conversations
    row = kept.start("Odd")
    kept.add(row.id, "Who?", "Who?", {"question": 3})
    with pytest.raises(LibraryError, match=f"Turn 1 of conversation {row.id} cannot be read: 'question' of the answer"):
        Conversation.resume(assistant, "Odd")
