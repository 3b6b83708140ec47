"""Fits the weights of answers without a language model: python -m training.quote DATA [--out FILE] [--report].

DATA is a folder with qa/, news/ and realtimeqa/ as in the model card. Learns from nq_open_oracle, squadshifts and the
news quiz of 2022 and 2023; selqa_dev, wikiqa_dev, squad2_dev_half and the news quiz of 2024 are only reported on.
When to refuse is fitted afterwards, by training/refusal.py.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from qa.answer.quote import WEIGHTS, load_model
from qa.answer.sentences import COLUMN, FEATURES, Lexicon, features, take_apart, terms_of
from qa.text import normalise, sentence_spans
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

SEED = 7
FOLDS = 3
SOURCE_WEIGHT = {"nq": 2.0, "news": 2.0, "amazon": 0.7, "reddit": 1.0}


# The direction in which a feature may push: what covers more of a question never speaks against a sentence.
RISING = """cover cover_local cover_soft cover_near cover_title cover_passage cover_common bigrams order names numbers
    names_passage numbers_passage answers answers_some answers_many nearest noun noun_near score density""".split()
FALLING = """heaviest_missing heaviest_missing_passage missing_count question boilerplate""".split()


def directions(names: Sequence[str]) -> list[int]:
    """1, -1 or 0 for each of `names`: the value of the feature may only help, only harm, or both."""
    bare = [name.removesuffix("_below_best") for name in names]
    return [(name in RISING) - (name in FALLING) for name in bare]


def learning_examples(data: Path) -> list[Example]:
    """All that is learned from, in a fixed order."""
    qa = data / "qa"
    return [
        *passage_examples("nq", read_rows(qa / "nq_open_oracle.jsonl.xz"), 3000, SEED),
        *passage_examples("amazon", read_rows(qa / "squadshifts_amazon.jsonl.xz", titled=False), 1500, SEED + 1),
        *passage_examples("reddit", read_rows(qa / "squadshifts_reddit.jsonl.xz", titled=False), 2000, SEED + 2),
        *news_examples(data, ("2022", "2023")),
    ]


def fit_lexicon(data: Path, examples: Iterable[Example]) -> Lexicon:
    """How rare terms are in the sentences of news, and how often answers repeat a term that was asked."""
    held: Counter[str] = Counter()
    sentences = 0
    for item in islice(read(data / "news" / "allsides.jsonl.xz"), 12_000):
        text = normalise(item["text"])[:3000]
        for start, end in sentence_spans(text):
            sentences += 1
            held.update(set(terms_of(text[start:end])))
    rarity = {term: round(math.log(sentences / count), 1) for term, count in held.most_common(6000)}
    asked: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for example in examples:
        if example.kind != "answerable":
            continue
        weight = 3 if example.source in ("nq", "news") else 1
        terms = take_apart(example.question, Lexicon()).terms
        said = {term for line, right in zip(example.lines, example.right, strict=True) if right for term in line.terms}
        asked.update({term: weight for term in terms})
        kept.update({term: weight for term in terms if term in said})
    usually = kept.total() / asked.total()
    repeated = {t: round((kept[t] + 15 * usually) / (n + 15), 2) for t, n in asked.items() if n >= 20}
    return Lexicon(rarity, round(math.log(sentences / 2), 1), repeated, round(usually, 2))


def fit_sentences(examples: Sequence[Example], rows: Sequence[np.ndarray]) -> HistGradientBoostingClassifier:
    """Trees that tell the sentences that answer from the others, over the answerable examples."""
    kept = [(e, m, _worth_learning(e, m)) for e, m in zip(examples, rows, strict=True) if e.answerable]
    weights = [np.full(len(few), SOURCE_WEIGHT[example.source] / math.log(2 + len(few))) for example, _, few in kept]
    model = HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.08,
        max_leaf_nodes=12,
        min_samples_leaf=60,
        l2_regularization=5.0,
        monotonic_cst=directions(FEATURES),
        random_state=SEED,
    )
    right = np.concatenate([np.array(example.right)[few] for example, _, few in kept])
    return model.fit(np.concatenate([m[few] for _, m, few in kept]), right, sample_weight=np.concatenate(weights))


def _worth_learning(example: Example, rows: np.ndarray, wrong: int = 25) -> np.ndarray:
    """Numbers of the right sentences and of the `wrong` ones that cover most of the question."""
    right = np.array(example.right)
    others = np.flatnonzero(~right)
    return np.concatenate([np.flatnonzero(right), others[np.argsort(-rows[others, COLUMN["cover_soft"]])][:wrong]])


def exported(model: HistGradientBoostingClassifier) -> dict:
    """The fitted trees as qa.models.trees reads them."""
    trees = [predictor[0].nodes for predictor in model._predictors]
    own = [np.arange(len(nodes)) for nodes in trees]
    return {
        "base": round(float(model._baseline_prediction[0, 0]), 5),
        "depth": int(max(nodes["depth"].max() for nodes in trees)),
        "feature": [np.where(nodes["is_leaf"], 0, nodes["feature_idx"]).tolist() for nodes in trees],
        "threshold": [[_short(0.0 if n["is_leaf"] else n["num_threshold"]) for n in nodes] for nodes in trees],
        "left": [
            np.where(nodes["is_leaf"], mine, nodes["left"]).tolist() for nodes, mine in zip(trees, own, strict=True)
        ],
        "right": [
            np.where(nodes["is_leaf"], mine, nodes["right"]).tolist() for nodes, mine in zip(trees, own, strict=True)
        ],
        "value": [[_short(n["value"] if n["is_leaf"] else 0.0) for n in nodes] for nodes in trees],
    }


def _short(number: float) -> float:
    return float(f"{number:.5g}")


# --- reports ---------------------------------------------------------------------------------------------------------


def first_right(examples: Sequence[Example], score: Callable[[Example], np.ndarray]) -> tuple[float, int]:
    """Share of the examples with a right sentence whose best-scored sentence is right, and their number."""
    hits = [e.right[int(np.argmax(score(e)))] for e in examples if e.answerable]
    return float(np.mean(hits)), len(hits)


def report(data: Path, weights: Path) -> None:
    """Prints the measures of the weights in the file `weights` on the sets that nothing was fitted on."""
    model = load_model(weights)

    def score(example: Example) -> np.ndarray:
        return model.sentence.logits(features(take_apart(example.question, model.lexicon), example.lines, example.hits))

    for name, examples in {
        "selqa_dev P@1": list(candidate_examples(data / "qa" / "selqa_dev.jsonl.xz")),
        "wikiqa_dev P@1": list(candidate_examples(data / "qa" / "wikiqa_dev.jsonl.xz")),
        "news quiz 2024, gold articles, first sentence holds the answer": list(gold_examples(data, ("2024",))),
    }.items():
        print(f"{name}: {first_right(examples, score)}")
    squad = list(single_examples(data / "qa" / "squad2_dev_half.jsonl.xz"))
    print(f"squad2_dev_half P@1: {first_right(squad, score)}")


# --- the whole -------------------------------------------------------------------------------------------------------


def fit(examples: Sequence[Example], lexicon: Lexicon, out: Path) -> None:
    """Fits everything and writes `out`; prints what the folds that were held out say of it."""
    print(Counter((example.source, example.kind) for example in examples))
    asked = [take_apart(example.question, lexicon) for example in examples]
    rows = [features(a, e.lines, e.hits) for a, e in zip(asked, examples, strict=True)]
    fold = np.array([hash_of(example) % FOLDS for example in examples])
    scores: list[np.ndarray] = [np.zeros(0)] * len(examples)
    for held_out in range(FOLDS):
        inside = np.flatnonzero(fold != held_out)
        model = fit_sentences([examples[i] for i in inside], [rows[i] for i in inside])
        for i in np.flatnonzero(fold == held_out):
            scores[i] = model.decision_function(rows[i])
    for source in SOURCE_WEIGHT:
        mine = [(e, s) for e, s in zip(examples, scores, strict=True) if e.source == source and e.answerable]
        print(
            f"{source} cross-validated P@1: {np.mean([e.right[int(s.argmax())] for e, s in mine]):.3f} of {len(mine)}"
        )
    written = {
        "features": FEATURES,
        "lexicon": {
            "rarity": lexicon.rarity,
            "unseen": lexicon.unseen,
            "repeated": lexicon.repeated,
            "usually": lexicon.usually,
        },
        "sentence": exported(fit_sentences(examples, rows)),
        "answer": json.loads(WEIGHTS.read_text("utf-8"))["answer"] if WEIGHTS.exists() else {},
    }
    out.write_text(json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB")


def hash_of(example: Example) -> int:
    """A number that is the same for a question, however it was reworded, and in every run."""
    return sum(map(ord, example.group))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--report", action="store_true", help="only measure the weights that are there")
    options = parser.parse_args()
    if not options.report:
        examples = learning_examples(options.data)
        fit(examples, fit_lexicon(options.data, examples), options.out)
    report(options.data, options.out)


if __name__ == "__main__":
    main()
