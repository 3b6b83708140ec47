"""Question sets in the BEIR layout: a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv becomes an EvalSet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import EvalError
from qa.evaluation.sets.lines import BadLine, Line, OnBadLine, json_lines, refuse, text_lines
from qa.prompts import folder
from qa.types import Turn

BUNDLED = folder("eval/sets")
CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels/test.tsv"
# Types of questions that ask for several items. Their `answers` are items, not wordings of one answer.
SEVERAL = frozenset(("list", "multi"))
QRELS_HEADER = ("query-id", "corpus-id", "score")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of an article that support an answer."""

    article_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """The source of a quotation or a fact; a field is None when it is unknown."""

    title: str | None = None
    outlet: str | None = None
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A question of a set and what is known about its answer."""

    id: str
    text: str
    date: dt.date | None = None
    """The as-of date: the day on which the question is asked."""
    answers: tuple[str, ...] = ()
    """Accepted wordings, any one of which is right; for the types in SEVERAL, items that are all required."""
    type: str | None = None
    answerable: bool | None = None
    """True when the corpus answers it; None when the set does not say."""
    evidence: tuple[Evidence, ...] = ()
    history: tuple[Turn, ...] = ()
    """The conversation before a follow-up question."""
    corrects: str | None = None
    """What the articles say instead, when the premise of the question is false."""
    attribution: Attribution | None = None
    """The source to find, when the question asks where something was published."""

    @property
    def wants_all(self) -> bool:
        """True when a full answer needs every one of `answers`."""
        return self.type in SEVERAL


@dataclass(frozen=True, slots=True)
class EvalSet:
    """Questions, the articles they are asked of, and which article is relevant to which question."""

    name: str
    folder: Path
    articles: tuple[str, ...]
    """Ids, in the order of the corpus file."""
    queries: tuple[Query, ...]
    """Only questions with a known answer or judgement; public sets contain others as well."""
    qrels: Mapping[str, Mapping[str, int]]
    """Query id -> article id -> relevance; above zero is relevant."""

    @property
    def corpus(self) -> Path:
        """The file with the articles."""
        return self.folder / CORPUS

    @property
    def files(self) -> Mapping[str, Path]:
        """The files of the set: corpus, queries, qrels."""
        return {"corpus": self.corpus, "queries": self.folder / QUERIES, "qrels": self.folder / QRELS}


def bundled_sets() -> list[str]:
    """Names of the sets that ship with the project."""
    return sorted(path.parent.name for path in BUNDLED.glob(f"*/{QUERIES}"))


def load_set(name_or_folder: str | Path) -> EvalSet:
    """The bundled set of that name, or the set in a folder. To load a folder with a bundled name, write `./seeds`.

    Raises EvalError with file and line for a missing file, an unreadable line, a question without an id, a duplicate
    id, a judgement of an unknown question or article, and a set without articles or questions.
    """
    folder = find_folder(name_or_folder)
    lines = read_lines(folder)
    judged = tuple(query for _, query in lines.queries.values() if is_judged(query, lines.qrels))
    if not judged:
        raise EvalError(f"{folder}: no question has an answer, evidence or a judgement, so nothing can be measured.")
    qrels = {query: {article: score for article, (_, score) in rows.items()} for query, rows in lines.qrels.items()}
    return EvalSet(folder.resolve().name, folder, tuple(lines.articles), judged, qrels)


@dataclass(frozen=True, slots=True)
class SetLines:
    """The contents of a set's files, each with its line."""

    articles: Mapping[str, Line]
    queries: Mapping[str, tuple[Line, Query]]
    """Including questions without any known answer."""
    qrels: Mapping[str, Mapping[str, tuple[Line, int]]]
    """Query id -> article id -> line and relevance."""


