"""Exporting: what other tools read, and that nothing is lost on the way out and in again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ir_measures
import pytest

from qa.errors import EvalError, UsageError
from qa.evaluation.sets import EvalSet, load_set
from qa.evaluation.sets.export import EXPORTERS, export_set
from qa.evaluation.sets.importing import import_set

ARTICLES: list[dict[str, Any]] = [
    {
        "_id": "a1",
        "title": 'Bridge & "tunnel"',
        "text": "It is <40> metres long.\n\nThe mayor said: 3 > 2 &amp; so on.",
    },
    {"_id": "a2", "title": "", "text": "Ferries.", "metadata": {"date": "2024-03-01", "outlet": "X", "tags": ["sea"]}},
]
QUERIES = [
    {"_id": "q1", "text": "How\tlong\nis it?", "metadata": {"answers": ["40 metres"], "date": "2024-03-02", "own": 1}},
    {"_id": "q2", "text": "Who sails?", "metadata": {"evidence": [{"article_id": "a2", "text": "Ferries."}]}},
    {"_id": "q3", "text": "Of which nothing is known."},
]


@pytest.fixture
def eval_set(write: Callable[..., Path], write_rows: Callable[[str, Sequence[Any]], Path]) -> EvalSet:
    write_rows("set/corpus.jsonl", ARTICLES)
    write_rows("set/queries.jsonl", QUERIES)
    qrels = write("set/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\ta1\t2\nq1\ta2\t0\nq2\ta2\t1\n")
    return load_set(qrels.parents[1])


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_beir_out_and_in_again_is_the_same_set(eval_set: EvalSet, tmp_path: Path) -> None:
    export_set("beir", eval_set, tmp_path / "out")

    again = import_set("beir", [tmp_path / "out"], tmp_path / "set-again")

    assert (again.articles, again.queries, again.qrels) == (eval_set.articles, eval_set.queries, eval_set.qrels)
    assert rows(tmp_path / "out/queries.jsonl") == QUERIES[:2]
    assert rows(again.corpus) == [{**row, "metadata": row.get("metadata", {})} for row in ARTICLES]


def test_trec_out_and_in_again_is_the_same_set_but_for_what_trec_does_not_know(
    eval_set: EvalSet, tmp_path: Path
) -> None:
    export_set("trec", eval_set, tmp_path / "out")

    files = [tmp_path / "out" / name for name in ("topics.tsv", "qrels.txt", "documents.trec")]
    again = import_set("trec", files, tmp_path / "again")
    export_set("trec", again, tmp_path / "out-again")
    third = import_set("trec", [tmp_path / "out-again" / path.name for path in files], tmp_path / "third")

    assert (again.articles, again.qrels) == (eval_set.articles, eval_set.qrels)
    assert [(query.id, query.text) for query in again.queries] == [("q1", "How long is it?"), ("q2", "Who sails?")]
    for row, original in zip(rows(again.corpus), ARTICLES, strict=True):
        assert (row["title"], row["text"]) == (original["title"], original["text"])
    assert rows(again.corpus)[1]["metadata"] == {"date": "2024-03-01", "outlet": "X"}
    assert (third.queries, third.qrels, rows(third.corpus)) == (again.queries, again.qrels, rows(again.corpus))


def test_other_tools_read_the_judgements(eval_set: EvalSet, tmp_path: Path) -> None:
    export_set("trec", eval_set, tmp_path / "out")

    judged = list(ir_measures.read_trec_qrels(str(tmp_path / "out/qrels.txt")))  # type: ignore[no-untyped-call]

    assert [(q.query_id, q.doc_id, q.relevance) for q in judged] == [("q1", "a1", 2), ("q1", "a2", 0), ("q2", "a2", 1)]


@pytest.mark.parametrize("format", EXPORTERS)
def test_a_part_of_a_set_is_exported_without_the_rest(format: str, eval_set: EvalSet, tmp_path: Path) -> None:
    export_set(format, replace(eval_set, queries=eval_set.queries[1:]), tmp_path / "out")

    written = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.*")}
    assert all("q1" not in text for text in written.values())
    assert any("q2" in text for text in written.values())


def test_what_cannot_be_exported_leaves_nothing(eval_set: EvalSet, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    eval_set.corpus.write_text("{")

    with pytest.raises(UsageError, match=r"no format 'bier' to export to. Choose from: beir, trec\."):
        export_set("bier", eval_set, tmp_path / "out")
    with pytest.raises(EvalError, match=r"corpus.jsonl, line 1: it is not JSON"):
        export_set("trec", eval_set, tmp_path / "out")
    with pytest.raises(EvalError, match="is there already and not an empty folder"):
        export_set("trec", eval_set, tmp_path / "set")
    assert set(tmp_path.iterdir()) == before
