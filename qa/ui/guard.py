"""What stands before every request and every answer: whose page asks, how much it sends, and what a page may load."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.ui.watch.requests import HEALTH

LARGEST = 1_000_000
"""Bytes of a request, where it is no upload."""
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

CLOSED = (
    "/gradio_api/upload",
    "/gradio_api/proxy=",
    "/gradio_api/process_recording",
    "/gradio_api/vibe-",
    "/gradio_api/undo-vibe-edit",
    "/gradio_api/run-history",
    "/gradio_api/runs",
    "/gradio_api/deep_link",
    "/monitoring",
)
"""What Gradio brings and this window does not use."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
NOT_A_PAGE = "default-src 'none'; frame-ancestors 'none'"
"""The policy of what is no page, should a browser be made to show it as one."""

_SAFE = ("GET", "HEAD", "OPTIONS")
_SCRIPT = re.compile(rb"<script\b(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_PORTS = {"http": "80", "https": "443"}


class Guard:
    """ASGI middleware. It answers what is refused with one sentence, and holds back nothing that streams.

    `scripts` are inline scripts that pages may run beside those that the server wrote into them. `hosts` are the names
    that the window is reached by; None leaves that open. `uploads` says for the beginnings of paths how many bytes.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        scripts: Iterable[bytes] = (),
        hosts: Iterable[str] | None = None,
        uploads: Mapping[str, int] | None = None,
    ) -> None:
        self._app = app
        self._scripts = tuple(script_hash(script) for script in scripts)
        self._hosts = None if hosts is None else frozenset(_bare(host) for host in hosts)
        self._uploads = dict(uploads or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":  # a websocket: there are none here
            return await send({"type": "websocket.close", "code": 1008})
        headers, path = Headers(scope=scope), scope["path"]
        answer = _Response(send, headers, self._scripts, scope["method"] == "HEAD")
        if refusal := self._refusal(scope, headers):
            return await refusal(scope, receive, answer.send)
        if "text/html" in headers.get("accept", ""):  # a page is read here before it is packed
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        body = _Body(receive, self._most(path))
        if body.is_too_large(headers):
            return await body.refusal(scope, receive, answer.send)
        try:
            await self._app(scope, body.receive, lambda message: answer.send(message, is_void=body.is_over))
        except Exception:
            if not body.is_over:
                raise
        if body.is_over and not answer.is_begun:
            await body.refusal(scope, receive, answer.send)

    def _most(self, path: str) -> int:
        return next((most for start, most in self._uploads.items() if path.startswith(start)), LARGEST)

    def _refusal(self, scope: Scope, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "")
        is_known = self._hosts is None or _names_loopback(host) or _bare(host) in self._hosts
        if not is_known and scope["path"] != HEALTH:  # which an orchestrator asks by the address of the machine
            # Another site can give its own name this machine's address; it cannot change what a browser sends here.
            words = f"This window is not known as '{_bare(host)}'. Name it with: qa serve --allow-host {_bare(host)}"
            return JSONResponse({"error": words}, 421)
        if _is_foreign(scope, headers, host):
            return JSONResponse({"error": "A page of another site may not do this."}, 403)
        if scope["path"].startswith(CLOSED):
            return JSONResponse({"error": "There is no such thing here."}, 404)
        return None


class _Body:
    """The body of a request, counted."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most = receive, most
        self._size = 0
        self.is_over = False

    def is_too_large(self, headers: Headers) -> bool:
        announced = headers.get("content-length", "0")
        return not announced.isdecimal() or int(announced) > self._most

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            if self._size > self._most:
                self.is_over = True
                return {"type": "http.disconnect"}
        return message

    @property
    def refusal(self) -> JSONResponse:
        most = f"{self._most // 1_000_000} MB"
        words = f"This is too large: {most} is the most that can be sent at once."
        return JSONResponse({"error": words}, 413, {"Connection": "close"})


class _Response:
    """What goes back, with the headers of every answer; a page is held until its scripts have been read."""

    def __init__(self, send: Send, asked: Headers, scripts: tuple[str, ...], is_head: bool) -> None:
        self._send, self._scripts, self._is_head = send, scripts, is_head
        self._takes_gzip = "gzip" in asked.get("accept-encoding", "")
        self._page: Message | None = None
        self._parts: list[bytes] = []
        self.is_begun = False

    async def send(self, message: Message, *, is_void: bool = False) -> None:
        """Sends it on; what answers a body that was too large is void."""
        if is_void and not self.is_begun:
            return
        if message["type"] == "http.response.start":
            self.is_begun = True
            headers = MutableHeaders(scope=message)
            for name in [name for name in headers if name.startswith("access-control-")]:
                del headers[name]  # no other site reads what stands here
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            is_html = headers.get("content-type", "").startswith("text/html")
            if is_html and "content-security-policy" not in headers and "content-encoding" not in headers:
                if not self._is_head:
                    self._page = message
                    return
                headers["Content-Security-Policy"] = policy(self._scripts)
            headers.setdefault("Content-Security-Policy", NOT_A_PAGE)
        elif self._page is not None and message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))
            if not message.get("more_body"):
                await self._send_page(b"".join(self._parts))
            return
        await self._send(message)

    async def _send_page(self, body: bytes) -> None:
        assert self._page is not None
        start, self._page = self._page, None
        headers = MutableHeaders(scope=start)
        inline = (script_hash(script) for script in _SCRIPT.findall(body))
        headers["Content-Security-Policy"] = policy((*self._scripts, *inline))
        headers.setdefault("Cache-Control", "no-store")  # it holds who is logged in
        if self._takes_gzip:
            body = gzip.compress(body, 4)
            headers["Content-Encoding"] = "gzip"
        headers.add_vary_header("Accept-Encoding")
        headers["Content-Length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def policy(scripts: Iterable[str]) -> str:
    """The content security policy of the window: of inline scripts, those with these hashes run and no other.

    Gradio makes functions of strings ('unsafe-eval') and writes styles into the page; no text of an article is either.
    """
    hashes = " ".join(f"'{hash_}'" for hash_ in dict.fromkeys(scripts))
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' 'unsafe-eval' {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' data: blob:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ]
    )


