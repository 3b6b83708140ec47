"""A model server on this machine for tests, evals and demos: real HTTP, three protocols, replies you choose.

    with ModelServer("The bridge opened on Monday.") as server:
        ...  # set OPENAI_BASE_URL to server.base_url, or OLLAMA_HOST or ANTHROPIC_BASE_URL to server.url

Run `python tests/servers.py --port 8085` for one that answers every question by quoting its passages.
"""

from __future__ import annotations

import argparse
import json
import re
import select
import socket
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from protocols import PROTOCOLS, Messages, Protocol, Reply, Writer

from qa.language.text import sentence_spans, stems
from qa.prompts import refusal

__all__ = ["Messages", "ModelServer", "Reply", "Request", "Writer"]

EMBEDDINGS = ("/v1/embeddings", "/api/embed")


@dataclass
class Request:
    """A request that the server saw."""

    path: str
    key: str
    """What came in the Authorization header, without "Bearer", or in x-api-key."""
    body: dict[str, Any] = field(default_factory=dict)
    disconnected: Event = field(default_factory=Event)
    """Set when the client goes away before the reply is complete."""

    @property
    def messages(self) -> Messages:
        """The prompt."""
        return PROTOCOLS[self.path].prompt(self.body)


class ModelServer:
    """A server on a free port of 127.0.0.1 that works off its replies in order, then says `default` to everyone."""

    def __init__(
        self,
        *replies: str | Writer | Reply,
        default: str | Writer | Reply | None = None,
        models: Sequence[str] = ("tiny",),
        pause: float = 0,
        port: int = 0,
        longest: int | None = None,
    ) -> None:
        self.requests: list[Request] = []
        """Requests for a reply or for vectors, in order of arrival."""
        self.models = models
        self.longest = longest
        """Characters that its embedding model takes; a longer text is refused, with all that came with it."""
        self.pause = pause
        """Seconds between two words, to watch an answer being written."""
        self.closing = Event()
        self._replies = list(replies)
        self.default = default or quoting_reply
        """What comes once the replies are used up."""
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is to be set to."""
        return f"{self.url}/v1"

    @property
    def url(self) -> str:
        """What OLLAMA_HOST and ANTHROPIC_BASE_URL are to be set to."""
        return f"http://{self.host}"

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

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
            reply = self._replies.pop(0) if self._replies else self.default
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
        names = self.server.owner.models
        match self.path.partition("?")[0]:
            case "/v1/models" if "x-api-key" in self.headers:
                listed = [
                    {"id": name, "type": "model", "display_name": name, "created_at": "2025-01-01T00:00:00Z"}
                    for name in names
                ]
                self._send(200, json.dumps({"data": listed, "has_more": False, "first_id": None, "last_id": None}))
            case "/v1/models":
                listed = [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in names]
                self._send(200, json.dumps({"object": "list", "data": listed}))
            case "/api/tags":
                self._send(200, json.dumps({"models": [_tag(name) for name in names]}))
            case _:
                self._send(404, json.dumps({"error": "No such page."}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        protocol = PROTOCOLS.get(self.path)
        if protocol is None and self.path not in EMBEDDINGS:
            return self._send(404, json.dumps({"error": "No such page."}))
        key = self.headers.get("Authorization", "").removeprefix("Bearer ") or self.headers.get("x-api-key", "")
        request = Request(self.path, key, body)
        reply = self.server.owner.next_reply(request)
        if protocol is None:
            protocol = PROTOCOLS["/api/chat" if self.path == "/api/embed" else "/v1/chat/completions"]
        if reply.body is not None:
            return self._send(reply.status, reply.body, kind="text/html")
        if reply.status != 200:
            return self._send_error(protocol, reply)
        if body["model"].removesuffix(":latest") not in self.server.owner.models:
            missing = Reply(status=404, error=f"The model {body['model']} does not exist.", code="not_found_error")
            return self._send_error(protocol, missing)
        if self.path in EMBEDDINGS:
            if reply.hold:
                self._wait(reply.hold)
            return self._embed(protocol, body)
        text = reply.text if isinstance(reply.text, str) else reply.text(request.messages)
        if body.get("stream") or protocol.whole is None:
            return self._stream(protocol, request, reply, text)
        self._send(200, json.dumps(protocol.whole(body, text)))

    def _embed(self, protocol: Protocol, body: dict[str, Any]) -> None:
        longest = self.server.owner.longest
        if longest is not None and any(len(text) > longest for text in body["input"]):
            return self._send_error(protocol, Reply(status=400, error="the input length exceeds the context length"))
        vectors = [hashed_vector(text) for text in body["input"]]
        if self.path == "/api/embed":
            return self._send(200, json.dumps({"model": body["model"], "embeddings": vectors}))
        data = [{"object": "embedding", "index": n, "embedding": vector} for n, vector in enumerate(vectors)]
        usage = {"prompt_tokens": 0, "total_tokens": 0}
        # In any order: the index counts.
        self._send(200, json.dumps({"object": "list", "data": data[::-1], "model": body["model"], "usage": usage}))

    def _stream(self, protocol: Protocol, request: Request, reply: Reply, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", protocol.kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            lines = protocol.stream(request.body, reply, text) if reply.lines is None else reply.lines
            for sent, line in enumerate(lines):
                if reply.hold and sent == reply.lines_before_hold:
                    self._wait(reply.hold)
                if self._client_is_gone():
                    raise ConnectionError
                self._chunk(protocol.frame(line))
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

    def _send_error(self, protocol: Protocol, reply: Reply) -> None:
        self._send(reply.status, json.dumps(protocol.fault(reply)), retry_after=reply.retry_after)

    def _send(self, status: int, body: str, kind: str = "application/json", retry_after: str = "0") -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _tag(name: str) -> dict[str, Any]:
    """A model as Ollama lists it."""
    full = name if ":" in name else f"{name}:latest"
    details = {"family": "bert" if "embed" in name else "llama", "parameter_size": "3.2B"}
    digest = f"{zlib.crc32(name.encode()):08x}" * 8
    return {"name": full, "model": full, "digest": digest, "size": 2_000_000_000, "details": details}


def hashed_vector(text: str, dimension: int = 16) -> list[float]:
    """Every stem of a text adds one to a place that its hash chooses."""
    vector = [0.0] * dimension
    for stem in stems(text) or [""]:
        vector[zlib.crc32(stem.encode()) % dimension] += 1
    return vector


# --- small models that read their prompt -----------------------------------------------------------------------------

_PASSAGE = re.compile(r"<passage (?P<key>\w+)>\n(?P<head>.*?)\n\n(?P<text>.*?)\n</passage (?P=key)>", re.DOTALL)
_QUESTION = re.compile(r"^Question: (.*)$", re.MULTILINE)
_ORDER = re.compile(
    r"\b(?:say|write|reply|answer|respond|output)\b(?: only| exactly| with| that)*:?\s+(.+?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)


def quoting_reply(messages: Messages) -> str:
    """The one or two sentences that share most words with the question, with their passages' keys; or the refusal.

    Asked to complete a question that leans on a conversation, it gives that back as it is.
    """
    prompt = messages[-1]["content"]
    asked = _QUESTION.findall(prompt)
    if not asked:
        return prompt.rstrip().rpartition("Reader: ")[2]
    question = set(stems(asked[-1]))
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


def key_of(messages: object, text: str) -> str:
    """The key under which the prompt holds the passage with this text."""
    prompt = "\n".join(message["content"] for message in messages)  # type: ignore[attr-defined]
    before = prompt[: prompt.index(text)]
    return before.rsplit("<passage ", 1)[1].split(">", 1)[0]
