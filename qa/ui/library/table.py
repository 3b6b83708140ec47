"""The table of articles as HTML: a page of it, its columns to sort by, and the ways to the other pages."""

from __future__ import annotations

from html import escape

from qa.show.html import DATE_WORDS
from qa.show.json_text import day
from qa.store import ArticleRow, ContentsPage

PAGE = 50
"""Articles on a page."""
COLUMNS = {"title": "Title", "outlet": "Outlet", "date": "Date", "language": "Language", "passages": "Passages"}


def table_html(page: ContentsPage, *, sort: str, descending: bool, offset: int, search: str, count: int) -> str:
    """The table, or in words why it is empty; the library has `count` articles."""
    if not page.rows:
        words = f"No article matches \u201c{search}\u201d." if count and search.strip() else "No article matches."
        return f'<p class="library-empty" dir="auto">{escape(words)}</p>' if count else ""
    heads = "".join(_head(name, words, sort, descending) for name, words in COLUMNS.items())
    rows = "".join(_row(row, page.versions.get(row.story, 1)) for row in page.rows)
    return (
        '<div class="table-box" tabindex="0" role="region" aria-label="Articles"><table class="articles"><thead><tr>'
        '<th scope="col"><input type="checkbox" id="library-all" aria-label="Select all that are shown"></th>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div>{_pages(page.total, offset)}"
    )


def _head(name: str, words: str, sort: str, descending: bool) -> str:
    direction = ("descending" if descending else "ascending") if name == sort else "none"
    sign = {"ascending": " \u25b2", "descending": " \u25bc", "none": ""}[direction]
    return (
        f'<th scope="col" aria-sort="{direction}"><button type="button" data-action="library-sort"'
        f' data-sort="{name}">{words}<span aria-hidden="true">{sign}</span></button></th>'
    )


def _row(row: ArticleRow, versions: int) -> str:
    id_, title = escape(row.id), escape(row.title)
    others = versions - 1
    story = ""
    if others:
        led = "" if row.story == row.id else "a version of another; "
        story = f'<span class="story">{led}also in {others} other{"" if others == 1 else "s"}</span>'
    return (
        f'<tr data-article="{id_}"><td><input type="checkbox" class="library-one" aria-label="Select {title}"></td>'
        f'<th scope="row"><button type="button" data-action="open" data-article="{id_}" data-start="0" data-end="0"'
        f' dir="auto">{title}</button>{story}</th><td dir="auto">{escape(row.outlet or "unknown")}</td>'
        f"<td>{_date(row)}</td><td>{escape(row.language or '')}</td><td>{row.passages:,}</td></tr>"
    )


def _date(row: ArticleRow) -> str:
    if row.date is None:
        return "undated"
    known = DATE_WORDS[row.date_source]
    return escape(day(row)) + (f' <span class="how">({escape(known)})</span>' if known else "")


def _pages(total: int, offset: int) -> str:
    last = min(total, offset + PAGE)
    back = _step("\u2190 Earlier rows", max(0, offset - PAGE), offset > 0)
    on = _step("More rows \u2192", last, last < total)
    return (
        f'<p class="pages" role="status">{offset + 1:,} to {last:,} of {total:,} article{"" if total == 1 else "s"}'
        f"{back + on if total > PAGE else ''}</p>"
    )


def _step(words: str, offset: int, is_possible: bool) -> str:
    return (
        f'<button type="button" class="quiet" data-action="library-page" data-offset="{offset}"'
        f"{'' if is_possible else ' disabled'}>{words}</button>"
    )
