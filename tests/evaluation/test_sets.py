"""Question sets: what a good one becomes, and the one line that each broken one gets."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.errors import EvalError
from qa.evaluation.sets import BUNDLED, Attribution, EvalSet, Evidence, bundled_sets, load_set
from qa.types import Turn

CORPUS = [
    {"_id": "a1", "title": "One", "text": "The mayor opened the bridge.", "metadata": {"date": "2024-03-01"}},
    {"_id": "a2", "title": "Two", "text": "The bridge is 40 metres long."},
]
QUERIES = [
    {
        "_id": "q1",
        "text": "Who opened the bridge?",
        "metadata": {
            "date": "2024-03-02",
            "answers": ["The mayor"],
            "type": "who",
            "evidence": [{"article_id": "a1", "text": "The mayor opened the bridge."}],
            "history": [{"question": "What is new?", "answer": "A bridge."}],
        },
    },
    {"_id": "q2", "text": "Who built it?", "metadata": {"answerable": False}},
    {"_id": "q3", "text": "Bridge length?"},
    {"_id": "q4", "text": "Nothing is known about this one."},
]
HEADER = "query-id\tcorpus-id\tscore\n"


def lines(values: Sequence[object]) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bridge"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(lines(CORPUS))
    (folder / "queries.jsonl").write_text(lines(QUERIES))
    (folder / "qrels/test.tsv").write_text(HEADER + "q1\ta1\t2\nq1\ta2\t0\nq3\ta2\t1\n")
    return folder


def test_a_set_is_read_whole(folder: Path) -> None:
    loaded = load_set(folder)

    assert (loaded.name, loaded.articles) == ("bridge", ("a1", "a2"))
    assert loaded.qrels == {"q1": {"a1": 2, "a2": 0}, "q3": {"a2": 1}}
    first, second, third = loaded.queries
    assert (first.id, first.text, first.type, first.date) == (
        "q1",
        "Who opened the bridge?",
        "who",
        dt.date(2024, 3, 2),
    )
    assert (first.answers, first.answerable) == (("The mayor",), True)
    assert first.evidence == (Evidence("a1", "The mayor opened the bridge."),)
    assert first.history == (Turn("What is new?", "What is new?", "A bridge."),)
    assert (second.answerable, second.answers, second.date) == (False, (), None)
    assert (third.id, third.answerable, third.evidence) == ("q3", None, ())


def test_a_false_premise_and_an_attribution_are_read(folder: Path) -> None:
    source = {"title": "One", "outlet": None, "date": "2024-03-01"}
    queries = [
        {"_id": "q1", "text": "Why 50?", "metadata": {"answerable": False, "corrects": "40 metres"}},
        {"_id": "q2", "text": "Who says so?", "metadata": {"answers": ["One"], "attribution": source}},
        {"_id": "q3", "text": "Who?", "metadata": {"answers": ["One"], "attribution": {}}},
    ]
    (folder / "queries.jsonl").write_text(lines(queries))
    (folder / "qrels/test.tsv").write_text(HEADER)

    false, traced, unknown = load_set(folder).queries

    assert (false.corrects, false.attribution) == ("40 metres", None)
    assert (traced.corrects, traced.attribution) == (None, Attribution("One", None, dt.date(2024, 3, 1)))
    assert unknown.attribution == Attribution()


def test_a_question_nothing_is_known_about_is_not_asked(folder: Path) -> None:
    assert "q4" not in [query.id for query in load_set(folder).queries]


def test_only_list_and_multi_want_every_answer(folder: Path) -> None:
    kinds = ["who", "list", "multi", "when"]
    queries = [{"_id": kind, "text": "?", "metadata": {"type": kind, "answers": ["x", "y"]}} for kind in kinds]
    (folder / "queries.jsonl").write_text(lines(queries))
    (folder / "qrels/test.tsv").write_text(HEADER)

    assert [query.id for query in load_set(folder).queries if query.wants_all] == ["list", "multi"]


def test_a_bundled_name_comes_before_a_folder_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").mkdir()
    monkeypatch.chdir(tmp_path)

    assert "seeds" in bundled_sets()
    assert load_set("seeds").folder.is_absolute()
    with pytest.raises(EvalError, match=r"seeds/corpus.jsonl is missing"):
        load_set("./seeds")


def test_an_unknown_name_lists_the_bundled_sets() -> None:
    with pytest.raises(EvalError, match=r"no question set 'sedes'.*\(.*seeds.*\)"):
        load_set("sedes")


def question(**metadata: object) -> str:
    return json.dumps({"_id": "q1", "text": "Who?", "metadata": metadata})


BAD_CORPUS = {
    "empty": ("\n", "corpus.jsonl holds no articles."),
    "broken line": (lines(CORPUS) + "\n{]", ", line 4: it is not JSON"),
    "equal ids": (lines([*CORPUS, CORPUS[0]]), ", line 3: the id 'a1' is already on line 1."),
    "no id": ('{"text": "A bridge."}', ", line 1: it has no id."),
}
BAD_QUERIES = {
    "empty": ("", "queries.jsonl holds no questions."),
    "broken line": (lines(QUERIES[:1]) + '{"_id": ', ", line 2: it is not JSON (Expecting value at character"),
    "not an object": ("[1]\n", ", line 1: it is not a JSON object."),
    "not text": ("\udcff", "queries.jsonl is not UTF-8 text"),
    "no id": ('{"text": "Who?"}', ", line 1: it has no id."),
    "id not a string": ('{"_id": 7, "text": "Who?"}', ", line 1: it has no id."),
    "id with a space": ('{"_id": "q 1", "text": "Who?"}', ", line 1: the id 'q 1' holds white space"),
    "equal ids": (lines([*QUERIES, QUERIES[1]]), ", line 5: the id 'q2' is already on line 2."),
    "no text": ('{"_id": "q1", "text": " "}', ", line 1: question 'q1' has no text."),
    "metadata": ('{"_id": "q1", "text": "Who?", "metadata": [1]}', ", line 1: 'metadata' is not a JSON object."),
    "type": (question(type=["who"]), ", line 1: 'type' is not a string."),
    "date": (question(date="May"), ", line 1: the date 'May' is not a day"),
    "answers": (question(answers="Bo"), ", line 1: 'answers' is not a list of strings."),
    "answerable": (question(answerable="no"), ", line 1: 'answerable' is 'no'"),
    "contradiction": (question(answerable=False, answers=["Bo"]), ", line 1: question 'q1' is marked as not answer"),
    "evidence article": (
        question(evidence=[{"article_id": "a9", "text": "x"}]),
        ", line 1: its evidence names the article 'a9', which is not in corpus.jsonl.",
    ),
    "evidence fields": (question(evidence=[{"article_id": "a1"}]), ", line 1: an item of 'evidence' lacks one of"),
    "corrects": (question(corrects=40), ", line 1: 'corrects' is not a string."),
    "true premise": (question(corrects="40"), ", line 1: it has 'corrects', so its premise is false"),
    "attribution": (question(attribution="One"), ", line 1: 'attribution' is not an object of texts"),
    "attributed title": (question(attribution={"title": 1}), ", line 1: 'attribution' is not an object of texts"),
    "attributed date": (question(attribution={"date": "soon"}), ", line 1: the date 'soon' is not a day"),
    "history": (question(history="x"), ", line 1: 'history' is not a list."),
}
BAD_QRELS = {
    "no header": ("q1\ta1\t1\n", ", line 1: the header 'query-id<tab>corpus-id<tab>score' is expected"),
    "empty": ("", ", line 1: the header 'query-id<tab>corpus-id<tab>score' is expected"),
    "unknown question": (HEADER + "q9\ta1\t1\n", ", line 2: question 'q9' is not in queries.jsonl."),
    "unknown article": (HEADER + "q1\ta9\t1\n", ", line 2: article 'a9' is not in corpus.jsonl."),
    "judged twice": (HEADER + "q1\ta1\t1\nq1\ta1\t0\n", ", line 3: question 'q1' and article 'a1' are judged twice."),
    "four columns": (HEADER + "q1\t0\ta1\t1\n", ", line 2: query id, article id and a whole number are expected"),
    "no number": (HEADER + "q1\ta1\tyes\n", ", line 2: query id, article id and a whole number are expected"),
}
BAD = {
    f"{file}: {what}": (file, content, reason)
    for file, cases in {"corpus.jsonl": BAD_CORPUS, "queries.jsonl": BAD_QUERIES, "qrels/test.tsv": BAD_QRELS}.items()
    for what, (content, reason) in cases.items()
}


@pytest.mark.parametrize(("file", "content", "reason"), BAD.values(), ids=BAD.keys())
def test_a_broken_set_gets_one_line(folder: Path, file: str, content: str, reason: str) -> None:
    (folder / file).write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(EvalError) as error:
        load_set(folder)

    assert reason in str(error.value)
    assert str(error.value).startswith(str(folder / file))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("file", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()

    with pytest.raises(EvalError, match=f"{file} is missing"):
        load_set(folder)


def test_a_set_that_can_measure_nothing_is_refused(folder: Path) -> None:
    (folder / "queries.jsonl").write_text(lines(QUERIES[3:]))
    (folder / "qrels/test.tsv").write_text(HEADER)

    with pytest.raises(EvalError, match="nothing can be measured"):
        load_set(folder)


# --- our own sets ----------------------------------------------------------------------------------------------------

OWN = ("followups", "false-premises", "attribution")
TEXTS = {row["_id"]: row for row in map(json.loads, (BUNDLED / "seeds/corpus.jsonl").read_text("utf-8").splitlines())}


def metadata_of(name: str) -> dict[str, dict[str, Any]]:
    rows = map(json.loads, (BUNDLED / name / "queries.jsonl").read_text("utf-8").splitlines())
    return {row["_id"]: row["metadata"] | {"text": row["text"]} for row in rows}


@pytest.fixture(params=OWN)
def own(request: pytest.FixtureRequest) -> EvalSet:
    return load_set(request.param)


def test_own_sets_stand_on_the_seeds(own: EvalSet) -> None:
    assert own.corpus.read_bytes() == (BUNDLED / "seeds/corpus.jsonl").read_bytes()
    for query in own.queries:
        assert query.type
        assert query.answerable is bool(query.answers)
        assert all(piece.text in TEXTS[piece.article_id]["text"] for piece in query.evidence)
        articles = {piece.article_id for piece in query.evidence} if query.answerable else set()
        assert own.qrels.get(query.id, {}).keys() == articles


def test_own_sets_are_counted_right_in_their_readmes(own: EvalSet) -> None:
    readme = (own.folder / "README.md").read_text("utf-8")
    counted = {name: int(count) for name, count in re.findall(r"^\| (\w+) \| (\d+) \|", readme, re.MULTILINE)}

    assert counted == Counter(query.type for query in own.queries)
    total = len(own.queries)
    assert f"{total} questions" in readme or f"{total // 2} pairs" in readme


def test_follow_ups_belong_to_conversations_that_grow() -> None:
    queries = metadata_of("followups")
    conversations: dict[str, list[dict[str, Any]]] = {}
    for query in queries.values():
        conversations.setdefault(query["conversation"], []).append(query)

    assert len(queries) >= 30
    assert len(conversations) >= 12
    for turns in conversations.values():
        asked = [[turn["question"] for turn in query["history"]] for query in turns]
        assert asked == [[*asked[0], *(query["text"] for query in turns[:n])] for n in range(len(turns))]


def test_each_false_premise_has_a_true_twin_and_says_what_the_articles_say() -> None:
    queries = metadata_of("false-premises")
    false = {id: query for id, query in queries.items() if not query["answerable"]}

    assert len(false) >= 30
    assert len(queries) == 2 * len(false)
    for id, query in false.items():
        twin = queries[query["twin"]]
        assert (twin["twin"], twin["answerable"]) == (id, True)
        assert twin["type"] == query["type"].replace("false", "true")
        assert any(query["corrects"] in piece["text"] for piece in query["evidence"])
        assert query["corrects"].lower() not in query["text"].lower()


def test_quotations_of_the_attribution_set_are_verbatim_and_traced() -> None:
    queries = metadata_of("attribution")

    assert len(queries) >= 40
    for query in queries.values():
        if query["answerable"]:
            (article,) = {piece["article_id"] for piece in query["evidence"]}
            row = TEXTS[article]
            said = {"title": row["title"], **{name: row["metadata"][name] for name in ("outlet", "date")}}
            assert query["attribution"] == said
            assert all(quote in row["text"] for quote in re.findall(r'"([^"]+)"', query["text"]))
