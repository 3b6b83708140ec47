"""Finds the days on which a web page says that it was published and changed: a source is a function and a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from qa.language.days import Day, day_first_in, find_days, number_order, read_day
from qa.types import DateSource

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MOST_NODES, _MOST_PIECES = 20_000, 300
_LARGEST_SEARCHED = 150_000  # characters of text that htmldate goes through, which takes 30 ms for them


@dataclass(frozen=True, slots=True)
class PageDates:
    """What a page says of its days, as written, the most trusted first."""

    published: tuple[tuple[DateSource, str], ...] = ()
    updated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page with what was read of it already."""

    tree: HtmlElement
    url: str | None
    metas: Mapping[str, Sequence[str]]
    """Contents of the meta elements by their names in lower case."""
    article: Mapping[str, Any]
    """The article that JSON-LD describes; empty where it describes none."""
    things: Sequence[Mapping[str, Any]]
    """Everything that JSON-LD describes."""
    stamps: Sequence[PageDate] = ()
    """The dates that a reader sees on the page, in order."""
    length: int = 0
    """Characters of its text."""


class PageDate(NamedTuple):
    """A date on the page, and what speaks for its being the article's own."""

    day: Day
    score: int
    is_change: bool
    """Whether it says when the article was changed."""


def find_page_dates(page: ReadPage) -> PageDates:
    """The days that a page names. What is seen on it counts only where its markup names no day of publication."""
    texts = _texts(page.tree)
    day_first = _day_first(page, texts)
    page = replace(page, stamps=tuple(_stamps(page.tree, texts, day_first)), length=sum(len(text) for _, text in texts))
    published: dict[tuple[DateSource, str], None] = {}
    is_known = False
    for source, find in SOURCES:
        if is_known and source == "page":
            break
        for value in _decided(find(page), day_first):
            published[source, value] = None
            is_known = is_known or ((day := read_day(value)) is not None and day.precision == "day")
    changes = (value for find in _CHANGES for value in _decided(find(page), day_first))
    return PageDates(tuple(published), tuple(dict.fromkeys(changes)))


def _decided(values: Iterable[str], day_first: bool | None) -> Iterator[str]:
    """The values as written, 3/4/2024 in ISO form; left out where nobody can tell which number is the day."""
    for value in values:
        if read_day(value) or not read_day(value, day_first=True):
            yield value
        elif day_first is not None and (day := read_day(value, day_first=day_first)):
            yield day.date.isoformat()


# --- what the head and the markup say --------------------------------------------------------------------------------

_META_NAMES = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "dcterms.date",
    "datepublished",
    "publish-date",
    "publish_date",
    "publication_date",
    "pubdate",
    "article_date_original",
    "cxenseparse:recs:publishtime",
    "date",
)
_CREATED_NAMES = ("dcterms.created", "dc.date.created", "created", "datecreated", "date_created", "timestamp")
# Those that a tool put its own name before: shareaholic:article_published_time, sw-pubdate, DC:date.
_PREFIXED = re.compile(
    r"""(?:.*[^a-z])? (?: (?:article)?[-_.]?publi(?:sh(?:ed)?|cation)[-_.:]?(?:date|time|at) | pub[-_.]?(?:date|time)
      | date[-_.:]?(?:published|issued|posted|publication) | first[-_.]?published | originalpublicationdate
      | citation_(?:online_)?date | release_date | (?:dc|dcterms)[-_:.](?:date|issued) | display_?date
      | post[-_]?date | articledate ) (?:_timestamp)?""",
    re.VERBOSE,
)
_CHANGE_NAMES = re.compile(
    r"(?:.*[^a-z])?(?:date)?(?:last)?[-_.:]?(?:modified|updated|revised|modification)(?:[-_.:]?(?:date|time|at))?"
)
_CHANGED = re.compile(r"updat|modif|edited|refresh|revis", re.IGNORECASE)
_PUBLISHED = re.compile(r"publi|entry-date|post-?date|posted|created", re.IGNORECASE)


def _of_article(page: ReadPage) -> Iterator[str]:
    yield from _values_of(page.article, ("datePublished",))


def _of_metas(page: ReadPage) -> Iterator[str]:
    for name in (*_META_NAMES, *filter(_is_prefixed, page.metas)):
        yield from page.metas.get(name, ())[:1]


def _is_prefixed(name: str) -> bool:
    return len(name) < 60 and bool(_PREFIXED.fullmatch(name)) and not _CHANGED.search(name)


def _of_properties(page: ReadPage) -> Iterator[str]:
    """The first datePublished of microdata and RDFa, as a value or as text, and the first abbr.published of hAtom."""
    yield from _of_property(page, "datepublished")
    for element in page.tree.iter("abbr"):
        if "published" in (element.get("class") or "") and not _is_elsewhere(element):
            yield from _values(element)
            break


