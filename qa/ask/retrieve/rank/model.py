"""The bundled ranker: boosted trees over the features of a passage, applied in numpy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import qa.models
from qa.ask.retrieve.rank.features import FEATURES
from qa.ask.retrieve.rank.segments import Floats
from qa.models.trees import Trees, columns_of, load_trees

WEIGHTS = Path(qa.models.__file__).parent / "bundled" / "rank.json"


@dataclass(frozen=True, slots=True)
class Ranker:
    """The fitted trees and the calibration of their score."""

    trees: Trees
    """A score for each row of FEATURES."""
    slope: float
    shift: float
    """score -> probability that the passage answers: 1 / (1 + exp(-(slope * score + shift)))."""

    def scores(self, rows: Floats) -> Floats:
        """Probability that each passage answers, from rows of FEATURES: shape (hits, features) -> (hits,)."""
        logits = self.slope * self.trees.logits(rows) + self.shift
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)


@cache
def load_ranker(path: Path = WEIGHTS) -> Ranker:
    """The weights that training/ranker.py wrote. Raises ModelError where they need a feature that is not computed."""
    data: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    columns = columns_of(data["features"], FEATURES, path.name)
    return Ranker(load_trees(data["trees"], columns), float(data["slope"]), float(data["shift"]))
