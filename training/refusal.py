"""Fits and reports when an answer without a language model is refused: a part of training/quote.py.

Answered and not are searched for alike: a question as it is, and the same with the sentences or passages that answer it
taken out, or with a name, number or verb of it exchanged for another.
"""

from __future__ import annotations

from collections.abc import Sequence

import lightgbm
import numpy as np
from sklearn.metrics import roc_auc_score

from qa.ask.answer.choose import Scored
from qa.ask.answer.score import SentenceModel
from qa.ask.answer.signs import SIGNS, signs
from training.quote_sets import Example

SEED = 7
ROUNDS = 120
# What speaks for an answer, and what against one, in one direction only.
_FOR = ("cover", "soft", "cosine", "names", "numbers", "answers", "nearest", "noun", "pairs", "order", "bigrams")
_AGAINST = ("heaviest_missing", "missing_count")
_ALONE = {
    "best": 1,
    "names_nowhere": -1,
    "numbers_nowhere": -1,
    "words_nowhere": -1,
    "share_nowhere": -1,
    "opposite": -1,
    "denied": -1,
    "other_number": -1,
}


def _direction(sign: str) -> int:
    if sign in _ALONE:
        return _ALONE[sign]
    bare = sign.removeprefix("best_").removeprefix("any_")
    return 0 if bare == sign else bare.startswith(_FOR) - bare.startswith(_AGAINST)


def fit_answer(examples: Sequence[Example], values: np.ndarray, fold: np.ndarray) -> lightgbm.Booster:
    """Trees that give the log-odds of an answer from SIGNS, every collection and answer weighing the same.

    Prints, for each collection and kind, how well folds that were held out are told apart.
    """
    answered = np.array([example.answerable for example in examples])
    source = np.array([example.source for example in examples])
    kind = np.array([example.kind for example in examples])
    weight = np.zeros(len(examples))
    for name in np.unique(source):
        for side in (True, False):
            mine = (source == name) & (answered == side)
            weight[mine] = 1000 / mine.sum()
    sure = np.zeros(len(examples))
    for held_out in np.unique(fold):
        inside = fold != held_out
        sure[~inside] = _fit(values[inside], answered[inside], weight[inside]).predict(values[~inside])
    for name in np.unique(source):
        mine = source == name
        print(f"{name}, answered or not, cross-validated: AUC {roc_auc_score(answered[mine], sure[mine]):.3f}")
        for other in np.unique(kind[mine & ~answered]):
            pair = mine & (answered | (kind == other))
            print(f"  against {other}: AUC {roc_auc_score(answered[pair], sure[pair]):.3f}")
    return _fit(values, answered, weight)


def _fit(values: np.ndarray, answered: np.ndarray, weight: np.ndarray) -> lightgbm.Booster:
    options = {
        "objective": "binary",
        "boost_from_average": False,
        "learning_rate": 0.06,
        "num_leaves": 8,
        "min_data_in_leaf": 80,
        "lambda_l2": 5.0,
        "feature_fraction": 0.4,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "monotone_constraints": [_direction(sign) for sign in SIGNS],
        "seed": SEED,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    return lightgbm.train(options, lightgbm.Dataset(values, answered.astype(int), weight=weight), ROUNDS)


def report_refusals(name: str, model: SentenceModel, scored: Sequence[Scored], answered: Sequence[bool]) -> None:
    """Prints how well refusals hit, and what each threshold costs."""
    values = np.concatenate([signs(one) for one in scored])
    sure = 1 / (1 + np.exp(-model.answer.logits(values)))
    told = np.array(answered)
    print(f"{name}, answered or not: AUC {roc_auc_score(told, sure):.3f} of {len(sure)}")
    for threshold in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6):
        wrong, right = (sure[told] < threshold).mean(), (sure[~told] < threshold).mean()
        print(f"  below {threshold:.2f}: {wrong:.3f} of the answerable refused, {right:.3f} of the unanswerable")
