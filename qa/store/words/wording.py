"""What a passage is found by in words, and the numbers that stand for them in the index."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qa.language.analyzer import read_tokens
from qa.language.lexicon import months
from qa.language.text import sentence_spans
from qa.store.words.postings import BODY, SOURCE, TITLE, Ids
from qa.types import Passage

SENTENCE = -1
"""The token that stands before each sentence of a passage; its heading comes before the first."""
AFTER_TITLE = -2
"""The token that stands between the two parts of a heading: the title, and the outlet with the date."""


class Wording(NamedTuple):
    """What a passage is found by in words."""

    title: str
    """That of its article."""
    source: str
    """Outlet and date."""
    sentences: Sequence[str]
    language: str | None = None
    """Two letters; None where nobody knows."""


def wording_of(passage: Passage) -> Wording:
    """What a passage is found by: its article's title, outlet and date, and its sentences."""
    article, text = passage.article, passage.text
    day = article.date
    date = f"{day.day} {months(article.language)[day.month - 1]} {day.year}" if day else ""
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    return Wording(article.title, f"{article.outlet or ''} {date}", sentences, article.language)


def numbered(
    passages: Iterable[tuple[int, Wording]],
) -> tuple[Ids, NDArray[np.int32], NDArray[np.uint8], Ids, list[str]]:
    """Ids of the passages, their tokens in one row and the field of each, how many each passage has, and their words.

    The tokens are numbers of the words, in the order in which they came. A passage that cannot be analyzed has no
    tokens, not even a mark.
    """
    ids, tokens, fields, sizes = array("q"), array("i"), bytearray(), array("q")
    words: dict[str, int] = {}
    number = words.setdefault
    for id_, (title, source, sentences, language) in passages:
        before = len(tokens)
        ids.append(id_)
        try:
            of_title, of_source, of_sentences = read_tokens(title, source, sentences, language)
        except Exception:  # one passage must not close the whole library
            sizes.append(0)
            continue
        tokens.extend([number(token, len(words)) for token in of_title])
        fields.extend(bytes([TITLE]) * len(of_title))
        tokens.append(AFTER_TITLE)
        tokens.extend([number(token, len(words)) for token in of_source])
        fields.extend(bytes([SOURCE]) * (len(of_source) + 1))
        for sentence in of_sentences:
            tokens.append(SENTENCE)
            tokens.extend([number(token, len(words)) for token in sentence])
        sizes.append(len(tokens) - before)
        fields.extend(bytes([BODY]) * (len(tokens) - len(fields)))
    return (
        np.array(ids, np.int64),
        np.array(tokens, np.int32),
        np.frombuffer(bytes(fields), np.uint8),
        np.array(sizes, np.int64),
        list(words),
    )
