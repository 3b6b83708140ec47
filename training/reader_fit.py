"""Fits what the reader's verdict counts: python -m training.reader_fit DATA --work FOLDER --reader FOLDER [--out FILE].

FOLDER of --work has examples.pkl of training/ranker.py; that of --reader has predicted.json of training/reader_data.py
and predictions.npz of training/reader.py. Every number is fitted on verdicts, and on scores of trees, of models that
have not seen the question. Needs lightgbm.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from qa.ask.answer.score import load_model
from qa.ask.answer.signs import signs
from qa.ask.retrieve.rank.model import load_ranker
from qa.models.reader import FOLDER
from training.quote import _scored, hash_of, learning_examples
from training.quote_sets import Example as Quoted
from training.quote_sets import single_examples
from training.ranker import fit, scores
from training.ranker_data import Example, news_questions
from training.reader_sentences import choose_sentence
from training.refusal import _fit

FIRST = 3
"""Passages that are read: of 2 to 8 the fewest with nearly all of the gain."""
WEIGHTS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3)
"""Of the verdict, the score of the trees being 1: tried."""
UNREAD = -5.0
"""Verdict on the few passages that the models which had not seen the question did not read."""

Verdicts = Mapping[tuple[str, object, object], tuple[float, int]]


def verdicts(folder: Path) -> Verdicts:
    """Set, question and passage -> the verdict, and the fold that the model had not seen."""
    names = json.loads((folder / "predicted.json").read_text())
    told = np.load(folder / "predictions.npz")
    return {
        tuple(names[int(n)]): (float(verdict), fold)
        for fold in (0, 1)
        for n, verdict in zip(told[f"at{fold}"], told[f"verdict{fold}"], strict=True)
    }


def fit_order(examples: Sequence[Example], data: Path, told: Verdicts) -> dict[str, float]:
    """Weight of the verdict and calibration of the sum, over the years by turns; prints what each weight finds."""
    years = {asked.id: str(asked.day)[:4] for asked in news_questions(data, ("2022", "2023"))}
    rows = []
    for held in ("2022", "2023"):
        rest = [e for e in examples if years.get(e.id) != held]
        forests = [fit(rest, seed=seed) for seed in (1, 2)]
        mine = [e for e in examples if e.source.startswith("news") and years.get(e.id) == held]
        rows += [(e, scores(forests, e.rows)) for e in mine]
    best, weight = -1.0, 0.0
    for tried in WEIGHTS:
        hits = {"news": [], "news, no day": []}  # type: dict[str, list[bool]]
        for e, score in rows:
            if (e.marked > 0).any():
                hits[e.source].append(bool(e.marked[_first(e, score, tried, told)[0]] == 2))
        means = [float(np.mean(values)) for values in hits.values()]
        print(f"weight {tried}: @1 {means[0]:.3f} with the day, {means[1]:.3f} without")
        if sum(means) > best:
            best, weight = sum(means), tried
    ranker = load_ranker()
    sums, right = [], []
    for e, score in rows:
        first, value = _first(e, score, weight, told)
        sums.append([ranker.slope * value + ranker.shift])
        right.append(e.grades[first] == 2)
    model = LogisticRegression().fit(sums, right)
    return {
        "first": FIRST,
        "weight": round(ranker.slope * weight, 4),
        "slope": round(float(model.coef_[0, 0]), 4),
        "shift": round(float(model.intercept_[0]), 4),
    }


def _first(e: Example, score: np.ndarray, weight: float, told: Verdicts) -> tuple[int, float]:
    """Place of the best passage and its score, the first few having been read."""
    top = np.argsort(-score, kind="stable")[:FIRST]
    verdict = [told.get(("quiz", e.id, e.passages[i]), (UNREAD, 0))[0] for i in top]
    sums = score[top] + weight * np.array(verdict)
    return int(top[np.argmax(sums)]), float(sums.max())


def fit_answered(data: Path, told: Verdicts) -> dict[str, float]:
    """Weights of the trees and of the best verdict in whether the articles answer; prints AUCs of held-out folds."""
    model = load_model()
    examples = list(learning_examples(data))
    values = np.concatenate([signs(_scored(model, e)) for e in examples])
    answered, source = np.array([e.answerable for e in examples]), np.array([e.source for e in examples])
    weight = np.zeros(len(examples))
    for name in np.unique(source):
        for side in (True, False):
            mine = (source == name) & (answered == side)
            weight[mine] = 1000 / mine.sum()
    third = np.array([hash_of(e) % 3 for e in examples])
    trees = np.zeros(len(examples))
    for held in range(3):
        inside = third != held
        booster = _fit(values[inside], answered[inside], weight[inside])
        trees[~inside] = booster.predict(values[~inside], raw_score=True)
    best = [_best("quote", n, e, told) for n, e in enumerate(examples)]
    rows = np.stack([trees, [verdict for verdict, _ in best]], 1)
    fold = np.array([half for _, half in best])
    sure = np.zeros(len(examples))
    for held in (0, 1):
        fitted = LogisticRegression().fit(rows[fold != held], answered[fold != held], weight[fold != held])
        sure[fold == held] = fitted.decision_function(rows[fold == held])
    for name in np.unique(source):
        mine = source == name
        pair = [roc_auc_score(answered[mine], x[mine]) for x in (trees, sure)]
        print(f"{name}, answered or not: AUC {pair[0]:.3f} by trees, {pair[1]:.3f} with the reader")
    final = LogisticRegression().fit(rows, answered, weight)
    squad = list(single_examples(data / "qa" / "squad2_dev_half.jsonl.xz"))
    plain = model.answer.logits(np.concatenate([signs(_scored(model, e)) for e in squad]))
    verdict = np.array([told[("squad", n, 0)][0] for n in range(len(squad))])
    right = np.array([e.kind == "answerable" for e in squad])
    both = final.decision_function(np.stack([plain, verdict], 1))
    print(
        "squad2_dev_half, AUC by trees, reader, both:",
        [round(roc_auc_score(right, x), 3) for x in (plain, verdict, both)],
    )
    named = zip(("trees", "verdict", "constant"), (*final.coef_[0], final.intercept_[0]), strict=True)
    return {name: round(float(value), 4) for name, value in named}


def _best(name: str, number: int, example: Quoted, told: Verdicts) -> tuple[float, int]:
    found = [told[(name, number, place)] for place in range(min(FIRST, len(example.hits)))]
    return max(found)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FOLDER / "fit.json")
    options = parser.parse_args()
    told = verdicts(options.reader)
    examples = pickle.loads((options.work / "examples.pkl").read_bytes())
    order = fit_order(examples, options.data, told)
    answered = fit_answered(options.data, told)
    sentence = asdict(choose_sentence(options.data, options.reader))
    options.out.write_text(json.dumps({**order, "answered": answered, "sentence": sentence}) + "\n", "utf-8")
    print(options.out.read_text("utf-8"))


if __name__ == "__main__":
    main()
