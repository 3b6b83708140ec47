"""Stories: which articles tell of one event, and what the page of a story says of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ferry import ARTICLES
from parts import open_library

from qa.ask.stories.event import event_of
from qa.ask.stories.reader import StoryReader
from qa.ask.stories.story import story_of
from qa.library import Library
from qa.settings import load_settings


def test_an_event_is_the_versions_and_what_names_the_same_in_those_days(ferry: Library) -> None:
    event = event_of(ferry, "sinks")
    assert event and [row.id for row in event.rows] == ["copied", "sinks", "divers", "toll"]
    assert (event.id, event.others, list(event.outlets)) == ("sinks", ("divers", "toll"), ["Post", "Herald", "Lark"])
    assert event_of(ferry, "copied") == event  # the address of a version leads to its story
    chess = event_of(ferry, "chess")
    assert chess and [row.id for row in chess.rows] == ["chess"]
    undated = event_of(ferry, "undated")
    assert undated and len(undated.rows) == 1 and not undated.days
    assert event_of(ferry, "nothing") is None


def test_a_story_has_a_timeline_names_differences_and_corrections(ferry: Library) -> None:
    story = story_of(ferry, "sinks")
    assert story
    assert [(str(entry.day), entry.span.article.id) for entry in story.timeline] == [
        ("2 March 2025", "sinks"),
        ("5 March 2025", "divers"),
        ("6 March 2025", "toll"),
    ]
    assert all(entry.span.text in entry.span.article.text for entry in story.timeline)
    names = {one.name: one.articles for one in story.named}
    assert names["Aurora"] == names["Ines Falk"] == 3 and "Herald" not in names
    assert [claim.text for claim in story.differences] == [
        "The newest article says 14 people (Post, 6 Mar 2025); before, 12 people (Herald, 3 Mar 2025)."
    ]
    assert [(article.id, note.kind) for article, note in story.corrections] == [("divers", "correction")]


def test_the_busiest_stories_come_first_and_are_read_once(ferry: Library) -> None:
    reader = StoryReader(ferry)
    busiest = reader.busiest(3)
    assert [(event.title, len(event.rows)) for event in busiest] == [("Ferry Aurora sinks off Vik", 4)]
    assert reader.busiest(3) is busiest and reader.story("sinks") is reader.story("sinks")
    assert busiest[0].days[0] == dt.date(2025, 3, 3)


def test_a_story_ends_with_its_last_article(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(ARTICLES["sinks"], "utf-8")
    with open_library(load_settings(index=tmp_path / "library")) as library:
        library.ingest([tmp_path / "a.md"])
        reader = StoryReader(library)
        (row,) = library.articles()
        assert reader.story(row.id)
        library.remove([row.id])
        assert reader.story(row.id) is None and reader.busiest(3) == []
