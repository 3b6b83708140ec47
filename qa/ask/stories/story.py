"""A story as its page tells it: a timeline, who is named, what the articles differ in and what they corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.ask.answer.choose import alike
from qa.ask.answer.differ import find_differences
from qa.ask.answer.running_text import running_sentences
from qa.ask.answer.sentences import PassageSentence, dissect
from qa.ask.stories.event import Event, event_of
from qa.ask.stories.named import Named, named_most
from qa.check.claims import Composed
from qa.language.told_days import PartialDate, first_day, published_day
from qa.library import Library
from qa.types import Article, Hit, Note, Passage, Span

READ = 40
"""Articles of a story that are read for its page, those that lead their versions and the newest; all are counted."""
RECENT = 30
"""Days before an article was published that it may tell of; what lies further back is history."""
NAMES = 12
DIFFERENCES = 5
_OPENING = 2  # sentences of an article, of which the first that says something new stands in the timeline
_BEGIN = 1_500  # characters of an article that are compared with others


@dataclass(frozen=True, slots=True)
class Entry:
    """A dated sentence of a story."""

    day: PartialDate
    span: Span
    """The sentence in its article."""


@dataclass(frozen=True, slots=True)
class Story:
    """What the articles of a story say."""

    event: Event
    timeline: tuple[Entry, ...]
    """In the order of the days."""
    named: tuple[Named, ...]
    differences: tuple[Composed, ...]
    corrections: tuple[tuple[Article, Note], ...]


def story_of(library: Library, article_id: str) -> Story | None:
    """The story that an article belongs to; None where the library has no such article."""
    event = event_of(library, article_id)
    if event is None:
        return None
    newest = [row.id for row in reversed(event.rows) if row.story == row.id][:READ]
    articles = sorted(
        library.store.articles.many(newest).values(), key=lambda one: (one.date is None, one.date or 0, one.id)
    )
    begins = [Hit(Passage(article, 0, _begin(article)), 1.0) for article in articles]
    notes = ((article, note) for article in articles for note in article.notes if note.kind != "editor")
    return Story(
        event,
        tuple(timeline_of(articles)),
        tuple(named_most(articles, NAMES)),
        tuple(find_differences(begins, DIFFERENCES)),
        tuple(notes),
    )


def _begin(article: Article) -> int:
    """Where the beginning of a text ends, with a whole word."""
    return len(article.text) if len(article.text) <= _BEGIN else article.text.rfind(" ", 0, _BEGIN) + 1 or _BEGIN


def timeline_of(articles: Sequence[Article]) -> list[Entry]:
    """Of each article the first sentence that says something new, in the order of the days."""
    return sorted(_entries(articles), key=lambda entry: (entry.day, entry.span.article.date, entry.span.article.id))


def _entries(articles: Sequence[Article]) -> Iterator[Entry]:
    told: list[PassageSentence] = []
    for article in articles:
        for span in running_sentences(article)[:_OPENING]:
            sentence, day = dissect(span, 0), day_told(span)
            if day and not any(alike(sentence, other) for other in told):
                told.append(sentence)
                yield Entry(day, span)
                break


def day_told(span: Span) -> PartialDate | None:
    """The day that a sentence names, where that is one of the last before publication, or else that of publication."""
    published = span.article.date
    told = first_day(span.text, published)
    if told and told.whole and published and 0 <= (published - told.whole).days <= RECENT:
        return told
    return published_day(published)
