"""Compares the words of a question with those of passages, sentence by sentence, over rows of word numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.store import AskedWords, WordIndex
from qa.store.words import AFTER_TITLE, SENTENCE

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Which words of the question stand where. Sentences of all passages follow one another; headings are apart."""

    idf: Floats
    """Of each term of the question, shape (terms,)."""
    sentences: Floats
    """How well a sentence holds a term, 0 to 1, shape (sentences, terms)."""
    titles: Floats
    """The same of the title of each passage, shape (passages, terms)."""
    sources: Floats
    """The same of its outlet and date."""
    counts: Floats
    """How often the sentences of a passage hold a term, shape (passages, terms)."""
    starts: NDArray[np.int64]
    """Sentence `starts[p]` is the first of passage p, shape (passages + 1,)."""
    lengths: Floats
    """Words of each sentence but stopwords, shape (sentences,)."""
    bigrams: Floats
    """Whether a passage holds a term and, right after it, the term that follows it in the question; a column a term."""
    nearness: Floats
    """By passage: how near different terms stand to each other, weighted by how telling they are."""

    @property
    def passages(self) -> Floats:
        """How well the sentences of a passage together hold a term, shape (passages, terms)."""
        return over_passages(self.sentences, self.starts)


def overlap_of(asked: AskedWords, index: WordIndex, passage_ids: Sequence[int]) -> Overlap:
    """The overlap of a question with passages that the index holds; a passage that has gone overlaps nowhere."""
    tokens, offsets = index.tokens_of(passage_ids)
    # Each passage: title, mark, outlet and date, then each sentence behind its mark. An empty one gets an empty sentence.
    marks = tokens == SENTENCE
    sizes = np.diff(offsets)
    owner = np.repeat(np.arange(len(passage_ids)), sizes)
    found = np.bincount(owner, weights=marks, minlength=len(passage_ids)).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(np.maximum(found, 1))])
    seen = np.cumsum(marks)
    before = np.concatenate([[0], seen])[offsets[:-1]]
    number = seen - before[owner] - 1  # of its sentence within the passage; -1 in the heading
    row = starts[owner] + number
    parted = np.cumsum(tokens == AFTER_TITLE)
    in_title = (number < 0) & (parted == np.concatenate([[0], parted])[offsets[:-1]][owner])

    terms = len(asked.terms)
    # What a word number stands for: the place of its term in the question, counted from 1; 0 for no term of it.
    term_of = np.zeros(index.vocabulary_size + 2, np.int16)
    weight_of = np.zeros(index.vocabulary_size + 2, np.float32)
    for place, term in enumerate(asked.terms, start=1):
        for token, weight in zip(term.tokens, term.weights, strict=True):
            if weight > weight_of[token]:
                term_of[token], weight_of[token] = place, weight
    matched = np.flatnonzero((term_of[tokens] > 0) & (tokens >= 0))
    term = term_of[tokens[matched]].astype(np.int64) - 1
    weight = weight_of[tokens[matched]]
    in_body, titled = number[matched] >= 0, in_title[matched]
    sourced = ~in_body & ~titled

    sentences = np.zeros((int(starts[-1]), terms), np.float32)
    titles = np.zeros((len(passage_ids), terms), np.float32)
    sources = np.zeros((len(passage_ids), terms), np.float32)
    counts = np.zeros((len(passage_ids), terms), np.float32)
    np.maximum.at(sentences, (row[matched[in_body]], term[in_body]), weight[in_body])
    np.maximum.at(titles, (owner[matched[titled]], term[titled]), weight[titled])
    np.maximum.at(sources, (owner[matched[sourced]], term[sourced]), weight[sourced])
    np.add.at(counts, (owner[matched[in_body]], term[in_body]), weight[in_body])
    lengths = np.bincount(row[(number >= 0) & ~marks], minlength=int(starts[-1])).astype(np.float32)

    idf = np.array([term.idf for term in asked.terms], np.float32)
    bigrams, nearness = _pairs(matched[in_body], term[in_body], owner, row, idf, len(passage_ids))
    return Overlap(idf, sentences, titles, sources, counts, starts, lengths, bigrams, nearness)


def _pairs(
    places: NDArray[np.int64],
    term: NDArray[np.int64],
    owner: NDArray[np.int64],
    row: NDArray[np.int64],
    idf: Floats,
    passages: int,
) -> tuple[Floats, Floats]:
    """`bigrams` and `nearness` of an Overlap, from the places of matched words in the row of tokens."""
    bigrams = np.zeros((passages, len(idf)), np.float32)
    nearness = np.zeros(passages, np.float32)
    if len(places) < 2:
        return bigrams, nearness
    first, second = places[:-1], places[1:]
    distance = (second - first).astype(np.float32)
    same = owner[first] == owner[second]
    follows = same & (row[first] == row[second]) & (distance == 1) & (term[1:] == term[:-1] + 1)
    bigrams[owner[first[follows]], term[:-1][follows]] = 1.0
    # As in Rasolofo and Savoy 2003: pairs of terms count the less the farther they stand apart.
    near = same & (term[1:] != term[:-1]) & (distance <= _FAR)
    pull = np.minimum(idf[term[:-1][near]], idf[term[1:][near]]) / distance[near]
    np.add.at(nearness, owner[first[near]], pull)
    return bigrams, nearness


_FAR = 12


def over_passages(values: Floats, starts: NDArray[np.int64]) -> Floats:
    """The largest of each passage's sentences: shape (sentences, ...) -> (passages, ...)."""
    return np.asarray(np.maximum.reduceat(values, starts[:-1], axis=0), np.float32)
