"""The table of articles as HTML: a page of it, its columns to sort by, and the ways to the other pages."""

from __future__ import annotations

from qa.show.html import DATE_WORDS
from qa.show.wording import day
from qa.store import ContentsPage
from qa.ui.pages import render

PAGE = 50
"""Articles on a page."""
COLUMNS = ("title", "outlet", "date", "language", "passages")


_SIGNS = {"ascending": " \u25b2", "descending": " \u25bc", "none": ""}


def table_html(
    page: ContentsPage,
    *,
    sort: str,
    descending: bool,
    offset: int,
    search: str,
    count: int,
    is_empty_collection: bool = False,
) -> str:
    """The table, or in words why it is empty; the library has `count` articles."""
    if not page.rows and not count:
        return ""
    return render(
        "library/table.html",
        rows=page.rows,
        versions=page.versions,
        total=page.total,
        page=PAGE,
        offset=offset,
        last=min(page.total, offset + PAGE),
        sort=sort,
        descending=descending,
        search=search,
        is_empty_collection=is_empty_collection,
        columns=COLUMNS,
        signs=_SIGNS,
        date_words=DATE_WORDS,
        day=day,
    )
