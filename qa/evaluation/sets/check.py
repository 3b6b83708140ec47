"""Checks a question set before it is used: problems that make its numbers wrong, or lower than they should be."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.errors import EvalError
from qa.evaluation.metrics import contains_answer
from qa.evaluation.sets import CORPUS, QRELS, QUERIES, Query, SetLines, find_folder, is_judged, read_lines
from qa.evaluation.sets.lines import BadLine, Line
from qa.ingest.clean import clean, line_hashes, recurring_lines
from qa.ingest.describe import find_outlet
from qa.ingest.fetch import is_address, plain_address
from qa.ingest.read import Failure, Record, read_file
from qa.ingest.split import split
from qa.language.days import read_day
from qa.language.text import normalise, words


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a set that readers of its numbers must know about."""

    kind: str
    """A row of PROBLEM_KINDS."""
    where: str
    """File and line."""
    message: str
    is_error: bool = False
    """True when the set cannot be used, or does not measure what it claims to."""


PROBLEM_KINDS: Mapping[str, str] = {
    "unusable": "files and lines that cannot be read, and ids that do not exist",
    "unjudged": "questions of which nothing is known; they are not asked",
    "duplicate": "the same question or the same article under two ids",
    "article": "articles that the library cannot read",
    "evidence": "evidence that does not stand in its article as the library stores it",
    "answer": "accepted answers that stand in none of the relevant articles",
    "split": "evidence that no passage holds whole",
    "unanswerable": "unanswerable questions that articles are relevant to",
    "date": "questions asked before the first article or long after the last one",
    "ceiling": "how much of the evidence the passages hold whole, at best",
}
_LONG_AFTER = dt.timedelta(days=365)


def check_set(name_or_folder: str | Path, passage_words: int = 200, *, clean_articles: bool = True) -> list[Problem]:
    """The problems of a set: errors, then warnings, then the ceiling if there is evidence.

    Articles are cleaned and split as in a library with these settings. Raises EvalError for an unknown set.
    """
    folder = find_folder(name_or_folder)
    bad: list[BadLine] = []
    try:
        lines = read_lines(folder, bad.append)
    except EvalError as error:
        return [*map(_unusable, bad), Problem("unusable", str(folder), str(error), is_error=True)]
    articles = _read_articles(folder / CORPUS, lines, clean_articles)
    found = [
        *map(_unusable, bad),
        *_unjudged(lines),
        *_same_questions(lines),
        *_same_articles(lines, articles),
        *_unreadable(lines, articles, bad),
        *_undated(lines, articles),
    ]
    for line, query in lines.queries.values():
        found += _about_query(line, query, lines, articles)
    evidence = [_place_evidence(line, query, articles, passage_words) for line, query in lines.queries.values()]
    found += [problem for pieces in evidence for piece in pieces if (problem := piece.problem)]
    found.sort(key=lambda problem: not problem.is_error)
    return [*found, *_ceiling(evidence, passage_words)]


def _unusable(error: BadLine) -> Problem:
    return Problem("unusable", _place(error.line), error.reason, is_error=True)


def _place(line: Line) -> str:
    file = next(name for name in (CORPUS, QUERIES, QRELS) if str(line.path).endswith(name))
    return f"{file}, line {line.number}"


# --- articles --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Articles:
    """What is known of the corpus. Only articles that a question refers to have a text."""

    texts: dict[str, str] = field(default_factory=dict)
    """As the library stores them."""
    heads: dict[str, str] = field(default_factory=dict)
    """Title, outlet and date of the same articles: an answer may name them."""
    readable: set[str] = field(default_factory=set)
    same: dict[tuple[str, object], list[str]] = field(default_factory=lambda: defaultdict(list))
    """What articles have in common -> their ids."""
    days: list[dt.date] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def _read_articles(corpus: Path, lines: SetLines, clean_articles: bool) -> _Articles:
    needed = {article for judged in lines.qrels.values() for article in judged}
    needed |= {piece.article_id for _, query in lines.queries.values() for piece in query.evidence}
    articles = _Articles()
    raw: dict[str, Record] = {}
    outlets: dict[str | None, list[NDArray[np.uint64]]] = defaultdict(list)
    for item in read_file(corpus):
        if isinstance(item, Failure):
            articles.failures.append(item)
        elif isinstance(item, Record) and (id := str(item.fields.get("id", ""))) in lines.articles:
            articles.readable.add(id)
            articles.same["the same text", sha256("".join(item.text.split()).encode()).digest()].append(id)
            if is_address(url := str(item.fields.get("url", ""))):
                articles.same["the same address", plain_address(url)].append(id)
            if day := read_day(item.fields.get("date")):
                articles.days.append(day.date)
            if clean_articles:
                outlets[find_outlet(item.fields)].append(line_hashes(item.text))
            if id in needed:
                raw[id] = item
    recurring = {outlet: recurring_lines(hashes) for outlet, hashes in outlets.items()}
    for id, record in raw.items():
        own = recurring.get(find_outlet(record.fields), {})
        articles.texts[id] = clean(record.text, own, keep_everything=not clean_articles).text
        articles.heads[id] = " ".join(str(record.fields.get(name) or "") for name in ("title", "outlet", "date"))
    return articles


def _unreadable(lines: SetLines, articles: _Articles, bad: Sequence[BadLine]) -> Iterator[Problem]:
    reported = {str(error.line) for error in bad}
    for failure in articles.failures:
        if failure.name not in reported:
            reported.add(failure.name)
            yield Problem("article", Path(failure.name).name, f"the library cannot read it: {failure.reason}.")
    for id, line in lines.articles.items():
        if id not in articles.readable and str(line) not in reported:
            message = f"the library gives article '{_short(id)}' another id. Use plain characters, and not over 200."
            yield Problem("article", _place(line), message, is_error=True)


