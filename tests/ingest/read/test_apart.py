"""Files that would never be read to their end: each is a failure that says so, and the next file is read."""

import os
import signal
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from qa.ingest.read import Failure, Record, apart, read_file
from qa.ingest.read.apart import FilesApart, ReadingProcess, read_file_apart, read_page_apart

Write = Callable[[str, str | bytes], Path]
PAGE = "<html><head><title>Bridge opens</title></head><body><article><p>{}</p></article></body></html>"
TOLD = "The harbour bridge in Port Ellery opened on Tuesday after six years of work, and the mayor cut the ribbon."
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def pdf(content: bytes, forms: int = 0) -> bytes:
    """A PDF of a page; each of its forms draws the next one ten times."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Font<</F1 %b>>/XObject<</X 5 0 R>>>>>>" % FONT,
        _stream(b"", content),
    ]
    for number in range(forms):
        inner = b"/X Do " * 10 if number < forms - 1 else b"BT /F1 12 Tf (deep) Tj ET"
        next_one = b"/XObject<</X %d 0 R>>" % (6 + number) if number < forms - 1 else b""
        head = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F1 %b>>%b>>" % (FONT, next_one)
        bodies.append(_stream(head, inner))
    made = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(bodies) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n%b%b" % (len(bodies) + 1, table, end)


def _stream(head: bytes, content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    return b"<<%b/Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (head, len(packed), packed)


def failure(items: list[object]) -> Failure:
    [item] = items
    assert isinstance(item, Failure)
    return item


@pytest.mark.slow
def test_it_gives_what_is_read_here(write: Write) -> None:
    files = [write("a.html", PAGE.format(TOLD)), write("b.pdf", pdf(b"BT /F1 12 Tf (Told in print) Tj ET"))]
    files += [
        write("c.md", TOLD),
        write("d.pdf", b"no PDF"),
        write("e.docx", b"no DOCX"),
        files[0].parent / "none.html",
    ]
    for file in files:
        assert list(read_file_apart(file)) == list(read_file(file)), file.name
    [page] = read_page_apart("https://example.org/a", PAGE.format(TOLD).encode(), "text/html")
    assert isinstance(page, Record) and page.text == TOLD and page.source.url == "https://example.org/a"


@pytest.mark.parametrize("count", [10_000, 100_000])
def test_a_tag_of_very_many_attributes_is_refused_at_once(count: int, write: Write) -> None:
    tag = " ".join(f"a{number}=1" for number in range(count))
    said = failure(list(read_file(write("tag.html", f"<html><body><p {tag}>{TOLD}</p></body></html>"))))
    assert said.reason == f"a tag of the page has {count + 1:,} attributes, which no article does; save its text alone"


def test_a_long_attribute_is_no_number_of_attributes(write: Write) -> None:
    data = " ".join(map(str, range(20_000)))
    page = PAGE.format(f"<img src=\"data:,{data}\" data-b='{data}'>{TOLD}")
    [record] = read_file(write("long.html", page))
    assert isinstance(record, Record) and record.text == TOLD


def test_a_small_pdf_that_unpacks_to_very_many_operators(write: Write) -> None:
    packed = pdf(b"BT /F1 12 Tf " + b"(a) Tj " * 1_200_000 + b"ET")
    assert len(packed) < 14_000
    said = failure(list(read_file(write("operators.pdf", packed))))
    assert "what draws the page unpacks to 8 MB, which no page of text does" in said.reason


def read(process: ReadingProcess, file: Path, seconds: int = 30) -> list[object]:
    process.submit(apart.Job(str(file), seconds))
    return [item.text if isinstance(item, Record) else item for item in process.items()]


@pytest.mark.slow
def test_a_process_that_dies_is_started_again(write: Write) -> None:
    file, process = write("a.html", PAGE.format(TOLD)), ReadingProcess()
    assert read(process, file) == [TOLD]
    assert process._child
    os.kill(process._child.process.pid, signal.SIGKILL)
    process._child.process.wait()
    assert read(process, file) == [TOLD]
    process._child._jobs.close()  # it ends as if its time without work had come
    assert process._child.process.wait() == 0
    assert read(process, file) == [TOLD]
    process.submit(apart.Job(str(file), 30))
    steps = process.items()
    next(steps)
    steps.close()  # nobody wants the rest: what is still on its way belongs to no other file
    assert process._child is None and read(process, file) == [TOLD]
    process.end()


@pytest.mark.slow
def test_a_file_of_which_the_process_dies_twice_is_left_out_from_there_on(write: Write) -> None:
    mail = "From a@example.org Thu Jan  1 00:00:00 2021\nSubject: Number {}\nContent-Type: text/plain\n\n{}\n\n"
    box = write("a.mbox", "".join(mail.format(number, TOLD * 30) for number in range(200)))
    process = ReadingProcess()
    process.submit(apart.Job(str(box), 30))
    told: list[object] = []
    for item in process.items():
        told.append(item.fields["title"] if isinstance(item, Record) else item)
        if len(told) in (5, 60):  # it is far from its end: a pipe holds a few articles
            assert process._child
            process._child.process.kill()
    *titles, last = told
    assert titles == [f"Number {number}" for number in range(len(titles))] and 60 <= len(titles) < 200
    assert "(signal 9); the rest of it was left out" in failure([last]).reason
    process.end()


@pytest.mark.slow
def test_files_that_were_announced_come_in_order_though_one_takes_too_long(write: Write) -> None:
    """Of its ten forms each draws the next one ten times: ten thousand million in 3 KB."""
    pages = [write(f"{number}.html", PAGE.format(f"{TOLD} Page {number}.")) for number in range(4)]
    endless, other = write("endless.pdf", pdf(b"/X Do", forms=10)), write("other.html", PAGE.format(TOLD))
    process = ReadingProcess()
    reading = FilesApart([process])
    for file in (*pages[:2], pages[0].with_name("plain.md")):
        reading.announce(file)
    process.submit(apart.Job(str(endless), 1))
    for file in pages[2:]:
        reading.announce(file)

    def told(file: Path) -> list[str]:
        return [item.text if isinstance(item, Record) else item.reason for item in reading.read(file)]  # type: ignore[union-attr]

    assert [told(file) for file in pages[:2]] == [[f"{TOLD} Page 0."], [f"{TOLD} Page 1."]]
    assert told(other) == [TOLD]  # was not announced
    said = failure(list(process.items()))
    assert said.name == str(endless)
    assert said.reason.startswith("takes more than 1 seconds to read; it was left out.")
    assert [told(file) for file in pages[2:]] == [[f"{TOLD} Page 2."], [f"{TOLD} Page 3."]]
    process.forget()
    process.end()
