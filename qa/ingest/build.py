"""Builds articles from records: the stages that need nothing but the text (clean, describe, split, sign)."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qa.ingest.clean import CLEANER_VERSION, Cleaned, clean, line_hashes, recurring_lines
from qa.ingest.dedup import SIGNATURE_VERSION, band_keys, signature
from qa.ingest.describe import DESCRIBER_VERSION, Description, describe, find_outlet
from qa.ingest.fetch import plain_address
from qa.ingest.identity import Arrival, Identity, slug
from qa.ingest.read import READER_VERSION, Failure, Record, shown
from qa.ingest.report import Tally
from qa.ingest.sources import container_of
from qa.ingest.split import SPLITTER_VERSION, split
from qa.language.text import normalise
from qa.settings import Settings
from qa.store import Articles, NewArticle, Origin
from qa.types import Article

Lines = NDArray[np.uint64]


class Parts(NamedTuple):
    """What is computed from the text of an article alone."""

    spans: tuple[tuple[int, int], ...]
    """Of its passages."""
    signature: bytes
    bands: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BuiltArticle:
    """A record that has been cleaned, described, split and signed: nothing that is left to do reads its text."""

    origin: Origin
    arrival: Arrival
    about: Description
    cleaned: Cleaned
    path: str | None
    lines: bytes
    parts: Parts

    def article(self, identity: Identity) -> Article:
        """The article as it is stored, under the identity that was decided on."""
        about = self.about
        return Article(
            id=identity.article_id,
            title=about.title,
            title_is_made=about.title_is_made,
            text=self.cleaned.text,
            outlet=about.outlet,
            date=about.date or identity.first_published,
            date_source=about.date_source if about.date or not identity.first_published else "inferred",
            date_precision=about.date_precision,
            updated=about.updated,
            first_published=identity.first_published if about.date else None,
            authors=about.authors,
            url=about.url,
            path=self.path,
            language=about.language,
            place=about.place,
            notes=self.cleaned.notes,
            pages=self.cleaned.pages,
        )

    def finished(self, identity: Identity) -> NewArticle:
        """The article under that identity, ready for the store."""
        return NewArticle(
            self.article(identity),
            self.origin,
            self.arrival.text_hash,
            self.parts.spans,
            self.arrival.url_key,
            self.cleaned.dropped,
            self.lines,
            self.parts.signature,
            self.parts.bands,
        )


class Builder:
    """Builds articles from records, an outlet at a time: the lines that recur in an outlet are not the article."""

    def __init__(self, articles: Articles, settings: Settings, tally: Tally) -> None:
        self._articles, self._settings, self._tally = articles, settings, tally
        self._newly: dict[str | None, Mapping[int, int]] = {}
        self.versions = _versions(settings)
        """The versions of all stages between a file and its passages; when one changes, articles are built again."""

    def origin_of(self, record: Record) -> Origin:
        """What the manifest remembers of a record."""
        container = container_of(record)
        source = f"{container}#{normalise(record.key)}" if record.key else container
        content = json.dumps([dict(record.fields), record.dates, record.updated, record.text], sort_keys=True)
        return Origin(source, container, _hash(content), self.versions)

    def build(self, records: Sequence[tuple[Origin, Record]], replaced: set[str]) -> list[BuiltArticle]:
        """The records, built; `replaced` are the ids of articles that they replace."""
        outlets: dict[str | None, dict[int, Lines]] = defaultdict(dict)
        for number, (_, record) in enumerate(records):
            with self._guarded(record.name, "it cannot be read as an article"), self._tally.stage("clean"):
                outlets[find_outlet(record.fields)][number] = line_hashes(record.text)
        built: dict[int, BuiltArticle] = {}
        for outlet, lines in outlets.items():
            with self._tally.stage("clean"):
                recurring = self._recurring(outlet, list(lines.values()), replaced)
            for number, own in lines.items():
                with self._guarded(records[number][1].name, "it cannot be read as an article"):
                    if one := self._build_one(*records[number], recurring, own):
                        built[number] = one
        return [built[number] for number in sorted(built)]

    @contextmanager
    def _guarded(self, name: str, reason: str) -> Iterator[None]:
        """An article that a stage cannot take is a failure in the report, and stops no other."""
        try:
            yield
        except Exception as error:
            self._tally.fail(Failure(name, f"{reason}: {error!r:.200}"))

    def cleaned_again(self, replaced: set[str]) -> Iterator[NewArticle]:
        """Stored articles with lines that recur only since the last records came, built again without them."""
        for outlet, recurring in self._newly.items():
            newly = np.array(sorted(recurring), np.uint64)
            for id_, lines in self._articles.lines_of(outlet).items():
                if id_ not in replaced and np.isin(newly, np.frombuffer(lines, np.uint64)).any():
                    again: list[NewArticle] = []
                    with self._guarded(id_, "lines that recur in its outlet cannot be taken out of it"):
                        again += self._cleaned_again(id_, recurring)
                    yield from again
        self._newly = {}

    def _cleaned_again(self, article_id: str, recurring: Mapping[int, int]) -> Iterator[NewArticle]:
        for new in self._articles.stored([article_id]):
            if new.origin.versions != self.versions:
                continue  # it was wanted whole, or is cleaned anew when it comes again
            with self._tally.stage("clean"):
                cleaned = clean(new.article.text, recurring)
            # Where the pages of a document begin is known from the document alone, which is not at hand.
            if cleaned.text and cleaned.text != new.article.text and not new.article.pages:
                article = replace(new.article, text=cleaned.text, notes=new.article.notes + cleaned.notes)
                dropped = new.dropped + cleaned.dropped
                new = replace(new, article=article, dropped=dropped, text_hash=_hash(cleaned.text))
                yield replace(new, **self._parts(cleaned.text)._asdict())

    def _recurring(self, outlet: str | None, new: Sequence[Lines], replaced: set[str]) -> Mapping[int, int]:
        """The lines that recur in an outlet; notes those that did not before the new articles came."""
        if not self._settings.clean:
            return {}
        there = self._articles.lines_of(outlet).items()
        stored = [np.frombuffer(lines, np.uint64) for id_, lines in there if id_ not in replaced]
        recurring = recurring_lines([*stored, *new])
        if stored and (newly := recurring.keys() - recurring_lines(stored).keys()):
            self._newly[outlet] = {line: recurring[line] for line in newly}
        return recurring

    def _build_one(
        self, origin: Origin, record: Record, recurring: Mapping[int, int], lines: Lines
    ) -> BuiltArticle | None:
        with self._tally.stage("clean"):
            cleaned = clean(record.text, recurring, keep_everything=not self._settings.clean)
        if not cleaned.text:
            reason = "no text is left once white space and boilerplate are taken out"
            self._tally.fail(Failure(record.name, reason))
            return None
        with self._tally.stage("describe"):
            about = describe(record.fields, cleaned.text, dates=record.dates, updates=record.updated)
        arrival = Arrival(
            source=origin.source,
            wanted_id=_wanted_id(record, about.title),
            text_hash=_hash(cleaned.text),
            url_key=plain_address(about.url) if about.url else None,
            outlet=about.outlet,
            date=about.date,
        )
        path = shown(record.source.path) if record.source.path else None
        return BuiltArticle(origin, arrival, about, cleaned, path, lines.tobytes(), self._parts(cleaned.text))

    def _parts(self, text: str) -> Parts:
        with self._tally.stage("split"):
            spans = tuple(split(text, self._settings.passage_words))
        with self._tally.stage("stories"):
            sketch = signature(text)
            return Parts(spans, sketch.tobytes(), tuple(band_keys(sketch)))


def _wanted_id(record: Record, title: str) -> str:
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


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
