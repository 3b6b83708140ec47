"""The interface over HTTP: the document of `qa ask --json`, events, errors as sentences, and each user's own."""

from __future__ import annotations

import json
import re
import shlex
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from parts import ARTICLES, open_library
from servers import ModelServer
from serving import serve

from qa.api.docs import EXAMPLES, docs_html, examples
from qa.api.schema import ArticleOut, ArticlesOut, CollectionOut, SearchOut
from qa.ask.assistant import Assistant
from qa.errors import LibraryError, ModelError
from qa.library import Library
from qa.models import load_language_model
from qa.settings import load_settings
from qa.show.document import answer_json
from qa.types import Filters

WHO = "Who cut the ribbon of the harbour bridge?"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("news")
    for name, text in (ARTICLES | {"last.txt": "The ferry to Vik was late on Friday."}).items():
        (folder / name).write_text(text, "utf-8")
    with open_library(load_settings(index=tmp_path_factory.mktemp("http") / "library", refuse_below=0.0)) as library:
        library.ingest([folder])
        yield library


@pytest.fixture(scope="module")
def served(shared: Library) -> Iterator[httpx.Client]:
    for address in serve(Assistant(shared)):
        with httpx.Client(base_url=address, timeout=60) as client:
            yield client


@pytest.fixture
def ours(shared: Library) -> Library:
    """The library of all tests here, without a conversation."""
    for row in shared.store.conversations.rows():
        shared.store.conversations.delete(row.id, owner=row.owner)
    return shared


@pytest.fixture
def assistant(ours: Library) -> Assistant:
    return Assistant(ours)


@pytest.fixture
def client(ours: Library, served: httpx.Client) -> httpx.Client:
    return served


def without_times(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "timings_ms"}


def events_of(text: str) -> list[tuple[str, Any]]:
    pieces = (re.fullmatch(r"event: (\w+)\ndata: (.*)", piece) for piece in text.strip().split("\n\n"))
    return [(piece[1], json.loads(piece[2])) for piece in pieces if piece]


def is_described(answer: dict[str, Any], client: httpx.Client) -> None:
    """Every field of the answer stands in the OpenAPI document, and every one described there is in it."""
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
    parts = {
        "AnswerDocument": [answer],
        "Sentence": answer["sentences"],
        "CitationDocument": answer["citations"],
        "PassageDocument": answer["passages"],
        "Filters": [answer["filters"]],
    }
    for name, documents in parts.items():
        for document in documents:
            assert list(document) == list(schemas[name]["properties"]), name
    assert "Trace" not in schemas


# --- ask ---


def test_the_answer_is_the_document_of_the_command(client: httpx.Client, assistant: Assistant) -> None:
    given = client.post("/api/ask", json={"question": WHO})
    assert given.status_code == 200
    assert without_times(given.json()) == without_times(json.loads(json.dumps(answer_json(assistant.ask(WHO)))))
    is_described(given.json(), client)
    assert given.json()["citations"][0]["quote"] == "Mayor Ines Falk cut the ribbon."


def test_filters_and_the_day_narrow_it(client: httpx.Client, assistant: Assistant) -> None:
    narrow = {"outlets": ["The Morning Lark"], "from": "2022-01-01", "to": "2022-12-31"}
    asked = {"question": WHO, "as_of": "2022-01-01", **narrow}
    given = client.post("/api/ask", json=asked).json()
    assert given["filters"] == {**narrow, "collection": None}
    assert {passage["article_id"] for passage in given["passages"]} <= {"school"}
    narrowed = assistant.search(assistant.understand(WHO, filters=Filters(outlets=("The Morning Lark",))))
    assert {hit.passage.article.id for hit in narrowed} <= {"school"}


def test_a_history_makes_a_follow_up_complete(client: httpx.Client) -> None:
    history = [{"question": WHO, "answer": "Mayor Ines Falk cut the ribbon. [1]"}]
    given = client.post("/api/ask", json={"question": "And what did it cost?", "history": history}).json()
    assert given["question"] == "And what did it cost?"
    assert given["standalone_question"] != given["question"]


