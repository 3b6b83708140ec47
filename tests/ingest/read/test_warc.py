"""What a web archive keeps: each page that was fetched whole is an article, and nothing else of the site is."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from reading import warc_page, warc_record

from qa.ingest.read import Failure, Item, Record, read_file

Write = Callable[[str, str | bytes], Path]
TOLD = "The harbour bridge in Port Ellery opened on Tuesday after six years of work, and the mayor cut the ribbon."
PAGE = f"<html><head><title>Bridge opens</title></head><body><article><p>{TOLD}</p></article></body></html>".encode()
URL = "https://herald.example/2021/05/04/bridge"


def read(path: Path) -> list[Item]:
    return list(read_file(path))


def told(item: Item) -> tuple[str, str, str]:
    assert isinstance(item, Record), item
    return item.text, str(item.fields.get("url")), item.key


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", PAGE),
        ("Content-Encoding: gzip\r\n", gzip.compress(PAGE)),
        ("Content-Encoding: gzip\r\n", PAGE),
        ("Transfer-Encoding: chunked\r\n", b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE)),
        ("Transfer-Encoding: chunked\r\n", PAGE),
    ],
    ids=["as it is", "packed", "unpacked by the archive", "in pieces", "put together by the archive"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
def test_a_page_is_an_article_under_its_address(
    pack: Callable[[bytes], bytes], head: str, body: bytes, write: Write
) -> None:
    records = [warc_record("warcinfo", "application/warc-fields", b"software: any\r\n"), warc_page(URL, body, head)]
    [item] = read(write("site.warc.gz", b"".join(map(pack, records))))
    assert told(item) == (TOLD, URL, URL)
    assert isinstance(item, Record) and item.source.path and item.source.path.name == "site.warc.gz"


def test_what_is_no_whole_page_is_passed_over(write: Write) -> None:
    records = [
        warc_record("request", "application/http; msgtype=request", b"GET / HTTP/1.1\r\n\r\n", URL),
        warc_page(f"{URL}/moved", PAGE, status="301 Moved"),
        warc_page(f"{URL}/style.css", b"p { color: red }", kind="text/css"),
        warc_record("resource", "text/html; charset=utf-8", PAGE, f"{URL}/saved"),
    ]
    [item] = read(write("site.warc", b"".join(records)))
    assert told(item) == (TOLD, f"{URL}/saved", f"{URL}/saved")


def test_a_page_that_cannot_be_read_is_named_and_the_others_come(write: Write) -> None:
    records = [
        warc_page(f"{URL}/br", b"\x0b\x02", "Content-Encoding: br\r\n"),
        warc_page(f"{URL}/empty", b"<html></html>"),
        warc_page(f"{URL}/torn", b"\x1f\x8bnothing", "Content-Encoding: gzip\r\n"),
        warc_record("response", "application/http", b"no reply at all", f"{URL}/odd"),
        warc_page(f"{URL}/bomb", gzip.compress(b" " * 21_000_000), "Content-Encoding: gzip\r\n"),
        warc_page(URL, PAGE),
    ]
    path = write("site.warc", b"".join(records))
    *failures, item = read(path)
    assert told(item)[0] == TOLD
    said = {one.name.rpartition("/")[2]: one.reason for one in failures if isinstance(one, Failure)}
    assert list(said) == ["br", "empty", "torn", "odd", "bomb"]
    assert "packed as 'br', which is not read" in said["br"]
    assert "unpacks to more than 20 MB" in said["bomb"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<html></html>", "not a WARC file"),
        (warc_page(URL, PAGE)[:-200], "the file is cut off; get it again"),
        (warc_page(URL, PAGE) + b"and more\n", "damaged: a record does not begin where it should"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", "damaged: a record does not say how long it is"),
        (b"WARC/1.0\r\n" + b"a: b\r\n" * 300, "damaged: the fields of a record have no end"),
    ],
)
def test_a_damaged_file_says_so(data: bytes, said: str, write: Write) -> None:
    last = read(write("site.warc", data))[-1]
    assert isinstance(last, Failure) and last.reason == said
