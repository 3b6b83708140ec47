"""Reads feeds (RSS, Atom, JSON Feed): an entry with a text of its own is an article, any other names a page."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from qa.errors import ReadError
from qa.ingest.read.record import Failure, Link, Record, Source
from qa.ingest.read.stream import MEGABYTE, contents

if TYPE_CHECKING:
    from lxml.html import HtmlElement

JSON_FEED = b"jsonfeed.org/version/"
"""What stands near the beginning of a JSON Feed."""
_LARGEST = 10 * MEGABYTE
_REMEDY = "give the addresses of its pages"
_ENOUGH = 150
"""Words from which on a text is the article, not what is said to make one click."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the kinds of feeds have in common; texts are plain."""

    id: str = ""
    link: str = ""
    """As it is written: it may be relative."""
    title: str = ""
    outlet: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    updated: str = ""
    """Only where it may stand in for the day of publication."""
    text: str = ""
    """The longest there is."""
    summary: str = ""


def read_feed(source: Source) -> Iterator[Record | Link | Failure]:
    """The entries of a feed, in its order. Raises ReadError for what is not a feed."""
    data = contents(source, _LARGEST, _REMEDY)
    base, entries = _json_feed(data) if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else _xml_feed(data)
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        found = _read_entry(source, entry, base, seen)
        yield found or Failure(
            f"{source.name}, entry {number}", "it breaks off, or has neither a text nor a link to a page"
        )


