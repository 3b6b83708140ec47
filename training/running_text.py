"""Fits the trees of qa/ask/answer/running_text.py and reports on articles held out: python -m training.running_text.

    python -m training.running_text DATA_FOLDER [--show]

DATA_FOLDER holds reading/articles.jsonl.xz, which marks what is no running text, and realtimeqa/articles.jsonl.xz,
where those articles stand with their paragraphs. Printed, cross-validated over two halves of the articles: the share of
each kind that is found where so much of the running text is lost. List items may be quoted.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np

from qa.ask.answer.running_text import FEATURES, WEIGHTS, features
from qa.language.text import normalise, sentence_spans
from training.joint_data import rows
from training.trees import exported

LOST = 0.01
"""Share of the running text that may be lost."""
LIST_ITEM = 0.4
"""What a list item weighs, which may be quoted: at nothing two in three are taken for headings, at this one in four."""
ROUNDS = 200
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 12,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "boost_from_average": False,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


@dataclass(frozen=True, slots=True)
class Marked:
    """The sentences of an article."""

    features: np.ndarray
    kinds: list[str]
    """What each is when it is no running text; empty where it is."""
    sentences: list[str]
    half: int


def marked_articles(data: Path) -> Iterator[Marked]:
    """The articles whose text with its paragraphs is known; of each the sentences that were shown to the model."""
    texts = {row["id"]: row["text"] for row in rows(data / "realtimeqa/articles.jsonl.xz")}
    for number, row in enumerate(rows(data / "reading/articles.jsonl.xz")):
        if row["id"] not in texts:
            continue
        text = normalise_paragraphs(texts[row["id"]])
        spans = sentence_spans(text)
        found = features(text, spans)
        numbers = {flat(sentence): n for n, sentence in enumerate(row["sentences"])}
        chosen = [(at, numbers[key]) for at, (a, b) in enumerate(spans) if (key := flat(text[a:b])) in numbers]
        yield Marked(
            found[[at for at, _ in chosen]],
            [row["not_body"].get(str(n), "") for _, n in chosen],
            [text[slice(*spans[at])] for at, _ in chosen],
            number % 2,
        )


def normalise_paragraphs(text: str) -> str:
    """The text with each paragraph in one line of plain characters."""
    return "\n\n".join(normalise(part) for part in text.split("\n") if part.strip())


def flat(text: str) -> str:
    """A sentence by which it is found again: white space and quotation marks alike."""
    return " ".join(normalise(text).translate(str.maketrans("’‘“”", "''\"\"")).split())


def fit(values: np.ndarray, kinds: np.ndarray) -> lightgbm.Booster:
    """Trees that tell running text from what is none."""
    may_be_quoted = kinds == "list_item"
    weight = np.where(may_be_quoted, LIST_ITEM, 1.0)
    data = lightgbm.Dataset(values, ((kinds != "") & ~may_be_quoted).astype(int), weight=weight)
    return lightgbm.train(PARAMETERS, data, ROUNDS)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--show", action="store_true", help="print running text that is lost, and what is missed")
    options = parser.parse_args()
    articles = list(marked_articles(options.data))
    values = np.concatenate([one.features for one in articles])
    kinds = np.array([kind for one in articles for kind in one.kinds])
    half = np.repeat([one.half for one in articles], [len(one.kinds) for one in articles])
    sentences = [sentence for one in articles for sentence in one.sentences]
    odds = np.zeros(len(kinds))
    for held in (0, 1):
        odds[half == held] = fit(values[half != held], kinds[half != held]).predict(
            values[half == held], raw_score=True
        )
    other = (kinds != "") & (kinds != "list_item")
    for lost in (0.005, LOST, 0.02):
        line = np.quantile(odds[kinds == ""], 1 - lost)
        print(f"{lost:.3f} of {(kinds == '').sum()} lost: {np.mean(odds[other] > line):.3f} of {other.sum()} found")
    line = float(np.quantile(odds[kinds == ""], 1 - LOST))
    for kind in sorted(set(kinds) - {""}):
        print(f"  {kind:10} {np.mean(odds[kinds == kind] > line):.3f} of {(kinds == kind).sum()}")
    if options.show:
        for name, chosen in (("lost", (kinds == "") & (odds > line)), ("missed", other & (odds <= line))):
            for n in np.random.default_rng(7).permutation(np.flatnonzero(chosen))[:30]:
                print(name, kinds[n], sentences[n][:140])
    document = {"features": FEATURES, "threshold": round(line, 4), "trees": exported([fit(values, kinds)])}
    options.out.write_text(json.dumps(document, separators=(",", ":")) + "\n", "utf-8")
    print(f"{options.out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
