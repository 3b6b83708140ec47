"""What bounds a reply, by a clock that the test turns."""

import pytest

from qa.models.faults import Fault
from qa.models.server import Server
from qa.models.watch import LONGEST_LINE, Watch


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def watched() -> tuple[Watch, Clock]:
    clock = Clock()
    return Watch(Server("http://here", timeout=10, whole=100), clock), clock


def kind(watch: Watch, data: bytes = b"x\n") -> str:
    try:
        watch.check(data)
    except Fault as fault:
        return fault.kind
    return ""


def test_bytes_are_no_sign_of_life() -> None:
    watch, clock = watched()
    for clock.now in (1, 5, 9.9):
        assert kind(watch) == ""
    clock.now = 10.1
    assert kind(watch) == "silent"


def test_a_word_is_one_and_a_pause_of_the_reader_is_not_counted() -> None:
    watch, clock = watched()
    for clock.now in range(9, 90, 9):
        assert kind(watch) == ""
        watch.alive()
    clock.now = 1000
    assert kind(watch) == "silent"
    watch.paused(1000 - 81)
    assert kind(watch) == ""


def test_the_whole_has_an_end() -> None:
    watch, clock = watched()
    for clock.now in range(9, 100, 9):
        watch.alive()
    clock.now = 100.5
    assert kind(watch) == "endless"


@pytest.mark.parametrize(("pieces", "end"), [([b"x" * 600_000] * 2, "nonsense"), ([b"x" * 600_000 + b"\n"] * 9, "")])
def test_a_line_has_an_end(pieces: list[bytes], end: str) -> None:
    watch, _ = watched()
    assert [kind(watch, piece) for piece in pieces][-1] == end
    assert sum(map(len, pieces)) > LONGEST_LINE
