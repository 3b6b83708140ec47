"""Which articles tell of the same event: versions of one report, and others of those days that name the same."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from qa.language.names import find_names, name_matches, name_words
from qa.language.text import sentence_spans, stems, words
from qa.library import Library
from qa.store import ArticleRow, WordIndex
from qa.types import Article, Filters

WITHIN = 7
"""Days before and after a report in which others tell of the same event."""
LOOKED_AT = 120
"""Passages that share most words with a report, whose articles may tell of the same event."""
SAME_NAMES = 0.4
"""Share of the names of the one that names fewer, weighted by idf, that two articles on one event have in common."""
SAME_WORDS = 0.15
"""Share of the words of title and lead, weighted by idf, that they have in common."""
ENOUGH = 1.3
"""Both together, where words count four times: few of the one need many of the other."""
_LEAST = 0.5  # what a word weighs besides its idf, which is next to nothing where a small library is about one thing
_LEAD = 3
"""Sentences that, with the title, say what an article is about."""
_LEAD_CHARACTERS = 1_500


@dataclass(frozen=True, slots=True)
class Event:
    """A story: versions of one report, and others on the same event."""

    id: str
    """Of the article that leads the versions."""
    title: str
    rows: tuple[ArticleRow, ...]
    """All its articles, oldest first, undated last."""

    @property
    def others(self) -> tuple[str, ...]:
        """Ids of the articles that are no version of the report."""
        return tuple(row.id for row in self.rows if row.story != self.id)

    @property
    def outlets(self) -> Mapping[str, int]:
        """Articles by outlet, the most first; without those of an unknown one."""
        counts = Counter(row.outlet for row in self.rows if row.outlet)
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    def within(self, filters: Filters) -> Filters:
        """The filters, narrowed to its articles."""
        return replace(filters, articles=self.others, stories=(self.id,))

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The days of its articles, in order, as far as they are known."""
        return tuple(row.date for row in self.rows if row.date)


def event_of(library: Library, article_id: str) -> Event | None:
    """The story that an article belongs to; None where the library has no such article."""
    lead = library.article(article_id)
    if lead and lead.story not in ("", lead.id):
        lead = library.article(lead.story) or lead
    if lead is None:
        return None
    story = lead.story or lead.id
    rows = library.store.articles.rows(Filters(stories=(story,)))
    if others := {article.story or article.id for article in _same_event(library, lead, rows)}:
        rows = library.store.articles.rows(Filters(stories=(story, *others)))
    return Event(story, lead.title, tuple(sorted(rows, key=_by_day)))


def _by_day(row: ArticleRow) -> tuple[bool, dt.date, str, str]:
    return row.date is None, row.date or dt.date.min, row.title, row.id


def _same_event(library: Library, lead: Article, rows: Sequence[ArticleRow]) -> Iterator[Article]:
    """The articles near those days that tell of the same event as the one."""
    days = [row.date for row in rows if row.date]
    if not days:
        return
    near = dt.timedelta(WITHIN)
    filters = Filters(date_from=min(days) - near, date_to=max(days) + near)
    subject, index = subject_of(lead), library.store.words()
    found = library.store.find(subject.query, None, LOOKED_AT, filters)
    for article in {one.passage.article.id: one.passage.article for one in found}.values():
        # Most fall short by their words, which are read in a fraction of the time that their names take.
        if article.story == lead.story or _alike(subject.words, words_of(article), index) < SAME_WORDS:
            continue
        if are_of_one_event(subject, subject_of(article), index):
            yield article


def grouped(articles: Sequence[Article], index: WordIndex) -> list[list[Article]]:
    """The articles by event, in their order: each event under the first of it, no article in two."""
    groups: list[list[Article]] = []
    for article in articles:
        own = next((group for group in groups if _belongs(article, group[0], index)), None)
        if own:
            own.append(article)
        else:
            groups.append([article])
    return groups


def _belongs(article: Article, lead: Article, index: WordIndex) -> bool:
    if article.story and article.story == lead.story:
        return True
    if not (article.date and lead.date) or abs((article.date - lead.date).days) > WITHIN:
        return False
    return are_of_one_event(subject_of(lead), subject_of(article), index)


# --- what an article is about -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """What an article is about, by its title and lead."""

    names: tuple[str, ...]
    """Each once, in its longest form."""
    name_words: frozenset[str]
    words: frozenset[str]
    """Stems of the title and the lead."""
    query: str
    """What finds others on the same."""


@lru_cache(maxsize=4096)
def subject_of(article: Article) -> Subject:
    """What the title and the first sentences of an article are about."""
    title, lead = _opening(article)
    found = {text[start:end] for text in (title, lead) for start, end in find_names(text)}
    names: list[str] = []
    for name in sorted(found, key=lambda name: (-len(name), name)):
        if not any(name_matches(name, other) for other in names):
            names.append(name)
    parts = frozenset(word for name in names for word in name_words(name))
    return Subject(tuple(names), parts, words_of(article), " ".join([title, *names]))


def _opening(article: Article) -> tuple[str, str]:
    """The title that the article was given, and its first sentences."""
    begin = article.text[:_LEAD_CHARACTERS]
    lead = " ".join(begin[start:end] for start, end in islice(sentence_spans(begin), _LEAD))
    return "" if article.title_is_made else article.title, lead


@lru_cache(maxsize=4096)
def words_of(article: Article) -> frozenset[str]:
    """Stems of the title and the lead of an article."""
    return frozenset(stems(" ".join(_opening(article))))


def are_of_one_event(one: Subject, other: Subject, index: WordIndex) -> bool:
    """Whether two articles of the same days name the same in their leads, and share words beside."""
    if len(one.name_words & other.name_words) < 2:
        return False
    shared = [name for name in one.names if any(_is_same(name, theirs) for theirs in other.names)]
    least = min(_weight(one.names, index), _weight(other.names, index))
    names = min(_weight(shared, index) / max(least, 1e-9), 1.0)
    if len(shared) < 2 or names < SAME_NAMES:
        return False
    alike = _alike(one.words, other.words, index)
    return alike >= SAME_WORDS and names + 4 * alike >= ENOUGH


def _alike(one: frozenset[str], other: frozenset[str], index: WordIndex) -> float:
    """Share of the words, weighted by idf, that two openings have in common, of the shorter one."""
    weights = {word: _LEAST + index.idf(word) for word in one | other}
    total = min(sum(weights[word] for word in words) for words in (one, other))
    return sum(weights[word] for word in one & other) / max(total, 1e-9)


def _is_same(name: str, other: str) -> bool:
    return name_matches(name, other) or name_matches(other, name)


def _weight(names: Sequence[str], index: WordIndex) -> float:
    """How telling names are together: each as its rarest word."""
    return sum(_LEAST + max((index.idf(word) for word in words(name)), default=0.0) for name in names)
