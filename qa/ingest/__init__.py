"""Composes the article's journey: fetch -> read -> clean -> describe -> split -> embed -> store -> stories."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from qa.errors import ReadError
from qa.ingest.build import Builder
from qa.ingest.documents import records_of
from qa.ingest.fetch import Fetcher, is_address
from qa.ingest.identity import Identity, identify
from qa.ingest.read import Failure, Record, count_articles, find_files, is_feed, path_of, shown
from qa.ingest.report import IngestReport, Outcome, Progress, Tally
from qa.ingest.sources import FileEnd, SourceItem, UnchangedFile, covers, read_sources
from qa.ingest.steps import BuiltArticle
from qa.ingest.stories import group_stories
from qa.ingest.workers import Workers, workers_for
from qa.models import Embedder, Vectors
from qa.settings import Settings
from qa.store import Follower, KnownArticle, KnownSource, NewArticle, Origin, Role, Store, passage_hash

__all__ = ["IngestReport", "Outcome", "Progress", "group_stories", "ingest", "ingest_documents"]

_WINDOW = 2_000  # articles that are cleaned together: lines that recur among them are told from the others
_WINDOW_CHARACTERS = 32_000_000
_BATCH = 64  # articles that are embedded and stored together
_FEWER = 12  # the same for a slow embedder, so that the progress bar moves
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
    """Takes in files, folders, globs, addresses of pages and of feeds; leaves alone what has not changed.

    Reports what cannot be read, and loses nothing by it. With `prune`, removes articles whose file has gone from the
    named folders, or whose row has gone from its file. Calls `on_wait` once when another process is writing; raises
    LibraryBusy if not to `wait`. An error that `on_progress` raises ends the run; the articles stored by then stay.
    """
    return _in_one_run(
        lambda run: run.run(sources, prune),
        store,
        embedder,
        settings,
        on_progress=on_progress,
        on_wait=on_wait,
        wait=wait,
    )


def ingest_documents(
    documents: Iterable[Any],
    store: Store,
    embedder: Embedder,
    settings: Settings,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[], None] | None = None,
    wait: bool = True,
) -> IngestReport:
    """Takes in llama-index's Documents on the same journey; otherwise as `ingest`."""
    return _in_one_run(
        lambda run: run.run_documents(documents),
        store,
        embedder,
        settings,
        on_progress=on_progress,
        on_wait=on_wait,
        wait=wait,
    )


def _in_one_run(
    work: Callable[[_Ingest], IngestReport],
    store: Store,
    embedder: Embedder,
    settings: Settings,
    *,
    on_progress: Callable[[Progress], None] | None,
    on_wait: Callable[[], None] | None,
    wait: bool,
) -> IngestReport:
    with store.taking_in(on_wait, wait=wait):
        began = time.perf_counter()
        with (
            workers_for(settings, embedder) as workers,
            store.follower() as follower,
            Fetcher(allow_private=settings.allow_private) as fetcher,
        ):
            try:
                report = work(_Ingest(store, embedder, settings, Tally(on_progress), follower, fetcher, workers))
            except Exception:  # such as one that `on_progress` raises to end it: what is stored by then is whole
                group_stories(store)
                raise
            done = time.perf_counter()
    ended = time.perf_counter()
    return replace(report, seconds=ended - began, stages={**report.stages, "index": ended - done})


