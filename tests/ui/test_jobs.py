"""Background work: lanes, progress, cancel, failures, owners."""

from __future__ import annotations

import threading

import pytest

from qa.errors import ModelError, UsageError
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

    job = Jobs().start("counting", work, lane="a")
    assert at.wait(5)
    assert {**job.progress(), "seconds": 0} == {
        "id": job.id, "title": "counting", "state": "running", "done": 1, "total": 3, "note": "the first",
        "error": None, "seconds": 0,
    }  # fmt: skip
    go.set()
    assert (finished(job).state, job.result) == ("done", "all of it")


def test_those_of_a_lane_wait_for_each_other_and_a_waiting_one_can_be_cancelled() -> None:
    jobs, go = Jobs(), threading.Event()
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

    job = Jobs().start("stopped", work, lane="a")
    assert at.wait(5)
    job.cancel()
    go.set()
    assert finished(job).state == "cancelled"


def test_a_known_failure_is_told_and_an_unknown_one_is_for_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def known(job: Job) -> None:
        raise ModelError("The model is away.")

    def unknown(job: Job) -> None:
        raise ZeroDivisionError

    jobs = Jobs()
    assert finished(jobs.start("known", known, lane="a")).error == "The model is away."
    assert finished(jobs.start("unknown", unknown, lane="b")).error == (
        "Something went wrong inside Citewire. The log of the server says what."
    )
    assert "ZeroDivisionError" in caplog.text


def test_a_job_is_seen_by_its_owner_alone() -> None:
    jobs = Jobs()
    job = jobs.start("hers", lambda job: 1, lane="a", owner="anna")
    assert jobs.get(job.id, "anna") is job
    assert jobs.all("anna") == [job]
    assert jobs.all("ben") == []
    with pytest.raises(UsageError, match="not known here"):
        jobs.get(job.id, "ben")
