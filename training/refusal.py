"""Fits when to refuse an answer without a language model: python -m training.refusal DATA [--out FILE].

Every question is searched for twice in one library: as it is, and with all passages taken out that hold its answer, so
that what is answered and what is not differ in nothing else. DATA is the folder that training/quote.py learns from; run
that first. squad2_dev_half and the news quiz of 2024 are only reported on.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from qa.answer.quote import SIGNS, WEIGHTS, load_model, score, summary
from qa.answer.sentences import lines_of, take_apart
from qa.assistant import Assistant
from qa.settings import load_settings
from qa.types import Hit
from training.quote_sets import holds, read, single_examples

SEED = 7
TOP = 10
FOUND_AMONG = 5
"""An answerable question counts as such where a passage with its answer is among the first five."""

Case = tuple[str, Sequence[str]]
Sample = tuple[np.ndarray, np.ndarray]
"""SIGNS of each example, shape (examples, signs), and whether it is answered."""


def collections(
    data: Path, years: Sequence[str], chance: random.Random
) -> Iterator[tuple[str, list[dict], list[Case]]]:
    """Name, articles and questions with their answers of each collection."""
    quiz = [q for q in read(data / "realtimeqa" / "questions.jsonl") if q.get("gold_fresh") and q["date"][:4] in years]
    gold = {id_ for question in quiz for id_ in question["gold_fresh"]}
    articles = [a for a in read(data / "realtimeqa" / "articles.jsonl.xz") if str(a.get("date"))[:4] in years]
    others = [article for article in articles if article["id"] not in gold]
    news = [article for article in articles if article["id"] in gold] + chance.sample(others, min(900, len(others)))
    yield "news " + "-".join(years), news, [(q["question"], q["answers"]) for q in quiz[:450]]
    if "2022" not in years:
        return
    for name, files, count in (
        ("nq", ["nq_open_oracle"], 3000),
        ("squadshifts", ["squadshifts_reddit", "squadshifts_amazon"], 2500),
    ):
        rows = [row for file in files for row in read(data / "qa" / f"{file}.jsonl.xz")]
        passages = list(dict.fromkeys(row["passage"] for row in rows))[:count]
        kept = set(passages)
        asked = chance.sample([row for row in rows if row["passage"] in kept], 600)
        documents = [{"id": f"{name}-{number}", "title": "-", "text": text} for number, text in enumerate(passages)]
        yield name, documents, [(row["question"], row["answers"]) for row in asked]


def sample(documents: Sequence[Mapping[str, object]], cases: Sequence[Case]) -> Sample:
    """The signs of every question over a library of the documents, with and without the passages that answer it."""
    signs: list[list[float]] = []
    answered: list[bool] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "articles.jsonl"
        file.write_text("\n".join(json.dumps(document) for document in documents), "utf-8")
        with Assistant.open(load_settings(index=Path(folder) / "library")) as assistant:
            assistant.library.ingest([file])
            for text, answers in cases:
                hits = assistant.search(assistant.understand(text))
                found = [hit for hit in hits if holds(hit.passage.text, answers)]
                if any(hit in found for hit in hits[:FOUND_AMONG]):
                    signs, answered = [*signs, _signs(text, hits[:TOP])], [*answered, True]
                if without := [hit for hit in hits if hit not in found][:TOP]:
                    signs, answered = [*signs, _signs(text, without)], [*answered, False]
    return np.array(signs), np.array(answered)


def _signs(text: str, hits: Sequence[Hit]) -> list[float]:
    model = load_model()
    asked, lines = take_apart(text, model.lexicon), lines_of(hits)
    values = summary(asked, lines, *score(model, asked, lines, hits))
    return [values[name] for name in SIGNS]


def fit(samples: Mapping[str, Sample]) -> dict[str, float]:
    """Weights of SIGNS and "base", by logistic regression in which every collection weighs the same."""
    signs = np.concatenate([x for x, _ in samples.values()])
    answered = np.concatenate([y for _, y in samples.values()])
    weights = np.concatenate([np.full(len(y), 1000 / len(y)) for _, y in samples.values()])
    mean, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    model = LogisticRegression().fit((signs - mean) / spread, answered, sample_weight=weights)
    slopes = model.coef_[0] / spread
    base = float(model.intercept_[0] - slopes @ mean)
    return {"base": round(base, 4), **{name: round(float(s), 4) for name, s in zip(SIGNS, slopes, strict=True)}}


def confidence(weights: Mapping[str, float], signs: np.ndarray) -> np.ndarray:
    """Probability of an answer, shape (examples,)."""
    return 1 / (1 + np.exp(-(weights["base"] + signs @ np.array([weights[name] for name in SIGNS]))))


def report(name: str, sure: np.ndarray, answered: np.ndarray) -> None:
    """Prints how well refusals hit, and what each threshold costs."""
    print(f"{name}: AUC {roc_auc_score(answered, sure):.3f} of {len(sure)}")
    for threshold in (0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        wrong, right = (sure[answered] < threshold).mean(), (sure[~answered] < threshold).mean()
        print(f"  below {threshold:.2f}: {wrong:.3f} of the answerable refused, {right:.3f} of the unanswerable")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    chance = random.Random(SEED)
    samples = {
        name: sample(articles, cases) for name, articles, cases in collections(options.data, ("2022", "2023"), chance)
    }
    for name, (signs, answered) in samples.items():
        others = {other: values for other, values in samples.items() if other != name}
        report(f"{name}, fitted on the others", confidence(fit(others), signs), answered)
    weights = fit(samples)
    print(weights)
    written = json.loads(options.out.read_text("utf-8")) | {"answer": weights}
    options.out.write_text(json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    for name, articles, cases in collections(options.data, ("2024",), chance):
        signs, answered = sample(articles, cases)
        report(name, confidence(weights, signs), answered)
    squad = list(single_examples(options.data / "qa" / "squad2_dev_half.jsonl.xz"))
    signs = np.array([_signs(example.question, example.hits) for example in squad])
    report("squad2_dev_half", confidence(weights, signs), np.array([example.kind == "answerable" for example in squad]))


if __name__ == "__main__":
    main()