def test_it_is_kept_and_gone_on_with(client: httpx.Client, ours: Library) -> None:
    first = client.post("/api/ask", json={"question": WHO, "keep": True, "outlets": ["Tern Valley Herald"]})
    id_ = first.headers["x-citewire-conversation"]
    second = client.post("/api/ask", json={"question": "And what did it cost?", "conversation": id_})
    assert second.headers["x-citewire-conversation"] == id_
    assert second.json()["filters"]["outlets"] == ["Tern Valley Herald"]
    assert [turn.question for turn in ours.store.conversations.turns(id_)] == [WHO, "And what did it cost?"]
    assert "x-citewire-conversation" not in client.post("/api/ask", json={"question": WHO}).headers


@pytest.mark.parametrize(
    "how",
    [
        {"json": {"question": WHO, "stream": True}},
        {"json": {"question": WHO}, "headers": {"Accept": "text/event-stream"}},
    ],
)
def test_events_are_drafts_and_the_answer(client: httpx.Client, how: dict[str, Any]) -> None:
    given = client.post("/api/ask", **how)
    assert given.headers["content-type"].startswith("text/event-stream")
    [(first, draft), *_, (last, answer)] = events_of(given.text)
    assert (first, last) == ("draft", "answer")
    assert draft["text"] == "" and draft["passages"][0]["article_id"] == "harbour"
    is_described(answer, client)


def test_a_kept_conversation_is_named_before_its_answer(client: httpx.Client, ours: Library) -> None:
    events = events_of(client.post("/api/ask", json={"question": WHO, "keep": True, "stream": True}).text)
    [row] = ours.store.conversations.rows()
    assert events[-2] == ("conversation", {"id": row.id})


@pytest.mark.parametrize("stream", [True, False])
def test_who_goes_away_ends_the_request_of_the_model(ours: Library, monkeypatch, stream: bool) -> None:
    asked = threading.Event()

    def writing(messages: Any) -> str:
        asked.set()
        return " ".join(f"word{n}" for n in range(5_000))

    with ModelServer(writing, pause=0.02) as models:
        monkeypatch.setenv("OPENAI_BASE_URL", models.base_url)
        model = load_language_model("openai:tiny", load_settings(index=ours.settings.index))
        for address in serve(Assistant(ours, model)):
            body = json.dumps({"question": WHO, "stream": stream})
            host, _, port = address.removeprefix("http://").partition(":")
            head = f"POST /api/ask HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            with socket.create_connection((host, int(port)), 20) as connection:
                connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
                assert asked.wait(60)
            assert models.requests[0].disconnected.wait(60)


@pytest.mark.slow
def test_a_slow_model_holds_up_nobody_elses_sources(ours: Library, monkeypatch) -> None:
    with ModelServer(default=lambda messages: " ".join(f"word{n}" for n in range(5_000)), pause=0.05) as models:
        monkeypatch.setenv("OPENAI_BASE_URL", models.base_url)
        model = load_language_model("openai:tiny", load_settings(index=ours.settings.index))
        for address in serve(Assistant(ours, model)):
            with ExitStack() as stack:
                asked = {"url": f"{address}/api/ask", "json": {"question": WHO, "stream": True}, "timeout": 60}
                for _ in range(4):  # more than may compute at the same time; each goes on to write
                    lines = stack.enter_context(httpx.stream("POST", **asked)).iter_lines()
                    assert "harbour" in next(line for line in lines if line.startswith("data: "))
                    assert next(line for line in lines if "word1" in line)


def test_an_error_in_the_middle_is_an_event() -> None:
    class Failing:
        def stream(self, text: str, **how: Any) -> Iterator[Any]:
            raise ModelError("The model's server does not answer.")
            yield

    for address in serve(Failing()):
        streamed = httpx.post(f"{address}/api/ask", json={"question": WHO, "stream": True})
        assert events_of(streamed.text) == [("error", {"error": "The model's server does not answer.", "status": 502})]
        plain = httpx.post(f"{address}/api/ask", json={"question": WHO})
        assert (plain.status_code, plain.json()) == (502, {"error": "The model's server does not answer."})


