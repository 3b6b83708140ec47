"""How an answer came about: where each score put a passage, what became of it, the prompt, and that it all stays."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import ARTICLES
from servers import ModelServer, key_of

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.ask.retrieve.passes import SearchPass
from qa.ask.retrieve.rank import spread
from qa.ask.trace import COPY, MOST, NO_ROOM, considered, decided, listed
from qa.check import check
from qa.check.highlight import highlight
from qa.errors import ReadError
from qa.library import Library
from qa.models import load_language_model
from qa.settings import load_settings
from qa.show.document import answer_json, document_json, document_of, read_answer, stored_json
from qa.show.export import FORMATS, make_export, write_export
from qa.types import (
    Answer,
    Article,
    Citation,
    Claim,
    Filters,
    Hit,
    Message,
    Passage,
    Question,
    Search,
    TimeWindow,
    Trace,
)

Open = Callable[..., Library]
Write = Callable[[str, str | bytes], Path]
WHO = "Who cut the ribbon of the harbour bridge?"
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def ours(library: Open, write: Write) -> Library:
    for name, text in ARTICLES.items():
        write(f"news/{name}", text)
    opened = library(refuse_below=0.0, top=2)
    opened.ingest([write("news/last.txt", "The ferry to Vik was late on Friday.").parent])
    return opened


@pytest.fixture
def assistant(ours: Library) -> Iterator[Assistant]:
    with Assistant(ours) as assistant:
        yield assistant


def trace_of(answer: Answer) -> Trace:
    assert answer.trace is not None
    return answer.trace


def hit(id_: int, score: float = 0.5, article: str | None = None, **scores: float) -> Hit:
    text = "x" * 1000
    return Hit(Passage(Article(article or f"a{id_}", f"Title {id_}", text), id_, id_ + 10, id_), score, **scores)


# --- the passages ----------------------------------------------------------------------------------------------------


def test_each_score_gives_its_place_and_a_score_that_did_not_find_it_gives_none() -> None:
    a = hit(1, 0.9, bm25=8.0, words=1.0, cosine=0.2, vectors=0.0)
    b = hit(2, 0.6, bm25=4.0, words=0.5, cosine=0.7, vectors=1.0)
    c = hit(3, 0.1, bm25=0.0, words=0.0, cosine=0.4, vectors=0.4)
    d = hit(4, 0.4, bm25=6.0, words=0.75)
    by_ranker = [replace(b, score=0.8, coverage=0.5), replace(a, score=0.3, coverage=0.25), c, d]
    one = SearchPass("Who?", [a, b, d, c], best=0.8, orders={"ranker": by_ranker}, nearness={1: 0.25})
    rows = {row.article_id: row for row in considered([one], by_ranker, by_ranker, 4)}
    assert rows["a1"].ranks == {"words": 1, "vectors": 3, "ranker": 2} and rows["a1"].rank == 2
    assert rows["a2"].ranks == {"words": 3, "vectors": 1, "ranker": 1} and rows["a2"].rank == 1
    assert rows["a3"].ranks == {"vectors": 2, "ranker": 3}
    assert rows["a4"].ranks == {"words": 2, "ranker": 4}
    assert rows["a1"].scores == {
        "words": 1.0,
        "vectors": 0.0,
        "fused": 0.9,
        "nearness": 0.25,
        "ranker": 0.3,
        "coverage": 0.25,
    }
    assert "vectors" not in rows["a4"].scores
    assert one.search == Search("Who?", 4, 0.8, None)


def test_a_further_order_has_its_own_place_and_score() -> None:
    a, b = hit(1, 0.9, bm25=2.0), hit(2, 0.5, bm25=1.0)
    again = [replace(b, score=1.0), replace(a, score=0.0)]
    one = SearchPass("Who?", [a, b], orders={"ranker": [a, b], "reranker": again})
    first, second = considered([one], again, again, 4)
    assert (first.article_id, first.ranks["ranker"], first.ranks["reranker"]) == ("a2", 2, 1)
    assert first.scores["reranker"] == 1.0 and second.scores["ranker"] == 0.9


def test_what_a_second_search_found_says_so() -> None:
    a, b = hit(1, bm25=2.0), hit(2, bm25=3.0)
    one = SearchPass("Who?", [a], [a, b], best=0.2, is_second_made=True, orders={"ranker": [a, b]})
    assert one.search == Search("Who?", 1, 0.2, 1)
    first, second = considered([one], [a, b], [a, b], 4)
    assert (first.is_second, second.is_second) == (False, True)
    assert second.ranks["words"] == 1


def test_what_became_of_each_passage_and_why() -> None:
    many = [hit(n, 1 - n / 100, "much") for n in range(1, 7)]
    others = [hit(n, 0.5 - n / 100) for n in range(10, 20)]
    merged, copy = [*many, *others], hit(30)
    final = spread(merged, 4)
    one = SearchPass("Who?", [*merged, copy], orders={"ranker": merged})
    rows = considered([one], merged, final, 4)
    cited = Citation(1, many[0].passage.article, 0, 3)
    done = {(r.article_id, r.start): r for r in decided(rows, 10, [cited], is_refusal=False)}
    assert done["much", 1].fate == "cited" and done["much", 1].cites == (1,)
    assert done["much", 4].fate == "read" and done["a15", 15].fate == "read"
    held = done["much", 5]
    assert (held.fate, held.rank) == ("cut", 11)
    assert held.reason == "behind the first page: 4 passages of this article are on it"
    assert (done["a19", 19].fate, done["a19", 19].reason) == ("cut", "below the first 10")
    assert (done["a30", 30].fate, done["a30", 30].reason, done["a30", 30].rank) == ("cut", COPY, None)
    [closest, *_] = decided(rows, 10, [cited], is_refusal=True)
    assert closest.fate == "closest"


def test_what_had_no_room_in_the_prompt_was_not_read() -> None:
    a, b = hit(1), hit(2)
    rows = considered([SearchPass("Who?", [a, b], orders={"ranker": [a, b]})], [a, b], [a, b], 4)
    first, second = decided(rows, 10, [], is_refusal=False, in_prompt=[a.passage])
    assert (first.fate, second.fate, second.reason) == ("read", "cut", NO_ROOM)


def test_the_best_are_listed_with_all_that_are_cited() -> None:
    hits = [hit(n, 1 / n) for n in range(1, 81)]
    rows = considered([SearchPass("Who?", hits, orders={"ranker": hits})], hits, hits, 4)
    cited = Citation(1, hits[70].passage.article, 71, 75)
    kept = listed(decided(rows, 10, [cited], is_refusal=False))
    assert len(kept) == MOST + 1 and kept[-1].article_id == "a71"


# --- of a whole answer -----------------------------------------------------------------------------------------------


def test_an_answer_without_a_model_says_how_it_came_about(assistant: Assistant) -> None:
    answer = assistant.ask(WHO, filters=Filters(date_from=dt.date(2021, 1, 1)), as_of=dt.date(2022, 11, 21))
    trace = trace_of(answer)
    assert trace.question == answer.question
    first, second = trace.considered[:2]
    assert (first.title, first.fate, first.rank) == ("Harbour bridge opens", "cited", 1)
    assert first.ranks["words"] == first.ranks["ranker"] == 1 and 0 < first.scores["nearness"] < 1
    assert second.fate in ("read", "cited") and second.rank == 2
    assert [row.rank for row in trace.considered] == list(range(1, len(answer.hits) + 1))
    assert [row.scores["reader"] for row in trace.considered] == [hit.score for hit in answer.hits]
    assert trace.confidence is not None and 0 < trace.confidence <= 1 and trace.refuse_below == 0.0
    assert trace.prompt is None and trace.raw is None
    assert list(trace.stages_ms) == ["understand", "search", "rank", "read", "answer", "check"]
    assert 0 < sum(trace.stages_ms.values()) <= answer.timings_ms["total"] + 1


def test_passages_behind_the_last_that_is_read_are_cut(assistant: Assistant) -> None:
    trace = trace_of(assistant.ask("What about the harbour, the school, the storm, the road and the ferry?"))
    assert [row.reason for row in trace.considered[2:] if row.fate == "cut"] == ["below the first 2"] * len(
        trace.considered[2:]
    )
    assert len(trace.considered) > 2


def test_a_second_search_is_told_with_why(library: Open, ours: Library) -> None:
    with Assistant(library(look_again_below=1.0, refuse_below=0.0)) as assistant:
        trace = trace_of(assistant.ask(WHO))
    [search] = trace.searches
    assert search.added is not None and search.best is not None and search.best < trace.look_again_below == 1.0
    with Assistant(library(look_again_below=0.0, refuse_below=0.0)) as assistant:
        assert trace_of(assistant.ask(WHO)).searches[0].added is None


def test_the_parts_of_a_question_are_searched_for_alone(assistant: Assistant) -> None:
    trace = trace_of(assistant.ask("Who cut the ribbon of the harbour bridge, and who won the national chess cup?"))
    assert len(trace.question.parts) == 2
    assert [search.text for search in trace.searches[:2]] == [part.text for part in trace.question.parts]
    assert len(trace.searches) == 3 and {row.part for row in trace.considered[:2]} <= {
        search.text for search in trace.searches
    }


@pytest.fixture
def served(library: Open, ours: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Assistant, ModelServer]]:
    key = "sk-only-for-this-test-0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        settings = load_settings(index=ours.settings.index, llm="openai:tiny", model_timeout=5)
        with Assistant(ours, load_language_model("openai:tiny", settings)) as assistant:
            yield assistant, server


def test_the_prompt_and_what_the_model_wrote_are_kept_and_no_key(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    said = "Mayor Ines Falk cut the ribbon"
    server._replies.append(lambda messages: f"{said} [{key_of(messages, said)}].")  # type: ignore[arg-type]
    answer = assistant.ask(WHO)
    trace = trace_of(answer)
    assert trace.prompt and [message.role for message in trace.prompt] == ["system", "user"]
    assert [message.content for message in trace.prompt] == [m["content"] for m in server.requests[-1].messages]
    assert trace.raw and trace.raw.startswith(said)
    assert trace.confidence and trace.confidence > trace.refuse_below
    assert answer.sentences[0].citations and trace.considered[0].fate == "cited"
    assert server.requests[-1].key == "sk-only-for-this-test-0123456789"
    assert server.requests[-1].key not in json.dumps(stored_json(document_of(answer, NOW)))


def test_what_a_model_wrote_is_kept_where_it_was_not_used(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    server._replies.append("")  # type: ignore[arg-type]
    answer = assistant.ask(WHO)
    trace = trace_of(answer)
    assert answer.mode == "extractive" and trace.prompt and trace.raw == ""
    assert trace.confidence is not None


# --- kept ------------------------------------------------------------------------------------------------------------


def test_it_is_there_after_a_reload_and_in_no_export_and_not_in_the_contract(assistant: Assistant) -> None:
    conversation = Conversation(assistant)
    answer = conversation.ask(WHO, filters=Filters(outlets=("Tern Valley Herald",)))
    assert "trace" not in answer_json(answer)
    again = Conversation.resume(assistant, conversation.id).turns[0]
    assert again.trace is not None
    read, was = again.trace, trace_of(answer)
    assert read.question == was.question and read.searches[0].found == was.searches[0].found
    assert [(r.article_id, r.rank, r.ranks, r.fate, r.reason, r.cites) for r in read.considered] == [
        (r.article_id, r.rank, dict(r.ranks), r.fate, r.reason, r.cites) for r in was.considered
    ]
    assert list(read.stages_ms) == list(was.stages_ms)
    assert "trace" not in document_json(again) and "look_again_below" not in json.dumps(document_json(again))
    for format in FORMATS:
        assert "look_again_below" not in write_export(make_export("A", (again,)), format)


def kept(trace: Trace) -> dict[str, Any]:
    """What the library keeps of an answer that came about like this."""
    return stored_json(document_of(Answer(trace.question, "Nobody.", "extractive", trace=trace), NOW))


def test_every_field_comes_back() -> None:
    window = TimeWindow(dt.date(2021, 1, 1), None, True, "since January")
    question = Question("Who?", "Who is it?", Filters(), dt.date(2021, 2, 2), window, True, (), ("BelTA",))
    hits = [hit(n, 1 / n, bm25=1 / n, cosine=0.5) for n in (1, 2)]
    rows = considered([SearchPass("Who?", hits, orders={"ranker": hits})], hits, hits, 4)
    trace = Trace(
        question,
        (Search("Who?", 2, 0.25, 1),),
        0.45,
        decided(rows, 1, [Citation(1, hits[0].passage.article, 2, 4)], is_refusal=False),
        7,
        0.5,
        0.3,
        (Message("system", "Be brief."), Message("user", "<b>Who?</b>")),
        "raw [1]",
        {"search": 1.25, "answer": 3.5},
    )
    assert read_answer(json.loads(json.dumps(kept(trace)))).trace == trace


def test_a_turn_from_before_has_none() -> None:
    old = Answer(Question("Who?", "Who?"), "Nobody.", "extractive")
    document = stored_json(document_of(old, NOW))
    assert "trace" not in document and read_answer(document).trace is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from(["question", "searches", "considered", "prompt", "stages_ms", "left_out", "raw"]))
def test_a_trace_that_is_none_says_what_is_wrong(value: object, name: str) -> None:
    rows = considered([SearchPass("W", [hit(1)])], [hit(1)], [hit(1)], 4)
    whole = kept(Trace(Question("Who?", "Who?"), considered=tuple(rows)))
    try:
        read = read_answer({**whole, "trace": {**whole["trace"], name: value}})
        assert isinstance(read.trace, Trace)
    except ReadError as error:
        assert str(error)


# --- the words that the check missed ---------------------------------------------------------------------------------

COST = Article(
    "a",
    "Bridge costs more",
    "Mayor Ines Falk said the harbour bridge cost 48 million crowns in the end. Prices rose in May. "
    'She called it "a price worth paying". The opposition may ask for an inquiry.',
    "Herald",
    dt.date(2021, 5, 4),
)


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("Mayor Ines Falk said the harbour bridge cost 84 million crowns in the end.", ["84 million"]),
        ("Mayor Olaf Rehn said the harbour bridge cost 48 million crowns in the end.", ["Olaf Rehn"]),
        ("Prices fell in May.", ["fell"]),
        ("Prices did not rise in May.", ["not"]),
        ('She called it "a bargain for everyone here".', ["a bargain for everyone here"]),
        (
            "The harbour bridge cost 48 million shiny crowns in the end, according to the gloomy painters.",
            ["gloomy painters"],
        ),
        ("Mayor Ines Falk said the harbour bridge cost 48 million crowns in the end.", []),
    ],
)
def test_the_words_that_the_check_missed_are_known_by_their_place(claim: str, words: list[str]) -> None:
    passage = Passage(COST, 0, len(COST.text), 1)
    [sentence], _ = check([Claim(claim, (passage,))], [Hit(passage, 1.0)])
    found = [sentence.text[start:end] for start, end in sentence.missed]
    assert all(any(word in one for one in found) for word in words), (sentence.reasons, found)
    assert bool(found) == bool(words)


def test_of_a_sentence_that_the_source_says_little_of_all_the_other_words_are_missed() -> None:
    span = Passage(COST, 0, 74, 1)
    text = "The mayor sings in a choir."
    assert [text[a:b] for a, b in highlight(text, ["the cited passage says little of this"], [span])] == [
        "sings",
        "choir",
    ]
    assert highlight(text, ["no citation"], []) == ()


@given(st.text(max_size=60), st.text(max_size=30))
def test_places_are_in_order_and_apart(text: str, words: str) -> None:
    places = highlight(text, [f"not in the words of the cited passage: {words}", f'negation differs: "{words}"'], [])
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(a[1] < b[0] for a, b in zip(places, places[1:], strict=False))


def test_they_are_kept(assistant: Assistant) -> None:
    answer = assistant.ask(WHO)
    marked = replace(answer, sentences=(replace(answer.sentences[0], missed=((0, 5),)),))
    assert read_answer(json.loads(json.dumps(document_json(document_of(marked, NOW))))).sentences[0].missed == ((0, 5),)