def _of_created(page: ReadPage) -> Iterator[str]:
    """When the page was made, which is seldom but not always the day of publication."""
    yield from _of_property(page, "datecreated")
    for name in _CREATED_NAMES:
        yield from page.metas.get(name, ())[:1]


def _of_property(page: ReadPage, name: str) -> Iterator[str]:
    for element in page.tree.xpath("//*[@itemprop or @property][not(self::meta)]")[:1000]:
        said = f"{element.get('itemprop') or ''} {element.get('property') or ''}".lower().replace(":", " ").split()
        if name in said and not _is_elsewhere(element):
            yield from _values(element)
            break


def _of_times(page: ReadPage) -> Iterator[str]:
    """The first <time> that is marked as the day of publication, else the first in the article."""
    times = [time for time in page.tree.iter("time") if not _is_change(time) and not _is_elsewhere(time)]
    marked = [time for time in times if time.get("pubdate") is not None]
    inside = [time for time in times if _is_in_article(time)]
    for element in (marked or inside)[:1]:
        # What is read in it comes first where it is a whole day: the attribute of some tells when the page was made.
        text = _text(element, 100)
        if value := text if find_days(text, day_first=True) else _line(element.get("datetime")):
            yield value


def _is_change(element: HtmlElement) -> bool:
    """Whether its class says that it tells of a change and of nothing else, unlike "entry-date published updated"."""
    said = " ".join((element.get("class") or "", element.get("itemprop") or ""))
    return bool(_CHANGED.search(said)) and not _PUBLISHED.search(said)


def _of_web_page(page: ReadPage) -> Iterator[str]:
    """What JSON-LD says of the page where it describes no article."""
    for thing in _web_pages(page):
        yield from _values_of(thing, ("datePublished", "dateCreated"))


def _web_pages(page: ReadPage) -> Iterator[Mapping[str, Any]]:
    for thing in page.things:
        kinds = thing.get("@type")
        if any(
            isinstance(kind, str) and kind.endswith("Page") for kind in (kinds if isinstance(kinds, list) else [kinds])
        ):
            yield thing


def _values(element: HtmlElement) -> Iterator[str]:
    for value in (element.get("datetime"), element.get("content"), element.get("title"), _text(element, 100)):
        if value and read_day(_line(value)):
            yield _line(value)
            return


