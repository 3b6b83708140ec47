"""Several processes and threads on one library, and processes that are killed while they write."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from databases import PostgreSQLServer
from forking import context
from ingesting import add_turns, ingest
from parts import assert_in_step, open_library, story

from qa.library import Library
from qa.settings import Settings, load_settings

pytestmark = pytest.mark.slow

WriteRows = Callable[[str, Sequence[Any]], Path]
Open = Callable[..., Library]


def rows(count: int, version: int = 1) -> list[dict[str, str]]:
    return [
        {"id": f"a{n}", "title": f"Ferry {n}", "text": f"{story(n)} {story(1000 * version + n)} v{version}"}
        for n in range(count)
    ]


class Child:
    """A process that ingests, and what it says; killed when the test ends."""

    def __init__(self, folder: Path, source: Path, *point: str, database: str | None = None) -> None:
        self._hears, says = context().Pipe(duplex=False)
        self.process = context().Process(target=ingest, args=(says, folder, source, point, database))
        self.process.start()
        says.close()

    def says(self) -> str:
        return str(self._hears.recv())

    def is_running(self) -> bool:
        return self.process.is_alive()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


@pytest.fixture
def start() -> Iterator[Callable[..., Child]]:
    children: list[Child] = []

    def make(folder: Path, source: Path, *point: str, database: str | None = None) -> Child:
        children.append(Child(folder, source, *point, database=database))
        return children[-1]

    yield make
    for child in children:
        child.kill()


Start = Callable[..., Child]

POINTS = [
    ("parts", "HashingEmbedder", "embed_passages", "before", "2"),
    ("qa.store.articles.articles", "Articles", "put", "before", "1"),
    ("qa.store.articles.articles", "Articles", "put", "after", "2"),
    ("qa.store.vectors.index", "VectorIndex", "forget", "before", "1"),
    ("qa.store.articles.stories", "Stories", "group", "before", "1"),
    ("chromadb", "Collection", "add", "before", "1"),
    ("chromadb", "Collection", "add", "after", "1"),
    ("qa.store.articles.articles", "Articles", "note_followed", "before", "1"),
    ("qa.store.words.index", "WordIndex", "save", "before", "1"),
    ("qa.store.words.index", "", "write_list", "before", "1"),
    ("qa.store.words.index", "", "write_list", "after", "1"),
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A library of sixty articles, and their file, in which all have changed since and ten more have come.

    So many that they come in several batches, and that the vector index follows at once.
    """
    folder = tmp_path_factory.mktemp("prepared")
    source = folder / "news.jsonl"
    source.write_text("\n".join(map(json.dumps, rows(60))))
    with open_library(load_settings(index=folder / "library")) as first:
        first.ingest([source])
    source.write_text("\n".join(map(json.dumps, rows(70, version=2))))
    return folder / "library", source


@pytest.mark.parametrize("point", POINTS, ids=lambda point: " ".join(point[1:]))
def test_a_killed_ingest_leaves_a_whole_library_and_the_next_completes_it(
    point: tuple[str, ...], settings: Callable[..., Settings], library: Open, prepared: tuple[Path, Path], start: Start
) -> None:
    made, source = prepared
    folder = settings().index
    shutil.copytree(made, folder)
    child = start(folder, source, *point)
    assert child.says() == "here"
    child.kill()

    after = library()
    texts = [after.article(row.id).text for row in after.articles()]  # type: ignore[union-attr]
    assert len(texts) >= 60 and all(row.passages for row in after.articles())
    assert_in_step(after.store)
    report = after.ingest([source])
    assert len(report.added) + len(report.updated) + len(report.unchanged) == 70
    assert after.count() == 70
    assert all("v2" in after.article(row.id).text for row in after.articles())  # type: ignore[union-attr]
    assert_in_step(after.store)
    assert len(after.ingest([source]).unchanged) == 70


def test_who_reads_finds_what_another_process_ingests_and_harms_nothing(
    settings: Callable[..., Settings], library: Open, write_rows: WriteRows, start: Start
) -> None:
    """Past a thousand vectors Chroma writes its index to disk, in a process that only searches too."""
    reader = library()
    reader.ingest(
        [write_rows("first.jsonl", [{"id": "mine", "text": "A lighthouse stands on the skerry. It is red."}])]
    )
    more = write_rows("more.jsonl", rows(1100))
    child = start(settings().index, more)
    searches = 0
    while child.is_running():
        hits = reader.store.find(
            "lighthouse skerry", reader.embedder.embed_query("A lighthouse stands on the skerry."), 3
        )
        assert "mine" in {hit.passage.article.id for hit in hits}
        searches += 1
        child.process.join(0.1)  # who reads on and on would take from the other what it works with
    assert child.says() == "done 1100"
    assert searches
    assert reader.count() == 1101
    reader.ingest([write_rows("last.jsonl", [{"id": "last", "text": "The harbour froze. Boats stay."}])])
    with open_library(settings()) as fresh:
        assert_vectors_are_found(fresh)
        assert fresh.store.words().passage_ids.tolist() == fresh.store.articles.passage_ids()


