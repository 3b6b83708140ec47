"""The word index: BM25 over the terms of every passage, memory-mapped; what is added or gone is worked in, unsorted."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qa.language.analyzer import read_tokens
from qa.store.fuzzy import Slips
from qa.store.postings import BODY, SOURCE, TITLE, Ids, Postings, heading_weights, inverted, joined, starts, without
from qa.store.query import SAME, AskedTerm, AskedWords, Asking

SENTENCE = -1
"""The token that stands before each sentence of a passage; its heading comes before the first."""
AFTER_TITLE = -2
"""The token that stands between the two parts of a heading: the title, and the outlet with the date."""

_FORMAT = "3"
"""Counted up when the files or the terms change: an index of another format is made again from the articles."""
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


_FEW = 10
"""Passages that may hold a word before it is too common to be fed back."""


class Wording(NamedTuple):
    """What a passage is found by in words."""

    title: str
    """That of its article."""
    source: str
    """Outlet and date."""
    sentences: Sequence[str]
    language: str | None = None
    """Two letters; None where nobody knows."""


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
        self._slips: Slips | None = None
        self._names: list[str] | None = None

    @classmethod
    def empty(cls) -> WordIndex:
        """An index of nothing."""
        nothing = np.zeros(0, np.int32)
        return cls(
            np.zeros(0, np.int64), np.zeros(1, np.int64), nothing, np.zeros((0, 3), np.int32), Postings.empty(), {}
        )

    def __len__(self) -> int:
        return len(self.passage_ids)

    def updated(self, added: Iterable[tuple[int, Wording]], gone: Sequence[int] = ()) -> WordIndex:
        """The index with passages added and others gone; only what is added is read, and only that is sorted.

        A passage is its id, higher than all before, and its words.
        """
        vocabulary = dict(self._vocabulary)
        new_ids, new_tokens, new_fields, new_sizes = _numbered(added, vocabulary)
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

    def asked(self, text: str, language: str | None = None) -> AskedWords:
        """The question with the words of the vocabulary that each of its words matches.

        It holds for this index; another that it is given to reads its text again.
        """
        return Asking(self._vocabulary, self._holding, self._idf, self._slipping).read(text, language)

    def _read(self, asked: AskedWords | str) -> AskedWords:
        if isinstance(asked, AskedWords) and asked.vocabulary is self._vocabulary:
            return asked
        return self.asked(asked) if isinstance(asked, str) else self.asked(asked.text, asked.language)

    def scores(self, asked: AskedWords | str, weights: FieldWeights = FieldWeights()) -> NDArray[np.float32]:
        """BM25 of every passage, shape (passages,), in the order of `passage_ids`.

        Lucene's: idf(w) * tf / (tf + k1 (1 - b + b |d| / avg|d|)), where what a word matches counts together, and
        what stands in the heading counts by its field's weight (Robertson, Zaragoza and Taylor, 2004).
        """
        asked = self._read(asked)
        postings, saturation = self._postings, self._saturation(weights)
        headings = heading_weights(weights.title, weights.source)
        scores, held = np.zeros(len(self), np.float32), np.zeros(len(self), np.float32)
        for term in _each(asked):
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

    def phrase_rows(self, asked: AskedWords | str) -> NDArray[np.bool_] | None:
        """Whether each passage holds every quoted phrase, word after word but for stopwords; None where none is quoted.

        Shape (passages,), in the order of `passage_ids`.
        """
        asked = self._read(asked)
        phrases = defaultdict[int, list[AskedTerm]](list)
        for term in asked.terms:
            if term.phrase >= 0:
                phrases[term.phrase].append(term)
        if not phrases:
            return None
        holds = np.ones(len(self), bool)
        for terms in phrases.values():
            holds &= self._holds(terms, holds)
        return holds

    def _holds(self, terms: Sequence[AskedTerm], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the passages hold the words one after the other."""
        same = [[t for t, w in zip(term.tokens, term.weights, strict=True) if w >= SAME] for term in terms]
        rows = among.copy()
        for tokens in same:
            holds = np.zeros(len(self), bool)
            for token in tokens:
                holds[self._postings.rows[self._column(token)]] = True
            rows &= holds
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
        self, asked: AskedWords | str, passage_ids: Sequence[int], *, terms: int = 10, weight: float = 0.5
    ) -> AskedWords:
        """The question with the most telling words of the passages that were found first: RM3 (Lavrenko and Croft).

        The added words together count `weight` times what those of the question do.
        """
        asked = self._read(asked)
        places = [place for id_ in passage_ids if (place := self._place(id_)) is not None]
        known = {token for term in asked.terms for token in term.tokens}
        if not places or not asked.terms:
            return asked
        scores = self.scores(asked)[places]
        shares = scores / scores.sum() if scores.sum() > 0 else np.full(len(places), 1 / len(places))
        model = np.zeros(len(self._vocabulary))
        for place, share in zip(places, shares, strict=True):
            row = self._row(place)
            row = row[row >= 0]
            np.add.at(model, row, share / max(len(row), 1))
        found = np.flatnonzero(model)
        holding = self._postings.holding()[found]
        # What only one passage holds is of no use, what many hold tells nothing.
        found = found[(holding > 1) & (holding <= max(_FEW, len(self) // 10))]
        names = self._words()
        telling = {
            int(token): float(model[token]) * self._idf(self._holding(int(token)))
            for token in found
            if int(token) not in known and len(names[token]) > 2
        }
        best = sorted(telling, key=lambda token: (-telling[token], names[token]))[:terms]
        whole = sum(telling[token] for token in best)
        boosts = {token: weight * len(asked.terms) * telling[token] / whole for token in best}
        added = tuple(
            AskedTerm(names[token], (token,), (1.0,), self._idf(self._holding(token)), "word", boost=boost)
            for token, boost in boosts.items()
        )
        return replace(asked, terms=asked.terms + added)

    def coverage(self, asked: AskedWords | str, passage_ids: Sequence[int]) -> dict[int, float]:
        """Passage id -> share of the words asked for, weighted by idf, that the passage's best sentence holds, 0 to 1.

        A word that only the heading holds counts half: it says what the sentence is about, and does not say it there.
        A passage that was stored since, or has gone, has none.
        """
        asked = self._read(asked)
        terms = _each(asked)
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
        """How telling a stem, name or number is: ln(1 + (N - n + .5) / (n + .5)), where n of N passages hold it."""
        token = self._vocabulary.get(word)
        return self._idf(0 if token is None else self._holding(token))

    def _idf(self, holding: int) -> float:
        return math.log(1 + (len(self) - holding + 0.5) / (holding + 0.5))

    def idf_of(self, token: int) -> float:
        """How telling the word with that number is."""
        return self._idf(self._holding(token))

    @property
    def vocabulary_size(self) -> int:
        """How many words have a number: 0 up to this."""
        return len(self._vocabulary)

    def _holding(self, token: int) -> int:
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

    def _slipping(self) -> Slips:
        if self._slips is None:
            self._slips = Slips(self._vocabulary, self._postings.holding())
        return self._slips

    def _words(self) -> list[str]:
        """The vocabulary by number."""
        if self._names is None:
            self._names = list(self._vocabulary)
        return self._names

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
                    return cls._opened(folder / str(generation)), generation
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
            "headings": postings.headings,
        }

    @classmethod
    def _opened(cls, folder: Path) -> WordIndex:
        def mapped(name: str) -> Any:
            # As a plain array: a slice of np.memmap is many times slower.
            return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))

        if (folder / "format").read_text() != _FORMAT:
            raise ValueError("made by another version")
        vocabulary = json.loads((folder / "vocabulary.json").read_text("utf-8"))
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
        return index


