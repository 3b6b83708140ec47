"""The conversations that were kept: listed by day, searched, opened, renamed, exported and deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from itertools import groupby
from typing import Any

import gradio as gr

from qa.ask.conversation import kept_turns
from qa.errors import UsageError
from qa.show.export import FORMATS, file_name, make_export, write_export
from qa.show.window_words import WORDS
from qa.store import ConversationRow
from qa.ui.context import AppState, Payload, served
from qa.ui.masthead import VIEWS
from qa.ui.pages import minutes_east, render

SHOWN = 200
"""Conversations in the list; older ones are found by searching."""

_WORDS = WORDS["history"]


def history_panel(app: AppState) -> None:
    """The column to the left; a drawer on a narrow screen."""
    conversations = app.library.store.conversations

    def list_conversations(payload: Payload, owner: str | None) -> str:
        search = str(payload.get("search") or "")
        rows = conversations.rows(search, owner=owner, most=SHOWN)
        return history_html(rows, search, minutes_east(payload.get("east")), app.library.store.shares.shared())

    def rename(payload: Payload, owner: str | None) -> str:
        return conversations.rename(str(payload["conversation"]), str(payload["title"]), owner=owner).title

    def delete(payload: Payload, owner: str | None) -> None:
        conversations.delete(str(payload["conversation"]), owner=owner)

    def export(payload: Payload, owner: str | None) -> dict[str, Any]:
        format, id_ = str(payload["format"]), str(payload["conversation"])
        row = conversations.get(id_, owner=owner)
        if row is None or format not in FORMATS:
            raise UsageError("This conversation is not here any more.")
        text = write_export(make_export(row.title, tuple(kept_turns(conversations, id_)), id_), format)
        return {"name": file_name(row.title, format), "text": text}

    def share_now(payload: Payload, owner: str | None) -> dict[str, Any]:
        return {"secret": app.library.store.shares.secret(str(payload["conversation"]), owner=owner)}

    def share(payload: Payload, owner: str | None) -> dict[str, Any]:
        return {"secret": app.library.store.shares.begin(str(payload["conversation"]), owner=owner)}

    def unshare(payload: Payload, owner: str | None) -> dict[str, Any]:
        app.library.store.shares.end(str(payload["conversation"]), owner=owner)
        return {"secret": None}

    listing = (list_conversations, rename, delete, export)
    gr.HTML(
        render("history_panel.html", views=VIEWS),
        elem_id="history",
        apply_default_css=False,
        js_on_load="citewire.history(element, server); citewire.session()",
        server_functions=[served(each) for each in (*listing, share_now, share, unshare)],
    )


def history_html(
    rows: Sequence[ConversationRow], search: str = "", minutes_east: int = 0, shared: Container[str] = ()
) -> str:
    """The list, the newest first, under the days of a reader whose clock is `minutes_east` minutes ahead of UTC.

    `shared` are the ids of conversations that others can read.
    """
    zone = dt.timezone(dt.timedelta(minutes=minutes_east))
    today = dt.datetime.now(zone).date()
    groups = groupby(rows, key=lambda row: _age(today, row.updated.astimezone(zone).date()))
    return render("history.html", groups=[(age, list(group)) for age, group in groups], search=search, shared=shared)


def _age(today: dt.date, day: dt.date) -> str:
    days = (today - day).days
    if days <= 0:
        return _WORDS["today"]
    if days == 1:
        return _WORDS["yesterday"]
    if days <= 7:
        return _WORDS["seven_days"]
    return f"{day:%B %Y}"
