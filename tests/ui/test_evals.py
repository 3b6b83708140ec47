"""The evals of the window without a browser: what is planned, run, kept, opened, and said where that cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from evaluating import write_set, write_town

from qa.ask.assistant import Assistant
from qa.errors import EvalError, ModelError, QAError, SettingsError, UsageError
from qa.library import Library
from qa.ui.context import AppState
from qa.ui.evals.plan import make_plan, plan_html
from qa.ui.evals.results import OpenResults
from qa.ui.evals.running import Evaluations
from qa.ui.evals.runs import delete_runs, kept_runs, named_run, runs_table
from qa.ui.evals.sets import chosen_set, own_folder, set_field
from qa.ui.evals.settings import read_settings, settings_table
from qa.ui.jobs import Cancelled, Job

TOWN = {"set": "own/town"}
LESS = {"set": "own/town", "settings": [{}, {"words_weight": "0.3", "rerank": "none"}]}


class Impatient(Job):
    """A job that is told to end once it has done so much."""

    enough = 2

    def step(self, done: int, total: int | None = None, note: str = "") -> None:
        if done >= self.enough:
            self.cancel()
        super().step(done, total, note)


@pytest.fixture
def app(library: Callable[..., Library], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppState:
    """A window over a library with the set "town" beside it; what evals index goes into the test's own cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    app = AppState(Assistant(library()))
    write_town(tmp_path / "library/sets/town")
    return app


@pytest.fixture
def run(app: AppState) -> Callable[..., list[str]]:
    """Runs what a page asks for, to its end."""

    def work(payload: dict[str, object], job: Job | None = None) -> list[str]:
        return Evaluations(app).work(job or Job("town", "evals"), make_plan(app, payload, None))

    return work


def planned(app: AppState, payload: dict[str, object]) -> str:
    return plan_html(app, make_plan(app, payload, None))


# --- choosing --------------------------------------------------------------------------------------------------------


def test_a_plan_says_how_much_and_what_is_there_already(app: AppState, run: Callable[..., list[str]]) -> None:
    first = planned(app, LESS)
    assert "5 questions over 3 articles under 2 settings." in first
    assert "The articles are indexed first; that index is kept" in first
    assert "How long it takes shows after the first few questions." in first
    assert run(TOWN) == ["town"]
    assert "All of it was asked before" in planned(app, TOWN)
    then = planned(app, LESS)
    assert "The articles are indexed already." in then
    assert "Answered before and not asked again: 5 of 5 (A)." in then
    assert "as such runs did before" in then
    sizes = {**TOWN, "settings": [{}, {"passage_words": "20"}, {"passage_words": "20", "top": "5"}]}
    assert "The articles are indexed first for B and C;" in planned(app, sizes)
    sizes["settings"] = [{"passage_words": "30"}, {"passage_words": "20"}]
    assert "The articles are indexed 2 times, once for A; once for B;" in planned(app, sizes)


def test_only_the_sets_that_are_there_can_be_chosen(app: AppState, tmp_path: Path) -> None:
    assert chosen_set(app, {"set": "seeds"}).name == "seeds"
    assert len(chosen_set(app, TOWN).queries) == 5
    folder = {"set": "folder", "folder": str(tmp_path / "library/sets/town")}
    assert chosen_set(app, folder).name == "town"
    with pytest.raises(UsageError, match="only on that machine"):
        chosen_set(replace(app, is_local=False), folder)
    away = tmp_path / "nowhere"
    with pytest.raises(EvalError, match=rf"There is no folder '{re.escape(str(away))}' on the machine of the server\."):
        chosen_set(app, {"set": "folder", "folder": str(away)})
    with pytest.raises(EvalError, match=r"corpus.jsonl is missing"):
        chosen_set(app, {"set": "folder", "folder": str(tmp_path)})
    with pytest.raises(UsageError, match="There is no set 'village' any more"):
        chosen_set(app, {"set": "own/village"})
    with pytest.raises(UsageError, match="cannot be the name of a set"):
        chosen_set(app, {"set": "own/../../etc"})
    with pytest.raises(UsageError, match="No set is chosen"):
        chosen_set(app, {"set": "../town"})
    write_set(tmp_path / "library/sets/bare", [{"_id": "a", "text": "A."}], [{"_id": "q", "text": "Q?"}], {"q": "a"})
    (tmp_path / "library/sets/bare/qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\n")
    with pytest.raises(EvalError, match="nothing can be measured"):
        chosen_set(app, {"set": "own/bare"})


