"""Measures an embedder on held-out questions: answer-passage@1 and @5, alone and fused with BM25."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from embedder_data import Row, holds, read_rows, windows
from numpy.typing import NDArray

from qa.text import normalise

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
    return np.array([i for i in inside if holds(passages[i], question["answers"])], dtype=np.int64)


def wikipedia_task(folder: Path) -> Task:
    """The answerable questions of squad2_dev_half over its paragraphs."""
    rows = read_rows(folder / "qa/squad2_dev_half.jsonl.xz")
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


def hits(task: Task, scores: Matrix, k: int) -> float:
    """Share of the questions with an answering passage among the first k."""
    first = np.argpartition(-scores, k, axis=1)[:, :k]
    return float(np.mean([np.isin(found, right).any() for found, right in zip(first, task.right, strict=True)]))


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
    return max(weights, key=lambda weight: sum(hits(task, fused(task, near, weight), k) for k in (1, 5)))


def report(folder: Path, encoders: dict[str, Encode]) -> str:
    """A Markdown table: BM25, and each encoder alone and fused with it by the weight that is best on news of 2023."""
    tuning, news, wikipedia = news_task(folder, 2023), news_task(folder, 2024), wikipedia_task(folder)
    tasks = {
        f"news of 2024 ({len(news.questions)} questions, {len(news.passages):,} passages)": news,
        f"squad2_dev_half ({len(wikipedia.questions):,} questions, {len(wikipedia.passages):,} passages)": wikipedia,
        f"tuning: news of 2023 ({len(tuning.questions)} questions, {len(tuning.passages):,} passages)": tuning,
    }
    lines = ["| what finds | " + " | ".join(tasks) + " |", "|---" * (len(tasks) + 1) + "|"]

    def add(name: str, scores: list[Matrix]) -> None:
        cells = (
            f"{hits(task, found, 1):.3f} / {hits(task, found, 5):.3f}"
            for task, found in zip(tasks.values(), scores, strict=True)
        )
        lines.append(f"| {name} | " + " | ".join(cells) + " |")

    add("BM25 alone", [task.words for task in tasks.values()])
    for name, encode in encoders.items():
        near = [cosines(task, encode) for task in tasks.values()]
        weight = best_weight(tuning, near[-1])
        add(f"{name}, alone", near)
        add(
            f"{name}, {weight:.2f} + BM25 {1 - weight:.2f}",
            [fused(t, n, weight) for t, n in zip(tasks.values(), near, strict=True)],
        )
    return "\n".join(lines)
