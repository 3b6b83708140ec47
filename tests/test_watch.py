"""A folder that is followed: what comes, changes and goes there is so in the library."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest
from parts import story

from qa.errors import UsageError
from qa.library import IngestReport, Library, watch

Write = Callable[[str, str | bytes], Path]
Open = Callable[..., Library]


@contextmanager
def watching(library: Library, folder: Path, *, prune: bool = False) -> Iterator[Queue[IngestReport]]:
    reports: Queue[IngestReport] = Queue()
    stop, ready = Event(), Event()
    options = {"prune": prune, "stop": stop, "on_ready": ready.set}
    thread = Thread(target=watch, args=(library, [str(folder)], reports.put), kwargs=options)
    thread.start()
    try:
        assert ready.wait(10)
        yield reports
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def until(reports: "Queue[IngestReport]", wanted: Callable[[IngestReport], object]) -> IngestReport:
    """The first report that is wanted: one write may come as several changes."""
    while not wanted(report := reports.get(timeout=30)):
        pass
    return report


def test_what_comes_and_changes_and_goes_is_followed(library: Open, write: Write) -> None:
    ours = library()
    first = write("news/first.txt", story(1))
    ours.ingest([first.parent])
    with watching(ours, first.parent, prune=True) as reports:
        # The watcher may need a moment after it says that it is ready: what is written comes again until it is seen.
        seen = None
        for attempt in range(50):
            write("news/second.txt", f"{story(2)} {attempt}.")
            write("news/.hidden.txt", story(3))
            try:
                seen = reports.get(timeout=3)
                break
            except Exception:
                continue
        assert seen is not None and seen.added == ("second",)
        write("news/second.txt", story(4))
        until(reports, lambda report: report.updated == ("second",))
        first.unlink()
        until(reports, lambda report: report.removed == ("first",))
    assert [row.id for row in ours.articles()] == ["second"]


def test_what_cannot_be_watched_says_so(library: Open, tmp_path: Path) -> None:
    for source in ("https://echo.example/feed.xml", str(tmp_path / "nowhere")):
        with pytest.raises(UsageError, match="cannot be watched"):
            watch(library(), [source], lambda report: None)
