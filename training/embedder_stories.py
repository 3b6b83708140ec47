"""Finds what two outlets wrote about one story: the title of one and a passage of the other say the same anew."""

from __future__ import annotations

from datetime import date

import numpy as np
import scipy.sparse
from embedder_data import Corpus, Row
from numpy.typing import NDArray

HEAD_SENTENCES = 3
"""Of an article's body; they and the title tell its story."""


def day_of(article: Row) -> int:
    """The article's day as a number; 0 where its date is missing or of another form than 2020-12-31 or 2020/12/31."""
    try:
        return date.fromisoformat(article["date"].replace("/", "-")).toordinal()
    except ValueError:
        return 0


def same_stories(
    corpus: Corpus, articles: list[Row], size: int, days: int = 3, least: float = 0.2, most: int = 4
) -> NDArray[np.int64]:
    """Rows of two articles of different outlets that are at most `days` apart and tell one story.

    The cosine of their heads, words weighted by idf squared, is at least `least`; each has at most `most` partners.
    """
    heads = _heads(corpus, size)
    when = np.array([day_of(article) for article in articles])
    outlets = np.unique([article["outlet"].lower() for article in articles], return_inverse=True)[1]
    order = np.argsort(when, kind="stable")
    order = order[when[order] > 0]
    found = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(order), 256):
        rows = order[start : start + 256]
        low, high = np.searchsorted(when[order], [when[rows[0]] - days, when[rows[-1]] + days + 1])
        others = order[low:high]
        near = (heads[rows] @ heads[others].T).toarray()
        near[outlets[rows][:, None] == outlets[others]] = 0
        near[np.abs(when[rows][:, None] - when[others]) > days] = 0
        # The copies that agencies sell to many outlets teach nothing.
        near[near > 0.9] = 0
        best = np.argsort(-near, axis=1, kind="stable")[:, :most]
        left, place = np.nonzero(np.take_along_axis(near, best, 1) >= least)
        found.append(np.stack([rows[left], others[best[left, place]]], 1))
    return np.concatenate(found)


def _heads(corpus: Corpus, size: int) -> scipy.sparse.csr_matrix:
    """A row of unit length for each article: which words its title and first sentences hold, rare ones heavier."""
    sentences, count = corpus.sentences, len(corpus.titles)
    ends = sentences.starts[np.minimum(corpus.articles[:-1] + HEAD_SENTENCES, corpus.articles[1:])]
    starts = sentences.starts[corpus.articles[:-1]]
    body = np.concatenate([sentences.ids[a:b] for a, b in zip(starts, ends, strict=True)])
    rows = np.concatenate(
        [np.repeat(np.arange(count), np.diff(corpus.titles.starts)), np.repeat(np.arange(count), ends - starts)]
    )
    ids = np.concatenate([corpus.titles.ids, body])
    matrix = scipy.sparse.csr_matrix((np.ones(len(ids), np.float32), (rows, ids)), shape=(count, size))
    matrix.data[:] = 1
    rarity = np.log(count / np.maximum(np.bincount(matrix.indices, minlength=size), 1)).astype(np.float32)
    matrix.data *= rarity[matrix.indices]
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
    return scipy.sparse.diags(1 / np.maximum(lengths, 1e-6)).tocsr() @ matrix
