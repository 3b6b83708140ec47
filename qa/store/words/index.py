"""BM25 over the terms of every passage, in segments that are memory-mapped: what is added becomes a new one."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from filelock import Timeout
from numpy.typing import NDArray

from qa.store.words.files import (
    Damaged,
    Listed,
    Overtaken,
    clear_away,
    listed_names,
    map_segment,
    merging,
    open_segment,
    read_list,
    write_list,
)
from qa.store.words.format4 import read_format_4
from qa.store.words.merging import AT_HAND, compacted, write_merged
from qa.store.words.postings import BODY, SOURCE, TITLE, Ids, heading_weights, starts
from qa.store.words.query import SAME, QueryReader, QueryTerm, WordQuery
from qa.store.words.segment import Segment, merged_in_memory
from qa.store.words.typos import Typos
from qa.store.words.vocabulary import Vocabulary
from qa.store.words.wording import SENTENCE, Wording

_AT_ONCE = 8_000
"""Passages that are sorted together: few enough that memory stays small, many enough that few are merged."""


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
_NONE = np.zeros(0, np.int32)
_FEW = 10
"""Passages that may hold a word before it is too common to be fed back."""


class WordIndex:
    """BM25 over passages. It is never changed: `updated` gives a new one, so that readers can go on with the old.

    Its segments together are as one index is: every number that a score is made of is that of all of them.
    """

    def __init__(self, segments: Iterable[Segment] = ()) -> None:
        """`segments` follow each other; the words of each have numbers after those of all before it."""
        self.segments = tuple(segments)
        self.passage_ids: Ids = np.concatenate(
            [np.zeros(0, np.int64), *(segment.those_there(segment.passage_ids) for segment in self.segments)]
        )
        """Of the passages that are there; ascending but for what two writers to a server have brought at once."""
        self._firsts = starts(np.array(list(map(len, self.segments)), np.int64)).tolist()
        self._vocabulary = Vocabulary([segment.words for segment in self.segments])
        self._typos = Typos(self._vocabulary, self._df)
        self._dfs: dict[int, int] = {}
        is_ascending = bool((np.diff(self.passage_ids) > 0).all())
        self._order = None if is_ascending else np.argsort(self.passage_ids)

    @classmethod
    def empty(cls) -> WordIndex:
        """An index of nothing."""
        return cls()

    def __len__(self) -> int:
        return len(self.passage_ids)

    @property
    def unreadable(self) -> Ids:
        """Ids of the passages that cannot be analyzed, so that no word finds them."""
        sizes = [segment.those_there(np.diff(segment.offsets)) for segment in self.segments]
        return np.asarray(self.passage_ids[np.concatenate([np.zeros(0, np.int64), *sizes]) == 0])

    def updated(self, added: Iterable[tuple[int, Wording]], gone: Sequence[int] = ()) -> WordIndex:
        """The index with passages added and others gone; only what is added is read, and only that is sorted.

        A passage is its id, higher than all before, and its words.
        """
        segments = [segment.without(gone) for segment in self.segments] if len(gone) else list(self.segments)
        passages = iter(added)
        while some := list(islice(passages, _AT_ONCE)):
            segments.append(Segment.made(some, Vocabulary([segment.words for segment in segments])))
        mapped = sum(segment.file is not None for segment in segments)  # whoever writes merges these
        return WordIndex([*segments[:mapped], *compacted(segments[mapped:], merged_in_memory)])

    # --- asking -------------------------------------------------------------------------------------------------------

    def query(self, text: str, language: str | None = None) -> WordQuery:
        """The question with the words of the vocabulary that each of its words matches.

        It holds for this index; another that it is given to reads its text again.
        """
        return QueryReader(self._vocabulary, self._df, self.idf_of, self._typos).read(text, language)

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
        headings, average = heading_weights(weights.title, weights.source), self._average(weights)
        scores = [np.zeros(0, np.float32)]
        for segment in self.segments:
            scores.append(segment.those_there(_scores(segment, query, weights, headings, average)))
        return np.concatenate(scores)

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
        holding = [np.zeros(0, bool)]
        for segment in self.segments:
            contains = np.ones(len(segment.passage_ids), bool)
            for terms in phrases.values():
                contains &= _follows(segment, terms, contains)
            holding.append(segment.those_there(contains))
        return np.concatenate(holding)

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
        rows = [row[row >= 0] for row in map(self._tokens_at, places)]
        found, places_of = np.unique(np.concatenate(rows), return_inverse=True)
        model = np.zeros(len(found))
        each = [share / max(len(row), 1) for row, share in zip(rows, shares, strict=True)]
        np.add.at(model, places_of, np.repeat(each, list(map(len, rows))))
        most = max(_FEW, len(self) // 10)
        # A word of one passage finds no other; a word of many tells none apart.
        names = {
            token: name
            for token in found.tolist()
            if token not in known and 1 < self._df(token) <= most and len(name := self._vocabulary.word(token)) > 2
        }
        worth = {
            token: weight_of * self.idf_of(token)
            for token, weight_of in zip(found.tolist(), model.tolist(), strict=True)
            if token in names
        }
        best = sorted(worth, key=lambda token: (-worth[token], names[token]))[:terms]
        whole = sum(worth[token] for token in best)
        boosts = {token: weight * len(query.terms) * worth[token] / whole for token in best}
        added = tuple(
            QueryTerm(names[token], (token,), (1.0,), self.idf_of(token), "word", boost=boost)
            for token, boost in boosts.items()
        )
        return replace(query, terms=query.terms + added)

    @np.errstate(invalid="ignore")  # BLAS flags what lies beside a small matrix, at times
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
        tokens, owners = _in_one_row([self._tokens_at(place) for place in places.values()])
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
        places = map(self._place, passage_ids)
        rows = [np.zeros(0, np.int32) if place is None else self._tokens_at(place) for place in places]
        offsets = starts(np.array([len(row) for row in rows], np.int64))
        return (np.concatenate(rows) if rows else np.zeros(0, np.int32)), offsets

    def idf(self, word: str) -> float:
        """The idf of a stem, name or number: ln(1 + (N - n + .5) / (n + .5)), where n of N passages contain it."""
        return self.idf_of(self._vocabulary.get(word))

    def idf_of(self, token: int | None) -> float:
        """The idf of the word with that number; None is a word that no passage holds."""
        df = 0 if token is None else self._df(token)
        return math.log(1 + (len(self) - df + 0.5) / (df + 0.5))

    def frequency(self, word: str | QueryTerm) -> int:
        """How many passages hold a stem, name or number; of a word of a question, the form that most of them hold."""
        tokens = [self._vocabulary.get(word)] if isinstance(word, str) else word.tokens if word.is_held else ()
        return max((self._df(token) for token in tokens if token is not None), default=0)

    def word(self, token: int) -> str:
        """The stem, name or number with that number."""
        return self._vocabulary.word(token)

    def near(self, word: str) -> list[str]:
        """The other words that differ from this one by a letter, or two of a longer word, likeliest first."""
        return self._typos.near(word)

    @property
    def vocabulary_size(self) -> int:
        """How many words have a number: 0 up to this."""
        return len(self._vocabulary)

    def _df(self, token: int) -> int:
        if token not in self._dfs:
            self._dfs[token] = sum(segment.document_frequency(token) for segment in self.segments)
        return self._dfs[token]

    def _place(self, passage_id: int) -> int | None:
        """Where the passage stands among those that are there."""
        place = int(np.searchsorted(self.passage_ids, passage_id, sorter=self._order))
        if self._order is not None and place < len(self):
            place = int(self._order[place])
        return place if place < len(self) and self.passage_ids[place] == passage_id else None

    def _tokens_at(self, place: int) -> NDArray[np.int32]:
        """The tokens of the passage at a place among those that are there."""
        number = bisect_right(self._firsts, place) - 1
        segment = self.segments[number]
        row = segment.row(place - self._firsts[number])
        return segment.tokens[segment.offsets[row] : segment.offsets[row + 1]]

    def _average(self, weights: FieldWeights) -> float:
        """The length of a passage, when the words of each field count what they weigh."""
        totals = sum((segment.totals for segment in self.segments), np.zeros(3, np.int64))
        return max(float(totals @ _by_field(weights)) / max(len(self), 1), 1.0)

    # --- on disk ------------------------------------------------------------------------------------------------------

    @property
    def files(self) -> list[str]:
        """Names of the files that its segments are mapped from."""
        return [segment.file.name for segment in self.segments if segment.file]

    def save(self, folder: Path, generation: int, most: int = AT_HAND) -> WordIndex:
        """Writes the segments that have no file yet, merges what is due up to so many passages, and lists them.

        Gives the index as it is then, mapped. The writer's lock is held. Raises OSError; Damaged for a segment that is
        found damaged when it is to be merged; Overtaken where the list has become another, as by a process whose
        ingest was killed and that was not at its end yet.
        """
        folder.mkdir(parents=True, exist_ok=True)
        before = listed_names(folder)

        def write(some: Sequence[Segment]) -> Segment:
            return map_segment(folder, write_merged(folder, some), is_compared=True)

        segments = [each if each.file else write([each]) for each in compacted(self.segments, write, most)]
        gone = np.concatenate([np.zeros(0, np.int64), *(each.passage_ids[each.gone] for each in segments)])
        listed = Listed(generation, tuple(each.file for each in segments if each.file), tuple(np.sort(gone).tolist()))
        if listed_names(folder) != before:
            raise Overtaken
        write_list(folder, listed)
        with suppress(Timeout, OSError), merging(folder).acquire(timeout=0):
            clear_away(folder, listed)
        return WordIndex(segments)

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        whole: bool = False,
        known: WordIndex | None = None,
        on_damage: Callable[[str], None] = lambda damage: None,
    ) -> tuple[WordIndex, int]:
        """The index that is listed in `folder`, mapped, and its generation; an empty one and -1 where it is damaged.

        Segments that are `known` stay as they are. Of the others 4 MiB are compared with their checksums, unless the
        `whole` of all of them is to be.
        """
        mapped = {each.file.name: each for each in known.segments if each.file} if known and not whole else {}
        for _ in range(_TRIES):
            listed = Listed()
            try:
                listed = read_list(folder)
                if listed.generation < 0:
                    segment, generation = read_format_4(folder) or (None, -1)
                    return cls([segment] if segment else []), generation
                segments = (mapped.get(file.name) or open_segment(folder, file, whole=whole) for file in listed.files)
                return cls(replace(each, gone=_NONE).without(listed.gone) for each in segments), listed.generation
            except (Damaged, OSError, EOFError, ValueError) as error:
                damage = str(error)
            with suppress(Damaged):
                if read_list(folder) != listed:
                    continue  # a writer has replaced the list, and cleared away what it named
            break
        on_damage(damage)
        return cls(), -1


def _scores(
    segment: Segment, query: WordQuery, weights: FieldWeights, headings: NDArray[np.float32], average: float
) -> NDArray[np.float32]:
    """BM25 of each row of a segment, in an index whose passages are so long on average."""
    postings, saturation = segment.postings, _saturation(segment, weights, average)
    scores, held = np.zeros(len(saturation), np.float32), np.zeros(len(saturation), np.float32)
    for term in _each(query):
        found: list[NDArray[np.int32]] = []
        for token, weight in zip(term.tokens, term.weights, strict=True):
            column = postings.column(token)
            rows = postings.rows[column]
            before = held[rows]
            held[rows] = before + np.float32(weight) * postings.weighted(column, headings)
            found.append(rows[before == 0] if found else rows)
        for rows in found:
            counts = held[rows]
            scores[rows] += np.float32(term.boost * term.idf) * (counts / (counts + saturation[rows]))
            held[rows] = 0
    return scores


def _saturation(segment: Segment, weights: FieldWeights, average: float) -> NDArray[np.float32]:
    """What BM25 adds to the count of a word below the line, for each row: k1 (1 - b + b |d| / avg|d|)."""
    found = segment.saturations.get(weights)
    if not found or found[0] != average:
        saturation = weights.k1 * (1 - weights.b + weights.b * (segment.lengths @ _by_field(weights)) / average)
        found = segment.saturations[weights] = average, saturation.astype(np.float32)
    return found[1]


def _by_field(weights: FieldWeights) -> NDArray[np.float64]:
    of_field = np.zeros(3)
    of_field[[TITLE, SOURCE, BODY]] = weights.title, weights.source, 1.0
    return of_field


def _follows(segment: Segment, terms: Sequence[QueryTerm], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the rows of a segment hold the words one after the other."""
    same = [[t for t, w in zip(term.tokens, term.weights, strict=True) if w >= SAME] for term in terms]
    rows = among.copy()
    for tokens in same:
        contains = np.zeros(len(rows), bool)
        for token in tokens:
            contains[segment.postings.rows[segment.postings.column(token)]] = True
        rows &= contains
    if len(terms) == 1 or not rows.any():
        return rows
    places = np.flatnonzero(rows)
    ends = segment.offsets
    tokens_, owners = _in_one_row([segment.tokens[ends[place] : ends[place + 1]] for place in places])
    follows = np.ones(len(tokens_), bool)
    for place, tokens in enumerate(same):
        is_next = np.isin(tokens_, tokens)
        follows &= np.concatenate([is_next[place:], np.zeros(place, bool)])
    rows[:] = False
    rows[places[owners[follows]]] = True
    return rows


def _in_one_row(rows: Sequence[NDArray[np.int32]]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """The tokens of passages one after the other, SENTENCE before each passage, and which passage each token is of."""
    mark = np.array([SENTENCE], np.int32)
    owners = np.repeat(np.arange(len(rows)), [len(row) + 1 for row in rows])
    return np.concatenate([part for row in rows for part in (mark, row)]), owners


def _each(query: WordQuery) -> list[QueryTerm]:
    """The terms of the question, each once."""
    return list({term.tokens or term.word: term for term in reversed(query.terms)}.values())[::-1]