def read_lines(folder: Path, on_bad_line: OnBadLine = refuse) -> SetLines:
    """The three files of a set. Lines that cannot be used go to `on_bad_line`, and reading continues.

    Raises EvalError for a file that is missing, unreadable or empty.
    """
    for file in (CORPUS, QUERIES, QRELS):
        if not (folder / file).is_file():
            raise EvalError(f"{folder / file} is missing. A question set holds {CORPUS}, {QUERIES} and {QRELS}.")
    # Only the ids of articles are kept: a corpus can be larger than memory.
    articles = {id: line for id, line, _ in _with_ids(folder / CORPUS, "articles", on_bad_line)}
    rows = {id: (line, values) for id, line, values in _with_ids(folder / QUERIES, "questions", on_bad_line)}
    queries: dict[str, tuple[Line, Query]] = {}
    for id, (line, values) in rows.items():
        try:
            queries[id] = line, read_query(id, line, values, articles)
        except BadLine as error:
            on_bad_line(error)
    return SetLines(articles, queries, _read_qrels(folder / QRELS, rows, articles, on_bad_line))


def is_judged(query: Query, judged: Container[str]) -> bool:
    """True when the set has something to compare an answer with."""
    return query.answerable is not None or bool(query.answers or query.evidence or query.id in judged)


def find_folder(name_or_folder: str | Path) -> Path:
    """The folder of a set, by bundled name or path. Raises EvalError for an unknown set."""
    name = str(name_or_folder)
    if name in bundled_sets():
        return BUNDLED / name
    if Path(name).is_dir():
        return Path(name)
    choices = ", ".join(bundled_sets()) or "none"
    raise EvalError(f"There is no question set '{name}'. Give a folder, or the name of a bundled set ({choices}).")


def _with_ids(path: Path, things: str, on_bad_line: OnBadLine) -> Iterator[tuple[str, Line, dict[str, Any]]]:
    """Id, line and values of each line, in order. Raises EvalError for an empty file."""
    found: dict[str, int] = {}
    for line, values in json_lines(path, on_bad_line):
        try:
            id = _id(line, values.get("_id"), found)
        except BadLine as error:
            on_bad_line(error)
            continue
        found[id] = line.number
        yield id, line, values
    if not found:
        raise EvalError(f"{path} holds no {things}.")


def _id(line: Line, id: object, found: Mapping[str, int]) -> str:
    if not isinstance(id, str) or not id:
        raise line.error("it has no id. Give it an '_id' that is a string.")
    if id.split() != [id]:
        raise line.error(f"the id {id!r} holds white space, which run and judgement files cannot.")
    if id in found:
        raise line.error(f"the id '{id}' is already on line {found[id]}.")
    return id


# --- questions -------------------------------------------------------------------------------------------------------


def read_query(id: str, line: Line, values: Mapping[str, Any], articles: Container[str]) -> Query:
    """The question in a line of queries.jsonl. Raises BadLine for an invalid field."""
    text, metadata = values.get("text"), values.get("metadata") or {}
    if not isinstance(text, str) or not text.strip():
        raise line.error(f"question '{id}' has no text.")
    if not isinstance(metadata, dict):
        raise line.error("'metadata' is not a JSON object.")
    answers, answerable = _answers(line, metadata), metadata.get("answerable")
    if not isinstance(answerable, bool | None):
        raise line.error(f"'answerable' is {answerable!r}; write true or false.")
    if not isinstance(metadata.get("type", ""), str | None):
        raise line.error("'type' is not a string.")
    if answers and answerable is False:
        raise line.error(f"question '{id}' is marked as not answerable and yet has answers.")
    return Query(
        id=id,
        text=text,
        date=_date(line, metadata.get("date")),
        answers=answers,
        type=metadata.get("type"),
        answerable=True if answers else answerable,
        evidence=_evidence(line, metadata, articles),
        history=_history(line, metadata),
        corrects=_corrects(line, metadata, answerable),
        attribution=_attribution(line, metadata),
    )


def _answers(line: Line, metadata: dict[str, Any]) -> tuple[str, ...]:
    answers = metadata.get("answers") or []
    if not isinstance(answers, list) or not all(isinstance(answer, str) and answer.strip() for answer in answers):
        raise line.error("'answers' is not a list of strings.")
    return tuple(answers)


