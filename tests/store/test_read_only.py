"""A library that may only be read is asked and listed as any other; what writes says in one sentence that it cannot."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from parts import EMBEDDER, open_library

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.doctor import examine
from qa.errors import LibraryError
from qa.library import Library
from qa.settings import load_settings
from qa.types import Filters

Write = Callable[[str, str | bytes], Path]
QUESTION = "When did the harbour bridge in Port Ellery open?"


@pytest.fixture
def folder(library: Callable[..., Library], news: Path) -> Path:
    ours = library()
    ours.ingest([news])
    ours.close()
    return ours.settings.index


@pytest.fixture
def locked(folder: Path) -> Iterator[Path]:
    """The library without permission to write."""
    everything = [folder, *folder.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in everything:
        path.chmod(0o755)


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be written, as the system says: root is asked for no permission."""
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)


HOLDS = """
import json, sys
from pathlib import Path
from parts import open_library
from qa.errors import LibraryError
from qa.settings import load_settings
def refusal(work):
    try:
        work()
    except LibraryError as error:
        return str(error)
with open_library(load_settings(index=Path(sys.argv[1]))) as library:
    find = lambda **filters: library.store.find("harbour bridge", library.embedder.embed_query("harbour bridge"), 3)
    print(json.dumps({
        "found": sorted(one.passage.article.id for one in find() if one.bm25 and one.cosine),
        "titles": sorted(row.title for row in library.articles()),
        "ingest": refusal(lambda: library.ingest([sys.argv[2]])),
        "remove": refusal(lambda: library.remove(["harbour"])),
        "correct": refusal(lambda: library.correct(["harbour"], {"date": "2020"})),
        "keep": refusal(lambda: library.store.conversations.start("Kept")),
    }))
"""


def test_it_is_read_without_permission_to_write(locked: Path, news: Path) -> None:
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in locked.rglob("*")}
    powerless = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [*powerless, sys.executable, "-c", HOLDS, str(locked), str(news)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["found"] == ["harbour"]
    assert said["titles"] == ["Harbour bridge opens", "School wins chess cup", "Storm closes mountain road"]
    for work in ("ingest", "remove", "correct", "keep"):
        assert said[work].startswith(f"Library {locked} can only be read: nothing is kept or changed in it."), work
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in locked.rglob("*")} == before


def test_an_answer_that_cannot_be_kept_is_given_and_says_so(folder: Path, forbidden: None) -> None:
    library = Library.over(load_settings(index=folder), EMBEDDER)
    with Assistant(library) as assistant:
        conversation = Conversation(assistant)
        answer = conversation.ask(QUESTION)
        assert "on Tuesday" in answer.text and answer.citations
        assert f"This answer is not kept. Library {folder} can only be read" in (answer.notice or "")
        assert not conversation.is_stored and conversation.id is None
        assert "on Tuesday" in conversation.ask(QUESTION).text and len(conversation.turns) == 2
        assert all(finding.is_fine for finding in examine(library))


@pytest.mark.parametrize("filters", [Filters(), Filters(outlets=("Tern Valley Herald",))], ids=["all", "an outlet"])
def test_it_follows_what_another_writes(
    filters: Filters, folder: Path, news: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(index=folder)
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
        reader = open_library(settings)
    assert reader.store.is_read_only and reader.count() == 3

    def found() -> set[str]:
        vector = reader.embedder.embed_query("lighthouse keeper")
        return {hit.passage.article.id for hit in reader.store.find("lighthouse keeper", vector, 9, filters)}

    assert "light" not in found()
    text = "The lighthouse keeper of Vik retired.\n"
    write("news/light.md", f"---\noutlet: Tern Valley Herald\n---\n\n{text}")
    with open_library(settings) as writer:
        assert not writer.store.is_read_only
        writer.ingest([news])
        assert reader.count() == 4 and "light" in found()  # beside an open journal
    write("news/light.md", f"---\noutlet: Tern Valley Herald\n---\n\n{text}\nHe kept the light for thirty years.\n")
    with open_library(settings) as writer:
        writer.ingest([news])
    assert "thirty" in reader.require("light").text and "light" in found()
    reader.close()


def test_an_older_library_cannot_be_brought_up_to_date(folder: Path, forbidden: None) -> None:
    with sqlite3.connect(folder / "articles.db") as db:
        db.execute("UPDATE library SET value = '2' WHERE name = 'schema'")
    db.close()
    with pytest.raises(LibraryError, match="made by an older version of Citewire and can only be read"):
        open_library(load_settings(index=folder))


def test_an_empty_folder_without_permission_is_no_library(tmp_path: Path, forbidden: None) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LibraryError, match="is not writable"):
        open_library(load_settings(index=tmp_path / "empty"))


def test_one_that_was_made_before_anything_could_be_followed_or_shared_is_read(folder: Path, forbidden: None) -> None:
    db = sqlite3.connect(folder / "articles.db")
    db.executescript("DROP TABLE followed_sources; DROP TABLE shares;")
    db.close()
    with open_library(load_settings(index=folder)) as library:
        assert library.count() == 3
        assert library.store.followed.all() == [] and library.store.shares.shared() == set()
        assert library.store.followed.stamp() == "" and library.store.shares.conversation("secret") is None
        with pytest.raises(LibraryError, match="can only be read"):
            library.store.followed.add("articles/")
