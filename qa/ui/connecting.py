"""Connecting a model server in the window: looked for, asked for its models, tried with one question, kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import SecretStr

from qa.check.verdict import PASSED
from qa.errors import ModelError, UsageError
from qa.models.connected import PROVIDER, load_connected_chat
from qa.models.connecting import Connection, connect
from qa.models.found import USUAL, found_here
from qa.models.server import without_password
from qa.settings import Settings
from qa.show.window_words import WORDS
from qa.show.wording import VERDICT_WORDS
from qa.types import Answer, ModelCall
from qa.ui.context import AppState, Payload, served
from qa.ui.pages import render

_WORDS = WORDS["connecting"]
DEED = "connect a model server"
LONGEST_TRY = 180.0
"""Seconds that a model has to answer the one question."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one question."""

    question: str
    answer: Answer
    call: ModelCall
    """Of the model."""

    @property
    def passed(self) -> int:
        """Sentences that the sources bear out."""
        return sum(sentence.verdict in PASSED for sentence in self.answer.sentences)


def connecting(app: AppState) -> list[Callable[..., Any]]:
    """What the form in Settings asks the server for; only an administrator may."""

    def connection_now(payload: Payload, owner: str | None) -> dict[str, Any]:
        return _shown(app)

    def look_here(payload: Payload, owner: str | None) -> str:
        asked = ", ".join(f"{program.name} ({program.port})" for program in USUAL)
        return render("settings/found_here.html", found=found_here(), asked=asked)

    def list_models(payload: Payload, owner: str | None) -> dict[str, Any]:
        connection = _connection(app, payload)
        if not connection.models:
            raise UsageError(f"The server {connection.server.where} has no model that writes text. Load one there.")
        address = without_password(connection.server.address)
        return {"address": address, "models": list(connection.models), "where": connection.server.where}

    def try_model(payload: Payload, owner: str | None) -> str:
        settings = _connected(app.settings, _connection(app, payload))
        return render("settings/tried.html", tried=tried(app, settings, _name(payload)), words=VERDICT_WORDS)

    def use_model(payload: Payload, owner: str | None) -> dict[str, Any]:
        connection, name = _connection(app, payload), _name(payload)
        if name not in connection.models:
            raise UsageError(f"The server {connection.server.where} has no model '{name}' now. List its models again.")
        app.connect(_connected(app.settings, connection))
        chosen = replace(app.preferences_of(owner), llm=f"{PROVIDER}:{name}", where=connection.server.where)
        app.preferences.write(owner, chosen)
        return {"said": _WORDS["kept"].format(model=name, where=connection.server.where), **_shown(app)}

    def forget_server(payload: Payload, owner: str | None) -> dict[str, Any]:
        app.connect(app.settings.model_copy(update=_NOBODY))
        chosen = app.preferences_of(owner)
        if (chosen.llm or "").startswith(f"{PROVIDER}:"):
            app.preferences.write(owner, replace(chosen, llm=None))
        return {"said": _WORDS["forgotten"], **_shown(app)}

    functions = (connection_now, look_here, list_models, try_model, use_model, forget_server)
    return [served(each, DEED) for each in functions]


_NOBODY: Mapping[str, Any] = {"server_address": None, "server_key": None, "server_protocol": "openai"}


def _shown(app: AppState) -> dict[str, Any]:
    """What a page may know of the server that is connected: its key it may not."""
    settings = app.settings
    return {
        "address": without_password(settings.server_address or ""),
        "has_key": settings.server_key is not None,
        "kept_in": app.server_file.name if app.server_file else "",
    }


def _connection(app: AppState, payload: Payload) -> Connection:
    """The server that the page names. The key that is kept goes to the address that it is kept for, and to no other.

    Raises ModelError.
    """
    address, key = str(payload.get("address") or "").strip(), str(payload.get("key") or "").strip()
    kept = app.settings
    if kept.server_address and address == without_password(kept.server_address):
        address = kept.server_address
        key = key or (kept.server_key.get_secret_value() if kept.server_key else "")
    if not address:
        raise UsageError("Give the address of the server, such as http://127.0.0.1:8080/v1.")
    return connect(address, key, kept)


def _connected(settings: Settings, connection: Connection) -> Settings:
    """The settings with this server in them."""
    values = {
        "server_address": connection.server.address,
        "server_key": SecretStr(connection.server.key) if connection.server.key else None,
        "server_protocol": "ollama" if connection.is_ollama else "openai",
    }
    return settings.model_copy(update=values)


def _name(payload: Payload) -> str:
    name = payload.get("model")
    if not isinstance(name, str) or not name:
        raise UsageError("Choose a model of the list.")
    return name


def tried(app: AppState, settings: Settings, name: str) -> Tried:
    """What a model makes of one question that the articles answer, each sentence checked. Raises ModelError."""
    brief = settings.model_copy(update={"draft": False, "answer_timeout": min(LONGEST_TRY, settings.answer_timeout)})
    assistant = app.assistant.with_(load_connected_chat(name, brief), brief)
    assistant.on_answer = lambda answer: None  # nobody asked it
    question = next(iter(app.assistant.suggestions()), "") or _of_newest(app)
    answer = assistant.ask(question)
    calls = answer.trace.calls if answer.trace else ()
    if not calls:
        raise ModelError("No article was found to ask about.")
    if answer.mode != assistant.mode:
        raise ModelError(answer.notice or f"{assistant.mode} wrote no answer.")
    app.note_speed(answer)
    return Tried(question, answer, calls[-1])


def _of_newest(app: AppState) -> str:
    """A question about the newest article. Raises UsageError where there is none."""
    for row in app.library.articles():
        return _WORDS["headline_question"].format(title=row.title)
    raise UsageError("The library is empty: there is nothing to ask about. Put articles into it first.")
