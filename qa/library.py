"""Composes the article's journey: read -> clean -> describe -> split -> embed -> store."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from qa.clean import clean
from qa.describe import Description, describe
from qa.errors import ReadError, UsageError
from qa.models import Embedder, load_embedder
from qa.read import Failure, Record, count_articles, find_files, read_file, shown
from qa.settings import Settings
from qa.split import split
from qa.store import ArticleRow, Entry, Store
from qa.text import normalise
from qa.types import Article

# Counted up when reading, cleaning, describing or splitting changes what comes out: then it is done again.
STAGES_VERSION = 1
_BATCH = 64  # articles that are embedded and stored together


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest has come."""

    done: int
    total: int
    """Articles known to be there; a file that turns out to hold fewer lowers it."""
    name: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of every article that was offered. All but the failures are ids."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    """Ids of the articles in the library that others were exact copies of."""
    failures: tuple[Failure, ...] = ()
    passages: int = 0
    """Written in this run."""
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    """Seconds by stage."""

    @property
    def failed_entirely(self) -> bool:
        """Whether nothing that was offered could be read."""
        return bool(self.failures) and not (self.added or self.updated or self.unchanged or self.duplicates)


class Library:
    """The articles in one folder. A context manager; safe to read from several threads."""

    def __init__(self, settings: Settings, embedder: Embedder, store: Store) -> None:
        self.settings = settings
        self.embedder = embedder
        self.store = store

    @classmethod
    def open(cls, settings: Settings) -> Library:
        """The library at `settings.index`, made empty where there is none.

        Raises LibraryError, EmbedderMismatch, ModelError, UsageError.
        """
        embedder = load_embedder(settings.embed)
        return cls(settings, embedder, Store(settings.index, embedder.name, embedder.dimension))

    def ingest(
        self,
        sources: Sequence[str | Path],
        on_progress: Callable[[Progress], None] | None = None,
        on_wait: Callable[[], None] | None = None,
    ) -> IngestReport:
        """Takes in files, folders and globs: what is new is added, what has changed replaces its old passages.

        What cannot be read is reported and loses nothing. `on_wait` is called once when another process is writing.
        """
        with self.store.writing(on_wait):
            began = time.perf_counter()
            with ThreadPoolExecutor(1) as background:
                report = _Ingest(self, on_progress, background).run([str(source) for source in sources])
            done = time.perf_counter()
        ended = time.perf_counter()
        stages = report.stages | {"index": report.stages["index"] + ended - done}
        return replace(report, seconds=ended - began, stages=stages)

    def remove(self, ids: Sequence[str]) -> list[str]:
        """Takes articles out. Raises UsageError for an id that is not there, before any is removed."""
        for id_ in ids:
            self.require(id_)
        with self.store.writing():
            self.store.forget(ids)
        return list(ids)

    def articles(self) -> list[ArticleRow]:
        """Every article without its text, newest first, undated last."""
        return self.store.rows()

    def article(self, article_id: str) -> Article | None:
        """The whole article, or None."""
        return self.store.get(article_id)

    def require(self, article_id: str) -> Article:
        """The whole article. Raises UsageError where there is none."""
        if (article := self.article(article_id)) is None:
            raise UsageError(
                f"There is no article '{article_id}' in {self.settings.index}. List them with: qa articles"
            )
        return article

    def count(self) -> int:
        """How many articles there are."""
        return self.store.articles.count()

    def close(self) -> None:
        """Lets go of files and memory."""
        self.store.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class _Made:
    """A record on its way through the stages."""

    record: Record
    source: str
    fingerprint: str
    text: str
    text_hash: str
    about: Description
    spans: tuple[tuple[int, int], ...]

    @property
    def wish(self) -> str:
        """The article's own id, or a readable one."""
        own = self.record.fields.get("id")
        return own or _slug(self.about.title if self.record.key else shown(Path(self.record.path.stem)))


