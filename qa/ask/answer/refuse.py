"""What speaks for the articles answering a question at all, as numbers."""

from __future__ import annotations

import numpy as np

from qa.ask.answer.answer_type import KINDS
from qa.ask.answer.choose import Scored
from qa.check.align import contradict
from qa.language.lexicon import NEGATIONS
from qa.language.text import words
from qa.models.trees import Matrix

_OF_BEST = """cover cover_soft cover_rare cover_near cover_title cover_passage cover_common soft soft_local soft_missing
    soft_around soft_title cosine cosine_around heaviest_missing heaviest_missing_passage missing_count bigrams order
    pairs names names_passage numbers numbers_passage answers answers_some nearest noun noun_near words pronoun
    question density score rank""".split()
"""Of FEATURES: what is said of the sentence that scores best."""
_OF_ANY = "cover soft cosine cover_passage names names_passage answers_some nearest soft_title".split()
"""Of FEATURES: the most that any sentence has."""
SIGNS: tuple[str, ...] = (
    *(f"best_{name}" for name in _OF_BEST),
    *(f"any_{name}" for name in _OF_ANY),
    *"best second mass names_nowhere numbers_nowhere words_nowhere share_nowhere opposite denied other_number".split(),
    *"terms sentences passages".split(),
    *(f"asks_{kind}" for kind in KINDS),
)


def signs(scored: Scored) -> Matrix:
    """SIGNS of what was found for a question, shape (1, signs)."""
    asked, lines, order = scored.asked, scored.lines, scored.order
    best, line = order[0], lines[order[0]]
    held = {term for line in lines for term in (*line.terms, *line.title)}
    nowhere = set(asked.terms) - held
    said = words(line.span.text)
    missing = [word for word, term in zip(asked.words, asked.terms, strict=True) if term not in line.terms]
    numbers = {term for term in line.terms if term[0].isdigit()}
    first = scored.scores[best]
    values = [
        *(scored.column(name)[best] for name in _OF_BEST),
        *(scored.column(name).max() for name in _OF_ANY),
        first,
        scored.scores[order[1]] - first if len(order) > 1 else -8.0,
        np.log(np.exp(np.clip(scored.scores - first, -30, 0)).sum()),
        len(asked.names & nowhere),
        len(asked.numbers & nowhere),
        len(nowhere),
        sum(asked.weights[term] for term in nowhere) / (sum(asked.weights.values()) or 1.0),
        any(contradict(word, other) for word in missing for other in said),
        _denies(words(asked.text)) != _denies(said),
        bool(asked.numbers - numbers) and bool(numbers - asked.numbers),
        len(asked.terms),
        len(lines),
        len({line.passage for line in lines}),
        *(asked.expectation.kind == kind for kind in KINDS),
    ]
    return np.array([values], dtype=np.float32)


_DENIALS = NEGATIONS | {"cannot"}


def _denies(said: list[str]) -> bool:
    return any(word in _DENIALS or word.endswith("n't") for word in said)
