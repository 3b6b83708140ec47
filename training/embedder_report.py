"""Measures embedders on held-out questions: answer-passage@1 and @5, alone and fused with BM25, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from embedder_data import Row, contains_answer, read_rows, windows
from numpy.typing import NDArray
from scipy.stats import binomtest

from qa.language.text import normalise

Matrix = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Matrix]
"""Texts to unit vectors."""


@dataclass(frozen=True)
class Task:
    """Questions, the passages to find their answers in, and BM25's scores of every passage for every question."""

    questions: list[str]
    passages: list[str]
    right: list[NDArray[np.int64]]
    """Passages that answer each question."""
    words: Matrix


def news_task(folder: Path, year: int) -> Task:
    """Questions of a year with fresh gold, over its articles and those of the December before, in 200 words each."""
    first, last = f"{year - 1}/12", f"{year + 1}"
    articles = [a for a in read_rows(folder / "realtimeqa/articles.jsonl.xz") if first <= a["date"] < last]
    passages: list[str] = []
    titled: list[str] = []
    places: dict[str, range] = {}
    for article in articles:
        found = windows(normalise(article["text"]))
        places[article["id"]] = range(len(passages), len(passages) + len(found))
        passages += found
        titled += [f"{article['title']} {passage}" for passage in found]
    rows = [
        q for q in read_rows(folder / "realtimeqa/questions.jsonl") if q["date"][:4] == str(year) and q["gold_fresh"]
    ]
    right = [_holding(q, passages, places) for q in rows]
    answerable = [i for i, found in enumerate(right) if len(found)]
    questions = [normalise(rows[i]["question"]) for i in answerable]
    return Task(questions, passages, [right[i] for i in answerable], bm25_scores(titled, questions))


def _holding(question: Row, passages: list[str], places: dict[str, range]) -> NDArray[np.int64]:
    inside = (i for id in question["gold_fresh"] for i in places.get(id, ()))
    return np.array([i for i in inside if contains_answer(passages[i], question["answers"])], dtype=np.int64)


def passage_task(folder: Path, name: str) -> Task:
    """The answerable questions of a set in qa/ over its passages."""
    rows = read_rows(folder / f"qa/{name}.jsonl.xz")
    passages = list(dict.fromkeys(normalise(r["passage"]) for r in rows))
    place = {passage: i for i, passage in enumerate(passages)}
    asked = [r for r in rows if r["answerable"]]
    questions = [normalise(r["question"]) for r in asked]
    right = [np.array([place[normalise(r["passage"])]]) for r in asked]
    return Task(questions, passages, right, bm25_scores(passages, questions))


def bm25_scores(passages: list[str], questions: list[str]) -> Matrix:
    """BM25 (k1 .9, b .4, English stopwords, Snowball stems) of every passage for every question, each row 0 to 1."""
    stemmer = Stemmer.Stemmer("english")

    def split(texts: list[str]) -> list[list[str]]:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False)

    index = bm25s.BM25(k1=0.9, b=0.4)
    index.index(split(passages), show_progress=False)
    scores = np.stack([index.get_scores(terms) if terms else np.zeros(len(passages)) for terms in split(questions)])
    return _scaled(scores.astype(np.float32))


def _scaled(scores: Matrix) -> Matrix:
    low, high = scores.min(1, keepdims=True), scores.max(1, keepdims=True)
    return (scores - low) / np.maximum(high - low, 1e-9)


def hits(task: Task, scores: Matrix, k: int) -> NDArray[np.bool_]:
    """For each question, whether an answering passage is among the first k."""
    first = np.argpartition(-scores, k, axis=1)[:, :k]
    return np.array([np.isin(found, right).any() for found, right in zip(first, task.right, strict=True)])


def cosines(task: Task, encode: Encode) -> Matrix:
    """Cosine of every question with every passage."""
    return encode(task.questions) @ encode(task.passages).T


