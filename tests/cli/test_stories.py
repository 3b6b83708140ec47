"""`qa stories` and `qa brief`, as typed."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ferry import ARTICLES

from qa.cli.main import main
from qa.library import Library
from qa.settings import load_settings

Qa = Callable[..., str]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ferry")
    for name, text in ARTICLES.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    with Library.open(load_settings(index=folder / "library")) as library:
        library.ingest([folder])
    return folder / "library"


@pytest.fixture
def qa(index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Qa:
    monkeypatch.setenv("COLUMNS", "200")

    def run(line: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["qa", *shlex.split(line), "--index", str(index)])
        with pytest.raises(SystemExit) as exit_:
            main()
        said = capsys.readouterr()
        assert int(exit_.value.code or 0) == code, said.err
        return said.err if code else said.out

    return run


def test_stories_are_listed_and_one_is_shown(qa: Qa) -> None:
    (story,) = json.loads(qa("stories --json"))
    assert (story["id"], story["articles"], story["from"], story["to"]) == ("sinks", 4, "2025-03-03", "2025-03-06")
    assert story["outlets"] == {"Post": 2, "Herald": 1, "Lark": 1}
    assert "4 articles in 3 outlets, 3 to 6 Mar 2025" in qa("stories")
    told = json.loads(qa("stories copied --json"))
    assert told["id"] == "sinks" and len(told["members"]) == 4 and told["differences"][0]["sources"][0]["start"] > 0
    assert "5 March 2025: Divers found the hull of the ferry Aurora" in qa("stories sinks")
    assert "There is no article 'bridge'" in qa("stories bridge", code=2)


def test_a_briefing_has_its_sections(qa: Qa) -> None:
    answer = json.loads(qa("brief --to 2025-03-31 --json"))
    assert [(one["heading"], len(one["sentences"])) for one in answer["sections"]] == [
        ("Ferry Aurora sinks off Vik (4 articles in 3 outlets)", 6),
        ("School wins chess cup (1 article in Lark)", 1),
    ]
    assert {sentence["verdict"] for sentence in answer["sentences"]} == {"verbatim"}
    story = json.loads(qa("brief --story chess --json"))
    assert story["question"] == "Briefing on this story: School wins chess cup" and len(story["sections"]) == 1
    assert "Divers found the hull" in qa('brief "the ferry Aurora" --from 2025-03-05')
    assert "TOPIC and --story name two things" in qa("brief ferry --story chess", code=2)
