"""What counts and logs each request, and the two addresses for programs that watch a server."""

from __future__ import annotations

import time

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.errors import MissingExtra
from qa.library import Library
from qa.ui.watch.logs import log_request
from qa.ui.watch.metrics import Metrics

MOST_BEHIND = 10
"""Seconds for which a window may be behind the articles without saying so."""
HEALTH, METRICS = "/healthz", "/metrics"
SHARED = "/shared/"
"""What stands behind it opens a conversation, and is not written down."""
_CHANGES = "/changes"  # every open page asks for it every few seconds
_GONE = 499  # what proxies write down where nobody waited for an answer


class Watched:
    """ASGI middleware that counts each request and writes a line about it, once its answer has ended."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began, status = time.monotonic(), 0
        is_program = scope["path"].startswith("/api/")
        self._metrics.asking += is_program
        scope.setdefault("state", {})

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        except Exception:
            status = status or 500
            raise
        finally:
            self._metrics.asking -= is_program
            client = (scope.get("client") or ("unknown",))[0]
            user = scope["state"].get("user")
            self._metrics.requested(status or _GONE)
            path = SHARED if scope["path"].startswith(SHARED) else scope["path"]
            if path != _CHANGES:
                log_request(scope["method"], path, status or _GONE, time.monotonic() - began, client, user)


def watch_routes(library: Library, metrics: Metrics) -> APIRouter:
    """GET /healthz, for everybody, and GET /metrics, for those who may log in."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(HEALTH)
    def health() -> JSONResponse:
        try:
            library.count()
        except Exception:
            return JSONResponse({"status": "unreadable"}, 503)
        behind = round(library.behind())
        return JSONResponse({"status": "ok", **({"behind_seconds": behind} if behind > MOST_BEHIND else {})})

    @routes.get(METRICS)
    def numbers() -> Response:
        try:
            page, media_type = metrics.page()
        except MissingExtra as error:
            return JSONResponse({"error": str(error)}, 501)
        return Response(page, headers={"Content-Type": media_type})

    return routes
