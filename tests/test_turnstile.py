"""The turnstile: so many at a time, in order, and nobody's many questions before another's first."""

from __future__ import annotations

import contextvars
import threading

import pytest

from qa.runtime import ASKER, Turnstile


def order_of(askers: list[str | None]) -> list[str]:
    """Who came through, where all but the first arrive, one after the other, while that one is inside."""
    turnstile, came = Turnstile(1), []
    inside, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with turnstile.turn():
            inside.set()
            assert go_on.wait(20)

    def other(name: str) -> None:
        with turnstile.turn():
            came.append(name)

    threads = [threading.Thread(target=first)]
    threads[0].start()
    assert inside.wait(20)
    for number, asker in enumerate(askers):
        context = contextvars.copy_context()
        context.run(ASKER.set, asker)
        threads.append(threading.Thread(target=context.run, args=(other, f"{asker}{number}")))
        threads[-1].start()
        while sum(map(len, turnstile._waiting.values())) <= number:
            pass
    go_on.set()
    for thread in threads:
        thread.join(20)
    return came


def test_one_asker_is_served_in_order() -> None:
    assert order_of([None, None, None]) == ["None0", "None1", "None2"]


def test_askers_take_turns() -> None:
    assert order_of(["anna", "anna", "anna", "ben", "carla", "ben"]) == [
        "anna0", "ben3", "carla4", "anna1", "ben5", "anna2",
    ]  # fmt: skip


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_never_more_than_the_slots_are_inside(slots: int) -> None:
    turnstile, lock = Turnstile(slots), threading.Lock()
    now, most = 0, 0

    def work() -> None:
        nonlocal now, most
        for _ in range(50):
            with turnstile.turn():
                with lock:
                    now += 1
                    most = max(most, now)
                with lock:
                    now -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert now == 0 and 1 <= most <= slots


def test_a_turn_within_a_turn_and_an_error_leave_it_whole() -> None:
    turnstile = Turnstile(1)
    with pytest.raises(ZeroDivisionError), turnstile.turn(), turnstile.turn():
        _ = 1 / 0
    with turnstile.turn():
        pass


def test_no_slots_let_everybody_through() -> None:
    turnstile = Turnstile(0)
    with turnstile.turn(), turnstile.turn():
        pass
