"""The input of an importer and the items it yields: articles, questions and judgements, each with its place."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa.errors import EvalError
from qa.evaluation.sets.lines import Line, json_file
from qa.language.days import read_day

Where = Line | str
"""A place in a file, as errors name it: "qrels.txt, line 3"."""


@dataclass(frozen=True, slots=True)
class ImportSource:
    """The files or folders to import from."""

    paths: tuple[Path, ...]
    split: str = "test"
    """The part of the judgements, if a set has several."""


@dataclass(frozen=True, slots=True)
class ArticleItem:
    """A future line of the corpus."""

    where: Where
    id: str
    text: str
    title: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuestionItem:
    """A future line of the questions."""

    where: Where
    id: str
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JudgementItem:
    """A future line of the judgements."""

    where: Where
    question: str
    article: str
    score: int = 1


Item = ArticleItem | QuestionItem | JudgementItem


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included. Without either, all days and undated items."""

    first: dt.date | None = None
    last: dt.date | None = None

    def __contains__(self, day: dt.date | None) -> bool:
        if self.first is None and self.last is None:
            return True
        return day is not None and (self.first or day) <= day <= (self.last or day)


ALL_DAYS = Period()


# --- sources ---------------------------------------------------------------------------------------------------------


def files_named(source: ImportSource, *names: Sequence[str]) -> tuple[Path, ...]:
    """One file for each of `names` (alternatives), from the given folder or the given files in that order.

    Raises EvalError if a file is missing.
    """
    if len(source.paths) == 1 and source.paths[0].is_dir():
        return tuple(_file_named(source.paths[0], choices) for choices in names)
    if len(source.paths) != len(names):
        wanted = " and ".join(choices[0] for choices in names)
        raise EvalError(f"{len(source.paths)} files were given. Give {wanted}, in this order, or a folder with them.")
    return source.paths


def _file_named(folder: Path, choices: Sequence[str]) -> Path:
    found = next((folder / name for name in choices if (folder / name).is_file()), None)
    if found is None:
        raise EvalError(f"{folder} holds no {choices[0]}. Name the files one by one.")
    return found


def json_list(path: Path, thing: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the place and values of each object of a JSON list. Raises EvalError for anything else."""
    values = json_file(path)
    if not isinstance(values, list):
        raise EvalError(f"{path}: a JSON list is expected, one object for each {thing}.")
    for number, value in enumerate(values, start=1):
        yield f"{path}, {thing} {number}", require_object(f"{path}, {thing} {number}", value)


# --- values ----------------------------------------------------------------------------------------------------------


def require_object(where: Where, value: object) -> dict[str, Any]:
    """The value as a JSON object. Raises EvalError if it is not one."""
    if not isinstance(value, dict):
        raise EvalError(f"{where}: a JSON object is expected here, not {str(value)[:60]!r}.")
    return value


def require_list(where: Where, values: Mapping[str, Any], name: str) -> list[Any]:
    """The list under a name. Raises EvalError."""
    if not isinstance(value := values.get(name), list):
        raise EvalError(f"{where}: '{name}' is missing or not a list.")
    return value


def require_text(where: Where, values: Mapping[str, Any], name: str) -> str:
    """The text under a name. Raises EvalError if it is missing or empty."""
    if not isinstance(value := values.get(name), str) or not value.strip():
        raise EvalError(f"{where}: '{name}' is missing, empty or not a text.")
    return value


def find_day(value: object) -> str | None:
    """The day of a date, as 2017-01-19; None if it is not a date."""
    day = read_day(value)
    return day.date.isoformat() if day else None


def known(**values: Any) -> dict[str, Any]:
    """The values that are not empty."""
    return {name: value for name, value in values.items() if value not in (None, "", [], ())}


class Ids:
    """Gives each text its own readable id; equal texts get the same id."""

    def __init__(self) -> None:
        self._of: dict[object, str] = {}
        self._taken: set[str] = set()

    def __contains__(self, key: object) -> bool:
        return key in self._of

    def of(self, key: object, name: str) -> str:
        """The id of a key; a new key gets an id made from the name."""
        if key not in self._of:
            slug = re.sub(r"\W+", "-", name.lower()).strip("-")[:60].strip("-") or "article"
            number = 1
            id = slug
            while id in self._taken:
                number += 1
                id = f"{slug}-{number}"
            self._taken.add(id)
            self._of[key] = id
        return self._of[key]
