"""What the program starts in and leaves: streams that are closed or narrow, unknown proxies, threads that go on."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress

_PROXIES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY")
_KNOWN = ("http", "https", "socks5", "socks5h")


def mend_streams() -> None:
    """Gives each standard stream that was closed a place to go, and lets none fail over a letter that it lacks."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")


def mend_proxies(environment: MutableMapping[str, str]) -> None:
    """Writes "socks://", as desktops do, as "socks5://", and leaves out proxies of a kind that nothing here knows."""
    for name in (*_PROXIES, *map(str.lower, _PROXIES)):
        scheme, found, rest = environment.get(name, "").partition("://")
        if found and scheme.lower() == "socks":
            environment[name] = f"socks5://{rest}"
        elif found and scheme.lower() not in _KNOWN:
            del environment[name]


def leave_under_threads(code: int) -> None:
    """Ends the process with the exit code where threads still run, and does nothing where none does.

    A thread of a question that was ended may be in native code, and an interpreter that goes from under it aborts.
    """
    if not any(thread.daemon for thread in threading.enumerate()):
        return
    processes = sys.modules.get("multiprocessing")
    for process in processes.active_children() if processes else ():
        process.terminate()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
