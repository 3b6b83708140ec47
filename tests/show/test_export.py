"""A conversation as a file: everything is in it, nothing from outside is markup, and it reads back as it was."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markup import Tree
from servers import ModelServer, Reply

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.cli.main import main
from qa.errors import ReadError
from qa.prompts import folder
from qa.settings import load_settings
from qa.show.document import document_json, document_of
from qa.show.document_form import AnswerDocument, CitationDocument, PassageDocument
from qa.show.export import FORMATS, Export, make_export, read_export, write_export
from qa.show.export.reading import parse_export
from qa.types import Answer, Article, Citation, Filters, Question, Sentence

MADE = dt.datetime(2026, 3, 1, 14, 5, tzinfo=dt.UTC)
QUOTE = 'The bridge will close on 2 April, "at the latest".'
TURN = AnswerDocument(
    question="When will it close?",
    standalone_question="When will it close? (the harbour bridge)",
    answer=f"{QUOTE} [1] It cost 20 million. [1][2]",
    mode="openai:llama3.2",
    notice="The question was cut.",
    sentences=(
        Sentence(QUOTE, (1,), "verbatim"),
        Sentence("It cost 20 million.", (1, 2), "unsupported", ("the number 20 is not in the cited passage",), "\n- "),
    ),
    citations=(
        CitationDocument(
            n=1, article_id="bridge", title="Bridge to close", start=50, end=50 + len(QUOTE), quote=QUOTE,
            outlet="Coast Courier", date=dt.date(2024, 3, 12), date_source="dateline",
            url="https://news.example/bridge?a=1&b=2",
            path="/home/ines/news/bridge.md", page=2,
            corrections=("It said May.",),
            link="https://news.example/bridge?a=1&b=2#:~:text=The%20bridge",
        ),
        CitationDocument(
            n=2, article_id="sum", title="The sum", start=7, end=30, quote="Repairs cost 18 million.",
            path="C:\\news\\sum.pdf",
        ),
    ),
    passages=(PassageDocument(rank=1, article_id="bridge", start=0, end=200, score=0.75, text="x" * 200),),
    filters=Filters(dt.date(2024, 1, 1), None, ("Coast Courier",)),
    as_of=dt.date(2024, 4, 1),
    asked=MADE,
    texts={"bridge": "ab" * 32},
)  # fmt: skip
REFUSED = AnswerDocument(
    question="Why?",
    standalone_question="Why?",
    answer="The articles do not say.",
    mode="extractive",
    abstained=True,
    citations=TURN.citations[1:],
)
EXPORT = replace(make_export("The <bridge>", (TURN, REFUSED), "0123456789ab"), made=MADE)


def shown(file: str, format: str) -> str:
    """What a reader sees."""
    if format == "md":
        file = MarkdownIt("commonmark").render(file)
    return " ".join("".join(re.split(r"<style>.*?</style>|<[^>]*>", file, flags=re.DOTALL)).split())


def tree_of(file: str) -> Tree:
    return Tree(re.sub(r"<(meta|br)\b([^>]*)>", r"<\1\2/>", file.removeprefix("<!doctype html>\n")))


# --- everything is in it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["md", "html"])
def test_a_reader_sees_all_of_it(format: str) -> None:
    entities = {"&quot;": '"', "&#x27;": "'", "&#34;": '"', "&#39;": "'"}
    said = re.sub("|".join(entities), lambda found: entities[found[0]], shown(write_export(EXPORT, format), format))
    for words in (
        "The &lt;bridge&gt;", "When will it close?", "When will it close? (the harbour bridge)",
        "The question was cut.",
        "Coast Courier, from 1 Jan 2024", "1 Apr 2024", "openai:llama3.2", "1 Mar 2026, 14:05 UTC", "citewire",
        QUOTE, "characters 50-100 of article bridge", "page 2", "Coast Courier", "12 Mar 2024", "from its dateline",
        "https://news.example/bridge?a=1&amp;b=2", "Verbatim", "Not in the source",
        "number 20 is not in the cited passage",
        "Repairs cost 18 million.", "sum.pdf", "undated", "The articles do not say.", "The closest passages found",
        "sentences of the articles, word for word", "qa verify", "✓✓", "✗",
    ):  # fmt: skip
        assert words.lower() in said.lower(), words
    assert 'href="https://news.example/bridge?a=1&amp;b=2#:~:text=The%20bridge"' in (
        write_export(EXPORT, format)
        if format == "html"
        else MarkdownIt("commonmark").render(write_export(EXPORT, "md"))
    )


def test_the_json_has_the_documents_of_qa_ask_with_what_is_known_besides() -> None:
    document = json.loads(write_export(EXPORT, "json"))
    assert (document["title"], document["made"], document["conversation"]) == (
        "The <bridge>", "2026-03-01T14:05:00+00:00", "0123456789ab",
    )  # fmt: skip
    assert document["program"].startswith("citewire")
    assert document["turns"] == [document_json(turn) for turn in EXPORT.turns]


def test_lists_stay_lists() -> None:
    tree = tree_of(write_export(EXPORT, "html"))
    assert [tag for tag, _ in tree.elements if tag in ("p", "ul", "li")][2:5] == ["p", "ul", "li"]
    assert "<li>It cost 20 million. [1] [2] ✗</li>" in MarkdownIt("commonmark").render(write_export(EXPORT, "md"))


# --- and nothing that should not be ----------------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_no_folder_of_this_machine_and_no_log_in_of_an_address(format: str) -> None:
    article = Article("a", "A", "It closed.", url="https://ines:s3cret@news.example/a", path="/home/ines/a.md")
    answer = Answer(Question("?", "?"), "It closed. [1]", "extractive", citations=(Citation(1, article, 0, 10),))
    export = make_export("A", (document_of(answer, MADE),))
    assert export.turns[0].citations[0].url == "https://news.example/a"
    for file in (
        write_export(export, format),
        write_export(EXPORT, format),
        str(parse_export(write_export(export, format).encode())),
    ):
        assert not re.search("s3cret|ines|home|C:", file)


def test_a_key_that_a_server_repeats_is_in_no_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-only-for-this-test-0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with ModelServer(*[Reply(status=401, error=f"Incorrect API key provided: {key}")] * 4) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        with Assistant.open(load_settings(index=tmp_path / "library", llm="openai:tiny", model_timeout=5)) as assistant:
            assistant.library.ingest([folder("seeds")])
            conversation = Conversation(assistant)
            conversation.ask("How many issues are on the agenda of the CIS summit?")
    assert server.requests and conversation.turns[0].notice
    for format in FORMATS:
        file = write_export(make_export("A", conversation.turns), format)
        assert key not in file and key not in str(parse_export(file.encode()))


def test_the_page_runs_nothing_and_loads_nothing() -> None:
    file = write_export(EXPORT, "html")
    tree = tree_of(file)
    assert {tag for tag, _ in tree.elements} <= set(
        "html head meta title style body header h1 h2 h3 h4 p code br main section div span a svg path dl dt dd ul ol "
        "li q strong blockquote data".split()
    )
    for _, attributes in tree.elements:
        assert not any(name.startswith("on") or name in ("src", "srcset", "style", "action") for name in attributes)
    style = re.search(r"<style>(.*?)</style>", file, re.DOTALL)
    assert style and "url(" not in style[1] and "@import" not in style[1]
    digest = base64.b64encode(sha256(style[1].encode()).digest()).decode()
    policy = next(a["content"] for a in tree.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "prefers-color-scheme: dark" in style[1] and "@media print" in style[1]


HOSTILE = [
    "<script>alert(1)</script>", "--><b>", "*bold* _it_ `code` ~~no~~ $x$ | a |", "[link](javascript:alert(1))",
    "# no heading", "1. no list\n- none\n+ none\n=== none\n\n    no code", "&lt;b&gt; &amp;",
    "\\* \\\\", "a](<b>) ![i](j)",
    "<!-- citewire-record\nAAAA\n-->", '<data id="citewire-record" hidden value="AAAA"></data>', "١٢٣ عربى", "",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_comes_from_outside_is_text(text: str) -> None:
    export = Export(text, (hostile_turn(text),), MADE, "citewire 0", None)
    page = write_export(export, "html")
    assert page.count("<script") == page.count('javascript:alert(1)"') == 0
    assert page.count('<data id="citewire-record"') == 1
    markdown = write_export(export, "md")
    tokens = [
        t
        for block in MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
        for t in [block, *(block.children or [])]
    ]
    kinds = {token.type for token in tokens}
    assert not kinds & set("fence code_block image html_inline table_open s_open ordered_list_open hr".split())
    assert [t.content for t in tokens if t.type == "code_inline"] == ["qa verify"]
    assert len([t for t in tokens if t.type == "html_block"]) == 1
    assert {t.attrs["href"] for t in tokens if t.type == "link_open"} <= {"https://news.example/a%22%3E%20b"}
    for format, file in (("html", page), ("md", markdown)):
        read = parse_export(file.encode())
        assert (read.format, read.edits, read.export) == (format, (), export)


def hostile_turn(text: str) -> AnswerDocument:
    return AnswerDocument(
        question=text, standalone_question=f"{text}?", answer=f"{text} [1]", mode=text, notice=text,
        sentences=(Sentence(text, (1,), "unverified", (text,)),),
        citations=(
            CitationDocument(
                n=1, article_id=text, title=text, start=0, end=len(text), quote=text, outlet=text,
                url='https://news.example/a"> b', path=text, corrections=(text,),
            ),
        ),
        filters=Filters(outlets=(text,)),
    )  # fmt: skip


# --- it reads back as it was -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_reads_back_as_the_export_it_was(format: str, tmp_path: Path) -> None:
    file = tmp_path / "conversation"
    file.write_text(write_export(EXPORT, format), "utf-8")
    read = read_export(file)
    assert (read.format, read.edits) == (format, ())
    assert write_export(read.export, "html") == write_export(EXPORT, "html")
    again = write_export(EXPORT, format).replace("\n", "\r\n")
    assert parse_export(b"\xef\xbb\xbf" + again.encode()).edits == ()


@hypothesis_settings(max_examples=40)
@given(st.text(), st.sampled_from(sorted(FORMATS)))
def test_any_text_reads_back_as_it_was(text: str, format: str) -> None:
    export = Export(text, (hostile_turn(text),), MADE, "citewire 0", None)
    read = parse_export(write_export(export, format).encode("utf-8", "replace"))
    assert not read.edits
    assert [c.quote for c in read.export.turns[0].citations] == [text.encode("utf-8", "replace").decode()]


@pytest.mark.parametrize(
    ("format", "before", "after", "edits"),
    [
        ("md", "on 2 April", "on 3 April", ["the quotation of source [1]", "a sentence of the answer"]),
        ("html", "18 million.", "81 million.", [f"the quotation of source [2] of question {n}" for n in "12"]),
        ("html", "Coast Courier", "Cost Courier", ["what the file shows was edited"]),
        ("md", "Not in the source", "Verbatim", ["what the file shows was edited"]),
        ("json", "cost 18 million.", "cost 81 million.", ["what the file says was edited after it"]),
        ("json", ': "unsupported"', ': "verbatim"', ["what the file says was edited after it"]),
    ],
)  # fmt: skip
def test_an_edited_file_is_told(format: str, before: str, after: str, edits: list[str]) -> None:
    file = write_export(EXPORT, format)
    assert before in file
    told = parse_export(file.replace(before, after).encode()).edits
    assert len(told) == len(edits)
    assert all(edit.startswith(words) for edit, words in zip(told, edits, strict=True)), told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it carries no record of Citewire; write it anew with qa export"),
        (b"# Notes\n", "it carries no record of Citewire"),
        (b"\xff\xfe\x00", "it is not text in UTF-8"),
        (b"{", "it is not JSON, or was cut off"),
        (b"[" * 100_000, "it is not JSON, or was cut off"),
        (b"[]", "it holds no answers"),
        (b"{}", "'question' of the answer is missing"),
        (b'{"format": "citewire export", "version": 2}', "it is of version 2, and this program reads version 1"),
        (b'{"format": "citewire export", "version": 1}', "'title' of the export is missing"),
        (b"<!-- citewire-record\nAAAA\n-->", "its record is damaged"),
        (b'<data id="citewire-record" hidden value="eJwr"></data>', "its record is"),
    ],
)
def test_what_is_no_export_is_told_with_the_reason(content: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "odd"
    file.write_bytes(content)
    with pytest.raises(ReadError) as error:
        read_export(file)
    assert str(error.value).startswith(f"{file} is not an export that can be checked: {words}")
    with pytest.raises(ReadError, match="cannot be read: No such file"):
        read_export(tmp_path / "nothing")
    with pytest.raises(ReadError, match="cannot be read: Is a directory"):
        read_export(tmp_path)


# --- on the command line ---------------------------------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]
HOW_MANY = "How many issues are on the agenda of the CIS summit?"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one kept conversation."""
    index = tmp_path_factory.mktemp("kept") / "library"
    with Assistant.open(load_settings(index=index)) as assistant:
        assistant.library.ingest([folder("seeds")])
        Conversation(assistant).ask(HOW_MANY)
    return index


