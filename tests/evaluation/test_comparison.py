"""Comparisons of finished runs: what may differ, what must not, and what is said of the difference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from evaluating import made_run, write_numbered, write_set

from qa.errors import EvalError, UsageError
from qa.evaluation.comparison import SAME, Comparisons, MetricDifference, compare_runs, groups_of
from qa.evaluation.runs import load_run
from qa.evaluation.sets import EvalSet
from qa.settings import Settings

COUNT = 60


@pytest.fixture(scope="module")
def eval_set(tmp_path_factory: pytest.TempPathFactory) -> EvalSet:
    return write_numbered(tmp_path_factory.mktemp("set") / "piers", COUNT)


def first(share: float) -> set[str]:
    """Ids of that share of the questions."""
    return {f"q{n}" for n in range(round(COUNT * share))}


def row(comparisons: Comparisons, metric: str, run: str | None = None) -> MetricDifference:
    (found,) = [row for row in comparisons.rows if row.metric == metric and row.run == (run or row.run)]
    return found


def test_a_better_run_is_called_better(eval_set: EvalSet, tmp_path: Path) -> None:
    worse, better = (
        made_run(tmp_path / "worse", eval_set, first(0.5)),
        made_run(tmp_path / "better", eval_set, first(0.8)),
    )

    found = row(compare_runs([worse, better]), "recall@10")

    assert (found.first.value, found.second.value) == (0.5, 0.8)
    assert found.comparison.difference == pytest.approx(0.3) and found.comparison.n == COUNT
    assert (found.comparison.wins, found.comparison.ties, found.comparison.losses) == (18, 42, 0)
    assert found.comparison.p is not None and found.comparison.p < 1e-4
    assert found.comparison.adjusted is not None and found.comparison.p < found.comparison.adjusted < 0.05
    assert found.words.startswith("better by .") and found.run == "better"
    assert row(compare_runs([better, worse]), "recall@10").words.startswith("worse by .")
    assert row(compare_runs([worse, better]), "refused_wrong").words.startswith("better by .")  # less of it is better


def test_too_few_questions_are_called_too_few(eval_set: EvalSet, tmp_path: Path) -> None:
    runs = [made_run(tmp_path / "one", eval_set, first(0.5)), made_run(tmp_path / "two", eval_set, first(0.52))]

    assert row(compare_runs(runs), "recall@10").words.startswith("too few questions to tell")
    assert row(compare_runs([runs[0], runs[0]]), "recall@10").words == "the same on 60 questions"


def test_the_fewer_comparisons_the_less_p_is_adjusted(eval_set: EvalSet, tmp_path: Path) -> None:
    runs = [made_run(tmp_path / "one", eval_set, first(0.5)), made_run(tmp_path / "two", eval_set, first(0.7))]

    alone, among = row(compare_runs(runs, ["recall@10"]), "recall@10"), row(compare_runs(runs), "recall@10")

    assert alone.comparison.adjusted == alone.comparison.p == among.comparison.p
    assert among.comparison.adjusted is not None and among.comparison.adjusted > alone.comparison.adjusted


def test_a_metric_that_the_runs_were_not_scored_by_can_be_compared(eval_set: EvalSet, tmp_path: Path) -> None:
    runs = [made_run(tmp_path / name, eval_set, first(share)) for name, share in (("one", 0.5), ("two", 0.9))]

    (found,) = compare_runs(runs, ["success@3"]).rows

    assert (found.metric, found.first.value, found.second.value) == ("success@3", 0.5, 0.9)


def test_a_metric_that_does_not_apply_has_no_row(eval_set: EvalSet, tmp_path: Path) -> None:
    runs = [made_run(tmp_path / name, eval_set, first(0.5)) for name in ("one", "two")]

    assert not [row for row in compare_runs(runs).rows if row.metric in ("answer_items", "refused_right")]


def test_what_was_changed_is_shown(eval_set: EvalSet, tmp_path: Path) -> None:
    changed = Settings().model_copy(update={"words_weight": 0.5, "top": 3})
    one, two = made_run(tmp_path / "one", eval_set, set()), made_run(tmp_path / "two", eval_set, set(), changed)
    three = made_run(tmp_path / "three", eval_set, set(), splitter="x", code="y")

    told = compare_runs([one, two, three]).changed

    assert told["two"] == ("the settings (top 10, 3; words_weight 0.8, 0.5)",)
    assert set(told["three"]) == {"the splitter", "the code"}


@pytest.mark.parametrize("part", SAME)
def test_other_questions_and_articles_are_refused(eval_set: EvalSet, tmp_path: Path, part: str) -> None:
    one, two = made_run(tmp_path / "one", eval_set, set()), made_run(tmp_path / "two", eval_set, set(), **{part: "x"})
    words = {"corpus": "the articles", "queries": "the questions", "qrels": "the judgements"}[part]

    with pytest.raises(EvalError, match=f"one and .*two cannot be compared, because these differ: {words}. Run both"):
        compare_runs([one, two])


def test_runs_over_parts_of_a_set_are_refused(eval_set: EvalSet, tmp_path: Path) -> None:
    part = replace(eval_set, queries=eval_set.queries[:30])

    with pytest.raises(EvalError, match="these differ: the questions and the judgements"):
        compare_runs([made_run(tmp_path / "all", eval_set, set()), made_run(tmp_path / "part", part, set())])


def test_one_run_is_no_comparison(eval_set: EvalSet, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="wants two runs or more"):
        compare_runs([made_run(tmp_path / "one", eval_set, set())])


def test_runs_of_other_versions_of_the_metrics_are_measured_again(eval_set: EvalSet, tmp_path: Path) -> None:
    one, two = made_run(tmp_path / "one", eval_set, first(0.5)), made_run(tmp_path / "two", eval_set, first(0.5))
    wrong = {id: {**values, "recall@10": 0.0} for id, values in two.scores.items()}
    old = replace(two, scores=wrong, fingerprint={**two.fingerprint, "metrics": "of long ago"})

    assert row(compare_runs([one, old]), "recall@10").words == "the same on 60 questions"
    assert row(compare_runs([one, replace(old, fingerprint=one.fingerprint)]), "recall@10").words.startswith("worse")


def test_several_runs_are_held_against_the_first(eval_set: EvalSet, tmp_path: Path) -> None:
    runs = [made_run(tmp_path / name, eval_set, first(share)) for name, share in (("a", 0.5), ("b", 0.9), ("c", 0.1))]

    comparisons = compare_runs([load_run(run.folder) for run in runs if run.folder], ["recall@10"])

    assert (comparisons.first, comparisons.others) == ("a", ("b", "c"))
    words = [row(comparisons, "recall@10", name).words for name in ("b", "c")]
    assert words[0].startswith("better") and words[1].startswith("worse")


def test_folders_of_one_name_are_told_apart(eval_set: EvalSet, tmp_path: Path) -> None:
    runs = [made_run(tmp_path / name / "piers", eval_set, set()) for name in ("one", "two")]

    comparisons = compare_runs(runs)

    assert (comparisons.first, comparisons.others) == (str(runs[0].folder), (str(runs[1].folder),))


# --- slices -----------------------------------------------------------------------------------------------------------


def test_groups_show_where_a_difference_comes_from(eval_set: EvalSet, tmp_path: Path) -> None:
    odd = {f"q{n}" for n in range(1, COUNT, 2)}
    runs = [made_run(tmp_path / "none", eval_set, set()), made_run(tmp_path / "odd", eval_set, odd)]

    slices = {(s.kind, s.group): s.row for s in compare_runs(runs, ["recall@10"]).slices}

    assert slices["type", "odd"].words.startswith("better") and slices["type", "odd"].comparison.n == 30
    assert slices["type", "even"].words == "the same on 30 questions"
    assert {group for kind, group in slices if kind == "outlet"} == {"The Lark", "The Owl"}
    assert {group for kind, group in slices if kind == "date"} == {"2020", "2021", "2022"}
    assert not [group for kind, group in slices if kind == "hops"]  # one article answers each: one group is no group


def test_small_groups_are_told_together(tmp_path: Path) -> None:
    articles = [{"_id": f"a{n}", "text": f"Pier {n}.", "metadata": {"date": None, "outlet": None}} for n in range(2)]
    kinds = [f"kind {n % 20}" for n in range(40)]
    questions = [
        {"_id": f"q{n}", "text": f"Which is pier {n}?", "metadata": {"type": kind}} for n, kind in enumerate(kinds)
    ]
    eval_set = write_set(tmp_path / "set", articles, questions, {f"q{n}": "a0" for n in range(40)})

    groups = groups_of(made_run(tmp_path / "run", eval_set, set()))

    assert list(groups) == ["type"] and len(groups["type"]) == 12 and list(groups["type"])[-1] == "9 others"
    assert sorted(id for ids in groups["type"].values() for id in ids) == sorted(f"q{n}" for n in range(40))


def test_hops_and_months_tell_questions_apart(tmp_path: Path) -> None:
    articles = [
        {"_id": f"a{n}", "title": "", "text": f"Pier {n}.", "metadata": {"date": f"2021-0{n + 1}-03", "outlet": "Lark"}}
        for n in range(3)
    ]
    pieces = [[{"article_id": f"a{n}", "text": f"Pier {n}."} for n in range(count)] for count in (1, 2, 2)]
    questions = [
        {"_id": f"q{n}", "text": f"Which is pier {n}?", "metadata": {"evidence": evidence}}
        for n, evidence in enumerate(pieces)
    ]
    questions[2]["metadata"]["date"] = "2021-06-01"
    eval_set = write_set(tmp_path / "set", articles, questions, {})

    groups = groups_of(made_run(tmp_path / "run", eval_set, set()))

    assert groups == {"hops": {"2": ["q1", "q2"], "1": ["q0"]}, "date": {"2021-01": ["q0", "q1"], "2021-06": ["q2"]}}
