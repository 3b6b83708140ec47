"""What a web page says of its article beside the text: JSON-LD, meta elements, <time>, <title>."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from qa.ingest.read.dates import ReadPage, find_page_dates
from qa.types import DateSource

_AUTHOR_NAMES = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "byl",
    "dc.creator",
    "dcterms.creator",
)
_SITE_NAMES = ("og:site_name", "application-name", "dc.publisher")
_ARTICLE_TYPES = re.compile(r"\w*Article|BlogPosting|LiveBlogPosting|Report|Review|SocialMediaPosting")
_TAIL = re.compile(r"\s+(?:[|–—·•:]+|::|-|»|/)\s+(?=[^|–—·•]+\Z)")  # " | Outlet"
_POINTED = re.compile(r"\s+»\s+")
_ELSEWHERE = "ancestor::aside or ancestor::nav or ancestor::footer"
_LONGEST_SCRIPT, _LONGEST = 5_000_000, 2000


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of its article."""

    fields: Mapping[str, Any]
    dates: tuple[tuple[DateSource, str], ...]
    """When it was published, as written, the most trusted first."""
    updated: tuple[str, ...]
    """When it was changed, likewise."""
    body: str
    """The text that JSON-LD holds of it; empty where it holds none."""


def read_metadata(page: HtmlElement, url: str | None) -> Metadata:
    """What the page, that was fetched from `url` where it was, says of its article."""
    things = [thing for script in _scripts(page) for thing in _things(script)]
    article = _json_ld(things)
    metas = _metas(page)
    address = _address(page, metas, url)
    outlet = _name(article.get("publisher")) or _first(metas, _SITE_NAMES)
    fields = {
        "title": _headline(article, page, metas) or _without_tail(_title(page, metas), outlet),
        "outlet": outlet,
        "authors": _names(article.get("author")) or _authors(page, metas),
        "url": address,
        "language": _language(page, metas, article),
    }
    dates = find_page_dates(ReadPage(page, address, metas, article, things))
    known = {name: value for name, value in fields.items() if value}
    return Metadata(known, dates.published, dates.updated, _body(article))


# --- JSON-LD ---------------------------------------------------------------------------------------------------------


