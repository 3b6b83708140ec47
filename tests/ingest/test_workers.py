"""An ingest by one process, by several and by a Ray cluster makes the same library, whoever of them dies."""

import json
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from parts import counts, story

from qa.errors import MissingExtra
from qa.ingest.read import Failure, Record, Source
from qa.ingest.report import Progress
from qa.ingest.steps import BuiltArticle, FoundArticle, Steps
from qa.ingest.workers.processes import Processes
from qa.library import IngestReport, Library
from qa.models import load_embedder
from qa.settings import Settings, load_settings
from qa.store import Origin

WriteRows = Callable[[str, list[Any]], Path]
FOOTER = "You read the Tern Valley Herald because you subscribe to our newsletter, which you may share."


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """Two outlets; a line that recurs in one, copies of a story, a row without text, and one that no number ends."""
    luck = random.Random(22)
    made = [
        {
            "id": f"a{number}",
            "title": story(number),
            "outlet": "Tern Valley Herald" if number % 2 else "The Morning Lark",
            "date": f"2021-05-{number % 28 + 1:02}",
            "text": "\n\n".join([*(story(luck.randrange(10**9)) for _ in range(6)), *([FOOTER] * (number % 2))]),
        }
        for number in range(130)
    ]
    copy = {**made[0], "id": "copy", "outlet": "Another Paper"}
    return [*made, copy, {"id": "empty", "title": "Nothing", "text": " "}, {"id": "long", "text": "9" * 40_000}]


@pytest.fixture(scope="module")
def file(rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workers") / "news.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def filled(
    folder: Path, file: Path, on_progress: Callable[[Progress], None] | None = None, **flags: Any
) -> tuple[IngestReport, dict[str, list[tuple[Any, ...]]]]:
    """The report of an ingest and all rows that it left, after a second one that changed nothing."""
    with Library.open(load_settings(index=folder, **flags)) as library:
        report = library.ingest([file], on_progress)
        left = contents(library)
        again = library.ingest([file])
        assert not again.added and not again.updated and contents(library) == left
    return report, left


def contents(library: Library) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table but what the library remembers of itself."""
    engine = sa.create_engine(f"sqlite:///{library.settings.index / 'articles.db'}")
    found: dict[str, list[tuple[Any, ...]]] = {}
    with engine.connect() as db:
        for name in sorted({*sa.inspect(db).get_table_names()} - {"library", "pending"}):
            found[name] = sorted((tuple(row) for row in db.execute(sa.text(f"SELECT * FROM {name}"))), key=repr)
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def alone(file: Path) -> tuple[IngestReport, dict[str, list[tuple[Any, ...]]]]:
    """What one process makes of it."""
    report, left = filled(file.parent / "alone", file)
    assert counts(report) == (132, 0, 0, 0, 1) and len(left["articles"]) == 132
    assert FOOTER not in "".join(map(repr, left["articles"]))
    return report, left


def workers_of_this() -> Iterator[int]:
    """Ids of the processes that do the steps for this one."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        is_child = parent == str(os.getpid()) and b"qa.ingest.workers" in line
        if is_child or line.startswith((b"ray::_do_there", b"ray::IDLE")):
            yield int(folder.name)


@pytest.mark.slow
def test_workers_make_the_same_library_though_they_are_killed(
    file: Path, alone: tuple[IngestReport, dict[str, list[tuple[Any, ...]]]]
) -> None:
    killed: list[int] = []
    shown: list[tuple[int, int]] = []

    def kill(progress: Progress) -> None:
        shown.append((progress.done, progress.total))
        if not killed:
            killed.extend(workers_of_this())
            for process in killed:
                os.kill(process, signal.SIGKILL)

    report, left = filled(file.parent / "workers", file, kill, workers=2)
    assert len(killed) == 2  # in mid-ingest: a part was stored, and the rest was on its way through them
    assert counts(report) == counts(alone[0]) and report.failures == alone[0].failures
    assert left == alone[1]
    assert shown == sorted(shown) and shown[-1] == (133, 133)
    assert not list(workers_of_this())


class Deadly:
    """Ends the process that unpacks it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (9,)


def found(number: int, **fields: Any) -> FoundArticle:
    record = Record(Source("news.jsonl"), story(number), {"title": story(number), **fields}, key=str(number))
    [lines] = map(Steps(Settings()).lines, [record])
    assert not isinstance(lines, Failure)
    return FoundArticle(Origin(str(number), "news.jsonl", "", ""), record, {}, lines)


@pytest.mark.slow
def test_an_article_of_which_workers_die_is_left_out_and_no_other() -> None:
    items = [found(number, **({"url": Deadly()} if number == 20 else {})) for number in range(100)]
    settings = load_settings(workers=2)
    with Processes(settings, load_embedder("bundled:news")) as workers:
        built = []
        for one in workers.map("build", items, lambda item: item.name):
            built.append(one)
            if len(built) == 50:  # an outsider ends one: nothing is lost by it
                os.kill(next(workers_of_this()), signal.SIGKILL)
    failures = [(place, one) for place, one in enumerate(built) if isinstance(one, Failure)]
    reason = "the process that cleaned and split it ended three times (code 9); it was left out"
    assert failures == [(20, Failure("news.jsonl, '20'", reason))]
    assert [one.arrival.source for one in built if isinstance(one, BuiltArticle)] == [
        str(number) for number in range(100) if number != 20
    ]


def test_ray_says_what_to_install(
    file: Path, monkeypatch: pytest.MonkeyPatch, settings: Callable[..., Settings]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with Library.open(settings(ray="auto")) as library:
        with pytest.raises(MissingExtra, match=r"pip install 'citewire\[ray\]'"):
            library.ingest([file])
        assert not library.count()


@pytest.mark.slow
def test_ray_makes_the_same_library_though_a_worker_is_killed(
    file: Path,
    alone: tuple[IngestReport, dict[str, list[tuple[Any, ...]]]],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    ray = pytest.importorskip("ray", reason="it comes with the extra 'ray'")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    for _ in range(2):  # it gives up where its own processes take half a minute to start, as on a busy machine
        try:
            ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=100_000_000)
            break
        except Exception:
            ray.shutdown()
    request.addfinalizer(ray.shutdown)
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if not killed:
            killed.extend(workers_of_this())
            for process in killed:
                os.kill(process, signal.SIGKILL)

    report, left = filled(file.parent / "ray", file, kill, ray="local", workers=2)
    assert killed and counts(report) == counts(alone[0])
    assert left == alone[1]
