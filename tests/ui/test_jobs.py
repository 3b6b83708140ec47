"""Background work: lanes, progress, cancel, failures, owners."""

from __future__ import annotations

import threading

import pytest
from parts import own_windows

from qa.errors import ModelError, UsageError
from qa.store import Windows
from qa.store.database import scratch_database
from qa.ui.jobs import Job, Jobs


def finished(job: Job) -> Job:
    """The job, once its thread has come to its end."""
    for thread in threading.enumerate():
        if thread.name == f"job {job.title}":
            thread.join(timeout=10)
    return job


def test_a_job_gives_what_its_work_returns_and_tells_how_far_it_is() -> None:
    at, go = threading.Event(), threading.Event()

    def work(job: Job) -> str:
        job.step(1, 3, "the first")
        at.set()
        go.wait(5)
        return "all of it"

    job = Jobs(own_windows().jobs).start("counting", work, lane="a")
    assert at.wait(5)
    assert {**job.progress(), "seconds": 0} == {
        "id": job.id, "title": "counting", "state": "running", "done": 1, "total": 3, "note": "the first",
        "error": None, "seconds": 0,
    }  # fmt: skip
    go.set()
    assert (finished(job).state, job.result) == ("done", "all of it")


def test_those_of_a_lane_wait_for_each_other_and_a_waiting_one_can_be_cancelled() -> None:
    jobs, go = Jobs(own_windows().jobs), threading.Event()
    first = jobs.start("first", lambda job: go.wait(5), lane="a")
    second = jobs.start("second", lambda job: "never", lane="a")
    other = jobs.start("other", lambda job: "at once", lane="b")
    assert finished(other).state == "done"
    assert second.state == "waiting"
    second.cancel()
    go.set()
    assert finished(first).state == "done"
    assert (finished(second).state, second.result) == ("cancelled", None)


def test_a_step_ends_a_job_that_was_cancelled() -> None:
    at, go = threading.Event(), threading.Event()

    def work(job: Job) -> None:
        at.set()
        go.wait(5)
        job.step(1)

    job = Jobs(own_windows().jobs).start("stopped", work, lane="a")
    assert at.wait(5)
    job.cancel()
    go.set()
    assert finished(job).state == "cancelled"


def test_a_known_failure_is_told_and_an_unknown_one_is_for_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def known(job: Job) -> None:
        raise ModelError("The model is away.")

    def unknown(job: Job) -> None:
        raise ZeroDivisionError

    jobs = Jobs(own_windows().jobs)
    assert finished(jobs.start("known", known, lane="a")).error == "The model is away."
    assert finished(jobs.start("unknown", unknown, lane="b")).error == (
        "Something went wrong inside Citewire. The log of the server says what."
    )
    assert "ZeroDivisionError" in caplog.text


def test_a_job_is_seen_by_its_owner_alone() -> None:
    jobs = Jobs(own_windows().jobs)
    job = jobs.start("hers", lambda job: 1, lane="a", owner="anna")
    assert jobs.get(job.id, "anna") is job
    assert jobs.all("anna") == [job]
    assert jobs.all("ben") == []
    with pytest.raises(UsageError, match="not known here"):
        jobs.get(job.id, "ben")


def test_any_window_tells_ends_and_dismisses_the_jobs_of_another() -> None:
    database, at = scratch_database(), threading.Event()
    there, here = (Jobs(Windows(database).jobs) for _ in range(2))

    def work(job: Job) -> None:
        job.step(2, 3, "the second")
        at.set()
        while not threading.Event().wait(0.01):
            job.step(2, 3, "the second")

    job = there.start("hers", work, lane="a", owner="anna")
    assert at.wait(5) and there.keep_up()
    [told] = here.all("anna")
    assert (told.id, told.state, told.done, told.note) == (job.id, "running", 2, "the second")
    assert here.all("ben") == []
    here.cancel(job.id, "anna")
    there.keep_up()
    finished(job)
    assert here.get(job.id, "anna").state == "cancelled"
    here.dismiss(job.id, "anna")
    assert here.all("anna") == []


def test_what_a_window_leaves_undone_another_goes_on_with_where_it_can() -> None:
    database, go = scratch_database(), threading.Event()
    window = Windows(database)
    gone, here = Jobs(window.jobs), Jobs(Windows(database).jobs)
    load = gone.start("load", lambda job: go.wait(5), lane="loads", owner="anna", again={"sources": ["a"]})
    run = gone.start("run", lambda job: go.wait(5), lane="runs")
    here.resumes("loads", lambda again, owner: lambda job: [owner, *again["sources"]])
    here.keep_up()
    assert [here.get(load.id, "anna").state, here.get(run.id).state] != ["done", "failed"], "its window is there"
    gone.close()
    window.close()
    here.keep_up()
    go.set()
    assert finished(here.get(load.id, "anna")).result == ["anna", "a"], "whatever its first window still makes of it"
    assert Jobs(Windows(database).jobs).get(load.id, "anna").result == ["anna", "a"]
    said = "The window that did this has stopped. Begin it again; what was done by then is kept."
    assert (here.get(run.id).state, here.get(run.id).error) == ("failed", said)
