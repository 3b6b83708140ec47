"""A model server on this machine for tests, evals and demos: real HTTP, the OpenAI chat protocol, replies you choose.

    with ModelServer("The bridge opened on Monday.") as server:
        ...  # set OPENAI_BASE_URL to server.base_url

Run `python tests/servers.py --port 8085` for one that answers every question by quoting its passages.
"""

from __future__ import annotations

import argparse
import json
import re
import select
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from qa.prompts import refusal
from qa.text import sentence_spans, stems

Messages = Sequence[dict[str, str]]
Writer = Callable[[Messages], str]


@dataclass(frozen=True)
class Reply:
    """What the server does with one request."""

    text: str | Writer = ""
    """Streamed word by word."""
    status: int = 200
    error: str = ""
    """What it says with a status that is no success."""
    code: str | None = None
    body: str | None = None
    """Sent as it is, as HTML, in place of everything else."""
    lines: Sequence[str] | None = None
    """Data of the events, sent as they are, in place of the text."""
    hold: Event | None = None
    """Waited for before the first word."""
    words: int | None = None
    """Words after which the connection is cut."""
    endless: bool = False
    """Says its text again and again until the client goes away."""


@dataclass
class Request:
    """A request that the server saw."""

    path: str
    key: str
    """What came in the Authorization header, without "Bearer"."""
    body: dict[str, Any] = field(default_factory=dict)
    disconnected: Event = field(default_factory=Event)
    """Set when the client goes away before the reply is complete."""

    @property
    def messages(self) -> Messages:
        """The prompt."""
        messages: Messages = self.body.get("messages", [])
        return messages


