"""The routes of collections: named sets of articles, each its owner's, who may share it with every user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from qa.api.errors import Missing, user_of
from qa.api.schema import ERRORS, MISSING, CollectionChange, CollectionIn, CollectionOut, CollectionsOut
from qa.ask.assistant import Assistant
from qa.errors import UsageError
from qa.show.collection import collection_json
from qa.show.wording import bare_name, web_url
from qa.store import CollectionRow, Collections


def collection_routes(routes: APIRouter, assistant_for: Callable[[str | None], Assistant]) -> None:
    """Puts them beside the other routes."""

    def of(request: Request) -> tuple[Collections, str | None]:
        owner = user_of(request)
        return assistant_for(owner).library.store.collections, owner

    @routes.get("/collections", responses={200: {"model": CollectionsOut}, **ERRORS})
    def collections(request: Request) -> JSONResponse:
        """Your collections and those that are shared."""
        kept, owner = of(request)
        return JSONResponse({"collections": [_shown(row) for row in kept.all(owner=owner)]})

    @routes.post("/collections", responses={200: {"model": CollectionOut}, **ERRORS})
    def create(made: CollectionIn, request: Request) -> JSONResponse:
        """Make a collection."""
        kept, owner = of(request)
        row = kept.create(made.name, owner=owner, is_shared=made.shared, filter=made.filter, articles=made.articles)
        return JSONResponse(_shown(row))

    @routes.get("/collections/{name:path}", responses={200: {"model": CollectionOut}, **ERRORS, **MISSING})
    def collection(name: str, request: Request) -> JSONResponse:
        """A collection, by its name or its id. Its articles are at `/api/articles?collection=`."""
        kept, owner = of(request)
        return JSONResponse(_shown(_found(kept, name, owner)))

    @routes.patch("/collections/{name:path}", responses={200: {"model": CollectionOut}, **ERRORS, **MISSING})
    def change(name: str, asked: CollectionChange, request: Request) -> JSONResponse:
        """Put articles in, take some out, rename it or share it, in this order."""
        kept, owner = of(request)
        row = _found(kept, name, owner)
        if asked.add:
            kept.add(row.named, asked.add, owner=owner)
        if asked.remove:
            kept.take_out(row.named, asked.remove, owner=owner)
        if asked.name is not None:
            kept.rename(row.named, asked.name, owner=owner)
        if asked.shared is not None:
            kept.share(row.named, asked.shared, owner=owner)
        return JSONResponse(_shown(_found(kept, row.id, owner)))

    @routes.delete("/collections/{name:path}", responses={200: {"model": CollectionOut}, **ERRORS, **MISSING})
    def delete(name: str, request: Request) -> JSONResponse:
        """Delete a collection; its articles stay. What it was comes back."""
        kept, owner = of(request)
        row = _found(kept, name, owner)
        kept.delete(row.named, owner=owner)
        return JSONResponse(_shown(row))


def _found(kept: Collections, name: str, owner: str | None) -> CollectionRow:
    try:
        return kept.find(name, owner=owner)
    except UsageError as error:
        raise Missing(str(error)) from None


def _shown(row: CollectionRow) -> dict[str, Any]:
    """As JSON, without folders of the machine that serves it."""
    return collection_json(row) | {"sources": [web_url(source) or bare_name(source) for source in row.sources]}
