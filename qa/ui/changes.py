"""What has changed since a page looked last: in another tab, by another reader, from the command line."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from qa.ui.context import AppState, owner_of
from qa.ui.masthead import library_html


def change_routes(app: AppState) -> APIRouter:
    """The route that a page asks every few seconds: a stamp of all that it shows, another one after each change."""
    routes = APIRouter(include_in_schema=False)
    counted: dict[int, str] = {}  # generation of the library -> how many articles it holds, in words

    @routes.get("/changes")
    def changes(request: Request) -> dict[str, Any]:
        generation = app.library.generation()
        if generation not in counted:
            counted.clear()
            counted[generation] = library_html(app.library.count())
        return {
            "library": str(generation),
            "count": counted.get(generation) or library_html(app.library.count()),
            "followed": app.library.store.followed.stamp(),
            "conversations": app.library.store.conversations.stamp(owner=owner_of(request)),
        }

    return routes
