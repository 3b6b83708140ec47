"""The word index: BM25 over the stems of every passage, built once and memory-mapped, never rebuilt for a query."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from array import array
from collections.abc import Iterable, Sequence
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

Ids = NDArray[np.int64]


class WordIndex:
    """BM25 over passages. It is never changed: `updated` gives a new one, so that readers can go on with the old."""

    def __init__(self, passage_ids: Ids, offsets: Ids, tokens: NDArray[np.int32], vocabulary: dict[str, int]) -> None:
        self.passage_ids = passage_ids
        """Ascending. Passage i is `tokens[offsets[i]:offsets[i + 1]]`: numbers in `vocabulary`, and _SENTENCE."""
        self._offsets = offsets
        self._tokens = tokens
        self._vocabulary = vocabulary
        self._bm25: bm25s.BM25 | None = None

    @classmethod
    def empty(cls) -> WordIndex:
        """An index of nothing."""
        return cls(np.zeros(0, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int32), {})

    def __len__(self) -> int:
        return len(self.passage_ids)

    def updated(self, added: Iterable[tuple[int, Sequence[str]]], gone: Sequence[int] = ()) -> WordIndex:
        """The index with passages added and others gone; only what is added is read again.

        A passage is its id and its parts: a heading (what its article is called), then its sentences.
        """
        vocabulary = dict(self._vocabulary)
        new_ids: list[int] = []
        new_tokens = array("i")
        lengths: list[int] = []
        for id_, parts in added:
            before = len(new_tokens)
            for number, part in enumerate(parts):
                if number:
                    new_tokens.append(_SENTENCE)
                new_tokens.extend([vocabulary.setdefault(stem, len(vocabulary)) for stem in stems(part)])
            new_ids.append(id_)
            lengths.append(len(new_tokens) - before)
        kept = ~np.isin(self.passage_ids, gone)
        old_lengths = np.diff(self._offsets)
        old_tokens = self._tokens if kept.all() else self._tokens[np.repeat(kept, old_lengths)]
        all_lengths = np.concatenate([old_lengths[kept], np.array(lengths, np.int64)])
        return WordIndex(
            np.concatenate([self.passage_ids[kept], np.array(new_ids, np.int64)]),
            np.concatenate([[0], np.cumsum(all_lengths)]),
            np.concatenate([old_tokens, np.array(new_tokens, np.int32)]),
            vocabulary,
        )

    def scores(self, text: str) -> NDArray[np.float32]:
        """BM25 of every passage, shape (passages,), in the order of `passage_ids`."""
        query = [token for stem in set(stems(text)) if (token := self._vocabulary.get(stem)) is not None]
        if not query or not len(self):
            return np.zeros(len(self), np.float32)
        scores: NDArray[np.float32] = self._index().get_scores_from_ids(sorted(query))
        return scores

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
        indptr = self._index().scores["indptr"] if token is not None and len(self) else None
        holding = int(indptr[token + 1] - indptr[token]) if indptr is not None and token is not None else 0
        return math.log(1 + (len(self) - holding + 0.5) / (holding + 0.5))

    # --- on disk ------------------------------------------------------------------------------------------------------

    def save(self, folder: Path, generation: int) -> None:
        """Writes the index to `folder/<generation>` as a whole or not at all, and drops older ones."""
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
        for name, values in (("passages", self.passage_ids), ("offsets", self._offsets), ("tokens", self._tokens)):
            np.save(temporary / f"{name}.npy", values)
        (temporary / "vocabulary.json").write_text(json.dumps(list(self._vocabulary), ensure_ascii=False), "utf-8")
        if len(self):
            index = self._index()
            for name in ("data", "indices", "indptr"):
                np.save(temporary / f"{name}.npy", index.scores[name])
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

    @classmethod
    def _read(cls, folder: Path) -> WordIndex:
        def mapped(name: str) -> Any:
            return np.load(folder / f"{name}.npy", mmap_mode="r")

        vocabulary = json.loads((folder / "vocabulary.json").read_text("utf-8"))
        numbers = {word: number for number, word in enumerate(vocabulary)}
        index = cls(mapped("passages"), mapped("offsets"), mapped("tokens"), numbers)
        whole = len(index._offsets) == len(index) + 1 and index._offsets[-1] == len(index._tokens)
        if whole and len(index):
            index._bm25 = _PassageBM25()
            scores = index._bm25.scores = {name: mapped(name) for name in ("data", "indices", "indptr")}
            scores["num_docs"] = len(index)
            whole = len(scores["indptr"]) == len(vocabulary) + 1 and scores["indptr"][-1] == len(scores["data"])
        if not whole:
            raise ValueError("parts of different size")
        return index

    def _index(self) -> bm25s.BM25:
        if self._bm25 is None:
            index = _PassageBM25()
            index.scores = index.build(self._tokens, self._offsets, len(self._vocabulary))
            self._bm25 = index
        return self._bm25


class _PassageBM25(bm25s.BM25):  # type: ignore[misc]
    """bm25s with its index built by array operations, five times as fast as its own loop over documents."""

    def __init__(self) -> None:
        super().__init__(k1=K1, b=B, method="lucene", backend="numpy")
        self.nonoccurrence_array = None

    def build(self, tokens: NDArray[np.int32], offsets: Ids, words: int) -> dict[str, Any]:
        """The matrix of scores in compressed columns (a column a word): what bm25s keeps as `scores`.

        Lucene's BM25: idf(w) * tf / (tf + k1 (1 - b + b |d| / avg|d|)).
        """
        passages = len(offsets) - 1
        owners = np.repeat(np.arange(passages, dtype=np.int64), np.diff(offsets))
        owners, tokens = owners[tokens != _SENTENCE], tokens[tokens != _SENTENCE]
        lengths = np.bincount(owners, minlength=passages)
        cells, frequency = np.unique(tokens.astype(np.int64) * passages + owners, return_counts=True)
        columns, rows = np.divmod(cells, passages)
        holding = np.bincount(columns, minlength=words)
        idf = np.log(1 + (passages - holding + 0.5) / (holding + 0.5))
        relative = lengths / max(float(lengths.mean()), 1.0)
        scores = idf[columns] * frequency / (frequency + self.k1 * (1 - self.b + self.b * relative[rows]))
        return {
            "data": scores.astype(np.float32),
            "indices": rows.astype(np.int32),
            "indptr": np.concatenate([[0], np.cumsum(holding)]),
            "num_docs": passages,
        }
