"""Whatever the bytes, out come records, links and failures of one line; what this found is kept below."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import EXAMPLES

from qa.ingest.read import READERS, Failure, Link, Record, count_articles, read_file, read_page

KINDS = (*READERS, ".jsonl.gz", ".txt.xz")
URL = "https://lantern.example/story"
TYPES = st.sampled_from([None, "text/html; charset=utf-8", "application/json", "text/plain", "text/xml", "image/png"])

fuzz = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    """A valid file with a few stretches cut out, doubled, or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 200)))
        piece = content[start:end]
        new = draw(
            st.sampled_from([b"", piece * 2, piece[::-1], b"\x00", b"\xff\xfe", b"<", b'"', b"9" * 20])
            | st.binary(max_size=9)
        )
        content = content[:start] + new + content[end:]
    return content


def check(items: list[object]) -> None:
    for item in items:
        assert isinstance(item, Record | Link | Failure)
        if isinstance(item, Failure):
            assert item.reason and item.reason.isprintable() and len(item.reason) < 1000
        if isinstance(item, Record):
            assert item.text.strip()


@pytest.mark.parametrize("kind", KINDS)
@fuzz
@given(data=st.data())
def test_any_bytes_in_any_file(kind: str, data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / f"a{kind}"
    example = EXAMPLES.get(kind, EXAMPLES[".jsonl"])
    path.write_bytes(data.draw(st.binary(max_size=300) | mutated(example)))
    check(list(read_file(path)))
    assert count_articles(path) >= 1


@fuzz
@given(data=st.sampled_from(list(EXAMPLES.values())).flatmap(mutated), kind=TYPES)
def test_any_bytes_as_a_page(data: bytes, kind: str | None) -> None:
    check(list(read_page(URL, data, kind)))


# --- what was found --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (".html", b"<html lang=''><title>&#0;</title><p>&#xD800; text"),
        (".csv", b'text\n"a\x00b"\n'),
        # Three zero bytes made UTF-16 of it, and its columns were told in Chinese.
        (".csv", b"\x00 \x00 \x00,text\nThe bridge over the Larn opened on Tuesday after two years of work.\n"),
        (".csv", b"text\rone\rtwo"),
    ],
)
def test_what_was_found(kind: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"a{kind}"
    path.write_bytes(content)
    check(list(read_file(path)))
