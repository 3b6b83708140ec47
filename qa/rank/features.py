"""What the ranker sees of each passage that was found for a question: a row of numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.models.static import StaticEmbedder
from qa.rank.meaning import Meaning, meaning_of
from qa.rank.overlap import Floats, Overlap, over_passages, overlap_of
from qa.store.words import SENTENCE, AskedWords, WordIndex
from qa.types import Hit, Question
from qa.expect import KINDS, expect

Columns = dict[str, NDArray[np.float32]]
FEEDBACK, FEEDBACK_TERMS = 5, 20


def features(
    question: Question, hits: Sequence[Hit], asked: AskedWords, index: WordIndex, embedder: StaticEmbedder
) -> Columns:
    """Columns by name, each of shape (hits,): what FEATURES lists, of every hit."""
    ids = [hit.passage.id for hit in hits]
    overlap = overlap_of(asked, index, ids)
    texts = [hit.passage.text for hit in hits]
    meaning = meaning_of(embedder, question.standalone, [term.word for term in asked.terms], overlap.idf, texts)
    fused = np.array([hit.score for hit in hits], np.float32)
    columns = {
        **_found(hits, overlap),
        **_words(asked, overlap),
        **_means(meaning, overlap),
        **_shape(hits, texts, question, overlap),
        **_time(hits, question, fused),
        **_asked(asked, question),
        **_feedback(index, ids, asked, fused),
    }
    columns |= _company(hits, columns)
    for name in _RELATIVE:
        columns[f"{name}_below_best"] = columns[name] - columns[name].max()
    return columns


_RELATIVE = """words_raw cover cover_sentence cover_pair cover_all nearness soft soft_window cosine window_cosine feedback
    bigrams names close closest""".split()


def _found(hits: Sequence[Hit], overlap: Overlap) -> Columns:
    bm25 = np.array([hit.bm25 for hit in hits], np.float32)
    total = max(float(overlap.idf.sum()), 1e-6)
    return {
        "words": np.array([hit.words for hit in hits], np.float32),
        "words_raw": bm25 / total,
        "words_rank": 1 / (1 + _ranks(bm25)),
        "vectors": np.array([hit.vectors for hit in hits], np.float32),
        "fused": np.array([hit.score for hit in hits], np.float32),
    }


def _words(asked: AskedWords, overlap: Overlap) -> Columns:
    idf, starts = overlap.idf, overlap.starts
    total = max(float(idf.sum()), 1e-6)
    held = overlap.passages
    everywhere = np.maximum(held, overlap.headings)
    cover_sentence = overlap.sentences @ idf / total
    with_heading = np.maximum(overlap.sentences, 0.5 * overlap.headings[_owners(starts)] * (overlap.sentences.any(1))[:, None])
    pairs = overlap.sentences.copy()
    follows = _owners(starts)[1:] == _owners(starts)[:-1]
    pairs[:-1][follows] = np.maximum(overlap.sentences[:-1], overlap.sentences[1:])[follows]
    names = np.array([term.kind == "name" for term in asked.terms], bool)
    numbers = np.array([term.kind == "number" for term in asked.terms], bool)
    missing = np.where(everywhere > 0, 0, idf)
    heaviest = np.sort(missing, axis=1)[:, ::-1]
    best = _best_sentence(cover_sentence, starts)
    return {
        "cover": held @ idf / total,
        "cover_heading": overlap.headings @ idf / total,
        "cover_all": everywhere @ idf / total,
        "cover_count": (everywhere > 0).mean(axis=1, dtype=np.float32) if len(idf) else np.zeros(len(held), np.float32),
        "cover_sentence": over_passages(cover_sentence, starts),
        "cover_sentence_heading": over_passages(with_heading @ idf / total, starts),
        "cover_pair": over_passages(pairs @ idf / total, starts),
        "cover_second": _second(cover_sentence, starts),
        "bigrams": overlap.bigrams @ idf / total,
        "nearness": overlap.nearness / total,
        "names": _share(everywhere, idf, names),
        "names_sentence": over_passages(_share(overlap.sentences, idf, names), starts),
        "numbers": _share(everywhere, idf, numbers),
        "heaviest_missing": heaviest[:, 0] if len(idf) else np.zeros(len(held), np.float32),
        "second_missing": heaviest[:, 1] if len(idf) > 1 else np.zeros(len(held), np.float32),
        "missing_common": (np.where((everywhere > 0) | names | numbers, 0, idf)).sum(1) / total,
        "often": np.log1p(overlap.counts) @ idf / total,
        "density": overlap.counts.sum(1) / np.maximum(_sums(overlap.lengths, starts), 1),
        "best_length": np.log1p(overlap.lengths[best]),
        "best_place": (best - starts[:-1]) / np.maximum(np.diff(starts), 1),
        "sentences": np.diff(starts).astype(np.float32),
    }


def _means(meaning: Meaning, overlap: Overlap) -> Columns:
    idf = overlap.idf
    total = max(float(idf.sum()), 1e-6)
    held = np.maximum(overlap.passages, overlap.headings)
    lacking = np.where(held > 0, 0, idf)
    return {
        "soft": meaning.nearest @ idf / total,
        "soft_lacking": (meaning.nearest * lacking).sum(1) / np.maximum(lacking.sum(1), 1e-6),
        "soft_window": meaning.best_window,
        "ring_near": meaning.similar[:, 0],
        "ring_middle": meaning.similar[:, 1],
        "ring_far": meaning.similar[:, 2],
        "cosine": meaning.cosine,
        "window_cosine": meaning.window_cosine,
    }


_NUMBER = re.compile(r"\d")
_CAPITAL = re.compile(r"(?<=[a-z,;] )[A-Z][\w'-]+")
_MONEY = re.compile(r"[$£€]\s?\d|\b(?:dollars|euros|pounds|million|billion)\b")
_DATE = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:19|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b")
_QUOTED = re.compile(r'"[^"]{10,}"')


def _shape(hits: Sequence[Hit], texts: Sequence[str], question: Question, overlap: Overlap) -> Columns:
    asked = question.standalone.lower()
    length = np.array([text.count(" ") + 1 for text in texts], np.float32)
    names = np.array([len({n for n in _CAPITAL.findall(text) if n.lower() not in asked}) for text in texts], np.float32)
    begins = np.array([hit.passage.start for hit in hits], np.float32)
    whole = np.array([len(hit.passage.article.text) for hit in hits], np.float32)
    return {
        "length": length,
        "new_names": names,
        "digits": np.array([len(_NUMBER.findall(text)) for text in texts], np.float32) / length,
        "money": np.array([len(_MONEY.findall(text)) for text in texts], np.float32),
        "dates": np.array([len(_DATE.findall(text)) for text in texts], np.float32),
        "quotes": np.array([len(_QUOTED.findall(text)) for text in texts], np.float32),
        "asks": np.array([text.count("?") for text in texts], np.float32),
        "lines": np.array([text.count("\n") for text in texts], np.float32) / length,
        "is_lead": (begins == 0).astype(np.float32),
        "begins": np.log1p(begins),
        "article_length": np.log1p(whole),
        "place": begins / np.maximum(whole, 1),
    }


def _time(hits: Sequence[Hit], question: Question, fused: Floats) -> Columns:
    days = np.array([hit.passage.article.date.toordinal() if hit.passage.article.date else np.nan for hit in hits])
    known = ~np.isnan(days)
    count = len(hits)
    if question.as_of:
        age = np.where(known, question.as_of.toordinal() - days, 0.0)
    else:
        age = np.zeros(count)
    given = np.full(count, float(question.as_of is not None), np.float32)
    dated = known & (given > 0)
    # Where what was found best was published: that is when what is asked about was news.
    top = np.argsort(-fused)[:20]
    gap = np.abs(np.where(known, days, -1e9)[:, None] - np.where(known, days, 1e9)[top][None, :])
    weight = fused[top] ** 2
    crowd = (np.exp(-gap / 3) @ weight) / max(float(weight.sum()), 1e-6)
    crowd_wide = (np.exp(-gap / 20) @ weight) / max(float(weight.sum()), 1e-6)
    newest = np.nanmax(days) if known.any() else 0.0
    return {
        "as_of": given,
        "undated": (~known).astype(np.float32),
        "age": np.where(dated, np.sign(age) * np.log1p(np.abs(age)), 0).astype(np.float32),
        "close": np.where(dated, np.exp(-np.abs(age) / 14), 0.2 * given).astype(np.float32),
        "closest": np.where(dated, np.exp(-np.abs(age) / 4), 0.1 * given).astype(np.float32),
        "later": np.where(dated & (age < -1), np.minimum(-age, 400), 0).astype(np.float32),
        "crowd": crowd.astype(np.float32),
        "crowd_wide": crowd_wide.astype(np.float32),
        "behind_newest": np.where(known, np.log1p(newest - np.where(known, days, newest)), 4).astype(np.float32),
    }


def _asked(asked: AskedWords, question: Question) -> Columns:
    expectation = expect(question.standalone)
    kinds = Counter(term.kind for term in asked.terms)
    constants = {
        "terms": len(asked.terms),
        "asked_names": kinds["name"],
        "asked_numbers": kinds["number"],
        "asked_idf": max((term.idf for term in asked.terms), default=0.0),
        **{f"expects_{kind}": float(expectation.kind == kind) for kind in KINDS},
    }
    return {name: np.array([value], np.float32) for name, value in constants.items()}


def _feedback(index: WordIndex, ids: Sequence[int], asked: AskedWords, fused: Floats) -> Columns:
    """How much a passage has of the words that the first passages have in common beyond the question (RM1)."""
    tokens, offsets = index.tokens_of(ids)
    first = np.argsort(-fused, kind="stable")[:FEEDBACK]
    known = {token for term in asked.terms for token in term.tokens}
    weights: Counter[int] = Counter()
    for place in first:
        row = tokens[offsets[place] : offsets[place + 1]]
        row = row[row >= 0]
        if len(row):
            words, counts = np.unique(row, return_counts=True)
            for word, share in zip(words.tolist(), (counts * float(fused[place]) / len(row)).tolist(), strict=True):
                if word not in known:
                    weights[word] += share
    scored = sorted(((share * index.idf_of(word), word) for word, share in weights.items()), reverse=True)
    chosen = scored[:FEEDBACK_TERMS]
    result = np.zeros(len(ids), np.float32)
    table = np.zeros(index.vocabulary_size + 2, np.float32)
    for share, word in chosen:
        table[word] = share
    total = sum(share for share, _ in chosen) or 1.0
    for place in range(len(ids)):
        row = np.unique(tokens[offsets[place] : offsets[place + 1]])
        result[place] = table[row[row >= 0]].sum() / total
    return {"feedback": result}


def _company(hits: Sequence[Hit], columns: Mapping[str, NDArray[np.float32]]) -> Columns:
    """What else of its article was found: a passage of an article that matches all over is a better one."""
    articles = [hit.passage.article.id for hit in hits]
    places: dict[str, list[int]] = {}
    for place, article in enumerate(articles):
        places.setdefault(article, []).append(place)
    fused, cover = columns["fused"], columns["cover_all"]
    count, best, cover_best, is_best, order = (np.zeros(len(hits), np.float32) for _ in range(5))
    for group in places.values():
        ranked = sorted(group, key=lambda place: -fused[place])
        for number, place in enumerate(ranked):
            order[place] = number
        count[group] = len(group)
        best[group] = max(fused[place] for place in group)
        cover_best[group] = max(cover[place] for place in group)
    return {"of_article": count, "article_best": best, "article_cover": cover_best, "in_article": order}


# --- sums over sentences ---------------------------------------------------------------------------------------------


def _owners(starts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def _sums(values: Floats, starts: NDArray[np.int64]) -> Floats:
    return np.asarray(np.add.reduceat(values, starts[:-1]), np.float32)


def _best_sentence(values: Floats, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first of each passage's sentences that has its largest value."""
    order = np.lexsort((np.arange(len(values)), -values, _owners(starts)))
    return order[starts[:-1]]


def _second(values: Floats, starts: NDArray[np.int64]) -> Floats:
    order = np.lexsort((-values, _owners(starts)))
    places = np.minimum(starts[:-1] + 1, len(values) - 1)
    return np.where(np.diff(starts) > 1, values[order[places]], 0.0).astype(np.float32)


def _share(held: Floats, idf: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """The share of the chosen terms that is held, by idf; -1 where none is chosen."""
    total = float(idf[chosen].sum())
    if not total:
        return np.full(len(held), -1.0, np.float32)
    return np.asarray(held[:, chosen] @ idf[chosen] / total, np.float32)


def _ranks(values: Floats) -> Floats:
    ranks = np.empty(len(values), np.float32)
    ranks[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return ranks
