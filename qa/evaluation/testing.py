"""Evals as tests: a call that fails with the reasons if a set is answered worse than required."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.evaluation.gates import check_gates, parse_gate
from qa.evaluation.runs import Run, load_run, run_set
from qa.evaluation.sets import load_set
from qa.settings import Settings, load_settings


def assert_gates(
    eval_set: str | Path,
    gates: Iterable[str],
    settings: Settings | None = None,
    *,
    out: Path | None = None,
    baseline: Path | None = None,
) -> Run:
    """Runs the set (a bundled name or a folder) and returns the run if it meets every gate, such as "recall@10>=.80".

    Raises AssertionError with a line for each gate it does not meet, and QAError if it cannot be measured. `settings`
    default to those in force. The run is kept in `out`, if given. `baseline` is the folder of the run for gates on the
    baseline.
    """
    __tracebackhide__ = True  # pytest shows the line of the caller, not this one
    gates = list(gates)
    for gate in gates:
        parse_gate(gate)
    with TemporaryDirectory() as folder:
        run = run_set(load_set(eval_set), settings or load_settings(), out or Path(folder))
        results = check_gates(run, gates, load_run(baseline) if baseline else None)
    failed = [result.message for result in results if not result.passed]
    if failed:
        raise AssertionError("\n".join([f"{run.eval_set.name} does not meet its gates:", *failed, *run.notices]))
    return run
