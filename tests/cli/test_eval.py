"""The commands of `qa eval` as they are typed: what they print, their exit codes, and their help."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from evaluating import made_run, write_numbered, write_town

from qa.cli.eval import evals
from qa.cli.main import main
from qa.cli.sets import sets
from qa.evaluation.gates import parse_gate


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Type = Callable[[str], Result]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished runs `before` and `after` over one set; `after` finds and answers more. `other` is over another set."""
    folder = tmp_path_factory.mktemp("runs")
    piers = write_numbered(folder / "piers", 40)
    made_run(folder / "before", piers, {f"q{n}" for n in range(20)})
    made_run(folder / "after", piers, {f"q{n}" for n in range(36)})
    made_run(folder / "other", write_numbered(folder / "few" / "piers", 5), set())
    return folder


@pytest.fixture
def qa(
    tmp_path: Path, runs: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Type:
    """Runs a command line as typed, in a folder with the runs above in `runs` and the set `town`."""
    shutil.copytree(runs, tmp_path / "runs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    def run(line: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["qa", *shlex.split(line)])
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsys.readouterr()
        return Result(int(exit_.value.code or 0), captured.out, captured.err)

    return run


def test_a_set_is_asked_scored_gated_and_gone_on_with(qa: Type, tmp_path: Path) -> None:
    write_town(tmp_path / "town")

    first = qa("eval run ./town --out out --gate 'recall@10>=.9' --gate 'answer_correct>=1.0' --metric ndcg@3")
    assert first.code == 0
    assert "town: 5 questions, 3 articles" in first.out and "✓ recall@10>=.9  recall@10 is >= 0.9" in first.out
    assert json.loads((tmp_path / "out/run.json").read_text())["metrics"]["ndcg@3"]["n"] == 4

    second = qa("eval run ./town --out out --gate 'refused_wrong>=.5'")
    assert second.code == 1
    assert "5 of 5 questions were answered before" in second.err
    assert "✗ refused_wrong>=.5  refused_wrong is not >= 0.5: it is 0.0000" in second.out

    assert qa("eval score out --metric recall@2").code == 0
    assert json.loads((tmp_path / "out/run.json").read_text())["metrics"]["recall@2"]["value"] == 1


def test_runs_are_compared_in_words(qa: Type) -> None:
    result = qa("eval compare runs/before runs/after --metric recall@10")

    assert result.code == 0
    assert "after beside before" in result.out and "changed: nothing" in result.out
    (line,) = [line for line in result.out.splitlines() if line.startswith("recall@10")]
    assert re.search(r"0\.500\s+0\.900\s+\+0\.400\s+\+0\.250 to \+0\.5\d\d\s+< \.001", line)
    assert "16/24/0" in line and "better by .25 to .5" in line
    assert "p is adjusted for 1 comparisons" in result.out


def test_a_report_is_printed_or_written(qa: Type, tmp_path: Path) -> None:
    printed = qa("eval report runs/before runs/after")
    assert printed.code == 0 and printed.out.count("40 questions, 40 articles") == 2
    assert "after beside before" in printed.out

    written = qa("eval report runs/before runs/after --html new/report.html --markdown report.md")
    assert written.code == 0 and "Written to new/report.html" in written.out
    assert "<html" in (tmp_path / "new/report.html").read_text("utf-8")[:200].lower()
    assert "recall@10" in (tmp_path / "report.md").read_text("utf-8").lower()


@pytest.mark.parametrize(
    ("gates", "code"),
    [
        ("--gate 'recall@10>=.9'", 0),
        ("--gate 'recall@10>=.9' --gate 'recall@10>=.95'", 1),
        ("--gate 'ndcg@10>=baseline' --baseline runs/before", 0),
        ("--gate 'ndcg@10>=baseline+.5' --baseline runs/before", 1),
    ],
)
def test_gates_decide_the_exit_code(qa: Type, gates: str, code: int) -> None:
    result = qa(f"eval gate runs/after {gates}")
    assert result.code == code
    assert len(result.out.splitlines()) == gates.count("--gate") and ("✗" in result.out) == bool(code)


def test_a_sweep_prints_what_was_tried_and_what_it_is_worth(qa: Type, tmp_path: Path) -> None:
    write_numbered(tmp_path / "piers", 8)
    (tmp_path / "grid.toml").write_text('metric = "answer_correct"\n[settings]\nrefuse_below = [0.0]\n')
    (tmp_path / "qa.toml").write_text("refuse_below = 1.0\n")

    result = qa("eval sweep ./piers grid.toml --out sweep")

    assert result.code == 0 and "answer_correct on the tuning part" in result.out
    assert "Best: refuse_below 0.0. Beside the present settings on the test part:" in result.out
    assert json.loads((tmp_path / "sweep/sweep.json").read_text())["winner"] == {"refuse_below": 0.0}


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("eval run nowhere --out out", 1, "There is no question set 'nowhere'"),
        ("eval run seeds --out out --gate 'recal@10>=.8'", 2, "Did you mean 'recall@10'?"),
        ("eval run seeds --out out --gate 'recall@0>=.8'", 2, "k is a number from 1"),
        ("eval run seeds --out out --gate 'recall@10>=baseline'", 2, "Name it with --baseline DIR"),
        ("eval run seeds --out out --metric recal@10", 1, "Did you mean 'recall@10'?"),
        ("eval run seeds", 2, "Missing option '--out'"),
        ("eval gate runs/after --gate 'refused_right>=0'", 1, "applies to no question of after"),
        ("eval gate runs/after --gate 'recal@10>=.8'", 2, "Did you mean 'recall@10'?"),
        ("eval gate runs/after --gate 'recall@10>=baseline'", 2, "Name it with --baseline DIR"),
        ("eval gate runs/after --gate 'recall@10>=baseline' --baseline runs/other", 1, "cannot be compared"),
        ("eval gate nowhere --gate 'recall@10>=.8'", 1, "There is no run in nowhere"),
        ("eval compare runs/before", 2, "wants two runs or more"),
        ("eval compare runs/before runs/nothing", 1, "There is no run in runs/nothing"),
        ("eval compare runs/before runs/other", 1, "these differ: the articles and the questions and the judgements"),
        ("eval compare runs/before runs/after --metric ndgc", 1, "Did you mean 'ndcg'?"),
        ("eval report runs/piers", 1, "There is no run in runs/piers"),
        ("eval report runs/after --compat acme", 1, "There is no benchmark 'acme'"),
        ("eval score runs/piers", 1, "There is no run in runs/piers"),
        ("eval score runs/after --metric recall@x", 1, "k is a number from 1"),
        ("eval sweep seeds nowhere.toml --out out", 2, "The grid nowhere.toml cannot be read"),
        ("eval import acme x.json --out out", 2, "There is no format 'acme'"),
        ("eval make --out mine", 1, "is empty"),
        ("eval export seeds --format acme --out out", 2, "acme"),
    ],
)
def test_what_cannot_be_done_is_a_line(qa: Type, tmp_path: Path, line: str, code: int, message: str) -> None:
    result = qa(line)
    assert message in result.err and result.out == ""
    assert result.code == code and len(result.err.strip().splitlines()) <= 2
    assert not (tmp_path / "out").exists()


