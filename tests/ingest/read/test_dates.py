"""The day of publication on web pages and in documents, a row for each shape that real ones have. Words are ours."""

import datetime as dt
from pathlib import Path

import pytest

from qa.ingest.describe import Description, describe
from qa.ingest.read import Record, read_file, read_page

TODAY = dt.date(2026, 3, 10)
BODY = """The ferry council of Norrhaven met on Monday and agreed to buy two new boats for the northern line. Chairman
Olle Brandt said that the first would arrive in spring. Residents had asked for more evening crossings since the bridge
was closed to lorries. The boats will cost eleven million kronor each and carry ninety passengers."""
TITLE = "<h1>Norrhaven buys boats</h1>"


def about(html: str, head: str = "", lang: str = "", url: str = "https://post.example/boats") -> Description:
    page = f"<html{lang}><head><title>Norrhaven buys boats</title>{head}</head><body>{html}</body></html>"
    [record] = read_page(url, page.encode(), "text/html")
    assert isinstance(record, Record), record
    return describe(record.fields, record.text, dates=record.dates, updates=record.updated, today=TODAY)


def known(found: Description) -> tuple[str | None, str]:
    return found.date.isoformat() if found.date and found.date_precision == "day" else None, found.date_source


def article(stamp: str, after: str = "") -> str:
    return f"<article>{TITLE}{stamp}<p>{BODY}</p>{after}</article>"


# --- what the markup says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="DC:date" content="2024-05-02">',
        '<meta name="shareaholic:article_published_time" content="2024-05-02T09:00:00+00:00">',
        '<meta name="sw-pubdate" content="2 May 2024">',
        '<meta name="bepress_citation_date" content="2024/05/02">',
        '<meta property="rnews:datePublished" content="2024-05-02">',
        '<meta name="citation_publication_date" content="2024-05-02">',
        '<meta name="dcterms.created" content="2024-05-02">',
    ],
)
def test_names_of_meta_elements(head: str) -> None:
    assert known(about(article(""), head)) == ("2024-05-02", "meta")


@pytest.mark.parametrize(
    "stamp",
    [
        '<div itemprop="datePublished">2 May 2024 11:43</div>',
        '<time itemprop="datePublished" datetime="2024-05-02T11:43">yesterday</time>',
        '<span property="schema:dateCreated" content="2024-05-02T09:00:00+00:00"></span>',
        '<abbr class="published" title="2024-05-02T09:00:00+0000">2 May</abbr>',
        '<span property="dc:date dc:created datePublished" content="2024-05-02">Thu</span>',
    ],
)
def test_microdata_rdfa_and_hatom(stamp: str) -> None:
    assert known(about(article(stamp))) == ("2024-05-02", "meta")


WEB_PAGE = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
    {"@type": "WebSite", "name": "Norrhaven Post"},
    {"@type": "WebPage", "datePublished": "2024-05-02T09:00:00+00:00", "dateModified": "2024-06-01T09:00:00+00:00"}]}
