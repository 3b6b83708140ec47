"""Counts the lines that recur across the articles of one outlet, so that its boilerplate is found without a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from qa.ingest.clean.paragraphs import split_paragraphs

# Numbers that change with time. Any other number makes another line: "Approve: 42 percent" is news every week.
_AGE = re.compile(r"\d+ ?(second|minute|min|hour|day|week|month|year)s?(?= (?:ago|old|read)\b)")
_TIME = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}:\d\d\b")
_TO_THE_READER = re.compile(r"\b(?:you|your|click|subscribe|newsletters?|podcasts?|app)\b")
# Shorter lines recur for good reasons: sub-headings, places, names, "That's not all." Longer ones are whole stories
# that were scraped as one line.
_LENGTHS = range(40, 1_500)
_FEWEST_WORDS = 4

# Chosen on 10,000 articles of three outlets. A statement has to recur more than a call to the reader: what a story is
# about may be told in the same words week after week.
_FEWEST_ARTICLES, _SMALLEST_SHARE = 6, 0.002
_FEWEST_ARTICLES_OF_A_STATEMENT, _SMALLEST_SHARE_OF_A_STATEMENT = 20, 0.01
# Boilerplate stands in articles that have nothing else in common; for the copies of one story this is below 0.6.
_LEAST_INDEPENDENT = 0.65


def hash_line(line: str) -> int | None:
    """A stable hash that ignores case, years and times; None if the line is not counted.

    Its lowest bit is set where the line is a statement: a sentence that does not speak to the reader.
    """
    if len(line) not in _LENGTHS or line.count(" ") + 1 < _FEWEST_WORDS or line[0] == '"':
        return None
    folded = _TIME.sub("0", _AGE.sub(r"0 \1", line.casefold()))
    is_statement = folded.endswith(".") and not _TO_THE_READER.search(folded)
    return int.from_bytes(blake2b(folded.encode(), digest_size=8).digest(), "big") & ~1 | is_statement


def line_hashes(text: str) -> NDArray[np.uint64]:
    """The hash of each distinct line that could be boilerplate, ascending."""
    found = {found for line in split_paragraphs(text) if (found := hash_line(line)) is not None}
    return np.array(sorted(found), np.uint64)


def recurring_lines(articles: Sequence[NDArray[np.uint64]]) -> dict[int, int]:
    """Hash -> number of articles, for the lines that recur across many articles of one outlet.

    `articles` holds `line_hashes` of each. An article weighs what share of its lines it has to itself, each line being
    shared out among the articles that hold it: the copies of one story weigh as much as one article.
    """
    lengths = np.array([len(article) for article in articles], np.int64)
    if not lengths.sum():
        return {}
    lines, places, counts = np.unique(np.concatenate(articles), return_inverse=True, return_counts=True)
    owners = np.repeat(np.arange(len(articles)), lengths)
    shares = np.bincount(owners, 1 / counts[places], len(articles)) / np.maximum(lengths, 1)
    independent = np.bincount(places, shares[owners], len(lines))
    enough = np.where(
        lines & np.uint64(1),
        max(_FEWEST_ARTICLES_OF_A_STATEMENT, _SMALLEST_SHARE_OF_A_STATEMENT * len(articles)),
        max(_FEWEST_ARTICLES, _SMALLEST_SHARE * len(articles)),
    )
    recurs = (independent >= enough) & (independent >= _LEAST_INDEPENDENT * counts)
    return dict(zip(lines[recurs].tolist(), counts[recurs].tolist(), strict=True))
