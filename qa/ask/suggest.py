"""Suggests questions that the articles answer, for a reader who does not know the library yet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from qa.language.lexicon import OWNERS, SAID, any_of, months
from qa.language.names import find_names, name_matches
from qa.language.text import sentence_spans, words
from qa.library import Library
from qa.types import Answer, Article

_SAYS = re.compile(rf"\s{any_of(SAID)}\b")
_IS = re.compile(
    rf"(?:,\s(?:who\sis\s)?|\s(?:is|was)\s)(?:the|a|an|{any_of(OWNERS)})\s[A-Za-z]|,\s[A-Z][a-z]+\s(?:of|for)\s"
)
_MONTH = any_of(months("en"))
_DAY = re.compile(rf"(?<![\w–-])(?:\d{{1,2}}\s{_MONTH}|{_MONTH}\s\d{{1,2}})(?:,?\s\d{{4}})?\b")


class Suggester:
    """Suggests only questions that are answered; remembers those for an empty screen until the library changes."""

    def __init__(self, library: Library, is_answered: Callable[[str], bool]) -> None:
        self._library = library
        self._is_answered = is_answered
        self._openings: tuple[int, int, list[str]] | None = None

    def openings(self, count: int) -> list[str]:
        """Up to `count` questions about the newest articles."""
        generation = self._library.store.articles.generation()
        if self._openings is None or self._openings[:2] != (generation, count):
            newest = [row.id for row in self._library.articles()[: count * 3]]
            suggested = suggest(article for id_ in newest if (article := self._library.article(id_)))
            self._openings = generation, count, list(islice(filter(self._is_answered, suggested), count))
        return self._openings[2]

    def follow_ups(self, answer: Answer, asked: Sequence[str], count: int, top: int) -> list[str]:
        """Up to `count` questions, not yet `asked`, about the articles cited or among the first `top` hits."""
        cited = [citation.article for citation in answer.citations]
        found = [hit.passage.article for hit in answer.hits[:top]]
        articles = {article.id: article for article in (*cited, *found)}
        known = {tuple(words(question)) for question in asked}
        new = (text for text in suggest(islice(articles.values(), count * 2)) if tuple(words(text)) not in known)
        return list(islice(filter(self._is_answered, new), count))


def suggest(articles: Iterable[Article]) -> list[str]:
    """Questions in the words of the articles: one for each article before a second for any, none twice."""
    by_article = [list(_questions(article, turn)) for turn, article in enumerate(articles)]
    in_turn = chain.from_iterable(zip_longest(*by_article))
    return list(dict.fromkeys(question for question in in_turn if question))


def _questions(article: Article, turn: int) -> Iterator[str]:
    """Up to one question of each kind; a different kind comes first for each article."""
    said, described = _people(article.text)
    day = _DAY.search(article.text)
    kinds = [
        f"What did {said} say?" if said else None,
        f"What happened on {day[0]}?" if day else None,
        f"Who is {described}?" if described else None,
    ]
    start = turn % len(kinds)
    yield from (question for question in kinds[start:] + kinds[:start] if question)
    if not any(kinds) and (name := _full_names(article.text).most_common(1)):
        yield f"What is said about {name[0][0]}?"


def _people(text: str) -> tuple[str | None, str | None]:
    """The person quoted most and the first person whose office is given, by their fullest names."""
    names = [text[start:end] for start, end in find_names(text)]
    said: Counter[str] = Counter()
    described: list[str] = []
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        for name_start, name_end in find_names(sentence):
            name = _fullest(sentence[name_start:name_end], names)
            if " " not in name:
                continue
            if _SAYS.match(sentence, name_end):
                said[name] += 1
            if _IS.match(sentence, name_end) and _is_person(name, names):
                described.append(name)
    return next((name for name, _ in said.most_common()), None), next(iter(described), None)


def _is_person(name: str, names: Iterable[str]) -> bool:
    """True where the text also has the surname alone, as it has for people and hardly for anything else."""
    return len(name.split()) <= 4 and name.split()[-1] in names


def _full_names(text: str) -> Counter[str]:
    """Names in the text with their counts; a surname counts for its full name."""
    names = Counter(text[start:end] for start, end in find_names(text))
    full: Counter[str] = Counter()
    for name, count in names.items():
        full[_fullest(name, names)] += count
    return full


def _fullest(name: str, names: Iterable[str]) -> str:
    return max((other for other in names if name_matches(name, other)), key=len, default=name)
