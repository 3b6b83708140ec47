"""The services and the compose file of docs/serving.md: whole, and with flags that `qa serve` has."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from qa.cli.main import app

PAGE = (Path(__file__).parents[2] / "docs" / "serving.md").read_text("utf-8")


def block(language: str) -> str:
    """The one block of the page in a language."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)
    return str(found)


def assert_serves(command: str) -> None:
    """It is a `qa serve` whose flags there are, each with a value where it takes one."""
    program, name, *arguments = shlex.split(command)
    serve: Any = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    given = serve.make_context("qa serve", arguments, resilient_parsing=True)
    assert program.endswith("qa") and given.params["host"] and given.args == []
    known = {flag for param in serve.params for flag in (*param.opts, *param.secondary_opts)}
    assert {word for word in arguments if word.startswith("--")} <= known


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed: apt-get install systemd")
def test_the_unit_is_one(tmp_path: Path) -> None:
    unit, path = block("ini"), tmp_path / "citewire@.service"
    [command] = re.findall("^ExecStart=(.*)$", unit, re.M)
    assert_serves(command)
    path.write_text(unit.replace("/opt/citewire/bin/qa", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(path)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_compose_file_has_two_windows_over_what_they_share() -> None:
    compose = yaml.safe_load(block("yaml"))
    services = compose["services"]
    assert set(services) == {"window1", "window2", "database", "chroma", "proxy"}
    for name in ("window1", "window2"):
        window = services[name]
        assert_serves(window["command"])
        assert set(window["depends_on"]) == {"database", "chroma"} and window["secrets"] == ["users"]
    named = {volume.partition(":")[0] for one in services.values() for volume in one.get("volumes", ())}
    assert {volume for volume in named if not volume.startswith(".")} == set(compose["volumes"])
    assert "server 127.0.0.1:7860;" in block("nginx")