def assert_vectors_are_found(library: Library) -> None:
    """Of every fifth passage: what Chroma loses is a whole batch."""
    store = library.store
    store.follow()
    for passage in store.articles.all_passages(store.articles.passage_ids()[::5]):
        assert passage.id in store._vectors.nearest(library.embedder.embed_query(passage.text), 20)
    assert store._vectors.ids() == set(store.articles.passage_ids())


def test_two_writers_wait_for_each_other(
    settings: Callable[..., Settings], library: Open, write_rows: WriteRows, start: Start
) -> None:
    def own(name: str) -> list[dict[str, str]]:
        return [{**row, "id": f"{name}{row['id']}", "text": f"{row['text']} {name}"} for row in rows(30)]

    sources = [write_rows(f"{name}.jsonl", own(name)) for name in ("east", "west", "north")]
    children = [start(settings().index, source) for source in sources[:2]]  # on a folder that is not there yet
    mine = library()
    waited: list[bool] = []
    mine.ingest([sources[2]], on_wait=lambda: waited.append(True))
    assert [child.says() for child in children] == ["done 30", "done 30"]
    assert mine.count() == 90
    assert_in_step(mine.store)


def test_threads_search_while_an_ingest_runs(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    ours.ingest([write_rows("first.jsonl", rows(30))])
    changed = write_rows("first.jsonl", rows(200, version=2))
    stop = threading.Event()
    searches = [0] * 8
    problems: list[BaseException] = []

    def search(number: int) -> None:
        try:
            while not stop.is_set():
                text = story(number)
                hits = ours.store.find(text, ours.embedder.embed_query(text), 5)
                assert any(hit.passage.article.id == f"a{number}" for hit in hits)
                ours.articles()
                searches[number] += 1
        except BaseException as problem:  # told below, in the thread of the test
            problems.append(problem)

    threads = [threading.Thread(target=search, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    try:
        report = ours.ingest([changed])
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not problems, problems
    assert all(searches)
    assert (len(report.added), len(report.updated)) == (170, 30)
    assert_in_step(ours.store)


def test_several_processes_add_to_one_conversation(library: Open) -> None:
    ours = library()
    row = ours.store.conversations.start("All of us")
    children = [context().Process(target=add_turns, args=(ours.settings.index, row.id, 10)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0
    turns = ours.store.conversations.turns(row.id)
    assert [turn.number for turn in turns] == list(range(1, 21))
    assert sorted(turn.document["n"] for turn in turns) == sorted([*range(10)] * 2)


# --- over a server's database -----------------------------------------------------------------------------------------


def test_two_ingests_over_postgresql_go_forward_at_once(
    postgresql: PostgreSQLServer, settings: Callable[..., Settings], write_rows: WriteRows, start: Start, tmp_path: Path
) -> None:
    """One is held while it embeds, with its articles claimed; another with a folder of its own does its work."""
    address = postgresql.address()
    with open_library(settings(database=address)) as mine:
        mine.ingest([write_rows("first.jsonl", rows(3))])
    held, last = write_rows("held.jsonl", rows(80, version=2)[70:]), ("parts", "HashingEmbedder", "embed_passages")
    stopped = start(tmp_path / "east", held, *last, "before", "1", database=address)
    assert stopped.says() == "here"
    other = start(tmp_path / "west", write_rows("other.jsonl", rows(5, version=3)[3:]), database=address)
    said = other.says()
    assert said == "done 2"
    stopped.kill()
    with open_library(settings(database=address)) as after:
        assert after.count() == 5
        assert_in_step(after.store)  # followed in a folder that neither of them had
        assert len(after.ingest([held]).added) == 10
        assert_in_step(after.store)


@pytest.mark.parametrize("point", [POINTS[2], POINTS[4]], ids=lambda point: " ".join(point[1:]))
def test_a_killed_ingest_over_postgresql_leaves_a_whole_library(
    point: tuple[str, ...],
    postgresql: PostgreSQLServer,
    settings: Callable[..., Settings],
    write_rows: WriteRows,
    start: Start,
) -> None:
    address, source = postgresql.address(), write_rows("news.jsonl", rows(70))
    child = start(settings().index, source, *point, database=address)
    assert child.says() == "here"
    child.kill()
    with open_library(settings(database=address)) as after:
        assert all(row.passages for row in after.articles())
        assert_in_step(after.store)
        after.ingest([source])
        assert after.count() == 70 and len(after.ingest([source]).unchanged) == 70
        assert_in_step(after.store)