def test_one_question_at_a_time_in_a_conversation(assistant: Assistant) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Assistant):
        def stream(self, text: str, **how: Any) -> Any:
            begun.set()
            assert go_on.wait(20)
            yield from super().stream(text, **how)

    slow = Slow(assistant.library)
    go_on.set()
    for address in serve(slow):
        id_ = httpx.post(f"{address}/api/ask", json={"question": WHO, "keep": True}).headers["x-citewire-conversation"]
        begun.clear(), go_on.clear()
        asked = {"question": WHO, "conversation": id_}
        other = threading.Thread(target=httpx.post, args=(f"{address}/api/ask",), kwargs={"json": asked, "timeout": 60})
        other.start()
        assert begun.wait(20)
        refused = httpx.post(f"{address}/api/ask", json=asked)
        go_on.set()
        other.join(20)
        assert refused.status_code == 409
        assert refused.json() == {"error": "This conversation is answering another question. Wait for it."}
        assert httpx.post(f"{address}/api/ask", json=asked).status_code == 200


# --- errors ---


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"question": "  "}, 400, "The question is empty."),
        ({}, 422, "The field 'question' is missing."),
        ({"question": WHO, "colour": 1}, 422, "There is no field 'colour'. The fields are described at /api/docs."),
        ({"question": WHO, "from": "yesterday"}, 422, "The field 'from' cannot be used: input should be a valid date"),
        ({"question": 7}, 422, "The field 'question' cannot be used: input should be a valid string."),
        ({"question": WHO, "conversation": "nope"}, 404, "There is no conversation 'nope'."),
        ({"question": WHO, "keep": True, "conversation": "nope"}, 400, "'keep' begins a conversation"),
        (
            {"question": WHO, "keep": True, "history": [{"question": "a", "answer": "b"}]},
            400,
            "A kept conversation has",
        ),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(client: httpx.Client, body: Any, status: int, words: str) -> None:
    given = client.post("/api/ask", json=body)
    assert given.status_code == status
    assert list(given.json()) == ["error"] and given.json()["error"].startswith(words)


def test_other_errors_are_sentences_too(client: httpx.Client) -> None:
    broken = client.post("/api/ask", content=b"{broken", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["error"][:21]) == (422, "The body is not JSON.")
    deep = client.post("/api/ask", content=b"[" * 900_000, headers={"Content-Type": "application/json"})
    assert (deep.status_code, deep.json()["error"][:21]) == (422, "The body is not JSON.")
    assert client.get("/api/articles/nope").json()["error"].startswith("There is no article 'nope'.")
    assert client.get("/api/nope").json()["error"].startswith("There is no GET /api/nope.")
    assert client.get("/api/nope").status_code == 404
    assert client.get("/api/articles?sort=colour").status_code == 400
    assert client.get("/api/search?q=a&limit=900").json()["error"].startswith("The field 'limit' cannot be used:")


# --- search, articles, health ---


def test_search_finds_passages_with_their_articles(client: httpx.Client) -> None:
    found = client.get("/api/search", params={"q": "harbour bridge ribbon", "limit": 2, "outlet": "Tern Valley Herald"})
    SearchOut.model_validate_json(found.content)
    [first, *others] = found.json()["passages"]
    assert (first["article_id"], first["title"], first["date"]) == ("harbour", "Harbour bridge opens", "2021-05-04")
    assert not others and found.json()["notice"] is None


def test_articles_are_listed_and_read(client: httpx.Client, ours: Library) -> None:
    page = client.get("/api/articles", params={"sort": "title", "descending": False, "limit": 2}).json()
    ArticlesOut.model_validate(page)
    assert page["total"] == 4 and [row["id"] for row in page["articles"]] == ["harbour", "school"]
    article = client.get("/api/articles/harbour").json()
    ArticleOut.model_validate(article)
    assert article["text"] == ours.require("harbour").text and article["dropped"] == []


