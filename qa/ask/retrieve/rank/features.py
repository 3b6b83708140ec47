"""Computes the ranker's features: a row of numbers for each passage that was found for a question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from qa.ask.retrieve.rank.article_context import article_columns
from qa.ask.retrieve.rank.overlap import overlap_columns, overlap_of
from qa.ask.retrieve.rank.recency import recency_columns
from qa.ask.retrieve.rank.relevance_model import shared_words
from qa.ask.retrieve.rank.segments import Floats, ranks
from qa.ask.retrieve.rank.similarity import similarity_columns, similarity_of
from qa.models.static import StaticEmbedder
from qa.store import WordIndex, WordQuery
from qa.types import Hit, Question

_RELATIVE = """words_raw cover cover_sentence cover_pair cover_all nearness soft soft_window cosine cosine_window shared
    bigrams names close closest""".split()
"""Features that are also given as the distance below the best passage."""

FEATURES: tuple[str, ...] = (
    *"words words_raw words_rank vectors fused".split(),
    *"cover cover_title cover_source cover_all cover_count cover_sentence cover_sentence_title cover_pair".split(),
    *"cover_second bigrams nearness names names_sentence numbers missing_heaviest missing_second".split(),
    *"missing_common often density best_length best_place sentences".split(),
    *"soft soft_lacking soft_window cosine cosine_window".split(),
    *"length new_names lines begins article_length".split(),
    *"timed undated age close closest later crowd behind_newest".split(),
    *"of_article article_best article_cover in_article shared".split(),
    *"terms asked_names asked_numbers asked_idf".split(),
    *(f"{name}_below_best" for name in _RELATIVE),
)


def features(
    question: Question, hits: Sequence[Hit], asked: WordQuery, index: WordIndex, embedder: StaticEmbedder
) -> Floats:
    """A row of FEATURES per hit, shape (hits, features).

    `asked` holds the question's terms as `index` reads them. The embedder is always the bundled one, whichever the
    library uses: its vectors are sums over words, so they are cheap to take apart.
    """
    fused = np.array([hit.score for hit in hits], np.float32)
    texts = [hit.passage.text for hit in hits]
    overlap = overlap_of(asked, index, [hit.passage.id for hit in hits])
    similarity = similarity_of(embedder, question.standalone, [term.word for term in asked.terms], overlap.idf, texts)
    overlaps = overlap_columns(asked, overlap)
    columns = {
        **_search_columns(hits, fused, float(overlap.idf.sum())),
        **overlaps,
        **similarity_columns(similarity, overlap),
        **_shape_columns(hits, texts, question),
        **recency_columns(question, hits, fused),
        **article_columns(hits, fused, overlaps["cover_all"]),
        "shared": shared_words(index, asked, hits, fused),
        **_question_columns(asked, len(hits)),
    }
    columns |= {f"{name}_below_best": columns[name] - columns[name].max() for name in _RELATIVE}
    return np.stack([np.asarray(columns[name], np.float32) for name in FEATURES], axis=1)


def _search_columns(hits: Sequence[Hit], fused: Floats, idf: float) -> dict[str, Floats]:
    bm25 = np.array([hit.bm25 for hit in hits], np.float32)
    return {
        "words": np.array([hit.words for hit in hits], np.float32),
        "words_raw": bm25 / max(idf, 1e-6),
        "words_rank": 1 / (1 + ranks(bm25)),
        "vectors": np.array([hit.vectors for hit in hits], np.float32),
        "fused": fused,
    }


_CAPITAL = re.compile(r"(?<=[a-z,;] )[A-Z][\w'-]+")


def _shape_columns(hits: Sequence[Hit], texts: Sequence[str], question: Question) -> dict[str, Floats]:
    said = question.standalone.lower()
    length = np.array([text.count(" ") + 1 for text in texts], np.float32)
    names = [sum(name.lower() not in said for name in set(_CAPITAL.findall(text))) for text in texts]
    return {
        "length": length,
        "new_names": np.array(names, np.float32),
        "lines": np.array([text.count("\n") for text in texts], np.float32) / length,
        "begins": np.log1p(np.array([hit.passage.start for hit in hits], np.float32)),
        "article_length": np.log1p(np.array([len(hit.passage.article.text) for hit in hits], np.float32)),
    }


def _question_columns(asked: WordQuery, count: int) -> dict[str, Floats]:
    kinds = Counter(term.kind for term in asked.terms)
    constants = {
        "terms": len(asked.terms),
        "asked_names": kinds["name"],
        "asked_numbers": kinds["number"],
        "asked_idf": max((term.idf for term in asked.terms), default=0.0),
    }
    return {name: np.full(count, value, np.float32) for name, value in constants.items()}
