"""Collections in the window: the dialog that fills, makes and renames one, and what the Library and the filter list."""

from __future__ import annotations

from typing import Any

import gradio as gr

from qa.errors import UsageError
from qa.ingest.fetch import is_address
from qa.show.window_words import WORDS
from qa.show.wording import bare_name, filters_text
from qa.store import CollectionRow
from qa.types import CollectionName, Filters
from qa.ui.context import AppState, Payload, served
from qa.ui.following import key_of
from qa.ui.narrowing import read_filters
from qa.ui.pages import render

_WORDS = WORDS["collections"]


def collections_panel(app: AppState) -> None:
    """The dialog, over whichever view it is opened from."""
    kept, followed = app.library.store.collections, app.library.store.followed

    def list_collections(payload: Payload, owner: str | None) -> list[dict[str, Any]]:
        return [_shown(row, owner, is_local=app.is_local) for row in kept.all(owner=owner)]

    def make_collection(payload: Payload, owner: str | None) -> dict[str, Any]:
        filters: Filters | None = None
        sources: list[str] = []
        if payload.get("filter") is not None:
            filters = kept.allowed(read_filters(payload["filter"])[0], owner=owner)
        if payload.get("followed") is not None:
            sources = [one.source for one in followed.all() if key_of(one.source) == payload["followed"]]
            if not sources:
                raise UsageError("This is not followed any more.")
        row = kept.create(
            str(payload.get("name") or ""),
            owner=owner,
            is_shared=payload.get("shared") is True,
            filter=filters,
            sources=sources,
            articles=_articles(payload),
        )
        return _shown(row, owner, is_local=app.is_local)

    def add_to_collection(payload: Payload, owner: str | None) -> int:
        return kept.add(read_collection(payload), _articles(payload), owner=owner)

    def take_out(payload: Payload, owner: str | None) -> int:
        return kept.take_out(read_collection(payload), _articles(payload), owner=owner)

    def rename_collection(payload: Payload, owner: str | None) -> str:
        return kept.rename(read_collection(payload), str(payload.get("name") or ""), owner=owner).name

    def share_collection(payload: Payload, owner: str | None) -> bool:
        return kept.share(read_collection(payload), payload.get("shared") is True, owner=owner).is_shared

    def delete_collection(payload: Payload, owner: str | None) -> None:
        kept.delete(read_collection(payload), owner=owner)

    functions = (
        list_collections,
        make_collection,
        add_to_collection,
        take_out,
        rename_collection,
        share_collection,
        delete_collection,
    )
    gr.HTML(
        render("collections.html"),
        apply_default_css=False,
        js_on_load="citewire.collections(server)",
        server_functions=[served(each) for each in functions],
    )


def read_collection(payload: Payload) -> CollectionName:
    """The collection that a page names; whether its reader may see it is asked of the library."""
    if (collection := read_filters({"collection": payload.get("collection")})[0].collection) is None:
        raise UsageError("The page names no collection. Load it again.")
    return collection


def _articles(payload: Payload) -> list[str]:
    return [str(id_) for id_ in payload.get("articles") or []]


def _shown(row: CollectionRow, owner: str | None, *, is_local: bool) -> dict[str, Any]:
    """As a page needs it; folders of the server by their bare names, but on its own machine."""
    names = [source if is_local or is_address(source) else bare_name(source) for source in row.sources]
    by_filter = [_WORDS["by_filter"].format(filter=filters_text(row.filter))] if row.filter else []
    fills = by_filter + [_WORDS["by_source"].format(source=name) for name in names]
    is_own = owner is None or row.owner == owner
    return {
        "id": row.id,
        "name": row.name,
        "articles": row.articles,
        "own": is_own,
        "owner": "" if is_own else row.owner or "",
        "shared": row.is_shared,
        "fills": fills or [_WORDS["by_hand"]],
    }
