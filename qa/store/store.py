"""Keeps articles, vectors and words in step, after a kill at any moment and whatever another process writes.

articles.db is the truth, the vectors of the passages included. It changes in whole transactions, which note the
passages that came or went; the two indexes follow, brought up to date by whoever finds them behind. Passage ids are
never used twice.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from qa.errors import EmbedderMismatch, LibraryError
from qa.models.base import Vectors
from qa.store.articles import SCHEMA_VERSION, ArticleRow, Articles, Entry, Known
from qa.store.vectors import VectorIndex
from qa.store.words import WordIndex
from qa.text import sentence_spans
from qa.types import Article, Filters, Passage


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that words or vectors found, with what each of them says of it."""

    passage: Passage
    bm25: float
    cosine: float | None
    """None where only the words found it."""


class Store:
    """One library folder. Readers need no lock; everything that writes stands inside `with store.writing():`."""

    def __init__(self, folder: Path, embedder: str, dimension: int) -> None:
        """Opens the library, or makes an empty one. Raises LibraryError, EmbedderMismatch."""
        self.folder = folder.expanduser()
        self._make_folder()
        self._writer = FileLock(self.folder / "writer.lock")
        self._refreshing = threading.Lock()
        self.articles = Articles(self.folder / "articles.db")
        facts = self.articles.facts() or self._create(embedder, dimension)
        if facts.get("schema") != SCHEMA_VERSION:
            raise LibraryError(f"Library {folder} was made by another version of Citewire. {_REMEDY}")
        if (facts.get("embedder"), facts.get("dimension")) != (embedder, str(dimension)):
            built = facts.get("embedder")
            raise EmbedderMismatch(
                f"Library {folder} was built with the embedder '{built}' ({facts.get('dimension')} dimensions), not "
                f"'{embedder}' ({dimension}). Open it with --embed {built}, or name a new folder with --index."
            )
        self._vectors = VectorIndex(self.folder / "vectors", embedder, dimension)
        self._words, self._words_generation = WordIndex.load(self.folder / "words")

    # --- writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
        """Holds the library's one writer lock; on leaving, both indexes are up to date and saved, whatever happened.

        `on_wait` is called once when another process holds the lock.
        """
        try:
            self._writer.acquire(timeout=0)
        except Timeout:
            if on_wait:
                on_wait()
            self._writer.acquire()
        try:
            try:
                yield
            finally:
                self.follow()
                self._save_words()
        finally:
            self._writer.release()

    def add(self, entries: Sequence[Entry], vectors: Vectors) -> None:
        """Stores articles with the vectors of all their passages, shape (passages, dimension), in place of old ones.

        The indexes follow. Raises LibraryError when the disk does not take them; the library then holds what it held.
        """
        self.articles.put(entries, np.ascontiguousarray(vectors, np.float32))

    def forget(self, article_ids: Sequence[str]) -> None:
        """Removes articles; ids that are not there are passed over. The indexes follow."""
        self.articles.take_out(article_ids)

    def follow(self) -> None:
        """Brings the vector index up to date, and makes it anew where it is damaged or gone."""
        try:
            while self._follow_some():
                pass
        except LibraryError:
            # Damaged files are made anew, now that they are known to be; whatever else it was is said again.
            while self._follow_some():
                pass

    def _follow_some(self) -> bool:
        """Whether there was something to follow. A portion at a time, so that searches need not wait for the whole."""
        with self._vectors.held():
            if not self._vectors.is_whole():
                self.articles.start_again()
                self._vectors.start_again()
            pending = self.articles.pending(_AT_ONCE)
            if pending:
                there = self.articles.embedded(list(pending.values()))
                self._vectors.forget(sorted(set(pending.values()) - {passage.passage_id for passage in there}))
                self._vectors.add(there)
                self.articles.settle(pending)
        return bool(pending)

    # --- reading ------------------------------------------------------------------------------------------------------

    def get(self, article_id: str) -> Article | None:
        """The whole article, or None."""
        return self.articles.get(article_id)

    def rows(self) -> list[ArticleRow]:
        """Every article without its text, newest first, undated last."""
        return self.articles.rows()

    def known(self, sources: Sequence[str]) -> dict[str, Known]:
        """Source -> what the library knows of it already."""
        return self.articles.known(sources)

    def words(self) -> WordIndex:
        """The word index of the library as it is now; what another process added or removed is followed."""
        with self._refreshing:
            generation = self.articles.generation()
            if generation != self._words_generation:
                self._words, self._words_generation = self._refreshed(), generation
            return self._words

    def find(self, text: str, vector: Vectors, count: int, filters: Filters = Filters()) -> list[Candidate]:
        """The `count` best passages by words and the `count` best by vectors, without order; each once."""
        for _ in range(_TRIES):
            candidates, gone = self._find(text, vector, count, filters)
            if not gone:
                break  # else the library has changed between one index and the other: what was replaced would be missed
        return candidates

    def _find(self, text: str, vector: Vectors, count: int, filters: Filters) -> tuple[list[Candidate], bool]:
        """Candidates, and whether some that were found have gone meanwhile."""
        words = self.words()
        if not len(words):
            return [], False
        scores = words.scores(text)
        if filters:
            scores = np.where(np.isin(words.passage_ids, self.articles.passage_ids(filters)), scores, 0)
        by_words = [int(words.passage_ids[i]) for i in _top(scores, count) if scores[i] > 0]
        cosines = self._nearest(vector, min(count, len(words)), filters)
        wanted = {*by_words, *cosines}
        found = self.articles.passages(sorted(wanted))
        candidates = [Candidate(found[id_], words.score_of(id_, scores), cosines.get(id_)) for id_ in found]
        return candidates, len(found) < len(wanted)

    def close(self) -> None:
        """Lets go of files and memory."""
        self._vectors.close()
        self.articles.close()

    # --- keeping in step ----------------------------------------------------------------------------------------------

    def _nearest(self, vector: Vectors, count: int, filters: Filters) -> dict[int, float]:
        with self._vectors.held():
            if not self._vectors.is_whole() or self.articles.pending(1):
                self.follow()
            try:
                return self._vectors.nearest(vector, count, filters)
            except LibraryError:  # damaged
                self.follow()
                return self._vectors.nearest(vector, count, filters)

    def _save_words(self) -> None:
        words = self.words()
        try:
            if WordIndex.load(self.folder / "words")[1] != self._words_generation:
                words.save(self.folder / "words", self._words_generation)
        except OSError as error:
            raise LibraryError(
                f"Library {self.folder} could not be written: {error.strerror}. Free some space."
            ) from None

    def _create(self, embedder: str, dimension: int) -> dict[str, str]:
        with self._writer:  # another process may be at it too
            if not self.articles.facts():
                self.articles.create({"embedder": embedder, "dimension": str(dimension)})
            return self.articles.facts()

    def _refreshed(self) -> WordIndex:
        words, _ = WordIndex.load(self.folder / "words") if not len(self._words) else (self._words, 0)
        there = np.array(self.articles.passage_ids(), np.int64)
        gone = np.setdiff1d(words.passage_ids, there)
        new = np.setdiff1d(there, words.passage_ids)
        added = ((passage.id, word_parts(passage)) for passage in self.articles.all_passages([int(i) for i in new]))
        return words.updated(added, gone.tolist())

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise LibraryError(f"Library {self.folder} is not a folder. Name another with --index.") from None
        except OSError as error:
            raise LibraryError(
                f"Library {self.folder} cannot be made: {error.strerror}. Name another with --index."
            ) from None
        if not os.access(self.folder, os.W_OK):
            raise LibraryError(
                f"Library {self.folder} is not writable. Change its permissions, or name another with --index."
            )


_AT_ONCE = 500  # passages that the vector index follows before it lets others search
_TRIES = 5
_REMEDY = "Name a new folder with --index and ingest the articles again."


def word_parts(passage: Passage) -> list[str]:
    """What a passage is found by in words: a heading of its article's title, outlet and date, then its sentences."""
    article, text = passage.article, passage.text
    date = f"{article.date.day} {article.date:%B %Y}" if article.date else ""
    heading = " ".join((article.title, article.outlet or "", date))
    return [heading, *(text[start:end] for start, end in sentence_spans(text))]


def _top(scores: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    if len(scores) <= count:
        return np.arange(len(scores))
    # Of the negative scores: from the other end, partition is many times slower over the many equal zeros.
    return np.argpartition(-scores, count - 1)[:count]