def test_a_list_offers_the_sets_of_ones_own_and_a_folder_where_the_window_is_local(app: AppState) -> None:
    html = set_field(app, {"set": "own/town"})
    assert '<option value="own/town" selected>town</option>' in html
    assert '<option value="seeds">seeds</option>' in html
    assert "A folder" in html
    assert "A folder" not in set_field(replace(app, is_local=False), {})


@pytest.mark.parametrize("name", ["", "  ", ".hidden", "a/b", "a\\b", "x" * 61, "nul\0", "end.", "<b>"])
def test_a_name_that_is_none_makes_no_folder(app: AppState, name: str) -> None:
    with pytest.raises(UsageError, match=r"name"):
        own_folder(app, name)


def test_a_set_of_ones_own_does_not_take_the_name_of_a_bundled_one(app: AppState) -> None:
    with pytest.raises(UsageError, match="ships with Citewire"):
        own_folder(app, "seeds")


def test_settings_are_read_as_they_are_in_force_but_for_what_is_changed(app: AppState) -> None:
    base = app.assistant.settings
    first, second = read_settings({"settings": [{"top": ""}, {"top": " 5 ", "words_weight": "0.25"}]}, base)
    assert first == base
    assert (second.top, second.words_weight, second.passage_words) == (5, 0.25, base.passage_words)
    assert read_settings({}, base) == [base]
    assert 'value="none" aria-label="Language model, setting A"' in settings_table([{}], base)
    assert read_settings({"settings": [{"llm": "none"}]}, base.model_copy(update={"llm": "openai:tiny"})) == [base]


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ([{}, {"top": "99"}], SettingsError, "Setting B: Setting 'top' is '99'"),
        ([{"words_weight": "much"}], SettingsError, "Setting 'words_weight' is 'much'"),
        ([{}, {"top": "10"}], UsageError, "Setting B is the same as A."),
        ([{}] * 5, UsageError, "5 settings are too many"),
        ("all", UsageError, "Load it again"),
        ([3], UsageError, "Load it again"),
    ],
)
def test_settings_that_cannot_be_are_told(app: AppState, columns: object, error: type[QAError], words: str) -> None:
    with pytest.raises(error, match=words.replace(".", r"\.")):
        read_settings({"settings": columns}, app.assistant.settings)


def test_what_is_typed_into_the_settings_is_text(app: AppState) -> None:
    html = settings_table([{"embed": '"><script>alert(1)</script>'}], app.assistant.settings)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


# --- running ---------------------------------------------------------------------------------------------------------


def test_settings_are_run_one_after_the_other_and_kept(app: AppState, run: Callable[..., list[str]]) -> None:
    job = Job("town", "evals")
    assert run(LESS, job) == ["town", "town words=0.3 rerank=none"]
    assert (job.done, job.total) == (10, 10)
    assert job.note == "Setting B (2 of 2): question 5 of 5"
    kept = {run.name: run for run in kept_runs(app)}
    assert set(kept) == {"town", "town words=0.3 rerank=none"}
    assert all(run.is_finished and run.start.questions == 5 for run in kept.values())
    assert kept["town"].values["answer_correct"] == 1.0
    table = runs_table(list(kept.values()))
    assert 'data-run="town words=0.3 rerank=none"' in table
    assert "Go on" not in table


def test_a_run_that_is_stopped_keeps_what_it_has_and_the_next_goes_on(
    app: AppState, run: Callable[..., list[str]]
) -> None:
    with pytest.raises(Cancelled):
        run(TOWN, Impatient("town", "evals"))
    (stopped,) = kept_runs(app)
    assert (stopped.answered, stopped.is_finished) == (2, False)
    assert "Stopped after 2 of 5 questions." in runs_table([stopped])
    assert "Answered before and not asked again: 2 of 5." in planned(app, TOWN)
    with pytest.raises(UsageError, match="has answered 2 of 5 questions. Let it go on first."):
        OpenResults(app).pieces({"runs": ["town"]})
    before = [json.loads(line)["timings_ms"] for line in (stopped.folder / "records.jsonl").read_text().splitlines()]
    assert run(TOWN) == ["town"]
    after = [json.loads(line)["timings_ms"] for line in (stopped.folder / "records.jsonl").read_text().splitlines()]
    assert after[:2] == before
    assert len(after) == 5


