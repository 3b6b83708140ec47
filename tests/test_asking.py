"""A question on its way through the window: pacing, stopping, one at a time, and what a follow-up is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from qa.errors import ModelError
from qa.types import Answer, Draft, Question
from qa.ui.asking import Exchange, Run, Runs, Step, history, paced

ANSWER = Answer(Question("q", "q"), "a", "extractive")


def test_every_answer_arrives_and_drafts_only_at_intervals() -> None:
    steps = [*(Draft(str(n)) for n in range(1000)), ANSWER]
    seen = list(paced(iter(steps), threading.Event(), interval=60))
    assert seen == [Draft("0"), ANSWER]


def test_the_last_draft_before_a_silence_is_shown_once_it_is_due() -> None:
    silence = threading.Event()

    def steps() -> Iterator[Step]:
        yield Draft("one")
        yield Draft("two")
        silence.wait(10)
        yield ANSWER

    seen = paced(steps(), threading.Event(), interval=0.01)
    assert next(seen) == Draft("one")
    assert next(seen) == Draft("two")
    silence.set()
    assert list(seen) == [ANSWER]


def test_stopping_closes_the_steps_and_does_not_wait_for_a_silent_model() -> None:
    stopped, closed, silence = threading.Event(), threading.Event(), threading.Event()

    def steps() -> Iterator[Step]:
        try:
            yield Draft("one")
            silence.wait(30)
            yield Draft("two")
            yield ANSWER
        finally:
            closed.set()

    seen = paced(steps(), stopped, interval=0.01)
    next(seen)
    began = time.monotonic()
    stopped.set()
    assert list(seen) == []
    assert time.monotonic() - began < 5
    assert not closed.is_set()
    silence.set()
    assert closed.wait(5)


def test_closing_the_generator_closes_the_steps() -> None:
    closed = threading.Event()

    def steps() -> Iterator[Step]:
        try:
            while True:
                yield Draft("again")
        finally:
            closed.set()

    seen = paced(steps(), threading.Event(), interval=0.01)
    next(seen)
    seen.close()
    assert closed.wait(5)


def test_an_error_of_the_steps_is_raised() -> None:
    def steps() -> Iterator[Step]:
        yield Draft("one")
        raise ModelError("The server is down.")

    with pytest.raises(ModelError, match="The server is down"):
        list(paced(steps(), threading.Event()))


def test_a_session_has_one_run_at_a_time() -> None:
    runs = Runs()
    first = runs.start("a")
    assert isinstance(first, Run)
    assert runs.start("a") is None
    assert runs.start("b") is not None
    runs.finish("a", first)
    assert runs.start("a") is not None


def test_a_stopped_run_keeps_its_place_until_it_is_finished() -> None:
    runs = Runs()
    run = runs.start("a")
    assert run
    runs.stop("a")
    assert run.stopped.is_set()
    assert not run.discarded
    assert runs.start("a") is None


def test_a_discarded_run_makes_place_and_cannot_finish_the_next() -> None:
    runs = Runs()
    run = runs.start("a")
    assert run
    runs.stop("a", discard=True)
    assert run.stopped.is_set()
    assert run.discarded
    following = runs.start("a")
    assert following
    runs.finish("a", run)
    assert runs.start("a") is None


def test_stopping_where_nothing_runs_does_nothing() -> None:
    Runs().stop("a")


def test_history_holds_the_answered_turns_in_order() -> None:
    answered = Answer(Question("Who?", "Who is it?"), "Anna. [1]", "extractive")
    turns = history((Exchange("Who?", answered), Exchange("Stopped?", None)))
    assert [(turn.question, turn.standalone_question, turn.answer) for turn in turns] == [
        ("Who?", "Who is it?", "Anna. [1]")
    ]
