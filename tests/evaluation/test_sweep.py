"""Sweeps over a grid of settings: what is tried, how it is chosen, and that the choice never sees the test part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from evaluating import write_numbered, write_set

from qa.errors import EvalError, QAError, SettingsError
from qa.evaluation.runs import Step
from qa.evaluation.runs.sweep import Grid, Point, Sweep, best, read_grid, sweep
from qa.evaluation.sets import EvalSet
from qa.evaluation.sets.split import split_set
from qa.evaluation.statistics import Estimate
from qa.settings import Settings

SETTINGS = Settings()
GRID = Grid({"refuse_below": [1.0, 0.0], "top": [1]}, metric="answer_correct")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def eval_set(tmp_path_factory: pytest.TempPathFactory) -> EvalSet:
    return write_numbered(tmp_path_factory.mktemp("set") / "piers", 12)


@pytest.fixture(scope="module")
def swept(
    eval_set: EvalSet, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Sweep, Path, list[tuple[str, Step]]]:
    out, steps = tmp_path_factory.mktemp("sweep"), []
    done = sweep(eval_set, GRID, SETTINGS, out, lambda title, step: steps.append((title, step)), cache=cache)
    return done, out, steps


def asked(folder: Path) -> set[str]:
    return {json.loads(line)["_id"] for line in (folder / "records.jsonl").read_text().splitlines()}


def test_every_point_is_tried_after_the_present_settings(swept: tuple[Sweep, Path, Any]) -> None:
    done, _, _ = swept

    settings = [dict(point.settings) for point in done.points]
    assert settings == [{}, {"refuse_below": 1.0, "top": 1}, {"refuse_below": 0.0, "top": 1}]
    assert done.points[1].result.value == 0  # it refuses whatever it is asked
    assert done.points[2].result.value is not None and done.points[2].result.value > 0
    assert done.winner.result.value == max(point.result.value or 0 for point in done.points)


def test_the_choice_sees_the_tuning_part_only_and_the_winner_is_tested_once(
    swept: tuple[Sweep, Path, list[tuple[str, Step]]], eval_set: EvalSet
) -> None:
    _, out, steps = swept
    tuning, test = ({query.id for query in part.queries} for part in split_set(eval_set))

    assert all(asked(folder) == tuning for folder in (out / "tuning").iterdir())
    assert all(asked(folder) == test for folder in (out / "test").iterdir())
    assert not tuning & test
    titles = list(dict.fromkeys(title for title, _ in steps))
    assert titles[:4] == ["Point 1 of 3", "Point 2 of 3", "Point 3 of 3", "Test, present settings"]


@pytest.mark.slow
def test_whatever_the_test_part_holds_the_choice_is_the_same(
    swept: tuple[Sweep, Path, Any], eval_set: EvalSet, cache: Path, tmp_path: Path
) -> None:
    """The same tuning part beside test questions with other answers and other judgements."""
    _, test = split_set(eval_set)
    ids = {query.id for query in test.queries}
    rows = [json.loads(line) for line in eval_set.files["queries"].read_text().splitlines()]
    wrong = [
        {**row, "metadata": {**row["metadata"], "answers": ["zebra"]}} if row["_id"] in ids else row for row in rows
    ]
    articles = [json.loads(line) for line in eval_set.corpus.read_text().splitlines()]
    judged = {row["_id"]: "a0" if row["_id"] in ids else f"a{row['_id'][1:]}" for row in rows}
    other = write_set(tmp_path / "piers", articles, wrong, judged)

    done = sweep(other, GRID, SETTINGS, tmp_path / "out", cache=cache)

    assert done.points == swept[0].points and done.winner == swept[0].winner
    assert done.present.metrics["answer_correct"].value == 0 != swept[0].present.metrics["answer_correct"].value


def test_the_file_says_what_was_tried_and_what_came_out(swept: tuple[Sweep, Path, Any]) -> None:
    done, out, _ = swept

    document = json.loads((out / "sweep.json").read_text())

    assert document["metric"] == "answer_correct" and document["winner"] == dict(done.winner.settings)
    assert sum(document["questions"].values()) == 12
    assert [point["value"] for point in document["tuning"]] == [point.result.value for point in done.points]
    assert document["test"]["present"]["value"] == done.present.metrics["answer_correct"].value


@pytest.mark.slow
def test_a_better_point_wins_and_is_compared_on_the_test_part(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    strict = SETTINGS.model_copy(update={"refuse_below": 1.0})

    done = sweep(eval_set, Grid({"refuse_below": [0.0]}, "answer_correct"), strict, tmp_path, cache=cache)

    assert done.winner.settings == {"refuse_below": 0.0} and done.comparisons is not None
    (row,) = done.comparisons.rows
    assert row.metric == "answer_correct" and row.first.value == 0 and (row.second.value or 0) > 0
    assert row.comparison.n == len(split_set(eval_set)[1].queries)
    comparison = json.loads((tmp_path / "sweep.json").read_text())["test"]["comparison"]
    assert comparison["words"] == row.words and comparison["difference"] == row.comparison.difference


@pytest.mark.slow
def test_a_sweep_that_was_stopped_goes_on(
    swept: tuple[Sweep, Path, Any], eval_set: EvalSet, cache: Path, tmp_path: Path
) -> None:
    def stop(title: str, step: Step) -> None:
        if title == "Point 2 of 3" and step.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(eval_set, GRID, SETTINGS, tmp_path, stop, cache=cache)
    assert not (tmp_path / "sweep.json").exists()
    steps: list[tuple[str, Step]] = []

    done = sweep(eval_set, GRID, SETTINGS, tmp_path, lambda title, step: steps.append((title, step)), cache=cache)

    assert done.points == swept[0].points
    assert steps[0][0] == "Point 2 of 3" and steps[0][1].done == 2


def test_of_equal_points_the_first_wins_and_less_can_be_better() -> None:
    points = [Point({"top": n}, Estimate(value, 0, 1, 5)) for n, value in enumerate([0.5, 0.7, 0.7, 0.2])]
    assert best(points, "ndcg@10").settings == {"top": 1}
    assert best(points, "refused_wrong").settings == {"top": 3}
    with pytest.raises(EvalError, match="'ndcg@10' applies to no question that is tuned on"):
        best([Point({}, Estimate(None, None, None, 0))], "ndcg@10")


def test_settings_that_shape_the_library_change_last() -> None:
    grid = Grid({"top": [1, 2], "passage_words": [100, 200]})
    assert [point["passage_words"] for point in grid.points] == [100, 100, 200, 200]


def test_a_grid_is_read(tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_text('metric = "ndcg@20"\nshare = 0.4\n[settings]\ntop = [5, 10]\nclean = [true]\n')
    assert read_grid(tmp_path / "grid.toml") == Grid({"top": [5, 10], "clean": [True]}, "ndcg@20", 0.4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("top = [5]", "'top' is not known here. Put lists of values under"),
        ("[settings]", "holds nothing to try"),
        ("", "holds nothing to try"),
        ("[settings]\nwords_wieght = [0.5]", "no setting 'words_wieght' to try. Did you mean 'words_weight'"),
        ("[settings]\nindex = ['a']", "no setting 'index' to try"),
        ("[settings]\ntop = 5", "'top' wants a list of values, such as top = .10."),
        ("[settings]\ntop = []", "'top' wants a list of values"),
        ("share = 1.5\n[settings]\ntop = [5]", "share is 1.5"),
        ("metric = 'ndgc@10'\n[settings]\ntop = [5]", "Did you mean 'ndcg@10'"),
        ("[settings", "is not TOML"),
        (None, "cannot be read"),
    ],
)
def test_a_grid_that_cannot_be_used_is_one_line(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "grid.toml").write_text(text)
    with pytest.raises(QAError, match=message):
        read_grid(tmp_path / "grid.toml")


def test_a_value_that_a_setting_cannot_have_is_told_before_anything_is_asked(eval_set: EvalSet, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'words_weight' is 7"):
        sweep(eval_set, Grid({"words_weight": [0.5, 7]}), SETTINGS, tmp_path)
    assert list(tmp_path.iterdir()) == []
