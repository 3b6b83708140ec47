"""A whole article as HTML, with every place marked that an answer cites, or the part of it round one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.show.html.words import PARAGRAPH, date_known_by, render
from qa.show.text_fragment import link_to
from qa.show.wording import NOTE_WORDS, bare_name, note_text, web_address
from qa.types import Article, Correction, Dropped

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


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of an article that are marked, or are not."""

    text: str
    is_marked: bool
    numbers: list[int]
    """The citations that begin here."""
    is_current: bool
    """True for what the reader came for."""
    is_found: bool
    """True for that where no citation is there."""


def article_html(
    article: Article,
    start: int,
    end: int,
    dropped: Sequence[Dropped] = (),
    corrections: Sequence[Correction] = (),
    *,
    cited: Sequence[tuple[int, int, int]] = (),
    whole: bool = True,
) -> str:
    """The article with the characters `start` to `end` marked, notes, what was set by hand and what cleaning took out.

    `cited` are further places that the answer cites: number of the citation, start, end. Unless the `whole` is wanted,
    of a long article a window round `start` is shown.
    """
    places = _places(start, end, cited)
    first, last = _shown(article.text, start, end, whole)
    after_title = _after_title(article)
    begin = max(first, after_title) if all(place.start >= after_title for place in places) else first
    return render(
        "article.html",
        article=article,
        how=date_known_by(article),
        address=original_address(article, start, end),
        file_name=bare_name(article.path),
        is_place=start < end,
        note_words=NOTE_WORDS,
        note_text=note_text,
        before=first,
        after=len(article.text) - last,
        paragraphs=[pieces(article.text, *each, places) for each in _paragraphs(article.text, begin, last)],
        dropped=dropped,
        corrections=corrections,
    )


def original_address(article: Article, start: int, end: int) -> str | None:
    """The article's address, such that a browser opens it at the words; None where nobody may follow it."""
    return link_to(article.text, start, end, web_address(article))


def _places(start: int, end: int, cited: Sequence[tuple[int, int, int]]) -> list[Marked]:
    places = [Marked(left, right, n, (left, right) == (start, end)) for n, left, right in cited if left < right]
    if start < end and not any(place.is_current for place in places):
        places.append(Marked(start, end, None, True))
    return places


def _shown(text: str, start: int, end: int, whole: bool) -> tuple[int, int]:
    """The part of the text that is shown: all of it, or of a long one a window round the place."""
    if whole or len(text) <= SHORT:
        return 0, len(text)
    middle = min(max(start, 0), len(text))
    return max(0, middle - WINDOW), min(len(text), max(middle, min(end, middle + WINDOW)) + WINDOW)


def _after_title(article: Article) -> int:
    """Where the text goes on after a first line that is the title once more; 0 where it is not."""
    line = re.match(r"([^\n]*)\s*", article.text)
    assert line
    is_title = " ".join(line[1].split()).casefold() == " ".join(article.title.split()).casefold()
    return line.end() if is_title and line.end() < len(article.text) else 0


def _paragraphs(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The paragraphs between two offsets; where those cut one in two, from a whole word to a whole word."""
    if first > 0 and not text[first - 1].isspace():
        first = max(text.find(" ", first, first + 200), text.find("\n", first, first + 200), first - 1) + 1
    left = first
    for gap in PARAGRAPH.finditer(text, first, last):
        yield left, gap.start()
        left = gap.end()
    yield left, last


def pieces(text: str, left: int, right: int, places: Sequence[Marked]) -> list[Piece]:
    """Characters `left` to `right` in pieces, cut wherever a place begins or ends."""
    inside = [place for place in places if max(place.start, left) < min(place.end, right)]
    edges = (min(max(edge, left), right) for place in inside for edge in (place.start, place.end))
    cuts = sorted({left, right, *edges})
    return [_piece(text, start, end, inside) for start, end in zip(cuts, cuts[1:], strict=False)]


def _piece(text: str, start: int, end: int, places: Sequence[Marked]) -> Piece:
    over = [place for place in places if place.start <= start and end <= place.end]
    is_current = any(place.is_current for place in over)
    return Piece(
        text[start:end],
        bool(over),
        [place.n for place in over if place.n is not None and place.start == start],
        is_current,
        is_current and all(place.n is None for place in over),
    )
