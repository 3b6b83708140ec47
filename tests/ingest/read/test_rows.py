"""JSON, JSON lines and CSV: the names of other tools, keys, and that a bad row loses none of the others."""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.ingest.read import Failure, Link, Record, count_articles, read_file

Write = Callable[[str, str | bytes], Path]
WriteRows = Callable[[str, Sequence[Any]], Path]


def records(path: Path) -> list[Record]:
    items = list(read_file(path))
    assert all(isinstance(item, Record) for item in items), items
    return [item for item in items if isinstance(item, Record)]


def failure(path: Path) -> str:
    [item] = read_file(path)
    assert isinstance(item, Failure), item
    return item.reason


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
        {"ID": 3, " Text ": "Three.", "Headline": "H", "publishedAt": "2022-01-01", "link": "https://a.example/3"},
        {"id": 4, "text": "", "body": " ", "content": "Four.", "title": "", "headline": "Five"},
    ]
    first, second, third, fourth = records(write_rows("a.jsonl", rows))
    assert dict(first.fields) == {"id": "a", "outlet": "Herald", "date": "2020-01-01", "authors": "Ines"}
    assert (first.text, first.key) == ("One.", "a")
    assert dict(second.fields) == {"id": "2", "outlet": "Lark", "date": "2021-01-01"}
    assert dict(third.fields) == {"id": "3", "title": "H", "date": "2022-01-01", "url": "https://a.example/3"}
    assert (third.text, fourth.text, fourth.fields["title"]) == ("Three.", "Four.", "Five")


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
        (b'{"text": "' + b"x" * 20_000_001 + b'"}', "the line holds more than 20 MB"),
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
    assert count_articles(path) >= 3


def test_a_line_without_an_end_ends_the_file(write: Write) -> None:
    endless = gzip.compress(b'{"text": "One."}\n{"text": "' + b"x" * 110_000_000, 1)
    first, bad = read_file(write("a.jsonl.gz", endless))
    assert isinstance(first, Record) and isinstance(bad, Failure)
    assert "holds a line of more than 100 MB" in bad.reason


