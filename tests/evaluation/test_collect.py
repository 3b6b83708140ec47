"""A set of one's own: questions and thumbs that two windows add, and what a killed process leaves."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from qa.errors import EvalError
from qa.evaluation.sets import Evidence, load_set
from qa.evaluation.sets.collect import add_query, add_question, add_thumb, question_id, questions_from_thumbs
from qa.types import Article, Span, Turn

BRIDGE = Article(
    "bridge",
    "Bridge opens",
    "Mayor Anna Holt opened the bridge.\n\nIt cost 40 million crowns.",
    outlet="The Town Post",
    date=dt.date(2024, 5, 3),
)
HARBOUR = Article("harbour", "Harbour closes", "The eastern harbour closes in August.")
OPENED = Span(BRIDGE, 0, 34)
CLOSES = Span(HARBOUR, 0, len(HARBOUR.text))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mine"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_first_question_makes_the_set(folder: Path) -> None:
    day = dt.date(2024, 6, 1)

    id = add_question(
        folder,
        " Who opened\nthe bridge? ",
        answers=["Anna Holt", "Holt"],
        evidence=[OPENED],
        others=[HARBOUR],
        as_of=day,
        history=[Turn("What is new?", "What is new?", "A bridge.")],
        note="seen in the window",
    )

    own = load_set(folder)
    (query,) = own.queries
    assert (query.id, query.text, query.date, query.type) == (id, "Who opened the bridge?", day, "own")
    assert (query.answers, query.answerable) == (("Anna Holt", "Holt"), True)
    assert query.evidence == (Evidence("bridge", "Mayor Anna Holt opened the bridge."),)
    assert [turn.question for turn in query.history] == ["What is new?"]
    assert (own.articles, own.qrels) == (("bridge", "harbour"), {id: {"bridge": 1}})
    assert lines(folder / "corpus.jsonl")[0] == {
        "_id": "bridge",
        "title": "Bridge opens",
        "text": BRIDGE.text,
        "metadata": {"date": "2024-05-03", "outlet": "The Town Post"},
    }
    assert lines(folder / "queries.jsonl")[0]["metadata"]["note"] == "seen in the window"


def test_questions_add_up_and_articles_come_once(folder: Path) -> None:
    add_question(folder, "Who opened the bridge?", evidence=[OPENED])
    add_question(folder, "What did the bridge cost?", answers=["40 million crowns"], evidence=[Span(BRIDGE, 36, 62)])
    add_question(folder, "When does the harbour close?", answers=["August"], evidence=[CLOSES, OPENED])
    add_question(folder, "Who built the harbour?", answerable=False)

    own = load_set(folder)
    assert own.articles == ("bridge", "harbour")
    assert [query.answerable for query in own.queries] == [True, True, True, False]
    assert [set(own.qrels.get(query.id, {})) for query in own.queries] == [
        {"bridge"},
        {"bridge"},
        {"harbour", "bridge"},
        set(),
    ]


def test_the_same_question_takes_its_own_place(folder: Path) -> None:
    first = add_question(folder, "Who opened the bridge?", answers=["Holt"], evidence=[OPENED])
    add_question(folder, "When does the harbour close?", evidence=[CLOSES])

    again = add_question(folder, "who opened the bridge", answers=["Nobody"], evidence=[CLOSES])

    own = load_set(folder)
    assert again == first
    assert [(query.id, query.answers) for query in own.queries][0] == (first, ("Nobody",))
    assert len(own.queries) == 2 and own.qrels[first] == {"harbour": 1}


def test_a_follow_up_is_another_question_than_its_words_alone(folder: Path) -> None:
    turn = Turn("What opened?", "What opened?", "The bridge.")

    assert add_question(folder, "By whom?", evidence=[OPENED], history=[turn]) != add_question(
        folder, "By whom?", evidence=[CLOSES]
    )
    assert len(load_set(folder).queries) == 2


def test_what_others_wrote_into_the_set_stays(folder: Path) -> None:
    add_question(folder, "Who opened the bridge?", evidence=[OPENED])
    row = {"_id": "q1", "text": "Bridge?", "metadata": {"answerable": True, "mood": "curious"}}
    with (folder / "queries.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    with (folder / "qrels/test.tsv").open("a") as file:
        file.write("q1\tbridge\t2\n")

    add_question(folder, "When does the harbour close?", evidence=[CLOSES])

    assert lines(folder / "queries.jsonl")[1] == row
    assert load_set(folder).qrels["q1"] == {"bridge": 2}


@pytest.mark.parametrize(
    ("question", "given", "reason"),
    [
        (" ", {"evidence": [OPENED]}, "question is empty"),
        ("Who?", {}, "No passage is named"),
        ("Who?", {"answerable": False, "evidence": [OPENED]}, "marked as not answerable"),
        ("Who?", {"answerable": False, "answers": ["Holt"]}, "marked as not answerable"),
        ("Who?", {"answerable": False}, "has no article yet"),
        ("Who?", {"evidence": [Span(Article("a 1", "", "Text."), 0, 5)]}, "'a 1' holds white space"),
    ],
)
def test_a_question_that_cannot_be_held_against_anything_is_refused(
    folder: Path, question: str, given: dict[str, Any], reason: str
) -> None:
    with pytest.raises(EvalError, match=reason):
        add_question(folder, question, **given)
    assert not (folder / "queries.jsonl").exists()


def test_a_broken_set_is_named_and_left_alone(folder: Path) -> None:
    add_question(folder, "Who opened the bridge?", evidence=[OPENED])
    (folder / "queries.jsonl").write_text("{]\n")

    with pytest.raises(EvalError, match=r"queries.jsonl, line 1: it is not JSON"):
        add_question(folder, "When does the harbour close?", evidence=[CLOSES])
    assert [row["_id"] for row in lines(folder / "corpus.jsonl")] == ["bridge"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EvalError, match="file/mine cannot be written"):
        add_question(tmp_path / "file" / "mine", "Who?", evidence=[OPENED])


def test_windows_that_write_at_once_lose_nothing(folder: Path) -> None:
    def add(number: int) -> None:
        article = Article(f"a{number % 7}", "", f"Bridge {number % 7} is open.")
        add_question(folder, f"Is bridge {number} open?", evidence=[Span(article, 0, len(article.text))])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(20)))

    own = load_set(folder)
    assert (len(own.queries), len(own.articles), len(own.qrels)) == (20, 7, 20)


KILLED = """
import os, signal, sys
from pathlib import Path
from qa.evaluation.sets.collect import add_question
from qa.types import Article, Span

