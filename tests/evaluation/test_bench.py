"""The benchmark: its articles, its arithmetic, and each comparison that needs no heavy model. No time is asserted."""

import io
import json
import lzma
import os
import re
import sys
from collections import Counter
from contextlib import closing, redirect_stdout
from itertools import islice

import pytest
from forking import Forked
from rich.console import Console
from serving import run_code
from typer.testing import CliRunner

from eval.bench.__main__ import app
from eval.bench.articles import evenly, make_questions, read_articles, reworded, synthetic_articles, write_articles
from eval.bench.filling import filling
from eval.bench.large import enough, growing
from eval.bench.measure import Size, finding, start_up
from eval.bench.report import Measurement, machine, table
from qa.errors import EvalError
from qa.language.text import STOPWORDS, words

pytestmark = pytest.mark.slow


@pytest.fixture
def in_this_process(monkeypatch):
    """Runs the programs that fill a library here; those of the other comparisons have processes of their own."""

    def run(code, *arguments):
        monkeypatch.setattr(sys, "argv", ["-c", *arguments])
        with redirect_stdout(io.StringIO()) as said:
            exec(code, {})
        return said.getvalue()

    monkeypatch.setattr("eval.bench.filling.run_python", run)


@pytest.fixture
def forked(monkeypatch, tmp_path):
    """Runs the programs of finding in a process that has imported the window."""

    def run(code, *arguments, stdin=""):
        with closing(Forked(run_code, tmp_path, os.environ, code, arguments, stdin)) as process:
            said, errors = process.communicate()
        assert process.returncode == 0, errors
        return said

    monkeypatch.setattr("eval.bench.measure.run_python", run)


def some(count, seed=1):
    return list(islice(synthetic_articles(seed), count))


def test_synthetic_articles_are_the_same_for_the_same_seed():
    assert some(5) == some(5)
    assert some(5) != some(5, seed=2)


def test_reworded_articles_are_made_of_the_sentences_of_others_with_other_names_and_numbers():
    known = [
        {"id": "a", "outlet": "Gazette", "text": "On Monday the mayor Falkenstein opened 3 of the old bridges. " * 3}
    ]
    first, *others = islice(reworded(known), 20)
    assert [first, *others] == list(islice(reworded(known), 20))
    assert first["id"] != others[0]["id"] and first["outlet"] == "Gazette"
    sentences = Counter(one for made in others for one in re.split(r"(?<=\.)\s+", made["text"]))
    assert all(
        re.fullmatch(r"On [A-Z]\w+ the mayor [A-Z]\w+ opened \d+ of the old bridges\.", one) for one in sentences
    )
    assert len(sentences) > 100
    named = Counter("Falkenstein" in made["text"] for made in others)
    assert set(named) == {True, False}


def test_a_library_that_grows_is_measured_at_each_size(tmp_path, monkeypatch):
    monkeypatch.setattr("eval.bench.large._QUESTIONS", 4)
    monkeypatch.setattr("eval.bench.large.window_memory", lambda library, questions: {"memory": 0.4})
    done = []
    rows = list(growing(tmp_path, enough(some(20)), (20, 150), lambda at, total: done.append((at, total))))
    assert done[-1] == (150, 150)
    sizes, steps = zip(*(row.what.split(": ", 1) for row in rows), strict=True)
    assert len(set(sizes)) == 2 and len(rows) == 2 * len(set(steps))
    assert all(row.ours > 0 for row in rows)


def test_synthetic_articles_are_as_long_as_news_and_all_different():
    articles = some(100)
    lengths = [len(article["text"].split()) for article in articles]
    assert 700 < sum(lengths) / len(lengths) < 1_500
    assert min(lengths) >= 60
    assert len({article["id"] for article in articles}) == len({article["text"] for article in articles}) == 100


def test_synthetic_words_are_as_frequent_as_in_a_language():
    counts = Counter(word for article in some(100) for word in words(article["text"]))
    ranked = [count for _, count in counts.most_common()]
    assert 5 < ranked[9] / ranked[99] < 20  # Zipf: the tenth word comes ten times as often as the hundredth
    telling = sum(count for word, count in counts.items() if word not in STOPWORDS)
    assert 0.4 < telling / sum(ranked) < 0.7


def test_articles_of_a_file_come_in_its_order_packed_or_not(tmp_path):
    articles = some(3)
    plain = write_articles(tmp_path / "articles.jsonl", articles)
    packed = tmp_path / "articles.jsonl.xz"
    packed.write_bytes(lzma.compress(plain.read_bytes()))
    assert list(read_articles(plain)) == list(read_articles(packed)) == articles


@pytest.mark.parametrize("line", ["{broken", "[]", '{"title": "no text"}'])
def test_a_line_that_is_no_article_is_named(tmp_path, line):
    file = tmp_path / "articles.jsonl"
    file.write_text(json.dumps({"text": "An article."}) + "\n" + line + "\n")
    with pytest.raises(EvalError, match="line 2"):
        list(read_articles(file))


