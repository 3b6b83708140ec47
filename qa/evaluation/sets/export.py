"""Writes a question set for other tools: as TREC topics, qrels and documents, or in the BEIR layout."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from qa.errors import UsageError
from qa.evaluation.sets import CORPUS, QRELS, QRELS_HEADER, QUERIES, EvalSet
from qa.evaluation.sets.lines import json_lines
from qa.evaluation.sets.new_folder import new_folder

TOPICS, TREC_QRELS, DOCUMENTS = "topics.tsv", "qrels.txt", "documents.trec"


def export_set(format: str, eval_set: EvalSet, out: Path) -> None:
    """Writes the questions of `eval_set` to the folder `out`, which must be new or empty.

    Raises UsageError for an unknown format and EvalError if `out` cannot be used. On failure `out` is unchanged.
    """
    if format not in EXPORTERS:
        raise UsageError(f"There is no format '{format}' to export to. Choose from: {', '.join(EXPORTERS)}.")
    with new_folder(out) as folder:
        EXPORTERS[format](eval_set, folder)


def export_beir(eval_set: EvalSet, folder: Path) -> None:
    """Writes corpus.jsonl, queries.jsonl and qrels/test.tsv with all fields of the set."""
    _write(folder / CORPUS, (_json(row) for _, row in json_lines(eval_set.corpus)))
    asked = {query.id for query in eval_set.queries}
    rows = (row for _, row in json_lines(eval_set.files["queries"]))
    _write(folder / QUERIES, (_json(row) for row in rows if row["_id"] in asked))
    (folder / QRELS).parent.mkdir()
    header = "\t".join(QRELS_HEADER)
    judged = (f"{query}\t{article}\t{score}" for query, article, score in _judgements(eval_set))
    _write(folder / QRELS, (line for lines in ([header], judged) for line in lines))


def export_trec(eval_set: EvalSet, folder: Path) -> None:
    """Writes topics.tsv, qrels.txt, and documents.trec with a <DOC> for each article.

    TREC has no place for answers, evidence and question dates, so they are left out. White space in a question becomes
    one space, and markup characters in an article become entities.
    """
    _write(folder / TOPICS, (f"{query.id}\t{' '.join(query.text.split())}" for query in eval_set.queries))
    _write(folder / TREC_QRELS, (f"{query} 0 {article} {score}" for query, article, score in _judgements(eval_set)))
    _write(folder / DOCUMENTS, (_document(row) for _, row in json_lines(eval_set.corpus)))


EXPORTERS: Mapping[str, Callable[[EvalSet, Path], None]] = {"beir": export_beir, "trec": export_trec}


def _judgements(eval_set: EvalSet) -> Iterator[tuple[str, str, int]]:
    for query in eval_set.queries:
        for article, score in eval_set.qrels.get(query.id, {}).items():
            yield query.id, article, score


def _document(row: Mapping[str, Any]) -> str:
    metadata = row.get("metadata") or {}
    values = {
        "DOCNO": row["_id"],
        "TITLE": row.get("title"),
        "DATE": metadata.get("date"),
        "OUTLET": metadata.get("outlet"),
        "URL": metadata.get("url"),
        "TEXT": row.get("text"),
    }
    fields = (f"<{name}>{html.escape(str(value), quote=False)}</{name}>" for name, value in values.items() if value)
    return "\n".join(["<DOC>", *fields, "</DOC>"])


def _json(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)


def _write(path: Path, lines: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