def test_what_came_before_the_damage_is_kept(write_rows: WriteRows, write: Write) -> None:
    rows = [{"id": str(n), "text": f"Story {n * 7919 % 1009} of the day, {n * 104729}."} for n in range(2000)]
    whole = gzip.compress(write_rows("a.jsonl", rows).read_bytes())
    *kept, bad = read_file(write("b.jsonl.gz", whole[: len(whole) // 2]))
    assert len(kept) > 500 and all(isinstance(item, Record) for item in kept)
    assert isinstance(bad, Failure) and "damaged or cut off" in bad.reason


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


def test_odd_values_are_made_plain(write: Write) -> None:
    odd = {
        "id": " a\n\u00a0b\ud800 ",
        "title": {"x": 1},
        "authors": {"name": "Ines"},
        "date": [2017],
        "url": 5,
        "outlet": True,
    }
    [record] = records(write("a.jsonl", json.dumps({**odd, "text": "One."})))
    assert dict(record.fields) == {"id": "a b", "authors": "Ines", "date": ["2017"], "url": "5", "outlet": "True"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251", "koi8-r"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json"])
def test_rows_in_other_encodings(name: str, encoding: str, write: Write) -> None:
    texts = ["Мост через реку открыли во вторник после двух лет работ.", "Паромы больше не ходят, сказал мэр города."]
    rows = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    content = {
        "a.jsonl": "\n".join(rows),
        "a.json": f"[{', '.join(rows)}]",
        "a.csv": "\n".join(["text", *(f'"{text}"' for text in texts)]),
    }[name]
    assert [record.text for record in records(write(name, content.encode(encoding)))] == texts


# --- JSON ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["articles", "items", "data", "documents", "results"])
def test_a_list_under_a_name(name: str, write: Write) -> None:
    rows = [{"id": "1", "text": "One.", "views": float("nan")}, {"id": "1", "text": "Again."}, 7]
    path = write("a.json", json.dumps({"status": "ok", "total": 3, name: rows}))
    first, again, number = read_file(path)
    assert isinstance(first, Record) and (first.text, first.key) == ("One.", "1")
    assert isinstance(again, Failure) and again.name == f"{path}, article 2"
    assert isinstance(number, Failure) and "not a JSON object" in number.reason


def test_one_object_is_one_article(write: Write) -> None:
    [record] = records(write("a.json", json.dumps({"id": "7", "text": "One.", "items": [{"text": "Not this."}]})))
    assert (record.text, record.key, dict(record.fields)) == ("One.", "", {"id": "7"})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[{"text": "One."}, {"text": "Tw', "not JSON: Unterminated string"),
        ('{"message": "quota exceeded"}', "no text: the field 'text'"),
        ('"text"', "not a JSON object"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_json_that_holds_no_articles(content: str, reason: str, write: Write) -> None:
    assert reason in failure(write("a.json", content))


# --- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_tables_of_every_dialect(sign: str, write: Write) -> None:
    head = sign.join([" ID ", "Title", "Published_At", "Source", "TEXT"])
    row = sign.join(["1", f'"A {sign} B"', "2020-01-01", "Herald", '"One, ""two"";\n\nthree|four\tfive."'])
    [record] = records(write("a.csv", f"\ufeff\n{head}\r\n{row}\r\n{sign * 4}\r\n"))
    assert record.text == 'One, "two";\n\nthree|four\tfive.'
    assert dict(record.fields) == {"id": "1", "title": f"A {sign} B", "outlet": "Herald", "date": "2020-01-01"}


def test_a_table_of_one_column(write: Write) -> None:
    assert [record.text for record in records(write("a.csv", "text\nOne.\nTwo.\n"))] == ["One.", "Two."]


def test_a_table_without_text_names_what_it_has(write: Write) -> None:
    reason = failure(write("a.csv", "id;headline;summary\n1;A;B\n"))
    assert reason == (
        "no column holds the text; name one 'text', 'body' or 'content' (the columns: 'id', 'headline', 'summary')"
    )
    assert "(the columns: none)" in failure(write("b.csv", ""))


def test_a_bad_row_loses_no_other(write: Write) -> None:
    path = write("a.csv", "id,text\n1,One.\n2\n3,Three.,,\n4,Four,more.\n1,Again.\n")
    first, short, long, divided, again = read_file(path)
    assert isinstance(first, Record) and isinstance(long, Record) and long.text == "Three."
    assert isinstance(divided, Failure) and divided.reason.startswith("the row has 3 cells for 2 columns; put a cell")
    assert isinstance(short, Failure) and "no text" in short.reason
    assert isinstance(again, Failure) and "the id '1' was used before" in again.reason


def test_the_line_ends_of_an_old_mac(write: Write) -> None:
    one, two = records(write("a.csv", "title,text\rBoat,The town bought a boat.\rPier,The pier was closed.\r"))
    assert (one.text, two.fields["title"]) == ("The town bought a boat.", "Pier")
    [line] = records(write("a.jsonl", '{"text": "One."}\r'))
    assert line.text == "One."


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("A&amp;B said &quot;fair&quot;.", 'A&B said "fair".'),
        ("Boats&nbsp;&#8211;&#x20;two", "Boats\xa0– two"),
        ("&amp;quot;Fair&amp;quot;", '"Fair"'),
        ("AT&T; R&D rose & fell", "AT&T; R&D rose & fell"),
        ("&copyright; is none", "&copyright; is none"),
    ],
)
def test_entities_of_html_are_what_they_mean(written: str, meant: str, write_rows: WriteRows) -> None:
    [record] = records(write_rows("a.jsonl", [{"title": written, "text": written, "authors": [written]}]))
    assert (record.text, record.fields["title"], record.fields["authors"]) == (meant, meant, [meant])


@pytest.mark.parametrize("name", ["desc", "Description", "news_article", "texto", "full_text", "Inhalt"])
def test_other_names_of_the_text(name: str, write_rows: WriteRows) -> None:
    [record] = records(write_rows("a.jsonl", [{"título": "Boats", name: "The town bought a boat."}]))
    assert (record.text, record.fields["title"]) == ("The town bought a boat.", "Boats")


def test_what_is_called_a_description_stands_back_behind_a_text(write_rows: WriteRows) -> None:
    [record] = records(write_rows("a.jsonl", [{"description": "In short.", "content": "At length."}]))
    assert record.text == "At length."


def test_a_saved_json_feed_is_read_as_the_feed_that_it_is(write: Write) -> None:
    text = "The council met and agreed to buy two boats for the line. " * 20
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Post",
        "items": [
            {
                "id": "1",
                "url": "https://post.example/1",
                "title": "Boats &amp; bridges",
                "content_html": f"<p>{text}</p>",
            },
            {"id": "2", "url": "https://post.example/2", "title": "Pier", "summary": "In short."},
        ],
    }
    record, link = read_file(write("feed.json", json.dumps(feed)))
    assert isinstance(record, Record) and record.text == text.strip()
    assert (record.fields["title"], record.fields["outlet"]) == ("Boats & bridges", "Post")
    assert isinstance(link, Link) and (link.url, link.summary) == ("https://post.example/2", "In short.")


def test_a_quote_without_an_end(write: Write) -> None:
    rows = "".join(f"{n},Story {n}.\n" for n in range(50))
    items = list(read_file(write("a.csv", f'id,text\n{rows}50,"No end.\n{rows}')))
    assert len(items) == 51
    assert all(isinstance(item, Record) for item in items[:50])
