"""A conversation as a page that whoever has its link can read and nobody can change, until that is ended."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from qa.ask.conversation import kept_turns
from qa.library import Library
from qa.show.document_form import AnswerDocument
from qa.show.export import make_export, write_export
from qa.ui.context import AppState
from qa.ui.pages import HEADERS, page_html

_OURS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def share_routes(app: AppState) -> APIRouter:
    """The route of shared pages. It asks nobody who they are: the secret in the address is what lets them in."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/shared/{secret}")
    def shared(secret: str) -> HTMLResponse:
        html = shared_html(app.library, secret)
        if html is None:
            return HTMLResponse(page_html("not_shared.html"), 404, HEADERS)
        return HTMLResponse(html, headers=HEADERS | _OURS)

    return routes


def shared_html(library: Library, secret: str) -> str | None:
    """The conversation that a secret leads to, as one HTML file that runs nothing; None where it leads nowhere."""
    conversations = library.store.conversations
    conversation = library.store.shares.conversation(secret)
    row = conversations.get(conversation) if conversation else None
    if row is None:
        return None
    return write_export(make_export(row.title, tuple(map(_shown, kept_turns(conversations, row.id)))), "html")


def _shown(turn: AnswerDocument) -> AnswerDocument:
    """A turn with what its page shows: nothing of what else was found, and not how the answer came about."""
    cited = {citation.article_id for citation in turn.citations}
    texts = {id_: hash_ for id_, hash_ in turn.texts.items() if id_ in cited}
    filters = replace(turn.filters, articles=(), stories=(), collection=None)
    return replace(turn, passages=(), trace=None, texts=texts, filters=filters, timings_ms={}, usage=None)