def _values_of(thing: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        value = thing.get(name)
        value = value[0] if isinstance(value, list) and value else value
        value = value.get("@value") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            yield _line(value)


def _line(text: str | None) -> str:
    return " ".join((text or "")[:200].split())


# --- what stands on the page -----------------------------------------------------------------------------------------

SAYS_PUBLISHED = re.compile(
    r"""publi(?:shed|é|ée|cado|cada|cerad|cat|kov|sert)|pubblicat|posted|veröffentlich|erschien|erstellt\b|gepostet|geplaatst
      |gepubliceerd|offentlig|udgivet|julkaistu|opublikowan|publikacj|zveřejn|közzé|yayın|diterbitkan|đăng|опубликован
      |опублікован|дата\sпубл|發佈|发布|發布|发表|公開|掲載|配信|投稿|입력|등록|نشر|δημοσ|פורסם
      |\b(?:date|datum|data|fecha|stand|filed|issued|released)\b\s?:?\s?\Z""",
    re.VERBOSE | re.IGNORECASE,
)
SAYS_CHANGED = re.compile(
    r"""updated?\b|modifi|revis(?:ed|ion)|edited|aktualis|geändert|bearbeitet|mis(?:e)?\sà\sjour|actualiz|aggiornat
      |modificat|atualiz|bijgewerkt|uppdater|oppdater|opdater|päivitetty|aktualiz|обновлен|изменен|оновлен|güncel
      |diperbarui|cập\snhật|更新|수정|תאריך\sעדכון|تحديث""",
    re.VERBOSE | re.IGNORECASE,
)
_DATE_CLASS = re.compile(
    r"date|datum|fecha|\btime|time\b|publi|posted|byline|subline|submitted|meta\b|\bmeta|author|signature|info\b|entry-|postmeta|metadata",
    re.IGNORECASE,
)
_ASIDE_CLASS, _LIST_CLASS = (
    re.compile(rf"(?:^|[\s_-])(?<!with-)(?<!has-)(?<!no-)(?:{words})", re.IGNORECASE)
    for words in (
        "comment(?!ary)|repl(?:y|ies)|respond|related|recommend|(?:site|page|main|global)-?footer|copyright|disqus|cookie",
        "teaser|sidebar|widget|popular|recent|latest|trending|similar|archive|calendar|event|promo(?!ted)|newsletter|menu"
        "|navi?|navigation|breadcrumb|carousel|slider|more-|most-|list-item|listing|tweet|twitter|instagram",
    )
)
_BLOCKS = frozenset(
    """p div li td th dd dt h1 h2 h3 h4 h5 h6 header footer section article main time small address figcaption center
    blockquote body tr ul ol dl table""".split()
)
_SILENT = frozenset("script style noscript template option select textarea button".split())
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d\.\d\d?\.\d\d(?!\d)")
_BEFORE, _AFTER = 300, 600  # characters of text between a headline and the date above or below it
_LONGEST_BLOCK = 200
_SURE, _LIKELY = 5, 2


def _of_stamps(page: ReadPage) -> Iterator[str]:
    """The date near the headline, or marked or said to be the day of publication; else of the last change."""
    sure = [stamp for stamp in page.stamps if stamp.score >= _SURE]
    changes = {stamp.day for stamp in sure if stamp.is_change}
    published = [stamp for stamp in sure if stamp.day not in changes]
    if best := max(published or sure, key=lambda stamp: stamp.score, default=None):
        yield best.day.date.isoformat()


def _of_htmldate(page: ReadPage) -> Iterator[str]:
    """What htmldate finds, where the date stands on the page beyond doubt: it also guesses."""
    if page.length > _LARGEST_SEARCHED:
        return
    from htmldate import find_date

    try:
        found = find_date(
            page.tree, extensive_search=True, original_date=True, url=page.url, deferred_url_extractor=True
        )
    except Exception:
        return
    stamps = [stamp for stamp in page.stamps if stamp.day.date.isoformat() == found]
    if any(stamp.score >= _LIKELY for stamp in stamps) and not any(stamp.is_change for stamp in stamps):
        yield str(found)


def _texts(tree: HtmlElement) -> list[tuple[HtmlElement, str]]:
    """The texts that a reader sees, each with the element that it stands in, in order."""
    body = tree.find("body")
    found: list[tuple[HtmlElement, str]] = []
    for node in (body if body is not None else tree).xpath(".//text()[normalize-space()]")[:_MOST_NODES]:
        parent = node.getparent()
        owner = parent.getparent() if node.is_tail else parent
        if owner is not None and owner.tag not in _SILENT:
            found.append((owner, " ".join(node[:2000].split())))
    return found


def _stamps(tree: HtmlElement, texts: Sequence[tuple[HtmlElement, str]], day_first: bool | None) -> Iterator[PageDate]:
    """The dates that stand on the page, in order."""
    headline = _headline(tree)
    headline_at = _offset(headline, texts)
    blocks: dict[HtmlElement, str] = {}
    at, before, pieces = 0, "", 0
    for owner, text in texts:
        if pieces < _MOST_PIECES and _DIGIT.search(text):
            block = _block(owner)
            is_new = block not in blocks
            if is_new:
                blocks[block] = _text(block, _LONGEST_BLOCK + 1)
            if len(blocks[block]) > _LONGEST_BLOCK:
                piece = owner, text[:_LONGEST_BLOCK], before
            else:
                piece = block, blocks[block] if is_new else "", ""
            if _YEAR.search(piece[1]):
                pieces += 1
                yield from _stamps_of(*piece, _place(piece[0], at, headline, headline_at), day_first)
        before = f"{before} {text}"[-60:]
        at += len(text)


def _offset(headline: HtmlElement | None, texts: Sequence[tuple[HtmlElement, str]]) -> int | None:
    """Characters of text before the headline."""
    if headline is None:
        return None
    inside, at = set(headline.iter()), 0
    for owner, text in texts:
        if owner in inside:
            return at
        at += len(text)
    return None


def _block(element: HtmlElement) -> HtmlElement:
    while element.tag not in _BLOCKS and not _is_change(element) and (parent := element.getparent()) is not None:
        element = parent
    return element


def _stamps_of(owner: HtmlElement, text: str, before: str, place: int, day_first: bool | None) -> Iterator[PageDate]:
    """The dates of one piece of text, `before` being the words that stand before it."""
    if owner.tag == "time" and not find_days(text) and read_day(given := _line(owner.get("datetime"))):
        text = given
    days = find_days(text, day_first=day_first)
    others = len(text) - sum(end - start for start, end, _ in days)
    since = 0
    for start, end, day in days:
        words = text[since:start] if since else f"{before} {text[:start]}"
        since = end
        says = bool(SAYS_PUBLISHED.search(words) or (len(days) == 1 and SAYS_PUBLISHED.search(text[end : end + 60])))
        changed = _is_change(owner) or (bool(SAYS_CHANGED.search(words)) and not says)
        said = says or changed
        runs_on = others > 120 or (others > 80 and text.endswith((".", "!", "?")))
        score = place + 4 * said + 2 * (others <= 60) - 5 * (runs_on and not said)
        yield PageDate(day, score, changed)


def _place(owner: HtmlElement, at: int, headline: HtmlElement | None, headline_at: int | None) -> int:
    """What the place of a date speaks for: near the headline, named for it, and not among comments and the like."""
    offset = at - headline_at if headline_at is not None else _AFTER
    near = 3 if 0 <= offset < _AFTER else 2 if -_BEFORE < offset < 0 else 0
    is_named = owner.tag == "time" or any(_DATE_CLASS.search(_class(element)) for element in _upwards(owner, 2))
    return near + 3 * is_named - _elsewhere(owner, headline)


def _is_elsewhere(element: HtmlElement) -> bool:
    return _elsewhere(element, None) > 0


def _elsewhere(element: HtmlElement, headline: HtmlElement | None) -> int:
    """What speaks against a date in comments (12), beside the text (9), in a list (6), unless the headline is there."""
    above = set(headline.iterancestors()) if headline is not None else set()
    worst = 0
    for parent in _upwards(element, 40):
        if parent.tag in ("body", "html") or parent in above:
            break
        name = _class(parent)
        if parent.tag in ("aside", "nav") or (parent.tag == "footer" and not _is_in_article(parent)):
            worst = max(worst, 9)
        if _ASIDE_CLASS.search(name):
            return 12
        if _LIST_CLASS.search(name):
            worst = max(worst, 6)
    return worst


def _is_in_article(element: HtmlElement) -> bool:
    return any(parent.tag == "article" for parent in element.iterancestors())


def _class(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _upwards(element: HtmlElement, most: int) -> Iterator[HtmlElement]:
    parent: HtmlElement | None = element
    while parent is not None and most > 0:
        yield parent
        parent, most = parent.getparent(), most - 1


def _text(element: HtmlElement, longest: int) -> str:
    """The beginning of what is read in an element, on one line."""
    pieces: list[str] = []
    length = 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece)
        if length > 2 * longest:
            break
    return " ".join(" ".join(pieces).split())[:longest]


def _headline(tree: HtmlElement) -> HtmlElement | None:
    """The heading that has most in common with the title of the page, else the first h1."""
    title = _words(tree.findtext(".//title") or "")
    for path in ("//h1 | //h2 | //h3", "//*[contains(@class, 'title') or contains(@class, 'headline')]"):
        best, most = None, 0.3
        for heading in tree.xpath(path)[:100]:
            words = _words(_text(heading, 300))
            alike = 2 * len(words & title) / max(len(words) + len(title), 1) + 0.1 * (heading.tag == "h1")
            if alike > most:
                best, most = heading, alike
        if best is not None:
            return best
    return tree.find(".//h1")


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


# --- which number of 3/4/2024 is the day -----------------------------------------------------------------------------


def _day_first(page: ReadPage, texts: Iterable[tuple[HtmlElement, str]]) -> bool | None:
    """Whether the day comes first, by the other dates of the page, its language or the country of its address."""
    order = number_order(" ".join(text for _, text in texts if "/" in text or "-" in text))
    if order is not None:
        return order
    language = page.tree.get("lang") or page.tree.get("xml:lang") or "".join(page.metas.get("og:locale", ())[:1])
    return day_first_in(language, page.url)


# --- days of change --------------------------------------------------------------------------------------------------


def _changes_of_article(page: ReadPage) -> Iterator[str]:
    yield from _values_of(page.article, ("dateModified",))


def _changes_of_web_page(page: ReadPage) -> Iterator[str]:
    if not page.article:
        for thing in _web_pages(page):
            yield from _values_of(thing, ("dateModified",))


def _changes_of_metas(page: ReadPage) -> Iterator[str]:
    for name in page.metas:
        if len(name) < 60 and _CHANGE_NAMES.fullmatch(name):
            yield from page.metas[name][:1]


def _changes_of_stamps(page: ReadPage) -> Iterator[str]:
    for stamp in page.stamps:
        if stamp.is_change and stamp.score >= _SURE:
            yield stamp.day.date.isoformat()


_Find = Callable[[ReadPage], Iterator[str]]
SOURCES: tuple[tuple[DateSource, _Find], ...] = (
    ("json-ld", _of_article),
    ("meta", _of_metas),
    ("meta", _of_properties),
    ("json-ld", _of_web_page),
    ("page", _of_htmldate),
    ("meta", _of_times),
    ("page", _of_stamps),
    ("meta", _of_created),
)
"""Where a page names its day of publication, in the order of trust: what it says for programs, then what is seen."""
_CHANGES: tuple[_Find, ...] = (_changes_of_article, _changes_of_metas, _changes_of_web_page, _changes_of_stamps)
