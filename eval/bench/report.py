"""The measurements as a table: ours, the alternative, the ratio, and whether the target is met."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rich.table import Table

PACKAGES = ("citewire", "bm25s", "chromadb", "gradio", "llama-index-core", "sentence-transformers", "torch")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of the table."""

    what: str
    ours: float
    unit: str
    other: float | None = None
    """The same for the alternative."""
    at_most: float | None = None
    """Target for `ours`."""
    ratio_at_least: float | None = None
    """Target for `ratio`."""

    @property
    def ratio(self) -> float | None:
        """How many times better ours is: of rates ours to the other, of times and sizes the other to ours."""
        if self.other is None:
            return None
        return self.ours / self.other if self.unit.endswith("/s") else self.other / self.ours

    @property
    def met(self) -> bool | None:
        """True when the target is reached; None without a target."""
        if self.at_most is not None:
            return self.ours <= self.at_most
        if self.ratio_at_least is not None:
            return self.ratio is not None and self.ratio >= self.ratio_at_least
        return None

    def to_json(self) -> dict[str, Any]:
        """Every field, with the ratio and whether the target was met."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


def machine() -> dict[str, Any]:
    """The machine: cores, their load in the last minute, versions."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def table(measurements: Iterable[Measurement]) -> Table:
    """The measurements as people read them."""
    shown = Table("what", box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("ours", "the other way", "ratio", "target", "met"):
        shown.add_column(name, justify="right", no_wrap=True)
    for row in measurements:
        ratio = "–" if row.ratio is None else f"{row.ratio:,.1f}x"
        met = {True: "[green]yes", False: "[red]no", None: "–"}[row.met]
        shown.add_row(row.what, _quantity(row.ours, row.unit), _quantity(row.other, row.unit), ratio, _target(row), met)
    return shown


def _quantity(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


def _target(row: Measurement) -> str:
    if row.at_most is not None:
        return f"at most {row.at_most:g} {row.unit}".rstrip()
    return "–" if row.ratio_at_least is None else f"at least {row.ratio_at_least:g}x"
