"""The stories of a library, read once for each state of it: a page opens at once the second time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from qa.ask.stories.briefing import newest_rows, reports_of
from qa.ask.stories.event import Event, event_of, grouped
from qa.ask.stories.story import Story, story_of
from qa.library import Library
from qa.types import Filters

KEPT = 64
"""Stories that are remembered."""


class StoryReader:
    """Reads stories, and remembers them until the library changes. Safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._read: OrderedDict[tuple[int, str], Story | None] = OrderedDict()
        self._busiest: tuple[int, int, Sequence[Event]] = (-1, 0, ())

    def story(self, article_id: str) -> Story | None:
        """The story that an article belongs to; None where the library has no such article."""
        key = self._library.generation(), article_id
        if key not in self._read:
            self._read[key] = story_of(self._library, article_id)
            while len(self._read) > KEPT:
                self._read.popitem(last=False)
        return self._read[key]

    def busiest(self, count: int) -> Sequence[Event]:
        """Up to `count` stories of the last days that more than one article tells, those that most tell first."""
        generation = self._library.generation()
        if self._busiest[:2] != (generation, count):
            self._busiest = generation, count, self._find_busiest(count)
        return self._busiest[2]

    def _find_busiest(self, count: int) -> list[Event]:
        rows = newest_rows(self._library, Filters())
        groups = grouped(reports_of(self._library, rows), self._library.store.words())
        sizes = {group[0].id: sum(row.story in {one.story for one in group} for row in rows) for group in groups}
        leads = sorted((group[0] for group in groups if sizes[group[0].id] > 1), key=lambda lead: -sizes[lead.id])
        events = [event for lead in leads[:count] if (event := event_of(self._library, lead.id))]
        return sorted(events, key=lambda event: -len(event.rows))
