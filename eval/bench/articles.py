"""Articles for the benchmark, from a file or made up, and questions about them."""

from __future__ import annotations

import json
import lzma
import random
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

from qa.errors import EvalError
from qa.language.text import STOPWORDS

Raw = Mapping[str, Any]
"""An article as a line of JSONL."""
T = TypeVar("T")


def read_articles(path: Path) -> Iterator[Raw]:
    """The articles of a .jsonl or .jsonl.xz file, in its order. Raises EvalError, which names the line."""
    opened = lzma.open(path, "rb") if path.suffix == ".xz" else path.open("rb")
    with opened as lines:
        for number, line in enumerate(lines, start=1):
            try:
                article = json.loads(line)
            except ValueError as error:
                raise EvalError(f"{path}, line {number}: not JSON: {error}.") from None
            if not isinstance(article, dict) or not isinstance(article.get("text"), str):
                raise EvalError(f"{path}, line {number}: not an article: the field 'text' is missing.")
            yield article


def synthetic_articles(seed: int = 1) -> Iterator[Raw]:
    """Yields endless articles with the length of news and word frequencies by Zipf's law; the seed decides them."""
    chance = random.Random(seed)
    vocabulary, weights = _vocabulary()
    rare_words = vocabulary[len(STOPWORDS) : 3_000]
    for number in range(sys.maxsize):
        count = min(max(int(chance.lognormvariate(6.8, 0.6)), 60), 6_000)
        words = chance.choices(vocabulary, cum_weights=weights, k=count)
        title = chance.choices(rare_words, k=chance.randint(6, 12))
        yield {
            "id": f"synthetic-{number:06}",
            "title": " ".join(word.capitalize() for word in title),
            "outlet": f"Outlet {chance.randint(1, 20)}",
            "date": (date(2020, 1, 1) + timedelta(days=chance.randrange(1_500))).isoformat(),
            "text": "\n\n".join(_paragraphs(chance, words)),
        }


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    """Words by rank, those of every sentence before made-up ones, and the sums of their frequencies up to each."""
    chance = random.Random(0)
    syllables = [consonant + vowel for consonant in "bcdfghklmnprstvz" for vowel in "aeiou"]
    words = dict.fromkeys(sorted(STOPWORDS))
    while len(words) < 60_000:
        words["".join(chance.choices(syllables, k=chance.choice((2, 2, 3, 3, 4))))] = None
    return list(words), list(accumulate(1 / (rank + 2.7) for rank in range(1, len(words) + 1)))


def _paragraphs(chance: random.Random, words: Sequence[str]) -> Iterator[str]:
    left = list(reversed(words))
    while left:
        sentences = []
        for _ in range(chance.randint(1, 4)):
            taken = [left.pop() for _ in range(min(len(left), chance.randint(6, 34)))]
            if taken:
                named = [word.capitalize() if chance.random() < 0.08 else word for word in taken]
                sentences.append(" ".join([named[0].capitalize(), *named[1:]]) + ".")
        yield " ".join(sentences)


_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b")
_NUMBER = re.compile(r"\b\d+\b")


def reworded(articles: Sequence[Raw], seed: int = 1) -> Iterator[Raw]:
    """Yields endless articles out of sentences of the given ones, shuffled, half the names and all numbers changed.

    So words are as frequent as in them, and new ones come as they do in news; the seed decides all.
    """
    chance = random.Random(seed)
    sentences = [one for article in articles for one in _SENTENCE.split(article["text"]) if len(one) > 30]
    names, _ = _vocabulary()
    for number in range(sys.maxsize):
        some = chance.choices(sentences, k=chance.randint(8, 60))
        other: dict[str, str] = {}

        def renamed(match: re.Match[str], other: dict[str, str] = other) -> str:
            made = "".join(chance.choices(names[1_000:], k=2)).capitalize()
            return other.setdefault(match[0], made if chance.random() < 0.5 else match[0])

        changed = [_NUMBER.sub(lambda _: str(chance.randint(2, 9_999)), _NAME.sub(renamed, one)) for one in some]
        paragraphs = (" ".join(changed[place : place + 4]) for place in range(0, len(changed), 4))
        yield {
            **articles[number % len(articles)],
            "id": f"reworded-{number:07}",
            "url": None,
            "title": " ".join(chance.choice(changed).split()[:9]),
            "text": "\n\n".join(paragraphs),
        }


def make_questions(articles: Sequence[Raw], count: int) -> list[str]:
    """Up to `count` different questions, about articles evenly chosen."""
    subjects = (" ".join(str(article.get("title") or article["text"]).split()[:10]) for article in articles)
    return evenly([f"What is known about {subject}?" for subject in dict.fromkeys(subjects)], count)


def evenly(items: Sequence[T], count: int) -> list[T]:
    """`count` of the items at even distances, in their order; all where there are no more."""
    if len(items) <= count:
        return list(items)
    return [items[place * len(items) // count] for place in range(count)]


def write_articles(path: Path, articles: Iterable[Raw]) -> Path:
    """Writes the articles to a JSONL file and returns its path."""
    path.write_text("".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles), "utf-8")
    return path
