"""Takes a delivery that is a web page apart: the articles that an archive of the press put into one HTML file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

from qa.ingest.read.deliveries import MARKS, DeliveredArticle, bare_outlet, day_within, delivered

_EUROPRESSE = "DocPublicationName"
_BY = re.compile(r"(?:par|by)\s+", re.IGNORECASE)
_LONGEST_NAME = 80
_DOCUMENT = re.compile(r"[·.](\d{4})(\d{2})(\d{2})[·.]")
_WITHIN = frozenset("a abbr b bdi cite code em font i mark q s small span strong sub sup time u wbr".split())
_UNSEEN = frozenset("head script style template noscript".split())
_SPACES = re.compile(r"\s+")
_BLOCKS = "self::p or self::h1 or self::h2 or self::h3 or self::h4 or self::li or self::blockquote"


def delivered_in(page: HtmlElement, text: str) -> list[DeliveredArticle]:
    """The articles of a page, whose HTML is `text`; none where it is no delivery."""
    if _EUROPRESSE in text:
        return list(_europresse(page))
    return delivered(_lines(page)) if MARKS.search(text) else []


def _lines(page: HtmlElement) -> str:
    """The words of a page, each block of them as a paragraph."""
    pieces: list[str] = []
    walk = etree.iterwalk(page, events=("start", "end"))
    for event, element in walk:
        if event == "start" and (not isinstance(element.tag, str) or element.tag in _UNSEEN):
            walk.skip_subtree()
            continue
        pieces.append("" if element.tag in _WITHIN else "\n")
        pieces.append(_SPACES.sub(" ", (element.text if event == "start" else element.tail) or ""))
    return re.sub(r"\s*\n\s*", "\n\n", "".join(pieces)).strip()


# --- Europresse ------------------------------------------------------------------------------------------------------


def _europresse(page: HtmlElement) -> Iterator[DeliveredArticle]:
    """Each `article` of the page that has an outlet, a title and a text."""
    for article in page.iter("article"):
        outlet = next((line for one in _of_class(article, _EUROPRESSE) for line in _words(one)), "")
        title = next(iter([*_texts(article, "rdp__articletitle"), *_texts(article, "titreArticle")]), "")
        text = "\n\n".join([*_texts(article, "rdp__subtitle")[:1], *_paragraphs(article)])
        if not (outlet and title and text):
            continue
        number = _DOCUMENT.search(" ".join(_texts(article, "publiC-lblNodoc")))
        day = day_within(" ".join(_texts(article, "DocHeader"))) or ("-".join(number.groups()) if number else "")
        yield DeliveredArticle(title, bare_outlet(outlet), day, text, _authors(article))


def _authors(article: HtmlElement) -> tuple[str, ...]:
    """Who wrote it, where a line of the head is short enough to say so."""
    named = [*_texts(article, "docAuthors")[:1], *_texts(article, "sm-margin-bottomNews")[-1:]]
    line = _BY.sub("", named[0], count=1) if named else ""
    return tuple(filter(None, map(str.strip, line.split(";")))) if len(line) <= _LONGEST_NAME else ()


def _paragraphs(article: HtmlElement) -> list[str]:
    bodies = [*_of_class(article, "docOcurrContainer"), *_of_class(article, "DocText")]
    blocks = bodies[0].xpath(f".//*[{_BLOCKS}][not(ancestor::aside)]") if bodies else []
    return [text for block in blocks or bodies[:1] if (text := _text(block))]


def _of_class(article: HtmlElement, name: str) -> list[HtmlElement]:
    return list(article.xpath('.//*[contains(concat(" ", normalize-space(@class), " "), $name)]', name=f" {name} "))


def _texts(article: HtmlElement, name: str) -> list[str]:
    return [text for element in _of_class(article, name) if (text := _text(element))]


def _words(element: HtmlElement) -> list[str]:
    return [line for text in element.itertext() if (line := " ".join(text.split()))]


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())