article = Article("harbour", "Harbour closes", "The eastern harbour closes in August.")

def add(folder, left):
    def killed_before(event, args):
        nonlocal left
        if event == "os.rename" and str(args[0]).endswith(".part"):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(killed_before)
    add_question(folder, "When does the harbour close?", answers=["August"], evidence=[Span(article, 0, 37)])

for folder, step in zip(sys.argv[1::2], sys.argv[2::2]):
    if not (child := os.fork()):
        add(Path(folder), int(step))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def add_and_be_killed(*folders: tuple[Path, int]) -> list[int]:
    """Exit codes of processes that add a question each, killed before the file of that number is put in its place."""
    words = [str(word) for each in folders for word in each]
    done = subprocess.run([sys.executable, "-c", KILLED, *words], capture_output=True, text=True, check=True)
    return list(map(int, done.stdout.split()))


def test_a_process_that_is_killed_leaves_a_set_that_can_be_read(tmp_path: Path) -> None:
    """Every step of the write is tried; the last one is past its end."""
    left = {0: (1, 1), 1: (2, 1), 2: (2, 2), 3: (2, 2)}
    folders = {step: tmp_path / f"own{step}" for step in left}
    for folder in folders.values():
        add_question(folder, "Who opened the bridge?", evidence=[OPENED])

    assert add_and_be_killed(*((folder, step) for step, folder in folders.items())) == [-9, -9, -9, 0]

    for step, folder in folders.items():
        own = load_set(folder)
        assert (len(own.articles), len(own.queries)) == left[step], step
        add_question(folder, "When does the harbour close?", answers=["August"], evidence=[CLOSES])
        assert [len(judged) for judged in load_set(folder).qrels.values()] == [1, 1], step


