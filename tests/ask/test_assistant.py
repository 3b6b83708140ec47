import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from looping import run
from servers import ModelServer, Reply, key_of

from qa.ask.assistant import Assistant
from qa.errors import UsageError
from qa.library import Library
from qa.prompts import refusal
from qa.settings import load_settings
from qa.types import Answer, Draft, Filters, Turn, Usage

ARTICLES = {
    "council.md": """---
title: Council elects a chair
outlet: Harbour Gazette
date: 2021-05-04
---
The harbour council elected Anna Berg as its chair on 3 May 2021. She follows Otto Lind, who had led it for nine years.

The council oversees 17 piers and the fish market. It meets in the old customs house every month.
""",
    "storm.md": """---
title: Storm takes the roof of a town hall
outlet: Northbridge Post
date: 2021-11-10
---
A storm tore the roof from the town hall of Northbridge on Tuesday. Nobody was hurt, the fire service said.

Repairs will take six weeks and cost 2 million crowns, the town's engineer told the Post.
""",
    "market.md": """---
title: Fish market to move
outlet: Harbour Gazette
date: 2022-02-01
---
The fish market of Harbour City will move to pier 9 in the summer. Stallholders fear for their trade.
""",
}
WHO = "Who did the harbour council elect as its chair?"
FIRST = "The harbour council elected Anna Berg as its chair on 3 May 2021."


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, "utf-8")
    index = tmp_path_factory.mktemp("library")
    with Library.open(load_settings(index=index)) as library:
        library.ingest([folder])
    return index


@pytest.fixture
def assistant(index: Path) -> Iterator[Assistant]:
    with Assistant.open(load_settings(index=index)) as assistant:
        yield assistant


@pytest.fixture
def served(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Assistant, ModelServer]]:
    """An assistant whose answers come from a model server; queue replies with `served[1]`."""
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        with Assistant.open(load_settings(index=index, llm="openai:tiny", model_timeout=5)) as assistant:
            yield assistant, server


@pytest.fixture
def alone(served: tuple[Assistant, ModelServer]) -> tuple[Assistant, ModelServer]:
    """The same, where the reader waits for the model."""
    assistant, server = served
    return assistant.with_(assistant.model, assistant.settings.model_copy(update={"draft": False})), server


def queue(server: ModelServer, reply: object) -> None:
    server._replies.append(reply)  # type: ignore[arg-type]


# --- without a model -------------------------------------------------------------------------------------------------


def test_the_answer_is_verbatim_and_every_sentence_is_cited(assistant: Assistant) -> None:
    answer = assistant.ask(WHO)
    assert answer.sentences[0].text == FIRST
    assert answer.text.startswith(f"{FIRST} [1]")
    for sentence in answer.sentences:
        assert sentence.verdict == "verbatim"
        (n,) = sentence.citations
        citation = answer.citations[n - 1]
        assert citation.n == n and citation.quote == sentence.text
    assert (answer.mode, answer.abstained, answer.notice) == ("extractive", False, None)


def test_what_the_articles_do_not_say_is_refused_with_what_is_closest(assistant: Assistant) -> None:
    answer = assistant.ask("Which films won prizes at the Venice festival?")
    assert answer.abstained and answer.text == refusal() and not answer.sentences
    assert all(citation.quote for citation in answer.citations)


def test_drafts_come_first_with_the_passages_and_one_answer_last(assistant: Assistant) -> None:
    first, *_, last = assistant.stream(WHO)
    assert isinstance(first, Draft) and first.hits[0].passage.article.id == "council"
    assert isinstance(last, Answer) and last.hits == first.hits


def test_filters_keep_other_articles_out(assistant: Assistant) -> None:
    market = "What is said about the fish market?"
    after = assistant.ask(market, filters=Filters(date_from=dt.date(2022, 1, 1)))
    assert {hit.passage.article.id for hit in after.hits} == {"market"}
    outlet = assistant.ask(market, filters=Filters(outlets=("Northbridge Post",)))
    assert {hit.passage.article.id for hit in outlet.hits} == {"storm"}
    assert assistant.ask(market, filters=Filters(date_to=dt.date(2000, 1, 1))).abstained


