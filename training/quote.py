"""Fits the weights of answers without a language model: python -m training.quote DATA [--out FILE] [--report].

DATA is a folder with qa/, news/ and realtimeqa/ as in the model card. Learns from what the embedder has not seen: half
of nq_open_oracle, squadshifts_amazon and the news quiz of 2022 and 2023; selqa_dev, wikiqa_dev, squad2_dev_half and the
news quiz of 2024 are only reported on. Needs lightgbm, which the program itself does not.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression

from qa.ask.answer.choose import Scored
from qa.ask.answer.features import COLUMN, FEATURES, features
from qa.ask.answer.question_terms import TermWeights, question_terms
from qa.ask.answer.score import WEIGHTS, SentenceModel, load_model, score_sentences
from qa.ask.answer.sentences import terms_of
from qa.ask.answer.signs import SIGNS, signs
from qa.language.text import normalise, sentence_spans
from training.quote_sets import (
    Example,
    candidate_examples,
    gold_examples,
    news_examples,
    passage_examples,
    read,
    read_rows,
    single_examples,
)
from training.refusal import fit_answer, report_refusals
from training.split import held_for_ranker
from training.trees import exported

SEED = 7
FOLDS = 3
SOURCES = ("nq", "amazon", "news")
WRONG = 25
"""Wrong sentences of a question that are learned from, at most: those nearest to it."""
ROUNDS = 200

# The direction in which a feature may push: what covers more of a question never speaks against a sentence.
RISING = """cover cover_local cover_soft cover_near cover_title cover_passage cover_common bigrams order names numbers
    names_passage numbers_passage answers answers_some answers_many nearest noun noun_near score density cover_rare
    cover_mixed cover_before soft soft_local soft_mixed soft_sharp soft_missing soft_around soft_title cosine
    cosine_around pairs""".split()
FALLING = """heaviest_missing heaviest_missing_passage missing_count question boilerplate""".split()


def directions(names: Sequence[str]) -> list[int]:
    """1, -1 or 0 for each of `names`: the value of the feature may only help, only harm, or both."""
    bare = [name.removesuffix("_below_best") for name in names]
    return [(name in RISING) - (name in FALLING) for name in bare]


def learning_examples(data: Path) -> list[Example]:
    """All that is learned from, in a fixed order."""
    qa = data / "qa"
    nq = [row for row in read_rows(qa / "nq_open_oracle.jsonl.xz") if held_for_ranker(row.question)]
    return [
        *passage_examples("nq", nq, 3000, SEED),
        *passage_examples("amazon", read_rows(qa / "squadshifts_amazon.jsonl.xz", titled=False), 3000, SEED + 1),
        *news_examples(data, ("2022", "2023")),
    ]


def fit_lexicon(data: Path, examples: Iterable[Example]) -> TermWeights:
    """How rare terms are in the sentences of news, and how often answers repeat a term that was asked."""
    held: Counter[str] = Counter()
    sentences = 0
    for item in islice(read(data / "news" / "allsides.jsonl.xz"), 12_000):
        text = normalise(item["text"])[:3000]
        for start, end in sentence_spans(text):
            sentences += 1
            held.update(set(terms_of(text[start:end])))
    idf = {term: round(math.log(sentences / count), 1) for term, count in held.most_common(6000)}
    asked: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for example in examples:
        if example.kind != "answerable":
            continue
        weight = 3 if example.source in ("nq", "news") else 1
        terms = question_terms(example.question, TermWeights()).terms
        said = {term for line, right in zip(example.lines, example.right, strict=True) if right for term in line.terms}
        asked.update({term: weight for term in terms})
        kept.update({term: weight for term in terms if term in said})
    usually = kept.total() / asked.total()
    repeated = {t: round((kept[t] + 15 * usually) / (n + 15), 2) for t, n in asked.items() if n >= 20}
    return TermWeights(idf, round(math.log(sentences / 2), 1), repeated, round(usually, 2))


OPTIONS = {
    "learning_rate": 0.06,
    "num_leaves": 15,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "monotone_constraints": directions(FEATURES),
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


# --- which sentence answers ------------------------------------------------------------------------------------------


class Sentences:
    """Trees that put the sentences that answer before the others (LambdaMART) and trees that tell them apart, summed.

    Either alone does as well where it was fitted; on a collection left out of the fitting their sum does best.
    """

    def __init__(self, examples: Sequence[Example], rows: Sequence[np.ndarray]) -> None:
        kept = [(e, m, _worth_learning(e, m)) for e, m in zip(examples, rows, strict=True) if e.answerable]
        kept = [(np.array(e.right)[few], m[few]) for e, m, few in kept if not all(np.array(e.right)[few])]
        right = np.concatenate([y for y, _ in kept]).astype(int)
        values = np.concatenate([m for _, m in kept])
        sizes = [len(y) for y, _ in kept]
        alike = np.concatenate([np.full(size, 1 / math.log(2 + size)) for size in sizes])
        ranked = lightgbm.Dataset(values, right, group=sizes)
        told = lightgbm.Dataset(values, right, weight=alike)
        self.models = [
            lightgbm.train(OPTIONS | {"objective": "lambdarank", "lambdarank_truncation_level": 5}, ranked, ROUNDS),
            lightgbm.train(OPTIONS | {"objective": "binary", "boost_from_average": False}, told, ROUNDS),
        ]

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """The score of each sentence, higher is better."""
        return np.sum([model.predict(rows, raw_score=True) for model in self.models], axis=0)


def _worth_learning(example: Example, rows: np.ndarray) -> np.ndarray:
    """Numbers of the right sentences and of the wrong ones that are nearest to the question."""
    right = np.array(example.right)
    others = np.flatnonzero(~right)
    return np.concatenate([np.flatnonzero(right), others[np.argsort(-rows[others, COLUMN["soft"]])][:WRONG]])


def cross_validated(examples: Sequence[Example], rows: Sequence[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """The fold of each example, and the scores of its sentences by trees that have not seen the fold."""
    fold = np.array([hash_of(example) % FOLDS for example in examples])
    scores: list[np.ndarray] = [np.zeros(0)] * len(examples)
    for held_out in range(FOLDS):
        inside = np.flatnonzero(fold != held_out)
        model = Sentences([examples[i] for i in inside], [rows[i] for i in inside])
        for i in np.flatnonzero(fold == held_out):
            scores[i] = model.scores(rows[i])
    return fold, scores


def log_odds(examples: Sequence[Example], scores: Sequence[np.ndarray]) -> tuple[float, float]:
    """Slope and base that turn scores into log-odds that a sentence answers, by logistic regression."""
    told = [(s, e.right) for e, s in zip(examples, scores, strict=True) if e.answerable]
    values = np.concatenate([s for s, _ in told])[:, None]
    right = np.concatenate([r for _, r in told])
    model = LogisticRegression().fit(values, right)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def hash_of(example: Example) -> int:
    """A number that is the same for a question, however it was reworded, and in every run."""
    return sum(map(ord, example.group))


# --- reports ---------------------------------------------------------------------------------------------------------


def first_right(examples: Sequence[Example], scores: Iterable[np.ndarray]) -> str:
    """Share of the examples with a right sentence whose best-scored sentence is right, with a 95% interval."""
    hits = [e.right[int(np.argmax(s))] for e, s in zip(examples, scores, strict=True) if e.answerable]
    spread = 1.96 * math.sqrt(np.mean(hits) * (1 - np.mean(hits)) / len(hits))
    return f"P@1 {np.mean(hits):.3f} +- {spread:.3f} of {len(hits)}"


def report(data: Path, weights: Path) -> None:
    """Prints the measures of the weights in the file `weights` on the sets that nothing was fitted on."""
    model = load_model(weights)
    for name, examples in {
        "selqa_dev": list(candidate_examples(data / "qa" / "selqa_dev.jsonl.xz")),
        "wikiqa_dev": list(candidate_examples(data / "qa" / "wikiqa_dev.jsonl.xz")),
        "news quiz 2024, gold articles": list(gold_examples(data, ("2024",))),
    }.items():
        print(f"{name}: {first_right(examples, [_scored(model, example).scores for example in examples])}")
    news = list(news_examples(data, ("2024",)))
    report_refusals("news quiz 2024", model, [_scored(model, e) for e in news], [e.answerable for e in news])
    squad = list(single_examples(data / "qa" / "squad2_dev_half.jsonl.xz"))
    scored = [_scored(model, example) for example in squad]
    print(f"squad2_dev_half: {first_right(squad, [s.scores for s in scored])}")
    report_refusals("squad2_dev_half", model, scored, [example.kind == "answerable" for example in squad])


def _scored(model: SentenceModel, example: Example) -> Scored:
    return score_sentences(model, question_terms(example.question, model.lexicon), example.lines, example.hits)


# --- the whole -------------------------------------------------------------------------------------------------------


def rows_of(examples: Sequence[Example], lexicon: TermWeights) -> list[np.ndarray]:
    """FEATURES of every sentence of each example."""
    return [features(question_terms(example.question, lexicon), example.lines, example.hits) for example in examples]


def fit(examples: Sequence[Example], rows: Sequence[np.ndarray], lexicon: TermWeights, out: Path) -> None:
    """Fits everything and writes `out`; prints what the folds that were held out say of it."""
    print(Counter((example.source, example.kind) for example in examples))
    asked = [question_terms(example.question, lexicon) for example in examples]
    fold, scores = cross_validated(examples, rows)
    for source in SOURCES:
        mine = [(e, s) for e, s in zip(examples, scores, strict=True) if e.source == source]
        print(f"{source}, cross-validated: {first_right([e for e, _ in mine], [s for _, s in mine])}")
    slope, base = log_odds(examples, scores)
    scored = [Scored(a, e.lines, m, base + slope * s) for a, e, m, s in zip(asked, examples, rows, scores, strict=True)]
    answer = fit_answer(examples, np.concatenate([signs(one) for one in scored]), fold)
    written = {
        "features": FEATURES,
        "signs": SIGNS,
        "lexicon": {
            "idf": lexicon.idf,
            "unseen": lexicon.unseen,
            "repeated": lexicon.repeated,
            "usually": lexicon.usually,
        },
        "sentence": exported(Sentences(examples, rows).models, slope, base),
        "answer": exported([answer]),
    }
    out.write_text(json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--report", action="store_true", help="only measure the weights that are there")
    options = parser.parse_args()
    if not options.report:
        examples = learning_examples(options.data)
        lexicon = fit_lexicon(options.data, examples)
        fit(examples, rows_of(examples, lexicon), lexicon, options.out)
    report(options.data, options.out)


if __name__ == "__main__":
    main()
