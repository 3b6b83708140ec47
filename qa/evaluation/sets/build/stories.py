"""The articles that questions are built from, by story, and which of them contain a sentence."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, zip_longest
from random import Random

import numpy as np

from qa.evaluation.sets import Evidence
from qa.evaluation.sets.build.sentences import bare_sentences
from qa.types import Article

MOST_STORIES = 3
"""A sentence in more stories than this is a stock phrase of the outlet."""


class StoryTexts:
    """Articles by story; each story is known by its leading version. Keeps all texts in memory."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self.articles = sorted(articles, key=lambda article: article.id)
        self.versions: dict[str, list[Article]] = defaultdict(list)
        """Story -> its articles, the leading one first."""
        for article in self.articles:
            self.versions[_story(article)].append(article)
        for story, versions in self.versions.items():
            versions.sort(key=lambda article: (article.id != story, article.date or dt.date.max, article.id))
        self._titles = Counter(chain.from_iterable({_key(a.title) for a in vs} for vs in self.versions.values()))
        # Sorted hashes of all pieces of the texts, and the article of each: 16 bytes per piece.
        owned = ((at, piece) for at, article in enumerate(self.articles) for piece in _pieces(article.text))
        table = np.array([(hash(piece), at) for at, piece in owned], np.int64).reshape(-1, 2)
        order = np.argsort(table[:, 0], kind="stable")
        self._hashes, self._owners = table[order, 0], table[order, 1]

    def evidence_for(self, sentence: str) -> tuple[Evidence, ...]:
        """The sentence in every article that contains it, in its own spelling; empty if too many stories do."""
        key = _key(sentence)
        spans = (span for article in self._candidates(sentence) for span in bare_sentences(article))
        found = {span.article.id: span for span in spans if _key(span.text) == key}
        many = len({_story(span.article) for span in found.values()}) > MOST_STORIES
        return () if many else tuple(Evidence(id, span.text) for id, span in found.items())

    def _candidates(self, sentence: str) -> list[Article]:
        """The articles that contain the longest piece of the sentence."""
        longest = hash(max(_pieces(sentence), key=len, default=""))
        low, high = (np.searchsorted(self._hashes, longest, side) for side in ("left", "right"))
        return [self.articles[owner] for owner in dict.fromkeys(self._owners[low:high].tolist())]

    def versions_of(self, article: Article) -> Sequence[Article]:
        """All articles of its story, including itself."""
        return self.versions[_story(article)]

    def has_title_alone(self, article: Article) -> bool:
        """True when no other story has its title."""
        return self._titles[_key(article.title)] == 1

    def spread(self, random: Random) -> list[Article]:
        """The leading article of each story: outlets take turns, and so do the months of an outlet."""
        leads = [versions[0] for versions in self.versions.values()]
        random.shuffle(leads)
        by_month = (_in_turn(_groups(group, _month)) for group in _groups(leads, lambda a: a.outlet or ""))
        return _in_turn(by_month)


def _story(article: Article) -> str:
    return article.story or article.id


def _key(text: str) -> str:
    """The sentence without differences of white space and case."""
    return " ".join(text.casefold().split())


# Faster than finding sentences; a text with a sentence has its pieces too. A dash ends a dateline.
_BETWEEN = re.compile(r"[.!?…]+[\"')\]]*(?:\s+|\Z)|\s[–—-]+\s|\n+")


def _pieces(text: str) -> list[str]:
    return [piece for piece in _BETWEEN.split(text.casefold()) if piece]


def _month(article: Article) -> str:
    return f"{article.date:%Y-%m}" if article.date else ""


def _groups(articles: Iterable[Article], key: Callable[[Article], str]) -> list[list[Article]]:
    groups: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        groups[key(article)].append(article)
    return list(groups.values())


def _in_turn(groups: Iterable[Sequence[Article]]) -> list[Article]:
    """One article of each group in turn, until all are used."""
    return [article for turn in zip_longest(*groups) for article in turn if article is not None]
