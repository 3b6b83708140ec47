"""A whole article as HTML, with every place marked that an answer cites, or the part of it round one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from qa.show.html.words import PARAGRAPH, also_in_html, dated_html, dotted
from qa.show.text_fragment import link_to
from qa.show.wording import NOTE_WORDS, date_text, web_address
from qa.types import Article, Dropped

SHORT = 150_000
"""Characters of an article that is shown as a whole at once; of a longer one a window round the place is."""
WINDOW = 20_000
"""Characters that such a window shows before and after the place."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A place in an article that is to be seen."""

    start: int
    end: int
    n: int | None = None
    """Number of the citation; None for a passage that is none."""
    is_current: bool = False
    """Whether it is the one that the reader came for."""


def article_html(
    article: Article,
    start: int,
    end: int,
    dropped: Sequence[Dropped] = (),
    *,
    cited: Sequence[tuple[int, int, int]] = (),
    whole: bool = True,
) -> str:
    """The article with the characters `start` to `end` marked, its notes, and what cleaning took out of it.

    `cited` are further places that the answer cites: number of the citation, start, end. Unless the `whole` is wanted,
    of a long article a window round `start` is shown.
    """
    first = article.first_published
    known = [
        escape(article.outlet or "Unknown outlet"),
        dated_html(article),
        f"first published {escape(date_text(first))}" if first else "",
        escape(article.place or ""),
        escape(", ".join(article.authors)),
    ]
    return (
        f'<p class="kicker">{dotted(known)}</p><h2 class="reading-title" dir="auto">{escape(article.title)}</h2>'
        f"{also_in_html(article)}{_origin(article, start, end)}{_notes(article)}"
        f'<div class="reading-text">{_body(article.text, _places(start, end, cited), start, end, whole)}</div>'
        f"{_dropped(dropped)}"
    )


def original_address(article: Article, start: int, end: int) -> str | None:
    """The article's address, such that a browser opens it at the words; None where nobody may follow it."""
    return link_to(article.text, start, end, web_address(article))


def marked(text: str, left: int, right: int, start: int, end: int) -> str:
    """Characters `left` to `right` of the text, with what lies between `start` and `end` in a <mark>."""
    return _with_places(text, left, right, [Marked(start, end)])


def _origin(article: Article, start: int, end: int) -> str:
    if address := original_address(article, start, end):
        at = " at these words" if start < end else ""
        link = f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">Original page{at}</a>'
        return f'<p class="reading-origin">{link}</p>'
    return f'<p class="reading-origin"><span dir="auto">{escape(article.path)}</span></p>' if article.path else ""


def _places(start: int, end: int, cited: Sequence[tuple[int, int, int]]) -> list[Marked]:
    places = [Marked(left, right, n, (left, right) == (start, end)) for n, left, right in cited if left < right]
    if start < end and not any(place.is_current for place in places):
        places.append(Marked(start, end, None, True))
    return places


def _body(text: str, places: Sequence[Marked], start: int, end: int, whole: bool) -> str:
    """The paragraphs; of a long text those within the window, with a way to all of them."""
    first, last = 0, len(text)
    if not whole and len(text) > SHORT:
        middle = min(max(start, 0), len(text))
        first, last = max(0, middle - WINDOW), min(len(text), max(middle, min(end, middle + WINDOW)) + WINDOW)
    paragraphs = (
        f'<p dir="auto">{_with_places(text, left, right, places)}</p>' for left, right in _paragraphs(text, first, last)
    )
    return _more("before", first) + "".join(paragraphs) + _more("after", len(text) - last)


def _more(where: str, characters: int) -> str:
    """That the article goes on, and the way to the rest of it."""
    if not characters:
        return ""
    return (
        f'<p class="reading-more">{characters:,} more characters stand {where} this. '
        '<button type="button" class="quiet" data-action="article-whole">Show the whole article</button></p>'
    )


def _paragraphs(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The paragraphs between two offsets; where those cut one in two, from a whole word to a whole word."""
    if first > 0:
        first = max(text.find(" ", first, first + 200), text.find("\n", first, first + 200), first - 1) + 1
    left = first
    for gap in PARAGRAPH.finditer(text, first, last):
        yield left, gap.start()
        left = gap.end()
    yield left, last


def _with_places(text: str, left: int, right: int, places: Sequence[Marked]) -> str:
    """Characters `left` to `right` with each place in a <mark>; where places overlap, in pieces."""
    inside = [place for place in places if max(place.start, left) < min(place.end, right)]
    if not inside:
        return escape(text[left:right])
    cuts = sorted(
        {left, right, *(min(max(edge, left), right) for place in inside for edge in (place.start, place.end))}
    )
    html = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        over = [place for place in inside if place.start <= start and end <= place.end]
        piece = escape(text[start:end])
        html.append(f"<mark{_attributes(over, start)}>{piece}</mark>" if over else piece)
    return "".join(html)


def _attributes(over: Sequence[Marked], start: int) -> str:
    """What a mark tells the page: the citations that begin here, and whether it is what the reader came for."""
    begin = [str(place.n) for place in over if place.n is not None and place.start == start]
    numbers = f' data-n="{" ".join(begin)}"' if begin else ""
    current = ' aria-current="true"' if any(place.is_current for place in over) else ""
    plain = "" if any(place.n is not None for place in over) or not current else ' class="found"'
    return numbers + current + plain


def _notes(article: Article) -> str:
    notes = (
        f'<p dir="auto"><strong>{NOTE_WORDS[note.kind]}</strong> {escape(note.text)}</p>' for note in article.notes
    )
    joined = "".join(notes)
    return f'<div class="notes" role="note">{joined}</div>' if joined else ""


def _dropped(dropped: Sequence[Dropped]) -> str:
    """The lines that were taken out, folded up until somebody asks."""
    if not dropped:
        return ""
    lines = "".join(
        f'<li dir="auto">{escape(line.text)} <span class="how">({escape(line.reason)})</span></li>' for line in dropped
    )
    count = f"{len(dropped)} line{'' if len(dropped) == 1 else 's'}"
    return f'<details class="dropped"><summary>{count} taken out by cleaning</summary><ul>{lines}</ul></details>'