class _Ingest:
    """One run, and what it has seen so far."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        settings: Settings,
        tally: Tally,
        follower: Follower,
        fetcher: Fetcher,
        workers: Workers,
    ) -> None:
        self.store, self.tally = store, tally
        self.follower, self.fetcher, self.workers = follower, fetcher, workers
        self.builder = Builder(store.articles, settings, tally, workers)
        self.batch = _BATCH if embedder.name.partition(":")[0] in _QUICK else _FEWER
        self.lost: list[KnownArticle] = []
        """Articles that were pruned; their texts may turn up under another name."""
        self.listed: set[str] = set()
        """Files that were found."""
        self.empty: set[str] = set()
        """Sources that hold nothing."""
        self.whole: set[str] = set()
        """Files that were read to their end."""
        self.failed: set[str] = set()
        """Files with an article that could not be taken in."""
        self.again: set[str] = set()
        """Files to read again, because the articles that theirs were copies of have gone."""

    def run(self, sources: Sequence[str], prune: bool) -> IngestReport:
        """The whole journey, for everything that is named."""
        files, addresses = self._find(sources)
        self._take_all(files, addresses)
        if prune:
            with self.store.claimed():
                self._prune(sources)
        return self._finish()

    def run_documents(self, documents: Iterable[Any]) -> IngestReport:
        """The whole journey of documents that somebody else has read."""
        there = list(documents)
        self.tally.total = len(there)
        self._take_items(records_of(there))
        return self._finish()

    def _finish(self) -> IngestReport:
        for _ in range(_ROUNDS):  # what is read again may be a copy of something else
            if not self._read_again():
                break
        with self.tally.stage("stories"):
            group_stories(self.store)
        back = self.store.articles.sources_of(self.tally.removed)  # a copy took their place
        self.tally.removed = [id_ for id_ in self.tally.removed if id_ not in back]
        self.tally.add_seconds(self.workers.seconds)
        return self.tally.report()

    def _find(self, sources: Sequence[str]) -> tuple[dict[Path, int], list[str]]:
        """The files, with how many articles each seems to hold, and the addresses."""
        files: dict[Path, Path] = {}
        for source in sources:
            if not is_address(source):
                try:
                    for file in find_files(source, self.tally.fail):
                        files.setdefault(file.resolve(), file)
                except ReadError as error:
                    self.empty.add(source)
                    self.tally.fail(Failure(shown(Path(source)), str(error)))
        addresses = list(dict.fromkeys(filter(is_address, sources)))
        expected = {file: count_articles(file) for file in files.values()}
        self.listed = {shown(file) for file in files}
        self.tally.total = sum(expected.values()) + len(addresses)
        return expected, addresses

    # --- the stages, a window of articles at a time -------------------------------------------------------------------

    def _take_all(self, files: Mapping[Path, int], addresses: Sequence[str]) -> None:
        """Fetches and reads everything, and takes it in."""
        manifest, versions = self.store.manifest, self.builder.versions
        self._take_items(read_sources(files, addresses, manifest, self.fetcher, versions, self.workers.reading))

    def _take_items(self, items: Iterator[SourceItem]) -> None:
        """Takes in what is read, a window at a time."""
        window: list[Record] = []
        ends: list[FileEnd] = []
        characters = 0
        for item in self.tally.timed("read", items):
            if isinstance(item, Record):
                window.append(item)
                characters += len(item.text)
                self.tally.count_read(item.name)
            elif isinstance(item, Failure):
                self.tally.fail(item)
                self.tally.count_read(item.name)
            elif isinstance(item, UnchangedFile):
                self._pass_over(item)
            elif isinstance(item, FileEnd):
                ends.append(item)
                self.tally.total -= item.missing
            else:
                self.tally.total += item.count
            if len(window) >= _WINDOW or characters >= _WINDOW_CHARACTERS:
                self._take(window, ends)
                window, ends, characters = [], [], 0
        self._take(window, ends)

    def _pass_over(self, file: UnchangedFile) -> None:
        for known in file.inside:
            self.tally.is_unchanged(known)
        self.whole.add(file.path)
        self.tally.read += len(file.inside)
        self.tally.stored += len(file.inside)

    def _take(self, records: Sequence[Record], ends: Sequence[FileEnd]) -> None:
        """Cleans, describes and stores the records that are new or have changed, then notes the files that ended."""
        origins = map(self.builder.origin_of, records)
        new = {origin.source: (origin, record) for origin, record in zip(origins, records, strict=True)}
        known = self.store.manifest.known(list(new))
        for source, before in known.items():
            if _is_unchanged(new[source][0], before):
                self.tally.is_unchanged(before)
                del new[source]
        self.tally.stored += len(records) - len(new)
        if new:
            replaced = {known[source].article_id for source in new if source in known}
            built = [one for one in self.builder.build(list(new.values()), replaced) if self._fits(one)]
            failed = new.keys() - {one.origin.source for one in built}
            self.failed |= {new[source][0].container for source in failed}
            with self.store.claimed(key for one in built for key in one.arrival.keys):
                self._store(built, self.store.manifest.known(list(new)))
            self._clean_again(replaced)
            with self.tally.stage("stories"):
                group_stories(self.store)
        self._end(ends)

    def _fits(self, one: BuiltArticle) -> bool:
        """Whether the database can find the article by all that it is known by; if not, that is its failure."""
        most = self.store.longest_key
        known_by = (*one.arrival.keys, one.arrival.outlet or "")
        if most is None or max(len(key.encode("utf-8", "replace")) for key in known_by) <= most:
            return True
        reason = f"its path, address, id or outlet is longer than the database can keep ({most:,} bytes)"
        self.tally.fail(Failure(one.origin.source[:200], reason))
        return False

    def _store(self, built: Sequence[BuiltArticle], known: Mapping[str, KnownSource]) -> None:
        """Stores each as what it is: an article, or a note that it is a copy or an older version of one."""
        arrivals = [one.arrival for one in built]
        identities = identify(arrivals, known, self.store, lost=self.lost, is_gone=self._is_gone)
        displaced = self.store.manifest.known(identities.again)
        self.again.update(known.container for known in displaced.values())
        self._take_out(identities.gone)
        articles = {one.origin.source: one for one in built if identities.of[one.origin.source].role == "article"}
        finished = (one.finished(identities.of[source]) for source, one in articles.items())
        for some in self._put(finished):
            for article in some:
                was_there = article.article.id in identities.there or article.article.id in self.tally.removed
                outcome: Outcome = "updated" if was_there else "added"
                self.tally.became(article.origin.source, outcome, article.article.id)
            self.tally.stored += len(some)
            self.tally.tell(some[-1].origin.container)
        self.store.articles.set_first_published(identities.firsts)
        self.store.manifest.demote(identities.demoted)
        for source, before in self.store.manifest.known(list(identities.demoted)).items():
            self.tally.gives_way(source, before.article_id)
        self._note([(one, identities.of[one.origin.source]) for one in built if one.origin.source not in articles])

    def _put(self, articles: Iterator[NewArticle]) -> Iterator[list[NewArticle]]:
        """Embeds and stores articles that are split; gives them as they are stored."""
        for some, vectors in self._embedded(articles):
            self._add(some, vectors)
            yield some

    def _add(self, articles: Sequence[NewArticle], vectors: Mapping[bytes, Vectors]) -> None:
        with self.tally.stage("store"):
            self.store.add(articles, vectors)
        passages = sum(len(new.spans) for new in articles)
        self.tally.passages += passages
        self.follower.count(passages)

    def _clean_again(self, replaced: Set[str]) -> None:
        """Takes lines that recur by now out of stored articles.

        To clean and embed takes long, so others may write meanwhile: what they have changed is left to them.
        """
        before: dict[str, str] = {}
        for some, vectors in self._embedded(self.builder.cleaned_again(replaced, before)):
            with self.store.alone():
                there = {old.article.id: old.text_hash for old in self.store.articles.stored(list(before))}
                same = [new for new in some if there.get(new.article.id) == before[new.article.id]]
                said = {passage_hash(new.article.text[start:end]) for new in same for start, end in new.spans}
                self._add(same, {key: vectors[key] for key in said & vectors.keys()})
            for new in some:
                del before[new.article.id]

    def _embedded(self, articles: Iterator[NewArticle]) -> Iterator[tuple[list[NewArticle], dict[bytes, Vectors]]]:
        """Articles by the batch, with the vectors of the texts that the library has none for, by `passage_hash`."""
        batches: deque[tuple[list[NewArticle], list[bytes]]] = deque()

        def texts() -> Iterator[list[str]]:
            while some := list(islice(articles, self.batch)):
                each = (new.article.text[start:end] for new in some for start, end in new.spans)
                by_hash = {passage_hash(text): text for text in each}
                there = self.store.articles.embedded_texts(by_hash)
                batches.append((some, [key for key in by_hash if key not in there]))
                yield [by_hash[key] for key in batches[-1][1]]

        for vectors in self.workers.map("embed", texts()):
            some, new = batches.popleft()
            yield some, dict(zip(new, vectors, strict=True))

    def _note(self, others: Sequence[tuple[BuiltArticle, Identity]]) -> None:
        """Notes copies and older versions, except of articles that have gone since."""
        there = self.store.articles.sources_of([identity.article_id for _, identity in others])
        notes: list[tuple[Origin, str, Role, str]] = []
        for one, identity in others:
            if identity.article_id in there:
                notes.append((one.origin, identity.article_id, identity.role, one.arrival.text_hash))
                self.tally.became(one.origin.source, "duplicate", identity.article_id)
            else:
                self.again.add(one.origin.container)
        self.store.manifest.note(notes)
        self.tally.stored += len(others)

    def _end(self, ends: Sequence[FileEnd]) -> None:
        """Notes files that went in as a whole, and hold all that the library has of them."""
        whole = {end.path: end.content_hash for end in ends if end.is_whole and end.path not in self.failed}
        self.whole.update(whole)
        for known in self.store.manifest.inside(list(whole)):
            if not self.tally.has_seen(known.source):
                whole.pop(known.container, None)
        self.store.manifest.note_files(whole, self.builder.versions)

    # --- what has gone ------------------------------------------------------------------------------------------------

    def _is_there(self, container: str) -> bool:
        return container in self.listed or _is_file(path_of(container), unsure=True)

    def _is_gone(self, source: str) -> bool:
        """Whether a source is a file that no longer exists."""
        known = self.store.manifest.known([source]).get(source)
        return known is not None and not is_address(known.container) and not self._is_there(known.container)

    def _take_out(self, ids: Sequence[str]) -> None:
        """Removes articles; files that hold copies of them are to be read again."""
        if ids:
            read_from = set(self.store.articles.sources_of(ids).values())
            others = self.store.manifest.sources_of(ids)
            self.again.update(container for _, source, container in others if source not in read_from)
            self.store.forget(ids)

    def _prune(self, sources: Sequence[str]) -> None:
        """Removes articles whose file, or whose place in a file that was read to its end, is gone."""
        gone: dict[str, KnownSource] = {}
        # A source with nothing left may be a drive that is missing: then nothing goes.
        there = [source for source in sources if source not in self.empty]
        covered = [one for one in self.store.manifest.containers() if any(covers(source, one) for source in there)]
        is_there = {container: self._is_there(container) for container in covered}
        is_whole = {container: container in self.whole and not is_feed(Path(container)) for container in covered}
        for known in self.store.manifest.inside(covered):
            place = known.container
            if not is_there[place] or (is_whole[place] and not self.tally.has_seen(known.source)):
                gone[known.source] = known
        articles = [known.article_id for known in gone.values() if known.role == "article"]
        self.lost = self.store.articles.known(ids=articles)
        self.store.manifest.forget([source for source, known in gone.items() if known.role != "article"])
        self._take_out(articles)
        self.tally.removed += articles

    def _read_again(self) -> bool:
        """Reads files again whose articles were copies of something that has changed; whether there were any."""
        with self.store.alone():
            estranged = self.store.manifest.estranged()
            self.store.manifest.forget([known.source for known in estranged])
        for known in estranged:
            self.tally.takes_back(known.source)
        containers = sorted(self.again | {known.container for known in estranged})
        self.again = set()
        files = [file for container in containers if _is_file(file := path_of(container), unsure=False)]
        self.store.manifest.forget_files([shown(file) for file in files])
        self._take_all(dict.fromkeys(files, 0), list(filter(is_address, containers)))
        return bool(containers)


def _is_unchanged(origin: Origin, before: KnownSource) -> bool:
    return (origin.content_hash, origin.versions) == (before.content_hash, before.versions)


def _is_file(path: Path, *, unsure: bool) -> bool:
    """Whether it is a file; `unsure` where a folder above it cannot be entered."""
    try:
        return path.is_file()
    except OSError:
        return unsure