def _date(line: Line, value: object) -> dt.date | None:
    if value in (None, ""):
        return None
    try:
        return dt.datetime.fromisoformat(str(value)).date()
    except ValueError:
        raise line.error(f"the date {value!r} is not a day such as 2017-01-19.") from None


def _evidence(line: Line, metadata: dict[str, Any], articles: Container[str]) -> tuple[Evidence, ...]:
    evidence = tuple(
        Evidence(item["article_id"], item["text"])
        for item in _objects(line, metadata, "evidence", "article_id", "text")
    )
    for item in evidence:
        if item.article_id not in articles:
            raise line.error(f"its evidence names the article '{item.article_id}', which is not in {CORPUS}.")
    return evidence


def _history(line: Line, metadata: dict[str, Any]) -> tuple[Turn, ...]:
    turns = _objects(line, metadata, "history", "question", "answer")
    return tuple(Turn(t["question"], t.get("standalone_question", t["question"]), t["answer"]) for t in turns)


def _corrects(line: Line, metadata: dict[str, Any], answerable: bool | None) -> str | None:
    corrects = metadata.get("corrects")
    if not isinstance(corrects, str | None):
        raise line.error("'corrects' is not a string.")
    if corrects and answerable is not False:
        raise line.error("it has 'corrects', so its premise is false; write 'answerable': false.")
    return corrects or None


def _attribution(line: Line, metadata: dict[str, Any]) -> Attribution | None:
    values = metadata.get("attribution")
    if values is None:
        return None
    if not isinstance(values, dict) or not all(isinstance(values.get(name), str | None) for name in _ATTRIBUTED):
        raise line.error(f"'attribution' is not an object of texts with the names {', '.join(_ATTRIBUTED)}.")
    return Attribution(values.get("title"), values.get("outlet"), _date(line, values.get("date")))


_ATTRIBUTED = ("title", "outlet", "date")


def _objects(line: Line, metadata: dict[str, Any], name: str, *fields: str) -> list[dict[str, Any]]:
    """The list of objects under `name`. Each must have the given text fields."""
    items = metadata.get(name) or []
    if not isinstance(items, list):
        raise line.error(f"'{name}' is not a list.")
    for item in items:
        if not isinstance(item, dict) or not all(isinstance(item.get(field), str) for field in fields):
            raise line.error(f"an item of '{name}' lacks one of: {', '.join(fields)}.")
    return items


# --- judgements ------------------------------------------------------------------------------------------------------


def _read_qrels(
    path: Path, queries: Container[str], articles: Container[str], on_bad_line: OnBadLine
) -> dict[str, dict[str, tuple[Line, int]]]:
    lines = text_lines(path)
    line, header = next(lines, (Line(path, 1), ""))
    if tuple(header.split("\t")) != QRELS_HEADER:
        on_bad_line(line.error(f"the header '{'<tab>'.join(QRELS_HEADER)}' is expected here, not {header[:60]!r}."))
    qrels: dict[str, dict[str, tuple[Line, int]]] = {}
    for line, text in lines:
        try:
            query, article, score = _judgement(line, text)
            if query not in queries:
                raise line.error(f"question '{query}' is not in {QUERIES}.")
            if article not in articles:
                raise line.error(f"article '{article}' is not in {CORPUS}.")
            if article in qrels.get(query, {}):
                raise line.error(f"question '{query}' and article '{article}' are judged twice.")
        except BadLine as error:
            on_bad_line(error)
            continue
        qrels.setdefault(query, {})[article] = line, score
    return qrels


def _judgement(line: Line, text: str) -> tuple[str, str, int]:
    fields = text.split("\t")
    try:
        query, article, score = fields
        return query, article, int(score)
    except ValueError:
        raise line.error(
            f"query id, article id and a whole number are expected, with tabs between, not {text[:60]!r}."
        ) from None
