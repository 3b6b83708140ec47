"""What a refusal leads on to: words that no article has, what the library has on the subject, a filter in the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from qa.language.analyzer import folded, has_no_spaces
from qa.show.wording import filters_text, when_text
from qa.store import WordIndex, WordQuery
from qa.types import Filters, Hit, Question

_ON_THE_SUBJECT = 0.7
"""Share of the known words of a question, by idf, that the best sentence of a passage holds which is on its subject."""
_FEWEST_KNOWN = 2
"""Known words of a question that has a subject at all."""
_MOST_WORDS = 6


def leads(
    question: Question, hits: Sequence[Hit], index: WordIndex, is_answered: Callable[[Question], bool]
) -> str | None:
    """What helps a reader on whose question the articles do not answer; None where there is nothing to say.

    `is_answered` says whether the articles answer another question; it is asked where a filter may be in the way.
    """
    query = index.query(question.standalone)
    # What looks like a word of another language is not what was meant.
    is_read = question.language == question.articles_language or question.is_reworded
    said = [
        *(_missing(question, query, hits) if is_read else ()),
        _subject(index, query, hits),
        _filter(question, is_answered),
    ]
    return " ".join(filter(None, said)) or None


def _missing(question: Question, query: WordQuery, hits: Sequence[Hit]) -> Iterator[str]:
    """The words of the question that no article has, and the names that were meant where that can be told."""
    unknown: list[str] = []
    for term in query.terms:
        if term.is_held or has_no_spaces(term.word):  # of such a script a term is two letters, no word
            continue
        typed = _as_written(term.word, [question.standalone])
        meant = next(filter(None, (_as_written(word, (hit.passage.text for hit in hits)) for word in term.meant)), "")
        if meant:
            yield f"No article has “{typed}”; “{meant}” was searched for as well."
        elif typed:
            unknown.append(f"“{typed}”")
    if unknown:
        shown = ", ".join(unknown[:_MOST_WORDS])
        yield f"No article has the word{'s' * (len(unknown) > 1)} {shown}."


def _as_written(word: str, texts: Iterable[str]) -> str:
    """The word as the first of the texts that holds it writes it; it may be a stem. Empty where none does."""
    wanted = folded(word).casefold()
    said = (match[0] for text in texts for match in _WORD.finditer(text))
    return next((one for one in said if folded(one).casefold().startswith(wanted)), "")


_WORD = re.compile(r"\w+")


def _subject(index: WordIndex, query: WordQuery, hits: Sequence[Hit]) -> str:
    """How many articles are on the subject of the question, and from when to when they are."""
    known = tuple(term for term in query.terms if term.is_held)
    if len(known) < _FEWEST_KNOWN:
        return ""
    query = replace(query, terms=known)
    covered = index.coverage(query, [hit.passage.id for hit in hits])
    articles = {
        hit.passage.article.id: hit.passage.article for hit in hits if covered[hit.passage.id] >= _ON_THE_SUBJECT
    }
    if not articles:
        return ""
    when = when_text([article.date for article in articles.values() if article.date])
    count = f"{len(articles)} article{'s' * (len(articles) > 1)}"
    if not when:
        return f"{count} found {'are' if len(articles) > 1 else 'is'} on the subject."
    return f"{count} {when} {'come' if len(articles) > 1 else 'comes'} close."


def _filter(question: Question, is_answered: Callable[[Question], bool]) -> str:
    """That there is an answer without the reader's filters, where there is."""
    filters = question.filters
    free = Filters(any_time=filters.any_time, dated_until=filters.dated_until)
    if filters == free or not is_answered(replace(question, filters=free)):
        return ""
    return f"Without the filter ({filters_text(filters)}) there is an answer."