def test_a_first_question_that_is_killed_can_be_added_again(folder: Path) -> None:
    assert add_and_be_killed((folder, 2)) == [-9]
    assert not (folder / "queries.jsonl").exists() and (folder / "corpus.jsonl").exists()

    add_question(folder, "When does the harbour close?", answers=["August"], evidence=[CLOSES])

    assert [query.answers for query in load_set(folder).queries] == [("August",)]


# --- thumbs ----------------------------------------------------------------------------------------------------------


def record(question: str, *quotes: tuple[str, str]) -> dict[str, Any]:
    citations = [{"n": n, "article_id": id, "quote": quote} for n, (id, quote) in enumerate(quotes, start=1)]
    return {
        "question": "And?",
        "standalone_question": question,
        "answer": "So it is.",
        "abstained": not quotes,
        "citations": citations or [{"n": 1, "article_id": "bridge", "quote": "What was found closest."}],
    }


def test_a_thumb_is_kept_with_the_answer_and_its_reason(folder: Path) -> None:
    answer = record("Who opened the bridge?", ("bridge", OPENED.text))

    add_thumb(folder, answer, up=False, reason="She did not.", as_of=dt.date(2024, 6, 1))

    (thumb,) = lines(folder / "thumbs.jsonl")
    assert thumb["record"] == answer
    assert (thumb["up"], thumb["reason"], thumb["as_of"]) == (False, "She did not.", "2024-06-01")
    assert dt.datetime.fromisoformat(thumb["at"]).tzinfo


def test_the_last_thumb_of_a_question_counts(folder: Path) -> None:
    bridge = record("Who opened the bridge?", ("bridge", OPENED.text), ("bridge", OPENED.text))
    harbour = record("When does the harbour close?", ("harbour", CLOSES.text))
    for answer, up in ((bridge, False), (harbour, True), (bridge, True), (harbour, False)):
        add_thumb(folder, answer, up)
    add_thumb(folder, record("Who built it?"), up=True)

    right, refused = questions_from_thumbs(folder)

    assert (right.id, right.answerable) == (question_id("Who opened the bridge?"), True)
    assert right.evidence == (Evidence("bridge", OPENED.text),)
    assert (refused.text, refused.answerable, refused.evidence) == ("Who built it?", False, ())


def test_a_question_from_a_thumb_goes_into_the_set(folder: Path) -> None:
    add_thumb(folder, record("Who opened the bridge?", ("bridge", OPENED.text)), up=True)

    for query in questions_from_thumbs(folder):
        add_query(folder, query, [BRIDGE])

    own = load_set(folder)
    assert own.queries[0].type == "thumb" and own.qrels == {own.queries[0].id: {"bridge": 1}}


def test_a_question_whose_article_is_not_given_is_refused(folder: Path) -> None:
    add_thumb(folder, record("When?", ("harbour", CLOSES.text)), up=True)
    (query,) = questions_from_thumbs(folder)

    with pytest.raises(EvalError, match="article 'harbour' that answers the question is not in the set"):
        add_query(folder, query, [BRIDGE])


def test_a_thumb_that_was_cut_off_is_passed_over(folder: Path) -> None:
    add_thumb(folder, record("Who opened the bridge?", ("bridge", OPENED.text)), up=True)
    with (folder / "thumbs.jsonl").open("a") as file:
        file.write('{"at": "2024-06-01", "up": tr')

    assert len(questions_from_thumbs(folder)) == 1
    with (folder / "thumbs.jsonl").open("a") as file:
        file.write('{"at": "2024-06-01", "up": tr')
    add_thumb(folder, record("When?", ("harbour", CLOSES.text)), up=True)
    assert len(questions_from_thumbs(folder)) == 2


def test_a_line_that_is_no_thumb_is_named(folder: Path) -> None:
    assert questions_from_thumbs(folder) == []
    add_thumb(folder, {"question": "Who?"}, up=True)

    with pytest.raises(EvalError, match=r"thumbs.jsonl, line 1: it is not a thumb with the record of an answer"):
        questions_from_thumbs(folder)
