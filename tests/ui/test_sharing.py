"""A shared conversation: read by whoever has the link and nobody else, shown whole and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from looping import run
from parts import ARTICLES, own_windows

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.errors import UsageError
from qa.library import Library
from qa.show.export import read_export
from qa.ui.context import AppState
from qa.ui.login import Authenticator, LogIn
from qa.ui.passwords import read_accounts
from qa.ui.sessions import Sessions
from qa.ui.sharing import share_routes

Open = Callable[..., Library]
Write = Callable[[str, str], Path]
WHO = "Who cut the ribbon of the harbour bridge?"


def visit(app: FastAPI, path: str) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
            return await client.get(path, headers={"accept": "text/html"})

    return run(asked())


@pytest.fixture
def assistant(library: Open, write: Write) -> Assistant:
    for name, text in ARTICLES.items():
        path = write(f"news/{name}", text)
    ours = library(refuse_below=0.0)
    ours.ingest([path.parent])
    return Assistant(ours)


def test_whoever_has_the_link_reads_it_until_it_is_ended_and_nobody_else(assistant: Assistant, tmp_path: Path) -> None:
    conversation = Conversation(assistant, owner="anna")
    conversation.ask(WHO)
    other = Conversation(assistant, owner="anna")
    other.ask("Who won the national chess cup?")
    assert conversation.id and other.id
    shares = assistant.library.store.shares
    app = FastAPI()
    app.include_router(share_routes(AppState(assistant)))
    accounts = read_accounts(["anna:secret"])
    assert accounts
    app.add_middleware(LogIn, authenticator=Authenticator(accounts, Sessions(own_windows().sessions)))

    for theirs in (shares.begin, shares.secret, shares.end):
        with pytest.raises(UsageError, match="not here any more"):
            theirs(conversation.id, owner="ben")
    assert shares.secret(conversation.id, owner="anna") is None
    secret = shares.begin(conversation.id, owner="anna")
    assert shares.begin(conversation.id, owner="anna") == secret and len(secret) == 32
    assert shares.shared() == {conversation.id}

    page = visit(app, f"/shared/{secret}")  # without a log-in
    assert page.status_code == 200
    assert WHO in page.text and "Mayor Ines Falk" in page.text
    assert "chess cup" not in page.text and conversation.id not in page.text
    assert "<script" not in page.text and "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-robots-tag"] == "noindex" and page.headers["referrer-policy"] == "no-referrer"
    (tmp_path / "saved.html").write_text(page.text, "utf-8")
    saved = read_export(tmp_path / "saved.html")
    assert saved.edits == ()
    (turn,) = saved.export.turns
    assert turn.passages == () and turn.trace is None and saved.export.conversation is None
    assert set(turn.texts) == {citation.article_id for citation in turn.citations}

    for wrong in (secret[:-1], f"{secret}x", "", "%00", conversation.id, "x" * 5_000):
        assert visit(app, f"/shared/{wrong}").status_code == 404
    assert visit(app, "/").status_code == 303  # all else asks for the log-in

    shares.end(conversation.id, owner="anna")
    ended = visit(app, f"/shared/{secret}")
    assert ended.status_code == 404 and "not shared any more" in ended.text and WHO not in ended.text
    assert shares.begin(conversation.id, owner="anna") != secret


def test_a_deleted_conversation_is_shared_no_longer(assistant: Assistant) -> None:
    conversation = Conversation(assistant, owner=None)
    conversation.ask(WHO)
    assert conversation.id
    store = assistant.library.store
    secret = store.shares.begin(conversation.id)
    store.conversations.delete(conversation.id)
    assert store.shares.conversation(secret) is None and store.shares.shared() == set()
