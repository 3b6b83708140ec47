"""Every baseline through the same small set: its records, its numbers, and the table of all of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from servers import Messages, ModelServer
from typer.testing import CliRunner

from eval.baselines import BASELINES, run_baseline
from eval.baselines.__main__ import app, chosen
from eval.baselines.plain import best, closeness, stretched
from eval.baselines.side_by_side import side_by_side
from qa.errors import UsageError
from qa.evaluation.runs import Run, load_run, run_set
from qa.evaluation.sets import EvalSet, load_set
from qa.settings import Settings
from qa.types import Article, Passage

ARTICLES = {
    "bridge": "Mayor Anna Holt opened the new bridge over the river Lune on Friday. It cost 40 million euros.\n\n"
    "The bridge is 300 metres long. Two lanes are kept for bicycles.",
    "bridge-again": "The new bridge over the river Lune was closed by Mayor Paul Brandt. The river had risen.\n\n"
    "The bridge will be opened when the water is down.",
    "harbour": "The port of Varna will close its eastern harbour for repairs in August. Ferries will use Burgas.\n\n"
    "Captain Ivan Petrov said the repairs were overdue because the quay had cracked.",
}
DATES = {"bridge": "2024-05-03", "bridge-again": "2024-09-20", "harbour": "2024-05-04"}
QUESTIONS: list[tuple[str, str, dict[str, Any], str | None]] = [
    ("q1", "When will Varna close its eastern harbour?", {"answers": ["August"]}, "harbour"),
    (
        "q2",
        "Who was the mayor at the bridge over the Lune?",
        {"answers": ["Anna Holt"], "date": "2024-05-04"},
        "bridge",
    ),
    ("q3", "Which striker won the Zimbabwean league?", {"answerable": False}, None),
]
FINDING = [name for name, baseline in BASELINES.items() if not baseline.answers]


@pytest.fixture(scope="module")
def eval_set(tmp_path_factory: pytest.TempPathFactory) -> EvalSet:
    folder = tmp_path_factory.mktemp("set") / "town"
    (folder / "qrels").mkdir(parents=True)
    articles = [
        {"_id": id, "title": id.title(), "text": text, "metadata": {"date": DATES[id], "outlet": "The Town Post"}}
        for id, text in ARTICLES.items()
    ]
    questions = [{"_id": id, "text": text, "metadata": metadata} for id, text, metadata, _ in QUESTIONS]
    judgements = [f"{id}\t{article}\t1" for id, _, _, article in QUESTIONS if article]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, articles)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, questions)))
    (folder / "qrels/test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judgements]))
    return load_set(folder)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def finished(eval_set: EvalSet, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """The run of every baseline that only finds."""
    out = tmp_path_factory.mktemp("out")
    return {name: run_baseline(name, eval_set, Settings(), out / name, cache=cache) for name in FINDING}


def first(run: Run, id: str) -> str:
    """The article of the first passage found for a question."""
    (record,) = (record for record in run.records if record["_id"] == id)
    return str(record["passages"][0]["article_id"])


@pytest.mark.parametrize("name", FINDING)
def test_passages_stand_where_they_say_and_are_best_first(name: str, finished: dict[str, Run]) -> None:
    run = finished[name]
    texts = {id: source.text for id, source in run.sources.items()}

    for record in run.records:
        passages = record["passages"]
        assert [p["rank"] for p in passages] == list(range(1, len(passages) + 1))
        assert [p["score"] for p in passages] == sorted((p["score"] for p in passages), reverse=True)
        for passage in passages:
            assert passage["text"] and passage["end"] - passage["start"] == len(passage["text"])
            if passage["article_id"] in texts:
                assert texts[passage["article_id"]][passage["start"] : passage["end"]] == passage["text"]
    assert {"bridge", "harbour"} <= texts.keys()


@pytest.mark.parametrize("name", FINDING)
def test_a_plain_question_finds_its_article(name: str, finished: dict[str, Run]) -> None:
    assert first(finished[name], "q1") == "harbour"


@pytest.mark.parametrize("name", FINDING)
def test_what_only_finds_has_no_numbers_for_answers(name: str, finished: dict[str, Run]) -> None:
    run = finished[name]
    applying = {metric for metric, result in run.metrics.items() if result.n}

    assert all("@" in metric for metric in applying) and "ndcg@10" in applying
    assert all(record["answer"] == "" and not record["citations"] for record in run.records)
    assert load_run(run.folder or Path()).metrics == run.metrics


def test_a_record_has_the_fields_of_an_answer(
    finished: dict[str, Run], eval_set: EvalSet, cache: Path, tmp_path: Path
) -> None:
    ours = run_set(eval_set, Settings(), tmp_path, cache=cache).records[0]

    assert all(run.records[0].keys() == ours.keys() for run in finished.values())
    assert all(run.records[0]["passages"][0].keys() == ours["passages"][0].keys() for run in finished.values())


@pytest.mark.parametrize("arm", ["bm25", "vectors"])
def test_the_date_prior_lifts_the_article_of_the_day_and_nothing_without_a_day(
    arm: str, finished: dict[str, Run]
) -> None:
    plain, dated = finished[arm], finished[f"{arm}-dates"]

    assert first(dated, "q2") == "bridge"
    gaps = [{p["article_id"]: p["score"] for p in reversed(run.records[1]["passages"])} for run in (plain, dated)]
    assert gaps[1]["bridge"] - gaps[1]["bridge-again"] > gaps[0]["bridge"] - gaps[0]["bridge-again"]
    order = [[p["text"] for p in run.records[0]["passages"]] for run in (plain, dated)]
    assert order[0] == order[1]


def test_runs_of_baselines_tell_that_they_are_others(finished: dict[str, Run]) -> None:
    prints = [run.fingerprint for run in finished.values()]

    assert len({print_["settings"] for print_ in prints}) == len(prints)
    assert len({(print_["corpus"], print_["queries"], print_["qrels"]) for print_ in prints}) == 1


# --- arithmetic ------------------------------------------------------------------------------------------------------


def test_closeness_is_three_tenths_on_the_day_and_that_over_e_a_fortnight_away() -> None:
    day = dt.date(2024, 5, 15)
    days = np.array([day.toordinal(), day.toordinal() - 14, day.toordinal() + 14, np.nan])

    assert closeness(days, day) == pytest.approx([0.3, 0.3 / np.e, 0.3 / np.e, 0])


def test_scores_are_stretched_from_zero_or_the_least_to_the_best() -> None:
    assert stretched(np.array([4, 2, -np.inf, 3], np.float32)).tolist() == [1, 0.5, -np.inf, 0.75]
    assert stretched(np.array([1, -1, 0], np.float32)).tolist() == [1, 0, 0.5]
    assert stretched(np.array([2, 2], np.float32)).tolist() == [1, 1]
    assert stretched(np.array([-np.inf], np.float32)).tolist() == [-np.inf]


def test_the_best_passages_are_those_that_match_in_a_steady_order() -> None:
    article = Article("a", "A", "one two three four")
    passages = [Passage(article, n, n + 1) for n in range(4)]

    hits = best(passages, np.array([1, 2, -np.inf, 2], np.float32), count=3)

    assert [(hit.passage.start, hit.score) for hit in hits] == [(1, 2), (3, 2), (0, 1)]


# --- CitationQueryEngine ---------------------------------------------------------------------------------------------


def cited(
    eval_set: EvalSet, cache: Path, out: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> tuple[Run, Sequence[Any]]:
    def reply(messages: Messages) -> str:
        return said

    with ModelServer(default=reply) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        settings = Settings(llm="openai:tiny")
        return run_baseline("llama-citations", eval_set, settings, out, cache=cache), server.requests


def test_the_citation_engine_answers_and_its_sentences_are_checked(
    eval_set: EvalSet, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "The eastern harbour closes for repairs in August [1]. It closes on Monday.[9] Ferries will use Burgas.[1]"

    run, requests = cited(eval_set, cache, tmp_path, monkeypatch, said)

    record = run.records[0]
    assert [s["text"] for s in record["sentences"]] == [
        "The eastern harbour closes for repairs in August.",
        "It closes on Monday.",
        "Ferries will use Burgas.",
    ]
    assert [s["citations"] for s in record["sentences"]] == [[1], [], [1]]
    assert [s["verdict"] for s in record["sentences"]] == ["supported", "unsupported", "verbatim"]
    (citation,) = record["citations"]
    source = run.sources[citation["article_id"]]
    assert source.text[citation["start"] : citation["end"]] == citation["quote"]
    assert record["passages"][0]["article_id"] == citation["article_id"] == "harbour"
    assert run.metrics["answer_correct"].n == 2
    assert run.scores["q1"]["answer_correct"] == run.scores["q1"]["citation_correct"] == 1
    assert not run.notices
    assert "Source 1:" in requests[0].messages[-1]["content"]


def test_a_reply_without_a_citation_counts_as_a_refusal(
    eval_set: EvalSet, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = cited(eval_set, cache, tmp_path, monkeypatch, "None of the sources say.")

    assert [record["abstained"] for record in run.records] == [True] * 3
    assert run.scores["q3"]["refused_right"] == 1


def test_the_citation_engine_wants_a_model(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Name one, such as --llm openai:"):
        run_baseline("llama-citations", eval_set, Settings(), tmp_path, cache=cache)


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_table_holds_quality_speed_and_p(
    finished: dict[str, Run], eval_set: EvalSet, cache: Path, tmp_path: Path
) -> None:
    ours = run_set(eval_set, Settings(), tmp_path / "citewire", cache=cache)
    console = Console(width=160, record=True, color_system=None, file=StringIO())

    console.print(side_by_side([ours, finished["bm25"], finished["vectors"]]))

    lines = console.export_text().splitlines()
    head, rows = lines[2].split(), {line.split()[0]: line for line in lines[3:] if line[:1].isalpha()}
    assert lines[0] == "town: 3 questions, 3 articles"
    assert {"Recall@1", "nDCG@10", "p50", "index"} <= set(head)
    assert "Answer correct" not in lines[2]  # of one run alone it is beside nothing
    assert "p 1" in rows["bm25"] and " p " not in rows["citewire"]
    assert any("adjusted for 8 comparisons (Holm)" in line for line in lines)


def test_every_baseline_is_chosen_that_can_do_something_of_its_own(eval_set: EvalSet) -> None:
    undated = load_set("seeds")

    assert chosen(None, eval_set, "extractive") == FINDING
    assert "llama-citations" in chosen(None, eval_set, "openai:tiny")
    assert not any("dates" in name for name in chosen(None, undated, "extractive"))
    assert chosen("vectors, bm25", eval_set, "extractive") == ["vectors", "bm25"]


def test_a_name_that_is_no_baseline_is_one_line(eval_set: EvalSet) -> None:
    result = CliRunner().invoke(app, [str(eval_set.folder), "--only", "bm52"])

    assert result.exit_code == 2
    assert result.stderr.startswith("baselines: There is no baseline 'bm52'. Choose from: bm25, bm25-dates, ")
    assert len(result.stderr.splitlines()) == 1
