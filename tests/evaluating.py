"""What tests of the evals are made of: a set of three articles and five questions, and runs over it made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.evaluation.runs import Run, finish_run
from qa.evaluation.runs.fingerprint import fingerprint, public_settings
from qa.evaluation.runs.folder import StoredArticle, start_of
from qa.evaluation.sets import EvalSet, load_set
from qa.settings import Settings

ARTICLES = {
    "bridge": "Mayor Anna Holt opened the new bridge over the river Lune on Friday. It cost 40 million euros.\n\n"
    "The bridge is 300 metres long. Two lanes are kept for bicycles.",
    "harbour": "The port of Varna will close its eastern harbour for repairs in August. Ferries will use Burgas.\n\n"
    "Captain Ivan Petrov said the repairs were overdue because the quay had cracked.",
    "orchestra": "The city orchestra chose the violinist Mei Tanaka as its conductor. She succeeds Paul Brandt.\n\n"
    "Her first concert will be Mahler's fifth symphony in October.",
}
QUESTIONS: list[tuple[str, str, list[str], str | None]] = [
    ("q1", "Who opened the bridge over the river Lune?", ["Anna Holt"], "bridge"),
    ("q2", "When will Varna close its eastern harbour?", ["August"], "harbour"),
    ("q3", "Whom did the city orchestra choose as its conductor?", ["Mei Tanaka"], "orchestra"),
    ("q4", "How many metres long is the bridge?", ["300 metres"], "bridge"),
    ("q5", "Which striker won the Zimbabwean football league with Dynamos Harare?", [], None),
]


def write_set(
    folder: Path, articles: Sequence[dict[str, Any]], questions: Sequence[dict[str, Any]], judged: Mapping[str, str]
) -> EvalSet:
    """A set in a folder; `judged` are query id -> id of the relevant article."""
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, articles)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, questions)))
    lines = [f"{query}\t{article}\t1" for query, article in judged.items()]
    (folder / "qrels/test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *lines]))
    return load_set(folder)


def write_town(folder: Path) -> EvalSet:
    """The set of the articles and questions above."""
    articles = [
        {"_id": id, "title": id.title(), "text": text, "metadata": {"date": "2024-05-03", "outlet": "The Town Post"}}
        for id, text in ARTICLES.items()
    ]
    questions = [
        {"_id": id, "text": text, "metadata": {"answers": answers, "answerable": bool(answers), "type": "town"}}
        for id, text, answers, _ in QUESTIONS
    ]
    return write_set(folder, articles, questions, {id: article for id, _, _, article in QUESTIONS if article})


def write_numbered(folder: Path, count: int) -> EvalSet:
    """A set of `count` questions `q0`, `q1`, ..., each with an article `a0`, `a1`, ... that answers it.

    Every second question is of the type "even"; the articles are of two outlets and three years.
    """
    numbers = range(count)
    articles = [
        {
            "_id": f"a{n}",
            "title": f"Pier {n}",
            "text": f"Pier {n} was painted in the colour {n + 100}.",
            "metadata": {"date": f"{2020 + n % 3}-01-01", "outlet": "The Lark" if n % 4 else "The Owl"},
        }
        for n in numbers
    ]
    questions = [
        {
            "_id": f"q{n}",
            "text": f"In what colour was pier {n} painted?",
            "metadata": {"answers": [str(n + 100)], "type": "odd" if n % 2 else "even"},
        }
        for n in numbers
    ]
    return write_set(folder, articles, questions, {f"q{n}": f"a{n}" for n in numbers})


def record(id: str, found: Sequence[str], answer: str = "") -> dict[str, Any]:
    """A record of an answer without citations; `found` are ids of articles, best first."""
    return {
        "_id": id,
        "question": id,
        "standalone_question": id,
        "answer": answer or "The articles do not say.",
        "abstained": not answer,
        "mode": "extractive",
        "notice": None,
        "sentences": [{"text": answer, "citations": [], "verdict": "unverified", "reasons": []}] if answer else [],
        "citations": [],
        "passages": [
            {"rank": rank, "article_id": article, "start": 0, "end": 4, "score": 1 / rank, "text": "Pier"}
            for rank, article in enumerate(found, start=1)
        ],
        "filters": {"from": None, "to": None, "outlets": [], "collection": None},
        "timings_ms": {"total": 1.0},
    }


def made_run(
    out: Path, eval_set: EvalSet, right: Sequence[str] | set[str], settings: Settings | None = None, **changed: str
) -> Run:
    """A finished run that finds and answers the questions in `right`, and none of the others.

    `changed` are parts of the fingerprint that are to be other than they are.
    """
    settings = settings or Settings()
    records = []
    for query in eval_set.queries:
        relevant = list(eval_set.qrels.get(query.id, {}))
        others = [article for article in eval_set.articles if article not in relevant][:3]
        hit = query.id in right
        records.append(
            record(query.id, relevant + others if hit else others, (query.answers or ("Yes.",))[0] if hit else "")
        )
    sources = {}
    for line in eval_set.corpus.read_text().splitlines():
        row = json.loads(line)
        about = row["metadata"]
        sources[row["_id"]] = StoredArticle(row.get("title", ""), about["outlet"], about["date"], row["text"])
    out.mkdir(parents=True, exist_ok=True)
    print_ = {**fingerprint(eval_set, settings), **changed}
    start = start_of(eval_set, print_, public_settings(settings), "extractive")
    return finish_run(out, eval_set, start, records, sources, {"questions_s": 1.0, "asked": len(records)})
