"""Sweeps a grid of settings: tries every combination on the tuning part of a set, and tests the best on the rest."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

from qa.errors import EvalError, SettingsError
from qa.evaluation.comparison import Comparisons, compare_runs
from qa.evaluation.metrics import metric_named
from qa.evaluation.runs import Run, Step, run_set
from qa.evaluation.runs.fingerprint import ASKING_SETTINGS
from qa.evaluation.runs.folder import make_folder, write_json
from qa.evaluation.sets import EvalSet
from qa.evaluation.sets.split import split_set
from qa.evaluation.statistics import Estimate
from qa.settings import SECRETS, Settings, load_settings

METRIC, SHARE = "ndcg@10", 0.5
_KEYS = ("metric", "share", "settings")
_FIXED = ("index", *SECRETS)
"""Settings that a run does not use or never writes."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The settings to try, and the metric to choose by."""

    settings: Mapping[str, Sequence[Any]]
    """Setting -> values to try; every combination is a point."""
    metric: str = METRIC
    share: float = SHARE
    """The share of questions in the tuning part."""

    @property
    def points(self) -> list[dict[str, Any]]:
        """Every combination, ordered so that each library is built only once."""
        names = sorted(self.settings, key=lambda name: name in ASKING_SETTINGS)
        return [dict(zip(names, values, strict=True)) for values in product(*(self.settings[name] for name in names))]


@dataclass(frozen=True, slots=True)
class Point:
    """One combination and its result on the tuning part."""

    settings: Mapping[str, Any]
    """What differs from the present settings; empty for the present settings."""
    result: Estimate


@dataclass(frozen=True, slots=True)
class Sweep:
    """The points tried, the winner, and its result on questions that did not influence the choice."""

    metric: str
    points: tuple[Point, ...]
    """The present settings first."""
    winner: Point
    present: Run
    """The present settings on the test part."""
    chosen: Run
    """The winner on the test part."""
    comparisons: Comparisons | None
    """The winner compared with the present settings on the test part; None if these won."""


def read_grid(path: Path) -> Grid:
    """The grid in a TOML file: `metric`, `share`, and lists of values under `[settings]`. Raises SettingsError."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"The grid {path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise SettingsError(f"The grid {path} is not TOML: {error}.") from None
    for name in values:
        if name not in _KEYS:
            raise SettingsError(f"{path}: '{name}' is not known here. Put lists of values under [settings].")
    share, settings = values.get("share", SHARE), values.get("settings")
    if not isinstance(share, float) or not 0 < share < 1:
        raise SettingsError(f"{path}: share is {share!r}; it is the part of the questions to tune on, such as 0.5.")
    if not isinstance(settings, dict) or not settings:
        raise SettingsError(f"{path} holds nothing to try. Write lists of values under [settings].")
    for name, tried in settings.items():
        _check_setting(path, name, tried)
    metric = metric_named(str(values.get("metric", METRIC))).name
    return Grid(settings, metric, share)


def _check_setting(path: Path, name: str, tried: object) -> None:
    known = [field for field in Settings.model_fields if field not in _FIXED]
    if name not in known:
        (closest,) = difflib.get_close_matches(name, known, n=1, cutoff=0)
        raise SettingsError(f"{path}: there is no setting '{name}' to try. Did you mean '{closest}'?")
    if not isinstance(tried, list) or not tried:
        raise SettingsError(f"{path}: '{name}' wants a list of values, such as {name} = [{_example(name)}].")


def _example(name: str) -> str:
    default = Settings.model_fields[name].default
    return f"'{default}'" if isinstance(default, str) else str(default).lower()


def sweep(
    eval_set: EvalSet,
    grid: Grid,
    settings: Settings,
    out: Path,
    on_progress: Callable[[str, Step], None] = lambda title, step: None,
    *,
    cache: Path | None = None,
    jobs: int = 1,
) -> Sweep:
    """Chooses among the present settings and all points of the grid, and writes `out`/sweep.json.

    The choice uses only the tuning part of the set. Afterwards the test part is asked once with the present settings
    and once with the winner. Every run is kept below `out`, so that a stopped sweep can continue. Raises QAError.
    """
    make_folder(out)
    tried = [settings, *(with_changes(settings, point) for point in grid.points)]
    tuning, test = split_set(eval_set, share=grid.share)

    def run(part: EvalSet, name: str, title: str, settings: Settings) -> Run:
        return run_set(
            part,
            settings,
            out / name,
            lambda step: on_progress(title, step),
            metrics=[grid.metric],
            cache=cache,
            jobs=jobs,
        )

    points = []
    for number, (change, point) in enumerate(zip([{}, *grid.points], tried, strict=True)):
        title = f"Point {number + 1} of {len(tried)}"
        points.append(Point(change, run(tuning, f"tuning/{number}", title, point).metrics[grid.metric]))
    winner = best(points, grid.metric)
    present = chosen = run(test, "test/present", "Test, present settings", settings)
    comparisons = None
    if winner.settings:
        chosen = run(test, "test/winner", "Test, winner", with_changes(settings, winner.settings))
        comparisons = compare_runs([present, chosen], [grid.metric])
    done = Sweep(grid.metric, tuple(points), winner, present, chosen, comparisons)
    write_json(out / "sweep.json", _document(eval_set, grid, tuning, test, done))
    return done


def best(points: Iterable[Point], metric: str) -> Point:
    """The first point with the best value. Raises EvalError if the metric applies to no question."""
    less = metric_named(metric).less_is_better
    measured = [(point.result.value, point) for point in points if point.result.value is not None]
    if not measured:
        raise EvalError(f"'{metric}' applies to no question that is tuned on. Choose another metric in the grid.")
    value, point = (min if less else max)(measured, key=lambda pair: pair[0])
    return point


def with_changes(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """The settings with changes, validated. Raises SettingsError."""
    return load_settings(**{**settings.model_dump(), **changes})


def _document(eval_set: EvalSet, grid: Grid, tuning: EvalSet, test: EvalSet, done: Sweep) -> dict[str, Any]:
    row = done.comparisons.rows[0] if done.comparisons else None
    return {
        "set": eval_set.name,
        "metric": grid.metric,
        "questions": {"tuning": len(tuning.queries), "test": len(test.queries)},
        "tuning": [{"settings": point.settings, **asdict(point.result)} for point in done.points],
        "winner": done.winner.settings,
        "test": {
            "present": asdict(done.present.metrics[grid.metric]),
            "winner": asdict(done.chosen.metrics[grid.metric]),
            "comparison": {**asdict(row.comparison), "words": row.words} if row else None,
        },
    }
