"""Gates: conditions on the metrics of a run, such as "recall@10>=.80" or "ndcg@10>=baseline-.01", for use in CI."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from qa.errors import EvalError, UsageError
from qa.evaluation.comparison import require_comparable
from qa.evaluation.metrics import metric_named
from qa.evaluation.runs import Run, measured
from qa.evaluation.statistics import Estimate

_SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_GATE = re.compile(
    r"\s*(?P<metric>[^\s<>=]+)\s*(?P<sign>[<>]=?)\s*"
    r"(?:(?P<bound>\d*\.?\d+)|baseline(?:\s*(?P<shift>[+-]\s*\d*\.?\d+))?)\s*"
)
_EXAMPLES = "recall@10>=.80 or ndcg@10>=baseline-.01"


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that a run must meet."""

    text: str
    metric: str
    sign: str
    bound: float
    """The bound, or what is added to the baseline's value if `relative`."""
    relative: bool


@dataclass(frozen=True, slots=True)
class GateResult:
    """The result of a gate, with the reason in one line."""

    gate: str
    passed: bool
    message: str


def parse_gate(text: str) -> Gate:
    """The gate in a text. Raises UsageError; for an unknown metric it offers the closest name."""
    match = _GATE.fullmatch(text)
    if match is None:
        raise UsageError(f"'{text}' is not a gate. Write it as {_EXAMPLES}, in quotation marks.")
    try:
        metric = metric_named(match["metric"]).name
    except EvalError as error:
        raise UsageError(f"Gate '{text}': {error}") from None
    relative = match["bound"] is None
    bound = float((match["shift"] or "0").replace(" ", "")) if relative else float(match["bound"])
    if abs(bound) > 1:
        raise UsageError(f"Gate '{text}': metrics run from 0 to 1. Write it as {_EXAMPLES}.")
    return Gate(text.strip(), metric, match["sign"], bound, relative)


def check_gates(run: Run, gates: Iterable[str], baseline: Run | None = None) -> list[GateResult]:
    """The result of each gate for the run.

    A gate never passes because numbers are missing. Raises UsageError for an invalid gate, an unknown metric or a
    missing baseline, and EvalError for a metric that applies to no question or a baseline that cannot be compared.
    """
    parsed = [parse_gate(gate) for gate in gates]
    if any(gate.relative for gate in parsed):
        if baseline is None:
            raise UsageError("A gate on the baseline needs the folder of one. Name it with --baseline DIR.")
        require_comparable([baseline, run])
    names = [gate.metric for gate in parsed]
    run, baseline = measured(run, names), measured(baseline, names) if baseline else None
    return [_check(gate, run, baseline) for gate in parsed]


def _check(gate: Gate, run: Run, baseline: Run | None) -> GateResult:
    found, bound, wanted = _value(gate, run), gate.bound, f"{gate.bound:g}"
    if gate.relative and baseline:
        held_against = _value(gate, baseline)
        bound += held_against
        wanted = f"{bound:.4f} ({held_against:.4f} in {baseline.name}{gate.bound:+g})"
    passed = _SIGNS[gate.sign](round(found - bound, 9), 0)
    estimate = run.metrics[gate.metric]
    verb = "is" if passed else "is not"
    message = f"{gate.metric} {verb} {gate.sign} {wanted}: it is {_number(estimate)}"
    return GateResult(gate.text, passed, message)


def _value(gate: Gate, run: Run) -> float:
    value = run.metrics[gate.metric].value
    if value is None:
        raise EvalError(
            f"Gate '{gate.text}': '{gate.metric}' applies to no question of {run.name}, so nothing is shown."
        )
    return value


def _number(estimate: Estimate) -> str:
    return f"{estimate.value:.4f} ({estimate.low:.3f} to {estimate.high:.3f}) over {estimate.n} questions"