def script_hash(script: bytes) -> str:
    """An inline script as a policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script).digest()).decode("ascii")


def inline_scripts(html: str) -> list[bytes]:
    """The inline scripts of a piece of HTML."""
    return _SCRIPT.findall(html.encode("utf-8"))


def known_hosts(host: str, more: Iterable[str] = ()) -> tuple[str, ...] | None:
    """The names of a window that listens at `host`; None where that is open, and nobody has said."""
    more = tuple(more)
    if not is_loopback(host) and not more:
        return None
    return (*LOOPBACK_NAMES, f"[{host}]" if ":" in host else host, *more)


def _is_foreign(scope: Scope, headers: Headers, host: str) -> bool:
    """Whether a page of another site asks for something to be done."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if scope["method"] in _SAFE and not (scope["method"] == "OPTIONS" and origin):
        return False
    if site in ("cross-site", "same-site"):
        return True
    if origin is None:  # a program, or a browser that says so itself
        return False
    if origin == "null":  # a page that gives no address away; only the browser can say that it is ours
        return site != "same-origin"
    parts = urlsplit(origin)
    return _address(parts.netloc, parts.scheme) != _address(host, parts.scheme)


def _address(netloc: str, scheme: str) -> str:
    """Host and port, without the port that is understood."""
    return netloc.lower().removesuffix(f":{_PORTS.get(scheme, '')}")


def _bare(host: str) -> str:
    """The host without its port, as names are compared."""
    host = host.strip().lower()
    bare = re.sub(r":\d*$", "", host) if not host.endswith("]") else host
    return bare.rstrip(".")


def is_loopback(address: str) -> bool:
    """Whether an address is reached from this machine alone."""
    return address in ("localhost", "::1") or address.startswith("127.")


def _names_loopback(host: str) -> bool:
    bare = _bare(host)
    return bare in LOOPBACK_NAMES or bool(re.fullmatch(r"127(\.\d{1,3}){3}", bare))