def test_stories_are_listed_and_told(client: httpx.Client, ours: Library) -> None:
    assert client.get("/api/stories").json() == {"stories": []}  # none is told by two articles
    [row] = [row for row in ours.articles() if row.title == "School wins chess cup"]
    story = client.get(f"/api/stories/{row.id}").json()
    assert (story["id"], story["articles"], story["from"]) == (row.id, 1, "2022-11-20")
    [entry] = story["timeline"]
    text = client.get(f"/api/articles/{row.id}").json()["text"]
    assert (
        text[entry["start"] : entry["end"]]
        == entry["quote"]
        == ("Pupils of the Lindgren School won the national chess cup on Sunday.")
    )
    assert client.get("/api/stories/nothing").status_code == 404


def test_health_says_how_many_and_nothing_of_users(assistant: Assistant) -> None:
    for address in serve(assistant, users=True):
        health = httpx.get(f"{address}/api/health")
        assert (health.status_code, health.json()["status"], health.json()["articles"]) == (200, "ok", 4)
        assert list(health.json()) == ["status", "articles", "version"]


def test_health_is_503_while_the_library_cannot_be_read() -> None:
    class Unreadable:
        @property
        def library(self) -> Any:
            raise LibraryError("The database is locked.")

    for address in serve(Unreadable()):
        health = httpx.get(f"{address}/api/health")
        assert (health.status_code, health.json()["status"], health.json()["articles"]) == (503, "unreadable", None)


# --- users ---


def test_conversations_belong_to_their_user(assistant: Assistant) -> None:
    for address in serve(assistant, users=True):
        anna, ben = (
            httpx.Client(base_url=address, auth=auth, timeout=60) for auth in (("anna", "one"), ("ben", "two"))
        )
        assert httpx.post(f"{address}/api/ask", json={"question": WHO}).status_code == 401
        id_ = anna.post("/api/ask", json={"question": WHO, "keep": True}).headers["x-citewire-conversation"]
        assert ben.post("/api/ask", json={"question": WHO, "conversation": id_}).status_code == 404
        assert anna.post("/api/ask", json={"question": WHO, "conversation": id_}).status_code == 200
        [row] = assistant.library.store.conversations.rows()
        assert (row.owner, row.turns) == ("anna", 2)
        anna.close(), ben.close()


def test_collections_are_made_changed_and_asked_by_their_user_alone(assistant: Assistant) -> None:
    for address in serve(assistant, users=True):
        anna, ben = (
            httpx.Client(base_url=address, auth=auth, timeout=60) for auth in (("anna", "one"), ("ben", "two"))
        )
        made = anna.post("/api/collections", json={"name": "Ports / bridges", "articles": ["harbour", "harbour"]})
        CollectionOut.model_validate_json(made.content)
        assert made.json() | {"id": ""} == {
            "id": "",
            "name": "Ports / bridges",
            "owner": "anna",
            "shared": False,
            "articles": 1,
            "filter": None,
            "sources": [],
        }
        at = "/api/collections/Ports / bridges"
        larks = {"name": "Larks", "outlets": ["The Morning Lark"], "from": "2022-01-01"}
        assert anna.post("/api/collections", json=larks).json()["filter"]["from"] == "2022-01-01"
        assert anna.post("/api/collections", json={"name": "larks"}).status_code == 400
        assert [each["articles"] for each in anna.get("/api/collections").json()["collections"]] == [1, 1]
        assert ben.get("/api/collections").json() == {"collections": []}
        for path in (at, f"/api/collections/{made.json()['id']}", "/api/collections/nowhere"):
            for how in ("GET", "PATCH", "DELETE"):
                refused = ben.request(how, path, json={} if how == "PATCH" else None)
                assert refused.status_code == 404 and refused.json()["error"].endswith("None has been made yet.")
        inside = {"question": WHO, "collection": "ports / bridges", "keep": True}
        asked = anna.post("/api/ask", json=inside)
        assert asked.json()["filters"]["collection"] == {"id": made.json()["id"], "name": "Ports / bridges"}
        assert {each["article_id"] for each in asked.json()["passages"]} == {"harbour"}
        assert ben.post("/api/ask", json=inside).status_code == 400
        within = {"q": "ferry chess ribbon", "collection": "Larks"}
        assert [p["article_id"] for p in anna.get("/api/search", params=within).json()["passages"]] == ["school"]
        listed = anna.get("/api/articles", params={"collection": "ports / bridges"}).json()
        assert listed["total"] == 1 and listed["articles"][0]["id"] == "harbour"
        changed = anna.patch(at, json={"add": ["school", "last"], "remove": ["harbour"], "name": "B", "shared": True})
        assert (changed.json()["name"], changed.json()["articles"], changed.json()["shared"]) == ("B", 2, True)
        assert ben.get("/api/collections/B").json()["owner"] == "anna"
        assert ben.patch("/api/collections/B", json={"name": "C"}).status_code == 400
        assert anna.delete("/api/collections/B").status_code == 200
        goes_on = {"question": WHO, "conversation": asked.headers["x-citewire-conversation"]}
        gone = anna.post("/api/ask", json=goes_on)
        assert (gone.status_code, gone.json()["error"]) == (
            400,
            "The collection “Ports / bridges” is not there. Take it off the filter, or choose another.",
        )
        assert anna.post("/api/ask", json=goes_on | {"outlets": []}).status_code == 200
        anna.close(), ben.close()


