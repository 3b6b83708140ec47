"""Computes the golden values: what the fitted models read of fixed texts of our own words.

    python -m training.golden

writes tests/golden/features.json again. The bundled ranker and the models of answers were fitted on these values: where
one changes, refit them (training/ranker.py, training/quote.py), then write the file again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.ask.answer.features import FEATURES as SENTENCE_FEATURES
from qa.ask.answer.score import load_model, score
from qa.ask.answer.signs import SIGNS, signs
from qa.ask.retrieve.fuse import fuse
from qa.ask.retrieve.rank import FEATURES as RANKER_FEATURES
from qa.ask.retrieve.rank import features
from qa.ask.retrieve.retrieve import RANKER_EMBEDDER
from qa.language.analyzer import read_terms, read_tokens
from qa.language.names import find_names
from qa.language.numbers import find_numbers
from qa.language.text import sentence_spans, stems, words
from qa.models.static import load_bundled
from qa.store import Candidate, WordIndex
from qa.store.words.wording import wording_of
from qa.types import Article, Hit, Passage, Question

FOLDER = Path(__file__).parents[1] / "tests" / "golden"
TEXTS, VALUES = FOLDER / "texts.json", FOLDER / "features.json"

Golden = dict[str, dict[str, dict[str, Any]]]
"""What reads the value -> the text -> name of the value -> the value; features that are 0 are left out."""


def golden() -> Golden:
    """Every value that the models read of the texts of tests/golden/texts.json."""
    texts = json.loads(TEXTS.read_text("utf-8"))
    found: Golden = {"ranker": {}, "sentence": {}, "refusal": {}, "language": {}}
    for story in texts["stories"]:
        _add_story(found, story)
    passages = [text for story in texts["stories"] for *_, text in story["passages"]]
    for text in (*texts["sentences"], *passages):
        found["language"][text] = _readings(text)
    return found


def _add_story(found: Golden, story: Mapping[str, Any]) -> None:
    text = story["question"]
    question = Question(text, text, as_of=_day(story["as_of"]))
    passages = [_passage(number, *fields) for number, fields in enumerate(story["passages"])]
    index = WordIndex.empty().updated((each.id, wording_of(each)) for each in passages)
    hits = _hits(text, passages, index)
    rows = features(question, hits, index.query(text), index, load_bundled(RANKER_EMBEDDER))
    for hit, row in zip(hits, rows, strict=True):
        found["ranker"][f"{text} | {hit.passage.article.title}"] = _named(RANKER_FEATURES, row)
    scored = score(load_model(), text, hits)
    for sentence, row in zip(scored.sentences, scored.rows, strict=True):
        found["sentence"][f"{text} | {sentence.span.text}"] = _named(SENTENCE_FEATURES, row)
    found["refusal"][text] = _named(SIGNS, signs(scored)[0])


def _passage(number: int, title: str, outlet: str | None, date: str | None, text: str) -> Passage:
    return Passage(Article(f"article{number}", title, text, date=_day(date), outlet=outlet), 0, len(text), number)


def _day(date: str | None) -> dt.date | None:
    return dt.date.fromisoformat(date) if date else None


def _hits(question: str, passages: Sequence[Passage], index: WordIndex) -> list[Hit]:
    """All passages, best first by words and by the bundled vectors."""
    embedder = load_bundled(RANKER_EMBEDDER)
    cosines = embedder.embed_passages([each.text for each in passages]) @ embedder.embed_query(question)
    scores = index.scores(question)
    found = zip(passages, cosines.tolist(), strict=True)
    return fuse([Candidate(each, index.score_of(each.id, scores), cosine) for each, cosine in found], 0.7)


def _named(names: Sequence[str], row: Iterable[float]) -> dict[str, float]:
    return {name: float(f"{value:.6g}") for name, value in zip(names, row, strict=True) if value}


def _readings(text: str) -> dict[str, Any]:
    """What each reader of words finds in the text."""
    spans = sentence_spans(text)
    title, _, sentences = read_tokens("", "", [text[start:end] for start, end in spans])
    return {
        "find_names": [text[start:end] for start, end in find_names(text)],
        "find_numbers": [
            " ".join(filter(None, (f"{text[start:end]} =", quantity.bound, f"{quantity.amount:g}", quantity.unit)))
            for start, end, quantity in find_numbers(text)
        ],
        "sentence_spans": [f"{start}-{end}" for start, end in spans],
        "words": " ".join(words(text)),
        "stems": " ".join(stems(text)),
        "read_tokens": [" ".join(tokens) for tokens in (title, *sentences) if tokens],
        "read_terms": " ".join(f"{term.plain or '-'}/{term.form}/{term.kind}" for term in read_terms(text)),
    }


def main() -> None:
    """Writes the golden file."""
    VALUES.write_text(json.dumps(golden(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(VALUES)


if __name__ == "__main__":
    main()