</script>"""


def test_json_ld_of_the_page_counts_where_it_describes_no_article() -> None:
    found = about(article(""), WEB_PAGE)
    assert known(found) == ("2024-05-02", "json-ld") and found.updated == dt.date(2024, 6, 1)
    better = '<meta property="article:published_time" content="2024-05-01">'
    assert known(about(article(""), WEB_PAGE + better)) == ("2024-05-01", "meta")


# --- what is seen on the page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        article('<time class="entry-date published updated" datetime="2024-05-02T09:00:00+02:00">2 May 2024</time>'),
        f'<div class="post">{TITLE}<time datetime="2024-05-02T09:00:00+02:00">2 May 2024</time><p>{BODY}</p></div>',
        article('<time datetime="2024-05-09T10:18:46Z">Publié le 2 mai 2024</time>'),  # when the page was made
        article('<div class="meta"><time datetime="2024-05-02">2 hours ago</time></div>'),
    ],
)
def test_time_elements(page: str) -> None:
    assert known(about(page))[0] == "2024-05-02"


@pytest.mark.parametrize(
    "stamp",
    [
        "Published: 2 May 2024, 10:00",
        "Published on May 2, 2024",
        "Posted on Thursday, May 2nd, 2024 by Ines Falk",
        "Veröffentlicht am 2. Mai 2024",
        "Stand: 02.05.2024, 10:00 Uhr",
        "Von Ines Falk, 2.5.24",
        "Publié le 2 mai 2024 à 10:00",
        "Publicado: 2 de mayo de 2024",
        "Publicado em 2 de maio de 2024",
        "Pubblicato il 2 maggio 2024",
        "Gepubliceerd op 2 mei 2024",
        "Publicerad 2 maj 2024",
        "Julkaistu 2. toukokuuta 2024",
        "Opublikowano 2 maja 2024",
        "Publikováno: 2. května 2024",
        "Опубликовано: 2 мая 2024",
        "Опубліковано 2 травня 2024",
        "Yayınlanma: 2 Mayıs 2024",
        "Diterbitkan 2 Mei 2024",
        "发布时间：2024年5月2日",
        "2024년 5월 2일 입력",
        "2 May 2024",
        "2024-05-02 20:52:15",
    ],
)
def test_a_date_beneath_the_headline(stamp: str) -> None:
    assert known(about(article(f"<p>{stamp}</p>"))) == ("2024-05-02", "page")


@pytest.mark.parametrize("place", ["byline", "entry-meta", "post-date", "submitted"])
def test_a_date_in_an_element_that_is_named_for_it(place: str) -> None:
    pages = f"<div class='page'>{TITLE}<div class='{place}'>2 May 2024</div><p>{BODY}</p></div>"
    assert known(about(pages)) == ("2024-05-02", "page")
    assert (
        known(about(article("", f"<div class='{place}'>Published on 2 May 2024 by Ines Falk</div>")))[0] == "2024-05-02"
    )


@pytest.mark.parametrize(
    "page",
    [
        article("") + "<aside><time datetime='2024-04-01'>1 April 2024</time> Zoo gets a bear</aside>",
        article("") + "<div class='comments'><p class='date'>Posted 3 May 2024</p><p>First!</p></div>",
        article("") + "<div class='related-posts'><span class='date'>1 April 2024</span> Zoo gets a bear</div>",
        article("") + "<div id='site-footer'><p>© 2024 Norrhaven Post</p></div>",
        article(
            "<p>The bridge was closed on 2 May 2019 after lorries had damaged it, the council of the town said.</p>"
        ),
        article("<p>4/7/2024</p>"),
        article("<p>2 hours ago</p>"),
        article("<p>Issue 7 of 2024</p>"),
    ],
)
def test_other_dates_are_not_the_day_of_publication(page: str) -> None:
    assert known(about(page)) == (None, "unknown")


# --- which number is the day -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "url", "more", "day"),
    [
        ("", "https://post.example/boats", "", None),
        (" lang='en'", "https://post.example/boats", "", None),
        (" lang='en-US'", "https://post.example/boats", "", "2024-04-07"),
        (" lang='en-GB'", "https://post.example/boats", "", "2024-07-04"),
        (" lang='de'", "https://post.example/boats", "", "2024-07-04"),
        (" lang='en'", "https://post.co.uk/boats", "", "2024-07-04"),
        (" lang='en-US'", "https://post.co.uk/boats", "", None),  # what many programs say of every page
        ("", "https://post.example/boats", f"<p>{BODY} The last came on 23/06/2024.</p>", "2024-07-04"),
        ("", "https://post.example/boats", f"<p>{BODY} The last came on 06/23/2024.</p>", "2024-04-07"),
        ("", "https://post.example/boats", f"<p>{BODY} Seen on 06/23/2024 and 23/06/2024.</p>", None),
    ],
)
def test_an_ambiguous_date_is_read_only_where_the_page_decides(lang: str, url: str, more: str, day: str | None) -> None:
    assert known(about(article("<p class='date'>Published 4/7/2024</p>", more), lang=lang, url=url))[0] == day
    head = '<meta property="article:published_time" content="4/7/2024">'
    assert known(about(article("", more), head, lang, url))[0] == day


# --- the day of a change ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "stamp"),
    [
        ("", "<p>Published 2 May 2024, updated 9 May 2024</p>"),
        ("", "<p>Veröffentlicht am 2. Mai 2024</p><p>Aktualisiert am 9. Mai 2024</p>"),
        ("", "<p class='date'>Publié le 2 mai 2024, mis à jour le 9 mai 2024</p>"),
        ('<meta property="article:modified_time" content="2024-05-09T10:00">', "<p>Posted on May 2, 2024</p>"),
        (
            """<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Norrhaven buys boats",
            "datePublished": "2024-05-02", "dateModified": "2024-05-09"}</script>""",
            "",
        ),
        (
            "",
            '<time class="published" datetime="2024-05-02">2 May 2024</time>'
            '<time class="updated" datetime="2024-05-09">9 May 2024</time>',
        ),
    ],
)
def test_the_day_of_a_later_change_is_kept_beside_that_of_publication(head: str, stamp: str) -> None:
    found = about(article(stamp), head)
    assert (known(found)[0], found.updated) == ("2024-05-02", dt.date(2024, 5, 9))


@pytest.mark.parametrize("modified", ["2024-05-02T18:00", "2024-05-01", "2062-01-01", "soon", "4/7/2024"])
def test_a_change_on_the_same_day_or_before_or_never_is_none(modified: str) -> None:
    head = f'<meta property="article:modified_time" content="{modified}">'
    assert about(article("<p>Published 2 May 2024</p>"), head).updated is None


# --- documents -------------------------------------------------------------------------------------------------------


def document(tmp_path: Path, text: str) -> tuple[str | None, str]:
    path = tmp_path / "a.txt"
    path.write_text(text)
    [record] = read_file(path)
    assert isinstance(record, Record)
    return known(describe(record.fields, record.text, dates=record.dates, today=TODAY))


@pytest.mark.parametrize(
    "top",
    [
        "Norrhaven buys boats\n2 May 2024\n\n",
        "Norrhaven buys boats\n\nThursday, 2 May 2024\n\n",
        "2 May 2024\n\nNorrhaven buys boats\n\n",
        "Norrhaven buys boats\n\nBy Ines Falk\nNorrhaven, May 2, 2024\n\n",
        "Norrhaven buys boats\n\nPublished on 2 May 2024\nUpdated on 9 May 2024\n\n",
        "Norrhaven kauft Boote\n\nVeröffentlicht am 2. Mai 2024\n\n",
        "Norrhaven kauft Boote\n\n02.05.2024\n\n",
    ],
)
def test_a_line_at_the_top_of_a_document(top: str, tmp_path: Path) -> None:
    assert document(tmp_path, top + BODY) == ("2024-05-02", "inferred")


@pytest.mark.parametrize(
    "text",
    [
        "The year 2024\n\n2 May 2024\n\nBoats were bought.\n\n9 May 2024\n\nThey came.\n\n3 June 2024\n\nOne sank.",
        "Election of 2 May 2024 in Norrhaven\n\n" + BODY,
        "Norrhaven buys boats\n\nThe council met on 2 May 2024.\n\n" + BODY,
        "Norrhaven buys boats\n\n2 May 2024\n\n3 May 2024\n\n" + BODY,
        "Norrhaven buys boats\n\n4/7/2024\n\n" + BODY,
        "Norrhaven buys boats\n\n" + f"{BODY}\n\n" * 9 + "2 May 2024\n",
    ],
)
def test_other_lines_of_a_document(text: str, tmp_path: Path) -> None:
    assert document(tmp_path, text) == (None, "unknown")
