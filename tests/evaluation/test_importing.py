"""Importing: every format on a small invented sample, what is left out, and the one line that bad input gets."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import lzma
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.errors import EvalError, QAError, UsageError
from qa.evaluation.sets import EvalSet, Evidence, Query, load_set
from qa.evaluation.sets.export import export_set
from qa.evaluation.sets.importing import IMPORTERS, Period, import_set

BRIDGE = "The mayor opened the new bridge on Friday. It is 40 metres long.\n\nCyclists have a lane of their own."
HARBOUR = "The eastern harbour closes for repairs in August. Ferries will use the western quay."

Write = Callable[[str, str | bytes], Path]
Files = Mapping[str, str | bytes]


def json_lines(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


TOPICS = """<top>
<num> Number: 401
<title> bridge &amp; mayor
<desc> Description:
Who opened the bridge?
</top>

<top>
<num>402</num>
<title>harbour
repairs</title>
</top>
"""
DOCUMENTS = f"""<DOC>
<DOCNO> bridge </DOCNO>
<HEADLINE>A bridge &lt;at last&gt;</HEADLINE>
<DATE>2024-03-01</DATE>
<TEXT>
{BRIDGE}
</TEXT>
</DOC>
<DOC>
<DOCNO>harbour</DOCNO><TEXT><P>{HARBOUR}</P></TEXT><TEXT>No end.</TEXT>
</DOC>
"""
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "River_crossings",
            "paragraphs": [
                {
                    "context": BRIDGE,
                    "qas": [
                        {
                            "id": "s1",
                            "question": "How long is it?",
                            "answers": [
                                {"text": "40 metres", "answer_start": 51},
                                {"text": "40 metres long", "answer_start": 51},
                                {"text": "40 metres", "answer_start": 51},
                            ],
                        },
                        {
                            "id": "s2",
                            "question": "How wide is it?",
                            "is_impossible": True,
                            "answers": [],
                            "plausible_answers": [{"text": "40 metres", "answer_start": 51}],
                        },
                    ],
                },
                {"context": HARBOUR, "qas": []},
            ],
        }
    ],
}
MULTIHOP_CORPUS = [
    {
        "title": "A bridge",
        "body": BRIDGE,
        "source": "The Courier",
        "published_at": "2024-03-01T08:00:00+00:00",
        "url": "https://courier.example/bridge",
        "author": "Ann Bell",
        "category": "city",
    },
    {"title": "A bridge", "body": HARBOUR, "source": "The Post", "url": "https://post.example/harbour"},
]
MULTIHOP_QUESTIONS: list[dict[str, Any]] = [
    {
        "query": "What do the Courier and the Post say closes and opens?",
        "answer": "The bridge and the harbour",
        "question_type": "inference_query",
        "evidence_list": [
            {"fact": "The mayor opened the new bridge", "title": "A bridge", "url": "https://courier.example/bridge"},
            {"fact": "The eastern harbour closes", "title": "?", "url": "https://post.example/harbour"},
        ],
    },
    {
        "query": "Who paid?",
        "answer": "Insufficient information.",
        "question_type": "null_query",
        "evidence_list": [],
    },
]
REALTIMEQA_ARTICLES = [
    {
        "id": "a1",
        "title": "A bridge",
        "outlet": "x.example",
        "date": "2024/03/01",
        "url": "",
        "authors": [],
        "text": BRIDGE,
    },
    {"id": "a2", "title": "Harbour", "outlet": "y.example", "date": "2023/08/01", "authors": "Bo", "text": HARBOUR},
]
REALTIMEQA_QUESTIONS = [
    {
        "id": "20240308_0",
        "question": "What did the mayor open?",
        "date": "2024/03/08",
        "answers": ["A bridge"],
        "choices": ["A bridge", "A zoo"],
        "evidence": "It is the first in the city.",
        "gold": ["a1", "a2"],
        "gold_fresh": ["a1"],
    },
    {"id": "20240308_1", "question": "And?", "date": "2024/03/08", "answers": ["x"], "gold": ["a2"], "gold_fresh": []},
    {
        "id": "20230804_0",
        "question": "What closes in August?",
        "date": "2023/08/04",
        "answers": ["The harbour"],
        "gold": ["a2"],
        "gold_fresh": ["a2"],
    },
]
LLAMA = {
    "queries": {"u1": "Who opened the bridge?"},
    "corpus": {"n1": BRIDGE, "n2": HARBOUR},
    "relevant_docs": {"u1": ["n1", "n1"]},
    "mode": "text",
}
TABLE = (
    "Question;Answer;url;type\n"
    '"Who opened the ""new"" bridge?";The mayor | the mayor of the city;https://courier.example/bridge;who\n'
    "When does the harbour close?;August;Harbour works;when\n"
)
TABLE_CORPUS = json_lines(
    {"id": "a1", "title": "A bridge", "text": BRIDGE, "url": "https://courier.example/bridge"},
    {"id": "a2", "title": "Harbour works", "text": HARBOUR},
)
BEIR_FILES = {
    "corpus.jsonl": json_lines(
        {"_id": "a1", "title": "A bridge", "text": BRIDGE, "metadata": {"date": "2024-03-01"}},
        {"_id": "a2", "title": "Only a title", "text": ""},
    ),
    "queries.jsonl": json_lines(
        {"_id": "1", "text": "Who opened it?", "metadata": {"answers": ["The mayor"], "kept": [1]}},
        {"_id": "2", "text": "Of another split?", "metadata": {}},
        {"_id": "3", "text": "In both?"},
    ),
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\n1\ta1\t1\n3\ta2\t2\n",
    "qrels/dev.tsv": "query-id\tcorpus-id\tscore\n2\ta1\t1\n3\ta1\t0\n",
}


def zipped(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"public/{name}", content)
    return packed.getvalue()


# Format -> the files of a sample, in the order in which they are named.
SAMPLES: Mapping[str, Files] = {
    "trec": {
        "topics.txt": TOPICS,
        "qrels.txt": "401 0 bridge 2\n401 0 harbour 0\n402 0 harbour 1\n",
        "documents.trec": DOCUMENTS,
    },
    "squad": {"dev.json": json.dumps(SQUAD)},
    "multihop-rag": {"corpus.json": json.dumps(MULTIHOP_CORPUS), "MultiHopRAG.json": json.dumps(MULTIHOP_QUESTIONS)},
    "realtimeqa": {
        "articles.jsonl.xz": lzma.compress(json_lines(*REALTIMEQA_ARTICLES).encode()),
        "questions.jsonl": json_lines(*REALTIMEQA_QUESTIONS),
    },
    "llama-index": {"dataset.json": json.dumps(LLAMA)},
    "csv": {"questions.csv": TABLE, "articles.jsonl": TABLE_CORPUS},
    "beir": {"public.zip": zipped(BEIR_FILES)},
}


@pytest.fixture
def sample(write: Write) -> Callable[..., list[Path]]:
    """Writes the sample of a format, with other contents for some of its files, and gives the paths."""

    def make(format: str, **others: str | bytes) -> list[Path]:
        files = dict(SAMPLES[format])
        files |= {next(name for name in files if name.startswith(stem)): text for stem, text in others.items()}
        return [write(f"in/{name}", content) for name, content in files.items()]

    return make


def taken(made: EvalSet) -> dict[str, Query]:
    return {query.id: query for query in made.queries}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_there_is_a_sample_of_every_format() -> None:
    assert SAMPLES.keys() == IMPORTERS.keys()


@pytest.mark.parametrize("format", IMPORTERS)
def test_what_is_imported_is_what_load_set_reads(
    format: str, sample: Callable[..., list[Path]], tmp_path: Path
) -> None:
    made = import_set(format, sample(format), tmp_path / "out")

    assert made == load_set(tmp_path / "out")
    assert made.queries
    assert made.articles
    assert [path.name for path in tmp_path.iterdir() if path.name != "in"] == ["out"]


@pytest.mark.parametrize("format", IMPORTERS)
def test_exported_and_imported_again_it_is_the_same(
    format: str, sample: Callable[..., list[Path]], tmp_path: Path
) -> None:
    made = import_set(format, sample(format), tmp_path / "out")
    export_set("beir", made, tmp_path / "exported")
    again = import_set("beir", [tmp_path / "exported"], tmp_path / "again")

    assert (again.articles, again.queries, again.qrels) == (made.articles, made.queries, made.qrels)
    for name, file in made.files.items():
        assert again.files[name].read_bytes() == file.read_bytes()


def test_trec_takes_titles_of_marked_topics_and_graded_judgements(
    sample: Callable[..., list[Path]], tmp_path: Path
) -> None:
    made = import_set("trec", sample("trec"), tmp_path / "out")

    assert [(query.id, query.text) for query in made.queries] == [("401", "bridge & mayor"), ("402", "harbour repairs")]
    assert made.qrels == {"401": {"bridge": 2, "harbour": 0}, "402": {"harbour": 1}}
    first, second = rows(made.corpus)
    assert second["text"] == f"{HARBOUR}\n\nNo end."
    assert first == {
        "_id": "bridge",
        "title": "A bridge <at last>",
        "text": BRIDGE,
        "metadata": {"date": "2024-03-01"},
    }


def test_trec_takes_topics_with_tabs_and_a_folder_of_articles(write: Write, tmp_path: Path) -> None:
    write("news/bridge.md", f"---\ntitle: A bridge\noutlet: The Courier\n---\n{BRIDGE}\n")
    write("news/harbour.txt", HARBOUR)
    topics, qrels = write("topics.tsv", "1\tWho opened it?\n"), write("qrels.tsv", "1\t0\tbridge\t1\n")

    made = import_set("trec", [topics, qrels, tmp_path / "news"], tmp_path / "out")

    assert made.articles == ("bridge", "harbour")
    assert rows(made.corpus)[0]["metadata"]["outlet"] == "The Courier"
    assert made.qrels == {"1": {"bridge": 1}}


def test_squad_makes_articles_of_paragraphs_and_evidence_of_sentences(
    sample: Callable[..., list[Path]], tmp_path: Path
) -> None:
    made = import_set("squad", sample("squad"), tmp_path / "out")

    assert made.articles == ("river-crossings", "river-crossings-2")
    assert made.queries == (
        Query(
            "s1",
            "How long is it?",
            answers=("40 metres", "40 metres long"),
            answerable=True,
            evidence=(Evidence("river-crossings", "It is 40 metres long."),),
        ),
        Query("s2", "How wide is it?", answerable=False),
    )
    assert made.qrels == {"s1": {"river-crossings": 1}}


def test_multihop_rag_finds_the_article_of_a_fact_by_address_before_title(
    sample: Callable[..., list[Path]], tmp_path: Path
) -> None:
    made = import_set("multihop-rag", sample("multihop-rag"), tmp_path / "out")

    first, null = made.queries
    assert [piece.article_id for piece in first.evidence] == ["a-bridge", "a-bridge-2"]
    assert made.qrels == {"q0001": {"a-bridge": 1, "a-bridge-2": 1}}
    assert (null.type, null.answerable, null.answers) == ("null_query", False, ())
    assert rows(made.corpus)[0]["metadata"]["outlet"] == "The Courier"


def test_two_files_can_be_named_by_their_folder(sample: Callable[..., list[Path]], tmp_path: Path) -> None:
    for format in ("multihop-rag", "realtimeqa"):
        (folder,) = {path.parent for path in sample(format)}
        named = import_set(format, sample(format), tmp_path / f"{format}-files")
        assert import_set(format, [folder], tmp_path / f"{format}-folder").queries == named.queries


def test_realtimeqa_takes_questions_with_fresh_articles(sample: Callable[..., list[Path]], tmp_path: Path) -> None:
    made = import_set("realtimeqa", sample("realtimeqa"), tmp_path / "out")

    assert made.qrels == {"20240308_0": {"a1": 1}, "20230804_0": {"a2": 1}}
    assert taken(made)["20240308_0"].date == dt.date(2024, 3, 8)
    assert rows(made.corpus)[1]["metadata"] == {"date": "2023-08-01", "outlet": "y.example", "authors": "Bo"}
    assert rows(made.folder / "queries.jsonl")[0]["metadata"]["explanation"] == "It is the first in the city."


def test_a_period_leaves_out_questions_and_those_whose_articles_are_left_out(
    sample: Callable[..., list[Path]], tmp_path: Path
) -> None:
    year = Period(dt.date(2024, 1, 1), dt.date(2024, 12, 31))

    questions = import_set("realtimeqa", sample("realtimeqa"), tmp_path / "questions", questions=year)
    articles = import_set("realtimeqa", sample("realtimeqa"), tmp_path / "articles", articles=year)

    assert (questions.articles, list(taken(questions))) == (("a1", "a2"), ["20240308_0"])
    assert (articles.articles, list(taken(articles))) == (("a1",), ["20240308_0"])


def test_evidence_in_articles_that_are_left_out_goes_with_them(
    sample: Callable[..., list[Path]], tmp_path: Path
) -> None:
    made = import_set("multihop-rag", sample("multihop-rag"), tmp_path / "out", articles=Period(dt.date(2024, 1, 1)))

    assert made.articles == ("a-bridge",)
    assert [piece.article_id for piece in taken(made)["q0001"].evidence] == ["a-bridge"]
    assert made.qrels == {"q0001": {"a-bridge": 1}}


def test_a_period_holds_its_first_and_its_last_day_and_nothing_undated() -> None:
    march = Period(dt.date(2024, 3, 1), dt.date(2024, 3, 31))

    days = [dt.date(2024, 2, 29), dt.date(2024, 3, 1), dt.date(2024, 3, 31), dt.date(2024, 4, 1), None]
    assert [day in march for day in days] == [False, True, True, False, False]
    assert all(day in Period() for day in days)


def test_llama_index_judges_each_relevant_node_once(sample: Callable[..., list[Path]], tmp_path: Path) -> None:
    made = import_set("llama-index", sample("llama-index"), tmp_path / "out")

    assert (made.articles, made.qrels) == (("n1", "n2"), {"u1": {"n1": 1}})


def test_a_table_names_its_articles_by_address_or_holds_them(
    sample: Callable[..., list[Path]], write: Write, tmp_path: Path
) -> None:
    beside = import_set("csv", sample("csv", questions=TABLE.replace("Harbour works", "a2")), tmp_path / "beside")
    inside = io.StringIO()
    writer = csv.writer(inside)
    writer.writerows([["query", "answers", "context", "answerable"], ["Who opened it?", "The mayor", BRIDGE, ""]])
    writer.writerow(["Who paid?", "", BRIDGE, "no"])
    held = import_set("csv", [write("inside.csv", inside.getvalue())], tmp_path / "inside")

    assert beside.qrels == {"q0001": {"a1": 1}, "q0002": {"a2": 1}}
    assert taken(beside)["q0001"].answers == ("The mayor", "the mayor of the city")
    assert taken(beside)["q0001"].text == 'Who opened the "new" bridge?'
    assert [row["text"] for row in rows(held.corpus)] == [BRIDGE]
    assert taken(held)["q0002"].answerable is False
    assert list(held.qrels) == ["q0001"]


def test_beir_comes_as_a_zip_or_a_folder_and_keeps_all_metadata(
    sample: Callable[..., list[Path]], write: Write, tmp_path: Path
) -> None:
    for name, content in BEIR_FILES.items():
        write(f"folder/{name}", content)

    zipped = import_set("beir", sample("beir"), tmp_path / "zipped")
    folder = import_set("beir", [tmp_path / "folder"], tmp_path / "unzipped")

    assert (zipped.queries, zipped.qrels) == (folder.queries, folder.qrels)
    assert list(taken(folder)) == ["1", "3"]
    assert rows(folder.folder / "queries.jsonl")[0]["metadata"]["kept"] == [1]
    assert [row["text"] for row in rows(folder.corpus)] == [BRIDGE, "Only a title"]


def test_another_split_brings_its_own_questions(sample: Callable[..., list[Path]], tmp_path: Path) -> None:
    made = import_set("beir", sample("beir"), tmp_path / "out", split="dev")

    assert made.qrels == {"2": {"a1": 1}, "3": {"a1": 0}}
    with pytest.raises(EvalError, match=r"qrels/train.tsv is missing. Choose the split from: dev, test\."):
        import_set("beir", sample("beir"), tmp_path / "other", split="train")


def test_a_limit_takes_questions_at_even_distances(write: Write, tmp_path: Path) -> None:
    questions = {f"u{n}": f"Question {n}?" for n in range(10)}
    dataset = {"queries": questions, "corpus": {"n": BRIDGE}, "relevant_docs": {id: ["n"] for id in questions}}

    made = import_set("llama-index", [write("d.json", json.dumps(dataset))], tmp_path / "out", limit=4)

    assert list(taken(made)) == ["u0", "u2", "u5", "u7"]
    assert made.qrels.keys() == taken(made).keys()


def without(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


# Format, file that is other than in the sample, what it holds instead, and what the error says of it.
BAD: Sequence[tuple[str, str, str | bytes, str]] = [
    ("trec", "topics", "401 who opened it\n", "topics.txt, line 1: a topic is expected"),
    ("trec", "topics", "<top>\n<num> 1\n</top>\n", "topics.txt, line 1: the topic lacks its <num> or its <title>."),
    ("trec", "topics", "<top>\n<num> 1\n<title> x\n", "topics.txt, line 1: the <top> that begins here does not end."),
    ("trec", "topics", "\n", "Nothing can be measured: 2 articles and 0 questions were found."),
    ("trec", "qrels", "401 bridge 1\n", "qrels.txt, line 1: topic, 0, document and a whole number are expected"),
    ("trec", "qrels", "401 0 bridge yes\n", "qrels.txt, line 1: topic, 0, document and a whole number are expected"),
    ("trec", "qrels", "\n401 0 tunnel 1\n", "qrels.txt, line 2: there is no article 'tunnel'. Give the whole corpus"),
    ("trec", "qrels", "499 0 bridge 1\n", "qrels.txt, line 1: there is no question '499'."),
    ("trec", "qrels", "401 0 bridge 1\n401 0 bridge 0\n", "line 2: '401' and 'bridge' are judged twice."),
    ("trec", "documents", DOCUMENTS * 2, "documents.trec, line 14: the id 'bridge' is used twice."),
    ("trec", "documents", "<DOC>\n<TEXT>x</TEXT>\n</DOC>\n", "line 1: the document has no <DOCNO>."),
    ("trec", "documents", "<DOC>\n<DOCNO>x</DOCNO>\n", "line 1: the <DOC> that begins here does not end."),
    ("squad", "dev", "{", "dev.json is not JSON"),
    ("squad", "dev", "[]", "dev.json: a JSON object is expected here"),
    ("squad", "dev", '{"data": {}}', "dev.json: 'data' is missing or not a list."),
    ("squad", "dev", json.dumps(SQUAD).replace('"40 metres"', '"44 metres"'), "the answer '44 metres' does not stand"),
    ("squad", "dev", b"\xff\xfe{", "dev.json is not UTF-8 text"),
    ("multihop-rag", "corpus", "{}", "corpus.json: a JSON list is expected, one object for each article."),
    ("multihop-rag", "corpus", '[{"title": "x"}]', "corpus.json, article 1: 'body' is missing, empty or not a text."),
    (
        "multihop-rag",
        "corpus",
        json.dumps(MULTIHOP_CORPUS[:1]),
        "MultiHopRAG.json, question 1: no article of the corpus",
    ),
    (
        "multihop-rag",
        "MultiHopRAG",
        json.dumps([without(MULTIHOP_QUESTIONS[0], "evidence_list")]),
        "MultiHopRAG.json, question 1: 'evidence_list' is missing or not a list.",
    ),
    ("realtimeqa", "articles", lzma.compress(b"{}" * 999)[:-40], "articles.jsonl.xz cannot be read"),
    ("realtimeqa", "articles", "", "Nothing can be measured: 0 articles and 2 questions were found."),
    ("realtimeqa", "questions", json_lines({"id": "1"}), "questions.jsonl, line 1: 'gold_fresh' is missing"),
    (
        "llama-index",
        "dataset",
        json.dumps(without(LLAMA, "corpus")),
        "dataset.json, 'corpus': a JSON object is expected",
    ),
    ("llama-index", "dataset", json.dumps(LLAMA | {"relevant_docs": {"u1": "n1"}}), "a list of ids is expected."),
    ("csv", "questions", "who,what\nx,y\n", "questions.csv has no column 'question'; its first line is 'who,what'."),
    ("csv", "questions", "question,url\nWho?,nowhere\n", "line 2: no article has the id, address or title 'nowhere'."),
    ("csv", "questions", "question,answerable\nWho?,maybe\n", "line 2: 'answerable' is 'maybe'; write true or false."),
    ("csv", "questions", "question,answer,date\nWho?,x,soon\n", "line 2: the date 'soon' is not a day"),
    ("csv", "questions", "question,answer\n,x\n", "questions.csv, line 2: the question is empty."),
    ("csv", "questions", "question,answer\nWho?,\n", "None of the 1 questions has an answer or a judgement"),
    (
        "csv",
        "articles",
        TABLE_CORPUS + json_lines({"id": "a3", "title": "Harbour works", "text": "Another."}),
        "questions.csv, line 3: several articles are called 'Harbour works'. Name it by its id.",
    ),
    ("csv", "articles", '{"title": "x"}\n', "articles.jsonl, line 1: no text"),
    (
        "beir",
        "public",
        zipped(BEIR_FILES | {"queries.jsonl": json_lines({"_id": "1", "text": "?", "metadata": {"type": ["x"]}})}),
        "public.zip/public/queries.jsonl, line 1: 'type' is not a string.",
    ),
    (
        "beir",
        "public",
        zipped(
            BEIR_FILES
            | {
                "queries.jsonl": json_lines(
                    {"_id": "1", "text": "?", "metadata": {"evidence": [{"text": "no article"}]}}
                )
            }
        ),
        "queries.jsonl, line 1: an item of 'evidence' lacks one of: article_id, text.",
    ),
    ("realtimeqa", "questions", json_lines(REALTIMEQA_QUESTIONS[0] | {"answers": "x"}), "'answers' is not a list"),
    ("beir", "public", b"PK no zip", "public.zip is neither a folder nor a zip."),
    ("beir", "public", zipped(without(BEIR_FILES, "queries.jsonl")), "public.zip/public/queries.jsonl is missing."),
    ("beir", "public", zipped(BEIR_FILES | {"corpus.jsonl": "[]\n"}), "corpus.jsonl, line 1: it is not a JSON object."),
    ("beir", "public", zipped(BEIR_FILES | {"qrels/test.tsv": "1\ta1\n"}), "test.tsv, line 1: question id, article id"),
]


@pytest.mark.parametrize(("format", "file", "content", "reason"), BAD, ids=lambda value: str(value)[:30])
def test_bad_input_gets_one_line_and_leaves_nothing(
    format: str, file: str, content: str | bytes, reason: str, sample: Callable[..., list[Path]], tmp_path: Path
) -> None:
    sources = sample(format, **{file: content})

    with pytest.raises(EvalError) as error:
        import_set(format, sources, tmp_path / "out")

    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_what_cannot_be_started_says_what_to_name(sample: Callable[..., list[Path]], tmp_path: Path) -> None:
    sources = sample("trec")
    wrong: list[tuple[type[QAError], str, Callable[[], EvalSet]]] = [
        (UsageError, "Did you mean 'squad'", lambda: import_set("squat", sources, tmp_path / "out")),
        (UsageError, "For 'trec' name topics, qrels", lambda: import_set("trec", [], tmp_path / "out")),
        (UsageError, "The limit is 0", lambda: import_set("trec", sources, tmp_path / "out", limit=0)),
        (EvalError, "no file or folder nowhere", lambda: import_set("trec", [Path("nowhere")], tmp_path / "out")),
        (EvalError, "2 files were named", lambda: import_set("trec", sources[:2], tmp_path / "out")),
        (
            EvalError,
            "1 files were given. Give corpus.json",
            lambda: import_set("multihop-rag", sources[:1], tmp_path / "o"),
        ),
        (EvalError, "holds no corpus.json", lambda: import_set("multihop-rag", [tmp_path], tmp_path / "o")),
    ]
    for kind, said, attempt in wrong:
        with pytest.raises(kind, match=said):
            attempt()


def test_a_folder_with_something_in_it_is_left_alone(sample: Callable[..., list[Path]], tmp_path: Path) -> None:
    mine = tmp_path / "out/mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")

    with pytest.raises(EvalError, match="is there already and not an empty folder"):
        import_set("squad", sample("squad"), tmp_path / "out")
    assert mine.read_text() == "mine"

    mine.unlink()
    assert import_set("squad", sample("squad"), tmp_path / "out").queries
    shutil.rmtree(tmp_path / "out")
