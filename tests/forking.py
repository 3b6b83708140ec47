"""Processes forked from one that has imported the program and opened nothing: the imports of a window take seconds.

Forked(call, folder, environment, *arguments) runs a function of a module that can be imported by its name alone.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@cache
def context() -> ForkServerContext:
    """Makes the processes of this session."""
    made = get_context("forkserver")
    made.set_forkserver_preload(["ingesting", "serving", "fake"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), *filter(None, sys.path)]))
        ensure_running()
    return made


class Forked:
    """A process that has begun, with its output in a pipe; named as in `subprocess.Popen` is what it can do."""

    def __init__(
        self, call: Callable[..., None], folder: Path, environment: Mapping[str, str], *arguments: Any
    ) -> None:
        self._errors = Path(tempfile.mkstemp(dir=folder, prefix="errors")[1])
        output, says = context().Pipe(duplex=False)
        self._process = context().Process(
            target=_begin, args=(says, self._errors, call, folder, dict(environment), arguments)
        )
        self._process.start()
        says.close()
        self.stdout = os.fdopen(os.dup(output.fileno()), encoding="utf-8")
        output.close()

    @property
    def returncode(self) -> int | None:
        """Its exit code, once it has ended."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Sends it a signal."""
        assert self._process.pid
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        """Ends it at once; one that has ended is left alone."""
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended."""
        self._process.join(timeout)
        assert self._process.exitcode is not None, "it has not ended"
        return self._process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What is left of its output, and its errors, once it has ended."""
        self.wait(timeout)
        return self.stdout.read(), self._errors.read_text("utf-8")

    def close(self) -> None:
        """Ends it where it has not ended."""
        self.kill()
        self.wait()
        self.stdout.close()


def _begin(
    says: Connection,
    errors: Path,
    call: Callable[..., None],
    folder: Path,
    environment: dict[str, str],
    arguments: tuple[Any, ...],
) -> None:
    os.dup2(says.fileno(), 1)
    with errors.open("wb") as file:
        os.dup2(file.fileno(), 2)
    says.close()
    # Those of the process that this one was forked from know where they were in a file.
    sys.stdout, sys.stderr = (open(number, "w", buffering=1, encoding="utf-8", closefd=False) for number in (1, 2))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    call(*arguments)