def fused(task: Task, near: Matrix, weight: float, depth: int = 100) -> Matrix:
    """(1 - weight) x BM25 + weight x cosine, each min-max normalised over the first `depth` of either list."""
    candidates = np.zeros(near.shape, bool)
    for scores in (task.words, near):
        np.put_along_axis(candidates, np.argpartition(-scores, depth, axis=1)[:, :depth], True, axis=1)
    mixed = (1 - weight) * _among(task.words, candidates) + weight * _among(near, candidates)
    return np.where(candidates, mixed, -1).astype(np.float32)


def _among(scores: Matrix, candidates: NDArray[np.bool_]) -> Matrix:
    low = np.where(candidates, scores, np.inf).min(1, keepdims=True)
    high = np.where(candidates, scores, -np.inf).max(1, keepdims=True)
    return (scores - low) / np.maximum(high - low, 1e-9)


def best_weight(task: Task, near: Matrix) -> float:
    """The weight of the vectors, of .05, .1 ... .6, with the highest mean of answer-passage@1 and @5."""
    weights = [n / 20 for n in range(1, 13)]
    return max(weights, key=lambda weight: sum(hits(task, fused(task, near, weight), k).mean() for k in (1, 5)))


# --- the tables ------------------------------------------------------------------------------------------------------


def report(folder: Path, encoders: dict[str, Encode]) -> str:
    """Two Markdown tables: each encoder alone and fused with BM25, and what the last gains over each of the others.

    The weight of the fusion is the one that is best on news of 2023, for each encoder its own.
    """
    tuning = news_task(folder, 2023)
    tasks = {
        "news of 2024": news_task(folder, 2024),
        "squad2_dev_half": passage_task(folder, "squad2_dev_half"),
        "tuning: news of 2023": tuning,
        "tuning: squadshifts_amazon": passage_task(folder, "squadshifts_amazon"),
    }
    heads = [f"{name} ({len(t.questions):,} questions, {len(t.passages):,} passages)" for name, t in tasks.items()]
    found = {"BM25 alone": [_found(task, task.words) for task in tasks.values()]}
    for name, encode in encoders.items():
        near = [cosines(task, encode) for task in tasks.values()]
        weight = best_weight(tuning, near[list(tasks).index("tuning: news of 2023")])
        found[f"{name}, alone"] = [_found(t, n) for t, n in zip(tasks.values(), near, strict=True)]
        found[f"{name}, {weight:.2f} + BM25 {1 - weight:.2f}"] = [
            _found(t, fused(t, n, weight)) for t, n in zip(tasks.values(), near, strict=True)
        ]
    rates = {name: [" / ".join(f"{hit.mean():.3f}" for hit in cell) for cell in row] for name, row in found.items()}
    *others, alone, mixed = found
    gains = {
        f"over {other}": [
            " / ".join(gain(new, old) for new, old in zip(*cells, strict=True))
            for cells in zip(found[alone if other.endswith(", alone") else mixed], found[other], strict=True)
        ]
        for other in others
    }
    return _table("what finds", heads, rates) + "\n\n" + _table("gain of this model", list(tasks), gains)


def _found(task: Task, scores: Matrix) -> list[NDArray[np.bool_]]:
    return [hits(task, scores, k) for k in (1, 5)]


def gain(new: NDArray[np.bool_], old: NDArray[np.bool_]) -> str:
    """The difference of two rates on the same questions, its 95% interval by bootstrap, and p by sign test."""
    random = np.random.default_rng(0)
    change = new.astype(int) - old
    counts = [(change == sign).sum() for sign in (-1, 0, 1)]
    drawn = random.multinomial(len(change), np.array(counts) / len(change), 10_000) @ [-1, 0, 1] / len(change)
    low, high = np.quantile(drawn, [0.025, 0.975])
    differ = int(counts[0] + counts[2])
    p = binomtest(int(counts[2]), differ).pvalue if differ else 1.0
    return f"{change.mean():+.3f} ({low:+.3f} to {high:+.3f}, p {p:.3f})"


def _table(first: str, heads: list[str], rows: dict[str, list[str]]) -> str:
    lines = [[first, *heads], ["---"] * (len(heads) + 1), *([name, *cells] for name, cells in rows.items())]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
