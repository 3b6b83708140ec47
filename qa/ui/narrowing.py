"""What a search is narrowed to: the chips under the question box, the dialog behind them, the days that are meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import gradio as gr

from qa.ask.understand import understand
from qa.errors import UsageError
from qa.library import Library
from qa.show.window_words import WORDS, counted
from qa.show.wording import date_text, window_text
from qa.types import Answer, CollectionName, Filters, TimeWindow
from qa.ui.context import AppState, Payload, served
from qa.ui.pages import render

_WORDS = WORDS["filter"]
MOST_CHOSEN = 50_000
"""Articles and stories that a page may choose."""
LISTED = 20
"""Articles that a search by title shows."""
NAMED = 100
"""Chosen articles that are shown by title."""


def narrowing_panel(app: AppState) -> None:
    """The bar of chips, which the page's script puts under the question box."""
    library = app.library

    def narrowing_outlets(payload: Payload, owner: str | None) -> str:
        return outlets_html(library.store.outlets_with_counts())

    def narrowing_find(payload: Payload, owner: str | None) -> str:
        return found_html(library, str(payload.get("search") or ""))

    def narrowing_count(payload: Payload, owner: str | None) -> dict[str, Any]:
        filters = library.store.collections.allowed(read_filters(payload)[0], owner=owner)
        return {"words": count_text(library, filters), "titles": titles_of(library, filters)}

    def read_time(payload: Payload, owner: str | None) -> dict[str, Any] | None:
        window = time_meant(library, str(payload.get("text") or ""), _day(payload, "as_of"))
        return window_json(window) if window else None

    gr.HTML(
        render("narrowing/panel.html"),
        elem_id="narrowing-panel",
        apply_default_css=False,
        js_on_load="citewire.narrowing(element, server)",
        server_functions=[served(each) for each in (narrowing_outlets, narrowing_find, narrowing_count, read_time)],
    )


# --- what comes from a page and goes to one ---------------------------------------------------------------------------


def read_filters(payload: object) -> tuple[Filters, dt.date | None]:
    """The filters and the as-of day that a page sent. Raises UsageError, which says what cannot be used."""
    fields: Mapping[str, Any] = payload if isinstance(payload, Mapping) else {}
    first, last = _day(fields, "from"), _day(fields, "to")
    if first and last and first > last:
        raise UsageError(
            f"The articles cannot be from {date_text(first)} until {date_text(last)}. Turn the days round."
        )
    outlets, articles, stories = (_texts(fields, name) for name in ("outlets", "articles", "stories"))
    any_time = fields.get("any_time") is True
    filters = Filters(first, last, outlets, articles, stories, any_time, collection=_collection(fields))
    return filters, _day(fields, "as_of")


def filters_json(filters: Filters, as_of: dt.date | None) -> dict[str, Any]:
    """What `read_filters` reads, for a page that opens a conversation."""
    return {
        "from": filters.date_from.isoformat() if filters.date_from else None,
        "to": filters.date_to.isoformat() if filters.date_to else None,
        "outlets": list(filters.outlets),
        "articles": list(filters.articles),
        "stories": list(filters.stories),
        "collection": asdict(filters.collection) if filters.collection else None,
        "any_time": filters.any_time,
        "as_of": as_of.isoformat() if as_of else None,
    }


def window_json(window: TimeWindow) -> dict[str, Any]:
    """The days that a question means, for the chip and for the dialog that changes them."""
    first, last = window.days if any(window.days) else (window.date_from, window.date_to)
    return {
        "words": window.words,
        "days": window_text(window),
        "effect": effect_text(window),
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
    }


def _day(fields: Mapping[str, Any], name: str) -> dt.date | None:
    value = fields.get(name)
    if value in (None, ""):
        return None
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise UsageError(f"'{str(value)[:40]}' is not a day. Write it as YYYY-MM-DD, such as 2017-01-19.") from None


def _collection(fields: Mapping[str, Any]) -> CollectionName | None:
    match fields.get("collection"):
        case None | "":
            return None
        case {"id": str(id_), "name": str(name)}:
            return CollectionName(id_, name)
    raise UsageError("The collection of the filter has no id and name. Load the page again.")


def _texts(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = fields.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise UsageError(f"The {name} of the filter are not a list of names. Load the page again.")
    if len(values) > MOST_CHOSEN:
        raise UsageError(f"{len(values):,} {name} are too many to choose. Choose {MOST_CHOSEN:,} at most.")
    return tuple(dict.fromkeys(values))


# --- in words and as HTML ---------------------------------------------------------------------------------------------


def count_text(library: Library, filters: Filters) -> str:
    """How many articles are left to ask, such as "312 of 5,110 articles"."""
    count, left = library.count(), library.store.articles.count(filters)
    return _WORDS["left"].format(left=f"{left:,}", articles=counted(WORDS["counts"]["articles"], count))


def effect_text(window: TimeWindow) -> str:
    """What a window does to a search."""
    if window.hard:
        return _WORDS["only_days"]
    return _WORDS["days_first"]


def titles_of(library: Library, filters: Filters) -> dict[str, str]:
    """Id -> title of the first chosen articles and stories; a removed one says so."""
    ids = [*filters.articles, *filters.stories][:NAMED]
    known = {id_: article.title for id_, article in library.store.articles.many(ids).items()} if ids else {}
    return {id_: known.get(id_, _WORDS["gone"]) for id_ in ids}


def outlets_html(outlets: Sequence[tuple[str, int]]) -> str:
    """The outlets to choose from, each with its number of articles."""
    return render("narrowing/outlets.html", outlets=outlets)


def found_html(library: Library, search: str) -> str:
    """The articles whose title, outlet or author contains the words, each to be chosen alone or with its story."""
    if not search.strip():
        return ""
    page = library.store.contents(search=search, sort="date", limit=LISTED)
    return render("narrowing/found.html", search=search, page=page, date_text=date_text)


def understood_time_html(window: TimeWindow | None, filters: Filters) -> str:
    """The days that an answered question's words mean, with ways to change them and to leave them aside."""
    if window is None or filters.date_from or filters.date_to or not window_text(window):
        return ""
    return render("narrowing/understood_time.html", window=window_json(window))


# --- the days that are meant ------------------------------------------------------------------------------------------


def time_meant(library: Library, text: str, as_of: dt.date | None, today: dt.date | None = None) -> TimeWindow | None:
    """The window that a question's own words give while it is typed; None where they give none."""
    try:
        return understand(text[:5_000], as_of=as_of, today=today or dt.date.today(), outlets=library.outlets()).window
    except UsageError:  # nothing is typed yet
        return None


def dated(library: Library, answer: Answer, asked: dt.datetime | None) -> Answer:
    """A kept answer with the window of its question, computed from the question and the day on which it was asked."""
    question = answer.question
    if question.window or question.filters.any_time or not (question.as_of or asked):
        return answer
    today = asked.astimezone().date() if asked else None
    window = time_meant(library, question.standalone, question.as_of, today)
    return replace(answer, question=replace(question, window=window))
