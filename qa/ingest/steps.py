"""The steps of one article, from its record to what is stored: each needs nothing but what it is given."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qa.ingest.clean import CLEANER_VERSION, Cleaned, clean, line_hashes
from qa.ingest.dedup import SIGNATURE_VERSION, band_keys, signature
from qa.ingest.describe import DESCRIBER_VERSION, Description, describe
from qa.ingest.fetch import plain_address
from qa.ingest.identity import Arrival, Identity, slug
from qa.ingest.read import READER_VERSION, Failure, Record, shown
from qa.ingest.split import SPLITTER_VERSION, split
from qa.models import Embedder, Vectors, load_embedder
from qa.settings import Settings
from qa.store import NewArticle, Origin
from qa.types import Article

Lines = NDArray[np.uint64]


class Parts(NamedTuple):
    """What is computed from the text of an article alone."""

    spans: tuple[tuple[int, int], ...]
    """Of its passages."""
    signature: bytes
    bands: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """A record whose lines have been counted among those of its outlet."""

    origin: Origin
    record: Record
    recurring: Mapping[int, int]
    """The lines that recur in its outlet."""
    lines: Lines
    """Its own lines."""

    @property
    def name(self) -> str:
        """For the user to read."""
        return self.record.name


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


class Steps:
    """The steps, and what they work with: settings, and an embedder that is loaded when it is first needed."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None) -> None:
        self._settings, self._embedder = settings, embedder
        self.seconds: dict[str, float] = {}
        """Spent so far, by stage."""

    def lines(self, record: Record) -> Lines | Failure:
        """The hashes of its lines, so that those that recur in its outlet can be counted."""
        try:
            with self._stage("clean"):
                return line_hashes(record.text)
        except Exception as error:
            return not_an_article(record.name, error)

    def build(self, found: FoundArticle) -> BuiltArticle | Failure:
        """The article, cleaned, described, split and signed; a failure where a stage cannot take it."""
        try:
            return self._build(found)
        except Exception as error:
            return not_an_article(found.name, error)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages. Raises ModelError."""
        if not texts:
            return np.zeros((0, 0), np.float32)
        with self._stage("embed"):
            return self.embedder.embed_passages(texts)

    @property
    def embedder(self) -> Embedder:
        """The one that it was given, or that the settings name. Raises ModelError."""
        if self._embedder is None:
            self._embedder = load_embedder(self._settings.embed, self._settings)
        return self._embedder

    def parts(self, text: str) -> Parts:
        """What is computed from the text alone."""
        with self._stage("split"):
            spans = tuple(split(text, self._settings.passage_words))
        with self._stage("stories"):
            sketch = signature(text)
            return Parts(spans, sketch.tobytes(), tuple(band_keys(sketch)))

    def _build(self, found: FoundArticle) -> BuiltArticle | Failure:
        record = found.record
        with self._stage("clean"):
            cleaned = clean(record.text, found.recurring, keep_everything=not self._settings.clean)
        if not cleaned.text:
            return Failure(record.name, "no text is left once white space and boilerplate are taken out")
        with self._stage("describe"):
            about = describe(record.fields, cleaned.text, dates=record.dates, updates=record.updated)
        arrival = Arrival(
            source=found.origin.source,
            wanted_id=_wanted_id(record, about.title),
            text_hash=text_hash(cleaned.text),
            url_key=plain_address(about.url) if about.url else None,
            outlet=about.outlet,
            date=about.date,
        )
        path = shown(record.source.path) if record.source.path else None
        return BuiltArticle(
            found.origin, arrival, about, cleaned, path, found.lines.tobytes(), self.parts(cleaned.text)
        )

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


def not_an_article(name: str, error: Exception) -> Failure:
    """An article that a stage cannot take: a failure in the report, which stops no other."""
    return Failure(name, f"it cannot be read as an article: {error!r:.200}")


def versions_of(settings: Settings) -> str:
    """The versions of all steps between a file and its passages; when one changes, articles are built again."""
    cleaner = f"cleaner {CLEANER_VERSION}" if settings.clean else "not cleaned"
    return (
        f"reader {READER_VERSION}, {cleaner}, describer {DESCRIBER_VERSION}, "
        f"splitter {SPLITTER_VERSION} of {settings.passage_words} words, signature {SIGNATURE_VERSION}"
    )


def text_hash(text: str) -> str:
    """Equal for equal texts alone."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _wanted_id(record: Record, title: str) -> str:
    """The article's own id, or a readable one: of its file where that is one article, else of its title."""
    path = record.source.path
    own = record.fields.get("id")
    return str(own) if own else slug(shown(Path(path.stem)) if path and not record.key else title)
