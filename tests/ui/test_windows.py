"""Two windows over one PostgreSQL and one Chroma server: one is killed in mid-answer, and the other goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from chroma import ChromaServer
from databases import PostgreSQLServer
from parts import story
from servers import ModelServer, quoting_reply
from serving import ended, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # two windows begin, on a machine that may be busy

WHO = "Who took over the chairmanship of the CIS?"
HOW_MANY = "How many issues are on the agenda of the summit?"
WHERE = "Where was the summit held?"
LOADED = 300  # articles


class Page:
    """What a page sends to a window, without a browser."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=300)
        self._config = self._client.get("/config").json()

    def call(self, function: str, beside: str, **payload: Any) -> Any:
        """What a server function gives; `beside` names another one of its panel."""
        [part] = [
            part["id"]
            for part in self._config["components"]
            if {function, beside} <= set(part["props"].get("server_fns", []))
        ]
        sent = {"session_hash": "s", "component_id": part, "fn_name": function, "data": payload}
        answer = self._client.post("/gradio_api/component_server", json=sent)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, **asked: Any) -> None:
        """Sends a question, and looks on no longer."""
        [event] = [one for one in self._config["dependencies"] if ["ask"] == [name for _, name in one["targets"]]]
        sent = {"data": [], "event_data": asked, "fn_index": event["id"], "session_hash": "s"}
        assert self._client.post("/gradio_api/queue/join", json={**sent, "trigger_id": None}).status_code == 200

    def answer(self, **asked: Any) -> str:
        """The conversation that an answer over the interface for programs is kept in."""
        return self._client.post("/api/ask", json=asked).raise_for_status().headers["X-Citewire-Conversation"]

    def upload(self, name: str, content: str) -> str:
        """Sends a file; returns where it lies."""
        answer = self._client.post(
            "/library/upload", params={"name": name}, content=content, headers={"X-Citewire": "1"}
        )
        path: str = answer.raise_for_status().json()["path"]
        return path

    def close(self) -> None:
        """Ends its connections."""
        self._client.close()

    def get(self, path: str) -> Any:
        """The document at a path."""
        return self._client.get(path).raise_for_status().json()


def until(wanted: Callable[[], Any]) -> Any:
    """What is wanted, once it is there."""
    for _ in range(6_000):
        if found := wanted():
            return found
        Event().wait(0.1)
    raise AssertionError("it did not come")


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    with ChromaServer(tmp_path_factory.mktemp("chroma")) as server:
        yield server


def test_one_is_killed_in_mid_answer_and_in_mid_ingest_and_the_other_goes_on(
    postgresql: PostgreSQLServer, chroma: ChromaServer, tmp_path: Path
) -> None:
    asked = Event()

    def write(messages: Any) -> str:
        """Says nothing the first time that it is asked about the place."""
        if WHERE in messages[-1]["content"] and not asked.is_set():
            asked.set()
            model.closing.wait(600)
        return quoting_reply(messages)

    rows = "".join(json.dumps({"id": f"s{n}", "text": f"{story(n)} {story(1_000 + n)}"}) + "\n" for n in range(LOADED))
    with ModelServer(default=write) as model, ExitStack() as windows:
        shared = {"QA_DATABASE": postgresql.address(), "QA_CHROMA": chroma.url, "OPENAI_BASE_URL": model.base_url}
        pages = []
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            process, address = windows.enter_context(served(tmp_path / name, "--llm", "openai:tiny", **shared))
            page = Page(address)
            windows.callback(page.close)
            pages.append((process, page))
        (one, first), (two, second) = pages

        # Either may be asked in a conversation.
        conversation = first.answer(question=WHO, keep=True)
        second.answer(question=HOW_MANY, conversation=conversation)

        # A question and a load are under way at the first; both know it.
        first.ask(run="r1", question=WHERE, conversation=conversation, replaces=False, turn=3)
        assert asked.wait(300)
        seen = second.call("under_way", "stop", run="r1")
        assert seen == {"number": 3, "conversation": conversation}
        job = first.call("add_files", "doctor", paths=[first.upload("stories.jsonl", rows)])["id"]
        assert [each["id"] for each in second.call("under_way", "doctor")] == [job]
        one.kill()
        one.wait()

        # The page comes to the second window, which asks the question again; the conversation is whole.
        assert second.call("under_way", "stop", run="r1") == seen
        turns = {"conversation": conversation}
        opened = until(lambda: (given := second.call("open_conversation", "stop", **turns))["turns"] == 3 and given)
        assert WHERE in opened["last"] and 'data-state="done"' in opened["last"]
        assert WHO in opened["past"] and HOW_MANY in opened["past"] and WHERE not in opened["past"]
        assert second.call("under_way", "stop", run="r1") == seen, "a page that asks late is shown the answer"

        # And it goes on with the load.
        until(lambda: [each["id"] for each in second.call("under_way", "doctor") if each["state"] == "done"] == [job])
        assert second.get("/api/health")["articles"] == 5 + LOADED
        assert second.get("/healthz") == {"status": "ok"}
        code, errors = ended(two)
    assert code == 0 and "Traceback" not in errors
