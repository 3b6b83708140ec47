"""Checking a set: a problem of each kind is found and told with its line, and a good set has none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.errors import EvalError
from qa.evaluation.sets import bundled_sets
from qa.evaluation.sets.check import PROBLEM_KINDS, Problem, check_set

FILLER = " ".join(f"Sentence number {n} says nothing of note." for n in range(20))
BRIDGE = f"The mayor opened the bridge.\n\n{FILLER}\n\nIt is 40 metres long."
HARBOUR = "The harbour closes in August. Ferries will use the western quay. Repairs take a month."
HEADER = "query-id\tcorpus-id\tscore\n"


def article(id: str, text: str, **metadata: str) -> dict[str, Any]:
    return {"_id": id, "title": f"About {id}", "text": text, "metadata": metadata}


def question(id: str, text: str, **metadata: Any) -> dict[str, Any]:
    return {"_id": id, "text": text, "metadata": metadata}


def evidence(article_id: str, text: str) -> list[dict[str, str]]:
    return [{"article_id": article_id, "text": text}]


CORPUS = [article("bridge", BRIDGE, date="2024-03-01"), article("harbour", HARBOUR, date="2024/05/02", outlet="Post")]
QUERIES = [
    question(
        "q1",
        "Who opened the bridge?",
        answers=["The mayor"],
        evidence=evidence("bridge", "The mayor opened the bridge."),
    ),
    question("q2", "Who paid?", answerable=False),
]
QRELS = "q1\tbridge\t1\n"

Make = Callable[..., Path]


@pytest.fixture
def make(write: Callable[[str, str], Path], write_rows: Callable[[str, Sequence[Any]], Path]) -> Make:
    """Writes a good set, and what is to be added to it."""

    def made(corpus: Sequence[Any] = (), queries: Sequence[Any] = (), qrels: str = "") -> Path:
        write_rows("set/corpus.jsonl", [*CORPUS, *corpus])
        write_rows("set/queries.jsonl", [*QUERIES, *queries])
        return write("set/qrels/test.tsv", HEADER + QRELS + qrels).parents[1]

    return made


def told(problems: Sequence[Problem]) -> list[tuple[str, str, bool]]:
    return [(problem.kind, problem.where, problem.is_error) for problem in problems if problem.kind != "ceiling"]


def test_a_good_set_has_only_its_ceiling(make: Make) -> None:
    (ceiling,) = check_set(make())

    assert (ceiling.kind, ceiling.where, ceiling.is_error) == ("ceiling", "queries.jsonl", False)
    assert "passages of 200 words 1 of 1 questions with evidence (1.000)" in ceiling.message


# Kind, whether it is an error, where; what is added to the good set.
PROBLEMS: list[tuple[str, bool, str, dict[str, Any]]] = [
    ("unusable", True, "queries.jsonl, line 3", {"queries": [question("q1", "Again?")]}),
    ("unusable", True, "qrels/test.tsv, line 3", {"qrels": "q1\tnowhere\t1\n"}),
    ("unjudged", False, "queries.jsonl, line 3", {"queries": [question("q3", "Who knows?")]}),
    ("unjudged", False, "queries.jsonl, line 3", {"queries": [question("q3", "How?", answers=["By ferry"])]}),
    ("duplicate", False, "queries.jsonl, line 3", {"queries": [question("q3", "WHO paid", answerable=False)]}),
    ("duplicate", False, "corpus.jsonl, line 3", {"corpus": [article("copy", f"  {HARBOUR}\n")]}),
    ("article", False, "corpus.jsonl, line 3", {"corpus": [article("empty", " ")]}),
    ("article", True, "corpus.jsonl, line 3", {"corpus": [article("n" * 201, "Its id is too long.")]}),
    (
        "duplicate",
        False,
        "corpus.jsonl, line 4",
        {"corpus": [article(id, f"Text {id}.", url=f"https://x.example/a?utm_source={id}") for id in ("u", "v")]},
    ),
    (
        "evidence",
        True,
        "queries.jsonl, line 3",
        {
            "queries": [question("q3", "When?", answers=["August"], evidence=evidence("harbour", "It closes in May."))],
            "qrels": "q3\tharbour\t1\n",
        },
    ),
    (
        "answer",
        False,
        "queries.jsonl, line 3",
        {"queries": [question("q3", "When?", answers=["July"])], "qrels": "q3\tharbour\t1\n"},
    ),
    (
        "answer",
        False,
        "queries.jsonl, line 3",
        {"queries": [question("q3", "What?", type="list", answers=["Ferries", "July"])], "qrels": "q3\tharbour\t1\n"},
    ),
    (
        "split",
        False,
        "queries.jsonl, line 3",
        {
            "queries": [question("q3", "How long?", answers=["40 metres"], evidence=evidence("bridge", BRIDGE))],
            "qrels": "q3\tbridge\t1\n",
        },
    ),
    ("unanswerable", True, "queries.jsonl, line 2", {"qrels": "q2\tharbour\t1\n"}),
    (
        "unanswerable",
        False,
        "queries.jsonl, line 3",
        {"queries": [question("q3", "In May?", answerable=False, evidence=evidence("harbour", "in August"))]},
    ),
    (
        "date",
        False,
        "queries.jsonl, line 3",
        {"queries": [question("q3", "When?", date="2024-02-29", answerable=False)]},
    ),
    (
        "date",
        False,
        "queries.jsonl, line 3",
        {"queries": [question("q3", "When?", date="2025-06-01", answerable=False)]},
    ),
]


@pytest.mark.parametrize(("kind", "is_error", "where", "added"), PROBLEMS, ids=[row[0] for row in PROBLEMS])
def test_each_problem_is_told_with_its_place(
    kind: str, is_error: bool, where: str, added: dict[str, Any], make: Make
) -> None:
    problems = check_set(make(**added), passage_words=50)

    assert told(problems) == [(kind, where, is_error)]
    assert all("\n" not in problem.message and problem.kind in PROBLEM_KINDS for problem in problems)


def test_every_kind_is_provoked_here() -> None:
    assert {kind for kind, *_ in PROBLEMS} | {"ceiling"} == PROBLEM_KINDS.keys()


def test_what_is_right_is_not_called_a_problem(make: Make) -> None:
    follow_up = [{"question": "Is the harbour open?", "answer": "Yes."}]
    queries = [
        question("q3", "Who paid?", answerable=False, history=follow_up),
        question(
            "q4", "In May?", answerable=False, corrects="August", evidence=evidence("harbour", "closes in\n August.")
        ),
        question("q5", "Which paper said so?", answers=["The Post", "Daily Post"], date="2025-05-02"),
        question("q6", "What is it about?", answers=["about harbour"]),
    ]

    assert told(check_set(make(queries=queries, qrels="q5\tharbour\t1\nq6\tharbour\t1\n"))) == []


def test_all_errors_are_told_at_once_and_before_the_warnings(make: Make) -> None:
    folder = make(
        corpus=[article("bridge", "Twice.")],
        queries=[question("q3", "Who knows?"), question("q4", " "), question("q5", "When?", date="soon")],
        qrels="q9\tbridge\t1\nq1\tbridge\t1\nq1\n",
    )
    with (folder / "queries.jsonl").open("a") as file:
        file.write("{\n")

    assert told(check_set(folder)) == [
        ("unusable", "corpus.jsonl, line 3", True),
        ("unusable", "queries.jsonl, line 6", True),
        ("unusable", "queries.jsonl, line 4", True),
        ("unusable", "queries.jsonl, line 5", True),
        ("unusable", "qrels/test.tsv, line 3", True),
        ("unusable", "qrels/test.tsv, line 4", True),
        ("unusable", "qrels/test.tsv, line 5", True),
        ("unjudged", "queries.jsonl, line 3", False),
    ]


def test_the_ceiling_falls_as_passages_get_shorter(make: Make) -> None:
    pieces = [*evidence("harbour", HARBOUR), *evidence("bridge", BRIDGE)]
    folder = make([], [question("q3", "All of it?", answers=["August"], evidence=pieces)], "q3\tharbour\t1\n")

    long, short = (check_set(folder, passage_words=count)[-1].message for count in (200, 50))

    assert "2 of 2 questions with evidence (1.000)" in long
    assert "2 (1.000) have all of it" in long
    assert "2 of 2 questions with evidence (1.000)" in short
    assert "1 (0.500) have all of it" in short


def test_evidence_is_looked_for_in_the_article_as_the_library_cleans_it(make: Make) -> None:
    text = f"{HARBOUR}\n\nAdvertisement\n\nTides are high."
    lost = question("q3", "What is sold?", answers=["Tides"], evidence=evidence("sea", "Advertisement"))
    folder = make([article("sea", text)], [lost], "q3\tsea\t1\n")

    assert told(check_set(folder)) == [("evidence", "queries.jsonl, line 3", True)]
    assert told(check_set(folder, clean_articles=False)) == []


def test_a_set_that_is_not_there_or_not_whole(make: Make) -> None:
    folder = make()
    (folder / "queries.jsonl").unlink()

    (problem,) = check_set(folder)

    assert (problem.kind, problem.is_error) == ("unusable", True)
    assert "queries.jsonl is missing" in problem.message
    with pytest.raises(EvalError, match="There is no question set 'nowhere'"):
        check_set("nowhere")


@pytest.mark.parametrize("name", bundled_sets())
def test_the_bundled_sets_are_without_problems(name: str) -> None:
    assert told(check_set(name)) == []