# --- what an index is made of ----------------------------------------------------------------------------------------


def _numbered(
    passages: Iterable[tuple[int, Wording]], vocabulary: dict[str, int]
) -> tuple[Ids, NDArray[np.int32], NDArray[np.uint8], Ids]:
    """Ids of the passages, their tokens in one row and the field of each, and how many each passage has; new words get
    a number in `vocabulary`.
    """
    ids, tokens, fields, sizes = array("q"), array("i"), bytearray(), array("q")
    number = vocabulary.setdefault
    for id_, (title, source, sentences, language) in passages:
        before = len(tokens)
        of_title, of_source, of_sentences = read_tokens(title, source, sentences, language)
        tokens.extend([number(token, len(vocabulary)) for token in of_title])
        fields.extend(bytes([TITLE]) * len(of_title))
        tokens.append(AFTER_TITLE)
        tokens.extend([number(token, len(vocabulary)) for token in of_source])
        fields.extend(bytes([SOURCE]) * (len(of_source) + 1))
        for sentence in of_sentences:
            tokens.append(SENTENCE)
            tokens.extend([number(token, len(vocabulary)) for token in sentence])
        ids.append(id_)
        sizes.append(len(tokens) - before)
        fields.extend(bytes([BODY]) * (len(tokens) - len(fields)))
    return (
        np.array(ids, np.int64),
        np.array(tokens, np.int32),
        np.frombuffer(bytes(fields), np.uint8),
        np.array(sizes, np.int64),
    )


def _each(asked: AskedWords) -> list[AskedTerm]:
    """The terms of the question, each once."""
    return list({term.tokens or term.word: term for term in reversed(asked.terms)}.values())[::-1]
