"""An export against the library, before and after an article changes."""

from __future__ import annotations

import datetime as dt
import json
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from parts import HashingEmbedder
from rich.console import Console
from servers import ModelServer, Reply

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.check import check
from qa.cli.main import main
from qa.cli.terminal import print_verification
from qa.errors import ReadError
from qa.library import Library
from qa.models import load_language_model
from qa.settings import Settings
from qa.show.document import answer_json, document_json, document_of
from qa.show.export import FORMATS, ReadExport, make_export, write_export
from qa.show.export.reading import parse_export
from qa.show.marked import marked_text
from qa.show.verify import Verification, verification_json, verify, word_changes
from qa.types import Answer, Claim, Question, Span

Write = Callable[[str, str | bytes], Path]

FERRY = (
    "The ferry Aldona ran aground off Vik on Tuesday. The coast guard took 48 people ashore.\n\n"
    'Captain Otto Lind said: "The fog came within minutes." Nobody was hurt, the police in Vik said.\n\n'
    "The ferry belongs to the Sound Line, which has run it since 1998.\n"
)
HEAD = (
    "---\nid: ferry\ntitle: Ferry aground\noutlet: Sound Herald\ndate: 2024-05-07\nurl: https://sound.example/ferry\n"
    "---\n\n"
)
SAID = "The coast guard took 48 people ashore."
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
FOG = 'Captain Otto Lind said: "The fog came within minutes."'


@dataclass
class Desk:
    """A library with one article, and how it is changed."""

    library: Library
    write: Write

    def says(self, text: str, head: str = HEAD, name: str = "news/ferry.md") -> None:
        self.library.ingest([self.write(name, head + text)])

    def export(self, *quotes: str, reworded: str | None = None) -> ReadExport:
        """An answer that quotes the article; with `reworded` its last sentence says it so."""
        article = self.library.require("ferry")
        spans = [Span(article, article.text.index(q), article.text.index(q) + len(q)) for q in quotes]
        claims = [Claim(span.text, (span,), " ") for span in spans]
        if reworded:
            claims[-1] = Claim(reworded, (spans[-1],), " ")
        answer = answer_of_claims(claims)
        return read(write_export(make_export("Ferry", (document_of(answer, NOW),)), "json"))

    def verify(self, export: ReadExport) -> Verification:
        return verify(export, self.library)


def answer_of_claims(claims: list[Claim]) -> Answer:
    sentences, citations = check(claims, ())
    return Answer(
        Question("What?", "What?"), marked_text(sentences), "extractive", sentences=sentences, citations=citations
    )


def read(file: str) -> ReadExport:
    return parse_export(file.encode())


