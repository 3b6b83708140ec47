"""A segment of the word index: some passages with all that is known of their words. What is in it never changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from qa.store.checksums import Checksums
from qa.store.words.postings import Ids, Postings, inverted, starts
from qa.store.words.vocabulary import Vocabulary, Words
from qa.store.words.wording import Wording, numbered

Arrays = Mapping[str, NDArray[Any]]
Shapes = Mapping[str, tuple[DTypeLike, tuple[int, ...]]]
"""Name of an array -> what it is made of, and its shape."""
_OWN = ("passage_ids", "offsets", "tokens", "lengths")
_POSTINGS, _WORDS = (tuple(each.name for each in fields(kind)) for kind in (Postings, Words))
_NONE = np.zeros(0, np.int32)
_PASSAGES, _PLACES = 20_000, 2_000_000
"""How many of a segment are copied at once into another."""


class File(NamedTuple):
    """The file of a segment."""

    name: str
    layout: Mapping[str, tuple[str, Sequence[int], int]]
    """The name of each array: what it is made of, its shape, and where it begins."""
    checksums: Checksums


@dataclass(frozen=True, eq=False)
class Segment:
    """Passages that follow each other; a token is the number of a word among those of all segments."""

    passage_ids: Ids
    """Row i is `tokens[offsets[i]:offsets[i + 1]]`: numbers of words, and the two marks."""
    offsets: Ids
    tokens: NDArray[np.int32]
    lengths: NDArray[np.int32]
    """Words of each passage by field, shape (passages, 3)."""
    postings: Postings
    words: Words
    """Those that no segment before it has."""
    gone: NDArray[np.int32] = field(default_factory=lambda: _NONE)
    """Rows of the passages that have been taken away since, ascending."""
    file: File | None = None
    """Where it is mapped from; None where it is in memory alone."""
    is_compared: bool = True
    """Whether all bytes of its file are known to be those that were written."""
    saturations: dict[object, tuple[float, NDArray[np.float32]]] = field(default_factory=dict)
    """What scoring has found out of the lengths, by weights, with the average length that it holds for."""

    @classmethod
    def of(cls, arrays: Arrays, **known: Any) -> Segment:
        """The segment that these arrays are the parts of."""
        ids, offsets, tokens, lengths = (arrays[name] for name in _OWN)
        postings, words = Postings(*(arrays[name] for name in _POSTINGS)), Words(*(arrays[f"word_{n}"] for n in _WORDS))
        return cls(ids, offsets, tokens, lengths, postings, words, **known)

    @classmethod
    def made(cls, passages: Iterable[tuple[int, Wording]], vocabulary: Vocabulary) -> Segment:
        """A segment of new passages, for an index with this vocabulary so far."""
        ids, tokens, in_fields, sizes, words = numbered(passages)
        numbers, new = vocabulary.numbered(words)
        tokens = np.concatenate([numbers, np.array([-2, -1], np.int32)])[tokens]  # the marks stay what they are
        postings, lengths = inverted(tokens, in_fields, sizes)
        return cls(ids, starts(sizes), tokens, lengths, postings, Words.of(new))

    def __len__(self) -> int:
        return len(self.passage_ids) - len(self.gone)

    def without(self, passage_ids: Sequence[int]) -> Segment:
        """The segment with these passages marked as gone, where they are in it."""
        rows = np.flatnonzero(np.isin(self.passage_ids, passage_ids)) if len(passage_ids) else _NONE
        return replace(self, gone=np.union1d(self.gone, rows).astype(np.int32)) if len(rows) else self

    def those_there(self, of_rows: NDArray[Any]) -> NDArray[Any]:
        """Of what there is for each row, that of the passages which are there."""
        return np.delete(of_rows, self.gone, axis=0) if len(self.gone) else of_rows

    def row(self, place: int) -> int:
        """The row of the passage that is at a place among those which are there."""
        return int(self._rows[place]) if len(self.gone) else place

    def document_frequency(self, token: int) -> int:
        """How many of the passages that are there contain a word."""
        column = self.postings.column(token)
        rows = self.postings.rows[column]
        if not len(self.gone) or not len(rows):
            return len(rows)
        few, many = (self.gone, rows) if len(self.gone) < len(rows) else (rows, self.gone)
        places = np.minimum(many.searchsorted(few), len(many) - 1)
        return len(rows) - int(np.count_nonzero(many[places] == few))

    @cached_property
    def totals(self) -> Ids:
        """Words of all passages that are there, by field, shape (3,)."""
        gone = self.lengths[self.gone].sum(axis=0, dtype=np.int64)
        return np.asarray(self.lengths.sum(axis=0, dtype=np.int64) - gone)

    @cached_property
    def _rows(self) -> NDArray[Any]:
        return self.those_there(np.arange(len(self.passage_ids)))


Portion = tuple[str, int, NDArray[Any]]
"""The name of an array, a place in it, and what stands from there on."""


def merged(segments: Sequence[Segment]) -> tuple[Shapes, Iterator[Portion]]:
    """What several segments that follow each other are as one, without the passages that have gone.

    Gives the shapes of its arrays and, a portion at a time, what they hold.
    """
    kept = [segment.those_there(np.arange(len(segment.passage_ids))) for segment in segments]
    frequencies = [_frequencies(segment) for segment in segments]
    terms = np.unique(np.concatenate([segment.postings.terms for segment in segments]))
    sizes = np.zeros(len(terms), np.int64)
    for segment, found in zip(segments, frequencies, strict=True):
        sizes[terms.searchsorted(segment.postings.terms)] += found
    whole = {
        "passage_ids": np.concatenate([s.passage_ids[rows] for s, rows in zip(segments, kept, strict=True)]),
        "offsets": starts(np.concatenate([np.diff(s.offsets)[r] for s, r in zip(segments, kept, strict=True)])),
        "lengths": np.concatenate([s.lengths[rows] for s, rows in zip(segments, kept, strict=True)]),
        "terms": terms,
        "starts": starts(sizes),
    }
    words = Words.joined([segment.words for segment in segments])
    whole |= {f"word_{name}": getattr(words, name) for name in _WORDS}
    shapes: dict[str, tuple[DTypeLike, tuple[int, ...]]]
    shapes = {name: (values.dtype, values.shape) for name, values in whole.items()}
    shapes["tokens"] = np.dtype(np.int32), (int(whole["offsets"][-1]),)
    shapes |= {name: (np.dtype(kind), (int(sizes.sum()),)) for name, kind in _COLUMNS.items()}
    return shapes, chain(
        ((name, 0, values) for name, values in whole.items()),
        _tokens(segments),
        _columns(terms, whole["starts"], segments, frequencies),
    )


def merged_in_memory(segments: Sequence[Segment]) -> Segment:
    """One segment of several that follow each other, without the passages that have gone."""
    shapes, portions = merged(segments)
    arrays = {name: np.empty(shape, dtype) for name, (dtype, shape) in shapes.items()}
    for name, place, values in portions:
        arrays[name][place : place + len(values)] = values
    return Segment.of(arrays)


def _frequencies(segment: Segment) -> Ids:
    """How many of the passages that are there contain each of the segment's terms."""
    frequencies = np.diff(segment.postings.starts)
    if len(segment.gone):
        is_there = _is_there(segment)
        for some in _portions(segment.postings.starts):
            places = segment.postings.starts[some.start : some.stop + 1]
            there = starts(is_there[segment.postings.rows[places[0] : places[-1]]].astype(np.int64))
            frequencies[some] = np.diff(there[places - places[0]])
    return frequencies