def test_evenly_takes_items_at_even_distances():
    assert evenly(range(10), 5) == [0, 2, 4, 6, 8]
    assert evenly("abc", 5) == ["a", "b", "c"]


def test_questions_are_different_and_about_articles_from_first_to_last():
    articles = some(40)
    questions = make_questions([*articles, *articles], 20)
    assert len(set(questions)) == 20
    assert articles[0]["title"].split()[0] in questions[0]
    assert articles[38]["title"].split()[0] in questions[-1]


def test_a_ratio_says_how_many_times_better_ours_is():
    assert Measurement("a rate", 100.0, "articles/s", 4.0).ratio == 25
    assert Measurement("a time", 4.0, "ms", 100.0).ratio == 25
    assert Measurement("alone", 4.0, "ms").ratio is None


def test_a_target_is_met_at_its_limit_and_missed_beyond_it():
    assert Measurement("a time", 0.5, "s", at_most=0.5).met is True
    assert Measurement("a time", 0.51, "s", at_most=0.5).met is False
    assert Measurement("a rate", 100.0, "articles/s", 5.0, ratio_at_least=20).met is True
    assert Measurement("a rate", 99.0, "articles/s", 5.0, ratio_at_least=20).met is False
    assert Measurement("a rate", 99.0, "articles/s", ratio_at_least=20).met is False
    assert Measurement("a time", 0.5, "s").met is None


def test_the_table_reads_like_this():
    rows = [
        Measurement("qa --help", 0.3123, "s", at_most=0.5),
        Measurement("ingest", 210.0, "articles/s", 4.2, ratio_at_least=20),
        Measurement("find", 61.25, "ms", 6_125.0, at_most=25),
        Measurement("heavy packages", 0, "", at_most=0),
    ]
    console = Console(width=120)
    with console.capture() as capture:
        console.print(table(rows))
    assert [" ".join(line.split()) for line in capture.get().splitlines()] == [
        "what ours the other way ratio target met",
        "qa --help 0.31 s – – at most 0.5 s yes",
        "ingest 210 articles/s 4.20 articles/s 50.0x at least 20x yes",
        "find 61.2 ms 6,125 ms 100.0x at most 25 ms no",
        "heavy packages 0 – – at most 0 yes",
    ]


def test_json_rows_hold_the_verdict():
    row = Measurement("find", 50.0, "ms", 100.0, at_most=25).to_json()
    assert (row["what"], row["ours"], row["other"], row["ratio"], row["met"]) == ("find", 50.0, 100.0, 2.0, False)


def test_the_machine_is_described():
    here = machine()
    assert here["cores"] >= 1
    assert here["chromadb"].count(".") >= 2


def test_starting_up_measures_help_and_an_answer_and_imports_nothing_heavy(tmp_path):
    steps = []
    rows = start_up(tmp_path, 1, lambda done, total: steps.append((done, total)))
    assert steps == [(1, 1)]
    assert [row.unit for row in rows] == ["s", "s", ""]
    assert rows[0].ours > 0 < rows[1].ours
    assert rows[2].ours == 0


def test_finding_searches_a_library_of_at_least_so_many_passages_and_weighs_the_window(tmp_path, forked):
    steps = []
    size = Size(passages=60, questions=10, warm_up=2, rebuilds=1)
    rows = finding(tmp_path, iter(some(100)), size, lambda done, total: steps.append(done / total))
    assert steps == sorted(steps) and steps[-1] == 1
    passages = int(rows[0].what.split()[2])
    assert 60 <= passages < 90
    assert 0 < rows[0].ours <= rows[1].ours
    assert rows[0].other > 0
    assert all(0.05 < row.ours < 5 for row in rows[2:])


def test_a_broken_file_ends_the_run_with_one_line(tmp_path):
    file = tmp_path / "articles.jsonl"
    file.write_text("{broken\n")
    done = CliRunner().invoke(app, ["--articles", str(file)])
    assert done.exit_code == 1
    assert done.stderr.startswith("bench: ") and "line 1" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_missing_file_is_wrong_usage(tmp_path):
    done = CliRunner().invoke(app, ["--articles", str(tmp_path / "nowhere.jsonl")])
    assert done.exit_code == 2


def test_filling_measures_a_library_filled_again_and_given_one_more(tmp_path, in_this_process):
    size = Size(library=6, large=9)
    steps = []
    rows = filling(tmp_path, synthetic_articles(), size, lambda done, total: steps.append((done, total)))
    names = [row.what for row in rows]
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert names[0].startswith("ingest 6 articles (") and "one article more" in names
    assert {"    of which clean", "    of which index"} <= set(names)
    assert all(row.ours >= 0 for row in rows) and rows[-1].other
