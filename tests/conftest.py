"""Parts that many tests share.

postgresql a real PostgreSQL, started once; tests that need it are skipped where none is installed
database   where a test's library has its articles: a test that is marked EVERYWHERE runs with both kinds
settings   makes Settings with a library folder of the test's own: settings(passage_words=50)
library    makes a Library over them, with the embedder of parts.py; closed when the test ends
write      writes a file below the test's folder, text or bytes: write("news/a.txt", "...") -> its path
write_rows writes a JSONL file: write_rows("news.jsonl", [{...}, ...]) -> its path
news       a folder with the ARTICLES of parts.py

With `-n 4 --dist loadfile`, a process gets whole files, slow ones first; files that load the same go to one process.
Four of them keep two cores busy: much of the time a test waits for a browser, a server or a clock.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from databases import PostgreSQLServer, address_of_its_own, lacking
from parts import ARTICLES, open_library

from qa.library import Library
from qa.settings import Settings, load_settings

# The same examples in every run, and none fails for the sake of a busy machine.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, database=None, max_examples=50)
hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    if reason := lacking():
        pytest.skip(reason)
    server = PostgreSQLServer()
    yield server
    server.close()


TOGETHER = {
    f"tests/{name}.py": what
    for what, names in {
        "torch": (
            "evaluation/metrics/test_judges",
            "models/test_cross_encoder",
            "models/test_local_chat",
            "models/test_quiet",
            "models/test_sentence_encoder",
            "models/test_static",
            "models/test_verifier",
        ),
        "forked": (
            "browser/test_window_server",
            "evaluation/test_bench",
            "store/test_processes",
            "ui/test_ending",
            "ui/test_windows",
        ),
        "PostgreSQL": (
            "ask/test_conversations",
            "store/test_contents",
            "store/test_corrections",
            "store/test_postgresql",
            "store/test_store",
        ),
    }.items()
    for name in names
}
"""Files that one process gets, so that what they share is there once: torch, what forking.py forks from, a server."""


def pytest_configure() -> None:
    """Keeps what Python compiles, though the environment says not to: some two hundred processes begin in a run."""
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What is imported now stays to the end: to look again and again for what can go takes a third of this time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])  # what comes last is short, so that the processes end together


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return TOGETHER.get(file, file)

    config.option.loadscopereorder = False  # by the number of their tests
    return ByFile(config, log)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str | None:
    """None for a file of the library's folder, or the address of a schema in a server."""
    return address_of_its_own(request) if getattr(request, "param", "file") == "server" else None


@pytest.fixture
def settings(tmp_path: Path, database: str | None) -> Callable[..., Settings]:
    def make(**flags: Any) -> Settings:
        return load_settings(**{"index": tmp_path / "library", "database": database, **flags})

    return make


@pytest.fixture
def library(settings: Callable[..., Settings]) -> Iterator[Callable[..., Library]]:
    opened: list[Library] = []

    def make(**flags: Any) -> Library:
        opened.append(open_library(settings(**flags)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def write_rows(write: Callable[[str, str | bytes], Path]) -> Callable[[str, Sequence[Any]], Path]:
    def make(name: str, rows: Sequence[Any]) -> Path:
        return write(name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    return make


@pytest.fixture
def news(tmp_path: Path, write: Callable[[str, str | bytes], Path]) -> Path:
    for name, content in ARTICLES.items():
        write(f"news/{name}", content)
    return tmp_path / "news"
