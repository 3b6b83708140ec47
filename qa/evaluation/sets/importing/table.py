"""Reads a table of questions, such as an exported spreadsheet, with its articles in the table or in other files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from qa.errors import EvalError, ReadError
from qa.evaluation.sets.importing.documents import read_documents
from qa.evaluation.sets.importing.items import (
    ArticleItem,
    Ids,
    ImportSource,
    Item,
    JudgementItem,
    QuestionItem,
    find_day,
    known,
)
from qa.evaluation.sets.lines import open_file

_DELIMITERS = ",;\t|"
# Our name of a column -> the names it may have in a table, in lower case.
_COLUMNS = {
    "question": ("question", "query"),
    "answer": ("answer", "answers", "ground_truth"),
    "id": ("id", "_id", "question_id"),
    "article": ("article", "article_id", "corpus_id", "doc_id"),
    "title": ("title", "headline"),
    "url": ("url", "link"),
    "text": ("text", "context", "passage", "body"),
    "evidence": ("evidence", "quote"),
    "date": ("date", "as_of"),
    "type": ("type", "question_type"),
    "answerable": ("answerable",),
}
_NAMING = ("article", "url", "title")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": None}
SEPARATOR = "|"

Row = Mapping[str, str]


def read_table(source: ImportSource) -> Iterator[Item]:
    """Yields the articles, and a question for each row. A row names its article or contains its text.

    An article is named by id, address or title. One cell may contain several accepted answers, separated by "|".
    """
    table, *corpus = source.paths
    rows = list(_rows(table))
    names: dict[str, str] = {}
    for article in read_documents(corpus):
        yield article
        _remember(names, article.id, article.title, article.metadata.get("url"))
    if not corpus:
        for article in _articles_inside(table, rows):
            yield article
            _remember(names, article.id, article.title, article.metadata.get("url"), article.text)
    for number, (where, row) in enumerate(rows, start=1):
        yield from _question(where, row, row.get("id") or f"q{number:04}", names)


def _remember(names: dict[str, str], id: str, *others: object) -> None:
    """Remembers the names of an article. A name of several articles counts for none of them."""
    for name in {id, *(str(other).strip() for other in others if other)}:
        names[name] = id if names.get(name, id) == id else _SEVERAL


_SEVERAL = ""


def _articles_inside(table: Path, rows: list[tuple[str, Row]]) -> Iterator[ArticleItem]:
    ids = Ids()
    for where, row in rows:
        if (text := row.get("text", "")) and text not in ids:
            name = row.get("article") or row.get("title") or " ".join(text.split()[:8])
            yield ArticleItem(where, ids.of(text, name), text, row.get("title", ""), known(url=row.get("url")))
    if not any(row.get("text") for _, row in rows):
        raise EvalError(f"{table} has no column 'text' with the articles. Name a file or folder of articles after it.")


def _question(where: str, row: Row, id: str, names: Mapping[str, str]) -> Iterator[Item]:
    if not (text := row.get("question", "")):
        raise EvalError(f"{where}: the question is empty.")
    answers = [answer.strip() for answer in row.get("answer", "").split(SEPARATOR) if answer.strip()]
    article = _article(where, row, names)
    answerable = _TRUTH.get(row.get("answerable", "").lower(), "unknown")
    if answerable == "unknown":
        raise EvalError(f"{where}: 'answerable' is '{row['answerable']}'; write true or false.")
    if row.get("date") and not find_day(row["date"]):
        raise EvalError(f"{where}: the date '{row['date']}' is not a day such as 2017-01-19.")
    evidence = [{"article_id": article, "text": row["evidence"]}] if article and row.get("evidence") else []
    metadata = known(
        answers=answers,
        evidence=evidence,
        date=find_day(row.get("date")),
        type=row.get("type"),
        answerable=answerable,
    )
    yield QuestionItem(where, id, text, metadata)
    if article and answerable is not False:
        yield JudgementItem(where, id, article)


def _article(where: str, row: Row, names: Mapping[str, str]) -> str | None:
    """The id of the article that a row names; None if it names none."""
    given = [row[column] for column in ("text", *_NAMING) if row.get(column)]
    found = next((names[name] for name in given if name in names), None)
    if found == _SEVERAL:
        raise EvalError(f"{where}: several articles are called '{given[0][:60]}'. Name it by its id.")
    if given and found is None:
        raise EvalError(f"{where}: no article has the id, address or title '{given[0][:60]}'.")
    return found


def _rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Yields the place and the cells of each row, under our names of the columns."""
    csv.field_size_limit(2**31 - 1)
    try:
        with open_file(path) as binary, io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            delimiter = max(_DELIMITERS, key=head.count)
            columns = [_column(name) for name in next(csv.reader([head], delimiter=delimiter), [])]
            if "question" not in columns:
                raise EvalError(f"{path} has no column 'question'; its first line is {head.strip()[:80]!r}.")
            rows = csv.reader(file, delimiter=delimiter, strict=True)
            for cells in rows:
                if any(cell.strip() for cell in cells):
                    values = zip(columns, (cell.strip() for cell in cells), strict=False)
                    yield f"{path}, line {rows.line_num + 1}", {name: cell for name, cell in values if name}
    except (UnicodeDecodeError, csv.Error, OSError, ReadError) as error:
        raise EvalError(f"{path} cannot be read as a table: {error}. Save it as CSV in UTF-8.") from None


def _column(name: str) -> str:
    bare = name.strip().lower()
    return next((ours for ours, names in _COLUMNS.items() if bare in names), "")
