"""Collects a user's own question set, question by question, and the thumbs that readers give to answers.

Two windows may write at once, and a process may be killed at any moment. So files are replaced as a whole, under a
lock, and in an order that keeps the set readable after every step: articles, questions, judgements.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from filelock import FileLock

from qa.errors import EvalError
from qa.evaluation.sets import CORPUS, QRELS, QUERIES, Evidence, Query
from qa.evaluation.sets.lines import json_lines, text_lines
from qa.evaluation.sets.rows import article_row, qrels_lines, query_row, row_lines
from qa.language.text import words
from qa.types import Article, Span, Turn

THUMBS = "thumbs.jsonl"
TYPE, THUMBED = "own", "thumb"
"""Types of questions that were added by hand, and of questions from a thumb."""


def add_question(
    folder: Path,
    question: str,
    *,
    answers: Sequence[str] = (),
    evidence: Sequence[Span] = (),
    others: Iterable[Article] = (),
    answerable: bool = True,
    as_of: dt.date | None = None,
    history: Sequence[Turn] = (),
    note: str | None = None,
) -> str:
    """Adds a question to the set in `folder` and returns its id. Creates the set if there is none.

    `evidence` are the passages that answer it: their articles are judged relevant and join the corpus as stored.
    `others` are articles that join the corpus as distractors, such as everything a search found. A question with the
    same text and `history` is replaced. Raises EvalError if there is nothing to compare an answer with, and if the set
    cannot be read or written.
    """
    text = " ".join(question.split())
    if not text:
        raise EvalError("The question is empty. Type one to add it.")
    if answerable and not evidence:
        raise EvalError("No passage is named that answers the question. Name one, or say that the articles do not.")
    if not answerable and (answers or evidence):
        raise EvalError("The question is marked as not answerable, and yet has an answer or a passage that answers it.")
    query = Query(
        id=question_id(text, history),
        text=text,
        date=as_of,
        answers=tuple(answers),
        type=TYPE,
        answerable=answerable,
        evidence=tuple(Evidence(span.article.id, span.text) for span in evidence),
        history=tuple(history),
    )
    add_query(folder, query, [*(span.article for span in evidence), *others], note)
    return query.id


def add_query(folder: Path, query: Query, articles: Iterable[Article], note: str | None = None) -> None:
    """Adds a question, or replaces the one with its id, in the set in `folder`. Adds missing articles.

    The articles of its evidence are judged relevant. Raises EvalError.
    """
    with _writing(folder):
        rows = dict(_rows(folder / CORPUS))
        new = {article.id: article_row(article) for article in articles if article.id not in rows}
        if bad := next((id for id in new if id.split() != [id]), None):
            raise EvalError(f"The id of article {bad!r} holds white space, which judgement files cannot.")
        if not rows and not new:
            raise EvalError(f"The set {folder} has no article yet. Add first a question that an article answers.")
        if lacking := {item.article_id for item in query.evidence} - rows.keys() - new.keys():
            raise EvalError(f"The article '{min(lacking)}' that answers the question is not in the set {folder}.")
        queries = dict(_rows(folder / QUERIES)) | {query.id: query_row(query, note=note)}
        qrels = _qrels(folder) | {query.id: dict.fromkeys((item.article_id for item in query.evidence), 1)}
        if new:
            _write(folder / CORPUS, row_lines([*rows.values(), *new.values()]))
        if not (folder / QRELS).exists():
            _write(folder / QRELS, qrels_lines({}))
        _write(folder / QUERIES, row_lines(queries.values()))
        _write(folder / QRELS, qrels_lines(qrels))


def question_id(question: str, history: Sequence[Turn] = ()) -> str:
    """The id of a question in a set; case and punctuation do not matter."""
    said = "\n".join(" ".join(words(text)) for text in [*(turn.question for turn in history), question])
    return f"own-{blake2b(said.encode(), digest_size=6).hexdigest()}"


# --- thumbs ----------------------------------------------------------------------------------------------------------


def add_thumb(
    folder: Path, record: Mapping[str, Any], up: bool, reason: str | None = None, *, as_of: dt.date | None = None
) -> None:
    """Appends a reader's opinion of an answer to thumbs.jsonl, with the record (`answer_json`).

    Raises EvalError if the file cannot be written.
    """
    thumb = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "up": up,
        "reason": reason,
        "as_of": as_of.isoformat() if as_of else None,
        "record": record,
    }
    path = folder / THUMBS
    with _writing(folder), path.open("ab+") as file:
        _cut_unfinished(path)
        file.write(row_lines([thumb]).encode())


def questions_from_thumbs(folder: Path) -> list[Query]:
    """The questions whose last thumb was up, for `add_query`. The cited passages are the evidence.

    A refusal with a thumb up is a question that the articles do not answer. The answer's words do not become an
    accepted answer, because another wording may be right too. Raises EvalError for an invalid line.
    """
    return [query for query, _ in thumbed_up(folder)]


def thumbed_up(folder: Path) -> list[tuple[Query, tuple[str, ...]]]:
    """The same, each with the ids of the articles that were found for it, to use as distractors."""
    if not (folder / THUMBS).is_file():
        return []
    with _writing(folder):
        _cut_unfinished(folder / THUMBS)
        thumbs = list(json_lines(folder / THUMBS))
    last: dict[str, tuple[Query, tuple[str, ...]] | None] = {}
    for line, thumb in thumbs:
        try:
            query = _thumbed(thumb)
            found = dict.fromkeys(passage["article_id"] for passage in thumb["record"].get("passages", ()))
            last[query.id] = (query, tuple(found)) if thumb["up"] else None
        except (KeyError, TypeError, ValueError):
            raise line.error("it is not a thumb with the record of an answer.") from None
    return [pair for pair in last.values() if pair]


def _thumbed(thumb: Mapping[str, Any]) -> Query:
    record = thumb["record"]
    text, refused = record["standalone_question"], record["abstained"]
    cited = dict.fromkeys(Evidence(c["article_id"], c["quote"]) for c in record["citations"])
    return Query(
        id=question_id(text),
        text=text,
        date=dt.date.fromisoformat(thumb["as_of"]) if thumb.get("as_of") else None,
        type=THUMBED,
        answerable=not refused,
        evidence=() if refused else tuple(cited),
    )


# --- files -----------------------------------------------------------------------------------------------------------


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Creates the folder and holds its lock. Raises EvalError for errors of the disk."""
    try:
        (folder / QRELS).parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "set.lock"):
            yield
    except OSError as error:
        raise EvalError(f"{folder} cannot be written: {error.strerror or error}. Choose another folder.") from None


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Id and values of each line; nothing if the file does not exist."""
    for line, values in json_lines(path) if path.exists() else ():
        if not isinstance(values.get("_id"), str):
            raise line.error("it has no id. Give it an '_id' that is a string.")
        yield values["_id"], values


def _qrels(folder: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    lines = list(text_lines(folder / QRELS)) if (folder / QRELS).exists() else []
    for line, text in lines[1:]:
        try:
            query, article, score = text.split("\t")
            qrels.setdefault(query, {})[article] = int(score)
        except ValueError:
            raise line.error("query id, article id and a whole number are expected, with tabs between.") from None
    return qrels


def _write(path: Path, text: str) -> None:
    """Replaces a file atomically."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def _cut_unfinished(path: Path) -> None:
    """Cuts off a last line that was not written completely."""
    with path.open("rb+") as file:
        file.truncate(file.read().rfind(b"\n") + 1)
