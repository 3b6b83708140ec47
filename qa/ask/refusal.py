"""What a refusal leads on to: words that no article has, what the library has on the subject, a filter in the way."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from qa.language.analyzer import folded, has_no_spaces
from qa.show.wording import filters_text, when_text
from qa.store import Articles, QueryTerm, WordIndex, WordQuery
from qa.types import Article, Filters, Hit, Question

_ON_THE_SUBJECT = 0.7
"""Share of the known words of a question, by idf, that the best sentence of a passage holds which is on its subject."""
_FEWEST_KNOWN = 2
"""Known words of a question that has a subject at all."""
_MOST_WORDS = 6
_COUNTED = 400
"""Passages with a name, at most, whose articles are counted."""


def leads(
    question: Question,
    hits: Sequence[Hit],
    index: WordIndex,
    articles: Articles,
    is_answered: Callable[[Question], bool],
) -> str | None:
    """What helps a reader on whose question the articles do not answer; None where there is nothing to say.

    `is_answered` says whether the articles answer another question; it is asked where a filter may be in the way.
    """
    query = index.query(question.standalone)
    # What looks like a word of another language is not what was meant.
    is_read = question.language == question.articles_language or question.is_reworded
    said = [
        *(_missing(question, query, hits) if is_read else ()),
        _subject(index, query, hits) or (_named(question, index, query, articles) if is_read else ""),
        _time(question, articles),
        _filter(question, is_answered),
    ]
    return " ".join(filter(None, said)) or None


def missing_names(question: Question, index: WordIndex) -> str | None:
    """That no article has a name of the question, for the reader of an answer that may be about another; else None."""
    terms = index.query(question.standalone).terms
    unknown = [term.word for term in terms if term.kind == "name" and not term.is_held and not term.meant]
    typed = [f"“{written}”" for word in unknown if (written := _as_written(word, [question.standalone]))]
    return _no_article_has(typed) if question.language == question.articles_language else None


def _no_article_has(typed: Sequence[str]) -> str | None:
    shown = ", ".join(typed[:_MOST_WORDS])
    return f"No article has the word{'s' * (len(typed) > 1)} {shown}." if typed else None


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
    if said := _no_article_has(unknown):
        yield said


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
    count, when = _counted(articles.values())
    if not when:
        return f"{count} found {'are' if len(articles) > 1 else 'is'} on the subject."
    return f"{count} {when} {'come' if len(articles) > 1 else 'comes'} close."


def _counted(articles: Collection[Article]) -> tuple[str, str]:
    """How many articles, and from when to when they are."""
    when = when_text([article.date for article in articles if article.date])
    return f"{len(articles):,} article{'s' * (len(articles) > 1)}", when


def _named(question: Question, index: WordIndex, query: WordQuery, articles: Articles) -> str:
    """How many articles have the name that is asked about, the rarest of several; empty where none is asked about."""
    names = [term for term in query.terms if term.is_held and term.kind == "name"]
    if not names or question.filters.is_choice:
        return ""
    term = max(names, key=lambda term: term.idf)
    found = index.passage_ids[index.scores(replace(query, terms=(_itself(term),))) > 0]
    if len(found) > _COUNTED:
        return ""
    until = question.as_of or dt.date.max
    passages = articles.passages([int(id_) for id_ in found], until=question.as_of).values()
    there = [passage for passage in passages if (passage.article.date or until) <= until]
    name = _as_written(index.word(term.tokens[0]), (passage.text for passage in there))
    held = {passage.article.id: passage.article for passage in there}
    if not name:
        return ""
    count, when = _counted(held.values())
    return " ".join(filter(None, [count, when, f"{'have' if len(held) > 1 else 'has'} the name “{name}”."]))


def _itself(term: QueryTerm) -> QueryTerm:
    """The term without what is merely related to it."""
    return replace(term, tokens=term.tokens[:1], weights=(1.0,))


def _time(question: Question, articles: Articles) -> str:
    """Which time the library is of, where the question is about another."""
    held = articles.first_and_last_day(question.as_of) if question.window else None
    if not question.window or not held:
        return ""
    first, last = question.window.days
    if not (last and last < held[0]) and not (first and first > held[1]):
        return ""
    return f"The library holds articles {when_text(held)}."


def _filter(question: Question, is_answered: Callable[[Question], bool]) -> str:
    """That there is an answer without the reader's filters, where there is."""
    filters = question.filters
    free = Filters(any_time=filters.any_time, dated_until=filters.dated_until)
    if filters == free or not is_answered(replace(question, filters=free)):
        return ""
    return f"Without the filter ({filters_text(filters)}) there is an answer."
