"""The built wheel in an environment of its own, run in a folder that has an `eval` package of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest
from evaluating import write_town

ROOT = Path(__file__).parents[2]
Type = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Type:
    """The command `qa` of the wheel, typed in a folder that holds `eval/` and nothing else."""
    if not os.environ.get("CI"):
        pytest.importorskip("hatchling", reason="hatchling builds the wheel; it comes with the extra 'dev'")
    made = tmp_path_factory.mktemp("wheel")
    environment, folder = made / "environment", made / "folder"
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" and name[:3] != "QA_"}

    def run(*command: str | Path, cwd: Path = folder, **variables: str) -> subprocess.CompletedProcess[str]:
        env = outside | variables
        return subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, timeout=540)

    inherited = {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", made, cwd=ROOT, **inherited)
    assert built.returncode == 0, built.stderr
    (wheel,) = made.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=made).check_returncode()
    (packages,) = environment.glob("lib/python*/site-packages")
    # Our dependencies are shared; a .pth file does not follow those it leads to, so that the checkout stays outside.
    (packages / "shared.pth").write_text(sysconfig.get_path("purelib"))
    python = environment / "bin" / "python"
    installed = run(
        *(sys.executable, "-m", "pip", f"--python={python}", "install", "--no-deps", "--no-index", wheel), cwd=made
    )
    assert installed.returncode == 0, installed.stderr
    (folder / "eval").mkdir(parents=True)
    (folder / "eval" / "__init__.py").write_text("raise RuntimeError('the eval package of the user')")
    cache = {"XDG_CACHE_HOME": str(made / "cache"), "PYTHONPATH": str(folder)}
    where = run(python, "-c", "import qa; print(qa.__file__)", **cache).stdout
    assert where.startswith(str(packages))
    return lambda *arguments: run(environment / "bin" / "qa", *arguments, **cache)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_bundled_sets_are_in_the_wheel_and_a_set_is_measured_from_it(qa: Type, tmp_path: Path) -> None:
    checked = qa("eval", "check", "seeds")
    assert checked.returncode == 0 and "97 of 97 questions with evidence" in checked.stdout, checked.stderr
    write_town(tmp_path / "town")
    out = tmp_path / "run"

    done = qa("eval", "run", tmp_path / "town", "--out", out)

    assert done.returncode == 0, done.stderr
    assert json.loads((out / "run.json").read_text("utf-8"))["metrics"]["recall@10"]["n"] > 0


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_question_is_asked_from_the_wheel(qa: Type, tmp_path: Path) -> None:
    assert "eval" in qa("--help").stdout
    article = tmp_path / "bridge.txt"
    article.write_text("The mayor of Port Ellery, Anna Holt, opened the new bridge over the river Lune on 4 May 2024.")
    index = ["--index", str(tmp_path / "library")]
    assert qa("ingest", article, *index).returncode == 0

    done = qa("ask", "Who opened the new bridge over the river Lune?", "--json", *index)

    assert done.returncode == 0, done.stderr
    assert "Anna Holt" in json.loads(done.stdout)["answer"]
