"""A GGUF file: fetched from a hub that is made here, and refused where it is none. `test_real_model.py` runs one."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import constants

from qa.errors import MissingExtra, ModelError, UsageError
from qa.models import fetching, load_language_model
from qa.models.background import PROGRESS, BackgroundModel
from qa.models.base import LanguageModel
from qa.models.fetching import fetched
from qa.models.gguf import file_of
from qa.types import Message

BYTES = b"GGUF" + bytes(range(256)) * 200
OPTION = "--llm gguf:"


@dataclass
class Hub:
    """A model hub whose only file is a/b:m.gguf."""

    sent: bytes = BYTES
    """What it sends in place of BYTES, whose length and checksum it names."""
    error: str = ""
    """The name of an error, for whatever is asked."""
    sendings: list[str] = field(default_factory=list)
    """What it was asked for, except for what it says of files."""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            name = hub.error or ("" if self.path.endswith("/m.gguf") else "EntryNotFound")
            self.send_response(403 if name == "GatedRepo" else 404 if name else 200)
            if name:
                self.send_header("X-Error-Code", name)
            self.send_header("X-Repo-Commit", "c" * 40)
            self.send_header("ETag", f'"{hashlib.sha256(BYTES).hexdigest()}"')
            self.send_header("Content-Length", str(len(BYTES)))
            self.end_headers()

        def do_GET(self) -> None:
            listed: object = [{"type": "file", "path": name, "size": 1, "oid": "0"} for name in ("README.md", "m.gguf")]
            is_file = self.path.endswith("/m.gguf")
            body = hub.sent if is_file else json.dumps(listed if "/tree/" in self.path else {}).encode()
            if "/tree/" not in self.path:
                hub.sendings.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(BYTES) if is_file else len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr("qa.models.hub.PATIENCE", 30)
    yield hub
    server.shutdown()
    thread.join()
    server.server_close()


def fault(repository: str = "a/b", file: str = "m.gguf") -> str:
    with pytest.raises(ModelError) as caught:
        fetched(repository, file, OPTION)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_is_fetched_once_also_for_two_at_the_same_time(hub: Hub) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: fetched("a/b", "m.gguf", OPTION), range(2))
    assert first == second == fetched("a/b", "m.gguf", OPTION)
    assert first.read_bytes() == BYTES and len(hub.sendings) == 1


def test_who_waits_is_told_how_far_it_is(hub: Hub) -> None:
    told: list[str] = []
    before = PROGRESS.set(told.append)
    try:
        fetched("a/b", "m.gguf", OPTION)
    finally:
        PROGRESS.reset(before)
    assert told and told[-1] == "0 of 0 MB fetched"


def test_a_file_with_another_checksum_is_thrown_away(hub: Hub) -> None:
    hub.sent = BYTES[::-1]
    assert fault() == "The download of m.gguf arrived damaged: its checksum is another one. Ask again."
    hub.sent = BYTES
    assert fetched("a/b", "m.gguf", OPTION).read_bytes() == BYTES


def test_a_download_that_breaks_off(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **options: object) -> str:
        raise ConnectionResetError("peer closed connection\nand more")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", broken)
    assert fault() == ("The download of m.gguf broke off (peer closed connection). Ask again: it goes on from there.")


def test_a_disk_without_room(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **options: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", full)
    assert fault().startswith("The disk is too full for m.gguf: it has 0 MB, and ")
    usage = SimpleNamespace(free=9)
    monkeypatch.setattr(fetching, "shutil", SimpleNamespace(disk_usage=lambda path: usage))
    assert fault().endswith("has 0 MB left. Make room, or set HF_HOME to a folder on another disk.")
    assert not hub.sendings and shutil.disk_usage("/").free > 9


def test_a_repository_that_is_gated_and_one_that_there_is_not(hub: Hub) -> None:
    hub.error = "GatedRepo"
    assert fault() == (
        f"The model a/b is given only to who accepts its terms at {constants.ENDPOINT}/a/b. "
        "Accept them, and set HF_TOKEN to a token of yours."
    )
    hub.error = "RepoNotFound"
    assert fault() == "The model hub offers no model a/b:m.gguf to you. Check the name, or give a folder."
    assert "is no repository of the model hub. Write OWNER/NAME:FILE or a path." in fault("a b/c")


def test_a_file_that_the_repository_does_not_have(hub: Hub) -> None:
    assert fault(file="n.gguf") == "The repository a/b has no file 'n.gguf'. Choose one of: m.gguf."


def test_a_path_to_nothing_and_to_another_kind_of_file(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"There is no GGUF file .*none\.gguf\. Give the path of one, or OWNER/NAME:FI"
    ):
        file_of(str(tmp_path / "none.gguf"))
    pointer = tmp_path / "pointer.gguf"
    pointer.write_text("version https://git-lfs.github.com/spec/v1")
    with pytest.raises(
        ModelError, match="is no GGUF file: it does not begin with the letters GGUF. Download it again."
    ):
        file_of(str(pointer))
    pointer.write_bytes(BYTES)
    assert file_of(str(pointer)) == pointer


# --- in the background -----------------------------------------------------------------------------------------------


class Writer:
    """A model that says yes."""

    name, where = "a:writer", "this machine"

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        yield "yes"


def late(gate: threading.Event, timeout: float) -> BackgroundModel:
    def load() -> LanguageModel:
        PROGRESS.get()("120 of 491 MB fetched")
        gate.wait(30)
        return Writer()

    return BackgroundModel("a:writer", "this machine", load, timeout, is_light=True)


def test_a_model_that_still_loads_is_waited_for_and_can_be_left() -> None:
    gate = threading.Event()
    pieces = late(gate, 60).stream(())
    assert next(pieces) == ""
    gate.set()
    assert "".join(pieces) == "yes"


def test_what_cannot_be_loaded_is_said_at_once_also_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    monkeypatch.setattr("qa.models.SOON", 30)
    with pytest.raises(MissingExtra, match=r"pip install 'citewire\[gguf\]'"):
        load_language_model("gguf:a/b:m.gguf", background=True)
    with pytest.raises(UsageError, match="names no model"):
        load_language_model("gguf:", background=True)


def test_a_model_that_loads_for_too_long_says_how_far_it_is() -> None:
    gate = threading.Event()
    with pytest.raises(ModelError, match=r"a:writer is still loading \(120 of 491 MB fetched\)\. Ask again in a while"):
        list(late(gate, 0).stream(()))
    gate.set()