def test_the_as_of_date_favours_what_was_new_then(assistant: Assistant) -> None:
    market = "What about the fish market of the harbour?"

    def score(article: str, day: dt.date) -> float | None:
        hits = assistant.ask(market, as_of=day).hits
        return next((hit.score for hit in hits if hit.passage.article.id == article), None)

    then, new, old = dt.date(2021, 5, 5), dt.date(2022, 2, 2), dt.date(2024, 1, 1)
    assert score("market", then) is None, "it was not out yet"
    assert (score("market", new) or 0) > (score("market", old) or 0) > 0
    assert (score("council", then) or 0) > (score("council", new) or 0) > 0


def test_a_follow_up_is_searched_for_with_the_question_before_it(assistant: Assistant) -> None:
    first = assistant.ask(WHO)
    turn = Turn(first.question.text, first.question.standalone, first.text)
    answer = assistant.ask("And when was that?", history=[turn])
    assert answer.question.standalone == f"And when was that? ({WHO.rstrip('?')})"
    assert answer.hits[0].passage.article.id == "council"


def test_timings_name_every_stage(assistant: Assistant) -> None:
    timings = assistant.ask(WHO).timings_ms
    assert list(timings) == ["retrieve", "answer", "check", "total"]
    assert timings["total"] >= timings["retrieve"] > 0


def test_a_library_without_a_question_that_is_surely_answered_suggests_none(assistant: Assistant) -> None:
    assert assistant.suggestions(4) == []


def test_suggestions_are_questions_that_the_library_surely_answers(
    library: Callable[..., Library], write: Callable[[str, str], Path]
) -> None:
    text = "The museum is led by Mia Holm, the director of the Larvik Harbour Museum.\n\nHolm was cheered."
    there = library()
    there.ingest([write("holm.txt", f"A hall of ships\n\n{text}\n")])
    with Assistant(there) as assistant:
        assert assistant.suggestions(4) == ["Who is Mia Holm?"]
        assert "director of the Larvik Harbour Museum" in assistant.ask("Who is Mia Holm?").text


def test_an_empty_library_suggests_nothing_and_refuses(tmp_path: Path) -> None:
    with Assistant.open(load_settings(index=tmp_path / "new")) as empty:
        assert empty.suggestions() == []
        answer = empty.ask(WHO)
        assert answer.abstained and answer.citations == () and answer.hits == ()


