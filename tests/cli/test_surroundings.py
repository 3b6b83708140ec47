"""What the program is started in: closed streams, narrow letters, proxies that no library knows."""

import subprocess
import sys
from pathlib import Path

import pytest

from qa.cli.surroundings import mend_proxies

RUN = f"{sys.executable} -c 'from qa.cli.main import main; main()'"


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("socks://127.0.0.1:9", "socks5://127.0.0.1:9"),
        ("SOCKS://127.0.0.1:9/", "socks5://127.0.0.1:9/"),
        ("socks5h://proxy:1080", "socks5h://proxy:1080"),
        ("http://proxy:3128", "http://proxy:3128"),
        ("proxy:3128", "proxy:3128"),
        ("", ""),
        ("socks4://proxy:1080", None),
        ("ftp://proxy", None),
    ],
)
@pytest.mark.parametrize("name", ["ALL_PROXY", "https_proxy"])
def test_a_proxy_is_written_as_the_libraries_know_it(name: str, given: str, left: str | None) -> None:
    environment = {name: given, "PATH": "/bin"}
    mend_proxies(environment)
    assert environment.get(name) == left and environment["PATH"] == "/bin"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "closed"),
    [("--help", ">&-"), ("--help", "2>&-"), ("articles --index {}", ">&- 2>&- <&-")],  # what opens files
)
def test_a_stream_that_is_closed_costs_nothing(command: str, closed: str, tmp_path: Path) -> None:
    line = f"{RUN} {command.format(tmp_path / 'none')} {closed}"
    done = subprocess.run(line, shell=True, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_a_letter_that_a_terminal_lacks_costs_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        f"PYTHONIOENCODING=ascii {RUN} articles --index {tmp_path / 'café'}", shell=True, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "") and "caf?" in done.stdout
