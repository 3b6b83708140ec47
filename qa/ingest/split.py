"""Splits an article into passages: whole sentences, an even number of words, known by their offsets in the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.language.text import sentence_spans

SPLITTER_VERSION = 2
"""Counted up when other passages come out: then articles are split again."""


def split(text: str, words: int = 200, overlap: int = 0) -> list[tuple[int, int]]:
    """Offsets of passages of whole sentences, each of at most `words` words unless one sentence has more.

    Passages follow one another and share the words of the article evenly, so that none is a mere remainder. Each but
    the first begins with the last sentences of the one before, of at most `overlap` words; these come on top. A
    sentence longer than `words` is cut between words.
    """
    pieces = [piece for span in sentence_spans(text) for piece in _within(text, *span, words)]
    counts = [len(text[start:end].split()) for start, end in pieces]
    total = sum(counts)
    if not total:
        return []
    share = total / -(-total // words)
    passages: list[tuple[int, int]] = []
    start, filled, done = 0, 0, 0  # the first piece of the passage that is being filled
    for i, ((_, end), count) in enumerate(zip(pieces, counts, strict=True)):
        # Close a passage where the next sentence would carry it further past its share than stopping leaves it short.
        too_long = filled + count > words or end - pieces[start][0] > words * _LONGEST_WORD
        if filled and (too_long or done + count / 2 > share * (len(passages) + 1)):
            passages.append((pieces[_back(start, counts, overlap)][0], pieces[i - 1][1]))
            start, filled = i, 0
        filled += count
        done += count
    return [*passages, (pieces[_back(start, counts, overlap)][0], pieces[-1][1])]


def _back(start: int, counts: Sequence[int], overlap: int) -> int:
    """The piece from which on there are at most `overlap` words before the piece `start`."""
    while start and (overlap := overlap - counts[start - 1]) >= 0:
        start -= 1
    return start


def _within(text: str, start: int, end: int, words: int) -> list[tuple[int, int]]:
    """The sentence as it is, or cut into stretches of at most `words` words where it is longer."""
    longest = words * _LONGEST_WORD
    if end - start < longest and text.count(" ", start, end) < words and not _OTHER_SPACE.search(text, start, end):
        return [(start, end)]
    pieces: list[tuple[int, int]] = []
    begin, stop, count = start, start, 0
    for word in re.compile(rf"\S{{1,{longest}}}").finditer(text, start, end):
        if count == words or word.end() - begin > longest:
            pieces.append((begin, stop))
            begin, count = word.start(), 0
        stop, count = word.end(), count + 1
    return [*pieces, (begin, stop)]


_OTHER_SPACE = re.compile(r"[^\S ]")
_LONGEST_WORD = 20  # characters that a word has on average at most; a "word" without end is data, not prose