def _is_there(segment: Segment) -> NDArray[np.bool_]:
    is_there = np.ones(len(segment.passage_ids), bool)
    is_there[segment.gone] = False
    return is_there


def _portions(ends: Ids) -> Iterator[slice]:
    """Columns that follow each other, so many that they have some _PLACES together; one at least."""
    first, last = 0, len(ends) - 1
    while first < last:
        stop = max(first + 1, int(ends.searchsorted(ends[first] + _PLACES, "right")) - 1)
        yield slice(first, min(stop, last))
        first = stop


def _tokens(segments: Sequence[Segment]) -> Iterator[Portion]:
    at = 0
    for segment in segments:
        is_there = _is_there(segment)
        for first in range(0, len(is_there), _PASSAGES):
            offsets = segment.offsets[first : first + _PASSAGES + 1]
            tokens = segment.tokens[offsets[0] : offsets[-1]]
            tokens = tokens[np.repeat(is_there[first : first + _PASSAGES], np.diff(offsets))]
            yield "tokens", at, tokens
            at += len(tokens)


def _columns(
    terms: NDArray[np.int32], begins: Ids, segments: Sequence[Segment], frequencies: Sequence[Ids]
) -> Iterator[Portion]:
    """The columns of each word one after the other, in the order of the segments, with the rows as they are then."""
    there = [_is_there(segment) for segment in segments]
    moved = [of_rows.cumsum() - 1 for of_rows in there]
    firsts = np.cumsum([0, *map(len, segments)])
    for some in _portions(begins):
        place, filled = int(begins[some.start]), begins[some] - begins[some.start]
        columns = {name: np.empty(int(begins[some.stop]) - place, kind) for name, kind in _COLUMNS.items()}
        for number, segment in enumerate(segments):
            own, ends = segment.postings, terms[[some.start, some.stop - 1]]
            found = slice(int(own.terms.searchsorted(ends[0])), int(own.terms.searchsorted(ends[1], "right")))
            old = slice(int(own.starts[found.start]), int(own.starts[found.stop]))
            rows, sizes = own.rows[old], frequencies[number][found]
            is_kept, of = there[number][rows], terms[some].searchsorted(own.terms[found])
            to = np.repeat(filled[of] - starts(sizes)[:-1], sizes) + np.arange(sizes.sum())
            filled[of] += sizes
            columns["rows"][to] = (moved[number][rows] + firsts[number])[is_kept]
            columns["counts"][to] = own.counts[old][is_kept]
            columns["headings"][to] = own.headings[old][is_kept]
        yield from ((name, place, values) for name, values in columns.items())


_COLUMNS: Mapping[str, type[np.generic]] = {"rows": np.int32, "counts": np.uint8, "headings": np.uint8}
