"""What has changed since a page looked last: in another tab, by another reader, from the command line."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from qa.errors import LibraryError
from qa.ui.context import AppState, owner_of, told_to
from qa.ui.masthead import library_html


def change_routes(app: AppState) -> APIRouter:
    """The route that a page asks every few seconds: a stamp of all that it shows, another one after each change."""
    routes = APIRouter(include_in_schema=False)

    @lru_cache(maxsize=1)
    def count_at(generation: int) -> str:
        return library_html(app.library.count())

    @routes.get("/changes")
    def changes(request: Request) -> Any:
        try:
            generation = app.library.generation()
            return {
                "library": str(generation),
                "count": count_at(generation),
                "followed": app.library.store.followed.stamp(),
                "collections": app.library.store.collections.stamp(owner=owner_of(request)),
                "conversations": app.library.store.conversations.stamp(owner=owner_of(request)),
            }
        except LibraryError as error:  # a server that is gone: the page asks again in a few seconds
            return JSONResponse({"error": told_to(request, str(error))}, 503)

    return routes
