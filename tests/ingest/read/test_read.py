"""Reading files and pages: every row of READERS, what is too large, damaged or no file at all, and finding files."""

import gzip
import hashlib
import lzma
import os
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from reading import EXAMPLES, HTML, RSS, TEXT, TITLE, docx, pdf

from qa.errors import ReadError
from qa.ingest.read import (
    READERS,
    Failure,
    Link,
    Record,
    count_articles,
    find_files,
    is_feed,
    is_readable,
    read_file,
    read_page,
)

Write = Callable[[str, str | bytes], Path]

FEEDS = (".xml", ".rss", ".atom")
ARCHIVES = (".zip", ".tar", ".tgz", ".warc")
HELD = [suffix for suffix in READERS if suffix not in (*ARCHIVES, ".mbox")]  # in memory, as a whole or by lines
DOCUMENTS = [suffix for suffix in READERS if suffix not in FEEDS]


def failure(items: Iterable[object]) -> str:
    [item] = items
    assert isinstance(item, Failure), item
    return item.reason


# --- every format ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", DOCUMENTS)
def test_every_format(suffix: str, write: Write) -> None:
    example = EXAMPLES[suffix]
    files = {suffix: example, suffix.upper(): example, f"{suffix}.gz": gzip.compress(example)}
    for name, content in {**files, f"{suffix}.XZ": lzma.compress(example)}.items():
        path = write(f"a{name}", content)
        [record] = read_file(path)
        assert isinstance(record, Record), record
        assert record.text == TEXT
        assert record.fields.get("title") == (None if suffix in (".txt", ".pdf") else TITLE)
        assert (record.source.path, record.source.url) == (path, None)
        assert count_articles(path) == 1


@pytest.mark.parametrize("suffix", FEEDS)
def test_every_kind_of_feed(suffix: str, write: Write) -> None:
    for path in (write(f"a{suffix}", EXAMPLES[suffix]), write(f"b{suffix}.xz", lzma.compress(EXAMPLES[suffix]))):
        [link] = read_file(path)
        assert isinstance(link, Link), link
        assert (link.url, link.fields["title"]) == ("https://lantern.example/bridge", TITLE)
        assert count_articles(path) == 1
        assert is_feed(path)


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\x89PNG\r\n\x1a\n\x00\x00\x00", b"\x81\x8d\x8f\x90\x9d" * 9])
def test_what_holds_no_article_is_one_failure(suffix: str, content: bytes, write: Write) -> None:
    items = list(read_file(write(f"a{suffix}", content)))
    reason = failure(items)
    assert reason and len(reason) < 400 and "\n" not in reason


BOMB = gzip.compress(b"x" * 55_000_000, 1, mtime=0)
BOMBS = {suffix: (".gz", BOMB) for suffix in READERS} | {
    ".txt": (".xz", lzma.compress(b"x" * 55_000_000, preset=0)),
    ".json": (".gz", gzip.compress(b" " * 205_000_000, 1, mtime=0)),
}


@pytest.mark.parametrize("suffix", {READERS[suffix]: suffix for suffix in HELD}.values())
def test_what_is_too_large_is_stopped_while_it_is_unpacked(suffix: str, write: Write) -> None:
    ending, bomb = BOMBS[suffix]
    remedies = {".jsonl": "split the article", ".csv": "split the article", ".json": "write it as JSON lines"}
    remedies |= dict.fromkeys((".html", ".htm"), "save the text of the article alone")
    remedies |= dict.fromkeys(FEEDS, "give the addresses of its pages")
    reason = failure(read_file(write(f"a{suffix}{ending}", bomb)))
    assert " MB; " in reason
    assert remedies.get(suffix, "split it") in reason


