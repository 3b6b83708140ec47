"""BM25 over the terms of every passage, memory-mapped. An update reads and sorts only what is added."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.store.words import files
from qa.store.words.postings import (
    BODY,
    SOURCE,
    TITLE,
    Ids,
    Postings,
    heading_weights,
    inverted,
    joined,
    starts,
    without,
)
from qa.store.words.query import SAME, QueryReader, QueryTerm, WordQuery
from qa.store.words.typos import Typos
from qa.store.words.wording import SENTENCE, Wording, numbered

_AT_ONCE = 8_000
"""Passages that are sorted together: few enough that memory stays small, many enough that few are joined."""


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """What BM25 is told; the defaults are the best on news questions of 2022 and 2023."""

    title: float = 2.0
    """How often a word counts that is once in the title; in a sentence it counts once."""
    source: float = 0.3
    """How often one counts that is in the outlet or the date."""
    k1: float = 0.9
    """How soon it saturates."""
    b: float = 0.4
    """How much the length of the passage counts, 0 to 1."""


_TRIES = 5
_FEW = 10
"""Passages that may hold a word before it is too common to be fed back."""


class WordIndex:
    """BM25 over passages. It is never changed: `updated` gives a new one, so that readers can go on with the old."""

    def __init__(
        self,
        passage_ids: Ids,
        offsets: Ids,
        tokens: NDArray[np.int32],
        lengths: NDArray[np.int32],
        postings: Postings,
        vocabulary: dict[str, int],
    ) -> None:
        self.passage_ids = passage_ids
        """Ascending. Row i is `tokens[offsets[i]:offsets[i + 1]]`: numbers in `vocabulary`, and the two marks."""
        self._offsets = offsets
        self._tokens = tokens
        self._lengths = lengths
        """Words of each passage by field, shape (passages, 3)."""
        self._postings = postings
        self._vocabulary = vocabulary
        self._saturations: dict[FieldWeights, NDArray[np.float32]] = {}
        self._typos: Typos | None = None
        self._names: list[str] | None = None
        self.is_sampled = False
        """True if it is read from files that were not compared whole with their checksums."""

    @classmethod
    def empty(cls) -> WordIndex:
        """An index of nothing."""
        nothing = np.zeros(0, np.int32)
        return cls(
            np.zeros(0, np.int64), np.zeros(1, np.int64), nothing, np.zeros((0, 3), np.int32), Postings.empty(), {}
        )

    def __len__(self) -> int:
        return len(self.passage_ids)

    @property
    def unreadable(self) -> Ids:
        """Ids of the passages that cannot be analyzed, so that no word finds them; ascending."""
        return np.asarray(self.passage_ids[np.diff(self._offsets) == 0])

    def updated(self, added: Iterable[tuple[int, Wording]], gone: Sequence[int] = ()) -> WordIndex:
        """The index with passages added and others gone; only what is added is read, and only that is sorted.

        A passage is its id, higher than all before, and its words.
        """
        vocabulary = dict(self._vocabulary)
        new_ids, new_tokens, new_fields, new_sizes = numbered(added, vocabulary)
        kept = ~np.isin(self.passage_ids, gone)
        tokens, sizes, lengths, postings = self._tokens, np.diff(self._offsets), self._lengths, self._postings
        if not kept.all():
            tokens, sizes, lengths = tokens[np.repeat(kept, sizes)], sizes[kept], lengths[kept]
            postings = without(postings, kept)
        pieces = [lengths]
        for first in range(0, len(new_ids), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            part = slice(new_sizes[:first].sum(), new_sizes[: some.stop].sum())
            piece, words = inverted(
                new_tokens[part], new_fields[part], new_sizes[some], len(sizes) + first, len(vocabulary)
            )
            postings = joined(postings, piece)
            pieces.append(words)
        return WordIndex(
            np.concatenate([self.passage_ids[kept], new_ids]),
            starts(np.concatenate([sizes, new_sizes])),
            np.concatenate([tokens, new_tokens]),
            np.concatenate(pieces),
            postings,
            vocabulary,
        )

    # --- asking -------------------------------------------------------------------------------------------------------

    def query(self, text: str, language: str | None = None) -> WordQuery:
        """The question with the words of the vocabulary that each of its words matches.

        It holds for this index; another that it is given to reads its text again.
        """
        return QueryReader(self._vocabulary, self._df, self.idf_of, self._typo_finder).read(text, language)

    def _read(self, query: WordQuery | str) -> WordQuery:
        if isinstance(query, WordQuery) and query.vocabulary is self._vocabulary:
            return query
        return self.query(query) if isinstance(query, str) else self.query(query.text, query.language)

    def scores(self, query: WordQuery | str, weights: FieldWeights = FieldWeights()) -> NDArray[np.float32]:
        """BM25 of every passage, shape (passages,), in the order of `passage_ids`.

        Lucene's: idf(w) * tf / (tf + k1 (1 - b + b |d| / avg|d|)), where what a word matches counts together, and
        what stands in the heading counts by its field's weight (Robertson, Zaragoza and Taylor, 2004).
        """
        query = self._read(query)
        postings, saturation = self._postings, self._saturation(weights)
        headings = heading_weights(weights.title, weights.source)
        scores, held = np.zeros(len(self), np.float32), np.zeros(len(self), np.float32)
        for term in _each(query):
            found: list[NDArray[np.int32]] = []
            for token, weight in zip(term.tokens, term.weights, strict=True):
                column = self._column(token)
                rows = postings.rows[column]
                before = held[rows]
                held[rows] = before + np.float32(weight) * postings.weighted(column, headings)
                found.append(rows[before == 0] if found else rows)
            for rows in found:
                counts = held[rows]
                scores[rows] += np.float32(term.boost * term.idf) * (counts / (counts + saturation[rows]))
                held[rows] = 0
        return scores

    def score_of(self, passage_id: int, scores: NDArray[np.float32]) -> float:
        """The score of one passage among `scores`; 0 where it was stored since."""
        place = self._place(passage_id)
        return 0.0 if place is None else float(scores[place])

    def phrase_rows(self, query: WordQuery | str) -> NDArray[np.bool_] | None:
        """Whether each passage holds every quoted phrase, word after word but for stopwords; None where none is quoted.

        Shape (passages,), in the order of `passage_ids`.
        """
        query = self._read(query)
        phrases = defaultdict[int, list[QueryTerm]](list)
        for term in query.terms:
            if term.phrase >= 0:
                phrases[term.phrase].append(term)
        if not phrases:
            return None
        contains = np.ones(len(self), bool)
        for terms in phrases.values():
            contains &= self._follows(terms, contains)
        return contains

    def _follows(self, terms: Sequence[QueryTerm], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the passages hold the words one after the other."""
        same = [[t for t, w in zip(term.tokens, term.weights, strict=True) if w >= SAME] for term in terms]
        rows = among.copy()
        for tokens in same:
            contains = np.zeros(len(self), bool)
            for token in tokens:
                contains[self._postings.rows[self._column(token)]] = True
            rows &= contains
        if len(terms) == 1 or not rows.any():
            return rows
        places = np.flatnonzero(rows)
        tokens_, owners = self._flat(places)
        follows = np.ones(len(tokens_), bool)
        for place, tokens in enumerate(same):
            is_next = np.isin(tokens_, tokens)
            follows &= np.concatenate([is_next[place:], np.zeros(place, bool)])
        rows[:] = False
        rows[places[owners[follows]]] = True
        return rows

    def feedback(
        self, query: WordQuery | str, passage_ids: Sequence[int], *, terms: int = 10, weight: float = 0.5
    ) -> WordQuery:
        """The question with the words of highest weight in the first passages: RM3 (Lavrenko and Croft).

        The added words together count `weight` times what those of the question do.
        """
        query = self._read(query)
        places = [place for id_ in passage_ids if (place := self._place(id_)) is not None]
        known = {token for term in query.terms for token in term.tokens}
        if not places or not query.terms:
            return query
        scores = self.scores(query)[places]
        shares = scores / scores.sum() if scores.sum() > 0 else np.full(len(places), 1 / len(places))
        model = np.zeros(len(self._vocabulary))
        for place, share in zip(places, shares, strict=True):
            row = self._row(place)
            row = row[row >= 0]
            np.add.at(model, row, share / max(len(row), 1))
        found = np.flatnonzero(model)
        frequencies = self._postings.document_frequencies()[found]
        # A word of one passage finds no other; a word of many tells none apart.
        found = found[(frequencies > 1) & (frequencies <= max(_FEW, len(self) // 10))]
        names = self._words()
        worth = {
            int(token): float(model[token]) * self.idf_of(int(token))
            for token in found
            if int(token) not in known and len(names[token]) > 2
        }
        best = sorted(worth, key=lambda token: (-worth[token], names[token]))[:terms]
        whole = sum(worth[token] for token in best)
        boosts = {token: weight * len(query.terms) * worth[token] / whole for token in best}
        added = tuple(
            QueryTerm(names[token], (token,), (1.0,), self.idf_of(token), "word", boost=boost)
            for token, boost in boosts.items()
        )
        return replace(query, terms=query.terms + added)

    def coverage(self, query: WordQuery | str, passage_ids: Sequence[int]) -> dict[int, float]:
        """Passage id -> share of the words asked for, weighted by idf, that the passage's best sentence holds, 0 to 1.

        A word that only the heading holds counts half: it says what the sentence is about, and does not say it there.
        A passage that was stored since, or has gone, has none.
        """
        query = self._read(query)
        terms = _each(query)
        weights = np.array([term.boost * term.idf for term in terms])
        places = {id_: place for id_ in passage_ids if (place := self._place(id_)) is not None}
        if not places or not terms:
            return dict.fromkeys(passage_ids, 0.0)
        # One flat row of tokens: a segment is the heading of a passage, or one of its sentences.
        tokens, owners = self._flat(list(places.values()))
        first = np.flatnonzero(np.diff(owners, prepend=-1))
        segments = np.cumsum(tokens == SENTENCE) - 1
        headings = segments[first]
        held = np.zeros((segments[-1] + 1, len(terms)))
        for column, term in enumerate(terms):
            for token, weight in reversed(list(zip(term.tokens, term.weights, strict=True))):
                held[segments[tokens == token], column] = weight
        sentences = np.diff([*headings, len(held)])
        by_heading = np.maximum(np.repeat(held[headings], sentences, axis=0) - held, 0) * held.any(
            axis=1, keepdims=True
        )
        covered = (held + 0.5 * by_heading) @ weights / weights.sum()
        covered[headings] = 0.0
        best = np.maximum.reduceat(covered, headings)
        return dict.fromkeys(passage_ids, 0.0) | dict(zip(places, best.tolist(), strict=True))

    def tokens_of(self, passage_ids: Sequence[int]) -> tuple[NDArray[np.int32], Ids]:
        """The tokens of the passages in one row, in order, and where each begins, with the end of the last.

        Title, -2, outlet and date, then -1 before each sentence. A passage that has gone has none.
        """
        rows = [np.zeros(0, np.int32) if place is None else self._row(place) for place in map(self._place, passage_ids)]
        offsets = starts(np.array([len(row) for row in rows], np.int64))
        return (np.concatenate(rows) if rows else np.zeros(0, np.int32)), offsets

    def idf(self, word: str) -> float:
        """The idf of a stem, name or number: ln(1 + (N - n + .5) / (n + .5)), where n of N passages contain it."""
        return self.idf_of(self._vocabulary.get(word))

    def idf_of(self, token: int | None) -> float:
        """The idf of the word with that number; None is a word that no passage holds."""
        df = 0 if token is None else self._df(token)
        return math.log(1 + (len(self) - df + 0.5) / (df + 0.5))

    @property
    def vocabulary_size(self) -> int:
        """How many words have a number: 0 up to this."""
        return len(self._vocabulary)

    def _df(self, token: int) -> int:
        return int(self._postings.starts[token + 1] - self._postings.starts[token])

    def _column(self, token: int) -> slice:
        return slice(int(self._postings.starts[token]), int(self._postings.starts[token + 1]))

    def _place(self, passage_id: int) -> int | None:
        place = int(np.searchsorted(self.passage_ids, passage_id))
        return place if place < len(self) and self.passage_ids[place] == passage_id else None

    def _row(self, place: int) -> NDArray[np.int32]:
        return self._tokens[self._offsets[place] : self._offsets[place + 1]]

    def _flat(self, places: Sequence[int] | NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """The tokens of passages in one row, SENTENCE before the heading of each, and which passage each is of."""
        rows = [self._row(place) for place in places]
        mark = np.array([SENTENCE], np.int32)
        owners = np.repeat(np.arange(len(rows)), [len(row) + 1 for row in rows])
        return np.concatenate([part for row in rows for part in (mark, row)]), owners

    def _saturation(self, weights: FieldWeights) -> NDArray[np.float32]:
        """What BM25 adds to the count of a word below the line, for each passage: k1 (1 - b + b |d| / avg|d|)."""
        if weights not in self._saturations:
            of_field = np.zeros(3)
            of_field[[TITLE, SOURCE, BODY]] = weights.title, weights.source, 1.0
            lengths = self._lengths @ of_field
            average = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
            saturation = weights.k1 * (1 - weights.b + weights.b * lengths / average)
            self._saturations[weights] = saturation.astype(np.float32)
        return self._saturations[weights]

    def _typo_finder(self) -> Typos:
        if self._typos is None:
            self._typos = Typos(self._vocabulary, self._postings.document_frequencies())
        return self._typos

    def _words(self) -> list[str]:
        """The vocabulary by number."""
        if self._names is None:
            self._names = list(self._vocabulary)
        return self._names

    # --- on disk ------------------------------------------------------------------------------------------------------

    def save(self, folder: Path, generation: int) -> None:
        """Writes the index to `folder/<generation>` as a whole or not at all, and drops older ones."""

        def write(place: Path) -> None:
            for name, values in self._arrays().items():
                np.save(place / f"{name}.npy", values)
            (place / files.VOCABULARY).write_text(json.dumps(list(self._vocabulary), ensure_ascii=False), "utf-8")

        files.save(folder, generation, write)

    @classmethod
    def load(
        cls, folder: Path, *, whole: bool = False, on_damage: Callable[[str], None] = lambda damage: None
    ) -> tuple[WordIndex, int]:
        """The newest undamaged index in `folder`, memory-mapped, and its generation; an empty one and -1 without any.

        At most 4 MiB of each file are compared with their checksums, unless the `whole` of them is to be.
        """
        for _ in range(_TRIES):
            has_gone = False
            for generation in files.generations(folder):
                try:
                    files.require_undamaged(folder / str(generation), whole=whole)
                    return cls._opened(folder / str(generation), whole), generation
                except files.OtherFormat:
                    continue
                except (files.Damaged, OSError, EOFError, ValueError) as error:
                    # A writer takes away older ones, and does so while they are read.
                    has_gone = not (folder / str(generation)).exists()
                    if has_gone:
                        break
                    on_damage(str(error))
            if not has_gone:
                break
        return cls.empty(), -1

    @staticmethod
    def generations(folder: Path) -> list[int]:
        """Those that are saved in `folder`, the newest first."""
        return files.generations(folder)

    def _arrays(self) -> dict[str, NDArray[Any]]:
        postings = self._postings
        return {
            "passages": self.passage_ids,
            "offsets": self._offsets,
            "tokens": self._tokens,
            "lengths": self._lengths,
            "starts": postings.starts,
            "rows": postings.rows,
            "counts": postings.counts,
            "headings": postings.headings,
        }

    @classmethod
    def _opened(cls, folder: Path, whole: bool) -> WordIndex:
        def mapped(name: str) -> Any:
            # As a plain array: a slice of np.memmap is many times slower.
            return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))

        vocabulary = json.loads((folder / files.VOCABULARY).read_text("utf-8"))
        numbers = {word: number for number, word in enumerate(vocabulary)}
        postings = Postings(mapped("starts"), mapped("rows"), mapped("counts"), mapped("headings"))
        index = cls(mapped("passages"), mapped("offsets"), mapped("tokens"), mapped("lengths"), postings, numbers)
        if not (
            len(index._offsets) == len(index) + 1
            and index._lengths.shape == (len(index), 3)
            and len(index._tokens) == index._offsets[-1]
            and len(postings.starts) == len(vocabulary) + 1
            and len(postings.rows) == len(postings.counts) == len(postings.headings) == postings.starts[-1]
        ):
            raise ValueError("parts of different size")
        index.is_sampled = not whole
        return index


def _each(query: WordQuery) -> list[QueryTerm]:
    """The terms of the question, each once."""
    return list({term.tokens or term.word: term for term in reversed(query.terms)}.values())[::-1]