def test_several_threads_ask_at_once(assistant: Assistant) -> None:
    answers: list[str] = []
    threads = [Thread(target=lambda: answers.append(assistant.ask(WHO).text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8 and len(set(answers)) == 1


# --- with a model ----------------------------------------------------------------------------------------------------


def test_prose_streams_and_is_checked(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    queue(server, lambda messages: f"The harbour council elected Anna Berg as its chair [{key_of(messages, FIRST)}].")
    *drafts, answer = assistant.stream(WHO)
    texts = [draft.text for draft in drafts if draft.text]
    assert len(texts) > 3 and all(b.startswith(a.rstrip(" [")) for a, b in zip(texts, texts[1:], strict=False))
    assert isinstance(answer, Answer) and answer.mode == "openai:tiny" and answer.notice is None
    (sentence,) = answer.sentences
    assert sentence.verdict in ("verbatim", "supported") and sentence.citations == (1,)
    assert "Anna Berg" in answer.citations[0].quote


def test_each_sentence_has_its_verdict_while_the_next_is_written(alone: tuple[Assistant, ModelServer]) -> None:
    assistant, server = alone

    def told(messages: list[dict[str, str]]) -> str:
        key = key_of(messages, FIRST)
        return f"{FIRST} [{key}] The council oversees 71 piers [{key}]. It meets every month [{key}]."

    queue(server, told)
    *drafts, answer = assistant.stream(WHO)
    assert isinstance(answer, Answer) and len(answer.sentences) == 3
    seen = [draft.sentences for draft in drafts if isinstance(draft, Draft) and draft.sentences]
    assert {len(sentences) for sentences in seen} == {1, 2}
    for sentences in seen:
        assert [(s.text, s.verdict, s.reasons) for s in sentences] == [
            (s.text, s.verdict, s.reasons) for s in answer.sentences[: len(sentences)]
        ]
    assert [s.verdict for s in answer.sentences[:2]] == ["verbatim", "unsupported"]


def test_a_false_number_is_shown_as_unsupported(alone: tuple[Assistant, ModelServer]) -> None:
    assistant, server = alone
    queue(server, lambda messages: f"The council oversees 71 piers [{key_of(messages, '17 piers')}].")
    answer = assistant.ask("How many piers does the harbour council oversee?")
    (sentence,) = answer.sentences
    assert sentence.verdict == "unsupported" and any("71" in reason for reason in sentence.reasons)


def test_a_model_that_refuses_is_believed(alone: tuple[Assistant, ModelServer]) -> None:
    assistant, server = alone
    queue(server, refusal())
    answer = assistant.ask(WHO)
    assert answer.abstained and answer.text == refusal() and answer.mode == "openai:tiny"
    assert answer.citations, "what was found closest is shown"


# --- with a model, and the first answer above it ---------------------------------------------------------------------

PIERS = "How many piers does the harbour council oversee?"


def test_the_first_answer_stands_checked_before_the_model_says_a_word(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    gate = Event()
    queue(server, Reply("The harbour council elected Anna Berg [1].", hold=gate))
    stream = assistant.stream(WHO)
    assert not next(stream).first  # type: ignore[union-attr]
    first = next(stream).first  # type: ignore[union-attr]
    assert not server.requests
    assert first and first.sentences[0].text == FIRST and first.sentences[0].verdict == "verbatim"
    assert first.mode == "extractive" and first.citations[0].quote == FIRST
    gate.set()
    *drafts, last = stream
    assert drafts and all(draft.first == first for draft in drafts)  # type: ignore[union-attr]
    assert isinstance(last, Answer)


def test_prose_that_passes_takes_its_place_once_and_whole(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    prose = "The harbour council elected Anna Berg chair on 3 May 2021."
    queue(server, lambda messages: f"{prose} [{key_of(messages, FIRST)}]")
    answer = assistant.ask(WHO)
    assert answer.mode == "openai:tiny" and [one.text for one in answer.sentences] == [prose]
    assert answer.replaced and answer.replaced.mode == "extractive" and answer.replaced.sentences[0].text == FIRST
    assert answer.replaced.citations[0].quote == FIRST
    assert not answer.rejected and answer.notice is None


def test_what_does_not_pass_is_never_the_answer_and_is_kept_apart(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    queue(server, "The council oversees 71 piers [1]. The king opened all of them in person [1].")
    answer = assistant.ask(PIERS)
    assert answer.mode == "extractive" and "17 piers" in answer.sentences[0].text and answer.citations
    assert [sentence.text for sentence in answer.rejected] == [
        "The council oversees 71 piers.",
        "The king opened all of them in person.",
    ]
    assert not any(sentence.citations for sentence in answer.rejected)
    assert answer.notice and answer.notice.startswith("The sources bear out nothing that openai:tiny wrote")


def test_of_prose_only_what_passes_stands(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    queue(server, "The council oversees 17 piers and the fish market [1]. The king opened all of them in person [1].")
    answer = assistant.ask(PIERS)
    assert answer.mode == "openai:tiny" and len(answer.sentences) == len(answer.rejected) == 1
    assert answer.notice == "1 sentence that openai:tiny wrote is left out: the sources do not bear it out."


def test_a_sentence_from_the_wrong_place_does_not_take_the_place_of_the_answer(
    served: tuple[Assistant, ModelServer],
) -> None:
    assistant, server = served
    queue(server, "Nobody was hurt, the fire service said [1].")
    answer = assistant.ask(PIERS)
    assert answer.mode == "extractive" and "17 piers" in answer.sentences[0].text
    assert answer.notice and "answers the question less surely" in answer.notice


def test_where_the_first_refuses_a_copied_sentence_is_no_answer(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    queue(server, f"{FIRST} [1]")
    answer = assistant.ask("Which films won prizes at the Venice festival?")
    assert answer.abstained and answer.text == refusal() and not answer.citations
    assert answer.notice and "does not answer the question" in answer.notice


def test_a_model_that_refuses_leaves_the_first_answer(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    queue(server, refusal())
    answer = assistant.ask(WHO)
    assert not answer.abstained and answer.sentences[0].text == FIRST
    assert answer.notice == (
        "openai:tiny finds no answer in the passages; these are sentences from the articles instead."
    )
    queue(server, refusal())
    both = assistant.ask("Which films won prizes at the Venice festival?")
    assert both.abstained and both.mode == "openai:tiny" and not both.citations


@pytest.mark.parametrize("marker", ["", " [2]", " [9]"])
def test_a_sentence_without_a_citation_or_with_a_wrong_one_is_judged_the_same_way(
    served: tuple[Assistant, ModelServer], marker: str
) -> None:
    assistant, server = served
    queue(server, f"The council oversees 17 piers and the fish market.{marker}")
    answer = assistant.ask(PIERS)
    assert answer.mode == "openai:tiny" and answer.sentences[0].verdict in ("verbatim", "supported")
    assert "17 piers" in answer.citations[0].quote
    queue(server, f"The council oversees 71 piers and the fish market.{marker}")
    [rejected] = assistant.ask(PIERS).rejected
    assert rejected.verdict == "unsupported" and any("71" in reason for reason in rejected.reasons)


def test_a_reply_that_only_repeats_its_instructions_is_no_answer(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    queue(server, lambda messages: messages[0]["content"])
    answer = assistant.ask(WHO)
    assert answer.mode == "extractive" and answer.sentences[0].text == FIRST and not answer.rejected
    assert answer.notice and "only repeated its instructions" in answer.notice


def test_the_time_of_every_call_of_the_model_is_told(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    turn = Turn(WHO, WHO, FIRST)
    queue(server, "When did the harbour council elect Anna Berg as its chair?")
    queue(server, f"{FIRST} [1]")
    answer = assistant.ask("And when was that?", history=[turn])
    timings = answer.timings_ms
    assert list(timings) == ["retrieve", "answer", "check", "model", "total"] and len(server.requests) == 2
    assert 0 < timings["model"] < timings["total"]
    completing, answering = answer.trace.calls
    assert (completing.completion_tokens, answering.completion_tokens) == (11, len(FIRST.split()) + 1)
    assert 0 < completing.first_ms <= completing.ms and timings["model"] == completing.ms + answering.ms
    assert answer.usage == Usage(2, 0, 11 + len(FIRST.split()) + 1)
    assert assistant.ask(WHO).usage.calls == 1
    assert "model" not in assistant.ask(WHO, filters=Filters(date_to=dt.date(1999, 1, 1))).timings_ms


def test_a_prompt_has_as_many_words_as_are_set(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    short = assistant.with_(assistant.model, assistant.settings.model_copy(update={"prompt_words": 50}))
    assistant.ask(WHO)
    short.ask(WHO)
    long, few = (request.messages[-1]["content"].count("<passage ") for request in server.requests)
    assert few < long == 3


def test_closing_the_stream_ends_the_request_before_the_first_word(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    queue(server, Reply("Never said.", hold=Event()))
    stream = assistant.stream(WHO)
    while not server.requests:
        assert isinstance(next(stream), Draft)
    stream.close()  # type: ignore[attr-defined]
    assert server.requests[0].disconnected.wait(10)


def test_what_is_stopped_while_a_model_completes_the_question_is_answered_without_it(
    served: tuple[Assistant, ModelServer],
) -> None:
    assistant, server = served
    queue(server, Reply("Never said?", hold=Event()))
    history = [Turn(WHO, WHO, FIRST)]
    *_, answer = assistant.stream("And when was that?", history=history, is_wanted=lambda: not server.requests)
    assert isinstance(answer, Answer) and answer.mode == "extractive"
    assert len(server.requests) == 1 and server.requests[0].disconnected.wait(10)
    assert answer.notice and "openai:tiny was stopped." in answer.notice


def test_fragments_get_no_tick(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    queue(server, "Anna Berg [1]. 3 May 2021 [1].")
    answer = assistant.ask(WHO)
    assert answer.mode == "extractive" and [one.verdict for one in answer.rejected] == ["unverified"] * 2


@pytest.mark.parametrize(
    "failure",
    [Reply(status=500), Reply(status=401, error="bad key"), Reply("The harbour council elected", words=3), Reply("")],
)
def test_verbatim_sentences_take_over_from_a_model_that_fails(
    served: tuple[Assistant, ModelServer], failure: Reply
) -> None:
    assistant, server = served
    for _ in range(4):
        queue(server, failure)
    answer = assistant.ask(WHO)
    assert answer.mode == "extractive" and answer.sentences[0].text == FIRST
    assert answer.notice and answer.notice.endswith("These are sentences from the articles instead.")


def test_verbatim_sentences_take_over_from_a_server_that_is_down(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    with Assistant.open(load_settings(index=index, llm="openai:tiny")) as assistant:
        answer = assistant.ask(WHO)
    assert answer.mode == "extractive" and answer.sentences and answer.notice


def test_closing_the_stream_ends_the_request(alone: tuple[Assistant, ModelServer]) -> None:
    assistant, server = alone
    queue(server, Reply("The council sat and talked and ", endless=True))
    stream = assistant.stream(WHO)
    assert next(stream).hits and next(draft for draft in stream if draft.text)  # type: ignore[union-attr]
    stream.close()  # type: ignore[attr-defined]
    assert server.requests[0].disconnected.wait(10)


def test_a_model_is_not_asked_when_nothing_was_found(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    answer = assistant.ask(WHO, filters=Filters(date_to=dt.date(1999, 1, 1)))
    assert answer.abstained and not server.requests


def test_a_slow_model_holds_nobody_else_up(served: tuple[Assistant, ModelServer], assistant: Assistant) -> None:
    slow, server = served
    gate = Event()
    queue(server, Reply("The council [1].", hold=gate))
    waiting = slow.stream(WHO)
    next(waiting)
    thread = Thread(target=lambda: list(waiting))
    thread.start()
    assert assistant.ask(WHO).sentences
    gate.set()
    thread.join(20)
    assert not thread.is_alive()


# --- asynchronously --------------------------------------------------------------------------------------------------


def test_the_async_twins_give_the_same(assistant: Assistant) -> None:
    async def both() -> tuple[Answer, list[Draft | Answer]]:
        return await assistant.aask(WHO), [step async for step in assistant.astream(WHO)]

    answer, steps = run(both())
    assert answer.sentences == assistant.ask(WHO).sentences
    assert [type(step) for step in steps] == [Draft, Answer]
    with pytest.raises(UsageError, match="The question is empty"):
        run(assistant.aask(" "))


def test_questions_are_answered_at_the_same_time(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    gate = Event()
    for _ in range(3):
        queue(server, Reply("The council [1].", hold=gate))

    async def three() -> list[Answer]:
        asked = [asyncio.ensure_future(assistant.aask(WHO)) for _ in range(3)]
        while len(server.requests) < 3:
            await asyncio.sleep(0.01)
        gate.set()
        return await asyncio.gather(*asked)

    assert len(run(three())) == 3


def test_cancelling_ends_the_request(served: tuple[Assistant, ModelServer]) -> None:
    assistant, server = served
    queue(server, Reply("The council sat and talked and ", endless=True))

    async def cancelled() -> None:
        task = asyncio.ensure_future(assistant.aask(WHO))
        while not server.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(cancelled())
    assert server.requests[0].disconnected.wait(10)
