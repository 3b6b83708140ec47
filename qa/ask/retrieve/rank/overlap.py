"""Compares the words of a question with those of passages, sentence by sentence, over arrays of word numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.ask.retrieve.rank.segments import Floats, first_largest, largest, owners, second_largest, total
from qa.store import WordIndex, WordQuery
from qa.store.words.wording import AFTER_TITLE, SENTENCE


@dataclass(frozen=True, slots=True)
class Overlap:
    """Which terms of the question stand where. The sentences of all passages form one sequence; titles are apart."""

    idf: Floats
    """Idf of each term of the question, shape (terms,)."""
    sentences: Floats
    """How well each sentence matches each term, 0 to 1, shape (sentences, terms)."""
    titles: Floats
    """The same for the title of each passage, shape (passages, terms)."""
    sources: Floats
    """The same for its outlet and date, shape (passages, terms)."""
    counts: Floats
    """How often each term occurs in the sentences of a passage, weighted by match, shape (passages, terms)."""
    starts: NDArray[np.int64]
    """Sentence `starts[p]` is the first of passage p, shape (passages + 1,)."""
    lengths: Floats
    """Number of words of each sentence, without stopwords, shape (sentences,)."""
    bigrams: Floats
    """1 if a passage has a term followed at once by the question's next term, else 0; shape (passages, terms)."""
    nearness: Floats
    """How near different terms stand to each other, weighted by idf, shape (passages,)."""

    @property
    def passages(self) -> Floats:
        """How well each term is matched by the best sentence for it, shape (passages, terms)."""
        return largest(self.sentences, self.starts)


def overlap_of(asked: WordQuery, index: WordIndex, passage_ids: Sequence[int]) -> Overlap:
    """The overlap of a question with passages of the index; a passage that was removed has none."""
    tokens, offsets = index.tokens_of(passage_ids)
    # Each passage: title, mark, outlet and date, then each sentence after its mark. A removed one is one sentence.
    marks = tokens == SENTENCE
    sizes = np.diff(offsets)
    owner = np.repeat(np.arange(len(passage_ids)), sizes)
    found = np.bincount(owner, weights=marks, minlength=len(passage_ids)).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(np.maximum(found, 1))])
    seen = np.cumsum(marks)
    before = np.concatenate([[0], seen])[offsets[:-1]]
    number = seen - before[owner] - 1  # of the sentence within the passage; -1 in title, outlet and date
    row = starts[owner] + number
    parted = np.cumsum(tokens == AFTER_TITLE)
    in_title = (number < 0) & (parted == np.concatenate([[0], parted])[offsets[:-1]][owner])

    terms = len(asked.terms)
    # For each word number: the place of its term in the question, counted from 1; 0 if it is no term of it.
    term_of = np.zeros(index.vocabulary_size + 2, np.int16)
    weight_of = np.zeros(index.vocabulary_size + 2, np.float32)
    for place, each in enumerate(asked.terms, start=1):
        for token, counts_for in zip(each.tokens, each.weights, strict=True):
            if counts_for > weight_of[token]:
                term_of[token], weight_of[token] = place, counts_for
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

    idf = np.array([each.idf for each in asked.terms], np.float32)
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
    """`bigrams` and `nearness` of an Overlap, from the places of matched tokens."""
    bigrams = np.zeros((passages, len(idf)), np.float32)
    nearness = np.zeros(passages, np.float32)
    if len(places) < 2:
        return bigrams, nearness
    first, second = places[:-1], places[1:]
    distance = (second - first).astype(np.float32)
    same = owner[first] == owner[second]
    follows = same & (row[first] == row[second]) & (distance == 1) & (term[1:] == term[:-1] + 1)
    bigrams[owner[first[follows]], term[:-1][follows]] = 1.0
    # Rasolofo and Savoy 2003: a pair of terms counts less the farther apart its terms stand.
    near = same & (term[1:] != term[:-1]) & (distance <= _FAR)
    pull = np.minimum(idf[term[:-1][near]], idf[term[1:][near]]) / distance[near]
    np.add.at(nearness, owner[first[near]], pull)
    return bigrams, nearness


_FAR = 12


@np.errstate(invalid="ignore")  # BLAS flags what lies beside a small matrix, at times
def overlap_columns(asked: WordQuery, overlap: Overlap) -> dict[str, Floats]:
    """Name of a feature -> its value for each passage: word overlap. Shares are of the question's idf, 0 to 1."""
    idf, starts = overlap.idf, overlap.starts
    whole = max(float(idf.sum()), 1e-6)
    matches, owner = overlap.passages, owners(starts)
    everywhere = np.maximum(matches, overlap.titles)
    sentence = overlap.sentences @ idf / whole
    # A word that only the title has counts half: it tells what the sentence is about, but is not in the sentence.
    speaks = overlap.sentences.any(axis=1, keepdims=True)
    titled = np.maximum(overlap.sentences, 0.5 * overlap.titles[owner] * speaks) @ idf / whole
    pairs = overlap.sentences.copy()
    together = owner[1:] == owner[:-1]
    pairs[:-1][together] = np.maximum(overlap.sentences[:-1], overlap.sentences[1:])[together]
    names = np.array([term.kind == "name" for term in asked.terms], bool)
    numbers = np.array([term.kind == "number" for term in asked.terms], bool)
    missing = np.where(everywhere > 0, 0, idf)
    heaviest = np.sort(np.concatenate([missing, np.zeros((len(matches), 2))], axis=1), axis=1)[:, ::-1]
    return {
        "cover": matches @ idf / whole,
        "cover_title": overlap.titles @ idf / whole,
        "cover_source": overlap.sources @ idf / whole,
        "cover_all": everywhere @ idf / whole,
        "cover_count": (everywhere > 0).sum(axis=1) / max(len(idf), 1),
        "cover_sentence": largest(sentence, starts),
        "cover_sentence_title": largest(titled, starts),
        "cover_pair": largest(pairs @ idf / whole, starts),
        "cover_second": second_largest(sentence, starts),
        "bigrams": overlap.bigrams @ idf / whole,
        "nearness": overlap.nearness / whole,
        "names": _share(everywhere, idf, names),
        "names_sentence": largest(_share(overlap.sentences, idf, names), starts),
        "numbers": _share(everywhere, idf, numbers),
        "missing_heaviest": heaviest[:, 0],
        "missing_second": heaviest[:, 1],
        "missing_common": np.where((everywhere > 0) | names | numbers, 0, idf).sum(axis=1) / whole,
        "often": np.log1p(overlap.counts) @ idf / whole,
        "density": overlap.counts.sum(axis=1) / np.maximum(total(overlap.lengths, starts), 1),
        "best_length": np.log1p(overlap.lengths[first_largest(sentence, starts)]),
        "best_place": (first_largest(sentence, starts) - starts[:-1]) / np.diff(starts),
        "sentences": np.diff(starts),
    }


def _share(matches: Floats, idf: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """The share of the chosen terms that is matched, by idf; -1 if none is chosen."""
    whole = float(idf[chosen].sum())
    if not whole:
        return np.full(len(matches), -1.0, np.float32)
    return np.asarray(matches[:, chosen] @ idf[chosen] / whole, np.float32)