def _same_articles(lines: SetLines, articles: _Articles) -> Iterator[Problem]:
    reported: set[tuple[str, str]] = set()
    for (what, _), (first, *others) in articles.same.items():
        for id in others:
            if (first, id) not in reported:
                reported.add((first, id))
                message = f"article '{id}' has {what} as '{first}'; the library may keep one of them only."
                yield Problem("duplicate", _place(lines.articles[id]), message)


# --- questions -------------------------------------------------------------------------------------------------------


def _unjudged(lines: SetLines) -> Iterator[Problem]:
    for line, query in lines.queries.values():
        if not is_judged(query, lines.qrels):
            message = f"nothing is known of question '{query.id}', so it is not asked. Add answers or a judgement."
            yield Problem("unjudged", _place(line), message)


def _same_questions(lines: SetLines) -> Iterator[Problem]:
    seen: dict[object, str] = {}
    for line, query in lines.queries.values():
        # In a conversation the same words can be another question, and on another day too.
        key = (" ".join(words(query.text)), query.history, query.date)
        if key in seen:
            yield Problem("duplicate", _place(line), f"question '{query.id}' asks the same as '{seen[key]}'.")
        seen.setdefault(key, query.id)


def _undated(lines: SetLines, articles: _Articles) -> Iterator[Problem]:
    if not articles.days:
        return
    first, last = min(articles.days), max(articles.days)
    for line, query in lines.queries.values():
        if query.date and query.date < first:
            message = f"question '{query.id}' is asked on {query.date}, before the first article ({first})."
            yield Problem("date", _place(line), message)
        elif query.date and query.date > last + _LONG_AFTER:
            message = f"question '{query.id}' is asked on {query.date}, over a year after the last article ({last})."
            yield Problem("date", _place(line), message)


def _about_query(line: Line, query: Query, lines: SetLines, articles: _Articles) -> Iterator[Problem]:
    relevant = [article for article, (_, score) in lines.qrels.get(query.id, {}).items() if score > 0]
    if query.answerable is False and relevant:
        message = f"question '{query.id}' is not answerable, and yet '{relevant[0]}' is judged relevant to it."
        yield Problem("unanswerable", _place(line), message, is_error=True)
    if query.answerable is False and query.evidence and not query.corrects:
        message = (
            f"question '{query.id}' is not answerable, and yet has evidence. Add 'corrects' if its premise is false."
        )
        yield Problem("unanswerable", _place(line), message)
    if query.answerable and not relevant and lines.qrels:
        message = f"question '{query.id}' is answerable, and yet no article is judged relevant to it."
        yield Problem("unjudged", _place(line), message)
    texts = [articles.texts.get(id, "") + "\n" + articles.heads.get(id, "") for id in relevant]
    missing = [answer for answer in query.answers if not any(contains_answer(text, [answer]) for text in texts)]
    if relevant and missing and (query.wants_all or len(missing) == len(query.answers)):
        message = f"the answer '{_short(missing[0])}' of question '{query.id}' stands in none of its relevant articles."
        yield Problem("answer", _place(line), message)


# --- evidence --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of evidence, and whether one passage contains all of it."""

    is_whole: bool
    problem: Problem | None = None


def _place_evidence(line: Line, query: Query, articles: _Articles, passage_words: int) -> list[_Piece]:
    pieces = []
    for evidence in query.evidence:
        text = articles.texts.get(evidence.article_id, "")
        spans = list(occurrences(evidence.text, text))
        if not spans:
            message = f"the evidence '{_short(evidence.text)}' of question '{query.id}' does not stand in the article "
            message += f"'{evidence.article_id}' as the library stores it."
            pieces.append(_Piece(False, Problem("evidence", _place(line), message, is_error=True)))
        elif not is_whole(spans, split(text, passage_words)):
            message = f"no passage of {passage_words} words holds the evidence '{_short(evidence.text)}' of question "
            pieces.append(_Piece(False, Problem("split", _place(line), f"{message}'{query.id}' whole.")))
        else:
            pieces.append(_Piece(True))
    return pieces


def occurrences(words_of: str, text: str) -> Iterator[tuple[int, int]]:
    """Offsets of each occurrence of the words in a stored text; white space may differ."""
    pattern = r"\s+".join(re.escape(word) for word in normalise(words_of).split())
    return (match.span() for match in re.finditer(pattern, text)) if pattern else iter(())


def is_whole(spans: Iterable[tuple[int, int]], passages: Sequence[tuple[int, int]]) -> bool:
    """True when a passage contains one of the spans from beginning to end."""
    return any(begin <= start and end <= stop for start, end in spans for begin, stop in passages)


def _ceiling(evidence: Sequence[Sequence[_Piece]], passage_words: int) -> Iterator[Problem]:
    """The best result that any search could reach with these passages."""
    asked = [pieces for pieces in evidence if pieces]
    if not asked:
        return
    some = sum(any(piece.is_whole for piece in pieces) for pieces in asked)
    every = sum(all(piece.is_whole for piece in pieces) for pieces in asked)
    message = f"with passages of {passage_words} words {some} of {len(asked)} questions with evidence"
    message += f" ({some / len(asked):.3f}) have a piece of it that one passage holds whole, and {every}"
    message += f" ({every / len(asked):.3f}) have all of it in such passages. No search can find more."
    yield Problem("ceiling", QUERIES, message)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