def _json_ld(things: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The article that the page describes in JSON-LD, what it refers to put in its place; empty where there is none."""
    articles = [thing for thing in things if _is_article(thing)]
    if not articles:
        return {}
    # A page may describe a teaser of another article too, but hardly at as much length.
    article = max(articles, key=lambda thing: sum(name in thing for name in ("headline", "datePublished", "author")))
    known = {thing["@id"]: thing for thing in things if isinstance(thing.get("@id"), str)}
    return {name: _resolved(value, known) for name, value in article.items()}


def _scripts(page: HtmlElement) -> Iterator[Any]:
    for script in page.iter("script"):
        text = (script.text or "").strip()
        if "ld+json" not in (script.get("type") or "").lower() or len(text) > _LONGEST_SCRIPT:
            continue
        try:
            # Not strict: line breaks inside of values are common.
            yield json.loads(_WRAPPING.sub("", text), strict=False)
        except (ValueError, RecursionError):
            continue


_WRAPPING = re.compile(r"\A\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>|;)\s*\Z")


def _things(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The things of a script: of a list, of a @graph, and what a page is said to be about. Not of lists of links."""
    if depth > 4:
        return
    if isinstance(value, list):
        for item in value[:1000]:
            yield from _things(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _things(value.get(name), depth + 1)


def _is_article(thing: Mapping[str, Any]) -> bool:
    kinds = thing.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _ARTICLE_TYPES.fullmatch(kind.rpartition("/")[2]) for kind in kinds)


def _resolved(value: Any, known: Mapping[str, Any]) -> Any:
    """What a reference {"@id": ...} refers to."""
    if isinstance(value, list):
        return [_resolved(item, known) for item in value[:100]]
    if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
        return known.get(value["@id"], value)
    return value


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value")
    return _line(html.unescape(value[:_LONGEST])) if isinstance(value, str) else ""


def _line(text: str | None) -> str:
    return " ".join((text or "")[:_LONGEST].split())


def _name(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    return _text(value.get("name") if isinstance(value, dict) else value)


def _names(value: Any) -> list[str]:
    names = [_name(item) for item in (value if isinstance(value, list) else [value])]
    return list(dict.fromkeys(name for name in names if name and not _is_address(name)))


def _body(article: Mapping[str, Any]) -> str:
    body = article.get("articleBody")
    if not isinstance(body, str):
        return ""
    paragraphs = _TAG.sub("", _BREAK.sub("\n", html.unescape(body))).splitlines()
    return "\n\n".join(paragraph.strip() for paragraph in paragraphs if paragraph.strip())


_BREAK = re.compile(r"</?(?:p|div|br|h\d|li|ul|ol|blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


# --- elements --------------------------------------------------------------------------------------------------------


def _metas(page: HtmlElement) -> dict[str, list[str]]:
    """The contents of the meta elements by their names in lower case, in order."""
    found: dict[str, list[str]] = {}
    for meta in page.iter("meta"):
        value = _line(meta.get("content"))
        for name in {(meta.get(kind) or "").strip().lower() for kind in ("property", "name", "itemprop")} - {""}:
            if value:
                found.setdefault(name, []).append(value)
    return found


def _first(metas: Mapping[str, list[str]], names: tuple[str, ...]) -> str:
    return next((metas[name][0] for name in names if name in metas), "")


def _title(page: HtmlElement, metas: Mapping[str, list[str]]) -> str:
    written = page.findtext(".//title") or page.findtext(".//h1")
    return _first(metas, ("og:title", "twitter:title")) or _line(written)


def _headline(article: Mapping[str, Any], page: HtmlElement, metas: Mapping[str, list[str]]) -> str:
    """The headline that JSON-LD gives; its name where the page shows that one as its title, and not the other."""
    headline, name = _text(article.get("headline")), _text(article.get("name"))
    shown = " ".join([_title(page, metas), _line(page.findtext(".//title")), _line(page.findtext(".//h1"))])
    return name if name and name in shown and headline not in shown else headline


def _without_tail(title: str, outlet: str) -> str:
    """The title without " | Outlet"."""
    tail = _TAIL.search(title)
    if tail and outlet and _letters(title[tail.end() :]) == _letters(outlet):
        return title[: tail.start()]
    return _POINTED.sub(" – ", title)  # between words it is a sign between title and outlet, no quotation mark


def _letters(name: str) -> str:
    return re.sub(r"\W|\.com\b|^the\b", "", name.casefold())


def _authors(page: HtmlElement, metas: Mapping[str, list[str]]) -> list[str]:
    for name in _AUTHOR_NAMES:
        authors = [author for author in metas.get(name, []) if not _is_address(author)]
        if authors:
            return list(dict.fromkeys(authors))
    linked = page.xpath(f'//*[@itemprop="author" or @rel="author"][not({_ELSEWHERE})]')
    names = (_line(element.text_content()) for element in linked[:20])
    return list(dict.fromkeys(name for name in names if 0 < len(name) <= 80))


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://", "/", "@", "www."))


def _address(page: HtmlElement, metas: Mapping[str, list[str]], url: str | None) -> str | None:
    """The address that the page gives as its own. A fetched page is not believed to be one of another site."""
    canonical = page.xpath('//link[translate(@rel, "CANONIL", "canonil")="canonical"]/@href')
    for given in [*canonical, *metas.get("og:url", [])]:
        try:
            address = urljoin(url or "", str(given).strip())
            parts = urlsplit(address)
            if parts.scheme in ("http", "https") and _same_site(address, url) and not (_is_front(address) and url):
                return address
        except ValueError:
            continue
    return url


def _same_site(address: str, url: str | None) -> bool:
    one, other = (re.sub(r"^(?:www|m|amp|mobile)\.", "", urlsplit(a).hostname or "") for a in (address, url or address))
    return bool(one) and one == other


def _is_front(address: str) -> bool:
    return urlsplit(address).path in ("", "/") and not urlsplit(address).query


def _language(page: HtmlElement, metas: Mapping[str, list[str]], article: Mapping[str, Any]) -> str:
    root = page.get("lang") or page.get("{http://www.w3.org/XML/1998/namespace}lang") or page.get("xml:lang")
    said = root or _first(metas, ("og:locale", "content-language", "dc.language")) or _text(article.get("inLanguage"))
    found = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", (said or "").strip())
    return found[0].lower() if found else ""
