"""HTML: the body of the article, and what the page says of its title, outlet, authors, day and address."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from qa.ingest.read import Failure, Record, read_page

URL = "https://www.lantern.example/2022/bridge"
BODY = [
    "HARROW BAY — The bridge over the Larn opened on Tuesday after two years of work, before dawn.",
    "“We waited long enough,” said the mayor, Ines Falk, who cut the ribbon. “Now the ferries can rest.”",
    "The work cost a third more than was planned. The council blames the price of steel, which doubled.",
    "Jo Lund, who runs a bakery at the western end, said that she expected twice as many customers.",
]


def page(head: str = "", article: str = "", lang: str = "") -> str:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in BODY)
    return (
        f"<!doctype html><html{lang}><head><meta charset='utf-8'>{head}</head><body>"
        "<header><nav><ul><li><a href='/'>Home</a></li><li><a href='/world'>World</a></li></ul></nav></header>"
        f"<main><article>{article}{paragraphs}</article>"
        "<aside><h3>Read more</h3><a href='/z'>Zoo gets a bear after a long debate in the council</a></aside>"
        "<section class='comments'><h3>Comments</h3><p>First! A silly bridge, I would never go there.</p></section>"
        "</main><footer>© 2022 Lantern News. All rights reserved.</footer></body></html>"
    )


def read(content: str | bytes, url: str = URL, content_type: str = "text/html") -> Record:
    data = content.encode() if isinstance(content, str) else content
    [item] = read_page(url, data, content_type)
    assert isinstance(item, Record), item
    return item


def ld(value: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


# --- the text --------------------------------------------------------------------------------------------------------


def test_the_body_is_kept_whole_and_the_rest_left_out() -> None:
    assert read(page()).text == "\n\n".join(BODY)


@pytest.mark.parametrize(
    "odd",
    [
        lambda whole: whole.replace("<html>", "\n<html xmlns='http://www.w3.org/1999/xhtml' />\n"),
        lambda whole: whole.replace("<!doctype html>", "<!DOCTYPE html />\n"),
        lambda whole: whole.replace("<article>", "<div class='comment-piece post'><h1>Bridge opens</h1>").replace(
            "</article>", "</div>"
        ),
    ],
    ids=["a root that closes itself", "a document type that closes itself", "an opinion named like readers' comments"],
)
def test_no_body_is_lost_to(odd: Callable[[str], str]) -> None:
    assert read(odd(page())).text.removeprefix("Bridge opens\n\n") == "\n\n".join(BODY)


def test_lists_and_tables_keep_their_lines() -> None:
    more = "<ul><li>The toll is two crowns.</li><li>Cyclists pass free of charge.</li></ul><table><tr><th>Year</th>"
    more += "<th>Cars</th></tr><tr><td>2022</td><td>1,200</td></tr></table>"
    text = read(page(article=f"<h1>Bridge opens</h1>{more}")).text
    assert text.startswith(
        "Bridge opens\n\n- The toll is two crowns.\n- Cyclists pass free of charge.\n\nYear | Cars\n2022 |"
    )
    assert text.endswith("\n\n".join(BODY))


def test_json_ld_holds_a_text_that_the_page_does_not() -> None:
    article = {"@type": "NewsArticle", "articleBody": "<p>One &amp; two.</p><p>" + "Three words more. " * 200 + "</p>"}
    text = read(page(ld(article))).text
    assert text.startswith("One & two.\n\nThree words more. Three")
    short = {"@type": "NewsArticle", "articleBody": BODY[0]}
    assert read(page(ld(short))).text == "\n\n".join(BODY)


@pytest.mark.slow
def test_a_page_of_very_many_elements_takes_no_longer() -> None:
    paragraphs = "".join(f"<p>Line {n} of <b>the</b> bridge.</p>" for n in range(12_000))
    assert "Line 11999 of the bridge." in read(f"<html><body><article>{paragraphs}</article></body></html>").text


@pytest.mark.parametrize("content", ["<html></html>", "<p>", "<!-- -->", "<html><body><img src='x'></body></html>"])
def test_a_page_without_an_article_says_so(content: str) -> None:
    [item] = read_page(URL, content.encode(), "text/html")
    assert isinstance(item, Failure)
    assert "no article was found" in item.reason or "no text" in item.reason


# --- encodings -------------------------------------------------------------------------------------------------------

RUSSIAN = "Мост через реку открыли во вторник после двух лет работ. Мэр города сказал, что движение начнётся утром."


@pytest.mark.parametrize(
    ("written", "declared", "header"),
    [
        ("utf-8", "utf-8", ""),
        ("cp1251", "windows-1251", ""),
        ("koi8-r", "koi8-r", ""),
        ("iso8859-5", "", "iso-8859-5"),
        ("cp1251", "", "windows-1251"),
        ("utf-8", "windows-1251", "iso-8859-1"),  # both are wrong
        ("cp1251", "utf-8", "utf-8"),
        ("cp1251", "", ""),
        ("koi8-r", "no-such-encoding", "rot13"),
        ("utf-16", "", ""),
    ],
)
def test_html_in_every_encoding(written: str, declared: str, header: str) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    content = f"<html><head>{meta}<title>Мост</title></head><body><p>{RUSSIAN}</p></body></html>"
    found = read(content.encode(written), content_type=f"text/html; charset={header}" if header else "text/html")
    assert (found.text, found.fields["title"]) == (RUSSIAN, "Мост")


# --- what the page says of it ----------------------------------------------------------------------------------------

ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Bridge over the Larn opens &amp; ferries rest",
    "datePublished": "2022-04-05T06:30:00Z",
    "dateModified": "2022-04-07T08:00:00Z",
    "author": [{"@type": "Person", "name": "Mara Quill"}, "Tom Reed", "Mara Quill"],
    "publisher": {"@type": "Organization", "name": "Lantern News"},
}
ORGANIZATION = {"@type": "Organization", "@id": "#org", "name": "Lantern News"}
REFERRING = {**ARTICLE, "publisher": {"@id": "#org"}, "author": [{"@id": "#mara"}, {"name": "Tom Reed"}]}


@pytest.mark.parametrize(
    "value",
    [
        ARTICLE,
        [{"@type": "WebSite", "name": "Other"}, ARTICLE],
        {"@graph": [ORGANIZATION, {"@id": "#mara", "name": "Mara Quill"}, REFERRING]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
        {**ARTICLE, "@type": ["http://schema.org/ReportageNewsArticle", "Thing"]},
        [{"@type": "NewsArticle", "headline": "A teaser of something else"}, ARTICLE],
    ],
)
def test_json_ld(value: Any) -> None:
    found = read(page("<title>Something else</title>" + ld(value)))
    assert dict(found.fields) == {
        "title": "Bridge over the Larn opens & ferries rest",
        "outlet": "Lantern News",
        "authors": ["Mara Quill", "Tom Reed"],
        "url": URL,
    }
    assert found.dates == (("json-ld", "2022-04-05T06:30:00Z"),)


@pytest.mark.parametrize(
    "text", ["{", "[" * 100_000, '"text"', "null", '{"@type": 7}', '{"@type": "NewsArticle", "author": 7}']
)
def test_json_ld_that_is_broken_costs_nothing(text: str) -> None:
    found = read(page(f'<script type="application/ld+json">{text}</script>{ld(ARTICLE)}'))
    assert found.fields["outlet"] == "Lantern News"


def test_the_day_it_was_changed_is_not_the_day_it_was_published() -> None:
    changed = {"@type": "NewsArticle", "headline": "Bridge", "dateModified": "2022-04-07"}
    head = (
        ld(changed)
        + '<meta property="article:modified_time" content="2022-04-08"><meta itemprop="dateModified" content="2022">'
    )
    assert read(page(head, '<time class="updated" datetime="2022-04-09">now</time>')).dates == ()


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2022-04-05">',
        '<meta name="parsely-pub-date" content=" 2022-04-05 ">',
        '<meta name="sailthru.date" content="2022-04-05">',
        '<meta name="DC.date.issued" content="2022-04-05">',
        '<meta itemprop="datePublished" content="2022-04-05">',
        '<meta name="pubdate" content="2022-04-05"><meta name="lastmod" content="2022-04-09">',
    ],
)
def test_meta_dates(head: str) -> None:
    assert read(page(head)).dates == (("meta", "2022-04-05"),)


@pytest.mark.parametrize(
    ("article", "dates"),
    [
        ('<time datetime="2022-04-05">5 April</time><time datetime="2022-04-06">6 April</time>', ["2022-04-05"]),
        ('<time datetime="2022-04-04">x</time><time pubdate datetime="2022-04-05">x</time>', ["2022-04-05"]),
        ('<aside><time datetime="2022-04-04">x</time></aside>', []),
        ('<span itemprop="datePublished" content="2022-04-05">x</span>', ["2022-04-05"]),
        ("<time>5 April</time>", []),
    ],
)
def test_dates_in_the_article(article: str, dates: list[str]) -> None:
    assert read(page(article=article)).dates == tuple(("meta", date) for date in dates)


def test_dates_come_in_the_order_of_trust_and_once() -> None:
    head = '<meta name="date" content="2022"><meta property="article:published_time" content="2022-04-05T07:30">'
    found = read(page(head + ld(ARTICLE), '<time datetime="2022-04-05T07:30">x</time>'))
    assert found.dates == (("json-ld", "2022-04-05T06:30:00Z"), ("meta", "2022-04-05T07:30"), ("meta", "2022"))


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Bridge opens | Lantern News</title>", "Bridge opens"),
        ("<title>Bridge opens - The Lantern News</title>", "Bridge opens"),
        ("<title>Larn - bridge opens | World</title>", "Larn - bridge opens | World"),
        ("<title>A</title><meta property='og:title' content='Bridge  opens – Lantern News'>", "Bridge opens"),
        ("<title>Bridge opens » World</title>", "Bridge opens – World"),
    ],
)
def test_titles(head: str, title: str) -> None:
    assert read(page(head + "<meta property='og:site_name' content='Lantern News'>")).fields["title"] == title


@pytest.mark.parametrize(
    ("headline", "name", "title"),
    [
        ("town in the far north", "Larn", "Larn"),  # as Wikipedia has it
        ("Larn opens its bridge", "Larn", "Larn opens its bridge"),
        ("A bridge for Larn", "Lantern News", "A bridge for Larn"),
        ("", "Larn", "Larn opens its bridge"),
    ],
)
def test_the_headline_is_what_the_page_shows(headline: str, name: str, title: str) -> None:
    said = json.dumps({"@type": "Article", "headline": headline, "name": name})
    head = f"<title>Larn opens its bridge</title><script type='application/ld+json'>{said}</script>"
    assert read(page(head)).fields["title"] == title


@pytest.mark.parametrize("sign", ["\x07", "\x00", "\x0b\x00", "\ufffe"])
def test_characters_that_no_page_can_hold_cost_nothing(sign: str) -> None:
    content = page("<title>Bridge</title>").replace("bridge", f"bri{sign}dge")
    assert read(content).text == read(page("<title>Bridge</title>")).text


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("<link rel='canonical' href='https://lantern.example/bridge'>", "https://lantern.example/bridge"),
        ("<link rel='CANONICAL' href='/bridge'>", "https://www.lantern.example/bridge"),
        ("<meta property='og:url' content='https://m.lantern.example/bridge'>", "https://m.lantern.example/bridge"),
        ("<link rel='canonical' href='https://other.example/story'>", URL),  # nobody speaks for another site
        ("<link rel='canonical' href='https://www.lantern.example/'>", URL),
        ("<link rel='canonical' href='javascript:alert(1)'>", URL),
        ("<link rel='canonical' href='https://[half'>", URL),
    ],
)
def test_addresses(head: str, url: str) -> None:
    assert read(page(head)).fields["url"] == url


@pytest.mark.parametrize(
    ("head", "article", "authors"),
    [
        ("<meta name='author' content='Mara Quill'><meta name='author' content='Jo'>", "", ["Mara Quill", "Jo"]),
        ("<meta property='article:author' content='https://a.example/mq'>", "<a rel='author'>Jo</a>", ["Jo"]),
        ("", "", None),
    ],
)
def test_authors(head: str, article: str, authors: list[str] | None) -> None:
    assert read(page(head, article)).fields.get("authors") == authors


@pytest.mark.parametrize(
    ("lang", "head", "language"),
    [
        (" lang='en-GB'", "", "en"),
        (" xml:lang='DE'", "", "de"),
        ("", "<meta property='og:locale' content='fr_FR'>", "fr"),
        ("", "", None),
        (" lang='unknown'", "", None),
    ],
)
def test_languages(lang: str, head: str, language: str | None) -> None:
    assert read(page(head, lang=lang)).fields.get("language") == language
