"""What all panels share: the assistant, the questions and the work under way, and who is asking."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gradio as gr

from qa.api.errors import without_folders
from qa.ask.assistant import Assistant
from qa.errors import QAError
from qa.language.text import without_halves
from qa.library import Library
from qa.settings import Settings, keep_server
from qa.types import Answer
from qa.ui.asking import QuestionRuns
from qa.ui.following import Following
from qa.ui.guard import is_loopback
from qa.ui.jobs import Jobs
from qa.ui.keeping import Keeper
from qa.ui.late_models import LateModels
from qa.ui.passwords import Accounts
from qa.ui.preferences import PreferenceFile, Preferences
from qa.ui.roles import Role, check, role_of
from qa.ui.watch.logs import log_answer
from qa.ui.watch.metrics import Metrics

log = logging.getLogger(__name__)

Payload = Mapping[str, Any]
"""What a page asks a server function for: it comes from a browser and is to be trusted in nothing."""


@dataclass
class AppState:
    """One for a window."""

    assistant: Assistant
    runs: QuestionRuns = field(default_factory=QuestionRuns)
    is_local: bool = True
    """Whether the window is reached from this machine alone."""
    accounts: Accounts | None = None
    """Who may log in; None where nobody needs to."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Who set what, of the settings that were not left as they are built in."""
    logs_questions: bool = False
    """Whether the text of a question stands in the log, where answers are logged."""
    server_file: Path | None = None
    """Where the model server is kept that an administrator connects; None where it holds until the end only."""
    jobs: Jobs = field(init=False)
    settings: Settings = field(init=False)
    """Those that it was started with, and the server that is connected now."""
    models: LateModels = field(init=False)
    metrics: Metrics = field(init=False)
    preferences: PreferenceFile = field(init=False)
    following: Following = field(init=False)
    keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        self.settings = self.assistant.settings
        self.models = LateModels(self.settings)
        self.preferences = PreferenceFile(self.assistant.settings.index)
        self.metrics = Metrics(self.library)
        self.assistant.on_answer = self._answered
        self.jobs = Jobs(self.library.store.windows.jobs)
        self.following = Following(self.library)
        self.keeper = Keeper(self.library, self.jobs, self.runs, self.following)

    @property
    def library(self) -> Library:
        """Where the articles are."""
        return self.assistant.library

    def role(self, owner: str | None) -> Role:
        """What this reader is; where nobody logs in, everybody may do everything."""
        return "administrator" if self.accounts is None else self.accounts.role(owner)

    def preferences_of(self, owner: str | None) -> Preferences:
        """What this reader has set; a model only where they may choose one, whoever they were when they chose it."""
        chosen = self.preferences.read(owner)
        return chosen if self.role(owner) == "administrator" else replace(chosen, llm=None)

    def assistant_for(self, owner: str | None) -> Assistant:
        """The assistant as this reader has set it; a model that cannot be loaded is said at each answer."""
        chosen = self.preferences_of(owner)
        if not chosen:
            return self.assistant
        model = self.assistant.model
        if chosen.llm is not None and chosen.llm != self.assistant.mode:
            model = self.models.get(chosen.llm, chosen.where)
        return self.assistant.with_(model, chosen.over(self.assistant.settings))

    def connect(self, settings: Settings) -> None:
        """Takes the model server of these settings from now on, and keeps it. Raises SettingsError."""
        if self.server_file:
            key = settings.server_key.get_secret_value() if settings.server_key else ""
            keep_server(self.server_file, settings.server_address, key, settings.server_protocol)
        self.settings = settings
        self.models = LateModels(settings)

    def note_speed(self, answer: Answer) -> None:
        """Keeps how long the model of an answer took to its first word."""
        calls = answer.trace.calls if answer.trace else ()
        if calls and (first := calls[-1].first_ms) is not None:
            self.preferences.note_first_word(calls[-1].model, first / 1000)

    def speed_of(self, model: str) -> str:
        """How long the first word of a model takes, for who waits for it; empty where nobody has waited yet."""
        seconds = self.preferences.first_words().get(model)
        return "" if seconds is None else f"about {seconds:.0f} s on this machine" if seconds >= 1 else "at once"

    def _answered(self, answer: Answer) -> None:
        self.note_speed(answer)
        self.metrics.answered(answer)
        log_answer(answer, with_text=self.logs_questions)

    def is_answering(self) -> bool:
        """Whether anybody waits for an answer: in the window, or over the interface for programs."""
        return bool(self.runs.under_way()) or self.metrics.asking > 0

    def close(self) -> None:
        """Leaves what is under way to the next window, as this one does when it closes."""
        self.keeper.close()
        self.runs.leave_all()
        self.jobs.close()
        self.following.close()


def owner_of(request: Any) -> str | None:
    """The name that was logged in with; None where nobody needs to. The log-in leaves it in the state of a request."""
    state = getattr(getattr(request, "request", request), "state", None)
    user = getattr(state, "user", None) or getattr(request, "username", None)
    return str(user) if user else None


def told_to(request: Any, words: str) -> str:
    """The words of an error for who asks: folders are named only to who sits at this machine, without a log-in."""
    host = getattr(getattr(request, "client", None), "host", None)
    is_here = host is None or is_loopback(host)
    return words if is_here and owner_of(request) is None else without_folders(words)


def served(answer: Callable[[Payload, str | None], Any], deed: str | None = None) -> Callable[..., Any]:
    """`answer(payload, owner)` as a server function of a panel: {"error": sentence} in place of an error.

    With a `deed`, such as "add articles", only an administrator may call it.
    """

    def function(payload: Any, request: gr.Request) -> Any:
        try:
            if deed is not None:
                check(role_of(request), deed)
            cleaned = without_halves(payload)
            return answer(cleaned if isinstance(cleaned, Mapping) else {}, owner_of(request))
        except QAError as error:
            return {"error": told_to(request, str(error))}
        except (KeyError, TypeError, ValueError):
            log.exception("%s could not be answered.", answer.__name__)  # not the payload: it holds what somebody typed
            return {"error": "The page asked for something that is not there. Load it again."}
        except Exception:
            log.exception("%s could not be answered.", answer.__name__)  # not the payload: it holds what somebody typed
            return {"error": "Something went wrong inside Citewire. The log of the server says what."}

    # Not functools.wraps: Gradio reads the annotations for what it may pass in.
    function.__name__ = answer.__name__
    return function
