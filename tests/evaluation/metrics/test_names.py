"""The names of metrics as people type them, and what a run cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.errors import EvalError
from qa.evaluation.metrics import METRICS, OTHERS, closest_metric, metric_named, run_costs
from qa.evaluation.metrics.table import _AT_K


@pytest.mark.parametrize("name", [*METRICS, *OTHERS, *(f"{stem}@{k}" for stem in _AT_K for k in (1, 37, 1000))])
def test_a_metric_is_found_by_its_name(name: str) -> None:
    assert metric_named(name).name == name


def test_titles_say_which_metric_it_is() -> None:
    names = [*METRICS, *OTHERS, *(f"{stem}@37" for stem in _AT_K)]
    titles = [metric_named(name).title for name in names]

    assert len(set(titles)) == len(titles) and all("{" not in title for title in titles)
    assert metric_named("evidence80_ndcg@7").title == "Evidence nDCG@7 (80% of a piece)"


@pytest.mark.parametrize(
    ("typed", "closest"),
    [
        ("ndgc@10", "ndcg@10"),
        ("NDCG@20", "ndcg@20"),
        ("recal@3", "recall@3"),
        ("recall", "recall@10"),
        ("evidence-recall@5", "evidence_recall@5"),
        ("answer_corect", "answer_correct"),
        ("answer_correct@5", "answer_correct"),
        ("passagemrr", "passage_mrr"),
        ("all_evidence", "all_evidence@10"),
        ("refusd_right", "refused_right"),
        ("", None),
    ],
)
def test_a_typo_is_answered_with_the_closest_name(typed: str, closest: str | None) -> None:
    offered = closest_metric(typed)

    assert metric_named(offered).name == offered and closest in (offered, None)
    with pytest.raises(EvalError, match=f"{typed}.*{offered if closest else ''}"):
        metric_named(typed)


@pytest.mark.parametrize("typed", ["ndcg@0", "recall@-1", "mrr@ten", "map@", "all_evidence@1.5", "recall@05"])
def test_k_is_a_number_from_one(typed: str) -> None:
    stem = typed.partition("@")[0]
    with pytest.raises(EvalError, match=f"'{stem}' counts the first k, and k is a number from 1, as in '{stem}@10'"):
        metric_named(typed)


def test_less_is_better_only_of_wrong_refusals() -> None:
    assert [name for name, metric in METRICS.items() if metric.less_is_better] == ["refused_wrong"]


# --- costs


def test_costs_of_a_worked_example(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "index").write_bytes(b"12345")
    (tmp_path / "articles").write_bytes(b"123")
    records = [{"timings_ms": {"total": ms}} for ms in range(101)] + [{"timings_ms": {"retrieve": 7.0}}]
    usage = {"prompt_tokens": 900, "completion_tokens": 100, "cost": 0.02}
    records[0]["usage"] = usage
    records[1]["usage"] = usage | {"cost": None}

    assert run_costs(records, passages=300, ingest_seconds=1.5, index=tmp_path) == {
        "total_p50_ms": 50,
        "total_p95_ms": 95,
        "retrieve_p50_ms": 7,
        "retrieve_p95_ms": 7,
        "passages_per_second": 200,
        "index_bytes": 8,
        "tokens": 2000,
        "prompt_tokens": 1800,
        "completion_tokens": 200,
        "cost": 0.02,
    }


def test_costs_that_do_not_apply_are_none() -> None:
    none = ("passages_per_second", "index_bytes", "tokens", "prompt_tokens", "completion_tokens", "cost")
    assert run_costs([{"timings_ms": {}}]) == dict.fromkeys(none)
    ended_early = {"calls": 1, "prompt_tokens": None, "completion_tokens": None}
    assert run_costs([{"timings_ms": {}, "usage": ended_early}]) == dict.fromkeys(none)
