import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from qa.cli.main import app, main
from qa.prompts import folder

COUNCIL = """---
title: Council elects a chair
outlet: Harbour Gazette
date: 2021-05-04
---

The harbour council elected Anna Berg as its chair on 3 May 2021. She follows Otto Lind, who had led it for nine years.

The council oversees 17 piers and the fish market.
"""
STORM = """The storm on Tuesday tore the roof from the town hall of Northbridge.

Nobody was hurt, the fire service said. Repairs will take six weeks."""


@dataclass
class Result:
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def qa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line as typed, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(line: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["qa", *shlex.split(line)])
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsys.readouterr()
        return Result(int(exit_.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def filled(qa: Run, tmp_path: Path) -> Run:
    """The same over a library of two articles."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/council.md").write_text(COUNCIL, "utf-8")
    (tmp_path / "articles/storm.txt").write_text(STORM, "utf-8")
    assert qa("ingest articles").code == 0
    return qa


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


# --- ingest ----------------------------------------------------------------------------------------------------------


def test_ingest_says_what_became_of_every_article(filled: Run, tmp_path: Path) -> None:
    again = filled("ingest articles")
    assert again.code == 0
    assert "0 added, 0 updated, 2 unchanged, 0 duplicate, 0 failed" in again.err
    assert "Nothing has changed." in again.err
    (tmp_path / "articles/storm.txt").write_text(STORM.replace("six weeks", "eight weeks"), "utf-8")
    again = filled("ingest articles")
    assert "0 added, 1 updated, 1 unchanged" in again.err and "2 articles in .citewire, " in again.err


def test_ingest_counts_a_single_article_as_one(qa: Run, tmp_path: Path) -> None:
    (tmp_path / "storm.txt").write_text(STORM, "utf-8")
    assert "1 article in .citewire, " in qa("ingest storm.txt").err


def test_ingest_names_the_line_that_is_broken_and_takes_the_others(qa: Run, tmp_path: Path) -> None:
    rows = [json.dumps({"id": str(n), "title": f"T{n}", "text": f"Pier {n} was painted."}) for n in range(3)]
    (tmp_path / "rows.jsonl").write_text("\n".join([rows[0], "{broken", *rows[1:]]), "utf-8")
    result = qa("ingest rows.jsonl")
    assert result.code == 0
    assert "3 added" in result.err and "1 failed" in result.err and "rows.jsonl, line 2: not JSON" in result.err


@pytest.mark.parametrize(
    ("make", "argument", "reason"),
    [
        (None, "nowhere", "there is no such file or folder"),
        ("folder", "empty", "the folder holds no articles"),
        (None, "'*.md'", "no file matches the pattern"),
        ("binary", "picture.txt", "not a text file"),
        ("pdf", "paper.xyz", "files of the kind '.xyz' cannot be read"),
    ],
)
def test_when_nothing_can_be_read_ingest_fails_with_the_reason(
    qa: Run, tmp_path: Path, make: str | None, argument: str, reason: str
) -> None:
    if make == "folder":
        (tmp_path / argument).mkdir()
    elif make:
        (tmp_path / argument).write_bytes(b"\x89PNG\x00\x01\x02")
    result = qa(f"ingest {argument}")
    assert result.code == 1
    assert reason in result.err and "Traceback" not in result.err


# --- ask -------------------------------------------------------------------------------------------------------------


def test_ask_prints_the_answer_its_source_and_who_answers(filled: Run) -> None:
    result = filled('ask "Who did the harbour council elect as its chair?"')
    assert result.code == 0
    assert "elected Anna Berg as its chair on 3 May 2021. [1] ✓✓" in result.out
    assert "Harbour Gazette, 4 May 2021  ✓✓ Verbatim" in result.out
    assert re.search(r"^quoted from the articles · \d+\.\d s$", result.out, re.MULTILINE)


def test_ask_json_is_the_contract(filled: Run, tmp_path: Path) -> None:
    document = json.loads(filled('ask --json "Who did the harbour council elect as its chair?"').out)
    assert list(document) == [
        "question",
        "standalone_question",
        "answer",
        "abstained",
        "mode",
        "notice",
        "respelled",
        "confidence",
        "sentences",
        "citations",
        "passages",
        "filters",
        "timings_ms",
        "rejected",
        "replaced",
        "usage",
    ]
    assert document["rejected"] == [] and document["replaced"] is None
    assert document["mode"] == "extractive" and document["abstained"] is False and document["notice"] is None
    assert document["answer"].endswith("[1]")
    (citation, *_) = document["citations"]
    assert list(citation) == [
        "n",
        "article_id",
        "title",
        "outlet",
        "date",
        "date_source",
        "url",
        "path",
        "start",
        "end",
        "quote",
    ]
    assert (citation["date"], citation["date_source"], citation["outlet"]) == ("2021-05-04", "field", "Harbour Gazette")
    article = json.loads(filled(f"articles --json {citation['article_id']}").out)
    assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    for passage in document["passages"]:
        text = json.loads(filled(f"articles --json {passage['article_id']}").out)["text"]
        assert text[passage["start"] : passage["end"]] == passage["text"]
    assert [passage["rank"] for passage in document["passages"]] == list(range(1, len(document["passages"]) + 1))
    assert list(document["passages"][0]) == ["rank", "article_id", "start", "end", "score", "text"]
    assert document["filters"] == {"from": None, "to": None, "outlets": [], "collection": None}
    assert list(document["timings_ms"]) == ["retrieve", "answer", "check", "total"]
    assert document["sentences"][0] == {
        "text": citation["quote"],
        "citations": [1],
        "verdict": "verbatim",
        "reasons": [],
        "support": 1.0,
    }


def test_a_refusal_is_done_and_shows_what_was_closest(filled: Run) -> None:
    result = filled('ask "What is the capital of Mongolia?"')
    assert result.code == 0
    assert "The articles do not say." in result.out


def test_filters_narrow_the_search(filled: Run) -> None:
    question = "Who did the harbour council elect as its chair?"

    def found(flags: str) -> set[str]:
        document = json.loads(filled(f'ask --json "{question}" {flags}').out)
        return {passage["article_id"] for passage in document["passages"]}

    assert "council" in found("")
    assert found("--from 2021-05-01 --to 2021-05-31") == {"council"}
    assert found("--outlet 'harbour gazette'") == {"council"}
    assert found("--from 2021-06-01") == set()
    assert found("--to 2020-01-01") == set()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ask ''", "The question is empty."),
        ("ask hello --as-of yesterday", "--as-of 'yesterday' is not a day. Write it as YYYY-MM-DD"),
        ("ask hello --colour red", "No such option: --colour"),
        ("ask", "Missing argument"),
        (
            "ask hello --llm acme:x",
            "Unknown model provider 'acme'. "
            "Choose one of: anthropic, auto, extractive, gguf, llama-index, local, ollama, openai, server.",
        ),
        ("ask hello --llm openai", "'openai' names no model. Write it as provider:model, such as openai:"),
        ("ask hello --config no.toml", "Settings file no.toml does not exist."),
        ("articles nobody", "There is no article 'nobody'"),
        ("remove nobody", "There is no article 'nobody'"),
        ("serve --auth editor", "--auth wants USER:PASSWORD"),
        ("serve --port 0", "Invalid value for '--port'"),
        ("articel", "No such command 'articel'"),
    ],
)
def test_wrong_usage_is_a_line_and_exit_code_2(filled: Run, line: str, message: str) -> None:
    result = filled(line)
    assert result.code == 2
    assert message in result.err and result.out == ""
    assert len(lines(result.err)) <= 2


def test_an_empty_library_says_how_to_fill_it(qa: Run) -> None:
    assert qa("ask hello").code == 2
    assert "is empty. Put articles in with: qa ingest FOLDER" in qa("ask hello").err
    assert "is empty. Put articles in with: qa ingest FOLDER" in qa("articles").out
    assert json.loads(qa("articles --json").out) == []


def test_a_question_of_ten_thousand_words_is_cut_with_a_notice(filled: Run) -> None:
    long = "Who chairs the harbour council " + "please " * 10_000
    document = json.loads(filled(f'ask --json "{long}"').out)
    assert document["notice"].startswith("The question has 10,005 words; the first 400 were read.")
    endless = "harbour" * 3_000
    notice = json.loads(filled(f"ask --json {endless}").out)["notice"]
    assert notice.startswith("The question has 21,000 characters; the first 6,000 were read.")


def test_markup_in_questions_and_articles_is_printed_as_text(filled: Run, tmp_path: Path) -> None:
    text = "The mayor of Bracketville said [bold red]nothing[/bold red] about the <script>alert(1)</script> affair."
    (tmp_path / "odd.txt").write_text(text, "utf-8")
    filled("ingest odd.txt")
    result = filled('ask "What did the mayor of Bracketville say about the [/] affair?"')
    assert result.code == 0 and "[bold red]nothing[/bold red]" in result.out and "<script>" in result.out


# --- articles, remove ------------------------------------------------------------------------------------------------


def test_articles_lists_and_remove_takes_out(filled: Run) -> None:
    listed = json.loads(filled("articles --json").out)
    assert [(row["id"], row["date"]) for row in listed] == [("council", "2021-05-04"), ("storm", None)]
    assert "Council elects a chair" in filled("articles").out
    assert "Nobody was hurt" in filled("articles storm").out
    removed = filled("remove storm")
    assert removed.code == 0 and "Removed 1" in removed.out
    assert [row["id"] for row in json.loads(filled("articles --json").out)] == ["council"]
    assert "The articles do not say." in filled('ask "What did the storm tear from the town hall?"').out


def test_articles_are_corrected_by_hand(filled: Run) -> None:
    shown = filled('articles council --set date=2021-05-07 --set "outlet=The [Post]" --set title="<b>A chair</b>"')
    assert shown.code == 0
    assert "<b>A chair</b>" in shown.out and "The [Post], 7 May 2021 (date known by: set)" in shown.out
    assert "set by hand: date 2021-05-07 (its file says: 2021-05-04)" in shown.out
    [found] = json.loads(filled('ask "Who was elected chair?" --from 2021-05-07 --json').out)["citations"]
    assert (found["article_id"], found["date"], found["date_source"]) == ("council", "2021-05-07", "set")
    filled("ingest articles")
    kept = json.loads(filled("articles council --unset title --json").out)
    assert kept["title"] == "Council elects a chair" and kept["outlet"] == "The [Post]"
    assert [one["field"] for one in kept["corrections"]] == ["date", "outlet"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("articles --set date=2021-05-07", "Name the articles to correct"),
        ("articles council --set date", "--set 'date' has no value. Write it as FIELD=VALUE"),
        ("articles council --set date=soon", "'soon' is not a day"),
        ("articles council nobody --set date=2021-05-07", "There is no article 'nobody'"),
        ("articles council --unset text", "'text' of an article cannot be set"),
    ],
)
def test_what_cannot_be_corrected_is_a_line(filled: Run, line: str, said: str) -> None:
    result = filled(line)
    assert result.code == 2 and said in result.err and len(lines(result.err)) == 1
    assert json.loads(filled("articles council --json").out)["corrections"] == []


def test_remove_takes_nothing_out_when_one_id_is_wrong(filled: Run) -> None:
    assert filled("remove storm nobody").code == 2
    assert len(json.loads(filled("articles --json").out)) == 2


# --- the library folder ----------------------------------------------------------------------------------------------


def test_a_library_folder_that_is_a_file(qa: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a folder")
    result = qa("articles --index taken")
    assert result.code == 1 and "is not a folder. Name another with --index." in result.err
    assert len(lines(result.err)) == 1


# --- help ------------------------------------------------------------------------------------------------------------

COMMANDS = ["", *(command.name or command.callback.__name__ for command in app.registered_commands), "eval", "eval run"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(qa: Run, command: str) -> None:
    result = qa(f"{command} --help")
    assert result.code == 0 and "Usage: qa" in result.out


@pytest.mark.slow
def test_the_examples_in_the_help_run_as_typed(filled: Run, tmp_path: Path) -> None:
    examples = [command.epilog.removeprefix("Example: qa ") for command in app.registered_commands if command.epilog]
    assert len(examples) == 13
    (tmp_path / "more.jsonl").write_text('{"text": "A short piece about nothing."}', "utf-8")
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive/old.md").write_text("An old piece about the pier.", "utf-8")
    filled(f"ingest '{folder('seeds')}'")
    filled('ask "How many issues are on the agenda of the CIS summit?" --keep')
    for example in examples:
        if example.split()[0] not in ("serve", "mcp", "password"):  # they wait for somebody
            assert filled(example).code == 0, example


def test_help_and_import_load_nothing_heavy() -> None:
    heavy = "torch transformers sentence_transformers gradio chromadb llama_index openai sqlalchemy numpy pydantic"
    script = f"import sys, qa, qa.cli.main; print([m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_asking_loads_neither_torch_nor_gradio_nor_llama_index(filled: Run, tmp_path: Path) -> None:
    script = (
        "import sys; sys.argv = ['qa', 'ask', 'Who chairs the council?']\n"
        "from qa.cli.main import main\n"
        "try: main()\n"
        "finally: print([m for m in 'torch transformers gradio llama_index openai'.split() if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert lines(done.stdout)[-1] == "[]"


def test_a_damaged_library_is_said_and_its_articles_are_saved(filled: Run, tmp_path: Path) -> None:
    [database] = tmp_path.rglob("articles.db")
    content = database.read_bytes()
    database.write_bytes(b"x" * 16 + content[16:])
    for command in ("doctor", "doctor --repair", "articles", 'ask "Who chairs the council?"', "ingest seeds"):
        result = filled(command)
        assert result.code == 1 and "qa doctor --salvage FOLDER" in result.err and "Traceback" not in result.err
    result = filled("doctor --salvage saved")
    assert result.code == 0 and result.out.startswith("Saved 2 of an unknown number of articles in saved.")
    database.write_bytes(b"")
    result = filled("doctor --salvage nothing")
    assert (result.code, result.out) == (1, "Saved 0 of an unknown number of articles in nothing.\n")
    result = filled("doctor")
    assert result.code == 1 and "has lost its articles" in result.err
    assert filled("doctor --salvage other --repair").code == 2


def test_what_was_damaged_and_mended_is_told_where_no_answer_could(filled: Run, tmp_path: Path) -> None:
    [segment] = tmp_path.rglob("segment-*")
    segment.write_bytes(b"")
    result = filled("doctor")
    assert result.code == 1 and f"✗ word index: damaged: {segment.name} has another size" in result.out
    assert "✓ mended: The word index was damaged" in result.out
    assert filled("doctor").code == 0


# --- collections -----------------------------------------------------------------------------------------------------


def test_collections_are_made_filled_asked_and_deleted(filled: Run, tmp_path: Path) -> None:
    assert "There is no collection in .citewire. Make one with: qa collections create" in filled("collections").out
    made = filled('collections create "Town hall" storm')
    assert (made.code, made.out) == (0, "Made “Town hall”; it holds 1 article.\n")
    beat = filled('collections create Gazette --outlet "Harbour Gazette" --source articles --json')
    assert json.loads(beat.out)["filter"]["outlets"] == ["Harbour Gazette"]
    assert (json.loads(beat.out)["articles"], json.loads(beat.out)["sources"]) == (2, [str(tmp_path / "articles")])
    listed = filled("collections list").out
    assert "filled by the filter: Harbour Gazette" in listed and f"filled by: {tmp_path / 'articles'}" in listed
    assert filled('collections add "town hall" council').out == "Added 1 article to “Town hall”; it holds 2.\n"
    assert filled('collections remove "Town hall" council').out == "Took 1 article out of “Town hall”; it holds 1.\n"
    articles = filled('articles --collection "Town hall"')
    assert "storm" in articles.out and "council" not in articles.out and "1 article in “Town hall”" in articles.out
    answer = json.loads(filled('ask "Who chairs the council?" --collection "town hall" --json').out)
    assert answer["filters"]["collection"]["name"] == "Town hall"
    assert {passage["article_id"] for passage in answer["passages"]} == {"storm"}
    assert filled('collections share "Town hall"').out == "“Town hall” is shared with everybody.\n"
    assert filled('collections rename "Town hall" Storms').out == "It is called “Storms” now.\n"
    [gazette, storms] = json.loads(filled("collections list --json").out)
    assert (gazette["name"], storms["name"], storms["shared"], storms["articles"]) == ("Gazette", "Storms", True, 1)
    assert filled("eval make --count 1 --collection Storms --out made").code == 0
    assert len((tmp_path / "made/corpus.jsonl").read_text("utf-8").splitlines()) == 1
    assert filled("collections delete Storms").out == "Deleted “Storms”; its articles stay.\n"
    assert len(json.loads(filled("articles --json").out)) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ask 'Who won?' --collection Storms", "There is no collection 'Storms'. Choose one of: Gazette."),
        ("articles --collection Storms", "There is no collection 'Storms'. Choose one of: Gazette."),
        ("articles storm --collection Gazette", "--collection lists articles and ids show them. Give one of them."),
        ("collections create ' '", "The collection has no name."),
        ("collections create gazette", "There is a collection “gazette” already."),
        ("collections create New nowhere", "There is no article 'nowhere' in the library."),
        ("collections create New --source nowhere", "No article came from "),
        ("collections delete Storms", "There is no collection 'Storms'. Choose one of: Gazette."),
    ],
)
def test_what_no_collection_can_be_is_one_sentence(filled: Run, line: str, said: str) -> None:
    assert filled("collections create Gazette").code == 0
    result = filled(line)
    assert result.code == 2 and said in result.err and len(lines(result.err)) == 1
