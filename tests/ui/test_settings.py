import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from parts import ARTICLES, open_library
from servers import ModelServer, Reply

from qa.ask.assistant import Assistant
from qa.errors import LibraryError, UsageError
from qa.models import ModelChoice
from qa.settings import Settings, load_settings
from qa.ui.context import AppState
from qa.ui.preferences import PreferenceFile, Preferences, read_preferences
from qa.ui.settings import answers_html, changed, models_html, refusing_text, started_html

WHO = "Who cut the ribbon of the harbour bridge?"
STARTED = ModelChoice("extractive", "this machine")
HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def open_app(tmp_path: Path) -> Iterator[Callable[..., AppState]]:
    opened: list[Assistant] = []

    def make(**flags: object) -> AppState:
        library = open_library(load_settings(index=tmp_path / "library", **flags))
        if not library.count():
            for name, text in ARTICLES.items():
                (tmp_path / name).write_text(text, "utf-8")
            library.ingest([tmp_path / name for name in ARTICLES])
        opened.append(Assistant(library))
        return AppState(opened[-1])

    yield make
    for assistant in opened:
        assistant.close()


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_each_reader_has_preferences_of_their_own_that_stay(tmp_path: Path) -> None:
    file, again = PreferenceFile(tmp_path), PreferenceFile(tmp_path)
    anna, nobody = Preferences("ollama:tiny", "127.0.0.1:1", "short", 0.4), Preferences(length="long")
    assert file.read("anna") == Preferences() and not file.read("anna")
    file.write("anna", anna)
    file.write(None, nobody)
    assert (again.read("anna"), again.read(None), again.read("ben")) == (anna, nobody, Preferences())
    again.write("anna", Preferences())
    assert file.read("anna") == Preferences() and file.read(None) == nobody
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".lock"}


def test_readers_who_write_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    threads = [
        Thread(target=PreferenceFile(tmp_path).write, args=(f"reader {n}", Preferences(length="short")))
        for n in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(PreferenceFile(tmp_path).read(f"reader {n}").length == "short" for n in range(16))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 9, "readers": {}}', '{"version": 1, "readers": 3}'])
def test_a_file_that_cannot_be_read_counts_as_none_and_is_written_anew(text: str, tmp_path: Path) -> None:
    (tmp_path / "preferences.json").write_text(text)
    assert PreferenceFile(tmp_path).read(None) == Preferences()
    PreferenceFile(tmp_path).write(None, Preferences(length="long"))
    assert PreferenceFile(tmp_path).read(None).length == "long"


def test_a_value_of_another_version_counts_as_none(tmp_path: Path) -> None:
    document = {"version": 1, "readers": {"": {"length": "endless"}}}
    (tmp_path / "preferences.json").write_text(json.dumps(document))
    assert PreferenceFile(tmp_path).read(None) == Preferences()


