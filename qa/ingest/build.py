"""Takes records through the stages that need nothing but the text: clean, describe, split, compare."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.ingest.clean import CLEANER_VERSION, Cleaned, clean, line_hashes, recurring_lines
from qa.ingest.dedup import SIGNATURE_VERSION, band_keys, signature
from qa.ingest.describe import DESCRIBER_VERSION, Description, describe, find_outlet
from qa.ingest.fetch import plain_address
from qa.ingest.identity import Offered, Place, slug
from qa.ingest.read import READER_VERSION, Failure, Record, shown
from qa.ingest.report import Tally
from qa.ingest.sources import container_of
from qa.ingest.split import SPLITTER_VERSION, split
from qa.language.text import normalise
from qa.settings import Settings
from qa.store import Articles, Entry, Offer
from qa.types import Article

Lines = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Made:
    """A record that has been cleaned and described."""

    offer: Offer
    offered: Offered
    about: Description
    cleaned: Cleaned
    path: str | None
    lines: bytes

    def article(self, place: Place) -> Article:
        """The article as it is stored, in the place that was found for it."""
        about = self.about
        return Article(
            id=place.article_id,
            title=about.title,
            title_is_made=about.title_is_made,
            text=self.cleaned.text,
            outlet=about.outlet,
            date=about.date or place.first_published,
            date_source=about.date_source if about.date or not place.first_published else "inferred",
            date_precision=about.date_precision,
            first_published=place.first_published if about.date else None,
            authors=about.authors,
            url=about.url,
            path=self.path,
            language=about.language,
            place=about.place,
            notes=self.cleaned.notes,
            pages=self.cleaned.pages,
        )


class Maker:
    """Makes articles of records, those of one outlet together, for the lines that recur in it."""

    def __init__(self, articles: Articles, settings: Settings, tally: Tally) -> None:
        self._articles, self._settings, self._tally = articles, settings, tally
        self._newly: dict[str | None, Mapping[int, int]] = {}
        self.versions = _versions(settings)
        """Of all stages between a file and its passages: where one changes, they are gone through again."""

    def offer(self, record: Record) -> Offer:
        """What the manifest remembers of a record."""
        container = container_of(record)
        source = f"{container}#{normalise(record.key)}" if record.key else container
        content = json.dumps([dict(record.fields), record.dates, record.text], sort_keys=True)
        return Offer(source, container, _hash(content), self.versions)

    def make(self, offers: Sequence[tuple[Offer, Record]], replaced: set[str]) -> list[Made]:
        """The records, cleaned and described; `replaced` are ids of articles that are offered anew."""
        outlets: dict[str | None, list[int]] = defaultdict(list)
        for number, (_, record) in enumerate(offers):
            outlets[find_outlet(record.fields)].append(number)
        made: dict[int, Made] = {}
        for outlet, numbers in outlets.items():
            with self._tally.stage("clean"):
                lines = {number: line_hashes(offers[number][1].text) for number in numbers}
                recurring = self._recurring(outlet, list(lines.values()), replaced)
            for number in numbers:
                if one := self._make_one(*offers[number], recurring, lines[number]):
                    made[number] = one
        return [made[number] for number in sorted(made)]

    def entry(self, made: Made, place: Place) -> Entry:
        """An article on its way into the store."""
        offered, cleaned = made.offered, made.cleaned
        entry = Entry(
            made.article(place), made.offer, offered.text_hash, (), offered.url_key, cleaned.dropped, made.lines
        )
        return self._with_passages(entry)

    def cleaned_again(self, replaced: set[str]) -> Iterator[Entry]:
        """Articles stored before that hold lines which recur since the last records were made, without them."""
        for outlet, recurring in self._newly.items():
            newly = np.array(sorted(recurring), np.uint64)
            for id_, lines in self._articles.lines_of(outlet).items():
                if id_ not in replaced and np.isin(newly, np.frombuffer(lines, np.uint64)).any():
                    yield from self._cleaned_again(id_, recurring)
        self._newly = {}

    def _cleaned_again(self, article_id: str, recurring: Mapping[int, int]) -> Iterator[Entry]:
        for entry in self._articles.entries([article_id]):
            if entry.offer.versions != self.versions:
                continue  # it was wanted whole, or is cleaned anew when it is offered again
            with self._tally.stage("clean"):
                cleaned = clean(entry.article.text, recurring)
            # Where the pages of a document begin is known from the document alone, which is not at hand.
            if cleaned.text and cleaned.text != entry.article.text and not entry.article.pages:
                article = replace(entry.article, text=cleaned.text, notes=entry.article.notes + cleaned.notes)
                dropped = entry.dropped + cleaned.dropped
                yield self._with_passages(
                    replace(entry, article=article, dropped=dropped, text_hash=_hash(cleaned.text))
                )

    def _recurring(self, outlet: str | None, new: Sequence[Lines], replaced: set[str]) -> Mapping[int, int]:
        """Lines that recur in an outlet; those that did not before the new articles came are noted."""
        if not self._settings.clean:
            return {}
        there = self._articles.lines_of(outlet).items()
        stored = [np.frombuffer(lines, np.uint64) for id_, lines in there if id_ not in replaced]
        recurring = recurring_lines([*stored, *new])
        if stored and (newly := recurring.keys() - recurring_lines(stored).keys()):
            self._newly[outlet] = {line: recurring[line] for line in newly}
        return recurring

    def _make_one(self, offer: Offer, record: Record, recurring: Mapping[int, int], lines: Lines) -> Made | None:
        with self._tally.stage("clean"):
            cleaned = clean(record.text, recurring, keep_everything=not self._settings.clean)
        if not cleaned.text:
            reason = "no text is left once white space and boilerplate are taken out"
            self._tally.fail(Failure(record.name, reason))
            return None
        with self._tally.stage("describe"):
            about = describe(record.fields, cleaned.text, dates=record.dates)
        offered = Offered(
            source=offer.source,
            wish=_wish(record, about.title),
            text_hash=_hash(cleaned.text),
            url_key=plain_address(about.url) if about.url else None,
            outlet=about.outlet,
            date=about.date,
        )
        path = record.source.path
        return Made(offer, offered, about, cleaned, shown(path) if path else None, lines.tobytes())

    def _with_passages(self, entry: Entry) -> Entry:
        """The entry with its passages, and with what it is compared with others by."""
        text = entry.article.text
        with self._tally.stage("split"):
            spans = tuple(split(text, self._settings.passage_words))
        with self._tally.stage("stories"):
            sketch = signature(text)
            return replace(entry, spans=spans, signature=sketch.tobytes(), bands=tuple(band_keys(sketch)))


def _wish(record: Record, title: str) -> str:
    """The article's own id, or a readable one: of its file where that is one article, else of its title."""
    path = record.source.path
    own = record.fields.get("id")
    return str(own) if own else slug(shown(Path(path.stem)) if path and not record.key else title)


def _versions(settings: Settings) -> str:
    cleaner = f"cleaner {CLEANER_VERSION}" if settings.clean else "not cleaned"
    return (
        f"reader {READER_VERSION}, {cleaner}, describer {DESCRIBER_VERSION}, "
        f"splitter {SPLITTER_VERSION} of {settings.passage_words} words, signature {SIGNATURE_VERSION}"
    )


def portions(items: Iterable[Entry], most: int) -> Iterator[list[Entry]]:
    """The entries, so many at a time."""
    portion: list[Entry] = []
    for item in items:
        portion.append(item)
        if len(portion) == most:
            yield portion
            portion = []
    if portion:
        yield portion


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