@pytest.mark.parametrize("suffix", HELD)
def test_a_large_file_is_refused_by_its_size_alone(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    with path.open("wb") as file:
        file.write(b"%PDF-1.4\n" if suffix == ".pdf" else b"<html>")
        file.truncate(300_000_000)  # a hole: it takes no place on the disk
    assert " MB; " in failure(read_file(path))


@pytest.mark.parametrize("suffix", READERS)
def test_a_damaged_compressed_file_says_so(suffix: str, write: Write) -> None:
    for ending, pack in ((".gz", gzip.compress), (".xz", lzma.compress)):
        packed = pack(
            EXAMPLES[suffix] + b"\n" + b"".join(hashlib.sha256(b"%d" % n).hexdigest().encode() for n in range(99))
        )
        *_, last = read_file(write(f"a{suffix}{ending}", packed[: len(packed) // 2]))
        assert isinstance(last, Failure) and "the compressed file is damaged or cut off" in last.reason


def test_reading_text_loads_no_heavy_library(write: Write) -> None:
    path = write("a.txt", TEXT)
    heavy = "trafilatura", "lxml", "pypdf", "docx", "feedparser", "charset_normalizer", "chromadb", "httpx"
    code = (
        f"import sys; from pathlib import Path; from qa.ingest.read import read_file; "
        f"list(read_file(Path({str(path)!r})));"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_libraries_say_nothing_on_stderr(tmp_path: Path, write: Write) -> None:
    whole = pdf("The bridge opened.\nThe ferries rest.")
    files = [
        write("a.pdf", whole[:-200]),
        write("b.html", "<html><p>"),
        write("c.docx", b"PK\x03\x04"),
        write("d.html", HTML),
    ]
    code = (
        "import sys; from pathlib import Path; from qa.ingest.read import read_file\n"
        "for name in sys.argv[1:]: print(len(list(read_file(Path(name)))))"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, files)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "1", "1", "1"]
    assert done.stderr == ""


# --- pages -----------------------------------------------------------------------------------------------------------

URL = "https://lantern.example/story"


@pytest.mark.parametrize(
    ("content_type", "url", "data"),
    [
        ("text/html; charset=utf-8", URL, HTML.encode()),
        ("TEXT/HTML", URL, HTML.encode()),
        ("application/xhtml+xml", URL, HTML.encode()),
        ("application/xml", URL, b'<?xml version="1.0"?><!-- a > b -->\n' + HTML.encode()),
        (None, URL, b"\xef\xbb\xbf\n" + HTML.encode()),
        ("application/pdf", URL, EXAMPLES[".pdf"]),
        ("application/octet-stream", URL, EXAMPLES[".pdf"]),
        ("application/octet-stream", URL, EXAMPLES[".docx"]),
        ("application/json; charset=utf-8", URL, EXAMPLES[".json"]),
        ("text/plain", URL, EXAMPLES[".json"]),
        ("text/csv", URL, EXAMPLES[".csv"]),
        ("text/plain", f"{URL}.csv?x=1", EXAMPLES[".csv"]),
        ("text/plain", f"{URL}.md", EXAMPLES[".md"]),
        ("text/plain", f"{URL}.jsonl", EXAMPLES[".jsonl"]),
        ("application/gzip", f"{URL}.jsonl.gz", gzip.compress(EXAMPLES[".jsonl"], mtime=0)),
        ("text/plain; charset=utf-8", URL, EXAMPLES[".txt"]),
        (None, "https://[half", EXAMPLES[".txt"]),
    ],
)
def test_pages_of_every_kind(content_type: str | None, url: str, data: bytes) -> None:
    items = list(read_page(url, data, content_type))
    if url == "https://[half":
        assert "cannot be read" in failure(items)
        return
    [record] = items
    assert isinstance(record, Record), record
    assert record.text == TEXT
    assert (record.source.url, record.source.data) == (url, None)


@pytest.mark.parametrize("content_type", ["application/rss+xml", "text/xml", "text/plain", None])
def test_feeds_are_found_by_what_they_begin_with(content_type: str | None) -> None:
    [link] = read_page(URL, RSS.encode(), content_type)
    assert isinstance(link, Link)


def test_a_json_feed_is_a_feed() -> None:
    data = (
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "https://lantern.example/a"}]}'
    )
    [link] = read_page(URL, data, "application/json")
    assert isinstance(link, Link)


@pytest.mark.parametrize("content_type", ["image/png", "image/svg+xml", "video/mp4", "application/x-rar"])
def test_other_kinds_of_page_are_told(content_type: str) -> None:
    assert failure(read_page(URL, b"\x89PNG", content_type)) == f"pages of the kind '{content_type}' cannot be read"


def test_what_the_server_says_of_the_encoding_counts() -> None:
    page = HTML.replace('<meta charset="utf-8">', "").replace(TEXT, "Мост открыли. " * 9).encode("koi8-r")
    [record] = read_page(URL, page, "text/html; charset=koi8-r")
    assert isinstance(record, Record) and record.text.startswith("Мост открыли.")


# --- finding files ---------------------------------------------------------------------------------------------------


def test_a_folder_gives_its_articles_in_order(tmp_path: Path, write: Write) -> None:
    for name in ("b.txt", "a.md", "sub/c.jsonl", "d.csv.gz", "photo.png", "e.gz", ".hidden.txt", ".git/d.txt"):
        write(name, "{}")
    (tmp_path / "folder.txt").mkdir()
    found = [str(file.relative_to(tmp_path)) for file in find_files(str(tmp_path))]
    assert found == ["a.md", "b.txt", "d.csv.gz", "sub/c.jsonl"]
    assert [file.name for file in find_files(f"{tmp_path}/**/*.[tj]*")] == ["b.txt", "c.jsonl"]
    assert find_files(str(tmp_path / "a.md")) == [tmp_path / "a.md"]
    assert not is_readable(tmp_path / ".git" / "d.txt", tmp_path)
    assert is_readable(tmp_path / "sub" / "c.jsonl", tmp_path)


def test_a_library_in_a_folder_is_no_article_of_it(tmp_path: Path, write: Write) -> None:
    for name in ("a.md", "lib/articles.db", "lib/words/1/vocabulary.json", "lib/notes.md", "sub/b.md"):
        write(name, "Text.")
    assert [file.name for file in find_files(str(tmp_path))] == ["a.md", "b.md"]
    assert not is_readable(tmp_path / "lib" / "words" / "1" / "vocabulary.json", tmp_path)
    assert is_readable(tmp_path / "sub" / "b.md", tmp_path)


def test_a_folder_that_cannot_be_entered_is_told(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.md", "sub/b.md"):
        write(name, "Text.")
    scan = os.scandir

    def locked(path: str) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", locked)  # root may enter every folder
    failures: list[Failure] = []
    assert [file.name for file in find_files(str(tmp_path), failures.append)] == ["a.md"]
    assert failures == [Failure(str(tmp_path / "sub"), "the folder cannot be read: Permission denied")]


def test_a_file_whose_name_looks_like_a_pattern(write: Write) -> None:
    path = write("a[1].txt", "One.")
    assert find_files(str(path)) == [path]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{tmp}/missing.md", "no such file"),
        ("{tmp}", "the folder holds no articles; the files read are .md"),
        ("{tmp}/*.md", "no file matches"),
        ("", "no such file"),
        ("{tmp}/" + "x" * 5000, "File name too long"),
        ("~nobody-of-this-name/a.md", "cannot be read"),
        ("a\0b", "no such file"),
    ],
)
def test_where_there_is_nothing_it_is_said(source: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=reason.replace(".", r"\.")):
        find_files(source.replace("{tmp}", str(tmp_path)))


