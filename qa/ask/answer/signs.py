"""The features of all that was found: do the articles answer the question at all?"""

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
"""The FEATURES that are taken from the sentence with the best score."""
_OF_ANY = "cover soft cosine cover_passage names names_passage answers_some nearest soft_title".split()
"""The FEATURES whose highest value over all sentences is taken."""
SIGNS: tuple[str, ...] = (
    *(f"best_{name}" for name in _OF_BEST),
    *(f"any_{name}" for name in _OF_ANY),
    *"best second mass names_nowhere numbers_nowhere words_nowhere share_nowhere opposite denied other_number".split(),
    *"terms sentences passages".split(),
    *(f"asks_{kind}" for kind in KINDS),
)


def signs(scored: Scored) -> Matrix:
    """SIGNS of the sentences found for a question, shape (1, signs)."""
    asked, sentences, order = scored.asked, scored.sentences, scored.order
    best, sentence = order[0], sentences[order[0]]
    held = {term for sentence in sentences for term in (*sentence.terms, *sentence.title)}
    nowhere = set(asked.terms) - held
    said = words(sentence.span.text)
    missing = [word for word, term in zip(asked.words, asked.terms, strict=True) if term not in sentence.terms]
    numbers = {term for term in sentence.terms if term[0].isdigit()}
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
        len(sentences),
        len({sentence.passage for sentence in sentences}),
        *(asked.expectation.kind == kind for kind in KINDS),
    ]
    return np.array([values], dtype=np.float32)


_DENIALS = NEGATIONS | {"cannot"}


def _denies(said: list[str]) -> bool:
    return any(word in _DENIALS or word.endswith("n't") for word in said)
