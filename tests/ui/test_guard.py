"""What stands before the window: foreign pages and names are refused, pages run only their own."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import httpx
import pytest
from looping import run
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, StreamingResponse
from starlette.routing import Route

from qa.ui.first_paint import FirstPaint
from qa.ui.guard import Guard, inline_scripts, known_hosts, script_hash

PAGE = "<html><script>one()</script><script src='a.js'></script><script type=module>\ntwo()\n</script></html>"


def application(**guard: Any) -> Guard:
    async def echo(request: Request) -> JSONResponse:
        return JSONResponse({"bytes": len(await request.body())})

    def page(request: Request) -> HTMLResponse:
        return HTMLResponse(PAGE, headers={"Access-Control-Allow-Origin": "http://127.0.0.1:1"})

    def own(request: Request) -> HTMLResponse:
        return HTMLResponse(PAGE, headers={"Content-Security-Policy": "default-src 'none'"})

    routes = [
        Route("/", page),
        Route("/own", own),
        Route("/do", echo, methods=["POST"]),
        Route("/library/upload", echo, methods=["POST"]),
    ]
    return Guard(Starlette(routes=routes), **guard)


def ask(app: Any, method: str, path: str, **how: Any) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
            return await client.request(method, path, **how)

    return run(asked())


def test_a_page_runs_its_own_scripts_and_no_other() -> None:
    answer = ask(application(scripts=inline_scripts("<script>ours()</script>")), "GET", "/")
    scripts = next(part for part in answer.headers["content-security-policy"].split("; ") if "script-src" in part)
    hashes = " ".join(f"'{script_hash(script)}'" for script in (b"ours()", b"one()", b"\ntwo()\n"))
    assert scripts == f"script-src 'self' 'unsafe-eval' {hashes}"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.text == PAGE
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_a_page_is_packed_again_after_it_was_read() -> None:
    answer = ask(application(), "GET", "/", headers={"Accept": "text/html", "Accept-Encoding": "br, gzip"})
    assert answer.headers["content-encoding"] == "gzip" and answer.text == PAGE
    assert int(answer.headers["content-length"]) == len(gzip.compress(PAGE.encode(), 4))
    plain = ask(application(), "GET", "/", headers={"Accept": "text/html", "Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.text == PAGE


def test_a_page_with_a_policy_of_its_own_keeps_it_and_data_runs_nothing() -> None:
    assert ask(application(), "GET", "/own").headers["content-security-policy"] == "default-src 'none'"
    data = ask(application(), "POST", "/do", content=b"x")
    assert data.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7860", 200),
        ("localhost:9", 200),
        ("LOCALHOST", 200),
        ("[::1]:7860", 200),
        ("127.8.8.8", 200),
        ("news.example", 200),
        ("news.example.:80", 200),
        ("evil.example:7860", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("10.0.0.7", 421),
        ("", 421),
    ],
)
def test_a_name_that_the_window_does_not_have_is_refused(host: str, status: int) -> None:
    app = application(hosts=known_hosts("127.0.0.1", ["news.example"]))
    answer = ask(app, "GET", "/", headers={"Host": host})
    assert answer.status_code == status
    if host == "evil.example:7860":
        words = "This window is not known as 'evil.example'. Name it with: qa serve --allow-host evil.example"
        assert answer.json() == {"error": words}


def test_a_window_that_is_open_to_others_has_any_name() -> None:
    assert known_hosts("0.0.0.0") is None
    assert known_hosts("0.0.0.0", ["news.example"]) == ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "news.example")
    assert ask(application(hosts=None), "GET", "/", headers={"Host": "anything"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),  # a program
        ({"Origin": "http://127.0.0.1:7860"}, 200),
        ({"Origin": "http://127.0.0.1:7860", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://news.example", "Host": "news.example"}, 200),  # behind a proxy that speaks TLS
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:3000"}, 403),
        ({"Origin": "http://localhost:7860"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_a_page_of_another_site_may_not_do_anything(headers: dict[str, str], status: int) -> None:
    assert ask(application(), "POST", "/do", headers=headers, content=b"x").status_code == status


def test_another_site_may_lead_here_and_may_not_ask_for_more() -> None:
    assert ask(application(), "GET", "/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert ask(application(), "OPTIONS", "/do", headers=headers).status_code == 403


def test_too_much_is_refused_whether_it_was_announced_or_not() -> None:
    words = {"error": "This is too large: 1 MB is the most that can be sent at once."}

    async def in_pieces() -> Any:
        for _ in range(30):
            yield b"x" * 100_000

    announced = ask(application(), "POST", "/do", content=b"x" * 1_000_001)
    assert (announced.status_code, announced.json()) == (413, words)
    streamed = ask(application(), "POST", "/do", content=in_pieces())
    assert (streamed.status_code, streamed.json()) == (413, words)
    assert ask(application(), "POST", "/do", content=b"x" * 1_000_000).json() == {"bytes": 1_000_000}
    uploads = application(uploads={"/library/upload": 3_000_000})
    assert ask(uploads, "POST", "/library/upload", content=in_pieces()).json() == {"bytes": 3_000_000}


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/proxy=http://a", "/monitoring/summary"])
def test_what_the_window_does_not_use_is_not_there(path: str) -> None:
    assert ask(application(), "GET", path).json() == {"error": "There is no such thing here."}


def test_what_streams_is_not_held_back() -> None:
    sent: list[str] = []
    gate = asyncio.Event

    async def steps(go_on: asyncio.Event) -> Any:
        yield "data: one\n\n"
        await go_on.wait()  # set only once the first has arrived
        yield "data: two\n\n"

    async def read() -> None:
        go_on = gate()
        routes = [Route("/", lambda request: StreamingResponse(steps(go_on), media_type="text/event-stream"))]
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "headers": [(b"host", b"localhost")],
            "query_string": b"",
        }
        scope |= {"http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 7860), "client": ("127.0.0.1", 1)}

        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            if body := message.get("body"):
                sent.append(body.decode())
                go_on.set()

        await asyncio.wait_for(Guard(Starlette(routes=routes))(scope, receive, send), 20)

    run(read())
    assert sent == ["data: one\n\n", "data: two\n\n"]


def test_a_websocket_is_turned_away() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    run(Guard(Starlette())({"type": "websocket", "path": "/", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_a_page_shows_something_before_its_script_has_run_and_is_linked_to_under_its_own_name() -> None:
    page = (
        '<html><head><meta property="og:title" content="Gradio"><title>x</title></head>'
        "<body><gradio-app></gradio-app></body></html>"
    )
    app = Starlette(routes=[Route("/", lambda request: HTMLResponse(page)), Route("/data", lambda r: JSONResponse({}))])
    painted = FirstPaint(app, script="light()", opening='<div id="opening">Opening</div>')
    answer = ask(painted, "GET", "/")
    assert answer.text.startswith("<html><head><script>light()</script>") and "Gradio" not in answer.text
    assert '<body><div id="opening">Opening</div><gradio-app>' in answer.text
    assert '<meta property="og:title" content="Citewire">' in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert ask(painted, "GET", "/data").text == "{}"