@pytest.mark.parametrize(
    ("name", "kind"), [("a.png", ".png"), ("README", "README"), ("a.png.gz", ".png"), ("a.gz", "a.gz")]
)
def test_other_kinds_of_file_are_told(name: str, kind: str, write: Write) -> None:
    assert f"'{kind}' cannot be read; choose from .md, " in failure(read_file(write(name, "Text.")))


@pytest.mark.parametrize("suffix", READERS)
def test_what_is_no_file_is_not_opened(suffix: str, tmp_path: Path) -> None:
    folder, pipe, gone = (tmp_path / f"{name}{suffix}" for name in ("folder", "pipe", "gone"))
    folder.mkdir()
    os.mkfifo(pipe)
    assert failure(read_file(folder)) == "is a folder, not a file"
    assert failure(read_file(pipe)) == "is a pipe or a device, not a file"
    assert failure(read_file(gone)) == "cannot be read: No such file or directory"
    assert [count_articles(path) for path in (folder, pipe, gone)] == [1, 1, 1]


def test_a_file_that_is_cut_while_it_is_read(write: Write) -> None:
    path = write("a.jsonl", b'{"text": "%s"}\n' % (b"x" * 10_000) * 100)
    items = read_file(path)
    assert isinstance(next(items), Record)
    os.truncate(path, 0)
    path.unlink()
    rest = list(items)
    assert rest and all(isinstance(item, Record | Failure) for item in rest)


def test_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text("One.")
    [record] = read_file(path)
    assert isinstance(record, Record)
    assert record.name == f"{tmp_path}/caf\\xe9.txt"


def test_a_file_called_gz_that_is_not_packed(write: Write) -> None:
    [record] = read_file(write("a.txt.gz", TEXT))
    assert isinstance(record, Record) and record.text == TEXT


def test_a_text_file_that_is_packed_is_unpacked(write: Write) -> None:
    [record] = read_file(write("a.txt", zlib.compress(TEXT.encode(), wbits=31)))
    assert isinstance(record, Record) and record.text == TEXT


def test_many_documents_count(write: Write) -> None:
    rows = '{"text": "a"}\n\n' * 5
    assert count_articles(write("a.jsonl.gz", gzip.compress(rows.encode()))) == 5
    assert count_articles(write("a.json", f'{{"articles": [{rows.strip().replace(chr(10) * 2, ",")}]}}')) == 5
    assert count_articles(write("a.csv", "id,text\n1,a\n2,b\n")) == 2
    assert count_articles(write("a.docx", docx("a", "b"))) == 1
