"""Feeds of every kind, as sites write them and as they should not: entries come out as articles, links or failures."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import ReadError
from qa.ingest.read.feed import plain_text, read_feed
from qa.ingest.read.record import Failure, Link, Record, Source

HERE = "https://news.example/feeds/all.xml"
LONG = "".join(
    f"<p>Paragraph {n} says that the ferry to the island sails again after the storm of last week.</p>"
    for n in range(12)
)


def read(feed: str | bytes, url: str | None = HERE) -> Sequence[Record | Link | Failure]:
    data = feed.encode() if isinstance(feed, str) else feed
    return list(read_feed(Source(url or "feed.xml", url=url, data=data)))


def rss(*items: str, channel: str = "<title>Island News</title><link>https://news.example/</link>") -> str:
    namespaces = " ".join(
        f'xmlns:{name}="{address}"'
        for name, address in {
            "content": "http://purl.org/rss/1.0/modules/content/",
            "dc": "http://purl.org/dc/elements/1.1/",
            "atom": "http://www.w3.org/2005/Atom",
        }.items()
    )
    entries = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0" {namespaces}><channel>{channel}{entries}</channel></rss>'


def atom(*entries: str) -> str:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Island News</title><id>urn:x</id>{inner}</feed>'


@pytest.mark.parametrize(
    ("link", "elsewhere"),
    [("https://www.news.example/a", False), ("/a", False), ("https://other.example/a", True)],
)
def test_a_link_to_another_site_says_so(link: str, elsewhere: bool) -> None:
    [found] = read(rss(f"<title>Boats</title><link>{link}</link>"))
    assert isinstance(found, Link) and found.is_elsewhere == elsewhere


# --- RSS -------------------------------------------------------------------------------------------------------------


def test_an_entry_with_its_whole_text_is_an_article():
    (found,) = read(
        rss(
            "<title>Ferry sails again</title><link>https://news.example/ferry</link>"
            "<guid isPermaLink='false'>f-1</guid>"
            "<pubDate>Mon, 04 Mar 2024 23:30:00 -0500</pubDate><dc:creator>Ann Reed</dc:creator>"
            "<dc:creator>Bo Lind</dc:creator><description>The ferry is back.</description>"
            f"<content:encoded><![CDATA[{LONG}<script>track()</script>]]></content:encoded>"
        )
    )
    assert isinstance(found, Record)
    assert found.text.startswith("Paragraph 0 says that the ferry")
    assert found.text.count("\n\n") == 11
    assert "track" not in found.text
    assert found.key == "f-1"
    assert not found.dates
    assert found.fields == {
        "title": "Ferry sails again",
        "url": "https://news.example/ferry",
        "date": "Mon, 04 Mar 2024 23:30:00 -0500",  # as it was written: the day is that of the place
        "outlet": "Island News",
        "authors": ["Ann Reed", "Bo Lind"],
    }


def test_an_entry_that_only_announces_a_page_is_a_link():
    (found,) = read(
        rss(
            "<title>Ferry sails again</title><link>https://news.example/ferry</link>"
            "<pubDate>Mon, 04 Mar 2024 10:00:00 GMT</pubDate>"
            "<description>&lt;b&gt;Back&lt;/b&gt; at last.</description>"
        )
    )
    assert found == Link(
        "https://news.example/ferry",
        {
            "title": "Ferry sails again",
            "url": "https://news.example/ferry",
            "date": "Mon, 04 Mar 2024 10:00:00 GMT",
            "outlet": "Island News",
        },
        summary="Back at last.",
    )


def test_a_description_may_be_the_whole_text():
    (found,) = read(rss(f"<link>https://news.example/a</link><description>{escape(LONG)}</description>"))
    assert isinstance(found, Record)
    assert found.key == "https://news.example/a"


def test_an_entry_without_a_link_is_an_article_however_short():
    (found,) = read(rss("<title>Ferry</title><description>It sails again.</description>"))
    assert isinstance(found, Record)
    assert (found.text, found.key) == ("It sails again.", "Ferry")


def test_an_entry_with_neither_text_nor_link_fails_and_the_rest_goes_in():
    first, second = read(rss("<title>Ferry</title>", "<link>https://news.example/b</link>"))
    assert isinstance(first, Failure)
    assert first.name == f"{HERE}, entry 1"
    assert isinstance(second, Link)


@pytest.mark.parametrize("version", ["0.91", "0.92", "2.0"])
def test_old_versions_of_rss_are_read(version):
    feed = f'<rss version="{version}"><channel><title>N</title><item><link>https://news.example/a</link></item></channel></rss>'
    assert [found.url for found in read(feed) if isinstance(found, Link)] == ["https://news.example/a"]


def test_rss_1_0_is_read_with_its_only_date():
    (found,) = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>N</title></channel>'
        '<item rdf:about="https://news.example/a"><title>T</title><link>https://news.example/a</link>'
        f"<dc:date>2024-03-04</dc:date><description>{escape(LONG)}</description></item></rdf:RDF>"
    )
    assert isinstance(found, Record)
    assert "date" not in found.fields
    assert found.dates == (("meta", "2024-03-04"),)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/2024/ferry", "https://news.example/2024/ferry"),
        ("ferry", "https://news.example/feeds/ferry"),
        ("//cdn.example/ferry", "https://cdn.example/ferry"),
        ("?id=7", "https://news.example/feeds/all.xml?id=7"),
    ],
)
def test_a_relative_link_is_counted_from_the_address_of_the_feed(link, url):
    (found,) = read(rss(f"<link>{link}</link>"))
    assert isinstance(found, Link)
    assert found.url == url


def test_in_a_file_a_relative_link_is_counted_from_the_address_of_the_site():
    (found,) = read(rss("<link>/ferry</link>"), url=None)
    assert isinstance(found, Link)
    assert found.url == "https://news.example/ferry"
    (lost,) = read(rss("<link>/ferry</link>", channel="<title>N</title>"), url=None)
    assert isinstance(lost, Failure)


@pytest.mark.parametrize("link", ["mailto:a@news.example", "javascript:alert(1)", "file:///etc/passwd", "http://[::1"])
def test_a_link_that_is_no_address_of_a_page_is_none(link):
    (found,) = read(rss(f"<title>T</title><link>{link}</link>"))
    assert isinstance(found, Failure)


def test_an_id_is_a_link_only_if_it_is_an_address():
    first, second = read(rss("<guid>https://news.example/a</guid>", "<title>T</title><guid>12345</guid>"))
    assert isinstance(first, Link)
    assert isinstance(second, Failure)


@pytest.mark.parametrize("date", ["yesterday", "", "31 Feb 2024", "0000-00-00", "9" * 500, "&#x1f600;"])
def test_a_bad_date_does_not_stop_an_entry(date):
    (found,) = read(rss(f"<link>https://news.example/a</link><pubDate>{date}</pubDate>"))
    assert isinstance(found, Link)


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("&lt;i&gt;Ferry&lt;/i&gt; sails &amp;amp; returns", "Ferry sails & returns"),
        ("<![CDATA[<b>Ferry</b><br/>sails]]>", "Ferry sails"),
        ("AT&amp;T buys a ferry", "AT&T buys a ferry"),
        ("Fares rise by &lt; 5%", "Fares rise by < 5%"),
        ("  Ferry\n sails  ", "Ferry sails"),
    ],
)
def test_a_title_is_plain_text(title, plain):
    (found,) = read(rss(f"<title>{title}</title><link>https://news.example/a</link>"))
    assert isinstance(found, Link)
    assert found.fields["title"] == plain


@pytest.mark.parametrize(
    ("entry", "channel", "outlet"),
    [
        ("", "<title>Island News</title>", "Island News"),
        ("", "<title>Island &amp;amp; Coast</title>", "Island & Coast"),
        ("<source url='https://coast.example/'>Coast Daily</source>", "<title>All the news</title>", "Coast Daily"),
        ("<dc:publisher>Coast Daily</dc:publisher>", "<title>All the news</title>", "Coast Daily"),
        ("", "<dc:publisher>Coast Daily</dc:publisher>", "Coast Daily"),
        ("", "", None),
    ],
)
def test_the_outlet_is_who_published_the_entry_else_the_feed(entry, channel, outlet):
    (found,) = read(rss(f"<link>https://news.example/a</link>{entry}", channel=channel))
    assert isinstance(found, Link)
    assert found.fields.get("outlet") == outlet


def test_entries_of_one_id_are_told_apart():
    entry = "<guid>https://news.example/</guid><description>{}</description>"
    keys = [
        found.key
        for found in read(rss(*(entry.format(escape(LONG + word)) for word in "ab")))
        if isinstance(found, Record)
    ]
    assert keys[0] == "https://news.example/"
    assert len(set(keys)) == 2


# --- Atom ------------------------------------------------------------------------------------------------------------


def test_an_atom_entry_is_an_article():
    (found,) = read(
        atom(
            '<title type="html">&lt;b&gt;Ferry&lt;/b&gt;</title><id>urn:1</id><link rel="edit" href="/edit"/>'
            '<link rel="alternate" href="https://news.example/ferry"/><published>2024-03-04T10:00:00Z</published>'
            "<updated>2024-03-09T10:00:00Z</updated><author><name>Ann Reed</name></author>"
            f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{LONG}</div></content>'
        )
    )
    assert isinstance(found, Record)
    assert found.text.count("\n\n") == 11
    assert found.key == "urn:1"
    assert found.fields["date"] == "2024-03-04T10:00:00Z"
    assert found.fields["url"] == "https://news.example/ferry"
    assert found.fields["authors"] == ["Ann Reed"]
    assert found.fields["title"] == "Ferry"
    assert not found.dates


def test_an_atom_entry_with_a_date_of_change_only_says_so():
    (found,) = read(
        atom(f"<id>urn:1</id><updated>2024-03-09T10:00:00Z</updated><content type='html'>{escape(LONG)}</content>")
    )
    assert isinstance(found, Record)
    assert "date" not in found.fields
    assert found.dates == (("meta", "2024-03-09T10:00:00Z"),)


def test_a_date_of_change_in_rss_is_no_date_of_publication():
    (found,) = read(rss(f"<atom:updated>2024-03-09T10:00:00Z</atom:updated><description>{escape(LONG)}</description>"))
    assert isinstance(found, Record)
    assert "date" not in found.fields
    assert not found.dates


def test_plain_text_keeps_its_lines():
    (found,) = read(atom("<id>urn:1</id><content type='text'>One &lt; two.\n\nThree.</content>"))
    assert isinstance(found, Record)
    assert found.text == "One < two.\n\nThree."


# --- JSON Feed -------------------------------------------------------------------------------------------------------


def json_feed(*items: Any, **feed: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Island News", "items": items} | feed)


def test_a_json_feed_is_read():
    article, link, broken = read(
        json_feed(
            {
                "id": 7,
                "url": "/ferry",
                "title": "Ferry",
                "content_html": LONG,
                "date_published": "2024-03-04T10:00:00Z",
                "date_modified": "2024-03-09T10:00:00Z",
                "authors": [{"name": "Ann Reed"}, {"url": "x"}],
            },
            {"id": "8", "external_url": "https://coast.example/b", "summary": "Short.", "author": {"name": "Bo Lind"}},
            "nonsense",
        )
    )
    assert isinstance(article, Record)
    assert article.text.count("\n\n") == 11
    assert article.key == "7"
    assert article.fields == {
        "title": "Ferry",
        "url": "https://news.example/ferry",
        "date": "2024-03-04T10:00:00Z",
        "outlet": "Island News",
        "authors": ["Ann Reed"],
    }
    fields = {"url": "https://coast.example/b", "outlet": "Island News", "authors": ["Bo Lind"]}
    assert link == Link("https://coast.example/b", fields, "Short.", is_elsewhere=True)
    assert isinstance(broken, Failure)


@pytest.mark.parametrize("items", [None, "x", 5, {"a": 1}])
def test_json_without_items_is_no_feed(items):
    with pytest.raises(ReadError, match="not a feed"):
        read(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}))


# --- what is not as it should be -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        "<!DOCTYPE html><html><head><title>News</title></head><body><p>The ferry sails.</p></body></html>",
        "The ferry sails again.",
        "",
        "{",
        '{"title": "x"}',
        "[1, 2]",
        "{" * 100_000,
        b"\x00\xff\xfe" * 100,
        b"%PDF-1.7\n\xe2\xe3",
        "<?xml version='1.0'?><note><to>you</to></note>",
    ],
)
def test_what_is_not_a_feed_says_so(data):
    with pytest.raises(ReadError, match="^not a feed: "):
        read(data)


@pytest.mark.parametrize("feed", [rss(), atom(), json_feed()])
def test_a_feed_without_entries_says_so(feed):
    with pytest.raises(ReadError, match="no entries"):
        read(feed)


def test_broken_xml_is_read_all_the_same():
    feed = rss("<title>Fish & chips</title><link>https://news.example/a?b=1&c=2</link>").replace("</channel>", "")
    (found,) = read(feed)
    assert isinstance(found, Link)
    assert found.fields["title"] == "Fish & chips"
    assert found.url == "https://news.example/a?b=1&c=2"


def test_a_feed_cut_in_half_loses_the_entry_it_breaks_off_in():
    feed = rss(*(f"<link>https://news.example/{n}</link><description>{escape(LONG)}</description>" for n in range(4)))
    first, second, third = read(feed[: len(feed) * 5 // 8])
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert isinstance(third, Failure)
    assert "breaks off" in third.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1251"])
def test_the_encoding_that_a_feed_declares_is_used(encoding):
    word = "Паром" if encoding == "windows-1251" else "Fähre"
    feed = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        + rss(f"<title>{word}</title><link>https://news.example/a</link>")[21:]
    )
    (found,) = read(feed.encode(encoding))
    assert isinstance(found, Link)
    assert found.fields["title"] == word


def test_entities_that_multiply_come_to_nothing():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">{entities}]>'
    found = read(bomb + rss("<title>&e11;</title><link>https://news.example/a</link>")[21:])
    assert all(len(entry.fields.get("title", "")) < 1000 for entry in found if isinstance(entry, Link))


def test_an_entity_does_not_read_a_file(tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret word")
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY file SYSTEM "{secret.as_uri()}">]>'
    found = read(head + rss("<title>It is &file;.</title><link>https://news.example/a</link>")[21:])
    assert found
    assert "secret word" not in repr(found)


def test_bytes_that_name_a_file_or_an_address_are_not_opened(tmp_path: Path):
    feed = tmp_path / "other.xml"
    feed.write_text(rss("<link>https://news.example/a</link>"))
    with pytest.raises(ReadError, match="not a feed"):
        read(str(feed))
    with pytest.raises(ReadError, match="not a feed"):
        read("http://127.0.0.1:9/feed.xml")


@pytest.mark.parametrize("inside", ["&#xd800;"])
def test_what_the_parser_stumbles_over_is_one_sentence(inside):
    """Found by fuzzing."""
    with pytest.raises(ReadError, match="too damaged to be read .*; give the addresses of its pages"):
        read(rss(f"<link>https://news.example/a</link>{inside}"))


def test_a_feed_that_is_too_large_says_what_to_do():
    with pytest.raises(ReadError, match="more than 10 MB; give the addresses of its pages"):
        read(b"<rss>" + bytes(10_000_001))


@given(st.text(alphabet="<>/&;!-[]?= \n\"'abpdivbr#x0\x00\ud800é"))
def test_any_markup_has_a_plain_text(markup):
    text = plain_text(markup)
    assert "\n\n\n" not in text or "<" not in markup
    assert text == text.strip()


@given(st.text(alphabet="<>/&;!-[]?= \n\"'abcitemlnk#x0:", max_size=80))
def test_any_entry_is_read_or_refused(inner):
    for feed in (rss(inner), atom(inner), rss() + inner, inner):
        try:
            assert all(isinstance(found, Record | Link | Failure) for found in read(feed))
        except ReadError as error:
            assert str(error)


def test_plain_text_keeps_paragraphs_lists_and_lines():
    markup = "<h2>Fares</h2>\n<p>One\n  two<br>three</p><ul><li>a</li><li>b &amp; c</li></ul>tail"
    markup += "<!-- no --><style>x{}</style>"
    assert plain_text(markup) == "Fares\n\nOne two\nthree\n\na\n\nb & c\n\ntail"


@pytest.mark.parametrize("sign", ["\x01", "&#1;", "&#x1f;", "\ud800"])
def test_signs_that_no_document_can_hold_are_left_out(sign):
    assert plain_text(f"<p>The ferry{sign} sails.</p>") == "The ferry sails."
