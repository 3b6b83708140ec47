"""The page of a story: its timeline, who is named, who told it when, what the articles differ in, and what to ask."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import gradio as gr

from qa.ask.notices import short_note
from qa.ask.stories.event import Event
from qa.ask.stories.story import Story
from qa.show.html.words import shortened
from qa.show.wording import NOTE_WORDS, byline, counted_text, day, days_text
from qa.ui.context import AppState, Payload, served
from qa.ui.overview import OUTLETS, Column, columns_of
from qa.ui.pages import render

LISTED = 60
"""Articles of a story that are listed, the newest."""


@dataclass(frozen=True, slots=True)
class OutletRow:
    """What one outlet told, over time."""

    name: str
    counts: tuple[int, ...]
    """Articles in each column."""
    total: int
    """All its articles, those without an exact day too."""


@dataclass(frozen=True, slots=True)
class OutletChart:
    """A row of columns for each outlet."""

    unit: str
    """What a column is: day, week, month or year."""
    columns: tuple[Column, ...]
    rows: tuple[OutletRow, ...]

    @property
    def most(self) -> int:
        """The number of articles of the highest column."""
        return max((count for row in self.rows for count in row.counts), default=1)


def stories_panel(app: AppState) -> None:
    """The view of a story, which its address names: #/s/ID."""

    def read_story(payload: Payload, owner: str | None) -> str:
        story = app.assistant.stories.story(str(payload["story"]))
        return story_html(story) if story else render("stories/gone.html")

    gr.HTML(
        render("stories/panel.html"),
        elem_id="stories-panel",
        apply_default_css=False,
        js_on_load="citewire.stories(element, server)",
        server_functions=[served(read_story)],
    )


def story_html(story: Story) -> str:
    """The page of a story."""
    event = story.event
    rows = event.rows[::-1]
    return render(
        "stories/story.html",
        story=story,
        event=event,
        counts=counted_text(len(rows), list(event.outlets)),
        days=days_text(min(event.days), max(event.days)) if event.days else "",
        chart=chart_of(event),
        more_outlets=len(event.outlets) - OUTLETS,
        rows=rows[:LISTED],
        more_rows=len(rows) - LISTED,
        byline=byline,
        day=day,
        shortened=shortened,
        note_words=NOTE_WORDS,
        short_note=short_note,
    )


def chart_of(event: Event) -> OutletChart | None:
    """The articles of the outlets with the most, by day, or by week, month or year where there are many; or None."""
    dated = [row for row in event.rows if row.date and row.date_precision == "day" and row.outlet]
    columns = columns_of(Counter(row.date for row in dated if row.date), finest="day")
    if not columns:
        return None
    rows = []
    for name, total in list(event.outlets.items())[:OUTLETS]:
        days = [row.date for row in dated if row.outlet == name and row.date]
        counts = tuple(sum(column.first <= one <= column.last for one in days) for column in columns.columns)
        rows.append(OutletRow(name, counts, total))
    return OutletChart(columns.unit, columns.columns, tuple(rows))