class _Ingest:
    """One run of `Library.ingest` and what it has seen so far."""

    def __init__(self, library: Library, on_progress: Callable[[Progress], None] | None, background: Executor) -> None:
        self.library, self.store, self.settings = library, library.store, library.settings
        self.on_progress = on_progress
        self.background = background
        self.following: Future[None] | None = None
        self.ids: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": []}
        self.copies: list[tuple[Path, str]] = []
        """Files with an article that is an exact copy of another, and the hash of its text."""
        self.replaced: set[str] = set()
        """Sources of articles that were taken out because their new text is that of another."""
        self.failures: list[Failure] = []
        self.total = self.done = self.passages = 0
        self.stages: dict[str, float] = {}

    def run(self, sources: Sequence[str]) -> IngestReport:
        counts = {file: count_articles(file) for file in self._files(sources)}
        self.total = sum(counts.values())
        for batch in _batches(self._read(counts)):
            self.failures += (item for item in batch if isinstance(item, Failure))
            self._take([item for item in batch if isinstance(item, Record)])
            self._tell(batch[-1])
        self._take_up_orphans()
        with self._stage("index"):
            self._catch_up()
        originals = (self.store.articles.copy_of(text_hash) for _, text_hash in self.copies)
        return IngestReport(
            added=tuple(self.ids["added"]),
            updated=tuple(self.ids["updated"]),
            unchanged=tuple(self.ids["unchanged"]),
            duplicates=tuple(id_ for id_ in originals if id_),
            failures=tuple(self.failures),
            passages=self.passages,
            stages=dict(self.stages),
        )

    def _files(self, sources: Sequence[str]) -> list[Path]:
        files: dict[Path, Path] = {}
        for source in sources:
            try:
                for file in find_files(source):
                    files.setdefault(file.resolve(), file)
            except ReadError as error:
                self.failures.append(Failure(shown(Path(source)), str(error)))
        return list(files.values())

    def _read(self, counts: Mapping[Path, int]) -> Iterator[Record | Failure]:
        for file, expected in counts.items():
            before = self.done
            for item in self._timed("read", read_file(file)):
                self.done += 1
                yield item
            self.total += self.done - before - expected

    def _take(self, records: Sequence[Record]) -> None:
        """Takes records through the stages and stores what is new or has changed."""
        known = self.store.known([_source(record) for record in records])
        changed: list[_Made] = []
        for record in records:
            source, fingerprint = _source(record), self._fingerprint(record)
            if source in known and known[source].fingerprint == fingerprint:
                self.ids["unchanged"].append(known[source].id)
            elif made := self._make(record, source, fingerprint):
                changed.append(made)
        if changed:
            self._keep(changed, {source: article.id for source, article in known.items()})

    def _make(self, record: Record, source: str, fingerprint: str) -> _Made | None:
        with self._stage("clean"):
            text = clean(record.text)
        if not text:
            self.failures.append(Failure(record.name, "no text is left once white space and boilerplate are taken out"))
            return None
        with self._stage("describe"):
            about = describe(record.fields, text)
        with self._stage("split"):
            spans = split(text, self.settings.passage_words)
        return _Made(record, source, fingerprint, text, _hash(text), about, tuple(spans))

    def _keep(self, changed: Sequence[_Made], known: Mapping[str, str]) -> None:
        """Stores what is no exact copy; `known` tells the ids of sources that are in the library."""
        ids = self._ids(changed, known)
        holders = self.store.articles.copies_of([made.text_hash for made in changed])
        entries: list[Entry] = []
        gone: list[str] = []
        for made in changed:
            id_ = ids[made.source]
            holders = {
                text_hash: holder for text_hash, holder in holders.items() if holder != id_
            }  # it says so no longer
            if made.text_hash in holders:
                self.copies.append((made.record.path, made.text_hash))
                if made.source in known:
                    gone.append(id_)
                continue
            holders[made.text_hash] = id_
            entries.append(_entry(made, id_))
        if gone:
            self.store.forget(gone)
            self.replaced.update(source for source, id_ in known.items() if id_ in gone)
        for entry in entries:
            new = entry.source not in known and entry.source not in self.replaced
            self.ids["added" if new else "updated"].append(entry.article.id)
        self._store(entries)

    def _ids(self, changed: Sequence[_Made], known: Mapping[str, str]) -> dict[str, str]:
        """Source -> id: the one it has, else the one it wishes, made different from those of other sources."""
        choices = {made.source: _choices(made) for made in changed if made.source not in known}
        owners = self.store.articles.sources_of([id_ for some in choices.values() for id_ in some])
        ids = {made.source: known[made.source] for made in changed if made.source in known}
        for source, some in choices.items():
            ids[source] = next(id_ for id_ in some if owners.setdefault(id_, source) == source)
        return ids

    def _store(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        with self._stage("embed"):
            texts = [entry.article.text[start:end] for entry in entries for start, end in entry.spans]
            vectors = self.library.embedder.embed_passages(texts)
        with self._stage("store"):
            self.store.add(entries, vectors)
        self.passages += len(texts)
        if self.following is None or self.following.done():
            self._catch_up()
            self.following = self.background.submit(self.store.follow)

    def _catch_up(self) -> None:
        """Waits for the vector index, which follows while the next articles are read, and raises what it raised."""
        if self.following:
            self.following.result()

    def _take_up_orphans(self) -> None:
        """Reads again what was left out as the copy of an article that has changed since, in this same run."""
        orphans = {file for file, text_hash in self.copies if self.store.articles.copy_of(text_hash) is None}
        self.copies = [(file, text_hash) for file, text_hash in self.copies if file not in orphans]
        failures, unchanged = list(self.failures), list(self.ids["unchanged"])
        for file in sorted(orphans):
            for batch in _batches(read_file(file)):
                self._take([item for item in batch if isinstance(item, Record)])
        self.failures, self.ids["unchanged"] = failures, unchanged  # each is told once

    def _tell(self, item: Record | Failure) -> None:
        if self.on_progress:
            name = shown(item.path) if isinstance(item, Record) else item.name
            self.on_progress(Progress(self.done, max(self.total, self.done), name))

    def _fingerprint(self, record: Record) -> str:
        fields = json.dumps(dict(record.fields), sort_keys=True)
        return _hash(f"{STAGES_VERSION} {self.settings.passage_words} {fields} {record.text}")

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + time.perf_counter() - began

    def _timed(self, name: str, items: Iterator[Record | Failure]) -> Iterator[Record | Failure]:
        while True:
            with self._stage(name):
                item = next(items, None)
            if item is None:
                return
            yield item


def _entry(made: _Made, id_: str) -> Entry:
    about = made.about
    article = Article(
        id=id_,
        title=about.title,
        text=made.text,
        outlet=about.outlet,
        date=about.date,
        date_source=about.date_source,
        authors=about.authors,
        url=about.url,
        path=shown(made.record.path),
        language=about.language,
    )
    return Entry(article, made.source, made.fingerprint, made.text_hash, made.spans)


def _choices(made: _Made) -> tuple[str, ...]:
    digest = _hash(made.source)
    return made.wish, f"{made.wish}-{digest[:6]}", f"{made.wish}-{digest}"


def _source(record: Record) -> str:
    """Where an article came from, the same in every run: its file, and its key within the file."""
    path = shown(record.path.resolve())
    return f"{path}#{normalise(record.key)}" if record.key else path


def _batches(items: Iterable[Record | Failure]) -> Iterator[list[Record | Failure]]:
    batch: list[Record | Failure] = []
    for item in items:
        batch.append(item)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _slug(text: str) -> str:
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-_")[:60].strip("-") or "article"
