"""The log-in: its page, its session, and what asks for one where there are accounts."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import logging
import secrets
import threading
from typing import TypeVar
from urllib.parse import parse_qs, quote, urlencode

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.errors import LibraryError
from qa.show.window_words import WORDS
from qa.ui.pages import HEADERS, page_html
from qa.ui.passwords import Accounts, Attempts, TooManyAttempts
from qa.ui.sessions import WHOLE, Sessions
from qa.ui.watch.requests import HEALTH, METRICS, SHARED

OPEN = ("/login", "/logout", "/api/health", HEALTH, "/favicon.ico")
"""What is shown to everybody."""
_WRONG = WORDS["login"]["wrong"]
_AWAY = "The library cannot be reached at the moment. Try again soon."
_LARGEST = 20_000  # bytes of a form
_REMEMBERED = 1_000  # names, with the password or the address that was found right: not hashed or counted again
T = TypeVar("T")
log = logging.getLogger(__name__)


class Authenticator:
    """Who may come in, and who is in."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        by_address: Attempts | None = None,
        by_user: Attempts | None = None,
    ) -> None:
        self.accounts = accounts
        self.sessions = sessions
        self._by_address = by_address or Attempts(free=10, longest=900)
        self._by_user = by_user or Attempts(free=20, longest=300)
        self._familiar: dict[tuple[str, str], None] = {}  # user and address, where a log-in has succeeded
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, None] = {}
        self._lock = threading.Lock()

    def fits(self, user: str, password: str, address: str) -> bool:
        """Whether the password is the user's. Raises TooManyAttempts where too many before it were not.

        Failures are counted by address, and by user where the user is new at the address: nobody can keep others from
        logging in where they usually do.
        """
        place = (_folded(user), address)
        with self._by_address.one([address]) as here:
            try:
                with self._by_user.one([] if place in self._familiar else [place[0]]) as for_them:
                    is_right = self.accounts.fits(user, password)
                    if is_right:
                        for_them()
            except TooManyAttempts:
                here()  # nothing was tried
                raise
            if is_right:
                here()
                self._remember(self._familiar, place)
        return is_right

    def user_of(self, connection: HTTPConnection) -> str | None:
        """The user whose session the cookie names. Raises LibraryError."""
        return self.sessions.user(connection.cookies.get(cookie_name(connection)))

    async def basic_user(self, connection: HTTPConnection) -> str | None:
        """The user of an `Authorization: Basic` header; None for none or a wrong one. Raises TooManyAttempts."""
        given = _basic(connection.headers.get("authorization", ""))
        if given is None:
            return None
        user, password = given
        seal = hmac.digest(self._key, f"{len(user)}:{user}{password}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        with self._lock:
            if seal in self._right:
                return user
        if not await run_in_threadpool(self.fits, user, password, address_of(connection)):
            return None
        self._remember(self._right, seal)
        return user

    def _remember(self, known: dict[T, None], one: T) -> None:
        with self._lock:
            known.pop(one, None)
            while len(known) >= _REMEMBERED:
                del known[next(iter(known))]
            known[one] = None


class LogIn:
    """ASGI middleware: writes user and role into the state of each request, and turns away who is not logged in.

    Without an authenticator everybody comes in: the user is None, and may do everything.
    """

    def __init__(self, app: ASGIApp, authenticator: Authenticator | None, root_path: str = "") -> None:
        self._app, self._authenticator, self._root_path = app, authenticator, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request in, or answers it."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        state = scope.setdefault("state", {})
        state["user"], state["role"] = None, "administrator"
        if self._authenticator is None:
            return await self._app(scope, receive, send)
        connection = HTTPConnection(scope)
        path = connection.url.path
        is_api = path.startswith("/api/") or path == METRICS
        user = None
        try:
            if cookie_name(connection) in connection.cookies:
                user = await run_in_threadpool(self._authenticator.user_of, connection)
            if user is None and is_api and path not in OPEN:
                user = await self._authenticator.basic_user(connection)
        except TooManyAttempts as error:
            refused = JSONResponse({"error": str(error)}, 429, {"Retry-After": str(error.seconds)})
            return await refused(scope, receive, send)
        except LibraryError as error:
            if path not in OPEN:
                log.warning("Nobody can be let in: %s", error)  # its host is nobody's business who is not in
                return await JSONResponse({"error": _AWAY}, 503, {"Retry-After": "5"})(scope, receive, send)
        state["user"], state["role"] = user, self._authenticator.accounts.role(user)
        if user is None and path not in OPEN and not path.startswith(SHARED):
            return await _turned_away(connection, is_api, self._root_path)(scope, receive, send)
        await self._app(scope, receive, send)


def _turned_away(connection: HTTPConnection, is_api: bool, root_path: str) -> Response:
    headers = connection.headers
    if connection.scope.get("method") in ("GET", "HEAD") and "text/html" in headers.get("accept", ""):
        query = f"?{connection.url.query}" if connection.url.query else ""
        wanted = connection.url.path + query
        query = f"?{urlencode({'next': wanted})}" if wanted != "/" else ""
        return RedirectResponse(f"{root_path}/login{query}", 303)
    # A browser that is told of Basic asks for a password in a box of its own, over the page.
    asks = {"WWW-Authenticate": 'Basic realm="Citewire", charset="UTF-8"'}
    is_program = is_api and "sec-fetch-mode" not in headers
    words = "Log in first, or send a name and a password (HTTP Basic)." if is_api else "Log in first."
    return JSONResponse({"error": words}, 401, {**(asks if is_program else {}), "X-Citewire": "log-in"})


def login_routes(authenticator: Authenticator, root_path: str = "") -> APIRouter:
    """The log-in page, what its form sends to, and the log-out; `root_path` is where a proxy shows the window."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/login")
    def show(request: Request, next: str = "/") -> Response:
        if authenticator.user_of(request):
            return RedirectResponse(root_path + _safe(next, root_path), 303)
        return HTMLResponse(login_html(), headers=HEADERS)

    @routes.post("/login")
    async def log_in(request: Request, next: str = "/") -> Response:
        user, password = await _sent(request)
        try:
            is_right = await run_in_threadpool(authenticator.fits, user, password, address_of(request))
        except TooManyAttempts as error:
            headers = HEADERS | {"Retry-After": str(error.seconds)}
            return HTMLResponse(login_html(str(error), user), 429, headers)
        if not is_right:
            return HTMLResponse(login_html(_WRONG, user), 401, HEADERS)
        try:
            await run_in_threadpool(authenticator.sessions.end, request.cookies.get(cookie_name(request)))
            token = await run_in_threadpool(authenticator.sessions.begin, user)
        except LibraryError as error:
            log.warning("Nobody can be let in: %s", error)
            return HTMLResponse(login_html(_AWAY, user), 503, HEADERS | {"Retry-After": "5"})
        response = RedirectResponse(root_path + _safe(next, root_path), 303, {"Cache-Control": "no-store"})
        response.set_cookie(
            cookie_name(request),
            token,
            max_age=WHOLE,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    @routes.post("/logout")
    def log_out(request: Request) -> Response:
        authenticator.sessions.end(request.cookies.get(cookie_name(request)))
        # A question that was begun is nobody else's business.
        response = RedirectResponse(
            f"{root_path}/login", 303, {"Clear-Site-Data": '"storage"', "Cache-Control": "no-store"}
        )
        response.delete_cookie(cookie_name(request), httponly=True, samesite="lax")
        return response

    return routes


def login_html(fault: str = "", user: str = "") -> str:
    """The page; `fault` says why it is shown again, `user` is what was typed before."""
    return page_html("login.html", fault=fault, user=user)


def cookie_name(connection: HTTPConnection) -> str:
    """One for each port that a browser sees: cookies of a host are sent to all of them."""
    port = connection.headers.get("host", "").rpartition("]")[2].rpartition(":")[2]
    return f"citewire-{port if port.isascii() and port.isdecimal() else 0}"


def address_of(connection: HTTPConnection) -> str:
    """Where the request comes from, as the rate limit counts it: of an IPv6 address, the network."""
    host = connection.client.host if connection.client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else host


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (user, password) if colon else None


async def _sent(request: Request) -> tuple[str, str]:
    """What was typed; empty where it is no form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            return "", ""
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=10)
    except (UnicodeDecodeError, ValueError):
        return "", ""
    return fields.get("user", [""])[0].strip(), fields.get("password", [""])[0]


def _safe(wanted: str, root_path: str) -> str:
    """A place in this window, below `root_path`, whatever an address that somebody sent around says."""
    if wanted.startswith(f"{root_path}/"):  # a page knows its address as the proxy shows it
        wanted = wanted.removeprefix(root_path)
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\", "/login")) and wanted.isprintable()
    return quote(wanted, safe="/?&=%#+,;:@~!$'()*-._") if is_ours else "/"


def _folded(user: str) -> str:
    return " ".join(user.casefold().split())[:200]
