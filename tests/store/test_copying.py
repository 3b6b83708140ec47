"""A copy of a library is whole and equal to it, while others write; a kill leaves no copy, and the next makes it."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from parts import ARTICLES, assert_in_step, open_library, story, texts

from qa.cli.library import copy
from qa.doctor import examine
from qa.errors import LibraryBusy, LibraryError, UsageError
from qa.library import Library
from qa.settings import load_settings
from qa.store import copying
from qa.store.copying import copy_library
from qa.store.dialects import SQLite

Write = Callable[[str, str | bytes], Path]
Open = Callable[..., Library]
OF_ITS_OWN = {"library", "pending"}
"""Tables of which a copy has its own: what it knows of its indexes."""


@pytest.fixture
def ours(library: Open, tmp_path: Path, write: Write) -> Library:
    for name, content in ARTICLES.items():
        write(f"news/{name}", content)
    ours = library()
    ours.ingest([tmp_path / "news"])
    ours.correct(["storm"], {"date": "2021-02-03"})
    ours.store.conversations.start("What the bridge cost")
    write("library/preferences.json", "{}")
    write("library/sets/mine/queries.jsonl", '{"_id": "1", "text": "?"}\n')
    return ours


def checksums(folder: Path) -> dict[str, tuple[int, str]]:
    """Table -> how many rows it has, and a hash of all that stands in them."""
    found = {}
    with sqlite3.connect(folder / "articles.db") as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in set(names) - OF_ITS_OWN:
            rows = sorted(map(repr, db.execute(f'SELECT * FROM "{name}"')))
            found[name] = len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()
    db.close()
    return found


def test_a_copy_is_equal_and_whole(ours: Library, library: Open, tmp_path: Path) -> None:
    copied = copy_library(ours.settings.index, tmp_path / "copies/monday")
    assert (copied.articles, copied.passages, copied.conversations) == (3, 3, 1)
    found = checksums(tmp_path / "copies/monday")
    assert found["articles"][0] == 3 and found["corrections"][0] == 1
    found.pop("sqlite_sequence"), (expected := checksums(ours.settings.index)).pop("sqlite_sequence")
    assert found == expected
    again = library(index=tmp_path / "copies/monday")
    assert texts(again) == texts(ours) and again.articles() == ours.articles()
    assert_in_step(again.store)
    assert all(finding.is_fine for finding in examine(again)) and not again.store.take_notices()
    assert (tmp_path / "copies/monday/sets/mine/queries.jsonl").read_text() == '{"_id": "1", "text": "?"}\n'
    assert (tmp_path / "copies/monday/preferences.json").is_file()
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["monday"]
    assert again.store.articles.fact("id") != ours.store.articles.fact("id")  # a Chroma server would mix the two up


def test_copy_and_library_go_on_apart(ours: Library, library: Open, tmp_path: Path, write: Write) -> None:
    copy_library(ours.settings.index, tmp_path / "copy")
    again = library(index=tmp_path / "copy")
    again.ingest([write("more/ferry.txt", "The ferry to Vik sails at noon.\n")])
    ours.ingest([write("more/train.txt", "The train to Nes leaves at ten.\n")])
    assert texts(again).keys() == {"harbour", "school", "storm", "ferry"}
    assert texts(ours).keys() == {"harbour", "school", "storm", "train"}
    assert_in_step(again.store)
    assert_in_step(ours.store)


@pytest.mark.slow
def test_it_is_of_one_moment_while_another_writes(
    ours: Library, library: Open, tmp_path: Path, write_rows: Callable[..., Path]
) -> None:
    """Each file that goes in holds two articles, so that a copy between them would be seen."""
    stop, began, failed = threading.Event(), threading.Event(), list[BaseException]()

    def write_on() -> None:
        try:
            with open_library(load_settings(index=ours.settings.index)) as writer:
                for number in range(200):
                    rows = [{"id": f"{number}{side}", "text": story(2 * number + at)} for at, side in enumerate("ab")]
                    writer.ingest([write_rows(f"pairs/{number}.jsonl", rows)])
                    began.set()
                    if stop.is_set():
                        return
        except BaseException as error:
            failed.append(error)
            began.set()

    thread = threading.Thread(target=write_on)
    thread.start()
    try:
        assert began.wait(60)
        for number in range(3):
            copied = copy_library(ours.settings.index, tmp_path / f"copy{number}")
            again = library(index=tmp_path / f"copy{number}")
            pairs = {id_[:-1]: 0 for id_ in texts(again) if id_[0].isdigit()}
            assert len(pairs) > number and copied.articles == 3 + 2 * len(pairs) == again.count()
            assert_in_step(again.store)
    finally:
        stop.set()
        thread.join()
    assert not failed
    assert_in_step(ours.store)


@pytest.mark.parametrize("at", ["copy_to", "_beside", "_index", "rename"])
def test_a_kill_leaves_no_copy_and_the_next_makes_it(
    at: str, ours: Library, library: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: Any) -> Any:
        raise Killed

    of: Any = {"copy_to": SQLite, "rename": copying.os}.get(at, copying)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(copying.shutil, "rmtree", lambda *_, **__: None)  # a kill tidies nothing up
        patch.setattr(of, at, killed)
        copy_library(ours.settings.index, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert copy_library(ours.settings.index, tmp_path / "copy").articles == 3
    assert not (tmp_path / ".copy.copying").exists()
    assert_in_step(library(index=tmp_path / "copy").store)


def test_folders_that_cannot_be_meant(ours: Library, tmp_path: Path) -> None:
    index = ours.settings.index
    (tmp_path / "empty").mkdir()
    for source, target, said in (
        (tmp_path / "empty", tmp_path / "copy", "There is no library in"),
        (index, index, "is there already. Name a new folder"),
        (index, tmp_path / "news", "is there already. Name a new folder"),
        (index, index / "copy", "is inside the library"),
    ):
        with pytest.raises(UsageError, match=said):
            copy_library(source, target)
    with pytest.raises(LibraryError, match="cannot be made: Not a directory"):
        copy_library(index, tmp_path / "news/storm.txt/copy")
    with copying.FileLock(tmp_path / ".empty.copying" / "writer.lock"), pytest.raises(LibraryBusy, match="is making"):
        copy_library(index, tmp_path / "empty")


def test_a_damaged_library_is_said_and_not_copied(ours: Library, tmp_path: Path) -> None:
    index = ours.settings.index
    ours.close()
    data = bytearray((index / "articles.db").read_bytes())
    data[4096 * 8 : 4096 * 9] = b"\xff" * 4096
    (index / "articles.db").write_bytes(bytes(data))
    with pytest.raises(LibraryError, match="qa doctor --salvage FOLDER"):
        copy_library(index, tmp_path / "copy")
    assert not list(tmp_path.glob("*copy*"))


def test_the_command(ours: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert copy(ours.settings.index, tmp_path / "copy", as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {"articles": 3, "passages": 3, "conversations": 1}
