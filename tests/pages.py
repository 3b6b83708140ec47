"""A web site on this machine for tests: real HTTP or HTTPS, answers you script, and an internet that leads to it.

    with PageServer({"/story": "<p>The bridge opened.</p>", "/old": moved("/story")}) as site:
        site.url("/old")        # http://127.0.0.1:49152/old
        site.seen("/story")     # the headers of each request for it

A path without an answer is a 404, /robots.txt too. An answer is text, bytes, a Reply, a list of these (in turn, the
last one for ever), or a function that makes one from the path and the headers.

    internet = Internet(site, {"news.example": ["93.184.215.14"]})
    Fetcher(resolve=internet.resolve, network=internet)     # public names and addresses, no network
"""

from __future__ import annotations

import select
import socket
import ssl
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import httpcore

Headers = Mapping[str, str]

# For https://news.example in tests only: signed by itself, good until 2120.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgo/sQTVRDFt1IyvVO
JQhp1z5uyu7AOsCU6KCnxJhfi+2hRANCAAQTY4qVK58UIFPSqE/VCwRLCOT9WmYP
ykXKIWcQlVAToCYebwvYFexcm9hkNaZU3jLY92vYixgshN5FMn00UpBG
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxuZXdzLmV4
YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBcxFTATBgNV
BAMMDG5ld3MuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBNjipUr
nxQgU9KoT9ULBEsI5P1aZg/KRcohZxCVUBOgJh5vC9gV7Fyb2GQ1plTeMtj3a9iL
GCyE3kUyfTRSkEajfDB6MBcGA1UdEQQQMA6CDG5ld3MuZXhhbXBsZTAOBgNVHQ8B
Af8EBAMCAoQwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUZNeZw6Dkp7EfXuU3
Nibmyg1qHUIwHwYDVR0jBBgwFoAUZNeZw6Dkp7EfXuU3Nibmyg1qHUIwCgYIKoZI
zj0EAwIDRwAwRAIgMVIkiOYRbrnYFygUR2C5XvkCi+C6EHbqRtherdP4vfwCIEbC
ETAtTi9IGtHzZHG5d8tJfpGEiG9SDKiZiPltN7j2
-----END CERTIFICATE-----
"""


@dataclass(frozen=True)
class Reply:
    """What the server does with one request."""

    body: str | bytes | Iterable[bytes] = b""
    """Pieces are sent one by one, without a length, until they end or the client goes away."""
    status: int = 200
    headers: Headers = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"
    pause: float = 0.0
    """Seconds between two pieces."""
    hold: Event | None = None
    """Waited for before the first word."""
    length: int | None = None
    """What is said of the length of the body, where that is not the truth."""


Answer = str | bytes | Reply | Sequence["str | bytes | Reply"] | Callable[[str, Headers], Reply]


def moved(to: str, status: int = 302) -> Reply:
    """A redirect."""
    return Reply(status=status, headers={"Location": to})


def endless(piece: bytes = b"and so on " * 1000) -> Iterable[bytes]:
    """A body that has no end."""
    return repeat(piece)


class PageServer:
    """A site on a free port of 127.0.0.1, in a thread of its own."""

    def __init__(self, pages: Mapping[str, Answer], certificate: Path | None = None) -> None:
        self.pages = pages
        self.closing = Event()
        self.most_at_once = 0
        """Requests that were answered at the same time, at most."""
        self._seen: list[tuple[str, Headers]] = []
        self._turns: Counter[str] = Counter()
        self._at_once = 0
        self._lock = Lock()
        self._scheme = "https" if certificate else "http"
        self._server = _Server(("127.0.0.1", 0), self)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.tls = context
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a page."""
        return f"{self._scheme}://{host}:{self.port}{path}"

    def seen(self, path: str) -> list[Headers]:
        """The headers of each request for a page, names in lower case, in order of arrival."""
        return [headers for seen, headers in self._seen if seen == path]

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order of arrival."""
        return [path for path, _ in self._seen]

    def __enter__(self) -> PageServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reply(self, path: str, headers: Headers) -> Reply:
        """The answer whose turn it is, having noted the request."""
        with self._lock:
            self._seen.append((path, headers))
            turn, self._turns[path] = self._turns[path], self._turns[path] + 1
        answer = self.pages.get(path, Reply("no such page", status=404))
        if callable(answer):
            answer = answer(path, headers)
        elif isinstance(answer, Sequence) and not isinstance(answer, str | bytes):
            answer = answer[min(turn, len(answer) - 1)]
        return answer if isinstance(answer, Reply) else Reply(answer)

    def enter(self, step: int) -> None:
        """Note that a request begins (1) or ends (-1) to be answered."""
        with self._lock:
            self._at_once += step
            self.most_at_once = max(self.most_at_once, self._at_once)


class Internet(httpcore.AsyncNetworkBackend):
    """Names and public addresses that all lead to one server: `resolve` looks names up, `connect_tcp` connects."""

    def __init__(self, site: PageServer, names: Mapping[str, Sequence[str] | Callable[[], Sequence[str]]]) -> None:
        self.site = site
        self.names = names
        self.asked: list[str] = []
        """Names that were looked up, in order."""
        self.dialled: list[str] = []
        """Addresses that were connected to, in order."""

    def resolve(self, host: str, port: int, type: int = 0) -> list[tuple[Any, ...]]:
        """As socket.getaddrinfo; a name that is an IP address stands for itself."""
        self.asked.append(host)
        if host not in self.names:
            return socket.getaddrinfo(host, port, type=type, flags=socket.AI_NUMERICHOST)
        found = self.names[host]
        addresses = found() if callable(found) else found
        return [(socket.AF_INET, type, 0, "", (address, port)) for address in addresses]

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """A connection to the server, whatever the address."""
        self.dialled.append(host)
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self.site.port)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    tls: ssl.SSLContext | None = None

    def __init__(self, address: tuple[str, int], owner: PageServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the thread of the request, so that a client that is slow to shake hands keeps no other waiting."""
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True)
        try:
            super().finish_request(request, client_address)
        finally:
            request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what some tests are about; anything else is a fault worth a trace."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        owner = self.server.owner
        owner.enter(1)
        try:
            self._send(owner.reply(self.path, {name.lower(): value for name, value in self.headers.items()}))
        finally:
            owner.enter(-1)

    def _send(self, reply: Reply) -> None:
        while reply.hold and not reply.hold.wait(0.01):
            if self.server.owner.closing.is_set() or self._client_is_gone():
                raise ConnectionError
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if isinstance(body, bytes):
            self.send_header("Content-Length", str(len(body) if reply.length is None else reply.length))
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in [body] if isinstance(body, bytes) else body:
            self.wfile.write(piece)
            if self.server.owner.closing.wait(reply.pause) or self._client_is_gone():
                raise ConnectionError

    def _client_is_gone(self) -> bool:
        """Whether the other end is closed: it has nothing more to say, so anything to read is the end."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.server.tls and not self.connection.recv(1, socket.MSG_PEEK)

    def log_message(self, format: str, *args: Any) -> None:
        pass