def test_a_folder_that_takes_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(LibraryError, match="could not be kept"):
        PreferenceFile(tmp_path / "taken").write(None, Preferences(length="long"))


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"llm": 3}, "no language model"),
        ({"length": "endless"}, "Choose one of: short, usual, long"),
        ({"refuse_below": 1.5}, "from 0 to 1"),
        ({"refuse_below": True}, "from 0 to 1"),
    ],
)
def test_a_value_that_cannot_be_is_said(payload: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_preferences(payload)


def test_what_is_as_citewire_was_started_is_not_set() -> None:
    settings = Settings()
    set_ = Preferences("ollama:tiny", "127.0.0.1:1", "short", 0.4)
    back = changed(set_, {"llm": "extractive", "length": "usual", "refuse_below": 0.5}, settings, STARTED)
    assert not back
    assert changed(set_, {"length": None}, settings, STARTED) == Preferences("ollama:tiny", "127.0.0.1:1", None, 0.4)
    assert changed(Preferences(), {"length": "short"}, settings, STARTED) == Preferences(length="short")


# --- what follows from it ---------------------------------------------------------------------------------------------


def test_length_and_refusing_hold_for_the_reader_who_set_them(open_app: Callable[..., AppState]) -> None:
    app = open_app()
    assert app.assistant_for("anna") is app.assistant
    app.preferences.write("anna", Preferences(length="short", refuse_below=1.0))
    settings = app.assistant_for("anna").settings
    assert (settings.answer_sentences, settings.refuse_below) == (2, 1.0)
    assert app.assistant_for("anna").ask(WHO).abstained and not app.assistant_for("ben").ask(WHO).abstained
    assert app.assistant_for("ben").settings.answer_sentences == 4


def test_a_model_that_is_chosen_answers_and_is_loaded_once(open_app: Callable[..., AppState]) -> None:
    with ModelServer() as server:
        app = open_app(openai_base_url=server.base_url)
        app.preferences.write(None, Preferences("openai:tiny", server.host))
        assistant = app.assistant_for(None)
        assert (assistant.mode, assistant.where) == ("openai:tiny", server.host)
        answer = assistant.ask(WHO)
        assert answer.mode == "openai:tiny" and "Ines Falk" in answer.text and len(server.requests) == 1
        assert app.assistant_for(None).model is assistant.model
        app.preferences.write(None, Preferences("extractive"))
        assert app.assistant_for(None).mode == "extractive"


def test_a_model_that_is_not_there_is_said_and_sentences_stand_in(open_app: Callable[..., AppState]) -> None:
    app = open_app()
    app.preferences.write(None, Preferences("acme:tiny", "acme.example"))
    answer = app.assistant_for(None).ask(WHO)
    assert answer.mode == "extractive" and "Ines Falk" in answer.text
    assert answer.notice is not None
    assert answer.notice.startswith("Unknown model provider 'acme'.") and "sentences from the articles" in answer.notice
    failed = app.assistant_for(None).model
    assert failed is not app.assistant_for(None).model or not getattr(failed, "has_failed", True)


def test_a_model_that_fails_in_the_middle_is_taken_over_as_any_other(open_app: Callable[..., AppState]) -> None:
    with ModelServer(default=Reply(status=500, error="out of memory")) as server:
        app = open_app(openai_base_url=server.base_url)
        app.preferences.write(None, Preferences("openai:tiny", server.host))
        answer = app.assistant_for(None).ask(WHO)
        assert answer.mode == "extractive" and "sentences from the articles" in (answer.notice or "")


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_models_are_listed_with_where_they_run_and_what_leaves() -> None:
    found = [
        STARTED,
        ModelChoice("ollama:tiny", "127.0.0.1:11434", "3.2B parameters, 2.0 GB"),
        ModelChoice("openai:gpt", "api.example.com"),
    ]
    html = models_html(found, STARTED, Preferences("openai:gpt", "api.example.com"))
    assert html.count("<input") == 3 and 'value="openai:gpt" checked' in html and html.count("checked") == 1
    assert "3.2B parameters, 2.0 GB · on 127.0.0.1:11434 · nothing leaves this machine" in html
    assert "on api.example.com · questions and passages are sent to api.example.com" in html
    assert "as Citewire was started" in html and "OPENAI_BASE_URL" not in html


def test_the_model_of_a_flag_is_shown_as_such_and_one_that_has_gone_stays_to_be_seen() -> None:
    html = models_html([STARTED], ModelChoice("ollama:big", "127.0.0.1:1"), Preferences(), "set by --llm")
    assert 'value="ollama:big" checked' in html and "does not answer now" in html
    assert "as Citewire was started, set by --llm" in html


def test_where_no_model_is_found_it_is_said_how_one_is_plugged_in() -> None:
    html = models_html([STARTED], STARTED, Preferences())
    assert "No language model was found" in html and "OPENAI_BASE_URL=" in html


def test_names_of_models_are_text() -> None:
    assert "<img" not in models_html([ModelChoice(HOSTILE, HOSTILE, HOSTILE)], STARTED, Preferences())


def test_the_slider_says_what_was_measured_and_who_set_it() -> None:
    assert refusing_text(0.5) == (
        "Of 100 questions that the articles answer, 19 are refused all the same; of 100 that they do not answer, 68 are"
        " refused."
    )
    html = answers_html(Preferences(), Settings(), {})
    assert 'value="2"' in html and refusing_text(0.5) in html and 'value="usual" checked' in html
    assert "origin" not in html
    started = {"answer_sentences": "set by QA_ANSWER_SENTENCES in the environment", "refuse_below": "set in qa.toml"}
    other = answers_html(Preferences(length="short"), Settings(answer_sentences=3, refuse_below=0.52), started)
    assert 'value="short" checked' in other and "Refuses below a confidence of 0.52." in other
    assert "Set by you; Citewire was started with another, set by QA_ANSWER_SENTENCES in the environment." in other
    assert "Set in qa.toml." in other


def test_no_key_and_no_address_is_shown() -> None:
    settings = load_settings(openai_key="sk-1", openai_base_url="http://anna:pw@host/v1", top=7)
    html = started_html(settings, {"top": "set by QA_TOP in the environment"}, of_the_machine=False)
    assert "sk-1" not in html and "pw@" not in html and html.count("set, not shown") == 2
    assert html.index("<code>top</code>") < html.index("<code>embed</code>")
    assert '<td dir="auto">7</td><td>set by QA_TOP in the environment</td>' in html
    assert "<code>index</code>" not in html
    assert "<code>index</code>" in started_html(settings, {}, of_the_machine=True)
