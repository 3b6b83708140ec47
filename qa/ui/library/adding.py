"""Articles on their way into the library: an ingest in the background, and what became of each file in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from qa.errors import UsageError
from qa.ingest import IngestReport, Outcome, Progress
from qa.ingest.fetch import is_address
from qa.ingest.read import path_of, shown
from qa.library import Library
from qa.show.window_words import WORDS
from qa.show.wording import outcome_text, outcomes_text
from qa.ui.following import summary
from qa.ui.jobs import Job, Jobs, Work
from qa.ui.pages import render

LANE = "ingest"
_LISTED = 500  # files whose fate is told one by one


def start_ingest(
    library: Library,
    jobs: Jobs,
    sources: Sequence[str],
    owner: str | None,
    *,
    title: str,
    prune: bool = False,
    follows: bool = False,
    on_report: Callable[[IngestReport], None] = lambda report: None,
) -> Job:
    """The ingest of these files, folders and addresses, begun; its result is the list of what became of them.

    `follows` says to whoever goes on with it that the source is followed.
    """
    work = ingest_work(library, sources, prune=prune, on_report=on_report)
    again = {"sources": list(sources), "prune": prune, "follows": follows}
    return jobs.start(title, work, lane=LANE, owner=owner, again=again)


def ingest_work(
    library: Library, sources: Sequence[str], *, prune: bool, on_report: Callable[[IngestReport], None]
) -> Work:
    """The work of an ingest."""

    def work(job: Job) -> str:
        def tell(progress: Progress) -> None:
            job.step(progress.done, progress.total or None, Path(progress.name).name)

        def wait() -> None:
            job.note = WORDS["library_adding"]["waiting_for_program"]

        job.note = WORDS["library_adding"]["finding"]
        report = library.ingest(sources, tell, wait, prune=prune)
        job.note = summary(report)
        on_report(report)
        return report_html(report)

    return work


def require_here(sources: Sequence[str]) -> None:
    """Raises UsageError where an ingest that another window has left cannot be gone on with on this machine."""
    gone = [source for source in sources if not is_address(source) and not path_of(source).exists()]
    if gone:
        raise UsageError(
            f"The window that took this in has stopped, and '{shown(path_of(gone[0])).rpartition('/')[2]}' is not on "
            "this machine. Send it again; what was taken in by then is kept."
        )


def checked_address(text: str) -> str:
    """The address of a page or a feed. Raises UsageError where it is none that can be read."""
    text = text.strip()
    if text and "://" not in text and "." in text.partition("/")[0]:
        text = f"https://{text}"
    if not is_address(text):
        raise UsageError(f"'{text}' is not the address of a page. Give one that begins with http:// or https://.")
    return text


def folder_to_follow(library: Library, text: str) -> tuple[Path, list[str]]:
    """A folder of this machine, and the files in the library that have gone from it.

    Raises UsageError where there is no such folder.
    """
    folder = Path(text.strip()).expanduser()
    if not text.strip() or not folder.is_dir():
        raise UsageError(f"There is no folder '{text}' on the machine that runs Citewire. Give its whole path.")
    folder = folder.resolve()
    held = (container for container in library.store.manifest.containers() if not is_address(container))
    gone = [name for name in held if path_of(name).is_relative_to(folder) and not path_of(name).exists()]
    return folder, gone


def report_html(report: IngestReport) -> str:
    """What became of each file: failures first, with their reasons; a file with many articles is one line."""
    by_file: dict[str, Counter[Outcome]] = {}
    for source, outcome in report.outcomes.items():
        by_file.setdefault(_file(source), Counter())[outcome] += 1
    return render(
        "library/report.html",
        summary=summary(report),
        failures=[{"name": _name(one.name), "reason": one.reason} for one in report.failures[:_LISTED]],
        files=[(_name(file), _counts(counts)) for file, counts in list(by_file.items())[:_LISTED]],
        more=max(0, len(by_file) - _LISTED) + max(0, len(report.failures) - _LISTED),
    )


def _counts(counts: Counter[Outcome]) -> str:
    if counts.total() == 1:
        return outcome_text(next(iter(counts))).removeprefix("1 ")
    return outcomes_text(Counter[str](counts.elements()))


def _file(source: str) -> str:
    """The file or page that an article came from, whatever its key in it."""
    return source.partition("#")[0] if not is_address(source) else source


def _name(source: str) -> str:
    return source if is_address(source) else shown(Path(source)).rpartition("/")[2] or source
