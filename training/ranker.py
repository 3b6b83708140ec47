"""Trains the ranker that ships: python -m training.ranker DATA --work FOLDER [--out FILE].

DATA holds realtimeqa/ and qa/. Libraries are made in FOLDER, as the program makes them, and kept there; each question
is searched for as the program does, and boosted trees (LambdaMART, by LightGBM) learn to order what is found. Learns
from the news quiz of 2022 and 2023, squadshifts_amazon, and the half of nq_open_oracle that the embedder has not seen
(training/split.py). Needs lightgbm, which nothing else does.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression

from qa.ask.retrieve.rank import FEATURES
from qa.ask.retrieve.rank.model import WEIGHTS
from training.ranker_data import (
    UNCLEAR,
    Example,
    chosen,
    example,
    news_library,
    news_questions,
    passage_library,
    plain_settings,
)
from training.split import held_for_ranker

SEED = 7
ROUNDS = 150
SEEDS = (1, 2, 3, 4)
"""Forests that are averaged: each sees other samples of rows and features."""
COUNTS = {"squadshifts_amazon": 2500, "nq_open_oracle": 1500}
WEIGHTS_OF_SOURCES = {"news": 1.0, "news, no day": 1.0, "squadshifts_amazon": 0.5, "nq_open_oracle": 1.0}
PARAMETERS: dict[str, Any] = {
    "objective": "lambdarank",
    "label_gain": [0, 1, 7],
    "lambdarank_truncation_level": 20,
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "monotone_constraints_method": "intermediate",
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbose": -1,
}

# The direction in which a feature may push: what covers more of a question never speaks against a passage.
RISING = """words words_raw words_rank vectors fused cover cover_title cover_all cover_count cover_sentence
    cover_sentence_title cover_pair cover_second bigrams nearness names names_sentence numbers often soft soft_lacking
    soft_window cosine cosine_window close closest crowd article_best article_cover shared""".split()
FALLING = "missing_heaviest missing_second missing_common in_article later".split()


def directions(names: Sequence[str]) -> list[int]:
    """1, -1 or 0 for each of `names`: a higher value may only help, only harm, or both."""
    bare = [name.removesuffix("_below_best") for name in names]
    return [(name in RISING) - (name in FALLING) for name in bare]


def learning_examples(data: Path, work: Path) -> list[Example]:
    """All that is learned from, in a fixed order; questions of which nothing that was found answers are left out."""
    settings = plain_settings()
    examples: list[Example] = []
    with news_library(data, work, "news", lambda article: str(article["date"])[:4] <= "2023", settings) as library:
        for asked in news_questions(data, ("2022", "2023")):
            examples += [
                example(library, asked, "news", with_day=True),
                example(library, asked, "news, no day", with_day=False),
            ]
    for name, count in COUNTS.items():
        library, questions = passage_library(data, work, name, settings)
        if name == "nq_open_oracle":
            questions = [asked for asked in questions if held_for_ranker(asked.text)]
        with library:
            examples += [example(library, asked, name, with_day=False) for asked in chosen(questions, count, SEED)]
    return [e for e in examples if (e.grades == 2).any()]


def fit(
    examples: Sequence[Example],
    features: Sequence[str] = FEATURES,
    *,
    rounds: int = ROUNDS,
    seed: int = 1,
    **parameters: Any,
) -> lightgbm.Booster:
    """One forest over the named features."""
    columns = [FEATURES.index(name) for name in features]
    kept = [(e, e.grades != UNCLEAR) for e in examples]
    data = lightgbm.Dataset(
        np.concatenate([e.rows[keep][:, columns] for e, keep in kept]),
        np.concatenate([e.grades[keep] for e, keep in kept]),
        group=[int(keep.sum()) for _, keep in kept],
        weight=np.concatenate([np.full(int(keep.sum()), WEIGHTS_OF_SOURCES[e.source]) for e, keep in kept]),
        feature_name=list(features),
    )
    given = {**PARAMETERS, "seed": seed, "monotone_constraints": directions(features), **parameters}
    return lightgbm.train(given, data, rounds)


def fit_all(examples: Sequence[Example], features: Sequence[str] = FEATURES, **options: Any) -> list[lightgbm.Booster]:
    """The forests that are averaged."""
    return [fit(examples, features, seed=seed, **options) for seed in SEEDS]


def scores(forests: Sequence[lightgbm.Booster], rows: np.ndarray, features: Sequence[str] = FEATURES) -> np.ndarray:
    """The mean of what the forests say of each row of FEATURES."""
    columns = [FEATURES.index(name) for name in features]
    return np.mean([forest.predict(rows[:, columns]) for forest in forests], axis=0)


# --- measuring -------------------------------------------------------------------------------------------------------


def found_first(examples: Sequence[Example], order: Callable[[Example], np.ndarray]) -> dict[str, float]:
    """Answer-passage@1, 5, 10 and article@1, by the marks of the set, of the order by falling `order`."""
    hits: dict[str, list[bool]] = {"@1": [], "@5": [], "@10": [], "article@1": []}
    for item in examples:
        marks = item.marked[np.argsort(-order(item), kind="stable")]
        for k in (1, 5, 10):
            hits[f"@{k}"].append(bool((marks[:k] == 2).any()))
        hits["article@1"].append(bool(len(marks) and marks[0] > 0))
    return {name: float(np.mean(values)) for name, values in hits.items()}


def cross_validated(
    examples: Sequence[Example],
    years: dict[str, str],
    features: Sequence[str] = FEATURES,
    share: float = 1.0,
    **options: Any,
) -> dict[str, dict[str, float]]:
    """What forests trained without a year find for the marked questions of that year; means over both years.

    They are trained on that `share` of the other questions, drawn by chance.
    """
    found: dict[str, list[tuple[int, dict[str, float]]]] = {}
    for held in ("2022", "2023"):
        rest = [e for e in examples if years.get(e.id) != held and random.Random(f"{SEED} {e.id}").random() < share]
        forests = [fit(rest, features, seed=seed, **options) for seed in SEEDS[:2]]
        for source in ("news", "news, no day"):
            mine = [e for e in examples if e.source == source and years.get(e.id) == held and (e.marked > 0).any()]
            found.setdefault(source, []).append(
                (len(mine), found_first(mine, lambda e, forests=forests: scores(forests, e.rows, features)))
            )
    return {
        source: {
            name: round(sum(n * values[name] for n, values in parts) / sum(n for n, _ in parts), 3)
            for name in parts[0][1]
        }
        for source, parts in found.items()
    }


GROUPS: dict[str, Sequence[str]] = {
    "words": """words words_raw words_rank fused cover cover_title cover_source cover_all cover_count cover_sentence
        cover_sentence_title cover_pair cover_second bigrams nearness names names_sentence numbers missing_heaviest
        missing_second missing_common often density best_length best_place sentences terms asked_names asked_numbers
        asked_idf length new_names lines begins article_length""".split(),
    "+ meaning": "vectors soft soft_lacking soft_window cosine cosine_window".split(),
    "+ article context": "of_article article_best article_cover in_article shared".split(),
    "+ time": "timed undated age close closest later crowd behind_newest".split(),
}
"""Features in the order in which the ablation adds them, each with its distance below the best."""


def ablation(examples: Sequence[Example], years: dict[str, str]) -> str:
    """What each group of features adds, as lines of a table: the ranker without those that come later."""
    lines, names = [], set[str]()
    for group, members in GROUPS.items():
        names |= {*members, *(f"{name}_below_best" for name in members)}
        kept = [name for name in FEATURES if name in names]
        lines.append(_line(group, cross_validated(examples, years, features=kept)))
    return "\n".join(lines)


def learning_curve(examples: Sequence[Example], years: dict[str, str]) -> str:
    """What a part of the questions teaches, as lines of a table."""
    lines = []
    for share in (0.1, 0.25, 0.5, 1.0):
        lines.append(_line(f"{share:.0%} of the questions", cross_validated(examples, years, share=share)))
    return "\n".join(lines)


def _line(name: str, found: dict[str, dict[str, float]]) -> str:
    cells = (" / ".join(f"{value:.3f}".lstrip("0") for value in values.values()) for values in found.values())
    return f"| {name} | {' | '.join(cells)} |"


def calibrated(examples: Sequence[Example], forests: Sequence[lightgbm.Booster]) -> tuple[float, float]:
    """Slope and shift that make a probability of a score: how likely a first passage with it answers."""
    first = [(s := scores(forests, e.rows), int(np.argmax(s))) for e in examples]
    top = np.array([[s[best]] for s, best in first])
    right = np.array([e.grades[best] == 2 for e, (_, best) in zip(examples, first, strict=True)])
    model = LogisticRegression().fit(top, right)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


# --- the file --------------------------------------------------------------------------------------------------------


def exported(forests: Sequence[lightgbm.Booster]) -> dict[str, Any]:
    """The trees of all forests as qa.models.trees reads them, their leaves divided by the number of forests."""
    trees: dict[str, list[list[float]]] = {name: [] for name in ("feature", "threshold", "left", "right", "value")}
    depth = 0
    for forest in forests:
        for tree in forest.dump_model()["tree_info"]:
            nodes: list[list[float]] = []
            depth = max(depth, _flatten(tree["tree_structure"], nodes, len(forests)))
            for name, values in zip(trees, zip(*nodes, strict=True), strict=True):
                trees[name].append(list(values))
    return {"base": 0.0, "depth": depth, **trees}


def _flatten(node: dict[str, Any], nodes: list[list[float]], forests: int) -> int:
    """Adds a node and what is below it, each as feature, threshold, left, right, value; how deep it goes below."""
    place = len(nodes)
    nodes.append([])
    if "leaf_value" in node:
        nodes[place] = [0, 0.0, place, place, float(f"{node['leaf_value'] / forests:.5g}")]
        return 0
    left = len(nodes)
    below_left = _flatten(node["left_child"], nodes, forests)
    right = len(nodes)
    below_right = _flatten(node["right_child"], nodes, forests)
    nodes[place] = [node["split_feature"], float(f"{node['threshold']:.6g}"), left, right, 0.0]
    return 1 + max(below_left, below_right)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="folder for the libraries; kept for the next run")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    began = time.time()
    examples = learning_examples(options.data, options.work)
    (options.work / "examples.pkl").write_bytes(pickle.dumps(examples))
    print(f"{len(examples)} questions in {time.time() - began:.0f} s")
    years = {asked.id: str(asked.day)[:4] for asked in news_questions(options.data, ("2022", "2023"))}
    print("cross-validated over the years: @1 / @5 / @10 / article@1 with the day asked | and without")
    print(ablation(examples, years))
    print(learning_curve(examples, years))
    forests = fit_all(examples)
    slope, shift = calibrated([e for e in examples if e.source.startswith("news")], forests)
    written = {"features": FEATURES, "slope": slope, "shift": shift, "trees": exported(forests)}
    options.out.write_text(json.dumps(written, separators=(",", ":")) + "\n", "utf-8")
    print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB, {time.time() - began:.0f} s in all")


if __name__ == "__main__":
    main()