@pytest.fixture(scope="module")
def desk_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")

    def write(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    settings = Settings(index=folder / "library")
    with Library.over(settings, HashingEmbedder()) as library:
        yield Desk(library, write)


@pytest.fixture
def desk(desk_of_module: Desk) -> Iterator[Desk]:
    """One library for all tests, with the same article at the beginning of each."""
    desk_of_module.says(FERRY)
    yield desk_of_module
    desk_of_module.library.remove([row.id for row in desk_of_module.library.articles()])


def only(found: Verification) -> Any:
    [turn] = found.turns
    [citation] = turn.citations
    return citation


# --- nothing has changed ---------------------------------------------------------------------------------------------


def test_everything_holds_where_nothing_has_changed(desk: Desk) -> None:
    export = desk.export(SAID, FOG, reworded="The fog came within minutes, Captain Otto Lind said.")
    for format in FORMATS:
        found = desk.verify(read(write_export(make_export("Ferry", export.export.turns), format)))
        assert found.holds and found.summary() == "2 citations still hold."
        assert [one.status for one in found.turns[0].citations] == ["holds", "holds"]
        assert all(
            s.then.verdict == s.now.verdict and s.then.reasons == s.now.reasons for s in found.turns[0].sentences
        )


def test_a_file_that_cites_nothing_holds(desk: Desk) -> None:
    nothing = Answer(Question("Why?", "Why?"), "The articles do not say.", "extractive", True)
    found = desk.verify(read(json.dumps(document_json(document_of(nothing, NOW)))))
    assert found.holds and found.summary() == "The file cites nothing; there is nothing to check."


def test_what_a_model_wrote_has_the_same_verdicts_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (
        "The coast guard took 48 people ashore [1]. Captain Lind spoke of fog within minutes [1]. "
        "The coast guard took 84 people ashore [1]. The ferry ran aground off Bergen in a storm [1]. It was Tuesday."
    )
    with ModelServer(Reply(words)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        model = load_language_model("openai:tiny", timeout=5)
        alone = desk.library.settings.model_copy(update={"draft": False})
        assistant = Assistant(desk.library).with_(model, alone)
        conversation = Conversation(assistant, kept=False)
        answer = conversation.ask("What did the coast guard do?")
    assert len({sentence.verdict for sentence in answer.sentences}) > 1
    for format in FORMATS:
        found = desk.verify(read(write_export(make_export("Ferry", conversation.turns), format)))
        assert [(s.text, s.verdict) for s in answer.sentences] == [
            (one.now.text, one.now.verdict) for one in found.turns[0].sentences
        ]
        assert found.holds


def test_a_document_of_qa_ask_is_checked_too(desk: Desk) -> None:
    answer = Assistant(desk.library).ask("How many people did the coast guard take ashore?")
    assert answer.sentences
    assert desk.verify(read(json.dumps(answer_json(answer)))).holds
    desk.says(FERRY.replace("48", "52"))
    assert only(desk.verify(read(json.dumps(answer_json(answer))))).status == "changed"


# --- an article has changed ------------------------------------------------------------------------------------------


def test_a_quotation_that_moved_still_holds(desk: Desk) -> None:
    export = desk.export(SAID)
    desk.says("A first paragraph came to the top.\n\n" + FERRY)
    found = desk.verify(export)
    one = only(found)
    assert (one.status, one.quote, one.start) == ("moved", SAID, one.then.start + 36)
    assert found.holds and found.summary() == "1 citation still holds (1 at another place)."
    assert found.turns[0].sentences[0].now.verdict == "verbatim"
    assert one.remarks == ("the article has changed elsewhere",)


def test_a_changed_number_is_shown_with_what_stands_there_now(desk: Desk) -> None:
    export = desk.export(SAID, FOG)
    desk.says(FERRY.replace("48 people", "52 people"))
    found = desk.verify(export)
    first, second = found.turns[0].citations
    assert (first.status, first.quote) == ("changed", "The coast guard took 52 people ashore.")
    assert second.status == "holds" and second.remarks == ("the article has changed elsewhere",)
    assert word_changes(first.then.quote, first.quote)[1] == ("48", "52")
    verdicts = [(one.then.verdict, one.now.verdict, one.holds) for one in found.turns[0].sentences]
    assert verdicts == [("verbatim", "unsupported", False), ("verbatim", "verbatim", True)]
    assert "the number 48 is not in the cited passage" in found.turns[0].sentences[0].now.reasons
    assert not found.holds
    assert found.summary() == "1 citation of 2 no longer holds, 1 sentence has a worse verdict."


def test_a_sentence_that_went_is_missing(desk: Desk) -> None:
    export = desk.export(FOG)
    desk.says(FERRY.replace(FOG, ""))
    one = only(desk.verify(export))
    assert (one.status, one.quote, one.holds) == ("missing", None, False)


def test_an_article_that_went_is_gone(desk: Desk) -> None:
    export = desk.export(SAID)
    desk.library.remove(["ferry"])
    found = desk.verify(export)
    assert only(found).status == "gone" and only(found).article is None
    assert found.turns[0].sentences[0].now.reasons == ("no citation",)


def test_the_same_text_under_another_id_still_holds(desk: Desk) -> None:
    export = desk.export(SAID)
    desk.library.remove(["ferry"])
    desk.says(FERRY, HEAD.replace("id: ferry", "id: aldona"))
    one = only(desk.verify(export))
    assert (one.status, one.holds) == ("holds", True)
    assert one.remarks == ("the article is in the library as aldona now",)


def test_another_version_of_the_page_is_looked_into(desk: Desk) -> None:
    export = desk.export(SAID)
    desk.library.remove(["ferry"])
    newer = FERRY.replace("48 people", "52 people")
    desk.says(
        newer, HEAD.replace("id: ferry", "id: newer").replace("sound.example/ferry", "sound.example/ferry?utm_source=x")
    )
    one = only(desk.verify(export))
    assert (one.status, one.quote) == ("changed", "The coast guard took 52 people ashore.")
    assert one.remarks == ("the article was replaced by another version of its page, newer",)


def test_a_correction_since_is_told(desk: Desk) -> None:
    export = desk.export(SAID)
    note = "Correction: An earlier version of this article misspelled the name of the ferry."
    desk.says(f"{FERRY}\n{note}\n")
    assert desk.library.require("ferry").notes
    found = desk.verify(export)
    assert only(found).status == "holds" and not found.holds
    assert len(only(found).changes) == 1 and only(found).changes[0].startswith("corrected since: ")
    assert desk.verify(desk.export(SAID)).holds


def test_another_outlet_or_date_is_told(desk: Desk) -> None:
    export = desk.export(SAID)
    head = HEAD.replace("Sound Herald", "Sound Post").replace("2024-05-07", "2024-05-08")
    desk.says(FERRY, head.replace("aground", "off Vik"))
    one = only(desk.verify(export))
    assert one.changes == (
        "the outlet was Sound Herald, and is Sound Post now",
        "the date was 7 May 2024, and is 8 May 2024 now",
    )
    assert one.remarks == ('the title is now "Ferry off Vik"',) and not one.holds


# --- the file was edited ---------------------------------------------------------------------------------------------


def test_a_quotation_edited_in_the_file_is_not_what_the_article_says(desk: Desk) -> None:
    file = write_export(make_export("Ferry", desk.export(SAID).export.turns), "json").replace("took 48", "took 84")
    found = desk.verify(read(file))
    one = only(found)
    assert (one.status, one.quote, one.holds) == ("altered", SAID, False)
    assert found.read.edits and not found.holds
    # With the checksum made anew, the article itself still tells it.
    document = json.loads(file)
    document.pop("checksum")
    plain = json.dumps(document["turns"][0])
    assert only(desk.verify(read(plain))).status == "altered"


@pytest.mark.parametrize("format", ["md", "html"])
def test_a_quotation_edited_where_it_is_shown_is_told(desk: Desk, format: str) -> None:
    file = write_export(make_export("Ferry", desk.export(SAID).export.turns), format).replace("took 48", "took 84")
    found = desk.verify(read(file))
    assert only(found).status == "holds" and not found.holds
    assert found.read.edits[0] == "the quotation of source [1] is shown in other words than it was cited in"
    assert found.summary() == "1 citation still holds, but the file was edited."


def test_a_verdict_edited_in_the_file_is_told(desk: Desk) -> None:
    export = desk.export(SAID, reworded="The coast guard took 84 people ashore.")
    document = document_json(export.export.turns[0])
    assert document["sentences"][0]["verdict"] == "unsupported"
    document["sentences"][0].update(verdict="supported", reasons=[])
    [sentence] = desk.verify(read(json.dumps(document))).turns[0].sentences
    assert (sentence.now.verdict, sentence.holds) == ("unsupported", False)
    assert sentence.why.startswith("no article has changed: the file was edited, or the check has become another")


# --- what people and programs read -----------------------------------------------------------------------------------


def test_the_table_says_what_has_changed(desk: Desk) -> None:
    export = desk.export(SAID, FOG)
    desk.says(FERRY.replace("48 people", "all 52 people [bold]"))
    console = Console(width=200, record=True, file=open("/dev/null", "w"))
    with console.file:
        print_verification(console, desk.verify(export))
        said = console.export_text()
    assert "✓✓ Verbatim" in said and "✗ Not in the source" in said
    assert "reads differently now" in said and "48 → all 52" in said and "(+[bold])" in said
    assert "still there" in said
    assert said.strip().endswith("✗ 1 citation of 2 no longer holds, 1 sentence has a worse verdict.")


def test_the_json_says_the_same(desk: Desk) -> None:
    export = desk.export(SAID)
    desk.says(FERRY.replace("48 people", "52 people"))
    document = json.loads(json.dumps(verification_json(desk.verify(export))))
    assert list(document) == ["holds", "summary", "format", "program", "made", "edits", "turns"]
    [citation] = document["turns"][0]["citations"]
    assert citation == {
        "n": 1, "holds": False, "status": "changed", "article_id": "ferry",
        "start": 49, "end": 87, "quote": "The coast guard took 52 people ashore.",
        "then": {"article_id": "ferry", "start": 49, "end": 87, "quote": SAID},
        "changes": [], "remarks": [],
    }  # fmt: skip
    [sentence] = document["turns"][0]["sentences"]
    assert (sentence["verdict"], sentence["then"]["verdict"]) == ("unsupported", "verbatim")


def test_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def qa(line: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["qa", *shlex.split(line)])
        with pytest.raises(SystemExit) as exit_:
            main()
        return (int(exit_.value.code or 0), *capsys.readouterr())

    (tmp_path / "ferry.md").write_text(HEAD + FERRY, "utf-8")
    qa("ingest ferry.md")
    qa('ask "How many people did the coast guard take ashore?" --keep')
    qa("export --out a.html")
    code, out, err = qa("verify a.html")
    assert (code, err) == (0, "") and out.endswith("✓ 1 citation still holds.\n")
    (tmp_path / "ferry.md").write_text(HEAD + FERRY.replace("48", "52"), "utf-8")
    qa("ingest ferry.md")
    code, out, err = qa("verify a.html --json")
    assert (code, err) == (1, "") and json.loads(out)["holds"] is False
    (tmp_path / "b.html").write_text((tmp_path / "a.html").read_text("utf-8")[:-900], "utf-8")
    for line, words in (
        ("verify", "Missing argument"),
        ("verify nothing.md", "nothing.md cannot be read: No such file or directory."),
        ("verify ferry.md", "ferry.md is not an export that can be checked: it carries no record of Citewire"),
        ("verify b.html", "b.html is not an export that can be checked: it carries no record"),
        ("verify a.html --index nowhere", "There is no library in nowhere."),
    ):
        code, out, err = qa(line)
        assert code == 2 and out == "" and words in err and len(err.splitlines()) == 1


# --- whatever it is given --------------------------------------------------------------------------------------------


def checked(content: bytes, library: Library) -> None:
    """Refuses in words, or checks and can say what it found."""
    try:
        found = verify(parse_export(content), library)
    except ReadError as error:
        assert str(error)
        return
    json.dumps(verification_json(found))
    with open("/dev/null", "w") as nowhere:
        print_verification(Console(file=nowhere), found)


@pytest.fixture(scope="module")
def files(desk_of_module: Desk) -> dict[str, str]:
    """The same export in every format, of an article that stays as it is."""
    desk_of_module.says(FERRY)
    turns = desk_of_module.export(SAID, FOG, reworded="Fog came, Otto Lind said.").export.turns
    export = replace(make_export("Ferry", turns), made=NOW)
    return {format: write_export(export, format) for format in FORMATS}


@hypothesis_settings(max_examples=60)
@given(st.data())
def test_a_file_that_was_cut_or_damaged(files: dict[str, str], desk_of_module: Desk, data: st.DataObject) -> None:
    content = files[data.draw(st.sampled_from(sorted(FORMATS)))].encode()
    cut = data.draw(st.integers(0, len(content)))
    other = data.draw(st.binary(max_size=6))
    checked(content[:cut] + other + content[cut + data.draw(st.integers(0, 40)) :], desk_of_module.library)


LEAVES = st.none() | st.booleans() | st.integers(-2, 1 << 50) | st.floats() | st.text(max_size=8) | st.sampled_from(
    ["ferry", "verbatim", "2024-05-07", SAID, "https://[half", "\ud800"]
)  # fmt: skip


@hypothesis_settings(max_examples=100)
@given(st.data())
def test_a_document_with_other_values(files: dict[str, str], desk_of_module: Desk, data: st.DataObject) -> None:
    document: Any = json.loads(files["json"])
    for _ in range(data.draw(st.integers(1, 3))):
        inner = document
        while isinstance(inner, dict | list) and inner:
            key = data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
            if not isinstance(inner[key], dict | list) or data.draw(st.integers(0, 9)) == 0:
                inner[key] = data.draw(LEAVES)
                break
            inner = inner[key]
    checked(json.dumps(document).encode(), desk_of_module.library)


DOCUMENTS = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
)


@given(st.binary(max_size=200) | st.one_of(st.text(max_size=200), DOCUMENTS.map(json.dumps)).map(str.encode))
def test_bytes_that_are_no_export(desk_of_module: Desk, content: bytes) -> None:
    checked(content, desk_of_module.library)
