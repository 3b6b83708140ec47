"""Question sets in the BEIR layout: a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv becomes an EvalSet."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import EvalError
from qa.types import Turn

BUNDLED = Path(__file__).parent / "sets"
CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels/test.tsv"
# Types of questions whose answers are items that a full answer holds all of, and not wordings of one answer.
SEVERAL = frozenset(("list", "multi"))
QRELS_HEADER = ("query-id", "corpus-id", "score")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of an article that an answer can rest on."""

    article_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question of a set and what is known about its answer."""

    id: str
    text: str
    date: dt.date | None = None
    """The day it is asked from the point of view of."""
    answers: tuple[str, ...] = ()
    """Accepted wordings, of which any one is right; for the types in SEVERAL, items of which all are wanted."""
    type: str | None = None
    answerable: bool | None = None
    """Whether the corpus answers it; None where the set does not say."""
    evidence: tuple[Evidence, ...] = ()
    history: tuple[Turn, ...] = ()
    """The conversation before it, of a question that follows up."""

    @property
    def wants_all(self) -> bool:
        """Whether a full answer holds every one of `answers`."""
        return self.type in SEVERAL


@dataclass(frozen=True, slots=True)
class EvalSet:
    """Questions, the articles they are asked of, and which article is relevant to which question."""

    name: str
    folder: Path
    articles: tuple[str, ...]
    """Ids, in the order of the corpus file."""
    queries: tuple[Query, ...]
    """Only those that something is known about; public sets bring others along."""
    qrels: Mapping[str, Mapping[str, int]]
    """Query id -> article id -> relevance; above zero is relevant."""

    @property
    def corpus(self) -> Path:
        """The file that holds the articles."""
        return self.folder / CORPUS

    @property
    def files(self) -> Mapping[str, Path]:
        """What the set consists of: corpus, queries, qrels."""
        return {"corpus": self.corpus, "queries": self.folder / QUERIES, "qrels": self.folder / QRELS}


def bundled_sets() -> list[str]:
    """Names of the sets that ship with the project."""
    return sorted(path.parent.name for path in BUNDLED.glob(f"*/{QUERIES}"))


def load_set(name_or_folder: str | Path) -> EvalSet:
    """The set called by a bundled name, or else the one in a folder; `./seeds` is a folder that has a bundled name.

    Raises EvalError, naming file and line, for a file that is missing, a line that cannot be read, a question without
    an id, two equal ids, judgements of questions or articles that are not there, and a set without articles or
    questions.
    """
    folder = _folder(str(name_or_folder))
    for file in (CORPUS, QUERIES, QRELS):
        if not (folder / file).is_file():
            raise EvalError(f"{folder / file} is missing. A question set holds {CORPUS}, {QUERIES} and {QRELS}.")
    articles = tuple(_unique_ids(folder / CORPUS, "articles"))
    lines = _unique_ids(folder / QUERIES, "questions")
    known = frozenset(articles)
    queries = [_query(id, line, values, known) for id, (line, values) in lines.items()]
    qrels = _read_qrels(folder / QRELS, frozenset(lines), known)
    judged = tuple(query for query in queries if _is_judged(query, qrels))
    if not judged:
        raise EvalError(f"{folder}: no question has an answer, evidence or a judgement, so nothing can be measured.")
    return EvalSet(folder.resolve().name, folder, articles, judged, qrels)


def _folder(name: str) -> Path:
    if name in bundled_sets():
        return BUNDLED / name
    if Path(name).is_dir():
        return Path(name)
    choices = ", ".join(bundled_sets()) or "none"
    raise EvalError(f"There is no question set '{name}'. Give a folder, or the name of a bundled set ({choices}).")


def _is_judged(query: Query, qrels: Mapping[str, Mapping[str, int]]) -> bool:
    return query.answerable is not None or bool(query.answers or query.evidence or query.id in qrels)


# --- JSON lines ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """A place in a file, as errors name it."""

    path: Path
    number: int

    def error(self, reason: str) -> EvalError:
        return EvalError(f"{self.path}, line {self.number}: {reason}")


def _unique_ids(path: Path, things: str) -> dict[str, tuple[_Line, dict[str, Any]]]:
    """Id -> line and its values, in order."""
    found: dict[str, tuple[_Line, dict[str, Any]]] = {}
    for line, values in _json_lines(path):
        id = values.get("_id")
        if not isinstance(id, str) or not id:
            raise line.error("it has no id. Give it an '_id' that is a string.")
        if id.split() != [id]:
            raise line.error(f"the id {id!r} holds white space, which run and judgement files cannot.")
        if id in found:
            raise line.error(f"the id '{id}' is already on line {found[id][0].number}.")
        # Of an article only the id is wanted here; a corpus can be larger than memory.
        found[id] = (line, values if path.name == QUERIES else {})
    if not found:
        raise EvalError(f"{path} holds no {things}.")
    return found


def _json_lines(path: Path) -> Iterator[tuple[_Line, dict[str, Any]]]:
    for line, text in _text_lines(path):
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise line.error(f"it is not JSON ({error.msg} at character {error.pos + 1}).") from None
        if not isinstance(values, dict):
            raise line.error("it is not a JSON object.")
        yield line, values


def _text_lines(path: Path) -> Iterator[tuple[_Line, str]]:
    """The lines of a file that are not blank."""
    number = 0
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, text in enumerate(file, start=1):
                if text.strip():
                    yield _Line(path, number), text.rstrip("\r\n")
    except UnicodeDecodeError:
        raise EvalError(f"{path} is not UTF-8 text (somewhere after line {number}).") from None
    except OSError as error:
        raise EvalError(f"{path} cannot be read: {error.strerror}.") from None


# --- questions -------------------------------------------------------------------------------------------------------


def _query(id: str, line: _Line, values: dict[str, Any], articles: frozenset[str]) -> Query:
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
    )


def _answers(line: _Line, metadata: dict[str, Any]) -> tuple[str, ...]:
    answers = metadata.get("answers") or []
    if not isinstance(answers, list) or not all(isinstance(answer, str) and answer.strip() for answer in answers):
        raise line.error("'answers' is not a list of strings.")
    return tuple(answers)


def _date(line: _Line, value: object) -> dt.date | None:
    if value in (None, ""):
        return None
    try:
        return dt.datetime.fromisoformat(str(value)).date()
    except ValueError:
        raise line.error(f"the date {value!r} is not a day such as 2017-01-19.") from None


def _evidence(line: _Line, metadata: dict[str, Any], articles: frozenset[str]) -> tuple[Evidence, ...]:
    evidence = tuple(
        Evidence(item["article_id"], item["text"])
        for item in _objects(line, metadata, "evidence", "article_id", "text")
    )
    for item in evidence:
        if item.article_id not in articles:
            raise line.error(f"its evidence names the article '{item.article_id}', which is not in {CORPUS}.")
    return evidence


def _history(line: _Line, metadata: dict[str, Any]) -> tuple[Turn, ...]:
    turns = _objects(line, metadata, "history", "question", "answer")
    return tuple(Turn(t["question"], t.get("standalone_question", t["question"]), t["answer"]) for t in turns)


def _objects(line: _Line, metadata: dict[str, Any], name: str, *fields: str) -> list[dict[str, Any]]:
    """The list of objects under `name`, each of which has the text fields given."""
    items = metadata.get(name) or []
    if not isinstance(items, list):
        raise line.error(f"'{name}' is not a list.")
    for item in items:
        if not isinstance(item, dict) or not all(isinstance(item.get(field), str) for field in fields):
            raise line.error(f"an item of '{name}' lacks one of: {', '.join(fields)}.")
    return items


# --- judgements ------------------------------------------------------------------------------------------------------


def _read_qrels(path: Path, queries: frozenset[str], articles: frozenset[str]) -> dict[str, dict[str, int]]:
    lines = _text_lines(path)
    wanted = "the header 'query-id<tab>corpus-id<tab>score'"
    line, header = next(lines, (_Line(path, 1), ""))
    if tuple(header.split("\t")) != QRELS_HEADER:
        raise line.error(f"{wanted} is expected here, not {header[:60]!r}.")
    qrels: dict[str, dict[str, int]] = {}
    for line, text in lines:
        query, article, score = _judgement(line, text)
        if query not in queries:
            raise line.error(f"question '{query}' is not in {QUERIES}.")
        if article not in articles:
            raise line.error(f"article '{article}' is not in {CORPUS}.")
        if article in qrels.setdefault(query, {}):
            raise line.error(f"question '{query}' and article '{article}' are judged twice.")
        qrels[query][article] = score
    return qrels


def _judgement(line: _Line, text: str) -> tuple[str, str, int]:
    fields = text.split("\t")
    try:
        query, article, score = fields
        return query, article, int(score)
    except ValueError:
        raise line.error(
            f"query id, article id and a whole number are expected, with tabs between, not {text[:60]!r}."
        ) from None
