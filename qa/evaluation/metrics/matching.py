"""Compares texts: containment, token F1, ROUGE-L, and shares of characters."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from qa.language.text import normalise, words

_ARTICLES = frozenset(("a", "an", "the"))
_PERCENT = re.compile(r"\s?%|\bper cent\b")
_CACHED = 8_192  # Texts: several metrics look at the same few passages and answers of a question.


# --- words -----------------------------------------------------------------------------------------------------------


def contains_answer(text: str, answers: Iterable[str]) -> bool:
    """True when the text contains the words of one of the answers, side by side.

    Words and numbers are compared in lower case, without punctuation, possessive 's, thousands separators and the words
    "a", "an", "the"; "5%" and "5 per cent" count as "5 percent".
    """
    hay = comparable(text)
    return any(needle in hay for needle in map(comparable, answers) if needle.strip())


@lru_cache(_CACHED)
def comparable(text: str) -> str:
    """Words with a space before and after each, so that containment of strings is containment of words."""
    kept = [word for word in words(_PERCENT.sub(" percent", normalise(text).lower())) if word not in _ARTICLES]
    return f" {' '.join(kept)} "


def token_f1(text: str, reference: str) -> float:
    """Harmonic mean of the shares of words that the two texts have in common, from 0 to 1.

    As in SQuAD's script (Rajpurkar et al. 2016), over the words that `contains_answer` compares.
    """
    found, wanted = comparable(text).split(), comparable(reference).split()
    return _f1((Counter(found) & Counter(wanted)).total(), len(found), len(wanted))


def rouge_l(text: str, reference: str) -> float:
    """ROUGE-L (Lin 2004): F1 over the longest common subsequence of words, from 0 to 1.

    Words are lower case, without punctuation, and not stemmed; "a", "an" and "the" count.
    """
    found, wanted = words(normalise(text)), words(normalise(reference))
    return _f1(common_subsequence(found, wanted), len(found), len(wanted))


def _f1(shared: int, found: int, wanted: int) -> float:
    return 2 * shared / (found + wanted) if shared else 0.0


def common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence, by the bit-parallel algorithm of Hyyrö (2004)."""
    places: dict[str, int] = {}
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    every = (1 << len(one)) - 1
    free = every
    for word in other:
        matched = free & places.get(word, 0)
        free = (free + matched | free - matched) & every
    return len(one) - free.bit_count()


# --- characters ------------------------------------------------------------------------------------------------------


@lru_cache(_CACHED)
def plain(text: str) -> str:
    """The text with plain quotes and dashes and single spaces."""
    return " ".join(normalise(text).split())


def contains(text: str, piece: str, share: float = 1.0) -> bool:
    """True when the text contains at least `share` of the piece's characters in a row; white space is normalised."""
    text, piece = plain(text), plain(piece)
    longest = len(piece)
    least = math.ceil(share * longest)
    # Every stretch of that length covers the middle, so one test rejects most texts.
    if not piece or (2 * least > longest and piece[longest - least : least] not in text):
        return False
    return any(piece[start : start + least] in text for start in range(longest - least + 1))


def locate(piece: str, text: str) -> tuple[int, int]:
    """Offsets of the piece in a stored text; white space may differ. (0, 0) if it is not there."""
    pattern = r"\s+".join(re.escape(word) for word in normalise(piece).split())
    match = re.search(pattern, text) if pattern else None
    return match.span() if match else (0, 0)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Shared characters, as a share of the shorter span."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    shorter = min(one[1] - one[0], other[1] - other[0])
    return shared / shorter if shorter > 0 else 0.0
