"""A whole run over a tiny set, through the real library, assistant and bundled embedder; and its files."""

from __future__ import annotations

import ast
import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import ir_measures
import pytest
from evaluating import ARTICLES, QUESTIONS, made_run, write_town

import qa
from qa.errors import EvalError
from qa.evaluation.metrics import METRICS
from qa.evaluation.runs import Run, Step, load_run, run_set, score_run
from qa.evaluation.runs.fingerprint import ASKING_CODE, ASKING_SETTINGS, KEPT_LIBRARIES, fingerprint
from qa.evaluation.sets import EvalSet, load_set
from qa.settings import Settings

SETTINGS = Settings()
STAGES = {"retrieve", "answer", "check", "total"}


@pytest.fixture(scope="module")
def eval_set(tmp_path_factory: pytest.TempPathFactory) -> EvalSet:
    return write_town(tmp_path_factory.mktemp("set") / "town")


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

    right = "recall@1 mrr@10 ndcg@10 answer_correct citation_correct citation_recall refused_right".split()
    assert {run.metrics[name].value for name in right} == {1.0} and run.metrics["refused_wrong"].value == 0
    assert {name: run.metrics[name].n for name in ("recall@1", "refused_right", "answer_items")} == {
        "recall@1": 4,
        "refused_right": 1,
        "answer_items": 0,
    }
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
    assert summary["timings"]["passages"] >= 3 and summary["timings"]["index_bytes"] > 0
    assert summary["settings"]["llm"] == "extractive" and "index" not in summary["settings"]
    assert summary["fingerprint"] == run.fingerprint


def test_records_hold_the_answer_document_and_the_metrics(finished: tuple[Run, Path]) -> None:
    run, out = finished

    records = read_records(out)

    fields = "question standalone_question answer abstained mode notice respelled confidence"
    fields += " sentences citations passages filters timings_ms rejected replaced usage"
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


def test_progress_goes_through_articles_and_questions(eval_set: EvalSet, tmp_path: Path) -> None:
    steps: list[Step] = []

    run_set(eval_set, SETTINGS, tmp_path / "out", steps.append, cache=tmp_path / "cache")

    assert [step.done for step in steps if step.stage == "questions"] == [0, 1, 2, 3, 4, 5]
    assert [step for step in steps if step.stage == "articles"][-1] == Step("articles", 3, 3)


def test_the_users_library_is_not_touched(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"index": tmp_path / "library"})

    run_set(eval_set, settings, tmp_path / "out", cache=cache)

    assert not (tmp_path / "library").exists()


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


def test_a_part_of_a_set_has_another_fingerprint(eval_set: EvalSet) -> None:
    part = replace(eval_set, queries=eval_set.queries[:2])
    base, other = fingerprint(eval_set, SETTINGS), fingerprint(part, SETTINGS)
    assert {name for name in base if base[name] != other[name]} == {"queries", "qrels"}


def test_the_settings_that_work_on_a_question_exist() -> None:
    assert set(Settings.model_fields) >= ASKING_SETTINGS


