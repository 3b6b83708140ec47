"""The folder of a run: writes and reads its files, during the run and afterwards."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from qa.errors import EvalError
from qa.evaluation.metrics import Record, descending_scores, ranked_articles
from qa.evaluation.sets import BUNDLED, CORPUS, QRELS, QRELS_HEADER, QUERIES, EvalSet, load_set

START, RECORDS, RUN, TREC, SET = "start.json", "records.jsonl", "run.json", "run.trec", "set"


@dataclass(frozen=True, slots=True)
class Start:
    """The plan of a run, written before the first question is asked."""

    set: str
    folder: str
    """The set as named on the command line."""
    questions: int
    fingerprint: Mapping[str, str]
    settings: Mapping[str, Any]
    mode: str
    """`extractive`, or the language model that writes the answers."""
    notices: Sequence[str] = ()
    """What readers of the numbers must know about the articles."""


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as the library stores it."""

    title: str
    outlet: str | None
    date: str | None
    """As YYYY-MM-DD."""
    text: str


def make_folder(out: Path) -> None:
    """Creates the folder if needed. Raises EvalError if it cannot be written or contains a set of the user."""
    if (out / SET).exists() and not (out / START).is_file():
        raise EvalError(
            f"{out / SET} is not of a run, and a run would write over it. Choose another folder with --out."
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        raise EvalError(
            f"The run cannot be written to {out}: {error.strerror}. Choose another folder with --out."
        ) from None


def clear(out: Path) -> None:
    """Deletes the files of an earlier run: its numbers first, so that they never lie beside other records."""
    for name in (RUN, RECORDS, TREC):
        (out / name).unlink(missing_ok=True)
    shutil.rmtree(out / SET, ignore_errors=True)
    (out / START).unlink(missing_ok=True)  # last: it shows that the other files belong to a run


def start_of(
    eval_set: EvalSet,
    fingerprint: Mapping[str, str],
    settings: Mapping[str, Any],
    mode: str,
    notices: Sequence[str] = (),
) -> Start:
    """The start of a run over the set."""
    bundled = eval_set.folder == BUNDLED / eval_set.name
    folder = eval_set.name if bundled else str(eval_set.folder)
    return Start(eval_set.name, folder, len(eval_set.queries), fingerprint, settings, mode, notices)


# --- while it goes on ------------------------------------------------------------------------------------------------


def write_start(out: Path, start: Start) -> None:
    """Writes start.json."""
    write_json(out / START, asdict(start))


def read_start(out: Path) -> Start | None:
    """The start of an earlier run in this folder; None if there is none, or if it is from another version."""
    try:
        return Start(**json.loads((out / START).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


class Journal:
    """Appends to records.jsonl: a record is on disk as one whole line when `add` returns. A context manager."""

    def __init__(self, out: Path) -> None:
        self._file = (out / RECORDS).open("ab")

    def add(self, record: Record) -> None:
        """Appends a line. Raises EvalError if it cannot be written."""
        try:
            self._file.write(_line(record))
            self._file.flush()
        except OSError as error:
            raise EvalError(f"{self._file.name} cannot be written: {error.strerror}. Free some space.") from None

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def salvage(out: Path) -> list[dict[str, Any]]:
    """The records of an earlier run. Cuts off an unfinished last line."""
    path = out / RECORDS
    if not path.is_file():
        return []
    with path.open("rb+") as file:
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
    return read_records(out)


# --- when it is done -------------------------------------------------------------------------------------------------


def write_records(out: Path, records: Iterable[Record], scores: Mapping[str, Mapping[str, float | None]]) -> None:
    """Writes records.jsonl, with the metrics of each record, and run.trec."""
    records = list(records)
    _write(out / RECORDS, b"".join(_line({**record, "metrics": scores[record["_id"]]}) for record in records))
    _write(out / TREC, "".join(f"{line}\n" for record in records for line in _trec_lines(record)).encode())


def write_set(out: Path, eval_set: EvalSet, sources: Mapping[str, StoredArticle]) -> None:
    """Keeps a copy of the set, so that the records can be scored and read without the original.

    It has the questions that were asked, their judgements and the articles in `sources`; other articles keep only their
    id.
    """
    (out / SET / QRELS).parent.mkdir(parents=True, exist_ok=True)
    ids = {query.id for query in eval_set.queries}
    lines = [values for values in _lines(eval_set.files["queries"]) if values.get("_id") in ids]
    _write(out / SET / QUERIES, b"".join(map(_line, lines)))
    rows = [(id, *row) for id in eval_set.qrels if id in ids for row in eval_set.qrels[id].items()]
    _write(out / SET / QRELS, "".join("\t".join(map(str, row)) + "\n" for row in [QRELS_HEADER, *rows]).encode())
    _write(out / SET / CORPUS, b"".join(_line(_row(id, sources.get(id))) for id in eval_set.articles))


def read_set(out: Path, name: str) -> tuple[EvalSet, dict[str, StoredArticle]]:
    """The set and the articles that `write_set` kept. Raises EvalError."""
    sources = {}
    for values in _lines(out / SET / CORPUS):
        if values.get("text"):
            about = values["metadata"]
            sources[values["_id"]] = StoredArticle(values["title"], about["outlet"], about["date"], values["text"])
    return replace(load_set(out / SET), name=name), sources


def read_records(out: Path) -> list[dict[str, Any]]:
    """Every record. Raises EvalError for an invalid line."""
    return list(_lines(out / RECORDS))


def write_json(path: Path, values: object) -> None:
    """Writes a JSON file atomically."""
    _write(path, (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises EvalError."""
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EvalError(f"{path} cannot be read ({error}). Run it again with: qa eval run") from None
    if not isinstance(values, dict):
        raise EvalError(f"{path} is not a JSON object. Run it again with: qa eval run")
    return values


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _object(path, number, line)
    except OSError as error:
        raise EvalError(f"{path} cannot be read: {error.strerror}.") from None


def _object(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError:
        values = None
    if not isinstance(values, dict) or not isinstance(values.get("_id"), str):
        raise EvalError(f"{path}, line {number}: it is not a record. Take the file away, or ask again with --fresh.")
    return values


def _row(id: str, source: StoredArticle | None) -> dict[str, Any]:
    if source is None:
        return {"_id": id, "title": "", "text": ""}
    about = {"date": source.date, "outlet": source.outlet}
    return {"_id": id, "title": source.title, "text": source.text, "metadata": about}


def _line(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def _trec_lines(record: Record) -> list[str]:
    scores = descending_scores(ranked_articles(record))
    return [
        f"{record['_id']} Q0 {article} {rank} {score:.6f} citewire"
        for rank, (article, score) in enumerate(scores.items(), start=1)
    ]


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        raise EvalError(f"{path} cannot be written: {error.strerror}.") from None
