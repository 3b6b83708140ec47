"""Questions, the passages found for them and which of those answer: what training/ranker.py learns from."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.ask.retrieve.rank import FEATURES, features
from qa.ask.retrieve.rank.order import one_per_story
from qa.ask.retrieve.retrieve import RANKER_EMBEDDER, candidates
from qa.evaluation.metrics.matching import contains_answer
from qa.language.text import normalise
from qa.library import Library
from qa.models.static import load_bundled
from qa.settings import Settings, load_settings
from qa.types import Article, Hit, Question
from training.quote_sets import read

FRESH_BEFORE, FRESH_AFTER = 21, 10
"""Days before and after a quiz question within which an article may be the news that it asks about."""
SURE_COVER = 0.4
"""Share of the question, by idf, that a passage must hold to be taken for an answer that nobody marked."""

Grades = NDArray[np.int8]
"""2 answers, 1 is of an article that does, 0 does not, UNCLEAR is left out."""
UNCLEAR = -1


@dataclass(frozen=True)
class Asked:
    """A question, and what is known of its answer."""

    id: str
    text: str
    answers: Sequence[str]
    day: dt.date | None = None
    gold: frozenset[str] = frozenset()
    """Articles that answer it."""
    maybe: frozenset[str] = frozenset()
    """Articles that hold the answer's words, and may answer it or not."""


@dataclass(frozen=True)
class Example:
    """A question with the features of what was found for it."""

    source: str
    id: str
    rows: NDArray[np.float32]
    """Shape (hits, FEATURES)."""
    grades: Grades
    marked: Grades
    """The same by the marks of the set alone, as they are measured: what answers without a mark is 0."""
    passages: Sequence[int] = field(default=(), repr=False)


def news_questions(data: Path, years: Sequence[str]) -> Iterator[Asked]:
    """The news quiz of `years`, oldest first as published."""
    for item in read(data / "realtimeqa" / "questions.jsonl"):
        if item["date"][:4] in years and item["answers"]:
            day = dt.date(*map(int, re.split(r"[-/]", item["date"])))
            text = normalise(item["question"])
            yield Asked(item["id"], text, item["answers"], day, frozenset(item["gold_fresh"]), frozenset(item["gold"]))


def news_library(data: Path, work: Path, name: str, keep: Callable[[dict], bool], settings: Settings) -> Library:
    """A library of the news articles to keep, made in the folder `work` where it is not there yet."""
    return made(work / name, (a for a in read(data / "realtimeqa" / "articles.jsonl.xz") if keep(a)), settings)


def passage_library(data: Path, work: Path, name: str, settings: Settings) -> tuple[Library, list[Asked]]:
    """A library with an article for each passage of the set `name`, and the set's answerable questions."""
    numbers: dict[str, str] = {}
    asked = []
    items = list(read(data / "qa" / f"{name}.jsonl.xz"))
    titled = len({item["title"] for item in items}) > len({item["passage"] for item in items}) / 50
    for number, item in enumerate(items):
        id_ = numbers.setdefault(item["passage"], f"{name}-{len(numbers)}")
        if item["answerable"]:
            asked.append(
                Asked(f"{name}-q{number}", normalise(item["question"]), item["answers"], None, frozenset([id_]))
            )
    titles = {item["passage"]: item["title"] for item in items if titled}
    articles = ({"id": id_, "title": titles.get(text, "-"), "text": text} for text, id_ in numbers.items())
    # A paragraph is a passage, and what looks like a caption in it is part of the text.
    return made(work / name, articles, settings.model_copy(update={"clean": False, "passage_words": 2000})), asked


def made(folder: Path, articles: Iterable[Mapping[str, object]], settings: Settings) -> Library:
    """The library in `folder`, filled with `articles` where it is empty."""
    library = Library.open(settings.model_copy(update={"index": folder}))
    if not library.count():
        rows = folder.with_suffix(".jsonl")
        rows.write_text("".join(json.dumps(article) + "\n" for article in articles), "utf-8")
        print(f"making {folder.name} ...", file=sys.stderr, flush=True)
        library.ingest([rows])
        rows.unlink()
    return library


def example(library: Library, asked: Asked, source: str, *, with_day: bool) -> Example:
    """The question searched for as the program does, and graded."""
    question = Question(asked.text, asked.text, as_of=asked.day if with_day else None)
    index = library.store.words()
    words = index.query(asked.text)
    vector = library.embedder.embed_query(asked.text)
    hits = one_per_story(candidates(library, question, words, vector))
    rows = features(question, hits, words, index, load_bundled(RANKER_EMBEDDER))
    cover = rows[:, FEATURES.index("cover_all")] if len(hits) else np.zeros(0)
    marks = [marked(asked, hit) for hit in hits]
    grades = [_grade(asked, hit, mark, c) for hit, mark, c in zip(hits, marks, cover, strict=True)]
    ids = [hit.passage.id for hit in hits]
    return Example(source, asked.id, rows, np.array(grades, np.int8), np.array(marks, np.int8), ids)


def marked(asked: Asked, hit: Hit) -> int:
    """What the marks of the set alone say of a hit: 2 answers, 1 is of an article that does, 0 neither."""
    if hit.passage.article.id not in asked.gold:
        return 0
    return 2 if contains_answer(hit.passage.text, asked.answers) else 1


def _grade(asked: Asked, hit: Hit, marked: int, cover: float) -> int:
    """The mark, or where there is none: an answer too where it surely is one, and unclear where it may be."""
    if marked or not contains_answer(hit.passage.text, asked.answers):
        return marked
    if asked.day is None:
        return UNCLEAR
    if _is_fresh(asked.day, hit.passage.article):
        return 2 if cover >= SURE_COVER else UNCLEAR
    return UNCLEAR if hit.passage.article.id in asked.maybe else 0


def _is_fresh(day: dt.date, article: Article) -> bool:
    return article.date is not None and -FRESH_AFTER <= (day - article.date).days <= FRESH_BEFORE


def chosen(asked: Sequence[Asked], count: int, seed: int) -> list[Asked]:
    """`count` of the questions by chance, the same in every run."""
    return random.Random(seed).sample(list(asked), min(count, len(asked)))


def plain_settings() -> Settings:
    """The settings as they ship, whatever the environment says."""
    return load_settings()
