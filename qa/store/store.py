"""Keeps articles, vectors and words in step, after a kill at any moment and whatever another process writes.

articles.db is the truth, the vectors of the passages included. It changes in whole transactions, which note the
passages that came or went; the two indexes follow, brought up to date by whoever finds them behind. Passage ids are
never used twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np
from filelock import FileLock, Timeout

from qa.errors import DatabaseGone, EmbedderMismatch, LibraryBusy, LibraryError
from qa.models.base import Vectors
from qa.store.articles.articles import ArticleRow, Articles
from qa.store.articles.changes import KEEPER
from qa.store.articles.contents import ContentsPage, contents_page, outlets_with_counts
from qa.store.articles.manifest import Manifest
from qa.store.articles.overview import Overview, overview_of
from qa.store.articles.removed import RemovedArticles, copy_of, put_back
from qa.store.articles.rows import Nearness, NewArticle
from qa.store.articles.stories import Stories
from qa.store.collections import Collections
from qa.store.conversations import Conversations
from qa.store.database import Database
from qa.store.dialects import has_content
from qa.store.folder import machine_of, make_folder, open_database, require_articles
from qa.store.followed_sources import FollowedSources
from qa.store.follower import Follower
from qa.store.migrations import bring_up_to_date
from qa.store.search import Candidate, Search
from qa.store.shares import Shares
from qa.store.vectors.current import CurrentVectors
from qa.store.vectors.index import VectorIndex
from qa.store.vectors.local import LocalVectors
from qa.store.vectors.server import ServerVectors
from qa.store.windows import Windows
from qa.store.words.current import CurrentWords
from qa.store.words.index import WordIndex
from qa.store.words.merging import AT_HAND
from qa.store.words.query import WordQuery
from qa.types import Article, Filters

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BuiltWith:
    """The embedder whose vectors a library holds."""

    embedder: str
    revision: str
    dimension: int


class Store:
    """One library folder. Readers need no lock; everything that writes stands inside `with store.writing():`.

    A folder that may only be read is read: its vectors are compared in memory, for Chroma writes where it searches.
    """

    def __init__(
        self,
        folder: Path,
        embedder: str,
        dimension: int,
        *,
        revision: str = "",
        database: str | None = None,
        chroma: str | None = None,
        chroma_token: str | None = None,
    ) -> None:
        """Opens the library, or makes an empty one.

        `database` is the address of a PostgreSQL database that holds the articles, `chroma` that of a server that keeps
        the vector index; else both are in the folder.
        `revision` tells the embedder's weights apart from others of the same name. Raises LibraryError,
        EmbedderMismatch.
        """
        self.folder = folder.expanduser()
        self._arguments = {
            "folder": str(self.folder.absolute()),
            "embedder": embedder,
            "dimension": dimension,
            "revision": revision,
            "database": database,
            "chroma": chroma,
            "chroma_token": chroma_token,
        }
        make_folder(self.folder, holds_articles=not database)
        self._database = open_database(self.folder, database)
        self._writer = FileLock(self.folder / ("words.lock" if self._database.is_shared else "writer.lock"))
        self.articles = Articles(self._database)
        self.manifest = Manifest(self._database)
        self.stories = Stories(self._database)
        self.embedder, self.dimension, self.model = (
            embedder,
            dimension,
            f"{embedder}@{revision}" if revision else embedder,
        )
        facts = self.articles.facts() or self._create()
        bring_up_to_date(self._database, self.folder, facts.get("schema", ""), self._writer)
        self.conversations = Conversations(self._database)
        self.followed = FollowedSources(self._database)
        self.shares = Shares(self._database)
        self.collections = Collections(self._database)
        self._built_with = facts
        derived = self.folder / facts["id"] if self._database.is_shared else self.folder
        derived.mkdir(exist_ok=True)
        machine = machine_of(self.folder) if self._database.is_shared else ""
        if self._database.is_shared:
            self.articles.keeper = f"{KEEPER} {chroma or machine}"  # noted where it first follows
        self._vectors: VectorIndex = (
            ServerVectors(chroma, chroma_token, facts["id"], embedder, dimension, self._turns_at(chroma))
            if chroma
            else LocalVectors(derived / "vectors", embedder, dimension)
        )
        self._notices: list[str] = []
        self._followed_vectors = CurrentVectors(
            self._vectors, self.articles, self._database, chroma or "embedded", self._notices.append
        )
        self._words = CurrentWords(
            derived / "words", self.articles, self._writer, self._notices.append, machine=machine
        )
        self._search = Search(self.articles, self.words, self._followed_vectors.nearest)
        self._outlets: tuple[str, ...] = ()
        self._outlets_generation = -1

    @staticmethod
    def built_with(folder: Path, database: str | None = None) -> BuiltWith | None:
        """What a library was built with, before it is opened; None where there is none. See `__init__`."""
        path = folder.expanduser() / "articles.db"
        if not database and not has_content(path):
            return None
        there = Database(database or path)
        try:
            facts = Articles(there).facts()
        finally:
            there.close()
        embedder, model = facts.get("embedder", ""), facts.get("model", "")
        if not embedder:
            return None
        return BuiltWith(embedder, model.removeprefix(embedder).removeprefix("@"), int(facts["dimension"]))

    def require_embedder(self) -> None:
        """Raises EmbedderMismatch where the vectors of the library are of another embedder."""
        facts = self._built_with
        if (facts.get("embedder"), facts.get("dimension")) != (self.embedder, str(self.dimension)):
            built = facts.get("embedder")
            raise EmbedderMismatch(
                f"Library {self.folder} was built with the embedder '{built}' ({facts.get('dimension')} dimensions), "
                f"not '{self.embedder}' ({self.dimension}). Open it with --embed {built}, name a new folder with "
                f"--index, or change the library over with: qa doctor --repair --embed {self.embedder}"
            )
        if facts.get("model") != self.model:
            raise EmbedderMismatch(
                f"Library {self.folder} was built with other weights of the embedder '{self.embedder}'. Make its "
                "vectors again with: qa doctor --repair"
            )

    @cached_property
    def windows(self) -> Windows:
        """What the windows over the library share, with a part of it for each process; begun when first asked for."""
        return Windows(self._database)

    @property
    def is_shared(self) -> bool:
        """True for a server's database, which windows of several machines may be over."""
        return self._database.is_shared

    @property
    def is_read_only(self) -> bool:
        """True where the library may only be read: nothing can be kept or changed in it."""
        return self._database.is_read_only

    @property
    def longest_key(self) -> int | None:
        """Bytes that an id, a source, an address or an outlet may have in this database; None for any number."""
        return self._database.kind.longest_key

    # --- writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self, on_wait: Callable[[], None] | None = None, *, wait: bool = True) -> Iterator[None]:
        """Holds the lock on all articles; on leaving, both indexes are up to date, whatever happened.

        A few vectors are left to the next search, which has the index open anyway: to open it takes a second.
        Where another process holds the lock, `on_wait` is called once, or LibraryBusy is raised if not to `wait`.
        """
        self._database.require_writable()
        if self._database.is_shared:
            with self._kept_up(), self._database.claimed(None, on_wait, wait):
                yield
            return
        try:
            self._writer.acquire(timeout=0)
        except Timeout:
            if not wait:
                raise LibraryBusy(
                    f"Another process is writing to library {self.folder}. Try again when it is done."
                ) from None
            if on_wait:
                on_wait()
            self._writer.acquire()
        try:
            with self._kept_up():
                yield
        finally:
            self._writer.release()

    @contextmanager
    def taking_in(self, on_wait: Callable[[], None] | None = None, *, wait: bool = True) -> Iterator[None]:
        """As `writing`, for work that takes long: over a server's database, others may write meanwhile.

        Whatever it writes then stands inside `claimed`.
        """
        if not self._database.is_shared:
            with self.writing(on_wait, wait=wait):
                yield
            return
        self._database.require_writable()
        with self._database.claimed((), on_wait, wait):
            pass  # who holds the whole library is waited for here, and said
        with self._kept_up():
            yield

    def claimed(self, keys: Iterable[str] | None = None) -> AbstractContextManager[None]:
        """Keeps others on a server's database from articles that are known by these keys; from all of them for None.

        Not to be entered twice by one thread.
        """
        return self._database.claimed(keys)

    def alone(self) -> AbstractContextManager[None]:
        """Lets nobody else write to a server's database meanwhile: for what is read and written within a second or two.

        Not to be entered twice by one thread.
        """
        return self._database.alone()

    @contextmanager
    def _kept_up(self) -> Iterator[None]:
        try:
            yield
        finally:
            if self.articles.count_pending() > _FEW:
                self.follow()
            self._vectors.note()
            self.save_words()
            if self._database.is_shared:
                self.articles.drop_idle_keepers()

    def add(self, entries: Sequence[NewArticle], vectors: Mapping[bytes, Vectors]) -> None:
        """Stores articles, in place of those with their ids, and vectors by the `passage_hash` of what they are of.

        The indexes follow. Raises LibraryError when the disk does not take them; the library then holds what it held.
        """
        self.articles.put(entries, {key: np.ascontiguousarray(v, np.float32) for key, v in vectors.items()})

    def forget(self, article_ids: Sequence[str]) -> None:
        """Removes articles; ids that are not there are passed over. The indexes follow."""
        self.articles.take_out(article_ids)

    def copy_of(self, article_ids: Sequence[str]) -> RemovedArticles:
        """All that is known of articles, to be put back after they were removed."""
        return copy_of(self._database, article_ids)

    def put_back(self, removed: RemovedArticles) -> list[str]:
        """Ids of the removed articles that are back; see `qa.store.articles.removed`. The indexes follow."""
        return put_back(self._database, removed)

    def correct(self, article_ids: Sequence[str], given: Mapping[str, str], unset: Sequence[str]) -> None:
        """Sets fields of articles by hand, or gives them back to their files. The indexes follow."""
        self.articles.correct(article_ids, given, unset)

    def follower(self) -> Follower:
        """Brings the vector index up to date in a process of its own, where there is much to follow."""
        return Follower(self._arguments)

    def follow(self, until: Callable[[], bool] = lambda: False) -> None:
        """Brings the vector index up to date, and makes it anew where it is damaged or gone; or stops when told."""
        self._followed_vectors.follow(until)

    def rebuild(self) -> None:
        """Makes both indexes anew from the articles."""
        self._followed_vectors.start_again()
        self._write_words(self._words.start_again)

    def change_over(self) -> None:
        """Makes the embedder it was opened with the library's own; every passage must have a vector of it by now."""
        facts = {"embedder": self.embedder, "dimension": str(self.dimension), "model": self.model}
        self.articles.forget_keepers()
        self.articles.remember(facts)
        self._built_with = self.articles.facts()

    # --- reading ------------------------------------------------------------------------------------------------------

    def get(self, article_id: str) -> Article | None:
        """The whole article, or None."""
        return self.articles.get(article_id)

    def contents(self, **wanted: Any) -> ContentsPage:
        """A page of the table of contents; see `contents_page` for what can be wanted."""
        return contents_page(self._database, **wanted)

    def outlets_with_counts(self) -> list[tuple[str, int]]:
        """Every outlet and how many articles it has, in the order of the alphabet."""
        return outlets_with_counts(self._database)

    def overview(self) -> Overview:
        """What it holds, in numbers."""
        return overview_of(self._database)

    def rows(self) -> list[ArticleRow]:
        """Every article without its text, newest first, undated last."""
        return self.articles.rows()

    def outlets(self) -> tuple[str, ...]:
        """Every outlet of an article, in the order of the alphabet."""
        generation = self.articles.generation()
        if generation != self._outlets_generation:
            self._outlets, self._outlets_generation = tuple(self.articles.outlets()), generation
        return self._outlets

    def words(self) -> WordIndex:
        """The word index of the library as it is now; what another process added or removed is followed."""
        return self._words.get()

    def is_behind(self) -> bool:
        """True if the word index has not followed the last change yet; the next search will."""
        return self._words.is_behind()

    def mended(self, work: Callable[[], T]) -> T:
        """Returns what `work` returns, which writes nothing. Does it again where a damaged word index made it fail, or
        a database that was gone.
        """
        try:
            return work()
        except DatabaseGone:
            pass  # it may be back: the next connection is a new one
        except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError):
            if not self._words.mend():
                raise
        return work()

    def tell(self, notice: str) -> None:
        """Keeps a sentence for the next reader of an answer, a search or a report."""
        self._notices.append(notice)

    def take_notices(self) -> list[str]:
        """Sentences about what was damaged and made again, or could not be done, since they were last taken."""
        taken = [self._notices.pop(0) for _ in range(len(self._notices))]
        return list(dict.fromkeys(taken))

    def find(
        self,
        query: WordQuery | str,
        vector: Vectors | None,
        count: int,
        filters: Filters = Filters(),
        *,
        copies: bool = False,
        nearness: Nearness | None = None,
    ) -> list[Candidate]:
        """The `count` best passages by words and the `count` best by vectors, without order; each once.

        By words, those that hold the phrase that the question quotes come before all others. With `nearness`, as many
        that are the best by words and day together come along. Without a vector, those by words alone.

        Passages that say nothing new in their story are left out, unless `copies` are wanted or a filter is given:
        the version that passes it may be one.
        """
        return self._search.find(query, vector, count, filters, copies=copies, nearness=nearness)

    def _turns_at(self, chroma: str) -> AbstractContextManager[Any]:
        """The lock that whoever brings a collection of a Chroma server up to date takes turns by."""
        if self._database.is_shared:
            return self._database.turns_at(chroma)
        return FileLock(self.folder / "vectors.lock", poll_interval=0.005)

    # --- what a doctor asks -------------------------------------------------------------------------------------------

    def vector_ids(self) -> set[int] | None:
        """Ids of the passages in the vector index as it is; None where it is damaged or not there."""
        return self._followed_vectors.ids()

    def vector_damage(self) -> str | None:
        """What is damaged in the files of the vector index, every byte compared; None where nothing is."""
        return self._followed_vectors.damage()

    def saved_words(self) -> tuple[WordIndex, str | None]:
        """The word index as it is on disk, and what is damaged there; None where nothing is."""
        return self._words.saved()

    def close(self) -> None:
        """Lets go of files and memory."""
        if "windows" in self.__dict__:
            self.windows.close()
        self._vectors.close()
        self._database.close()

    # --- keeping in step ----------------------------------------------------------------------------------------------

    def save_words(self, most: int = AT_HAND) -> None:
        """Saves the word index of the library as it is now; segments of it are merged up to so many passages."""
        # Over a server's database nobody holds this lock for long.
        with self._writer if self._database.is_shared else nullcontext():
            self._write_words(lambda: self._words.save(most))

    def _write_words(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            raise LibraryError(
                f"Library {self.folder} could not be written: {error.strerror}. Free some space."
            ) from None

    def _create(self) -> dict[str, str]:
        self._database.require_writable()
        with self._writer:  # another process may be at it too
            if not self.articles.facts():
                facts = {"embedder": self.embedder, "dimension": str(self.dimension), "model": self.model}
                if not self._database.is_shared:
                    require_articles(self.folder, is_empty=True)
                    facts[KEEPER] = ""
                self.articles.create({"id": uuid4().hex, **facts})
            return self.articles.facts()


_FEW = 100