def test_a_run_over_other_questions_does_not_take_the_place_of_the_first(
    app: AppState, run: Callable[..., list[str]], tmp_path: Path
) -> None:
    assert run(TOWN) == ["town"]
    questions = tmp_path / "library/sets/town/queries.jsonl"
    questions.write_text("\n".join(questions.read_text().splitlines()[:4]))
    assert run(TOWN) == ["town (2)"]
    with pytest.raises(EvalError, match="cannot be compared, because these differ: the questions"):
        OpenResults(app).pieces({"runs": ["town", "town (2)"]})


def test_a_model_that_does_not_answer_ends_the_run_before_it_begins(
    app: AppState, run: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    app.assistant.library.settings = app.assistant.settings.model_copy(
        update={"openai_base_url": "http://127.0.0.1:9/v1"}
    )
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9"):
        run({**TOWN, "settings": [{"llm": "openai:llama3.2"}]})
    assert kept_runs(app) == []
    with pytest.raises(UsageError, match="Unknown model provider 'acme'"):
        make_plan(app, {**TOWN, "settings": [{"llm": "acme:x"}]}, None)


def test_a_job_is_found_again_by_its_reader_alone(app: AppState) -> None:
    evaluations = Evaluations(app)
    assert evaluations.last(None) is None
    job = evaluations.start(make_plan(app, TOWN, "anna"), "anna")
    assert evaluations.last("anna") is job
    assert evaluations.last("ben") is None
    job.cancel()


# --- results ---------------------------------------------------------------------------------------------------------


def test_results_tell_numbers_differences_and_every_question(app: AppState, run: Callable[..., list[str]]) -> None:
    names = run(LESS)
    opened = OpenResults(app)
    pieces = opened.pieces({"runs": names})
    assert opened.pieces({"runs": names}) is pieces
    assert "5 questions, 3 articles" in pieces.numbers
    assert 'id="evals-differences"' in pieces.numbers
    assert "town words=0.3 rerank=none" in pieces.numbers
    assert pieces.questions.count('class="question"') == 5
    assert 'data-id="q1"' in pieces.questions
    assert "town right, town words=0.3 rerank=none wrong" in pieces.questions
    question = pieces.question("q1")
    assert "Anna Holt" in question
    assert "found at 1" in question
    with pytest.raises(EvalError, match="There is no question 'q9'"):
        pieces.question("q9")
    report = opened.report({"runs": names})
    assert report.startswith("<!doctype html>")


def test_a_single_run_is_shown_without_differences(app: AppState, run: Callable[..., list[str]]) -> None:
    run(TOWN)
    pieces = OpenResults(app).pieces({"runs": ["town"]})
    assert "evals-differences" not in pieces.numbers
    assert "answered wrong" in pieces.questions


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["village"], "There is no run 'village' any more"),
        (["../town"], "There is no run"),
        ([], "No run is chosen"),
        (None, "No run is chosen"),
        (list("abcde"), "5 runs are too many"),
    ],
)
def test_runs_that_are_not_there_are_told(app: AppState, names: object, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace(".", r"\.")):
        OpenResults(app).pieces({"runs": names})


def test_a_deleted_run_is_gone_and_nothing_else(app: AppState, run: Callable[..., list[str]], tmp_path: Path) -> None:
    run(LESS)
    delete_runs(app, {"runs": ["town words=0.3 rerank=none"]})
    assert [run.name for run in kept_runs(app)] == ["town"]
    with pytest.raises(UsageError, match="There is no run"):
        delete_runs(app, {"runs": ["../sets"]})
    assert (tmp_path / "library/sets/town/corpus.jsonl").is_file()
    with pytest.raises(UsageError):
        named_run(app, "town words=0.3 rerank=none")
