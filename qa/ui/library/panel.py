"""The Library view: the table, what is being taken in, and the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from qa.doctor import examine, repair
from qa.errors import UsageError
from qa.ingest import IngestReport
from qa.ingest.read import readable_names
from qa.show.window_words import WORDS, counted
from qa.types import Filters
from qa.ui.collections import read_collection
from qa.ui.context import AppState, Payload, served
from qa.ui.following import followed_html
from qa.ui.jobs import Job, Work
from qa.ui.library.adding import LANE, checked_address, folder_to_follow, ingest_work, require_here, start_ingest
from qa.ui.library.removing import UNDO, Removals
from qa.ui.library.table import PAGE, table_html
from qa.ui.library.uploads import ADD, root_of
from qa.ui.masthead import library_html
from qa.ui.pages import minutes_east, render

_MOST_AT_ONCE = 5_000


def library_panel(app: AppState) -> None:
    """The view of what the library holds."""
    library, jobs, removals = app.library, app.jobs, Removals(app.library)

    def list_articles(payload: Payload, owner: str | None) -> dict[str, Any]:
        sort, descending = str(payload.get("sort") or "date"), bool(payload.get("descending", True))
        search, outlet = str(payload.get("search") or ""), payload.get("outlet") or None
        offset = max(0, int(payload.get("offset") or 0))
        within = None
        if payload.get("collection"):
            within = library.store.collections.allowed(Filters(collection=read_collection(payload)), owner=owner)
        found = library.store.contents(
            search=search,
            outlet=str(outlet) if outlet else None,
            collection=within.collection if within else None,
            sort=sort,
            descending=descending,
            offset=offset,
            limit=PAGE,
        )
        count = library.count()
        return {
            "table": table_html(
                found,
                sort=sort,
                descending=descending,
                offset=offset,
                search=search,
                count=count,
                is_empty_collection=within is not None and not library.store.articles.count(within),
            ),
            "count": library_html(count),
            "outlets": render(
                "library/outlets.html", outlets=library.store.outlets_with_counts(), chosen=str(outlet or "")
            ),
        }

    def add_files(payload: Payload, owner: str | None) -> dict[str, Any]:
        root = root_of(library.settings.index, owner)
        paths = [str(path) for path in list(payload["paths"])[:_MOST_AT_ONCE]]
        if not paths or any(not _is_below(path, root) for path in paths):
            raise UsageError("No file arrived. Choose some again.")
        title = counted(WORDS["library_adding"]["files_title"], len(paths))
        return start_ingest(library, jobs, paths, owner, title=title).progress()

    def add_address(payload: Payload, owner: str | None) -> dict[str, Any]:
        address = checked_address(str(payload["address"]))
        if not payload.get("follow"):
            return start_ingest(library, jobs, [address], owner, title=address).progress()
        return follow(address, owner, title=address)

    def follow_folder(payload: Payload, owner: str | None) -> dict[str, Any]:
        if not app.is_local:
            raise UsageError("Folders of this machine are followed only from a window that nobody else can reach.")
        folder, gone = folder_to_follow(library, str(payload["folder"]))
        if gone and not payload.get("agreed"):
            return {"gone": len(gone), "folder": str(folder)}
        return follow(str(folder), owner, title=str(folder), prune=True)

    def follow(source: str, owner: str | None, *, title: str, prune: bool = False) -> dict[str, Any]:
        app.following.add(source)
        note = partial(note_followed, source)
        job = start_ingest(library, jobs, [source], owner, title=title, prune=prune, follows=True, on_report=note)
        return job.progress()

    def note_followed(source: str, report: IngestReport) -> None:
        app.following.note(source, report)
        app.following.keep_up()

    def go_on(again: Mapping[str, Any], owner: str | None) -> Work:
        if again.get("repairs"):
            return repair_work
        sources = [str(source) for source in again["sources"]]
        on_report = partial(note_followed, sources[0]) if again["follows"] else lambda report: None
        work = ingest_work(library, sources, prune=bool(again["prune"]), on_report=on_report)

        def checked(job: Job) -> Any:
            require_here(sources)  # what is pruned is what has gone from a folder, not what never was here
            return work(job)

        return checked

    def unfollow(payload: Payload, owner: str | None) -> None:
        app.following.end(str(payload["followed"]))

    def list_followed(payload: Payload, owner: str | None) -> str:
        return followed_html(library.store.followed.all(), minutes_east(payload.get("east")), is_local=app.is_local)

    def under_way(payload: Payload, owner: str | None) -> list[dict[str, Any]]:
        return [_progress(job) for job in jobs.all(owner) if job.lane == LANE and not job.is_dismissed]

    def cancel_job(payload: Payload, owner: str | None) -> None:
        jobs.cancel(str(payload["job"]), owner)

    def dismiss(payload: Payload, owner: str | None) -> None:
        jobs.dismiss(str(payload["job"]), owner)

    def remove_articles(payload: Payload, owner: str | None) -> dict[str, Any]:
        return {"undo": removals.remove([str(id_) for id_ in payload["articles"]], owner), "seconds": UNDO}

    def put_back(payload: Payload, owner: str | None) -> int:
        return removals.undo(str(payload["undo"]), owner)

    def doctor(payload: Payload, owner: str | None) -> str:
        findings = examine(library)
        return render("library/findings.html", findings=findings, is_fine=all(one.is_fine for one in findings))

    def start_repair(payload: Payload, owner: str | None) -> dict[str, Any]:
        title = WORDS["library_doctor"]["repairing"]
        return jobs.start(title, repair_work, lane=LANE, owner=owner, again={"repairs": True}).progress()

    def repair_work(job: Job) -> str:
        words = WORDS["library_doctor"]
        repair(library, lambda done, total: job.step(done, total or None, words["making"]))
        return f'<p class="job-summary">{words["repaired"]}</p>'

    of_all = [served(each) for each in (list_articles, list_followed, under_way, cancel_job, dismiss)]
    of_administrators = [
        *(served(each, ADD) for each in (add_files, add_address, follow_folder, unfollow)),
        *(served(each, "remove articles") for each in (remove_articles, put_back)),
        *(served(each, "check and repair the library") for each in (doctor, start_repair)),
    ]
    jobs.resumes(LANE, go_on)
    app.following.keep_up()
    gr.HTML(
        render("library/panel.html", kinds=readable_names(), is_local=app.is_local),
        elem_id="library-panel",
        apply_default_css=False,
        js_on_load="citewire.library(element, server)",
        server_functions=[*of_all, *of_administrators],
    )


def _progress(job: Job) -> dict[str, Any]:
    return {**job.progress(), "result": job.result if job.state == "done" else None}


def _is_below(path: str, root: Path) -> bool:
    try:
        return Path(path).resolve().is_relative_to(root.resolve())
    except (OSError, ValueError):
        return False
