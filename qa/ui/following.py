"""Folders that are watched and pages and feeds that are read again: each by a thread for as long as it is followed.

Of several windows one reads a source; when it goes, another goes on.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from qa.errors import LibraryError, QAError, UsageError
from qa.ingest import IngestReport
from qa.ingest.fetch import is_address
from qa.library import Library, watch
from qa.show.wording import date_text, outcomes_text
from qa.store import FollowedSource
from qa.ui.pages import render

EVERY = 900.0
"""Seconds between two readings of a page or a feed; a folder is read when something changes in it."""
_AGAIN = 60.0  # seconds after which a folder that could not be watched is tried again
_TURN = 10.0  # seconds between two looks whether the window that follows a source has gone

log = logging.getLogger(__name__)


class Following:
    """What the library follows, as long as the window is open."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._stops: dict[str, threading.Event] = {}
        self._is_closed = False

    def add(self, source: str) -> None:
        """Follows a folder or an address from now on, whatever becomes of the first reading of it."""
        self._library.store.followed.add(source)

    def end(self, key: str) -> str:
        """Follows it no longer; what came from it stays. Returns it. Raises UsageError where it is not followed."""
        for followed in self._library.store.followed.all():
            if key_of(followed.source) == key:
                self._library.store.followed.end(followed.source)
                self.keep_up()
                return followed.source
        raise UsageError("This is not followed any more.")

    def keep_up(self) -> None:
        """Begins with what is followed and ends with what is not, also where another process said so."""
        if self._library.store.is_read_only:
            return
        rows = {row.source: row for row in self._library.store.followed.all()}
        with self._lock:
            for source in self._stops.keys() - rows.keys():
                self._stops.pop(source).set()
            for source in rows.keys() - self._stops.keys():
                if not self._is_closed:
                    stop = self._stops[source] = threading.Event()
                    threading.Thread(target=self._follow, args=(source, stop), name=source, daemon=True).start()

    def close(self) -> None:
        """Ends the threads after the step that they are at; what is followed is followed again by the next window."""
        with self._lock:
            self._is_closed = True
            for stop in self._stops.values():
                stop.set()

    def note(self, source: str, report: IngestReport) -> None:
        """Notes what came of a reading."""
        failures = [(failure.name, failure.reason) for failure in report.failures]
        brought = list(report.outcomes) if is_address(source) else []  # of a folder the paths say it
        self._library.store.followed.note_run(source, summary(report), failures, brought)

    def _follow(self, source: str, stop: threading.Event) -> None:
        follow = self._follow_address if is_address(source) else self._follow_folder
        while not stop.is_set():
            if self._is_ours(source):
                follow(source, stop)
            stop.wait(_TURN)
        self._library.store.windows.presence.let_go(_turn_of(source))

    def _is_ours(self, source: str) -> bool:
        """Whether this window reads it. A folder of another machine is for a window there."""
        store = self._library.store
        if store.is_shared and not is_address(source) and not Path(source).is_dir():
            return False
        try:
            return store.windows.presence.hold(_turn_of(source))
        except LibraryError:  # a server that is gone: it is asked again
            return False

    def _follow_folder(self, source: str, stop: threading.Event) -> None:
        with self._guarded(source, stop):
            self._watch(source, stop)
        stop.wait(_AGAIN)

    def _watch(self, folder: str, stop: threading.Event) -> None:
        told: list[IngestReport] = []

        def tell(report: IngestReport) -> None:
            told.append(report)
            self.note(folder, report)

        def ready() -> None:
            if not told:
                self._library.store.followed.note_run(folder, "nothing new")

        watch(self._library, [folder], tell, prune=True, stop=stop, on_ready=ready)

    def _follow_address(self, source: str, stop: threading.Event) -> None:
        with self._guarded(source, stop):
            # Read by another window, maybe, a moment ago.
            row = next((row for row in self._library.store.followed.all() if row.source == source), None)
            since = (dt.datetime.now(dt.UTC) - row.last_run).total_seconds() if row and row.last_run else EVERY
            if since < EVERY:
                stop.wait(EVERY - since)
            elif row:
                self.note(source, self._library.ingest([source]))

    @contextmanager
    def _guarded(self, source: str, stop: threading.Event) -> Iterator[None]:
        """What goes wrong is noted, and tried again later."""
        try:
            yield
        except Exception as error:
            if stop.is_set():
                return
            said = str(error) if isinstance(error, QAError) else "something went wrong; the log of the server says what"
            if not isinstance(error, QAError):
                log.exception("Following %s failed.", source)
            with suppress(QAError):
                self._library.store.followed.note_run(source, "could not be read", [(_name(source), said)])


def summary(report: IngestReport) -> str:
    """What became of everything, in a line."""
    counts = {"removed": len(report.removed), "failed": len(report.failures)}
    return outcomes_text(counts | Counter[str](report.outcomes.values()))


def _turn_of(source: str) -> str:
    return f"source {source}"


def key_of(source: str) -> str:
    """What a page calls it by: the path of a folder is nobody's business there."""
    return sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def followed_html(followed: Sequence[FollowedSource], minutes_east: int, *, is_local: bool) -> str:
    """The list, for a reader whose clock is so many minutes ahead of UTC; paths whole only on the server's machine."""
    zone = dt.timezone(dt.timedelta(minutes=minutes_east))
    rows = [
        {
            "key": key_of(one.source),
            "name": one.source if is_local or is_address(one.source) else _name(one.source),
            "is_folder": not is_address(one.source),
            "run": _moment(one.last_run.astimezone(zone)) if one.last_run else "",
            "summary": one.summary,
            "failures": [(name if is_local or is_address(name) else _name(name), why) for name, why in one.failures],
        }
        for one in followed
    ]
    return render("library/followed.html", rows=rows, minutes=round(EVERY / 60)) if rows else ""


def _name(source: str) -> str:
    return source if is_address(source) else Path(source).name or source


def _moment(moment: dt.datetime) -> str:
    return f"{date_text(moment.date())}, {moment:%H:%M}"
