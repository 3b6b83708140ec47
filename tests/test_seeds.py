"""The seed articles and the questions about them agree, so that a change to one cannot silently spoil the other."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from qa.language.text import normalise

ROOT = Path(__file__).parents[1]
SEEDS = sorted((ROOT / "seeds").glob("*.md"))
SET = ROOT / "eval" / "sets" / "seeds"
TYPES = {"who", "what", "when", "where", "how_many", "why", "list", "multi", "follow_up", "unanswerable"}


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_seed(path: Path) -> tuple[dict[str, Any], str]:
    opening, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert not opening
    return yaml.safe_load(front), body


def fold(text: str) -> str:
    return " ".join(normalise(text).split())


def known(value: object) -> str | None:
    return None if value in (None, "unknown") else str(value)


CORPUS = {row["_id"]: row for row in read_jsonl(SET / "corpus.jsonl")}
QUERIES = read_jsonl(SET / "queries.jsonl")
ANSWERABLE = [query for query in QUERIES if query["metadata"]["answerable"]]
QRELS = [line.split("\t") for line in (SET / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()]


def query_id(query: dict[str, Any]) -> str:
    return str(query["_id"])


def test_corpus_has_every_seed_and_no_other_article() -> None:
    assert len(SEEDS) == 5
    assert list(CORPUS) == [path.stem for path in SEEDS]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_corpus_equals_seed(path: Path) -> None:
    front, body = read_seed(path)
    row = CORPUS[path.stem]
    assert row["title"] == front["title"]
    assert fold(row["text"]) == fold(body)
    assert row["metadata"] == {name: known(front.get(name)) for name in ("date", "outlet", "url")}


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_seed_is_several_paragraphs_without_a_heading(path: Path) -> None:
    front, body = read_seed(path)
    assert body.strip().count("\n\n") >= 4
    assert not re.search(r"^#", body, re.MULTILINE)
    assert fold(front["title"]) not in fold(body)
    assert front["language"] == "en"


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_no_seed_has_an_invented_date(path: Path) -> None:
    front, body = read_seed(path)
    assert front["date"] == "unknown" or str(front["date"]) in body


def test_there_are_enough_questions_of_every_type() -> None:
    types = Counter(query["metadata"]["type"] for query in QUERIES)
    assert set(types) == TYPES
    assert min(types.values()) >= 5
    assert len(QUERIES) >= 60
    assert types["unanswerable"] >= 15


def test_readme_counts_the_questions_right() -> None:
    readme = (SET / "README.md").read_text(encoding="utf-8")
    counted = {name: int(count) for name, count in re.findall(r"^\| (\w+) \| (\d+) \|", readme, re.MULTILINE)}
    assert counted == Counter(query["metadata"]["type"] for query in QUERIES)
    unanswerable = len(QUERIES) - len(ANSWERABLE)
    assert f"{len(QUERIES)} questions" in readme
    assert f"{len(ANSWERABLE)} that the articles answer and {unanswerable} that they do not" in readme


def test_question_ids_are_consecutive_and_no_question_is_asked_twice() -> None:
    assert [query["_id"] for query in QUERIES] == [f"q{n:03}" for n in range(1, len(QUERIES) + 1)]
    assert len({fold(query["text"]).lower() for query in QUERIES}) == len(QUERIES)


def test_only_unanswerable_questions_go_without_answer_and_evidence() -> None:
    for query in QUERIES:
        metadata = query["metadata"]
        assert metadata["answerable"] is (metadata["type"] != "unanswerable")
        assert bool(metadata["answers"]) is bool(metadata["evidence"]) is metadata["answerable"]


@pytest.mark.parametrize("query", ANSWERABLE, ids=query_id)
def test_evidence_is_verbatim_and_holds_every_answer(query: dict[str, Any]) -> None:
    evidence = query["metadata"]["evidence"]
    for piece in evidence:
        assert piece["text"] in CORPUS[piece["article_id"]]["text"]
    for answer in query["metadata"]["answers"]:
        assert any(answer in piece["text"] for piece in evidence), answer


def test_questions_on_several_articles_have_evidence_from_several() -> None:
    for query in QUERIES:
        if query["metadata"]["type"] == "multi":
            assert len({piece["article_id"] for piece in query["metadata"]["evidence"]}) >= 2


def test_qrels_name_exactly_the_articles_of_the_evidence() -> None:
    header, *rows = QRELS
    assert header == ["query-id", "corpus-id", "score"]
    judged = [(query, article) for query, article, score in rows if score == "1"]
    assert len(judged) == len(rows) == len(set(judged))
    expected = {(query["_id"], piece["article_id"]) for query in QUERIES for piece in query["metadata"]["evidence"]}
    assert set(judged) == expected
