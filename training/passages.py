"""Measures how to split: python -m training.passages DATA [--articles N].

For each size and overlap of passages, over the news of 2023 and its quiz questions: the share of questions one of whose
passages holds the answer together with most of what is asked (the ceiling for an answer that cites one passage), and
what BM25 and the bundled vectors find among them. Vectors are tried with and without the title in their text.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qa.evaluation.metrics.matching import contains_answer
from qa.ingest.clean import clean
from qa.ingest.split import split
from qa.language.text import normalise
from qa.models.static import load_bundled
from qa.store import WordIndex
from qa.store.words.wording import wording_of
from qa.types import Article, Passage
from training.quote_sets import read
from training.ranker_data import Asked, news_questions

SIZES = ((100, 0), (150, 0), (200, 0), (200, 40), (250, 0), (300, 0), (400, 0))
"""Words of a passage at most, and words that two neighbours share."""
MOST = 0.6
"""Share of the question, by idf, that a passage must hold beside the answer to state the fact whole."""


def measure(articles: Sequence[Article], asked: Sequence[Asked], words: int, overlap: int) -> dict[str, float]:
    """The ceiling, and answer-passage@1 and @5 of words, of vectors, and of vectors with titles."""
    passages: list[Passage] = []
    for article in articles:
        for start, end in split(article.text, words, overlap):
            passages.append(Passage(article, start, end, len(passages)))
    index = WordIndex.empty().updated((passage.id, wording_of(passage)) for passage in passages)
    embedder = load_bundled("news")
    matrices = {
        "vectors": embedder.embed_passages([passage.text for passage in passages]),
        "with title": embedder.embed_passages([f"{p.article.title}\n{p.text}" for p in passages]),
    }
    of_article: dict[str, list[int]] = {}
    for passage in passages:
        of_article.setdefault(passage.article.id, []).append(passage.id)
    found: dict[str, list[bool]] = {}
    for question in asked:
        right = {
            id_
            for article in question.gold
            for id_ in of_article.get(article, ())
            if contains_answer(passages[id_].text, question.answers)
        }
        covered = index.coverage(question.text, sorted(right))
        whole = any(_covers(index, question.text, id_) >= MOST for id_ in right)
        found.setdefault("whole", []).append(whole)
        found.setdefault("one sentence", []).append(any(share >= MOST for share in covered.values()))
        scored = {"words": index.scores(question.text)}
        scored |= {name: matrix @ embedder.embed_query(question.text) for name, matrix in matrices.items()}
        for name, scores in scored.items():
            best = np.argsort(-scores, kind="stable")[:5].tolist()
            found.setdefault(f"{name} @1", []).append(best[0] in right)
            found.setdefault(f"{name} @5", []).append(bool(right.intersection(best)))
    return {"passages": len(passages), **{name: round(float(np.mean(values)), 3) for name, values in found.items()}}


def _covers(index: WordIndex, question: str, passage: int) -> float:
    """The share of the question, by idf, that the passage holds with its title."""
    tokens, _ = index.tokens_of([passage])
    there = set(tokens.tolist())
    terms = index.query(question).terms
    held = sum(term.idf for term in terms if there.intersection(term.tokens))
    return held / max(sum(term.idf for term in terms), 1e-9)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    asked = [question for question in news_questions(options.data, ("2023",)) if question.gold]
    articles = []
    for item in read(options.data / "realtimeqa" / "articles.jsonl.xz"):
        if str(item["date"])[:4] == "2023" or str(item["date"])[:7] == "2022/12":
            text = clean(normalise(item["text"])).text
            articles.append(Article(item["id"], normalise(item["title"]), text, item["outlet"]))
    for words, overlap in SIZES:
        print(words, overlap, measure(articles, asked, words, overlap), flush=True)


if __name__ == "__main__":
    main()
