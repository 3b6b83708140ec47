"""Evals as tests: a call that fails, with the reasons, where a set is answered worse than was wanted."""

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
    """The run over the set, by bundled name or folder, where it meets every gate, such as "recall@10>=.80".

    Raises AssertionError with a line for each gate that it does not meet, and QAError for what cannot be measured.
    `settings` are those in force where they are not given. The run is kept in `out`, where that is given; `baseline`
    is the folder of the run that gates on the baseline are held against.
    """
    __tracebackhide__ = True  # pytest shows the line that asked, not this one
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
