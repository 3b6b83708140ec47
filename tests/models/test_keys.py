"""A key that is planted in every place a key may stand in, and looked for in everything that is said or written."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from evaluating import write_town
from servers import ModelServer, Reply

from qa.cli.main import main
from qa.errors import SettingsError
from qa.evaluation.runs.fingerprint import public_settings
from qa.settings import CLASSIC, SECRETS, load_settings

KEY = "sk-planted-4711-do-not-show"
PASSWORD = "hunter2-planted"


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


Run = Callable[[str], Said]


@pytest.fixture
def qa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line as typed, in a folder whose qa.toml and environment hold keys; a trace counts as said."""
    for name in CLASSIC:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    (tmp_path / "qa.toml").write_text(f'anthropic_key = "{KEY}"\nchroma_token = "{KEY}"\n')

    def run(line: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["qa", *shlex.split(line)])
        try:
            main()
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        except Exception:
            code = 1
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        captured = capfd.readouterr()
        return Said(code, captured.out, captured.err)

    return run


def written(folder: Path) -> str:
    """Everything in the files below a folder but for the settings file, as far as it is text."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "qa.toml")
    return "\n".join(path.read_bytes().decode("latin-1") for path in files)


def test_no_output_of_an_eval_holds_a_key(qa: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_town(tmp_path / "town")
    (tmp_path / "grid.toml").write_text("[settings]\nanswer_sentences = [2]\n")
    with ModelServer(default=Reply(status=401, error=f"Incorrect API key provided: {KEY}")) as server:
        address = server.base_url.replace("://", f"://me:{PASSWORD}@")
        monkeypatch.setenv("OPENAI_BASE_URL", address)
        run = qa("eval run town --out runs/town --llm openai:tiny -v")
        assert run.code == 0, run.all
        swept = qa("eval sweep town --grid grid.toml --out runs/sweep --llm openai:tiny -v")
        assert server.requests
    reported = qa("eval report runs/town --html runs/report.html")
    everything = run.all + swept.all + reported.all + written(tmp_path)
    assert "refuses the key" in everything  # the failure is told
    assert KEY not in everything and PASSWORD not in everything
    settings = json.loads((tmp_path / "runs/town/run.json").read_text())["settings"]
    assert settings["openai_base_url"] == server.base_url
    assert not SECRETS & settings.keys()


def test_no_trace_holds_a_key(qa: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer(default=Reply(status=400, error=f"{KEY} is not embedded here")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        (tmp_path / "a.txt").write_text("A storm closed the road.\n\nIt was long.")
        said = qa("ingest a.txt --embed openai:tiny -v")
    assert said.code == 1 and "Traceback" in said.err and "ModelError" in said.err
    assert KEY not in said.all + written(tmp_path)


def test_a_key_that_is_no_text_is_not_shown(qa: Run, tmp_path: Path) -> None:
    (tmp_path / "qa.toml").write_text("anthropic_key = 47114711\n")
    said = qa("articles -v")
    assert "Setting 'anthropic_key' is no text." in said.all and "47114711" not in said.all


def test_a_grid_takes_no_key(qa: Run, tmp_path: Path) -> None:
    write_town(tmp_path / "town")
    (tmp_path / "grid.toml").write_text(f'[settings]\nopenai_key = ["{KEY}"]\n')
    said = qa("eval sweep town --grid grid.toml --out runs/sweep")
    assert said.code == 2 and KEY not in said.all


def test_settings_do_not_show_what_they_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://me:{PASSWORD}@127.0.0.1:9/v1"
    settings = load_settings(openai_key=KEY, anthropic_key=KEY, openai_base_url=address, ollama_host=address)
    assert KEY not in repr(settings) and PASSWORD not in repr(settings)
    assert KEY not in str(public_settings(settings)) and PASSWORD not in str(public_settings(settings))


def test_a_key_is_no_option_of_any_command(qa: Run) -> None:
    for command in ("ask", "serve", "ingest", "eval run"):
        assert "key" not in qa(f"{command} --help").out.lower()


def test_the_classic_variables_come_after_ours_and_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "qa.toml").write_text('ollama_host = "http://file:1"\nopenai_base_url = "http://file:1/v1"\n')
    monkeypatch.setenv("OLLAMA_HOST", "http://classic:1")
    monkeypatch.setenv("OPENAI_BASE_URL", " ")
    assert load_settings().ollama_host == "http://classic:1"
    assert load_settings().openai_base_url == "http://file:1/v1"
    monkeypatch.setenv("QA_OLLAMA_HOST", "http://ours:1")
    assert load_settings().ollama_host == "http://ours:1"
    with pytest.raises(SettingsError, match="Unknown setting 'openai_kee'"):
        load_settings(openai_kee="x")