class ModelServer:
    """A server on a free port of 127.0.0.1 that works off its replies in order, then says `default` to everyone."""

    def __init__(
        self,
        *replies: str | Writer | Reply,
        default: str | Writer | Reply | None = None,
        models: Sequence[str] = ("tiny",),
        pause: float = 0,
        port: int = 0,
    ) -> None:
        self.requests: list[Request] = []
        """Requests for a chat reply, in order of arrival."""
        self.models = models
        self.pause = pause
        """Seconds between two words, to watch an answer being written."""
        self.closing = Event()
        self._replies = list(replies)
        self._default = default or quoting_reply
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is to be set to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> ModelServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def next_reply(self, request: Request) -> Reply:
        """The reply whose turn it is, having noted the request."""
        with self._lock:
            self.requests.append(request)
            reply = self._replies.pop(0) if self._replies else self._default
        return reply if isinstance(reply, Reply) else Reply(reply)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], owner: ModelServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what some tests are about; anything else is a fault worth a trace."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.path != "/v1/models":
            return self._send_error(Reply(status=404, error="No such page."))
        listed = [
            {"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in self.server.owner.models
        ]
        self._send(200, json.dumps({"object": "list", "data": listed}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v1/chat/completions":
            return self._send_error(Reply(status=404, error="No such page."))
        request = Request(self.path, self.headers.get("Authorization", "").removeprefix("Bearer "), body)
        reply = self.server.owner.next_reply(request)
        if reply.body is not None:
            return self._send(reply.status, reply.body, kind="text/html")
        if reply.status != 200:
            return self._send_error(reply)
        if body["model"] not in self.server.owner.models:
            return self._send_error(Reply(status=404, error=f"The model {body['model']} does not exist."))
        text = reply.text if isinstance(reply.text, str) else reply.text(request.messages)
        if body.get("stream"):
            return self._stream(request, reply, text)
        message = {"role": "assistant", "content": text}
        self._send(200, json.dumps(_completion(body, {"message": message, "finish_reason": "stop"}, "chat.completion")))

    def _stream(self, request: Request, reply: Reply, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            if reply.hold:
                self._wait(reply.hold)
            for line in _events(request.body, reply, text):
                if self._client_is_gone():
                    raise ConnectionError
                self._chunk(f"data: {line}\n\n")
                self.server.owner.closing.wait(self.server.owner.pause)
                if self.server.owner.closing.is_set():
                    raise ConnectionError
        except ConnectionError:
            if not self.server.owner.closing.is_set():
                request.disconnected.set()
            self.close_connection = True
            return
        if reply.words is not None:
            self.close_connection = True  # without the chunk that ends the body
            return
        self._chunk("")

    def _wait(self, hold: Event) -> None:
        while not hold.wait(0.01):
            if self.server.owner.closing.is_set() or self._client_is_gone():
                raise ConnectionError

    def _client_is_gone(self) -> bool:
        """Whether the other end is closed: it has nothing more to say, so anything to read is the end."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _send_error(self, reply: Reply) -> None:
        fault = {"message": reply.error, "type": "error", "param": None, "code": reply.code}
        self._send(reply.status, json.dumps({"error": fault}))

    def _send(self, status: int, body: str, kind: str = "application/json") -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _events(body: dict[str, Any], reply: Reply, text: str) -> Iterator[str]:
    """Data of the events that make up a streamed reply, as servers send them: role, words, finish, usage, [DONE]."""
    if reply.lines is not None:
        yield from reply.lines
        return
    yield _delta(body, {"role": "assistant", "content": None})
    said = 0
    while True:
        for word in re.findall(r"\s*\S+|\s+", text):
            if said == reply.words:
                return
            yield _delta(body, {"content": word})
            said += 1
        if not reply.endless:
            break
    yield _delta(body, {}, finish="stop")
    usage = {"prompt_tokens": 0, "completion_tokens": said, "total_tokens": said}
    yield json.dumps({**_completion(body, None, "chat.completion.chunk"), "usage": usage})
    yield "[DONE]"


def _delta(body: dict[str, Any], delta: dict[str, Any], finish: str | None = None) -> str:
    return json.dumps(_completion(body, {"delta": delta, "finish_reason": finish}, "chat.completion.chunk"))


def _completion(body: dict[str, Any], choice: dict[str, Any] | None, kind: str) -> dict[str, Any]:
    choices = [{"index": 0, **choice}] if choice else []
    return {"id": "reply", "object": kind, "created": 0, "model": body["model"], "choices": choices}


# --- small models that read their prompt -----------------------------------------------------------------------------

_PASSAGE = re.compile(r"<passage (?P<key>\w+)>\n(?P<head>.*?)\n\n(?P<text>.*?)\n</passage (?P=key)>", re.DOTALL)
_QUESTION = re.compile(r"^Question: (.*)$", re.MULTILINE)
_ORDER = re.compile(
    r"\b(?:say|write|reply|answer|respond|output)\b(?: only| exactly| with| that)*:?\s+(.+?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)


def quoting_reply(messages: Messages) -> str:
    """The one or two sentences that share most words with the question, with their passages' keys; or the refusal."""
    prompt = messages[-1]["content"]
    question = set(stems(_QUESTION.findall(prompt)[-1]))
    found = sorted(_candidates(prompt, question), key=lambda candidate: -candidate[0])
    if not found or found[0][0] < 1 / 3:
        return refusal()
    best = found[0][0]
    return " ".join(_cited(sentence, key) for share, sentence, key in found[:2] if share >= 0.9 * best)


def _cited(sentence: str, key: str) -> str:
    return f"{sentence[:-1]} [{key}]." if sentence.endswith(".") else f"{sentence} [{key}]"


def _candidates(prompt: str, question: set[str]) -> Iterator[tuple[float, str, str]]:
    """For each sentence of each passage: the share of the question's words in it, the sentence, the passage's key."""
    for passage in _PASSAGE.finditer(prompt):
        for start, end in sentence_spans(passage["text"]):
            sentence = " ".join(passage["text"][start:end].split())
            yield len(question & set(stems(sentence))) / max(len(question), 1), sentence, passage["key"]


def obedient_reply(messages: Messages) -> str:
    """What the first order in a passage wants to be said, word for word; without an order, as `quoting_reply`."""
    for passage in _PASSAGE.finditer(messages[-1]["content"]):
        if order := _ORDER.search(passage["text"]):
            return order[1].strip("\"'")
    return quoting_reply(messages)


def main() -> None:
    """Serve `quoting_reply` until Ctrl-C."""
    parser = argparse.ArgumentParser(description="A model server that answers every question by quoting its passages.")
    parser.add_argument("--port", type=int, default=8085)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--pause", type=float, default=0.03, help="seconds between two words")
    options = parser.parse_args()
    with ModelServer(models=(options.model,), port=options.port, pause=options.pause) as server:
        print(f"OPENAI_BASE_URL={server.base_url} qa ask --llm openai:{options.model} 'your question'", flush=True)
        try:
            server.closing.wait()
        except KeyboardInterrupt:
            print("Stopped.")


if __name__ == "__main__":
    main()
