"""Questions on their way through the window: watched, paced, stopped, found again, one a conversation."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from looping import run

from qa.errors import ModelError, UsageError
from qa.types import Answer, Draft, Question
from qa.ui import asking
from qa.ui.asking import QuestionRun, QuestionRuns, Snapshot, Step

ANSWER = Answer(Question("Who?", "Who?"), "Anna. [1]", "extractive")


def asked(id: str = "a", owner: str | None = None, conversation: str | None = None) -> QuestionRun:
    return QuestionRun(id, owner, "Who?", 1, 1, conversation)


def started(steps: Callable[[QuestionRun], Iterator[Step]], **options: str) -> QuestionRun:
    return QuestionRuns().start(asked(**options), steps)


def watched(one: QuestionRun, interval: float = 0.0) -> list[Snapshot]:
    async def all_of_it() -> list[Snapshot]:
        return [seen async for seen in one.watch(interval)]

    return run(all_of_it())


class Steps:
    """Steps that are let out one by one, and that know when they are closed."""

    def __init__(self, *steps: Step | Exception) -> None:
        self.gates = [threading.Event() for _ in steps]
        self.closed = threading.Event()
        self._steps = steps

    def __call__(self, run: QuestionRun) -> Iterator[Step]:
        try:
            for gate, step in zip(self.gates, self._steps, strict=True):
                assert gate.wait(10)
                if isinstance(step, Exception):
                    raise step
                yield step
        finally:
            self.closed.set()

    def let(self) -> None:
        for gate in self.gates:
            gate.set()


def test_the_answer_comes_last_and_at_once() -> None:
    steps = Steps(Draft("A"), Draft("An"), ANSWER)
    steps.let()
    seen = watched(started(steps), interval=60)
    assert seen[-1].state == "done"
    assert seen[-1].answer is ANSWER
    assert len(seen) <= 2
    assert steps.closed.wait(5)


def test_it_is_told_as_it_grows() -> None:
    steps = Steps(Draft("A"), Draft("An"), ANSWER)
    one = started(steps)

    async def look() -> list[str]:
        said = []
        async for seen in one.watch(0):
            said.append(seen.draft.text)
            if len(said) <= len(steps.gates):
                steps.gates[len(said) - 1].set()
        return said

    assert run(look()) == ["", "A", "An", "An"]


def test_several_look_on_and_each_sees_the_end() -> None:
    steps = Steps(Draft("A"), ANSWER)
    one = started(steps)

    async def all_look() -> list[Snapshot]:
        async def last() -> Snapshot:
            seen = [seen async for seen in one.watch(0)]
            return seen[-1]

        looking = [asyncio.create_task(last()) for _ in range(5)]
        steps.let()
        return await asyncio.gather(*looking)

    assert {seen.state for seen in run(all_look())} == {"done"}


def test_a_stop_shows_at_once_and_ends_the_steps_after_the_one_that_is_waited_for() -> None:
    steps = Steps(Draft("A"), Draft("An"), ANSWER)
    one = started(steps)
    steps.gates[0].set()

    async def look() -> list[Snapshot]:
        seen = []
        async for each in one.watch(0):
            seen.append(each)
            if each.draft.text == "A":
                one.stop()
        return seen

    seen = run(look())
    assert (seen[-1].state, seen[-1].draft.text) == ("stopped", "A")
    assert not steps.closed.is_set()
    steps.gates[1].set()
    assert steps.closed.wait(5)
    assert not steps.gates[2].is_set()
    assert one.seen is seen[-1]


@pytest.mark.parametrize("told", [Draft("", first=ANSWER), ANSWER])
def test_a_stop_before_anything_stands_there_shows_the_first_answer(told: Step) -> None:
    steps = Steps(Draft(""), told, Draft("never shown"))
    one = started(steps)
    one.stop()
    assert not one.is_wanted and not one.seen.is_over
    steps.let()
    last = watched(one)[-1]
    assert (last.state, last.draft.first, last.draft.text, last.answer) == ("stopped", ANSWER, "", None)
    assert steps.closed.wait(5)


def test_a_failure_is_told_in_its_words_and_a_fault_of_ours_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    steps = Steps(Draft("A"), ModelError("The model is away."))
    steps.let()
    assert watched(started(steps))[-1].error == "The model is away."
    broken = Steps(ZeroDivisionError("what?"))
    broken.let()
    assert watched(started(broken))[-1].error == (
        "Something went wrong inside Citewire. The log of the server says what."
    )
    assert "ZeroDivisionError" in caplog.text


def test_without_anybody_who_looks_on_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LINGER", 0.01)
    steps = Steps(Draft("A"), ANSWER)
    one = started(steps)

    async def look_away() -> None:
        looking = one.watch(0)
        await anext(looking)
        await looking.aclose()

    run(look_away())
    for timer in threading.enumerate():
        if isinstance(timer, threading.Timer):
            timer.join(5)
    assert one.seen.state == "stopped"
    steps.let()
    assert steps.closed.wait(5)


def test_the_same_question_sent_twice_is_asked_once() -> None:
    runs, steps = QuestionRuns(), Steps(ANSWER)
    first = runs.start(asked("a"), steps)
    assert runs.start(asked("a"), steps) is first
    steps.let()
    assert watched(first)[-1].state == "done"


def test_a_conversation_has_one_question_under_way() -> None:
    runs, steps = QuestionRuns(), Steps(ANSWER)
    first = runs.start(asked("a", conversation="c"), steps)
    with pytest.raises(UsageError, match="in another tab"):
        runs.start(asked("b", conversation="c"), steps)
    other = runs.start(asked("d", conversation="e"), steps)
    steps.let()
    assert watched(first)[-1].state == watched(other)[-1].state == "done"
    assert watched(runs.start(asked("b", conversation="c"), steps))[-1].state == "done"


def test_a_question_is_found_again_by_its_owner_alone() -> None:
    runs, steps = QuestionRuns(), Steps(ANSWER)
    steps.let()
    one = runs.start(asked("a", owner="anna"), steps)
    assert runs.get("a", "anna") is one
    assert runs.get("a", "ben") is None
    assert runs.get("z", "anna") is None


def test_when_the_window_closes_every_question_is_left_to_the_next() -> None:
    runs, steps = QuestionRuns(), Steps(Draft("A"), ANSWER)
    ends: list[QuestionRun] = []
    one = asked("a")
    one.on_end = ends.append
    runs.start(one, steps)
    runs.leave_all()
    assert not one.is_wanted
    steps.let()
    assert steps.closed.wait(5)
    assert one.seen.state == "running" and not ends, "its page waits for the next window"
