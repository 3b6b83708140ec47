"""Measures the finding of passages: python -m training.ranker_report DATA --work FOLDER [--markdown FILE].

What each part adds, on questions that nothing was trained or tuned on: the news quiz of 2024 over two sets of articles,
with the day each was asked and without, and squad2_dev_half with its paragraphs as passages. The first row is BM25 as
others run it (bm25s, k1 .9, b .4, its English stopwords and Snowball stemmer, passages of 200 words with the title).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from eval.baselines.corpus import Corpus, read_corpus
from eval.baselines.plain import bm25
from qa.ask.retrieve.fuse import fuse
from qa.ask.retrieve.rank import nearness_of
from qa.ask.retrieve.retrieve import retrieve
from qa.ask.understand import understand
from qa.evaluation.sets import Query
from qa.evaluation.statistics import estimate, paired_p
from qa.library import Library
from qa.models import load_reader
from qa.store import Candidate, days_of
from qa.store.words.index import FieldWeights
from qa.types import Hit, Question
from training.ranker_data import Asked, news_library, news_questions, passage_library, plain_settings
from training.ranker_data import marked as mark

NEWEST = 8_120
"""Articles of the smaller set: as many, newest first, as the held-out collections of the targets have."""
MEASURES = ("@1", "@5", "@10", "article@1")

Finder = Callable[[Asked, Question], Sequence[Hit]]


def ways(library: Library, corpus: Corpus) -> dict[str, Finder]:
    """Each way to find, from plain BM25 to the whole; every one has what those before it have."""
    store, settings = library.store, library.settings
    index = store.words()
    passages = {passage.id: passage for passage in corpus.passages}
    plain = bm25(corpus)

    def by_words(weights: FieldWeights) -> Finder:
        def find(asked: Asked, question: Question) -> list[Hit]:
            scores = index.scores(asked.text, weights)
            best = np.argsort(-scores, kind="stable")[:50]
            return [Hit(passages[int(index.passage_ids[i])], float(scores[i])) for i in best if scores[i] > 0]

        return find

    def fused(asked: Asked, question: Question) -> list[Hit]:
        return fuse(found(question), settings.words_weight)

    def found(question: Question) -> list[Candidate]:
        near = nearness_of(question, settings.recency_weight, settings.recency_days)
        vector = library.embedder.embed_query(question.standalone)
        return store.find(question.standalone, vector, settings.candidates, nearness=near)

    def covered(asked: Asked, question: Question) -> list[Hit]:
        hits = fused(asked, question)
        shares = index.coverage(question.standalone, [hit.passage.id for hit in hits])
        scored = [replace(hit, score=0.7 * hit.score + 0.3 * shares[hit.passage.id]) for hit in hits]
        return sorted(scored, key=lambda hit: -hit.score)

    def timed(asked: Asked, question: Question) -> list[Hit]:
        hits = covered(asked, question)
        near = nearness_of(question, settings.recency_weight, settings.recency_days)
        if near is None:
            return hits
        days = days_of(hit.passage.article for hit in hits)
        order = np.argsort(-(np.array([hit.score for hit in hits]) + near(days)), kind="stable")
        return [hits[i] for i in order]

    def ranked(asked: Asked, question: Question) -> Sequence[Hit]:
        return retrieve(library, replace(question, parts=())).hits

    return {
        "BM25, as others run it": lambda asked, question: plain(Query(asked.id, asked.text)),
        "words": by_words(FieldWeights(title=0, source=0)),
        "+ fields": by_words(FieldWeights()),
        "+ vectors": fused,
        "+ coverage": covered,
        "+ time": timed,
        "+ ranker": ranked,
        "+ parts": lambda asked, question: retrieve(library, question).hits,
        "+ reader": lambda asked, question: retrieve(library, question, None, load_reader()).hits,
    }


def measure(library: Library, asked: Sequence[Asked], *, with_day: bool, title: str) -> str:
    """The table of one collection, as Markdown; p is paired against the first row."""
    corpus = read_corpus(library)
    outlets = library.outlets()
    rows: dict[str, dict[str, list[float]]] = {}
    times: dict[str, list[float]] = {}
    finders = ways(library, corpus)
    for each in asked:
        as_of = each.day if with_day else None
        question = understand(each.text, as_of=as_of, outlets=outlets)
        for name, find in finders.items():
            began = time.perf_counter()
            hits = find(each, question)
            times.setdefault(name, []).append(1000 * (time.perf_counter() - began))
            marks = np.array([mark(each, hit) for hit in hits[:10]] or [0])
            values = rows.setdefault(name, {measure: [] for measure in MEASURES})
            for k in (1, 5, 10):
                values[f"@{k}"].append(float((marks[:k] == 2).any()))
            values["article@1"].append(float(marks[0] > 0))
    first = next(iter(rows.values()))
    lines = [
        f"{title}: {len(asked)} questions, {len(corpus.articles):,} articles, {len(corpus.passages):,} passages",
        "",
        "| | " + " | ".join(MEASURES) + " | ms p50 / p95 |",
        "|---" * (len(MEASURES) + 2) + "|",
    ]
    for name, values in rows.items():
        cells = [_cell(values[measure], first[measure]) for measure in MEASURES]
        p50, p95 = np.percentile(times[name], [50, 95])
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {p50:.0f} / {p95:.0f} |")
    return "\n".join(lines) + "\n"


def _cell(values: Sequence[float], first: Sequence[float]) -> str:
    told = estimate(values)
    assert told.value is not None and told.low is not None and told.high is not None
    text = f"{told.value:.3f} ({told.low:.3f}-{told.high:.3f})".replace("0.", ".")
    if values is first:
        return text
    p = paired_p(first, values)
    more = told.value - float(np.mean(first))
    return f"{text} {more:+.3f}".replace("+0.", "+.").replace("-0.", "-.") + (
        " *" if p is not None and p < 0.01 else ""
    )


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    data, work, settings = options.data, options.work, plain_settings()
    asked = [question for question in news_questions(data, ("2024",)) if question.gold]
    tables = []
    with ExitStack() as libraries:
        every = libraries.enter_context(news_library(data, work, "all", lambda article: True, settings))
        days = sorted((str(row.date) for row in every.articles() if row.date), reverse=True)
        since = days[NEWEST - 1].replace("-", "/")
        newest = libraries.enter_context(
            news_library(data, work, "newest", lambda article: str(article["date"]) >= since, settings)
        )
        squad, questions = passage_library(data, work, "squad2_dev_half", settings)
        libraries.enter_context(squad)
        for library, name in ((newest, f"the {NEWEST:,} newest articles"), (every, "all articles")):
            for with_day in (True, False):
                title = f"News quiz of 2024, {name}, {'with the day asked' if with_day else 'without it'}"
                tables.append(measure(library, asked, with_day=with_day, title=title))
                print(tables[-1], flush=True)
        tables.append(measure(squad, questions, with_day=False, title="squad2_dev_half, paragraphs as passages"))
        print(tables[-1], flush=True)
    if options.markdown:
        options.markdown.write_text("\n".join(tables), "utf-8")


if __name__ == "__main__":
    main()
