"""What a window holds in memory: what is freed goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

HOLD_AND_FREE = """
import pathlib, re, sys
from qa.runtime import give_back_memory
if sys.argv[1:]:
    give_back_memory()
def held():
    return int(re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) // 1000
bytearray(16_000_000)  # freed: glibc no longer maps what is smaller
kept = [(bytes([n]) * 8_000_000, bytes([n]) * 20_000) for n in range(20)]
kept = [small for large, small in kept]
print(held())
"""


def held_after(*arguments: str) -> int:
    """Megabytes that a process holds after 160 of them were freed between small things that it keeps."""
    run = [sys.executable, "-c", HOLD_AND_FREE, *arguments]
    return int(subprocess.run(run, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such setting")
def test_what_is_freed_goes_back_to_the_system() -> None:
    assert held_after("back") < 100 < held_after()
