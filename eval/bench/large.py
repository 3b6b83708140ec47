"""Measures a library as it grows to a million passages: its ingest, one more article, and a question at each size."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from eval.bench.articles import Raw, make_questions, reworded, write_articles
from eval.bench.filling import ingest_file
from eval.bench.measure import Advance, run_python, window_memory
from eval.bench.report import Measurement

SIZES = (10_000, 100_000, 250_000, 500_000, 1_000_000)
"""Passages at which everything is measured."""
_PORTION = 5_000
_QUESTIONS = 60

_ASK = """
import json, sys, time
from pathlib import Path
from qa.ask.assistant import Assistant
from qa.settings import Settings

def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

began = time.perf_counter()
first, *others = json.load(sys.stdin)
with Assistant.open(Settings.model_construct(index=Path(sys.argv[1]))) as assistant:
    opened = time.perf_counter() - began
    store, embedder = assistant.library.store, assistant.library.embedder
    print(json.dumps({
        "open": opened,
        "first": seconds(lambda: assistant.ask(first)),
        "find": [seconds(lambda: assistant.retrieve(assistant.understand(text), 8)) for text in others],
        "search": [seconds(lambda: store.find(text, embedder.embed_query(text), 100)) for text in others],
    }))
"""


def growing(folder: Path, articles: Iterator[Raw], sizes: Sequence[int], advance: Advance) -> Iterator[Measurement]:
    """What each step costs when the library has come to each of the sizes."""
    library, held, questions = folder / "growing", 0, list[str]()
    for size in sizes:
        while held < size:
            # So many that the last portion carries it but little past the mark, at some six passages an article.
            portion = list(islice(articles, min(_PORTION, max(10, (size - held) // 6))))
            questions = questions or make_questions(portion, _QUESTIONS)
            told = ingest_file(library, write_articles(folder / "portion.jsonl", portion))
            held = told["passages"]
            advance(min(held, sizes[-1]), sizes[-1])
        where = f"{held:,} passages"
        yield Measurement(f"{where}: ingest of the last portion", told["changed"] / told["seconds"], "articles/s")
        if told["gigabytes"]:
            yield Measurement(f"{where}: its memory at its peak", told["gigabytes"], "GB", at_most=1.5)
        one = ingest_file(library, write_articles(folder / "one.jsonl", islice(articles, 1)))
        yield Measurement(f"{where}: one article more", one["seconds"], "s", at_most=1.5)
        asked = json.loads(run_python(_ASK, str(library), stdin=json.dumps(questions)))
        yield Measurement(f"{where}: open", asked["open"], "s", at_most=1)
        yield Measurement(f"{where}: first question", asked["first"], "s", at_most=1)
        p95 = statistics.quantiles(asked["find"], n=20, method="inclusive")[-1]
        yield Measurement(f"{where}: find, p50", statistics.median(asked["find"]) * 1000, "ms")
        yield Measurement(f"{where}: find, p95", p95 * 1000, "ms")
        search = statistics.median(asked["search"]) * 1000
        yield Measurement(f"{where}: search by words and vectors, p50", search, "ms", at_most=20)
        for name, gigabytes in window_memory(library, questions).items():
            yield Measurement(f"{where}: window, {name}", gigabytes, "GB", at_most=1)
        disk = sum(path.stat().st_size for path in library.rglob("*") if path.is_file())
        yield Measurement(f"{where}: on disk", disk / 1e9, "GB")


def enough(articles: Sequence[Raw]) -> Iterator[Raw]:
    """The articles, and after them others without end, made of their sentences."""
    return chain(articles, reworded(articles))
