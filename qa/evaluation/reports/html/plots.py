"""Positions in a plot: places on an axis in percent, and the points of a curve."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.evaluation.metrics import Calibration, RiskCoverage

SHAPES = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z",  # circle
    "M-3.7-3.7H3.7V3.7H-3.7Z",  # square
    "M0-5.2 5.2 0 0 5.2-5.2 0Z",  # diamond
    "M0-5 4.8 3.6H-4.8Z",  # triangle
    "M0 5 4.8-3.6H-4.8Z",  # triangle on its tip
    "M-5-1.7h3.3V-5h3.4v3.3H5v3.4H1.7V5h-3.4V1.7H-5Z",  # plus
    "M0-5.4 1.6-1.7 5.4-1.7 2.3.7 3.4 4.6 0 2.2-3.4 4.6-2.3.7-5.4-1.7-1.6-1.7Z",  # star
    "M-5-2.6H5V2.6H-5Z",  # bar
)
"""A shape for each run, because some readers and printers cannot distinguish colours."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A value and its interval, in percent of an axis."""

    at: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line and its label."""

    at: float
    label: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `low` to `high`, linear or logarithmic."""

    low: float
    high: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """The position in percent of the axis, 0 to 100; values outside are moved to its end."""
        low, high, value = (math.log(max(v, 1e-9)) if self.logarithmic else v for v in (self.low, self.high, value))
        share = (value - low) / (high - low) if high > low else 0.5
        return round(100 * min(max(share, 0), 1), 2)

    def bar(self, at: float, low: float, high: float) -> Bar:
        """A value and its interval on this axis."""
        return Bar(self.place(at), self.place(low), self.place(high))

    def ticks(self, values: Iterable[float]) -> tuple[Tick, ...]:
        """A tick at each of the values."""
        return tuple(Tick(self.place(value), f"{value:g}") for value in values)


UNIT = Axis(0, 1)
UNIT_TICKS = UNIT.ticks((0, 0.25, 0.5, 0.75, 1))


def balanced(bounds: Iterable[float]) -> tuple[Axis, tuple[Tick, ...]]:
    """An axis with 0 in its middle that covers all bounds, with round steps."""
    furthest = max((abs(bound) for bound in bounds), default=0.0)
    step = next((step for step in (0.02, 0.05, 0.1, 0.2, 0.5) if 2 * step >= furthest), 0.5)
    axis = Axis(-2 * step, 2 * step)
    return axis, tuple(Tick(axis.place(step * n), f"{step * n:+g}" if n else "0", strong=n == 0) for n in range(-2, 3))


def times(milliseconds: Iterable[float]) -> tuple[Axis, tuple[Tick, ...]]:
    """A logarithmic axis over whole powers of ten that covers all times."""
    positive = [value for value in milliseconds if value > 0] or [1.0]
    first = min(math.floor(math.log10(min(positive))), 0)
    last = max(math.ceil(math.log10(max(positive))), first + 1)
    axis = Axis(10**first, 10**last, logarithmic=True)
    return axis, axis.ticks([10.0**power for power in range(first, last + 1)])


# --- risk and coverage -----------------------------------------------------------------------------------------------

_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 446.0, 26.0, 252.0
_QUARTERS = (0, 0.25, 0.5, 0.75, 1)


@dataclass(frozen=True, slots=True)
class Curve:
    """The curve of one run, in the units of the chart's view box."""

    points: str
    """The points attribute of a polyline."""
    end_x: float
    end_y: float
    words: str


def risk_ticks(most: float) -> tuple[list[Tick], list[Tick]]:
    """The ticks of coverage and of risk, in a chart with risks up to `most`."""
    top = _top(most)
    return (
        [Tick(_x(share), f"{share:g}") for share in _QUARTERS],
        [Tick(_y(top * share, top), f"{top * share:g}") for share in _QUARTERS],
    )


def risk_curve(curve: RiskCoverage, most: float) -> Curve | None:
    """The curve in a chart with risks up to `most`; None if no question was answered."""
    if not curve.points or curve.aurc is None:
        return None
    top = _top(most)
    places = [(_x(point.coverage), _y(point.risk, top)) for point in curve.points]
    last = curve.points[-1]
    words = f"answered {last.coverage:.0%}, wrong {last.risk:.0%} of these; mean risk {curve.aurc:.3f}"
    return Curve(" ".join(f"{x:g},{y:g}" for x, y in places), *places[-1], words)


def highest_risk(curves: Sequence[RiskCoverage]) -> float:
    """The highest risk of the curves, without the first ten answers, where one wrong answer weighs too much."""
    return max((p.risk for curve in curves for p in curve.points if p.coverage * curve.n >= 10), default=1.0)


def _top(most: float) -> float:
    return next((top for top in (0.1, 0.2, 0.4, 0.6) if top >= most), 1.0)


def _x(coverage: float) -> float:
    return round(_LEFT + coverage * (_RIGHT - _LEFT), 1)


def _y(risk: float, top: float) -> float:
    return round(_BOTTOM - min(risk / top, 1.0) * (_BOTTOM - _TOP), 1)


# --- confidence against truth ----------------------------------------------------------------------------------------

CONFIDENCE_TICKS = tuple(Tick(_x(share), f"{share:g}") for share in _QUARTERS)
RIGHT_TICKS = tuple(Tick(_y(share, 1), f"{share:g}") for share in _QUARTERS)
DIAGONAL = f"{_LEFT:g},{_BOTTOM:g} {_RIGHT:g},{_TOP:g}"
"""Where confidence is the share that is right."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin of confidence, in the units of the chart's view box."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Dots:
    """The bins of one run, joined by a line."""

    points: str
    """The points attribute of a polyline."""
    dots: tuple[Dot, ...]
    words: str


def calibration_dots(found: Calibration) -> Dots | None:
    """The bins of a run in a chart of confidence against truth; None without any."""
    if found.error is None:
        return None
    dots = tuple(
        Dot(_x(bin.confidence), _y(bin.right, 1), f"of {bin.n} answers of {bin.confidence:.2f}, {bin.right:.0%} right")
        for bin in found.bins
    )
    count = sum(bin.n for bin in found.bins)
    words = f"{count:,} answer{'s' * (count > 1)}, expected calibration error {found.error:.3f}"
    return Dots(" ".join(f"{dot.x:g},{dot.y:g}" for dot in dots), dots, words)
