"""Connections that send half a request are closed; one that waits for its answer is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from qa.ui.connections import TimedConnection
from qa.ui.server import listen

Address = tuple[str, int]


class Hurried(TimedConnection):
    """One with less patience."""

    patience = 0.3


class Served:
    """A server whose path /slow answers once `go_on` is set."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.asked = threading.Event()
        self.address: Address = ("127.0.0.1", 0)

    def slow(self, request: Request) -> PlainTextResponse:
        self.asked.set()
        assert self.go_on.wait(60)
        return PlainTextResponse("done")

    async def echo(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    given = Served()
    routes = [Route("/slow", given.slow), Route("/echo", given.echo, methods=["POST"])]
    config = uvicorn.Config(Starlette(routes=routes), http=Hurried, log_level="critical")
    with listen("127.0.0.1", 0) as listener:
        given.address = listener.getsockname()
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield given
        server.should_exit = True
        thread.join(10)


@pytest.mark.parametrize(
    "half",
    [
        b"",
        b"GET /slow HT",
        b"GET /slow HTTP/1.1\r\nHost: a\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ],
)
def test_half_a_request_is_closed(served: Served, half: bytes) -> None:
    with socket.create_connection(served.address, timeout=60) as connection:
        connection.sendall(half)
        assert connection.recv(1) == b""


def test_half_a_request_after_a_whole_one_is_closed(served: Served) -> None:
    whole = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    with socket.create_connection(served.address, timeout=60) as connection:
        connection.sendall(whole)
        connection.sendall(whole[:30]) if connection.recv(1000).endswith(b"3") else pytest.fail("no answer")
        assert connection.recv(1) == b""


def test_who_waits_for_an_answer_is_not_closed(served: Served) -> None:
    given: list[httpx.Response] = []
    host, port = served.address
    asking = threading.Thread(target=lambda: given.append(httpx.get(f"http://{host}:{port}/slow", timeout=60)))
    asking.start()
    assert served.asked.wait(60)
    with socket.create_connection(served.address, timeout=60) as later:
        assert later.recv(1) == b""  # one that came later was closed meanwhile
    served.go_on.set()
    asking.join(60)
    assert given[0].text == "done"


def test_what_comes_slowly_but_steadily_is_taken(served: Served) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\nConnection: close\r\n\r\n"
    with (
        socket.create_connection(served.address, timeout=60) as connection,
        socket.create_connection(served.address, timeout=60) as other,
    ):
        connection.sendall(head + b"x" * 20_000)
        assert other.recv(1) == b""  # as long as patience lasts without a byte
        connection.sendall(b"x" * 10_000)
        answer = b""
        while piece := connection.recv(1000):
            answer += piece
        assert answer.endswith(b"\r\n\r\n30000")
