"""The report of a run, as it is printed."""

from __future__ import annotations

from io import StringIO

from eval_runs import make_record, make_run, make_set
from rich.console import Console

from qa.evaluation.reports.terminal import print_run
from qa.evaluation.runs.folder import StoredArticle
from qa.evaluation.sets import Query

QUERIES = (
    Query("q1", "Who opened the bridge?", answers=("the mayor",), answerable=True, type="who"),
    Query("q2", "Who [bold]closed[/bold] it?", answers=("the sheriff",), answerable=True, type="who"),
    Query("q3", "Who built it?", answerable=False, type="unanswerable"),
)
TEXT = "The mayor opened it."
SOURCES = {"a1": StoredArticle("Bridge", None, None, TEXT), "a2": StoredArticle("Ferry", None, None, "The ferry sank.")}
EVAL_SET = make_set("bridge", QUERIES, ["a1", "a2"], {"q1": {"a1": 1}})
FOUND = [("a2", 0, 15), ("a1", 0, 20)]


def printed(verbose: bool, notices: tuple[str, ...] = ()) -> str:
    records = [
        *(make_record(query, SOURCES, sentence=TEXT, cites=("a1", 0, 20), found=FOUND) for query in QUERIES[:2]),
        make_record(QUERIES[2], SOURCES, found=FOUND, ms=4.0),
    ]
    console = Console(width=120, file=StringIO(), color_system=None)
    print_run(console, make_run(EVAL_SET, SOURCES, records, notices=notices), verbose=verbose)
    assert isinstance(console.file, StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


TABLES = """\
bridge: 3 questions, 2 articles · extractive · bundled:news

metric                             value    95% interval  n
Recall@1                           0.000  0.000 to 0.975  1
Recall@5                           1.000  0.025 to 1.000  1
Recall@10                          1.000  0.025 to 1.000  1
MRR@10                             0.500  0.013 to 0.988  1
nDCG@10                            0.631  0.016 to 0.991  1
MAP@10                             0.500  0.013 to 0.988  1
Success@5                          1.000  0.025 to 1.000  1
Judged@10                          0.500  0.013 to 0.988  1
Passage MRR@10                     0.500  0.013 to 0.988  1
Answer passage@1                   0.000  0.000 to 0.975  1
Answer passage@5                   1.000  0.025 to 1.000  1
Answer correct                     0.500  0.000 to 1.000  2
Answer token F1                    0.250  0.000 to 0.500  2
Answer ROUGE-L                     0.500  0.333 to 0.667  2
Citation correct                   0.500  0.000 to 1.000  2
Citation recall                    1.000  0.158 to 1.000  2
Citation precision                 1.000  0.158 to 1.000  2
Refused, rightly                   1.000  0.025 to 1.000  1
Refused, wrongly (less is better)  0.000  0.000 to 0.842  2
Refusal precision                  1.000  0.025 to 1.000  1
Of no question here: Evidence Recall@5, Evidence Recall@10, All evidence@10, Items of a list held, Attribution right

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
