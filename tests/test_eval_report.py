"""The report of a run, as it is printed."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from eval.report import print_run
from eval.runs import Run, latencies, score_records, summarise
from eval.sets import EvalSet, Query

QUERIES = (
    Query("q1", "Who opened the bridge?", answers=("the mayor",), answerable=True, type="who"),
    Query("q2", "Who [bold]closed[/bold] it?", answers=("the sheriff",), answerable=True, type="who"),
    Query("q3", "Who built it?", answerable=False, type="unanswerable"),
)
EVAL_SET = EvalSet("bridge", Path("bridge"), ("a1", "a2"), QUERIES, {"q1": {"a1": 1}})
TEXT = "The mayor opened it."


def record(query: Query, answer: str, abstained: bool = False) -> dict[str, Any]:
    return {
        "_id": query.id,
        "question": query.text,
        "answer": answer,
        "abstained": abstained,
        "sentences": [] if abstained else [{"text": answer}],
        "citations": [{"article_id": "a1", "start": 0, "end": 20, "quote": TEXT}],
        "passages": [{"article_id": "a2"}, {"article_id": "a1"}],
        "timings_ms": {"retrieve": 2.0, "total": 4.0 if abstained else 6.0},
    }


def printed(verbose: bool, notices: tuple[str, ...] = ()) -> str:
    records = (
        record(QUERIES[0], TEXT),
        record(QUERIES[1], TEXT),
        record(QUERIES[2], "The articles do not say.", abstained=True),
    )
    scores = score_records(records, EVAL_SET, {"a1": TEXT})
    settings = {"llm": "extractive", "embed": "bundled:news"}
    timings = {"stages_ms": latencies(records)}
    run = Run(EVAL_SET, {}, settings, records, scores, summarise(scores), timings, notices)
    console = Console(width=120, file=StringIO(), color_system=None)
    print_run(console, run, verbose=verbose)
    assert isinstance(console.file, StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


TABLES = """\
bridge: 3 questions, 2 articles · extractive · bundled:news

metric                             value    95% interval  n
Recall@1                           0.000  0.000 to 0.975  1
Recall@5                           1.000  0.025 to 1.000  1
Recall@10                          1.000  0.025 to 1.000  1
MRR@10                             0.500  0.013 to 0.987  1
nDCG@10                            0.631  0.016 to 0.991  1
Answer correct                     0.500  0.000 to 1.000  2
Items of a list held                   –               –  0
Citation correct                   0.500  0.000 to 1.000  2
Refused, rightly                   1.000  0.025 to 1.000  1
Refused, wrongly (less is better)  0.000  0.000 to 0.842  2

type          n  answer correct  citation correct  refused, rightly  refused, wrongly
who           2      0.500 of 2        0.500 of 2                 –        0.000 of 2
unanswerable  1               –                 –        1.000 of 1                 –

stage     p50 ms  p95 ms  n
retrieve     2.0     2.0  3
total        6.0     6.0  3
"""


def test_the_tables_are_as_people_read_them() -> None:
    assert printed(verbose=False) == TABLES.rstrip("\n")


def test_notices_come_before_the_numbers() -> None:
    lines = printed(verbose=False, notices=("1 of 2 articles are not in the library.",)).splitlines()

    assert lines[1] == "1 of 2 articles are not in the library."


def test_verbose_lists_what_failed_and_why_as_plain_text() -> None:
    failed = printed(verbose=True).partition("Questions that failed")[2]

    assert failed.splitlines()[1:] == [
        "q2  Who [bold]closed[/bold] it?",
        "    no accepted answer in the sentences; no citation holds the answer",
        "    The mayor opened it.",
    ]