# --- what describes it ---


def test_the_document_describes_what_there_is(client: httpx.Client) -> None:
    document = client.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.")
    operations = [f"{method} {path}" for path, each in document["paths"].items() for method in each]
    assert operations == list(EXAMPLES)
    fields = document["components"]["schemas"]["AskRequest"]["properties"]
    assert {"question", "as_of", "from", "to", "outlets", "collection"} < set(fields)
    assert {"conversation", "keep", "history", "stream"} < set(fields)


def test_the_page_loads_nothing(client: httpx.Client) -> None:
    page = client.get("/api/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text and "src=" not in page.text and "<link" not in page.text
    assert not re.search(r"https?://(?!127\.0\.0\.1)", page.text)
    assert page.text.count("<pre") == len(list(examples("")))


def test_the_page_shows_an_address_as_text() -> None:
    document = {"openapi": "3.1.0", "paths": {"/api/health": {"get": {"responses": {}}}}}
    assert "<script" not in docs_html(document, "http://<script>")


def test_every_example_of_the_page_runs(client: httpx.Client) -> None:
    client.get("/api/health")
    statuses = [as_curl_would(command).status_code for command in examples(str(client.base_url).rstrip("/"))]
    # The library of this test lacks the article and the story of the seeds.
    assert statuses == [*[200] * 4, 404, *[200] * 6, 404, 200]


def as_curl_would(command: str) -> httpx.Response:
    """The answer to a `curl` command, with the options that the examples use."""
    curl, *words = shlex.split(command)
    assert curl == "curl"
    method, address, headers, body, query, auth = "", "", {}, None, [], None
    rest = iter(words)
    for word in rest:
        match word:
            case "-s" | "-sN":
                pass
            case "-sG":
                method = "QUERY"
            case "-X":
                method = next(rest)
            case "-u":
                user, _, password = next(rest).partition(":")
                auth = (user, password)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "-d" | "--data-urlencode":
                body = next(rest)
                query.append(tuple(body.split("=", 1)))
            case _:
                assert word.startswith("http"), word
                address = word
    if method == "QUERY":
        return httpx.get(address, params=query, timeout=60)
    if method:
        return httpx.request(method, address, content=body, headers=headers, auth=auth, timeout=60)
    if body is None:
        return httpx.get(address, auth=auth, timeout=60)
    return httpx.post(address, content=body, headers=headers, auth=auth, timeout=60)


@pytest.mark.parametrize(
    "body",
    [
        rb'{"question": "Who cut the ribbon \ud800 of the harbour bridge?"}',
        rb'{"question": "Who cut the ribbon?", "history": [{"question": "\udc00", "answer": "\ud800"}]}',
        rb'{"question": "Who cut the ribbon of the harbour bridge?", "outlets": ["\ud800"]}',
        rb'{"question": "Who cut the ribbon of the harbour bridge?", "outlets": ["\ud800"], "stream": true}',
    ],
)
def test_half_a_character_stands_nowhere_in_an_answer(client: httpx.Client, body: bytes) -> None:
    said = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert said.status_code == 200 and "event: error" not in said.text and "\\ud800" not in said.text
