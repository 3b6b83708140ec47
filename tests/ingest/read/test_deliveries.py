"""Deliveries of press archives, in the layouts of their exports: every article has its own title, outlet and day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

import pytest
from reading import HELVETICA, TEXT, docx, odt, pdf, rtf

from qa.ingest.read import Record, read_file
from qa.ingest.read.deliveries import delivered

Write = Callable[[str, str | bytes], Path]
OUTLETS = ("The Lantern News (Larn)", "Fjord Post", "Harbour Gazette", "Le Quotidien de Nes")


@dataclass(frozen=True)
class Story:
    """An article of a delivery."""

    title: str
    outlet: str
    day: dt.date
    author: str
    paragraphs: tuple[str, ...]


def stories(count: int) -> list[Story]:
    return [
        Story(
            f"Council of Nes votes on road number {n}: what it will cost",
            OUTLETS[n % len(OUTLETS)],
            dt.date(2019, 1, 3) + dt.timedelta(days=9 * n),
            "Ines Falk" if n % 3 else "",
            (
                f"NES — The council met for the {n}th time on Monday to vote on the road over the pass.",
                f"It will cost {n + 2} million crowns, the mayor said. Length: nobody knows.",
                "Body and soul of the plan is a tunnel.",
            ),
        )
        for n in range(count)
    ]


def written(day: dt.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def nexis(story: Story) -> list[str]:
    byline = [f"Byline: {story.author}"] * bool(story.author)
    head = [
        story.title,
        story.outlet,
        f"{written(story.day)} {story.day:%A}",
        f"Copyright {story.day.year} {story.outlet}",
    ]
    labels = ["Section: NEWS; Pg. 7", "Length: 212 words", *byline, "Dateline: NES"]
    below = ["Graphic", "Photo: the road", "Classification", "Language: ENGLISH", "Subject: ROADS (90%)"]
    tail = [f"Load-Date: {written(story.day + dt.timedelta(days=1))}", "End of Document"]
    return [*head, *labels, "Body", *story.paragraphs, *below[2 * (len(story.author) % 2) :], *tail]


def old_nexis(story: Story) -> list[str]:
    byline = [f"BYLINE: {story.author}"] * bool(story.author)
    head = [
        "          3 of 200 DOCUMENTS",
        story.outlet,
        f"{written(story.day)} {story.day:%A}",
        "Late Edition - Final",
        story.title,
    ]
    labels = ["SECTION: NEWS; Pg. 7", "LENGTH: 1,212 words", "DATELINE: NES, Jan. 5"]
    tail = ["SUBJECT: ROADS (90%)", f"LOAD-DATE: {written(story.day)}", "LANGUAGE: ENGLISH"]
    return [*head, *byline, *labels, *story.paragraphs, *tail]


def factiva(story: Story) -> list[str]:
    byline = [f"By {story.author}"] * bool(story.author)
    head = ["News", story.title, *byline, "212 words", f"{story.day.day} {story.day:%B} {story.day.year}", "05:00 GMT"]
    rights = [story.outlet, "LANT", "7", "English", f"© {story.day.year} {story.outlet}. All rights reserved."]
    return [*head, *rights, *story.paragraphs, number_of(story)]


def number_of(story: Story) -> str:
    return f"Document LANT0000{story.day:%Y%m%d}ef1{story.day.toordinal():06}"


def factiva_with_codes(story: Story) -> list[str]:
    head = ["SE", "News", "HD", story.title, *(["BY", f"By {story.author}"] * bool(story.author)), "WC", "212 words"]
    day = ["PD", f"{story.day.day} {story.day:%B} {story.day.year}", "SN", story.outlet, "SC", "LANT", "LA", "English"]
    text = ["CY", f"(c) {story.day.year} Lantern", "LP", story.paragraphs[0], "TD", *story.paragraphs[1:]]
    return [*head, *day, *text, "NS", "gpol : Domestic Politics", "AN", number_of(story)]


def proquest(story: Story) -> list[str]:
    fields = [
        f"Title: {story.title}",
        f"Publication title: {story.outlet}",
        f"Publication date: {story.day:%b} {story.day.day}, {story.day.year}",
        *([f"Author: {story.author}"] * bool(story.author)),
        f"Full text: {story.paragraphs[0]}",
        *story.paragraphs[1:],
        "Subject: Roads; Councils",
        "ProQuest document ID: 2012345678",
    ]
    return ["____________________________________________________________", *fields]


def proquest_with_headings(story: Story) -> list[str]:
    head = ["_" * 60, story.title, *([f"Author: {story.author}"] * bool(story.author)), "ProQuest document link"]
    day = f"{story.day:%b} {story.day.day}, {story.day.year}"
    details = ["Subject: Roads", f"Publication title: {story.outlet}", f"Publication date: {day}", "Section: A"]
    text = ["ABSTRACT (ENGLISH)", "What was said.", "FULL TEXT", *story.paragraphs]
    return [*head, *text, "DETAILS", *details, "ProQuest document ID: 2012345678"]


def europresse(story: Story) -> list[str]:
    head = [f"{story.outlet}, no. 1234", f"Société, {in_french(story.day)}, p. 7"]
    rights = [f"© {story.day.year} {story.outlet}. Tous droits réservés.", "Certificat émis le 3 mars 2024 à Nes"]
    author = [story.author] * bool(story.author)
    return [*head, story.title, *author, *story.paragraphs, *rights, f"news·{story.day:%Y%m%d}·LN·1"]


def in_french(day: dt.date) -> str:
    return f"{day.day} {FRENCH[day.month - 1]} {day.year}"


FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
LAYOUTS = (nexis, old_nexis, factiva, factiva_with_codes, proquest, proquest_with_headings, europresse)
COVER = ["User Name: Somebody", "Date and Time: Tuesday, 5 March 2024", "Job Number: 123", "Documents (12)"]


def as_text(lines: list[str]) -> tuple[str, bytes]:
    return ".txt", "\n\n".join(lines).encode()


def as_docx(lines: list[str]) -> tuple[str, bytes]:
    return ".docx", docx(*lines)


def as_rtf(lines: list[str]) -> tuple[str, bytes]:
    return ".rtf", rtf(*(line.replace("—", "\\u8212?").replace("©", "\\'a9") for line in lines))


def as_odt(lines: list[str]) -> tuple[str, bytes]:
    return ".odt", odt(*(f"<text:p>{line}</text:p>" for line in lines))


def as_html(lines: list[str]) -> tuple[str, bytes]:
    return ".html", f"<html><body>{''.join(f'<p><b>{line}</b></p>' for line in lines)}</body></html>".encode()


def as_pdf(lines: list[str]) -> tuple[str, bytes]:
    rows = [row for line in lines for row in wrap(line.replace("—", "\x97"), 90)]
    pages = ["\n".join(rows[at : at + 50]) for at in range(0, len(rows), 50)]
    return ".pdf", pdf(*pages, font=f"{HELVETICA} /Encoding /WinAnsiEncoding")


@pytest.mark.parametrize("form", [as_text, as_docx, as_rtf, as_odt, as_html, as_pdf])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_article_of_a_delivery_is_an_article(
    layout: Callable[[Story], list[str]], form: Callable[[list[str]], tuple[str, bytes]], write: Write
) -> None:
    told = stories(12)
    suffix, content = form([*COVER, *(line for story in told for line in layout(story))])
    found = list(records(write(f"a{suffix}", content)))
    assert [one.fields["title"] for one in found] == [story.title for story in told]
    assert [one.fields["outlet"] for one in found] == [story.outlet for story in told]
    assert [one.fields["date"] for one in found] == [story.day.isoformat() for story in told]
    assert [one.fields.get("authors", [""])[0] for one in found] == [story.author for story in told]
    between = " " if form is as_pdf else "\n\n"  # lines of a page that are nearly full go on
    assert [one.text.replace("\n\n", between) for one in found] == [between.join(story.paragraphs) for story in told]
    assert len({one.key for one in found}) == len(told)


def records(path: Path) -> Iterator[Record]:
    for item in read_file(path):
        assert isinstance(item, Record), item
        yield item


@pytest.mark.parametrize("layout", [nexis, old_nexis, factiva, proquest])
def test_a_title_goes_over_several_lines_of_a_page(layout: Callable[[Story], list[str]]) -> None:
    [one] = stories(1)
    title, *rest = wrap(long := "Council of Nes votes on the road over the pass and on what it will cost the town", 48)
    rows = [line.replace(one.title, "\n".join([title, *rest])) for line in [*COVER, *layout(one)]]
    [found] = delivered("\n".join(rows), is_wrapped=True)
    assert (found.title, found.outlet, found.day) == (long, one.outlet, one.day.isoformat())


def page(story: Story) -> str:
    """An article as Europresse has it on a page."""
    day = f"Société, {in_french(story.day)} 212 mots, p. 7"
    name = f'<span class="DocPublicationName">{story.outlet}, no. 12<span>Autre</span></span>'
    number = f"news·{story.day:%Y%m%d}·LN·1"
    author = f'<p class="sm-margin-bottomNews">Par {story.author}</p>' if story.author else ""
    return f"""<article><header><div>{name}</div><span class="DocHeader">{day}</span><div class="titreArticle">
        <p class="sm-margin-TopNews titreArticleVisu rdp__articletitle">{story.title}</p></div>{author}</header>
        <section><div class="DocText clearfix"><div>{"".join(f"<p>{line}</p>" for line in story.paragraphs)}</div></div>
        </section><aside><div>© {story.outlet}. Tous droits réservés.</div></aside>
        <footer><div class="publiC-lblNodoc">{number}</div></footer></article>"""


def test_a_page_of_europresse_is_taken_apart(write: Write) -> None:
    told = stories(4)
    broken = '<article><header><span class="DocPublicationName">Fjord Post</span></header></article>'
    found = list(records(write("a.html", f"<html><body>{''.join(map(page, told))}{broken}</body></html>")))
    assert [one.fields["title"] for one in found] == [story.title for story in told]
    assert [one.fields["outlet"] for one in found] == [story.outlet for story in told]
    assert [one.fields["date"] for one in found] == [story.day.isoformat() for story in told]
    assert [one.fields.get("authors", [""])[0] for one in found] == [story.author for story in told]
    assert [one.text for one in found] == ["\n\n".join(story.paragraphs) for story in told]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"{TEXT}\n\nEnd of Document\n\n{TEXT}",
        f"One\n\n{'_' * 40}\n\nTwo: three\n\nFour",
        "A list of what was found:\n\n1 of 3 DOCUMENTS\n\n2 of 3 DOCUMENTS",
        f"The council met.\n\nDocument ABCDEFGHIJ1234567890\n\n{TEXT}",
    ],
)
def test_what_only_looks_like_a_delivery_stays_whole(text: str, write: Write) -> None:
    [found] = records(write("a.txt", text))
    assert found.text == text and found.key == ""


@pytest.mark.parametrize("title", ["Body found in the lake", "Section 4 is left out", "New edition of the atlas"])
def test_a_title_may_begin_with_a_word_of_the_archive(title: str) -> None:
    [one] = stories(1)
    told = Story(title, one.outlet, one.day, one.author, ("NEW DELHI: The council met.", "URL and all."))
    for layout in (nexis, old_nexis):
        [found] = delivered("\n".join(layout(told)))
        assert (found.title, found.text) == (title, "\n".join(told.paragraphs))


def test_a_long_list_of_contents_is_above_the_first_article() -> None:
    told = stories(40)
    contents = [line for story in told for line in (f"{story.title}", "Client/Matter: -None-", "Search Terms: road")]
    found = delivered("\n".join([*COVER, *contents, *(line for story in told for line in nexis(story))]))
    assert [one.title for one in found] == [story.title for story in told]


def test_two_articles_of_one_name_and_day_have_keys_of_their_own(write: Write) -> None:
    one, two = stories(2)
    same = Story(one.title, one.outlet, one.day, one.author, two.paragraphs)
    lines = [*nexis(one), *nexis(same)]
    assert len({found.key for found in records(write("a.txt", "\n".join(lines)))}) == 2
