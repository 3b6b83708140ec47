"""What the reader adds to the log-odds of a sentence: chosen among a few numbers, on readings of models held out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from qa.ask.answer.score import load_model, read_sentences
from qa.models.reader import FOLDER, SentenceFit, Short
from training.quote import _scored, cross_validated, learning_examples, log_odds, rows_of
from training.quote_sets import Example, single_examples

MOST = (3.0, 6.0, 10.0)
"""What a stretch can lie behind the best, in log-odds, at most: tried."""
WEIGHTS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8)
"""Of what it lies behind: tried."""
TRUST = (0.0, 0.1, 0.2)
"""Weight of what the verdict on a passage lies behind the best: tried."""
UNREAD = (0.0, 0.5)
"""Share of the most that stretch (and a verdict of 3) can cost, for sentences that were not read: tried."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a model that had not seen the question said of a passage, as a qa.models.reader.Reading says it."""

    answers: float
    spans: tuple[Short, ...]


def readings(folder: Path) -> dict[tuple[str, int, int], tuple[float, np.ndarray, np.ndarray]]:
    """Set, question and place among its passages -> verdict, stretches in tokens, their log-odds against no answer."""
    names = json.loads((folder / "predicted.json").read_text())
    told = np.load(folder / "predictions.npz")
    found = {}
    for fold in (0, 1):
        odds = told[f"scores{fold}"].astype(float) - told[f"null{fold}"].astype(float)[:, None]
        rows = zip(told[f"at{fold}"], told[f"verdict{fold}"], told[f"spans{fold}"], odds, strict=True)
        found.update({tuple(names[int(n)]): (float(verdict), spans, score) for n, verdict, spans, score in rows})
    return found


def choose_sentence(data: Path, folder: Path) -> SentenceFit:
    """The numbers that put a right sentence first most often, the mean over four sets; prints them."""
    model, told = load_model(), readings(folder)
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    squad = list(single_examples(data / "qa" / "squad2_dev_half.jsonl.xz"))
    cases = [
        ("squad", e, _scored(model, e).scores, _read(told, tokenizer, "squad", n, e))
        for n, e in enumerate(squad)
        if e.answerable
    ]
    examples = list(learning_examples(data))
    _, scores = cross_validated(examples, rows_of(examples, model.lexicon))
    slope, base = log_odds(examples, scores)
    cases += [
        (e.source, e, base + slope * scores[n], _read(told, tokenizer, "quote", n, e))
        for n, e in enumerate(examples)
        if e.answerable
    ]
    alone = SentenceFit(stretch=0, furthest=1, verdict=0, unread=0)
    tried = [
        SentenceFit(stretch=w, furthest=m, verdict=t, unread=round(-u * (w * m + 3 * t), 2))
        for m, w, u, t in product(MOST, WEIGHTS, UNREAD, TRUST)
    ]
    hits = {fit: first_right(fit, cases) for fit in (alone, *tried)}
    print("trees alone:", hits[alone])
    best = max(tried, key=lambda fit: float(np.mean(list(hits[fit].values()))))
    print(best, hits[best])
    return best


def first_right(fit: SentenceFit, cases: Sequence[tuple[str, Example, np.ndarray, Sequence[Read]]]) -> dict[str, float]:
    """Set -> share of its questions whose best sentence is right."""
    right = defaultdict(list)
    for name, example, scores, read in cases:
        gains = read_sentences(fit, example.lines, example.hits, read) if read else 0  # type: ignore[arg-type]
        right[name].append(example.right[int(np.argmax(scores + gains))])
    return {name: round(float(np.mean(values)), 4) for name, values in right.items()}


def _read(told: Mapping, tokenizer: Tokenizer, name: str, number: int, example: Example) -> list[Read]:
    found = []
    for place, hit in enumerate(example.hits):
        if (name, number, place) not in told:
            break
        verdict, spans, scores = told[name, number, place]
        offsets = tokenizer.encode(hit.passage.text, add_special_tokens=False).offsets
        stretches = [
            Short(offsets[a][0], offsets[b][1], float(score))
            for (a, b), score in zip(spans, scores, strict=True)
            if b < len(offsets)
        ]
        found.append(Read(verdict, tuple(stretches)))
    return found