def test_a_run_that_stopped_is_told_by_every_command(qa: Type, tmp_path: Path) -> None:
    (tmp_path / "runs/after/run.json").unlink()
    for line in (
        "compare runs/before runs/after",
        "report runs/after",
        "score runs/after",
        "gate runs/after --gate x>1",
    ):
        result = qa(f"eval {line}")
        assert result.code == 1 and result.out == ""
        assert "stopped after 40 of 40 questions, so it has no numbers yet. Go on with: qa eval run" in result.err


# --- help -------------------------------------------------------------------------------------------------------------

COMMANDS = {
    command.name or (command.callback.__name__ if command.callback else ""): command.epilog or ""
    for command in (*evals.registered_commands, *sets.registered_commands)
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(qa: Type, name: str) -> None:
    result = qa(f"eval {name} --help")
    assert result.code == 0 and f"Usage: qa eval {name}" in result.out and "Example: qa eval" in result.out


@pytest.mark.slow
def test_the_examples_run_as_typed(qa: Type, tmp_path: Path) -> None:
    (tmp_path / "pier.md").write_text("---\ntitle: Pier 7 opens\n---\n\nMayor Ines Falk opened Pier 7 on 3 May 2021.\n")
    (tmp_path / "grid.toml").write_text("[settings]\ntop = [5]\n")
    (tmp_path / "questions.csv").write_text(
        "id,question,answer,article,text\nq1,Who opened Pier 7?,Ines Falk,a1,Mayor Ines Falk opened Pier 7 on Monday.\n"
    )
    write_numbered(tmp_path / "few", 8)
    assert qa("ingest pier.md").code == 0
    for example in COMMANDS.values():  # over a set that is asked in less time
        result = qa(example.removeprefix("Example: qa ").replace(" seeds ", " ./few "))
        assert result.code == 0, (example, result.err)


def test_the_commands_of_the_guide_are_there() -> None:
    guide = (Path(__file__).parents[2] / "docs/evals-in-ci.md").read_text("utf-8")
    (workflow,) = re.findall(r"```yaml\n(.+?)```", guide, re.DOTALL)
    steps = yaml.safe_load(workflow)["jobs"]["evals"]["steps"]
    scripts = [*guide.split("```")[::2], *(step.get("run", "") for step in steps)]
    lines = [line for script in scripts for line in script.splitlines() if re.match(r"\s*qa eval", line)]

    assert len(lines) >= 8
    for line in lines:
        _, _, command, *words = shlex.split(line)
        assert command in COMMANDS, line
        for flag, value in pairwise(words):
            if flag == "--gate":
                parse_gate(value)


def test_the_commands_load_nothing_heavy_before_they_are_used() -> None:
    heavy = "numpy pydantic sqlalchemy chromadb rich.table ir_measures llama_index"
    script = f"import sys, qa.cli.eval; print([m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
