"""One library: opened, filled, listed, removed from, and kept up with folders that are watched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING

from qa.errors import UsageError
from qa.ingest import IngestReport, Progress, group_stories, ingest, ingest_documents
from qa.ingest.fetch import is_address
from qa.ingest.read import is_readable
from qa.models import EMBEDDERS, BackgroundEmbedder, Embedder, load_embedder, one_name
from qa.runtime import Turnstile
from qa.settings import Settings
from qa.store import ArticleRow, Overview, RemovedArticles, Store, checked_corrections
from qa.types import Article, Correction, Dropped, Filters

if TYPE_CHECKING:
    from llama_index.core.schema import Document

__all__ = ["IngestReport", "Library", "Progress"]


class Library:
    """The articles in one folder. A context manager; safe to read from several threads."""

    def __init__(self, settings: Settings, embedder: Embedder, store: Store) -> None:
        self.settings = settings
        self.embedder = embedder
        self.store = store
        self.turns = Turnstile(settings.work_at_once)
        """Long computations take their turns here."""
        self._overview: tuple[int, Overview] | None = None
        self._behind_since: float | None = None

    @classmethod
    def open(cls, settings: Settings, *, background: bool = False) -> Library:
        """The library at `settings.index`, created empty if there is none.

        Where the settings name no embedder, it is the one that the library was built with. In the `background`, an
        embedder that takes a while loads while words alone already find something; a library that is new, or was built
        with another, waits for it. Raises LibraryError, EmbedderMismatch, ModelError, UsageError.
        """
        settings = with_own_embedder(settings)
        is_slow = background and not _is_quick(settings.embed)
        built = Store.built_with(settings.index, address_of(settings)) if is_slow else None
        if built is None or built.embedder != settings.embed:
            return cls.over(settings, load_embedder(settings.embed, settings))
        embedder = BackgroundEmbedder(
            built.embedder, built.revision, built.dimension, lambda: load_embedder(settings.embed, settings)
        )
        return cls.over(settings, embedder)

    @classmethod
    def over(cls, settings: Settings, embedder: Embedder, *, whatever_embedder: bool = False) -> Library:
        """The library at `settings.index` with an embedder that is loaded already.

        Raises EmbedderMismatch where it was built with another, unless it is opened `whatever_embedder` that was.
        """
        store = Store(
            settings.index,
            embedder.name,
            embedder.dimension,
            revision=embedder.revision,
            database=address_of(settings),
            chroma=settings.chroma,
            chroma_token=settings.chroma_token.get_secret_value() if settings.chroma_token else None,
        )
        if not whatever_embedder:
            store.require_embedder()
        return cls(settings, embedder, store)

    def ingest(
        self,
        sources: Sequence[str | Path],
        on_progress: Callable[[Progress], None] | None = None,
        on_wait: Callable[[], None] | None = None,
        *,
        prune: bool = False,
        wait: bool = True,
    ) -> IngestReport:
        """Takes in files, folders, globs, addresses of pages and of feeds; what has not changed is left alone.

        What cannot be read is reported and loses nothing. With `prune`, articles go whose file has gone from the
        folders that are named, or whose row has gone from its file. `on_wait` is called once when another process is
        writing; LibraryBusy is raised if not to `wait`.
        """
        return ingest(
            [str(source) for source in sources],
            self.store,
            self.embedder,
            self.settings,
            prune=prune,
            on_progress=on_progress,
            on_wait=on_wait,
            wait=wait,
        )

    def add_documents(
        self,
        documents: Iterable[Document],
        on_progress: Callable[[Progress], None] | None = None,
        on_wait: Callable[[], None] | None = None,
        *,
        wait: bool = True,
    ) -> IngestReport:
        """Takes in llama-index's Documents, as any reader of LlamaHub makes them; what has not changed is left alone.

        Their metadata give title, outlet, date, url, authors and id, under the names that files of articles use. The
        text goes the journey of a file's: cleaned, described, split, embedded, compared with what is there.
        """
        return ingest_documents(
            documents, self.store, self.embedder, self.settings, on_progress=on_progress, on_wait=on_wait, wait=wait
        )

    def remove(self, ids: Sequence[str], on_wait: Callable[[], None] | None = None, *, wait: bool = True) -> list[str]:
        """Takes articles out. Raises UsageError for an id that is not there, before any is removed."""
        with self.store.writing(on_wait, wait=wait):
            for id_ in ids:
                self.require(id_)
            self.store.forget(ids)
            group_stories(self.store)
        return list(ids)

    def put_back(self, removed: RemovedArticles, on_wait: Callable[[], None] | None = None) -> list[str]:
        """Ids of the articles that are back as `store.copy_of` had them before they were taken out."""
        with self.store.writing(on_wait):
            ids = self.store.put_back(removed)
            group_stories(self.store)
        return ids

    def correct(
        self,
        ids: Sequence[str],
        given: Mapping[str, str] = {},
        unset: Sequence[str] = (),
        on_wait: Callable[[], None] | None = None,
        *,
        wait: bool = True,
    ) -> None:
        """Sets `title`, `date`, `outlet` or `authors` ("Ines Falk; Per Lund") by hand; `unset` undoes that.

        What is set stands over what the file says, in every later ingest too; an empty value says that there is none.
        Raises UsageError for an id, field or value that cannot be, before anything is changed.
        """
        given = checked_corrections(given, unset)
        with self.store.writing(on_wait, wait=wait):
            for id_ in ids:
                self.require(id_)
            self.store.correct(ids, given, unset)
            group_stories(self.store)

    def corrections(self, article_id: str) -> tuple[Correction, ...]:
        """What was set of an article by hand."""
        return self.store.articles.corrections(article_id)

    def articles(self, filters: Filters = Filters()) -> list[ArticleRow]:
        """Every article that passes the filters, without its text, newest first, undated last."""
        return self.store.articles.rows(filters)

    def article(self, article_id: str) -> Article | None:
        """The whole article, or None."""
        return self.store.get(article_id)

    def require(self, article_id: str) -> Article:
        """The whole article. Raises UsageError if there is none."""
        if (article := self.article(article_id)) is None:
            raise UsageError(
                f"There is no article '{article_id}' in {self.settings.index}. List them with: qa articles"
            )
        return article

    def dropped(self, article_id: str) -> tuple[Dropped, ...]:
        """The lines that cleaning took out of an article, in order."""
        return self.store.articles.dropped(article_id)

    def outlets(self) -> tuple[str, ...]:
        """The outlets of the articles, in alphabetical order."""
        return self.store.outlets()

    def count(self) -> int:
        """How many articles there are."""
        return self.store.articles.count()

    def overview(self) -> Overview:
        """What it holds in numbers: articles by day and outlet."""
        generation = self.generation()
        if self._overview is None or self._overview[0] != generation:
            self._overview = (generation, self.store.overview())
        return self._overview[1]

    def generation(self) -> int:
        """A number that grows with every change of the articles, whoever makes it."""
        return self.store.articles.generation()

    def keep_up(self) -> None:
        """Brings the word index up to date with the articles, so that the next search need not. Raises LibraryError."""
        if self.store.is_behind():
            self._behind_since = self._behind_since or time.monotonic()
            self.store.words()
        self._behind_since = None

    def behind(self) -> float:
        """Seconds for which the word index is behind the articles, as `keep_up` saw it; 0 where it is not.

        No answer is: a search brings it up to date first.
        """
        since = self._behind_since
        return 0.0 if since is None else time.monotonic() - since

    def close(self) -> None:
        """Closes files and frees memory."""
        self.store.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def with_own_embedder(settings: Settings) -> Settings:
    """The settings; where they name no embedder, with the one that the library at `settings.index` was built with."""
    if "embed" in settings.model_fields_set:
        return settings.model_copy(update={"embed": one_name(settings.embed)})
    built = Store.built_with(settings.index, address_of(settings))
    is_known = built is not None and built.embedder.partition(":")[0] in EMBEDDERS
    return settings.model_copy(update={"embed": built.embedder}) if built and is_known else settings


def address_of(settings: Settings) -> str | None:
    """The address of the database that holds the articles; None where a file of the folder does."""
    return settings.database.get_secret_value() if settings.database else None


def _is_quick(embedder: str) -> bool:
    """True if it loads at once."""
    return embedder.startswith("bundled:")


_WATCH_DEBOUNCE = 2_000  # milliseconds that changes are gathered for: a copy of many files comes as one


def watch(
    library: Library,
    sources: Sequence[str],
    on_report: Callable[[IngestReport], None],
    *,
    prune: bool = False,
    wait: bool = True,
    on_wait: Callable[[], None] | None = None,
    stop: Event | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Ingests what changes in files and folders until `stop` is set, and gives a report each time.

    With `prune`, articles go whose file goes. Raises UsageError for a source that cannot be watched.
    """
    from watchfiles import Change
    from watchfiles import watch as changes_of

    roots = check_roots(sources)
    is_ready = False
    events = changes_of(
        *roots, stop_event=stop, debounce=_WATCH_DEBOUNCE, step=100, rust_timeout=500, yield_on_timeout=True
    )
    for changes in events:
        if not is_ready:  # what came before the first look was not seen coming
            is_ready = True
            _report_changes(library.ingest(list(sources), on_wait=on_wait, prune=prune, wait=wait), on_report)
            on_ready()
        there = sorted({path for change, path in changes if change != Change.deleted and Path(path).is_file()})
        wanted = [path for path in there if any(_belongs(Path(path), root) for root in roots)]
        gone = any(change == Change.deleted for change, _ in changes)
        if gone and prune:
            _report_changes(library.ingest(list(sources), on_wait=on_wait, prune=True, wait=wait), on_report)
        elif wanted:
            _report_changes(library.ingest(wanted, on_wait=on_wait, wait=wait), on_report)


def check_roots(sources: Sequence[str]) -> list[Path]:
    """The files and folders to be watched. Raises UsageError for a source that cannot be."""
    return [_watched_root(source) for source in sources]


def _report_changes(report: IngestReport, on_report: Callable[[IngestReport], None]) -> None:
    if report.added or report.updated or report.removed or report.failures:
        on_report(report)


def _watched_root(source: str) -> Path:
    path = Path(source).expanduser()
    if is_address(source) or not path.exists():
        raise UsageError(f"'{source}' cannot be watched: it is no file or folder. Name a folder, such as articles/.")
    return path.resolve()


def _belongs(file: Path, root: Path) -> bool:
    """True if an ingest of the root would read the file."""
    return file == root or (file.is_relative_to(root) and is_readable(file, root))
