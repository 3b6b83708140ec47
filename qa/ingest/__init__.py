"""Composes the article's journey: find -> (fetch) -> read -> clean -> describe -> split -> embed -> store -> settle."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from qa.errors import ReadError
from qa.ingest.build import Made, Maker, portions
from qa.ingest.fetch import Fetcher, is_address
from qa.ingest.identity import Place, find_places
from qa.ingest.read import Failure, Record, count_articles, find_files, is_feed, path_of, shown
from qa.ingest.report import IngestReport, Outcome, Progress, Tally
from qa.ingest.sources import End, Unchanged, read_offers
from qa.ingest.stories import settle
from qa.models import Embedder, Vectors
from qa.settings import Settings
from qa.store import Entry, Follower, Holder, Known, Offer, Role, Store, passage_hash

__all__ = ["IngestReport", "Outcome", "Progress", "embed_new", "ingest", "settle"]

_WINDOW = 2_000  # articles that are cleaned together: lines that recur among them are told from the others
_WINDOW_CHARACTERS = 32_000_000
_BATCH = 64  # articles that are embedded and stored together
_FEWER = 12  # the same where embedding takes a second for every few passages: the bar is to move
_QUICK = ("bundled",)
_ROUNDS = 5


def ingest(
    sources: Sequence[str],
    store: Store,
    embedder: Embedder,
    settings: Settings,
    *,
    prune: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[], None] | None = None,
    wait: bool = True,
) -> IngestReport:
    """Takes in files, folders, globs, addresses of pages and of feeds; what has not changed is left alone.

    What cannot be read is reported and loses nothing. With `prune`, articles go whose file has gone from the folders
    that are named, or whose row has gone from its file. `on_wait` is called once when another process is writing;
    LibraryBusy is raised if not to `wait`. What `on_progress` raises ends it; the articles that are in by then stay.
    """
    with store.writing(on_wait, wait=wait):
        began = time.perf_counter()
        with store.follower() as follower, Fetcher(allow_private=settings.allow_private) as fetcher:
            try:
                report = _Ingest(store, embedder, settings, Tally(on_progress), follower, fetcher).run(sources, prune)
            except Exception:  # such as one that `on_progress` raises to end it: what is in by then is whole
                settle(store)
                raise
            done = time.perf_counter()
    ended = time.perf_counter()
    return replace(report, seconds=ended - began, stages={**report.stages, "index": ended - done})


class _Ingest:
    """One run and what it has seen so far."""

    def __init__(
        self, store: Store, embedder: Embedder, settings: Settings, tally: Tally, follower: Follower, fetcher: Fetcher
    ) -> None:
        self.store, self.embedder, self.tally = store, embedder, tally
        self.follower, self.fetcher = follower, fetcher
        self.maker = Maker(store.articles, settings, tally)
        self.batch = _BATCH if embedder.name.partition(":")[0] in _QUICK else _FEWER
        self.lost: list[Holder] = []
        """Articles that were pruned; their texts may turn up under another name."""
        self.listed: set[str] = set()
        """Files that were found."""
        self.empty: set[str] = set()
        """What was named and holds nothing."""
        self.whole: set[str] = set()
        """Files that were read to their end."""
        self.again: set[str] = set()
        """Files to be read again, because what their articles were copies of has gone."""

    def run(self, sources: Sequence[str], prune: bool) -> IngestReport:
        """Everything, in order."""
        files, addresses = self._find(sources)
        expected = {file: count_articles(file) for file in files}
        self.listed = {shown(file.resolve()) for file in files}
        self.tally.total = sum(expected.values()) + len(addresses)
        self._take_all(expected, addresses)
        if prune:
            self._prune(sources)
        for _ in range(_ROUNDS):  # what is read again may be a copy of something else
            if not self._read_again():
                break
        with self.tally.stage("stories"):
            settle(self.store)
        back = self.store.articles.sources_of(self.tally.removed)  # from where a copy was
        self.tally.removed = [id_ for id_ in self.tally.removed if id_ not in back]
        return self.tally.report()

    def _find(self, sources: Sequence[str]) -> tuple[list[Path], list[str]]:
        files: dict[Path, Path] = {}
        for source in sources:
            if not is_address(source):
                try:
                    for file in find_files(source):
                        files.setdefault(file.resolve(), file)
                except ReadError as error:
                    self.empty.add(source)
                    self.tally.fail(Failure(shown(Path(source)), str(error)))
        return list(files.values()), list(dict.fromkeys(filter(is_address, sources)))

    def _take_all(self, files: Mapping[Path, int], addresses: Sequence[str]) -> None:
        """Reads everything and takes it in, a window at a time."""
        window: list[Record] = []
        ends: list[End] = []
        characters = 0
        offers = read_offers(files, addresses, self.store.manifest, self.fetcher, self.maker.versions)
        for item in self.tally.timed("read", offers):
            if isinstance(item, Record):
                window.append(item)
                characters += len(item.text)
                self.tally.count_read(item.name)
            elif isinstance(item, Failure):
                self.tally.fail(item)
                self.tally.count_read(item.name)
            elif isinstance(item, Unchanged):
                self._pass_over(item)
            elif isinstance(item, End):
                ends.append(item)
                self.tally.total -= item.missing
            else:
                self.tally.total += item.count
            if len(window) >= _WINDOW or characters >= _WINDOW_CHARACTERS:
                self._take(window, ends)
                window, ends, characters = [], [], 0
        self._take(window, ends)

    def _pass_over(self, file: Unchanged) -> None:
        for known in file.inside:
            self.tally.is_unchanged(known)
        self.whole.add(file.path)
        self.tally.read += len(file.inside)
        self.tally.stored += len(file.inside)

    # --- taking in ----------------------------------------------------------------------------------------------------

    def _take(self, window: Sequence[Record], ends: Sequence[End]) -> None:
        """Takes records through the stages and stores what is new or has changed, then notes the files that ended."""
        offers = {
            offer.source: (offer, record) for offer, record in zip(map(self.maker.offer, window), window, strict=True)
        }
        known = self.store.manifest.known(list(offers))
        for source, before in known.items():
            if _is_unchanged(offers[source][0], before):
                self.tally.is_unchanged(before)
                del offers[source]
        self.tally.stored += len(window) - len(offers)
        empty: Set[str] = frozenset()
        if offers:
            replaced = {known[source].article_id for source in offers if source in known}
            made = self.maker.make(list(offers.values()), replaced)
            empty = offers.keys() - {one.offer.source for one in made}
            self._store(made, known)
            for some in portions(self.maker.cleaned_again(replaced), self.batch):
                self._put(some)
            with self.tally.stage("stories"):
                settle(self.store)
        self._end(ends, {offers[source][0].container for source in empty})

    def _end(self, ends: Sequence[End], failed: Set[str]) -> None:
        """Notes files that went in as a whole, and hold all that the library has of them."""
        whole = {end.path: end.content_hash for end in ends if end.is_whole and end.path not in failed}
        self.whole.update(whole)
        for known in self.store.manifest.inside(list(whole)):
            if not self.tally.has_seen(known.source):
                whole.pop(known.container, None)
        self.store.manifest.note_files(whole, self.maker.versions)

    def _store(self, made: Sequence[Made], known: Mapping[str, Known]) -> None:
        """Stores each as what it is: an article, or a note that it is a copy or an older version of one."""
        offered = [one.offered for one in made]
        places = find_places(offered, known, self.store, lost=self.lost, is_gone=self._is_gone)
        displaced = self.store.manifest.known(places.again)
        self.again.update(known.container for known in displaced.values())
        self._take_out(places.gone)
        articles = {one.offer.source: one for one in made if places.of[one.offer.source].role == "article"}
        for some in portions(
            (self.maker.entry(one, places.of[source]) for source, one in articles.items()), self.batch
        ):
            self._put(some)
            for entry in some:
                was_there = entry.article.id in places.there or entry.article.id in self.tally.removed
                outcome: Outcome = "updated" if was_there else "added"
                self.tally.became(entry.offer.source, outcome, entry.article.id)
            self.tally.stored += len(some)
            self.tally.tell(some[-1].offer.container)
        self.store.articles.set_first_published(places.firsts)
        self.store.manifest.demote(places.demoted)
        for source, before in self.store.manifest.known(list(places.demoted)).items():
            self.tally.gives_way(source, before.article_id)
        self._note([(one, places.of[one.offer.source]) for one in made if one.offer.source not in articles])

    def _note(self, others: Sequence[tuple[Made, Place]]) -> None:
        """Notes copies and older versions, but of articles that have gone since."""
        there = self.store.articles.sources_of([place.article_id for _, place in others])
        notes: list[tuple[Offer, str, Role, str]] = []
        for one, place in others:
            if place.article_id in there:
                notes.append((one.offer, place.article_id, place.role, one.offered.text_hash))
                self.tally.became(one.offer.source, "duplicate", place.article_id)
            else:
                self.again.add(one.offer.container)
        self.store.manifest.note(notes)
        self.tally.stored += len(others)

    def _put(self, entries: Sequence[Entry]) -> None:
        texts = [entry.article.text[start:end] for entry in entries for start, end in entry.spans]
        with self.tally.stage("embed"):
            vectors = embed_new(self.store, self.embedder, texts)
        with self.tally.stage("store"):
            self.store.add(entries, vectors)
        self.tally.passages += len(texts)
        self.follower.count(len(texts))

    def _is_there(self, container: str) -> bool:
        return container in self.listed or path_of(container).is_file()

    def _is_gone(self, source: str) -> bool:
        """Whether a source that is no address leads nowhere."""
        known = self.store.manifest.known([source]).get(source)
        return known is not None and not is_address(known.container) and not self._is_there(known.container)

    # --- what has gone ------------------------------------------------------------------------------------------------

    def _take_out(self, ids: Sequence[str]) -> None:
        """Removes articles; files that held copies of them are read again."""
        if ids:
            read_from = set(self.store.articles.sources_of(ids).values())
            others = self.store.manifest.sources_of(ids)
            self.again.update(container for _, source, container in others if source not in read_from)
            self.store.forget(ids)

    def _prune(self, sources: Sequence[str]) -> None:
        """Removes articles whose file, or whose place in a file that was read to its end, is gone."""
        gone: dict[str, Known] = {}
        # Where nothing is left, a drive may be missing: then nothing goes.
        there = [source for source in sources if source not in self.empty]
        for container in self.store.manifest.containers():
            if not any(_covers(source, container) for source in there):
                continue
            inside = self.store.manifest.inside([container])
            if not self._is_there(container):
                gone |= {known.source: known for known in inside}
            elif container in self.whole and not is_feed(Path(container)):
                gone |= {known.source: known for known in inside if not self.tally.has_seen(known.source)}
        articles = [known.article_id for known in gone.values() if known.role == "article"]
        self.lost = self.store.articles.holders(ids=articles)
        self.store.manifest.forget([source for source, known in gone.items() if known.role != "article"])
        self._take_out(articles)
        self.tally.removed += articles

    def _read_again(self) -> bool:
        """Reads files again whose articles were copies of something that has changed; whether there were any."""
        estranged = self.store.manifest.estranged()
        self.store.manifest.forget([known.source for known in estranged])
        for known in estranged:
            self.tally.takes_back(known.source)
        containers = sorted(self.again | {known.container for known in estranged})
        self.again = set()
        files = [file for container in containers if (file := path_of(container)).is_file()]
        self.store.manifest.forget_files([shown(file) for file in files])
        self._take_all(dict.fromkeys(files, 0), list(filter(is_address, containers)))
        return bool(containers)


def embed_new(store: Store, embedder: Embedder, texts: Iterable[str]) -> dict[bytes, Vectors]:
    """The vectors of those of the texts that the library has none for, by `passage_hash`."""
    by_hash = {passage_hash(text): text for text in texts}
    there = store.articles.embedded_texts(by_hash)
    new = [key for key in by_hash if key not in there]
    return dict(zip(new, embedder.embed_passages([by_hash[key] for key in new]), strict=True)) if new else {}


def _is_unchanged(offer: Offer, before: Known) -> bool:
    return (offer.content_hash, offer.versions) == (before.content_hash, before.versions)


def _covers(source: str, container: str) -> bool:
    """Whether a file belongs to what the user named: a folder that holds it, itself, or a pattern."""
    if is_address(source) or is_address(container):
        return False
    path, file = Path(source).expanduser(), path_of(container)
    if path.is_dir():
        return file.is_relative_to(path.resolve())
    return file == path.resolve() or _matches(source, file)


def _matches(pattern: str, file: Path) -> bool:
    """Whether a glob names a file, the way that Python's own does: * stays in a folder, **/ goes through any number."""
    parts = Path(pattern).expanduser().parts
    fixed = list(takewhile(lambda part: not set(part) & set("*?["), parts))
    if len(fixed) == len(parts) or not file.is_relative_to(Path(*fixed).resolve()):
        return False
    return _matches_parts(parts[len(fixed) :], file.relative_to(Path(*fixed).resolve()).parts)


def _matches_parts(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    if not pattern or not parts:
        return not pattern and not parts
    if pattern[0] == "**":
        return _matches_parts(pattern[1:], parts) or _matches_parts(pattern, parts[1:])
    return fnmatch.fnmatchcase(parts[0], pattern[0]) and _matches_parts(pattern[1:], parts[1:])
