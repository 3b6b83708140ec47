"""Gates on the metrics of a run: what passes, what does not, what is an error; and the helper for pytest."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluating import made_run, write_numbered, write_town

from qa.errors import EvalError, UsageError
from qa.evaluation.gates import check_gates, parse_gate
from qa.evaluation.runs import Run
from qa.evaluation.sets import EvalSet
from qa.evaluation.testing import assert_gates


@pytest.fixture(scope="module")
def eval_set(tmp_path_factory: pytest.TempPathFactory) -> EvalSet:
    return write_numbered(tmp_path_factory.mktemp("set") / "piers", 10)


@pytest.fixture(scope="module")
def run(eval_set: EvalSet, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """It finds and answers 8 of 10."""
    return made_run(tmp_path_factory.mktemp("runs") / "present", eval_set, {f"q{n}" for n in range(8)})


@pytest.fixture(scope="module")
def better(eval_set: EvalSet, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """It finds and answers 9 of 10."""
    return made_run(tmp_path_factory.mktemp("runs") / "better", eval_set, {f"q{n}" for n in range(9)})


@pytest.mark.parametrize(
    ("gate", "passed"),
    [
        ("recall@10>=.80", True),
        ("recall@10 >= 0.8", True),
        ("recall@10>.80", False),
        ("recall@10>=.81", False),
        ("recall@10<=.8", True),
        ("recall@3>=.8", True),  # the run was not scored by it
        ("refused_wrong<.3", True),
        ("refused_wrong<=.1", False),
        ("ndcg@10>=baseline", False),
        ("ndcg@10>=baseline-.1", True),
        ("ndcg@10 >= baseline - .05", False),
        ("ndcg@10<baseline", True),
        ("ndcg@10>=baseline+.1", False),
    ],
)
def test_gates(run: Run, better: Run, gate: str, passed: bool) -> None:
    (result,) = check_gates(run, [gate], better)
    assert result.passed is passed and result.gate == gate and "\n" not in result.message


def test_the_reason_is_one_line(run: Run, better: Run) -> None:
    first, second = check_gates(run, ["recall@10>=.81", "recall@10>=baseline-.05"], better)

    assert first.message.startswith("recall@10 is not >= 0.81: it is 0.8000 (") and first.message.endswith(
        "over 10 questions"
    )
    assert second.message.startswith("recall@10 is not >= 0.8500 (0.9000 in better-0.05): it is 0.8000 (")


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ("recal@10>=.8", "There is no metric 'recal@10'. Did you mean 'recall@10'?"),
        ("recall@0>=.8", "'recall' counts the first k, and k is a number from 1"),
        ("recall>=.8", "'recall' counts the first k"),
        ("recall@10>=80", "metrics run from 0 to 1"),
        ("recall@10>=baseline-5", "metrics run from 0 to 1"),
        ("recall@10", "is not a gate. Write it as recall@10>=.80 or"),
        ("recall@10>=", "is not a gate"),
        ("recall@10>=nan", "is not a gate"),
        ("recall@10==.8", "is not a gate"),
        ("recall@10>=.8 or 1", "is not a gate"),
        (">=.8", "is not a gate"),
        ("", "is not a gate"),
    ],
)
def test_a_gate_that_cannot_be_read_is_an_error(run: Run, gate: str, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        check_gates(run, [gate])
    with pytest.raises(UsageError):
        parse_gate(gate)


def test_a_gate_on_a_metric_that_does_not_apply_is_an_error(run: Run) -> None:
    for gate in ("refused_right>=0", "refused_right<=1"):
        with pytest.raises(EvalError, match="'refused_right' applies to no question of present"):
            check_gates(run, [gate])


def test_a_gate_on_a_baseline_needs_one_that_can_be_compared(run: Run, eval_set: EvalSet, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Name it with --baseline DIR"):
        check_gates(run, ["recall@10>=baseline"])
    other = made_run(tmp_path / "other", eval_set, set(), corpus="x")
    with pytest.raises(EvalError, match="because these differ: the articles"):
        check_gates(run, ["recall@10>=baseline"], other)


# --- as a test --------------------------------------------------------------------------------------------------------


def test_gates_as_tests_pass_and_fail_with_the_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    write_town(tmp_path / "town")

    run = assert_gates("town", ["recall@10>=.9", "answer_correct>=.75"], out=tmp_path / "run")

    assert run.metrics["recall@10"].n == 4
    with pytest.raises(AssertionError, match="^town does not meet its gates:\n") as failed:
        assert_gates(tmp_path / "town", ["refused_wrong>=.5", "recall@10>=.9", "refused_right<.5"])
    wrong, right = str(failed.value).splitlines()[1:]
    assert wrong.startswith("refused_wrong is not >= 0.5: it is 0.0000")
    assert right.startswith("refused_right is not < 0.5")
    with pytest.raises(UsageError, match="^Gate 'recal@10>=.9'"):
        assert_gates("town", ["recal@10>=.9"])
