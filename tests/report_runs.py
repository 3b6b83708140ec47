"""Two runs for the tests of reports, a good and a poor one, whose texts try to be more than text."""

from __future__ import annotations

from eval_runs import make_record, make_run, make_set

from qa.evaluation.runs import Run
from qa.evaluation.runs.folder import StoredArticle
from qa.evaluation.sets import Evidence, Query

EVIL = "<script>alert('x')</script>"
LEAD = "Mayor Ines Falk opened the harbour bridge on Tuesday."
TEXT = (
    f"{LEAD} It cost 48 million crowns, and took {EVIL} six years to build.\n\nA ferry still crosses the bay at night."
)
SOURCES = {
    "bridge": StoredArticle(f"Bridge opens {EVIL}", "Tern Valley Herald", "2021-05-04", TEXT),
    "ferry": StoredArticle("Ferry stops", "The Morning Lark", "2021-06-01", "The ferry to Port Ellery stops in June."),
}
COST = "It cost 48 million crowns"
QUERIES = (
    Query(
        "q1",
        "Who opened the bridge?",
        answers=("Ines Falk",),
        answerable=True,
        evidence=(Evidence("bridge", LEAD),),
        type="who",
    ),
    Query(
        "q2",
        f"What did it cost {EVIL}?",
        answers=(f"48 million {EVIL}", "48 million crowns"),
        answerable=True,
        evidence=(Evidence("bridge", COST),),
        type=f"what {EVIL}",
    ),
    Query("q3", "Who painted it?", answerable=False, type="who"),
)
EVAL_SET = make_set("harbour", QUERIES, list(SOURCES), {"q1": {"bridge": 1}, "q2": {"bridge": 1}})
WHOLE, FERRY = ("bridge", 0, len(TEXT)), ("ferry", 0, 39)


def good() -> Run:
    records = [
        make_record(QUERIES[0], SOURCES, sentence=LEAD, cites=("bridge", 0, len(LEAD)), found=[WHOLE, FERRY]),
        make_record(QUERIES[1], SOURCES, sentence=f"{COST} {EVIL}.", cites=("bridge", 54, 79), found=[WHOLE]),
        make_record(QUERIES[2], SOURCES, found=[WHOLE]),
    ]
    return make_run(EVAL_SET, SOURCES, records, name="good", notices=(f"A notice {EVIL}.",))


def poor() -> Run:
    records = [
        make_record(QUERIES[0], SOURCES, sentence="The ferry did.", cites=FERRY, found=[FERRY, WHOLE]),
        make_record(QUERIES[1], SOURCES, found=[FERRY]),
        make_record(QUERIES[2], SOURCES, sentence="The mayor.", cites=WHOLE, found=[FERRY]),
    ]
    return make_run(EVAL_SET, SOURCES, records, name=f"poor{EVIL}".replace("/", ""))
