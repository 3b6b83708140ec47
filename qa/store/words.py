"""The word index: BM25 over the stems of every passage, memory-mapped; what is added or gone is worked in, unsorted."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from qa.text import stems

_SENTENCE = -1
"""The token that stands before each sentence of a passage; its heading comes before the first."""
K1, B = 0.9, 0.4
"""Saturation and length normalisation that suit passages of even length (Anserini's defaults)."""

_FORMAT = "2"
"""Counted up when the files or the stems change: an index of another format is made again from the articles."""
_AT_ONCE = 8_000
"""Passages that are sorted together: few enough that memory stays small, many enough that few are joined."""

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Postings:
    """Which passages hold a word, and how often: a column a word, one after the other."""

    starts: Ids
    """Word w has the places from `starts[w]` up to `starts[w + 1]` of the two others."""
    rows: NDArray[np.int32]
    """Of a word: the rows of the passages that hold it, ascending."""
    counts: NDArray[np.uint8]
    """How often each of them does. From 255 on BM25 sees no difference, and a byte is a quarter of the file."""


class WordIndex:
    """BM25 over passages. It is never changed: `updated` gives a new one, so that readers can go on with the old."""

    def __init__(
        self,
        passage_ids: Ids,
        offsets: Ids,
        tokens: NDArray[np.int32],
        lengths: NDArray[np.int32],
        postings: _Postings,
        vocabulary: dict[str, int],
    ) -> None:
        self.passage_ids = passage_ids
        """Ascending. Row i is `tokens[offsets[i]:offsets[i + 1]]`: numbers in `vocabulary`, and _SENTENCE."""
        self._offsets = offsets
        self._tokens = tokens
        self._lengths = lengths
        """Words of each passage."""
        self._postings = postings
        self._vocabulary = vocabulary
        self._saturation = _saturation(lengths)

    @classmethod
    def empty(cls) -> WordIndex:
        """An index of nothing."""
        nothing = np.zeros(0, np.int32)
        postings = _Postings(np.zeros(1, np.int64), nothing, np.zeros(0, np.uint8))
        return cls(np.zeros(0, np.int64), np.zeros(1, np.int64), nothing, nothing, postings, {})

    def __len__(self) -> int:
        return len(self.passage_ids)

    def updated(self, added: Iterable[tuple[int, Sequence[str]]], gone: Sequence[int] = ()) -> WordIndex:
        """The index with passages added and others gone; only what is added is read, and only that is sorted.

        A passage is its id, higher than all before, and its parts: a heading (what its article is called), then its
        sentences.
        """
        vocabulary = dict(self._vocabulary)
        new_ids, new_tokens, new_sizes = _numbered(added, vocabulary)
        kept = ~np.isin(self.passage_ids, gone)
        tokens, sizes, lengths, postings = self._tokens, np.diff(self._offsets), self._lengths, self._postings
        if not kept.all():
            tokens, sizes, lengths = tokens[np.repeat(kept, sizes)], sizes[kept], lengths[kept]
            postings = _without(postings, kept)
        pieces = [lengths]
        for first in range(0, len(new_ids), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            start, end = new_sizes[:first].sum(), new_sizes[: some.stop].sum()
            piece, words = _inverted(new_tokens[start:end], new_sizes[some], len(sizes) + first, len(vocabulary))
            postings = _joined(postings, piece)
            pieces.append(words)
        return WordIndex(
            np.concatenate([self.passage_ids[kept], new_ids]),
            _starts(np.concatenate([sizes, new_sizes])),
            np.concatenate([tokens, new_tokens]),
            np.concatenate(pieces),
            postings,
            vocabulary,
        )

    def scores(self, text: str) -> NDArray[np.float32]:
        """BM25 of every passage, shape (passages,), in the order of `passage_ids`."""
        # In the order of the alphabet: a sum of floats must not depend on when a word was first seen.
        query = [token for stem in sorted(set(stems(text))) if (token := self._vocabulary.get(stem)) is not None]
        if not query or not len(self):
            return np.zeros(len(self), np.float32)
        bm25 = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy")
        bm25.nonoccurrence_array = None
        bm25.scores = self._matrix(query)
        scores: NDArray[np.float32] = bm25.get_scores_from_ids(np.arange(len(query)))
        return scores

    def _matrix(self, query: Sequence[int]) -> dict[str, Any]:
        """The columns of the words asked for, in the form that bm25s keeps: the others need no score.

        Lucene's BM25: idf(w) * tf / (tf + k1 (1 - b + b |d| / avg|d|)).
        """
        postings = self._postings
        columns = [slice(postings.starts[token], postings.starts[token + 1]) for token in query]
        rows = np.concatenate([postings.rows[column] for column in columns])
        counts = np.concatenate([postings.counts[column] for column in columns])
        holding = np.array([column.stop - column.start for column in columns])
        idf = np.repeat([self._idf(int(passages)) for passages in holding], holding)
        return {
            "data": (idf * (counts / (counts + self._saturation[rows]))).astype(np.float32),
            "indices": rows,
            "indptr": np.concatenate([[0], np.cumsum(holding)]),
            "num_docs": len(self),
        }

    def score_of(self, passage_id: int, scores: NDArray[np.float32]) -> float:
        """The score of one passage among `scores`; 0 where it was stored since."""
        place = self._place(passage_id)
        return 0.0 if place is None else float(scores[place])

    def coverage(self, text: str, passage_ids: Sequence[int]) -> dict[int, float]:
        """Passage id -> share of the words of `text`, weighted by idf, that the passage's best sentence holds, 0 to 1.

        A word that only the heading holds counts half: it says what the sentence is about, and does not say it there.
        A passage that was stored since, or has gone, has none.
        """
        asked = sorted(set(stems(text)))
        weights = np.array([self.idf(stem) for stem in asked])
        places = {id_: place for id_ in passage_ids if (place := self._place(id_)) is not None}
        passages = [self._tokens[self._offsets[place] : self._offsets[place + 1]] for place in places.values()]
        if not passages or not asked:
            return dict.fromkeys(passage_ids, 0.0)
        # One flat row of tokens: a segment is the heading of a passage, or one of its sentences.
        tokens = np.concatenate([part for passage in passages for part in ([_SENTENCE], passage)])
        starts = np.cumsum([0, *(len(passage) + 1 for passage in passages[:-1])])
        segments = np.cumsum(tokens == _SENTENCE) - 1
        headings = segments[starts]
        held = np.zeros((segments[-1] + 1, len(asked)), bool)
        for column, stem in enumerate(asked):
            if stem in self._vocabulary:
                held[segments[tokens == self._vocabulary[stem]], column] = True
        sentences = np.diff([*headings, len(held)])
        by_heading = np.repeat(held[headings], sentences, axis=0) & ~held & held.any(axis=1, keepdims=True)
        covered = (held + 0.5 * by_heading) @ weights / weights.sum()
        covered[headings] = 0.0
        best = np.maximum.reduceat(covered, headings)
        return dict.fromkeys(passage_ids, 0.0) | dict(zip(places, best.tolist(), strict=True))

    def _place(self, passage_id: int) -> int | None:
        place = int(np.searchsorted(self.passage_ids, passage_id))
        return place if place < len(self) and self.passage_ids[place] == passage_id else None

    def idf(self, stem: str) -> float:
        """How telling a stem is: ln(1 + (N - n + .5) / (n + .5)) over N passages, n of which hold it (as in Lucene)."""
        token = self._vocabulary.get(stem)
        starts = self._postings.starts
        return self._idf(0 if token is None else int(starts[token + 1] - starts[token]))

    def _idf(self, holding: int) -> float:
        return math.log(1 + (len(self) - holding + 0.5) / (holding + 0.5))

    # --- on disk ------------------------------------------------------------------------------------------------------

    def save(self, folder: Path, generation: int) -> None:
        """Writes the index to `folder/<generation>` as a whole or not at all, and drops older ones."""
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
        for name, values in self._arrays().items():
            np.save(temporary / f"{name}.npy", values)
        (temporary / "vocabulary.json").write_text(json.dumps(list(self._vocabulary), ensure_ascii=False), "utf-8")
        (temporary / "format").write_text(_FORMAT)
        target = folder / str(generation)
        if target.exists():  # damaged, else it would not be saved again
            shutil.rmtree(target)
        os.replace(temporary, target)
        for other in folder.iterdir():
            if other != target and (other.name.isdecimal() or other.name.startswith("new-")):
                shutil.rmtree(other, ignore_errors=True)

    @classmethod
    def load(cls, folder: Path) -> tuple[WordIndex, int]:
        """The newest index in `folder`, memory-mapped, and its generation; an empty one and -1 where none is."""
        for _ in range(2):  # a writer may take away, while we look, what we were about to read
            for generation in cls.generations(folder):
                try:
                    return cls._read(folder / str(generation)), generation
                except (OSError, EOFError, ValueError):
                    continue  # gone or damaged: words are made again from the articles
        return cls.empty(), -1

    @staticmethod
    def generations(folder: Path) -> list[int]:
        """Those that are saved in `folder`, the newest first."""
        names = (path.name for path in folder.iterdir()) if folder.is_dir() else iter(())
        return sorted((int(name) for name in names if name.isdecimal()), reverse=True)

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
        }

    @classmethod
    def _read(cls, folder: Path) -> WordIndex:
        def mapped(name: str) -> Any:
            return np.load(folder / f"{name}.npy", mmap_mode="r")

        if (folder / "format").read_text() != _FORMAT:
            raise ValueError("made by another version")
        vocabulary = json.loads((folder / "vocabulary.json").read_text("utf-8"))
        numbers = {word: number for number, word in enumerate(vocabulary)}
        postings = _Postings(mapped("starts"), mapped("rows"), mapped("counts"))
        index = cls(mapped("passages"), mapped("offsets"), mapped("tokens"), mapped("lengths"), postings, numbers)
        if not (
            len(index._offsets) == len(index) + 1
            and len(index._lengths) == len(index)
            and len(index._tokens) == index._offsets[-1]
            and len(postings.starts) == len(vocabulary) + 1
            and len(postings.rows) == len(postings.counts) == postings.starts[-1]
        ):
            raise ValueError("parts of different size")
        return index


# --- postings --------------------------------------------------------------------------------------------------------


def _numbered(
    passages: Iterable[tuple[int, Sequence[str]]], vocabulary: dict[str, int]
) -> tuple[Ids, NDArray[np.int32], Ids]:
    """Ids of the passages, their tokens in one row, and how many each has; new words get a number in `vocabulary`."""
    ids, tokens, sizes = array("q"), array("i"), array("q")
    for id_, parts in passages:
        before = len(tokens)
        for number, part in enumerate(parts):
            if number:
                tokens.append(_SENTENCE)
            tokens.extend([vocabulary.setdefault(stem, len(vocabulary)) for stem in stems(part)])
        ids.append(id_)
        sizes.append(len(tokens) - before)
    return np.array(ids, np.int64), np.array(tokens, np.int32), np.array(sizes, np.int64)


def _inverted(tokens: NDArray[np.int32], sizes: Ids, first: int, words: int) -> tuple[_Postings, NDArray[np.int32]]:
    """The postings of passages that follow each other, the first of which gets row `first`, and their lengths."""
    owners = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    is_word = tokens != _SENTENCE
    owners, tokens = owners[is_word], tokens[is_word]
    cells, counts = np.unique(tokens.astype(np.int64) * len(sizes) + owners, return_counts=True)
    columns, rows = np.divmod(cells, len(sizes))
    postings = _Postings(
        _starts(np.bincount(columns, minlength=words)),
        (rows + first).astype(np.int32),
        np.minimum(counts, 255).astype(np.uint8),
    )
    return postings, np.bincount(owners, minlength=len(sizes)).astype(np.int32)


def _joined(postings: _Postings, later: _Postings) -> _Postings:
    """The postings of both, where all rows of `later` are higher, and it may know more words."""
    ends = np.full(len(later.starts) - 1, postings.starts[-1])
    ends[: len(postings.starts) - 1] = postings.starts[1:]
    places = np.repeat(ends, np.diff(later.starts))
    return _Postings(
        _starts(np.diff(ends, prepend=0) + np.diff(later.starts)),
        np.insert(postings.rows, places, later.rows),
        np.insert(postings.counts, places, later.counts),
    )


def _without(postings: _Postings, kept: NDArray[np.bool_]) -> _Postings:
    """The postings without the rows that are not kept; those that are move up."""
    lost = np.flatnonzero(~kept[postings.rows])
    moved = (np.cumsum(kept) - 1).astype(np.int32)
    return _Postings(
        postings.starts - np.searchsorted(lost, postings.starts),
        moved[np.delete(postings.rows, lost)],
        np.delete(postings.counts, lost),
    )


def _starts(holding: NDArray[np.int64]) -> Ids:
    return np.concatenate([[0], np.cumsum(holding)])


def _saturation(lengths: NDArray[np.int32]) -> NDArray[np.float64]:
    """What BM25 adds to the count of a word below the line, for each passage: k1 (1 - b + b |d| / avg|d|)."""
    average = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
    return np.asarray(K1 * (1 - B + B * lengths / average), np.float64)
