"""Follows folders: what is new, changed or gone there is so in the library a moment later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

from qa.errors import UsageError
from qa.fetch import is_address
from qa.library import IngestReport, Library
from qa.read import is_readable

_PATIENCE = 2_000  # milliseconds that changes are gathered for: a copy of many files comes as one


def watch(
    library: Library,
    sources: Sequence[str],
    on_report: Callable[[IngestReport], None],
    *,
    prune: bool = False,
    wait: bool = True,
    on_wait: Callable[[], None] | None = None,
    stop: Event | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Ingests what changes in files and folders until `stop` is set, and gives a report each time.

    With `prune`, articles go whose file goes. Raises UsageError for a source that cannot be watched.
    """
    from watchfiles import Change
    from watchfiles import watch as changes_of

    roots = check_roots(sources)
    is_ready = False
    events = changes_of(*roots, stop_event=stop, debounce=_PATIENCE, step=100, rust_timeout=500, yield_on_timeout=True)
    for changes in events:
        if not is_ready:  # what came before the first look was not seen coming
            is_ready = True
            _report(library.ingest(list(sources), on_wait=on_wait, prune=prune, wait=wait), on_report)
            on_ready()
        there = sorted({path for change, path in changes if change != Change.deleted and Path(path).is_file()})
        wanted = [path for path in there if any(_belongs(Path(path), root) for root in roots)]
        gone = any(change == Change.deleted for change, _ in changes)
        if gone and prune:
            _report(library.ingest(list(sources), on_wait=on_wait, prune=True, wait=wait), on_report)
        elif wanted:
            _report(library.ingest(wanted, on_wait=on_wait, wait=wait), on_report)


def check_roots(sources: Sequence[str]) -> list[Path]:
    """The files and folders to be watched. Raises UsageError for a source that cannot be."""
    return [_root(source) for source in sources]


def _report(report: IngestReport, on_report: Callable[[IngestReport], None]) -> None:
    if report.added or report.updated or report.removed or report.failures:
        on_report(report)


def _root(source: str) -> Path:
    path = Path(source).expanduser()
    if is_address(source) or not path.exists():
        raise UsageError(f"'{source}' cannot be watched: it is no file or folder. Name a folder, such as articles/.")
    return path.resolve()


def _belongs(file: Path, root: Path) -> bool:
    """Whether an ingest of the root would read the file."""
    return file == root or (file.is_relative_to(root) and is_readable(file, root))