def test_no_article_passes_through_the_code_that_works_on_questions() -> None:
    """Else a change of that code would leave a library in use that it does not fit."""
    root = Path(qa.__file__).parent.parent
    files = {path.relative_to(root).as_posix(): path for path in root.glob("qa/**/*.py")}
    weights = [f"qa/models/bundled/{name}.json" for name in ("other_languages", "quote", "rank")]
    assert all(any(name.startswith(code) for name in [*files, *weights]) for code in ASKING_CODE)

    def imported(name: str) -> set[str]:
        nodes = [node for node in ast.walk(ast.parse(files[name].read_text("utf-8")))]
        modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        for node in nodes:
            if isinstance(node, ast.ImportFrom):
                modules |= {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
        paths = {module.replace(".", "/") for module in modules}
        return {path for stem in paths for path in (f"{stem}.py", f"{stem}/__init__.py") if path in files}

    passed, left = set(), {"qa/library.py", "qa/models/static.py", "qa/models/sentence_encoder.py"}
    while left:
        passed |= left
        left = set().union(*map(imported, left)) - passed
    assert len(passed) > 30 and not [name for name in passed if name.startswith(ASKING_CODE)]


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


# --- going on ---------------------------------------------------------------------------------------------------------


def stop_at(done: int) -> Any:
    def stop(step: Step) -> None:
        if step == Step("questions", done, 5):
            raise KeyboardInterrupt

    return stop


def stopped(eval_set: EvalSet, cache: Path, out: Path, done: int = 3, settings: Settings = SETTINGS) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_set(eval_set, settings, out, stop_at(done), cache=cache)


def test_a_run_that_stops_leaves_its_records_and_no_numbers(
    eval_set: EvalSet, finished: tuple[Run, Path], cache: Path, tmp_path: Path
) -> None:
    shutil.copytree(finished[1], tmp_path / "out")
    other = SETTINGS.model_copy(update={"top": 3})

    stopped(eval_set, cache, tmp_path / "out", settings=other)

    assert not (tmp_path / "out/run.json").exists() and not (tmp_path / "out/run.trec").exists()
    assert [record["_id"] for record in read_records(tmp_path / "out")] == ["q1", "q2", "q3"]


def test_a_second_start_goes_on_and_gives_what_one_start_gives(
    eval_set: EvalSet, finished: tuple[Run, Path], cache: Path, tmp_path: Path
) -> None:
    stopped(eval_set, cache, tmp_path)
    steps: list[Step] = []
    notices: list[str] = []

    run = run_set(eval_set, SETTINGS, tmp_path, steps.append, notices.append, cache=cache)

    assert [step.done for step in steps if step.stage == "questions"] == [3, 4, 5]
    assert notices == ["3 of 5 questions were answered before; their records are kept."]
    assert [without_times(r) for r in read_records(tmp_path)] == [without_times(r) for r in read_records(finished[1])]
    assert run.metrics == finished[0].metrics and run.timings["asked"] == 2


@pytest.mark.slow
def test_a_kill_loses_no_finished_record(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from qa.evaluation.runs import run_set; from qa.evaluation.sets import load_set\n"
        "from qa.settings import Settings\n"
        "die = lambda step: step.stage == 'questions' and step.done == 3 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "run_set(load_set(sys.argv[1]), Settings(), Path(sys.argv[2]), die, cache=Path(sys.argv[3]))"
    )
    paths = [str(path) for path in (eval_set.folder, tmp_path, cache)]
    killed = subprocess.run([sys.executable, "-c", script, *paths], cwd=Path(qa.__file__).parent.parent)
    assert killed.returncode == -signal.SIGKILL and len(read_records(tmp_path)) == 3
    with (tmp_path / "records.jsonl").open("a") as file:
        file.write('{"_id": "q4", "question": "How ma')  # as a kill within a write leaves it
    steps: list[Step] = []

    run_set(eval_set, SETTINGS, tmp_path, steps.append, cache=cache)

    assert [step.done for step in steps if step.stage == "questions"] == [3, 4, 5]
    assert [record["_id"] for record in read_records(tmp_path)] == ["q1", "q2", "q3", "q4", "q5"]


def test_a_changed_setting_starts_anew_and_says_why(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    stopped(eval_set, cache, tmp_path)
    steps: list[Step] = []
    notices: list[str] = []

    run_set(eval_set, SETTINGS.model_copy(update={"top": 3}), tmp_path, steps.append, notices.append, cache=cache)

    assert [step.done for step in steps if step.stage == "questions"][0] == 0
    (notice,) = notices
    assert "there changed: the settings (top 10, 3). Every question is asked again." in notice


def test_a_finished_run_asks_nothing_again_unless_it_is_to_be_fresh(
    eval_set: EvalSet, finished: tuple[Run, Path], cache: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(finished[1], tmp_path / "out")
    before = (out / "run.json").read_text()
    steps: list[Step] = []

    run_set(eval_set, SETTINGS, out, steps.append, cache=cache)
    assert steps == [] and (out / "run.json").read_text() == before

    run_set(eval_set, SETTINGS, out, steps.append, cache=cache, fresh=True)
    assert steps[-1] == Step("questions", 5, 5)


def test_several_questions_at_a_time_give_the_same_records(
    eval_set: EvalSet, finished: tuple[Run, Path], cache: Path, tmp_path: Path
) -> None:
    run_set(eval_set, SETTINGS, tmp_path, cache=cache, jobs=3)

    assert [without_times(r) for r in read_records(tmp_path)] == [without_times(r) for r in read_records(finished[1])]


def test_a_library_is_made_once(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    steps: list[Step] = []

    run_set(eval_set, SETTINGS, tmp_path / "first", steps.append, cache=tmp_path / "cache")
    made = sum(step.stage == "articles" for step in steps)
    run_set(eval_set, SETTINGS, tmp_path / "second", steps.append, cache=tmp_path / "cache")

    assert made and sum(step.stage == "articles" for step in steps) == made


def test_a_wrong_metric_is_told_before_anything_is_asked(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="'recal@10'. Did you mean 'recall@10'?"):
        run_set(eval_set, SETTINGS, tmp_path / "out", metrics=["recal@10"], cache=cache)
    assert not (tmp_path / "out").exists()


# --- old runs ---------------------------------------------------------------------------------------------------------


def test_a_run_is_read_as_it_was_made(finished: tuple[Run, Path]) -> None:
    run, out = finished

    loaded = load_run(out)

    assert loaded.records == run.records and loaded.metrics == run.metrics and loaded.scores == run.scores
    assert loaded.eval_set.queries == run.eval_set.queries and loaded.eval_set.qrels == run.eval_set.qrels
    assert loaded.eval_set.articles == run.eval_set.articles and loaded.sources == run.sources
    assert loaded.sources["bridge"].text == ARTICLES["bridge"] and loaded.sources["bridge"].outlet == "The Town Post"


def test_an_old_run_is_scored_by_more_metrics_without_its_set(finished: tuple[Run, Path], tmp_path: Path) -> None:
    run, out = finished
    shutil.copytree(out, tmp_path / "old")

    scored = score_run(tmp_path / "old", ["recall@2", "ndcg@20"])

    assert (scored.metrics["recall@2"].value, scored.metrics["recall@2"].n) == (1.0, 4)
    summary = json.loads((tmp_path / "old/run.json").read_text())
    assert set(summary["metrics"]) == {*METRICS, "recall@2", "ndcg@20"}
    assert {name: result for name, result in scored.metrics.items() if name in METRICS} == run.metrics
    assert read_records(tmp_path / "old")[0]["metrics"]["recall@2"] == 1.0
    assert "recall@2" in score_run(tmp_path / "old").metrics  # what was asked for once stays


def test_a_run_that_only_finds_has_no_numbers_of_answers(eval_set: EvalSet, tmp_path: Path) -> None:
    made_run(tmp_path, eval_set, {"q1"})
    lines = [{**record, "answer": "", "abstained": False} for record in read_records(tmp_path)]
    (tmp_path / "records.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    run = score_run(tmp_path)

    assert run.metrics["answer_correct"].n == run.metrics["refused_wrong"].n == 0
    assert run.metrics["recall@1"].value == 0.25


def test_a_run_that_stopped_is_told_and_how_to_go_on(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    stopped(eval_set, cache, tmp_path)

    with pytest.raises(EvalError, match="stopped after 3 of 5 questions, .* Go on with: qa eval run .*town --out"):
        load_run(tmp_path)
    with pytest.raises(EvalError, match="stopped after 3 of 5"):
        score_run(tmp_path)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("run.json", None, "stopped after 5 of 5 questions"),
        ("run.json", "[]", "run.json is not a JSON object"),
        ("run.json", "{}", "is not as `qa eval run` left it"),
        ("run.json", "{", "run.json cannot be read"),
        ("records.jsonl", "{}\n", "records.jsonl, line 1: it is not a record"),
        ("records.jsonl", '{"_id": "q1"}\n', "is not as `qa eval run` left it"),
        ("records.jsonl", None, "records.jsonl cannot be read"),
        ("start.json", None, "There is no run in"),
        ("set/queries.jsonl", None, "queries.jsonl is missing"),
    ],
)
def test_a_folder_that_was_meddled_with_is_one_line(
    finished: tuple[Run, Path], tmp_path: Path, file: str, text: str | None, message: str
) -> None:
    shutil.copytree(finished[1], tmp_path / "out")
    if text is None:
        (tmp_path / "out" / file).unlink()
    else:
        (tmp_path / "out" / file).write_text(text)

    with pytest.raises(EvalError, match=message) as error:
        load_run(tmp_path / "out")
    assert "\n" not in str(error.value)


def test_a_record_that_is_missing_is_missed(finished: tuple[Run, Path], tmp_path: Path) -> None:
    out = shutil.copytree(finished[1], tmp_path / "out")
    lines = (out / "records.jsonl").read_text().splitlines(keepends=True)
    (out / "records.jsonl").write_text("".join(lines[1:]))

    with pytest.raises(EvalError, match="is not as `qa eval run` left it"):
        load_run(out)


def test_a_run_does_not_write_over_a_set_of_the_user(cache: Path, tmp_path: Path) -> None:
    mine = write_town(tmp_path / "set")
    before = mine.files["queries"].read_text()

    with pytest.raises(EvalError, match="set is not of a run, and a run would write over it"):
        run_set(mine, SETTINGS, tmp_path, cache=cache)
    assert mine.files["queries"].read_text() == before and len(list(tmp_path.iterdir())) == 1


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="There is no run in .*nowhere. Make one with: qa eval run SET --out"):
        load_run(tmp_path / "nowhere")


def test_answers_that_another_mode_gave_are_told(eval_set: EvalSet, cache: Path, tmp_path: Path) -> None:
    """A model whose server is not there: the answers fall back, and the numbers must not pass for the model's."""
    one = replace(eval_set, queries=eval_set.queries[:1])
    away = SETTINGS.model_copy(update={"llm": "openai:none", "openai_base_url": "http://127.0.0.1:1/v1"})

    run = run_set(one, away, tmp_path, cache=cache)

    (notice,) = run.notices
    assert notice.startswith("1 of 1 answers did not come from openai:none; the numbers are not those of openai:none.")