def _read_entry(source: Source, entry: _Entry, base: str, seen: set[str]) -> Record | Link | None:
    """The article or the link that an entry is; `seen` holds the keys of those before, which no other may have."""
    url = _absolute(source.url or base, entry.link)
    fields: dict[str, Any] = {"title": entry.title, "url": url, "date": entry.published, "outlet": entry.outlet}
    fields = {name: value for name, value in fields.items() if value}
    if entry.authors:
        fields["authors"] = list(entry.authors)
    if url and len(entry.text.split()) < _ENOUGH:
        home = _site(base) or _site(source.url or "")
        return Link(url, fields, entry.summary or entry.text, is_elsewhere=bool(home) and _site(url) != home)
    if not entry.text:
        return None
    key = entry.id or url or entry.title
    if not key or key in seen:
        key = hashlib.sha256(entry.text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    seen.add(key)
    return Record(source, entry.text, fields, (("meta", entry.updated),) if entry.updated else (), key)


def _site(url: str) -> str:
    """The host of an address, without "www."; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _absolute(base: str, link: str) -> str:
    """The address that a link of a feed leads to; empty where that is none of a page."""
    try:
        url = urljoin(base, link.strip()) if link else ""
    except ValueError:
        return ""
    return url if url.lower().startswith(("http://", "https://")) else ""


# --- the kinds of feeds ----------------------------------------------------------------------------------------------


def _xml_feed(data: bytes) -> tuple[str, list[_Entry]]:
    """The address of the site and the entries of an RSS or Atom feed, even where its XML is broken."""
    import feedparser

    # A stream is never taken for an address to read or for the name of a file. Its HTML is made plain below.
    stream = io.BytesIO(_ENTITY.sub(b"", data))
    try:
        parsed = feedparser.parse(stream, resolve_relative_uris=False, sanitize_html=False)
    except Exception as error:  # Whatever it stumbles over in broken XML: it has no error of its own.
        raise ReadError(f"the feed is too damaged to be read ({type(error).__name__}); {_REMEDY}") from None
    version = str(parsed.get("version") or "")
    if not version and not parsed.entries:
        raise ReadError(f"not a feed: neither RSS nor Atom nor JSON Feed{_NO_FEED}")
    if not parsed.entries:
        raise ReadError("the feed has no entries")
    entries = [_xml_entry(entry, parsed.feed, version) for entry in parsed.entries]
    if parsed.bozo and not _CLOSED.search(data[-1000:].replace(b"\0", b"")):
        entries[-1] = _Entry()  # The feed breaks off in it.
    return str(parsed.feed.get("link", "")), entries


_NO_FEED = "; of a web page give the address of the page itself"
_ENTITY = re.compile(rb"<!ENTITY[^>]*>", re.IGNORECASE)  # No feed needs its own; they serve to blow a small one up.
_CLOSED = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)


def _xml_entry(entry: Mapping[str, Any], feed: Mapping[str, Any], version: str) -> _Entry:
    link = str(entry.get("link", ""))
    if entry.get("guidislink") and not _absolute("", link):
        link = ""  # An id that is taken for an address because it does not say that it is none.
    summary = _detail(entry.get("summary_detail"))
    # Every entry of Atom and RSS 1.0 has this date, many no other; in other feeds it is that of a change.
    stands_in = "updated" in entry and "published" not in entry and version.startswith(("atom", "rss10", "rss090"))
    return _Entry(
        id=str(entry.get("id", "")).strip(),
        link=link,
        title=_line(entry.get("title")),
        outlet=_line(_part(entry.get("source"), "title") or entry.get("publisher") or _part(feed, "title"))
        or _line(_part(feed, "publisher")),
        authors=_names(entry.get("authors")),
        published=_line(entry.get("published")),
        updated=_line(entry["updated"]) if stands_in else "",
        text=max([*map(_detail, entry.get("content", [])), summary], key=len),
        summary=summary,
    )


def _detail(content: Any) -> str:
    """The text of a construct whose type says whether it is HTML."""
    value = _part(content, "value")
    return value.strip() if _part(content, "type") == "text/plain" else plain_text(value)


def _json_feed(data: bytes) -> tuple[str, list[_Entry]]:
    """The address of the site and the items of a JSON Feed (https://www.jsonfeed.org/version/1.1/)."""
    try:
        feed = json.loads(data)
    except (ValueError, RecursionError):
        feed = None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in _part(feed, "version"):
        raise ReadError(f"not a feed: JSON, but no JSON Feed{_NO_FEED}")
    if not items:
        raise ReadError("the feed has no entries")
    return _part(feed, "home_page_url"), [_json_entry(item, feed) for item in items]


def _json_entry(item: Any, feed: Mapping[str, Any]) -> _Entry:
    authors = [value for value in (_value(item, "authors"), _value(feed, "authors")) if isinstance(value, list)]
    return _Entry(
        id=str(_value(item, "id") or "").strip(),
        link=_part(item, "url") or _part(item, "external_url"),
        title=_line(_part(item, "title")),
        outlet=_line(_part(feed, "title")),
        authors=_names(authors[0] if authors else [_value(item, "author")]),
        published=_line(_part(item, "date_published")),
        text=max(plain_text(_part(item, "content_html")), _part(item, "content_text").strip(), key=len),
        summary=_part(item, "summary"),
    )


def _names(people: Any) -> tuple[str, ...]:
    return tuple(name for person in people or () if (name := _line(_part(person, "name"))))


def _part(values: Any, name: str) -> str:
    """The text that stands in a mapping under a name; empty where there is no such thing."""
    value = _value(values, name)
    return value if isinstance(value, str) else ""


def _value(values: Any, name: str) -> Any:
    return values.get(name) if isinstance(values, Mapping) else None


# --- HTML ------------------------------------------------------------------------------------------------------------

_BLOCKS = frozenset(
    """address article aside blockquote caption center dd details div dl dt fieldset figcaption figure footer form h1 h2
    h3 h4 h5 h6 header hr li main nav ol p pre section summary table td th tr ul""".split()
)
# What a document cannot hold, written out or by its number.
_UNFIT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|&#(?:0*(?:[0-8]|1[1245-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[\da-f]));",
    re.I,
)
_NO_TEXT = ("script", "style", "template", "noscript", "iframe", "object", "svg", "head")


def plain_text(markup: str) -> str:
    """The text of a piece of HTML, its paragraphs separated by an empty line; of plain text, with its own lines."""
    markup = _UNFIT.sub("", markup)
    if "<" not in markup:
        return html.unescape(markup).strip()
    from lxml import etree
    from lxml.html import HTMLParser, fragment_fromstring

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root: HtmlElement = fragment_fromstring(markup.encode("utf-8", "replace"), create_parent="div", parser=parser)
    etree.strip_elements(root, *_NO_TEXT, with_tail=False)
    for element in root.iter():
        element.text, element.tail = _SPACE.sub(" ", element.text or ""), _SPACE.sub(" ", element.tail or "")
        if element.tag in _BLOCKS:
            element.text, element.tail = "\n\n" + element.text, "\n\n" + element.tail
        elif element.tag == "br":
            element.tail = "\n" + element.tail
    lines = (line.strip() for line in str(root.text_content()).split("\n"))
    return _GAP.sub("\n\n", "\n".join(lines)).strip()


_SPACE = re.compile(r"\s+")
_GAP = re.compile(r"\n{2,}")


def _line(value: Any) -> str:
    """A short text in one line and without HTML; empty for what is no text."""
    return " ".join(plain_text(str(value)).split()) if isinstance(value, str | int) else ""
