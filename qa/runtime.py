"""How work runs: computations take turns, stages are timed, blocking steps free the event loop, processes start."""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import os
import subprocess
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

ASKER: ContextVar[str | None] = ContextVar("asker", default=None)
"""The person for whom the work is done; askers get their turns by rotation. None counts as one asker."""


class Turnstile:
    """Lets `slots` threads compute at a time, since more only slow each other down; 0 sets no limit."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._lock = threading.Lock()
        self._inside = 0
        self._waiting: OrderedDict[str | None, deque[threading.Event]] = OrderedDict()
        self._mine = threading.local()

    @property
    def running(self) -> int:
        """How many have a turn now."""
        return self._inside

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for a turn and keeps it until the end of the block. A turn within a turn is the same one.

        Never wait for anything, such as a model's reply, in the block.
        """
        if not self._slots or getattr(self._mine, "is_inside", False):
            yield
            return
        self._enter()
        self._mine.is_inside = True
        try:
            yield
        finally:
            self._mine.is_inside = False
            self._leave()

    def _enter(self) -> None:
        asker, called = ASKER.get(), threading.Event()
        with self._lock:
            if self._inside < self._slots:
                self._inside += 1
                return
            self._waiting.setdefault(asker, deque()).append(called)
        called.wait()

    def _leave(self) -> None:
        with self._lock:
            if not self._waiting:
                self._inside -= 1
                return
            asker, queue = next(iter(self._waiting.items()))
            queue.popleft().set()  # the turn is handed over, so that no other thread can take it
            del self._waiting[asker]
            if queue:
                self._waiting[asker] = queue  # behind all other askers


class Clock:
    """Milliseconds by stage, in the order in which the stages began; a stage that comes again adds up."""

    def __init__(self, *stages: str) -> None:
        self._began = time.perf_counter()
        self.ms: dict[str, float] = dict.fromkeys(stages, 0.0)

    @contextmanager
    def stage(self, name: str, turns: Turnstile | None = None) -> Iterator[None]:
        """Times the block. With `turns` it first waits for a turn and has it for the block; the wait is not timed."""
        with turns.turn() if turns else nullcontext():
            began = time.perf_counter()
            self.ms.setdefault(name, 0.0)
            try:
                yield
            finally:
                self.ms[name] += (time.perf_counter() - began) * 1000

    @property
    def total(self) -> float:
        """Milliseconds since the clock was made."""
        return (time.perf_counter() - self._began) * 1000


T = TypeVar("T")


async def drain(steps: Generator[T]) -> AsyncGenerator[T]:
    """Yields the items of `steps`, each made in a thread while the event loop goes on.

    A caller that stops early, by closing this or by being cancelled, does not wait: `steps` is closed after its current
    step, which ends what it holds open. Raises what `steps` raises.
    """
    turn = threading.Lock()  # a running generator cannot be closed
    end = object()

    def step() -> T | object:
        with turn:
            return next(steps, end)

    def close() -> None:
        with turn:
            steps.close()

    is_over = False
    try:
        while True:
            item = await _apart(step)
            if is_over := item is end:
                return
            yield item  # type: ignore[misc]
    finally:
        if not is_over:
            threading.Thread(target=close, name="closing", daemon=True).start()


async def _apart(call: Callable[[], T]) -> T:
    """The result of the call, from a daemon thread, so that no silent model keeps the program from ending."""
    loop = asyncio.get_running_loop()
    given: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def hand_over(result: T | None, error: BaseException | None) -> None:
        if given.done():  # the caller has gone
            return
        if error is not None:
            given.set_exception(error)
        else:
            given.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result, error = None, None
        try:
            result = context.run(call)
        except BaseException as raised:
            error = raised
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(hand_over, result, error)

    threading.Thread(target=work, name="a step", daemon=True).start()
    return await given


# --- memory -----------------------------------------------------------------------------------------------------------

_ARENAS, _ARENA_MAX, _LARGE, _MMAP_THRESHOLD = 2, -8, 1 << 20, -3


def give_back_memory() -> None:
    """Lets what is freed go back to the system at once, for a process that lives long and has many threads.

    Otherwise each thread that computes keeps some of it for the next: glibc then holds the most that each ever had.
    Other C libraries have no such setting.
    """
    with suppress(OSError, AttributeError, TypeError):
        set_option = ctypes.CDLL(None).mallopt
        set_option(_MMAP_THRESHOLD, _LARGE)
        set_option(_ARENA_MAX, _ARENAS)


# --- processes of ours ------------------------------------------------------------------------------------------------

MEGABYTE = 1_000_000
MEMORY = 2_000 * MEGABYTE
"""What a process may have beside its own program where it `bounds` itself."""
SECONDS, SECONDS_A_MEGABYTE, MOST_SECONDS = 30, 30, 150
"""Of computing that one article may take, by its size. A PDF of 2,000 pages takes some 100."""
STUCK = 1_800.0
"""Seconds without an answer after which a process waits for something that does not come, such as a drive."""


def start_module(module: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """A process that runs a module of ours and is told on its input what to do. Ctrl-C is not for it."""
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )


def seconds_for(size: int) -> int:
    """Seconds of computing that an article of so many bytes may take."""
    return int(min(MOST_SECONDS, SECONDS + SECONDS_A_MEGABYTE * size / MEGABYTE))


class Child:
    """A process that runs a module of ours; objects go to it and come from it through pipes."""

    def __init__(self, module: str) -> None:
        self.process = start_module(module, stdout=subprocess.PIPE)
        assert self.process.stdin and self.process.stdout
        self._jobs = Connection(os.dup(self.process.stdin.fileno()), readable=False)
        self._results = Connection(os.dup(self.process.stdout.fileno()), writable=False)
        self.process.stdin.close()
        self.process.stdout.close()

    def send(self, job: Any) -> None:
        """Gives it something to do. Raises OSError where it has died."""
        self._jobs.send(job)

    def poll(self, seconds: float) -> bool:
        """Whether something comes from it within so many seconds, its end included."""
        return self._results.poll(seconds)

    def receive(self) -> Any:
        """What it gives next. Raises EOFError or OSError where it has died."""
        return self._results.recv()

    def end(self) -> int:
        """Ends it; how it ended, as a return code: minus the signal that killed it."""
        self._jobs.close()
        self._results.close()
        try:
            return self.process.wait(0.5 if self.process.poll() is None else 0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def pipes() -> tuple[Connection, Connection]:
    """In a Child: what jobs come through, and what their results go through. What a library prints goes nowhere."""
    jobs = Connection(os.dup(0), writable=False)
    results = Connection(os.dup(1), readable=False)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    return jobs, results


def bound_memory() -> None:
    """Lets this process take MEMORY beside what it has, and leave no core, where the system knows such bounds."""
    import resource  # Windows has none

    with suppress(ValueError, OSError):
        own = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def bound_seconds(seconds: int) -> None:
    """Lets this process compute so many seconds more; then the system ends it, whatever it is at."""
    import resource

    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds + 1, hard))


def unbound_seconds() -> None:
    """Lets this process compute for as long as the system lets it."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
