"""Which passages hold a word, and how often in which of their fields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]

TITLE, SOURCE, BODY = range(3)
"""The fields of a passage: its article's title, its outlet and date, and its sentences."""
_MOST = 255
_MOST_OF_HEADING = 15


@dataclass(frozen=True, slots=True)
class Postings:
    """Which passages hold a word, and how often: a column a word, one after the other."""

    terms: NDArray[np.int32]
    """Numbers of the words that passages hold, ascending."""
    starts: Ids
    """The word `terms[w]` has the places from `starts[w]` up to `starts[w + 1]` of the three others."""
    rows: NDArray[np.int32]
    """Of a word: the rows of the passages that hold it, ascending."""
    counts: NDArray[np.uint8]
    """How often the sentences do. From 255 on BM25 sees no difference, and a byte is a quarter of the file."""
    headings: NDArray[np.uint8]
    """How often the title does, and sixteen times how often the source does; up to 15 of each."""

    def column(self, token: int) -> slice:
        """The places of a word; none where no passage holds it."""
        term = int(self.terms.searchsorted(np.int32(token)))  # of their own type, else all of them are copied
        if term == len(self.terms) or self.terms[term] != token:
            return slice(0, 0)
        return slice(int(self.starts[term]), int(self.starts[term + 1]))

    def weighted(self, column: slice, headings: NDArray[np.float32]) -> NDArray[np.float32]:
        """How often each passage of the column holds the word, when a heading counts what `heading_weights` say."""
        return headings[self.headings[column]] + self.counts[column]


def heading_weights(title: float, source: float) -> NDArray[np.float32]:
    """What each value of `Postings.headings` counts, when once in the title counts as `title` times."""
    values = np.arange(256)
    return np.asarray(title * (values & 15) + source * (values >> 4), np.float32)


def inverted(tokens: NDArray[np.int32], fields: NDArray[np.uint8], sizes: Ids) -> tuple[Postings, NDArray[np.int32]]:
    """The postings of passages that follow each other, and the words of each field of each, shape (passages, 3).

    Negative tokens are no words.
    """
    owners = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    is_word = tokens >= 0
    owners, tokens, fields = owners[is_word], tokens[is_word], fields[is_word]
    lengths = np.bincount(owners * 3 + fields, minlength=3 * len(sizes)).reshape(-1, 3).astype(np.int32)
    cells, counts = np.unique((tokens.astype(np.int64) * len(sizes) + owners) * 3 + fields, return_counts=True)
    cells, fields_of = np.divmod(cells, 3)
    begins = np.flatnonzero(np.diff(cells, prepend=-1))
    by_field = [_summed(np.where(fields_of == field, counts, 0), begins) for field in (TITLE, SOURCE, BODY)]
    columns, rows = np.divmod(cells[begins], max(len(sizes), 1))
    title, source = (np.minimum(by_field[field], _MOST_OF_HEADING) for field in (TITLE, SOURCE))
    terms, frequencies = np.unique(columns, return_counts=True)
    postings = Postings(
        terms.astype(np.int32),
        starts(frequencies),
        rows.astype(np.int32),
        np.minimum(by_field[BODY], _MOST).astype(np.uint8),
        (title + 16 * source).astype(np.uint8),
    )
    return postings, lengths


def starts(sizes: NDArray[np.int64]) -> Ids:
    """Where each of the columns of these sizes begins, and where the last ends."""
    return np.concatenate([[0], np.cumsum(sizes)])


def _summed(counts: NDArray[np.int64], begins: NDArray[np.intp]) -> NDArray[np.int64]:
    return np.add.reduceat(counts, begins) if len(begins) else np.zeros(0, np.int64)