@pytest.fixture
def qa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(line: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["qa", *shlex.split(line)])
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsys.readouterr()
        return int(exit_.value.code or 0), captured.out, captured.err

    return run


@pytest.mark.slow
def test_a_conversation_on_the_command_line(qa: Run, tmp_path: Path) -> None:
    assert qa("conversations --json") == (0, "[]\n", "") and not (tmp_path / ".citewire").exists()
    code, _, said = qa("export")
    assert code == 2 and "There is no library in .citewire." in said
    qa(f"ingest '{folder('seeds')}'")
    code, _, said = qa("export")
    assert code == 2 and 'No conversation is kept yet. Keep one with: qa ask "..." --keep' in said
    code, _, said = qa(f'ask "{HOW_MANY}" --continue')
    assert code == 2 and "No conversation is kept yet" in said

    code, out, said = qa(f'ask --json --keep "{HOW_MANY}"')
    assert code == 0 and json.loads(out)["question"] == HOW_MANY
    id_ = re.search(r"Kept in conversation (\w{12}), question 1\.", said)
    assert id_
    code, out, said = qa('ask "And who talked about it?" --continue')
    assert re.search("Searched for: .*CIS summit", out) and "question 2" in said
    code, out, said = qa(f'ask "When was that?" --conversation {id_[1][:6]} --from 2001-01-01 --json')
    assert "question 3" in said
    code, out, _ = qa('ask "And why?" --continue --json')
    assert json.loads(out)["filters"]["from"] == "2001-01-01"
    assert qa('ask "And why?"')[2] == ""
    code, _, said = qa(f'ask "And?" --continue --conversation {id_[1]}')
    assert code == 2 and "Give one of them." in said

    [row] = json.loads(qa("conversations --json --search summit")[1])
    assert (row["id"], row["title"], row["turns"]) == (id_[1], HOW_MANY, 4)
    assert json.loads(qa("conversations --json --search nothing")[1]) == []
    assert HOW_MANY in qa("conversations")[1]
    assert qa(f"conversations {id_[1]} --rename 'CIS summit'")[0] == 0
    code, out, _ = qa("conversations 'cis SUMMIT'")
    assert out.startswith("CIS summit\n") and "> And who talked about it?" in out and "17 issues" in out
    document = json.loads(qa("conversations 'CIS summit' --json")[1])
    assert [turn["question"] for turn in document["turns"]][:2] == [HOW_MANY, "And who talked about it?"]

    code, out, _ = qa("export")
    assert code == 0 and out.startswith("# CIS summit\n")
    for name in ("a.md", "a.html", "a.json"):
        code, out, said = qa(f"export 'CIS summit' --out {name}")
        assert (code, out) == (0, "") and f"Wrote {name}. Check it again with: qa verify {name}" in said
        assert read_export(tmp_path / name).export.title == "CIS summit"
    assert qa("conversations 'CIS summit' --delete")[0] == 0
    assert json.loads(qa("conversations --json")[1]) == []
    code, out, _ = qa("export a.html --format json")
    assert json.loads(out)["title"] == "CIS summit"


