"""The window under a path of its own, behind a reverse proxy that takes the path off, with a log-in."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager

import httpx
import pytest
import uvicorn
from fake import FakeAssistant
from playwright.sync_api import Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from windows import ask, serving

from qa.ui.server import listen


@contextmanager
def proxying(address: str, prefix: str) -> Iterator[str]:
    """A reverse proxy for the server at `address`: what is asked of it outside of `prefix` is not found."""

    @asynccontextmanager
    async def lifespan(proxy: Starlette) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            yield {"client": client}

    async def passed(request: Request) -> Response:
        client: httpx.AsyncClient = request.state.client
        path = request.url.path.removeprefix(prefix)
        headers = [(name, value) for name, value in request.headers.raw if name not in (b"connection",)]
        headers.append((b"x-forwarded-proto", b"http"))
        built = client.build_request(
            request.method, f"{path}?{request.url.query}", headers=headers, content=await request.body()
        )
        answer = await client.send(built, stream=True)

        async def pieces() -> AsyncIterator[bytes]:
            async with aclosing(answer):
                async for piece in answer.aiter_raw():
                    yield piece

        response = StreamingResponse(pieces(), answer.status_code)
        response.raw_headers = [pair for pair in answer.headers.raw if pair[0].lower() != b"transfer-encoding"]
        return response

    methods = ["GET", "POST", "HEAD", "PUT", "DELETE"]
    proxy = Starlette(routes=[Route(f"{prefix}/{{path:path}}", passed, methods=methods)], lifespan=lifespan)
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(proxy, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{prefix}/"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def window() -> Iterator[str]:
    with contextmanager(serving)(FakeAssistant(), auth="anna:secret", root_path="/news") as served:
        with proxying(served.address, "/news") as address:
            yield address


def test_under_a_path_of_its_own_everything_is_found(window: str, new_page: Callable[..., Page]) -> None:
    page = new_page(window)
    lost: list[str] = []
    page.on("response", lambda response: lost.append(response.url) if response.status == 404 else None)
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Log in").click()
    ask(page, "When will the harbour bridge close?")
    expect(page.locator("#last .chip").first).to_be_visible()
    assert page.url.startswith(window)
    page.reload()
    expect(page.locator(".turn").first).to_be_visible()
    assert not [url for url in lost if "favicon" not in url]
