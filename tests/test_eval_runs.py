"""A whole run over a tiny set, through the real library, assistant and bundled embedder; and its files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import ir_measures
import pytest

from eval.metrics import METRICS
from eval.runs import _ASKING, KEPT_LIBRARIES, Run, Step, fingerprint, run_set, score_records
from eval.sets import EvalSet, load_set
from qa.errors import EvalError
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
SETTINGS = Settings()
STAGES = {"retrieve", "answer", "check", "total"}


@pytest.fixture(scope="module")
def eval_set(tmp_path_factory: pytest.TempPathFactory) -> EvalSet:
    folder = tmp_path_factory.mktemp("set") / "town"
    (folder / "qrels").mkdir(parents=True)
    articles = [
        {"_id": id, "title": id.title(), "text": text, "metadata": {"date": "2024-05-03", "outlet": "The Town Post"}}
        for id, text in ARTICLES.items()
    ]
    questions = [
        {"_id": id, "text": text, "metadata": {"answers": answers, "answerable": bool(answers), "type": "town"}}
        for id, text, answers, _ in QUESTIONS
    ]
    judgements = [f"{id}\t{article}\t1" for id, _, _, article in QUESTIONS if article]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, articles)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, questions)))
    (folder / "qrels/test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judgements]))
    return load_set(folder)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def finished(eval_set: EvalSet, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    out = tmp_path_factory.mktemp("out")
    return run_set(eval_set, SETTINGS, out, cache=cache), out


def read_records(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "records.jsonl").read_text().splitlines()]


def test_the_whole_way_finds_answers_cites_and_refuses(finished: tuple[Run, Path]) -> None:
    run, _ = finished

    perfect = {name: 1.0 for name in METRICS} | {"refused_wrong": 0.0, "answer_items": None}
    assert {name: result.value for name, result in run.metrics.items()} == perfect
    counts = dict.fromkeys(METRICS, 4) | {"refused_right": 1, "answer_items": 0}
    assert {name: result.n for name, result in run.metrics.items()} == counts
    assert run.notices == ()


def test_run_json_has_the_shape_of_the_contract(finished: tuple[Run, Path]) -> None:
    run, out = finished

    summary = json.loads((out / "run.json").read_text())

    assert set(summary) == {"fingerprint", "settings", "metrics", "timings"}
    assert set(summary["metrics"]) == set(METRICS)
    assert all(set(metric) == {"value", "low", "high", "n"} for metric in summary["metrics"].values())
    assert summary["metrics"]["answer_items"] == {"value": None, "low": None, "high": None, "n": 0}
    assert set(summary["timings"]["stages_ms"]) == STAGES
    assert all(0 <= t["p50"] <= t["p95"] and t["n"] == 5 for t in summary["timings"]["stages_ms"].values())
    assert summary["settings"]["llm"] == "extractive" and "index" not in summary["settings"]
    assert summary["fingerprint"] == run.fingerprint


def test_records_hold_the_answer_document_and_the_metrics(finished: tuple[Run, Path]) -> None:
    run, out = finished

    records = read_records(out)

    fields = "question standalone_question answer abstained mode notice sentences citations passages filters timings_ms"
    assert [record["_id"] for record in records] == ["q1", "q2", "q3", "q4", "q5"]
    assert all(set(record) == {"_id", "metrics", *fields.split()} for record in records)
    assert {record["_id"]: record["metrics"] for record in records} == run.scores
    assert records[4]["abstained"] and records[4]["metrics"]["answer_correct"] is None


def test_the_trec_run_gives_the_same_measures(finished: tuple[Run, Path]) -> None:
    run, out = finished
    measures = {"R@1": "recall@1", "RR@10": "mrr@10", "nDCG@10": "ndcg@10"}

    theirs = ir_measures.calc_aggregate(
        [ir_measures.parse_measure(measure) for measure in measures],
        {id: {article: 1} for id, _, _, article in QUESTIONS if article},
        ir_measures.read_trec_run(str(out / "run.trec")),
    )

    assert {measures[str(m)]: value for m, value in theirs.items()} == {
        name: run.metrics[name].value for name in measures.values()
    }
    ranks = [line.split() for line in (out / "run.trec").read_text().splitlines() if line.startswith("q1 ")]
    assert ranks[0] == ["q1", "Q0", "bridge", "1", "1.000000", "citewire"]
    assert len({article for _, _, article, *_ in ranks}) == len(ranks)


def test_two_runs_differ_in_nothing_but_time(eval_set: EvalSet, finished: tuple[Run, Path], tmp_path: Path) -> None:
    _, out = finished

    run_set(eval_set, SETTINGS, tmp_path / "again", cache=tmp_path / "cache")

    first, second = (json.loads((path / "run.json").read_text()) for path in (out, tmp_path / "again"))
    assert first.pop("timings").keys() == second.pop("timings").keys()
    assert first == second
    assert [without_times(r) for r in read_records(out)] == [without_times(r) for r in read_records(tmp_path / "again")]
    assert (out / "run.trec").read_text() == (tmp_path / "again/run.trec").read_text()


def without_times(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "timings_ms"}


def test_another_weight_uses_the_same_library_and_another_splitter_does_not(
    eval_set: EvalSet, finished: tuple[Run, Path], cache: Path, tmp_path: Path
) -> None:
    before = set(cache.iterdir())

    run_set(eval_set, SETTINGS.model_copy(update={"words_weight": 0.5}), tmp_path, cache=cache)
    assert set(cache.iterdir()) == before

    run_set(eval_set, SETTINGS.model_copy(update={"passage_words": 20}), tmp_path, cache=cache)
    assert len(set(cache.iterdir()) - before) == 1


def test_progress_goes_through_articles_and_questions(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    steps: list[Step] = []

    run_set(eval_set, SETTINGS, tmp_path, steps.append, cache=cache)

    assert [step.done for step in steps if step.stage == "questions"] == [0, 1, 2, 3, 4, 5]
    assert [step for step in steps if step.stage == "articles"][-1] == Step("articles", 3, 3)


def test_the_users_library_is_not_touched(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"index": tmp_path / "library"})

    run_set(eval_set, settings, tmp_path / "out", cache=cache)

    assert not (tmp_path / "library").exists()


def test_records_can_be_scored_again(eval_set: EvalSet, finished: tuple[Run, Path]) -> None:
    run, out = finished
    records = [{**record, "sentences": []} if record["_id"] == "q1" else record for record in read_records(out)]

    scores = score_records(records, eval_set, {})

    assert scores["q1"]["answer_correct"] == 0
    assert scores["q2"]["answer_correct"] == 1
    assert scores["q2"]["citation_correct"] == 0  # no stored text to find the quote in
    assert scores["q3"]["ndcg@10"] == run.scores["q3"]["ndcg@10"]


def test_records_of_another_set_are_refused(eval_set: EvalSet, finished: tuple[Run, Path]) -> None:
    others = replace(eval_set, queries=eval_set.queries[1:])

    with pytest.raises(EvalError, match="'q1', which is not in the set 'town'"):
        score_records(finished[0].records, others, {})


def test_fingerprints_tell_what_differs(eval_set: EvalSet, tmp_path: Path) -> None:
    base = fingerprint(eval_set, SETTINGS)

    def differing(other: dict[str, str]) -> set[str]:
        return {name for name in base if base[name] != other[name]}

    assert differing(fingerprint(eval_set, SETTINGS)) == set()
    assert differing(fingerprint(eval_set, SETTINGS.model_copy(update={"index": tmp_path}))) == set()
    assert differing(fingerprint(eval_set, SETTINGS.model_copy(update={"words_weight": 0.5}))) == {"settings"}
    assert differing(fingerprint(eval_set, SETTINGS.model_copy(update={"embed": "x:y"}))) == {"settings", "embedder"}


def test_a_changed_corpus_has_another_fingerprint(eval_set: EvalSet, tmp_path: Path) -> None:
    other = with_corpus(tmp_path / "town", eval_set, eval_set.corpus.read_text().replace("300", "310"))

    changed = fingerprint(other, SETTINGS)

    base = fingerprint(eval_set, SETTINGS)
    assert {name for name in base if base[name] != changed[name]} == {"corpus"}


def test_the_settings_that_work_on_a_question_exist() -> None:
    assert set(Settings.model_fields) >= _ASKING


def with_corpus(folder: Path, eval_set: EvalSet, corpus: str) -> EvalSet:
    """The same questions over other articles."""
    (folder / "qrels").mkdir(parents=True)
    for file in ("queries.jsonl", "qrels/test.tsv"):
        (folder / file).write_text((eval_set.folder / file).read_text())
    (folder / "corpus.jsonl").write_text(corpus)
    return load_set(folder)


def test_an_article_that_does_not_go_in_is_told(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    corpus = eval_set.corpus.read_text().replace(json.dumps(ARTICLES["bridge"]), '" "')

    run = run_set(with_corpus(tmp_path, eval_set, corpus), SETTINGS, tmp_path / "out", cache=cache)

    (notice,) = run.notices
    assert notice.startswith("1 of 3 articles are not in the library, though 2 judgements name them. First reason: ")
    assert run.scores["q1"]["recall@10"] == 0


def test_a_corpus_that_does_not_go_in_at_all_gets_no_numbers(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    corpus = "\n".join(json.dumps({"_id": id, "text": ""}) for id in ARTICLES)

    with pytest.raises(EvalError, match="No article of .*corpus.jsonl could be read, so nothing can be measured"):
        run_set(with_corpus(tmp_path, eval_set, corpus), SETTINGS, tmp_path / "out", cache=cache)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_asked(eval_set: EvalSet, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    steps: list[Step] = []

    with pytest.raises(EvalError, match="cannot be written to .*file/out: .* Choose another folder with --out"):
        run_set(eval_set, SETTINGS, tmp_path / "file" / "out", steps.append, cache=tmp_path)
    assert steps == []


def test_a_cache_that_cannot_be_written_is_named(eval_set: EvalSet, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EvalError, match="cache folder .*file cannot be written: .*XDG_CACHE_HOME"):
        run_set(eval_set, SETTINGS, tmp_path / "out", cache=tmp_path / "file")


def test_only_the_last_libraries_are_kept(eval_set: EvalSet, tmp_path: Path) -> None:
    for number in range(KEPT_LIBRARIES + 3):
        (tmp_path / f"{number:016x}").mkdir()
    (tmp_path / "somebody else's").mkdir()

    run_set(eval_set, SETTINGS, tmp_path / "out", cache=tmp_path)

    assert len([path for path in tmp_path.iterdir() if len(path.name) == 16]) == KEPT_LIBRARIES
    assert (tmp_path / "somebody else's").exists()
    assert any((path / "articles.db").exists() for path in tmp_path.iterdir())


def test_a_run_that_stops_leaves_no_numbers_behind(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    run_set(eval_set, SETTINGS, tmp_path, cache=cache)

    def stop(step: Step) -> None:
        if step == Step("questions", 3, 5):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_set(eval_set, SETTINGS, tmp_path, stop, cache=cache)
    assert not (tmp_path / "run.json").exists()


def test_answers_that_another_mode_gave_are_told(
    eval_set: EvalSet, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model whose server is not there: the answers fall back, and the numbers must not pass for the model's."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    one = replace(eval_set, queries=eval_set.queries[:1])

    run = run_set(one, SETTINGS.model_copy(update={"llm": "openai:none"}), tmp_path, cache=cache)

    (notice,) = run.notices
    assert notice.startswith("1 of 1 answers did not come from openai:none; the numbers are not those of openai:none.")
