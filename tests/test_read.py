"""Reading files: every format, every oddity, and that a bad part loses nothing else."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.errors import ReadError
from qa.read import READERS, Failure, Record, count_articles, find_files, read_file

Write = Callable[[str, str | bytes], Path]
WriteRows = Callable[[str, Sequence[Any]], Path]


def records(path: Path) -> list[Record]:
    items = list(read_file(path))
    assert all(isinstance(item, Record) for item in items), items
    return [item for item in items if isinstance(item, Record)]


def failure(path: Path) -> str:
    [item] = read_file(path)
    assert isinstance(item, Failure)
    assert "\n" not in item.reason
    return item.reason


EXAMPLES = {
    ".md": "---\ntitle: Bridge opens\n---\nThe bridge opened.",
    ".markdown": "---\ntitle: Bridge opens\n---\nThe bridge opened.",
    ".txt": "The bridge opened.",
    ".jsonl": '{"title": "Bridge opens", "text": "The bridge opened."}',
}


@pytest.mark.parametrize("suffix", READERS)
def test_every_format(suffix: str, write: Write) -> None:
    for name in (f"a{suffix}", f"b{suffix.upper()}"):
        path = write(name, EXAMPLES[suffix])
        [record] = records(path)
        assert record.text == "The bridge opened."
        assert dict(record.fields) == ({} if suffix == ".txt" else {"title": "Bridge opens"})
        assert count_articles(path) == 1


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00\x00", b"\x81\x8d\x8f\x90\x9d" * 9])
def test_what_is_not_text_is_one_failure(suffix: str, content: bytes, write: Write) -> None:
    assert "not a text file" in failure(write(f"a{suffix}", content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str, write: Write) -> None:
    [record] = records(write("a.md", "---\r\ntitle: Café\r\n---\r\nDéjà “vu”.".encode(encoding)))
    assert (record.fields["title"], record.text) == ("Café", "Déjà “vu”.")


# --- front matter ----------------------------------------------------------------------------------------------------


def front(head: str, write: Write) -> dict[str, Any]:
    [record] = records(write("a.md", f"---\n{head}\n---\n\nBody."))
    assert record.text.strip() == "Body."
    return dict(record.fields)


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        ("title: 1984", {"title": "1984"}),
        ("title: No", {"title": "No"}),
        ("title: null\noutlet: ~\ndate:", {}),
        ("date: 2017-01-19", {"date": "2017-01-19"}),
        ("date: 2017-02-30", {"date": "2017-02-30"}),
        ("date: 2017-01-19 10:00:00 +0600", {"date": "2017-01-19 10:00:00 +0600"}),
        ("authors: [Ines Falk, Jo Lund]", {"authors": ["Ines Falk", "Jo Lund"]}),
        ("authors:\n  - name: Ines Falk\n  - Jo Lund\n  - [x]", {"authors": ["Ines Falk", "Jo Lund"]}),
        ("author: Ines Falk", {"authors": "Ines Falk"}),
        ("source: {id: x, name: The Herald}", {"outlet": "The Herald"}),
        ("source: The Sun\noutlet: The Herald", {"outlet": "The Herald"}),
        ("id: 7", {"id": "7"}),
        ("text: not this\ntitle: T", {"title": "T"}),
        ("# a remark\ntitle: T", {"title": "T"}),
        ("'title': T", {"title": "T"}),
        ("authors: [&a Ines, *a]", {"authors": ["Ines", "Ines"]}),
        ("tags: [a, b]", {}),
        ("", {}),
    ],
)
def test_front_matter(head: str, fields: dict[str, Any], write: Write) -> None:
    assert front(head, write) == fields


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("---\ntitle: [a\n---\nBody.", "the front matter is not YAML (line"),
        ("---\ntitle: T\nBody without an end.", "no closing line '---'"),
        ("---\ntitle: a: b\n---\nBody.", "the front matter is not YAML (line 2)"),
        ("---\nauthors: &a [Ines, *a]\n---\nBody.", "recursive"),
        ("---\ntitle: " + "[" * 5000 + "\n---\nBody.", "the front matter is not YAML"),
    ],
)
def test_broken_front_matter_is_told(content: str, reason: str, write: Write) -> None:
    assert reason in failure(write("a.md", content))


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nA rule above.\n\n---\n\nAnd below.",
        "----\ntitle: T\n----\n",
        "--- dash",
        "A.\n---\ntitle: T\n---\n",
        "---",
    ],
)
def test_a_rule_is_no_front_matter(text: str, write: Write) -> None:
    [record] = records(write("a.md", text))
    assert (record.text, dict(record.fields)) == (text, {})


# --- JSON lines ------------------------------------------------------------------------------------------------------


def test_the_names_of_other_tools(write_rows: WriteRows) -> None:
    rows = [
        {
            "_id": "a",
            "body": "One.",
            "source": {"id": None, "name": "Herald"},
            "published_at": "2020-01-01",
            "author": "Ines",
        },
        {"id": 2, "content": "Two.", "metadata": {"outlet": "Lark", "date": "2021-01-01"}, "outlet": None},
    ]
    first, second = records(write_rows("a.jsonl", rows))
    assert dict(first.fields) == {"id": "a", "outlet": "Herald", "date": "2020-01-01", "authors": "Ines"}
    assert (first.text, first.key) == ("One.", "a")
    assert dict(second.fields) == {"id": "2", "outlet": "Lark", "date": "2021-01-01"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{broken", "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"title": "T"}', "no text"),
        (b'{"text": "  "}', "no text"),
        (b'{"text": ["a"]}', "no text"),
        (b'{"text": ' + b"[" * 100_000, "not JSON"),
        (b'{"text": "a", "n": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"text": "\x00"}', "not a text file"),
        (b'{"id": "1", "text": "Again."}', "the id '1' was used before in this file"),
    ],
)
def test_a_broken_line_is_named_and_the_others_go_in(line: bytes, reason: str, write: Write) -> None:
    # The bad line stands far enough down that the file does not look like a binary one as a whole.
    good = b'{"id": "1", "text": "%s"}\n' % (b"Good. " * 400)
    path = write("a.jsonl", good + b"\n" + line + b'\n{"id": "3", "text": "Good too."}')
    first, bad, last = read_file(path)
    assert isinstance(first, Record) and isinstance(last, Record) and isinstance(bad, Failure)
    assert bad.name == f"{path}, line 3"
    assert reason in bad.reason
    assert count_articles(path) == 3


def test_rows_without_id_have_keys_that_stay(write_rows: WriteRows) -> None:
    rows = [
        {"text": "One.", "url": "https://a.example/1"},
        {"text": "Two.", "title": "Briefing"},
        {"text": "Three.", "title": "Briefing"},
        {"text": "Four.", "id": ""},
        {"text": "Zero.", "id": 0},
    ]
    keys = [record.key for record in records(write_rows("a.jsonl", rows))]
    assert keys[:2] == ["https://a.example/1", "Briefing"]
    assert keys[4] == "0"
    assert len(set(keys)) == 5 and all(keys)
    edited = [{"text": "New.", **{k: v for k, v in row.items() if k != "text"}} for row in rows[:2]]
    assert [record.key for record in records(write_rows("a.jsonl", edited + rows[2:]))] == keys


def test_odd_values_are_made_plain(write_rows: WriteRows) -> None:
    odd = {
        "id": " a\n\u00a0b\ud800 ",
        "title": {"x": 1},
        "authors": {"name": "Ines"},
        "date": [2017],
        "url": 5,
        "outlet": True,
    }
    path = write_rows("a.jsonl", [])
    path.write_text(json.dumps({**odd, "text": "One."}))
    [record] = records(path)
    assert dict(record.fields) == {"id": "a b", "authors": "Ines", "date": ["2017"], "url": "5", "outlet": "True"}


# --- finding files ---------------------------------------------------------------------------------------------------


def test_a_folder_gives_its_articles_in_order(tmp_path: Path, write: Write) -> None:
    for name in ("b.txt", "a.md", "sub/c.jsonl", "photo.png", ".hidden.txt", ".git/d.txt"):
        write(name, "{}")
    assert [str(file.relative_to(tmp_path)) for file in find_files(str(tmp_path))] == ["a.md", "b.txt", "sub/c.jsonl"]
    assert [file.name for file in find_files(f"{tmp_path}/**/*.[tj]*")] == ["b.txt", "c.jsonl"]
    assert find_files(str(tmp_path / "a.md")) == [tmp_path / "a.md"]


def test_a_file_whose_name_looks_like_a_pattern(write: Write) -> None:
    path = write("a[1].txt", "One.")
    assert find_files(str(path)) == [path]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{tmp}/missing.md", "no such file"),
        ("{tmp}", "the folder holds no articles; the files read are .md"),
        ("{tmp}/*.md", "no file matches"),
        ("https://a.example/news", "cannot be read yet"),
        ("", "no such file"),
        ("{tmp}/" + "x" * 5000, "File name too long"),
        ("~nobody-of-this-name/a.md", "cannot be read"),
        ("a\0b", "no such file"),
    ],
)
def test_where_there_is_nothing_it_is_said(source: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=reason.replace(".", r"\.")):
        find_files(source.replace("{tmp}", str(tmp_path)))


def test_other_kinds_of_file_are_told(write: Write) -> None:
    assert "'.pdf' cannot be read; choose from .md" in failure(write("a.pdf", "%PDF"))
    assert "'README' cannot be read" in failure(write("README", "Text."))


def test_a_file_that_goes_away(tmp_path: Path) -> None:
    assert failure(tmp_path / "gone.md") == "cannot be read: No such file or directory"
    assert count_articles(tmp_path / "gone.jsonl") == 1


def test_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text("One.")
    [record] = records(path)
    assert record.name == f"{tmp_path}/caf\\xe9.txt"
