"""Questions for evals from what was asked in the window: a turn with its right passages, and thumbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from parts import ARTICLES

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.errors import EvalError, UsageError
from qa.evaluation.sets import load_set
from qa.library import Library
from qa.ui.collecting import (
    add_thumbs,
    add_turn,
    fields_html,
    found_in,
    keep_thumb,
    thumbed_html,
    turn_of,
)
from qa.ui.context import AppState

CUP = "What did the pupils of the Lindgren School win?"
CUT = "Who cut the ribbon of the harbour bridge?"
NONE = "Which striker won the Zimbabwean football league with Dynamos Harare?"


@pytest.fixture
def app(library: Callable[..., Library], write: Callable[[str, str], Path]) -> AppState:
    """The state of a window over the three articles of parts.py."""
    made = library()
    made.ingest([write(f"news/{name}", text) for name, text in ARTICLES.items()])
    return AppState(Assistant(made))


def asked(app: AppState, *questions: str, owner: str | None = None) -> str:
    """The id of a conversation in which these were asked."""
    conversation = Conversation(app.assistant, owner=owner)
    for question in questions:
        conversation.ask(question)
    assert conversation.id
    return conversation.id


def payload(conversation: str, number: int = 1, **more: object) -> dict[str, object]:
    return {"conversation": conversation, "number": str(number), "set": "Mine", **more}


def own(app: AppState, name: str = "Mine") -> Path:
    return app.assistant.settings.index / "sets" / name


def test_a_turn_goes_into_a_set_with_what_it_cites(app: AppState) -> None:
    id_ = asked(app, CUP)
    words = add_turn(
        app, payload(id_, question=CUP, passages=[0], answers="the national chess cup\n\n", as_of="2022-11-21"), None
    )
    assert words == "Added to the set “Mine”, which now has 1 question."
    made = load_set(own(app))
    (query,) = made.queries
    assert (query.text, query.answers, str(query.date)) == (CUP, ("the national chess cup",), "2022-11-21")
    (evidence,) = query.evidence
    assert evidence.text == "Pupils of the Lindgren School won the national chess cup on Sunday."
    assert made.qrels[query.id] == {evidence.article_id: 1}
    assert len(made.articles) == 3  # all that was found comes along, for the search to choose among
    assert "which now has 1 question." in add_turn(app, payload(id_, question=CUP.upper(), passages=[0]), None)


def test_the_dialog_shows_the_question_and_ticks_what_is_cited(app: AppState) -> None:
    id_ = asked(app, CUP)
    turn = turn_of(app, payload(id_), None)
    first, *others = found_in(app, turn)
    assert first.is_cited and first.is_here
    assert others and not any(found.is_cited for found in others)
    html = fields_html(app, turn, None)
    assert f">{CUP}</textarea>" in html
    assert html.count(" checked") == 1
    assert 'value="My questions"' in html
    assert "Everybody" not in html
    assert "Everybody who uses this library" in fields_html(app, turn, "anna")


def test_of_a_passage_that_was_not_cited_the_sentences_with_the_answer_are_evidence(app: AppState) -> None:
    id_ = asked(app, CUP)
    found = found_in(app, turn_of(app, payload(id_), None))
    bridge = next(n for n, one in enumerate(found) if "Ines Falk" in one.span.text)
    add_turn(app, payload(id_, question=CUT, passages=[bridge], answers="Ines Falk"), None)
    (query,) = load_set(own(app)).queries
    assert [evidence.text for evidence in query.evidence] == ["Mayor Ines Falk cut the ribbon."]


def test_what_the_articles_do_not_say_is_a_question_too(app: AppState) -> None:
    id_ = asked(app, NONE)
    turn = turn_of(app, payload(id_), None)
    assert turn.abstained
    assert 'name="unanswerable" checked' in fields_html(app, turn, None)
    add_turn(app, payload(id_, question=NONE, unanswerable=True, passages=[0], answers="nobody"), None)
    (query,) = load_set(own(app)).queries
    assert (query.answerable, query.evidence, query.answers) == (False, (), ())


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"passages": []}, EvalError, "No passage is named that answers the question"),
        ({"passages": [0], "question": " "}, EvalError, "The question is empty"),
        ({"passages": [0], "set": ""}, UsageError, "The set has no name"),
        ({"passages": [0], "set": "../x"}, UsageError, "cannot be the name of a set"),
        ({"passages": [0], "as_of": "yesterday"}, UsageError, "'yesterday' is no day"),
        ({"passages": [0], "number": "2"}, UsageError, "not here any more"),
        ({"passages": [0], "conversation": "elsewhere"}, UsageError, "not here any more"),
    ],
)
def test_what_is_missing_is_told(app: AppState, more: dict[str, object], error: type[Exception], words: str) -> None:
    id_ = asked(app, CUP)
    with pytest.raises(error, match=words):
        add_turn(app, {**payload(id_, question=CUP), **more}, None)
    assert not own(app).exists()


def test_an_article_that_is_gone_cannot_be_evidence(app: AppState) -> None:
    id_ = asked(app, CUP)
    turn = turn_of(app, payload(id_), None)
    app.library.remove([turn.citations[0].article_id])
    html = fields_html(app, turn, None)
    assert "The article has changed or is gone from the library." in html
    assert " checked" not in html
    with pytest.raises(EvalError, match="No passage is named"):
        add_turn(app, payload(id_, question=CUP, passages=[0]), None)


def test_a_conversation_is_its_owners(app: AppState) -> None:
    id_ = asked(app, CUP, owner="anna")
    assert turn_of(app, payload(id_), "anna").question == CUP
    with pytest.raises(UsageError, match="not here any more"):
        turn_of(app, payload(id_), "ben")
    with pytest.raises(UsageError, match="not here any more"):
        keep_thumb(app, "ben", id_, 1, True)


def thumbs(app: AppState, id_: str, given: Sequence[tuple[int, bool | None]], owner: str | None = None) -> None:
    for number, up in given:
        keep_thumb(app, owner, id_, number, up, None if up or up is None else "wrong source")


def test_thumbs_up_become_questions(app: AppState) -> None:
    id_ = asked(app, CUP, CUT, NONE)
    assert "None has one yet." in thumbed_html(app, None)
    with pytest.raises(EvalError, match="nothing to add"):
        add_thumbs(app, None, "Mine")
    thumbs(app, id_, [(1, False), (1, True), (2, True), (2, None), (3, True)])
    assert "2 answers with a thumb up." in thumbed_html(app, None)
    assert add_thumbs(app, None, "Mine") == "2 questions added to the set “Mine”, which now has 2 questions."
    made = load_set(own(app))
    assert [(query.text, query.answerable) for query in made.queries] == [(CUP, True), (NONE, False)]
    assert made.queries[0].evidence[0].text.startswith("Pupils of the Lindgren School")
    assert len(made.articles) == 3


def test_thumbs_are_their_readers(app: AppState) -> None:
    thumbs(app, asked(app, CUP, owner="anna"), [(1, True)], "anna")
    assert "1 answer with a thumb up." in thumbed_html(app, "anna")
    assert "None has one yet." in thumbed_html(app, "ben")
    assert "None has one yet." in thumbed_html(app, None)


def test_what_an_article_holds_is_shown_as_text(
    library: Callable[..., Library], write: Callable[[str, str], Path]
) -> None:
    bad = '<img src=x onerror="window.canary=1">'
    text = (
        f"---\ntitle: '{bad}'\noutlet: '<b>x</b>'\ndate: 2022-01-01\n---\n\nThe pier {bad} was painted blue in May.\n"
    )
    made = library()
    made.ingest([write("news/bad.md", text)])
    app = AppState(Assistant(made))
    id_ = asked(app, f"In which colour was the pier painted? {bad}")
    html = fields_html(app, turn_of(app, payload(id_), None), None)
    assert "<img" not in html
    assert "<b>" not in html