def test_what_qa_ask_printed_can_be_exported(qa: Run, tmp_path: Path) -> None:
    qa(f"ingest '{folder('seeds')}'")
    (tmp_path / "answer.json").write_text(qa(f'ask --json "{HOW_MANY}"')[1], "utf-8")
    code, out, _ = qa("export answer.json --format html")
    assert code == 0 and "The summit has 17 issues on its agenda." in out
    assert parse_export(out.encode()).export.turns[0].question == HOW_MANY


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("export --format pdf", 2, "Unknown format 'pdf'. Choose one of: html, json, md, with --format."),
        ("export --out answer.docx", 2, "Unknown format 'docx'."),
        ("export nobody", 2, "There is no conversation 'nobody'. List them with: qa conversations"),
        ("export odd.json", 2, "odd.json is not an export that can be checked: it is not JSON"),
        ("export --out nowhere/a.md", 1, "nowhere/a.md cannot be written: No such file or directory. Name another"),
        ("conversations --delete", 2, "Say which conversation"),
        ("conversations it --delete --rename x", 2, "do not go together"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    qa: Run, index: Path, tmp_path: Path, line: str, code: int, message: str
) -> None:
    (tmp_path / "odd.json").write_text("{")
    result = qa(f"{line} --index '{index}'")
    assert result[0] == code and message in result[2] and len(result[2].splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["odd.json"]
