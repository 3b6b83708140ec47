"""Says which questions train the embedder and which the ranker, so that neither learns from what the other has seen."""

from hashlib import sha256

from qa.language.text import normalise


def held_for_ranker(question: str) -> bool:
    """Whether a question of nq_open_oracle is the ranker's; the others, about half, are the embedder's.

    A hash of the words decides: it is the same on every machine, and case and white space do not matter. The ranker
    also has all of realtimeqa and squadshifts_amazon to itself, the embedder all of squadshifts_reddit.
    """
    return sha256(" ".join(normalise(question).lower().split()).encode()).digest()[0] % 2 == 1
