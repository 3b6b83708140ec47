"""Answers without a language model: the sentences of the passages that answer, word for word, or an honest refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import qa.models
from qa.ask.answer.asked import Asked, Lexicon, take_apart
from qa.ask.answer.choose import Scored, alike, choose
from qa.ask.answer.days import day_in
from qa.ask.answer.lines import Line, lines_of
from qa.ask.answer.refuse import signs
from qa.ask.answer.sentences import FEATURES, features
from qa.ask.answer.sides import sides_of
from qa.ask.answer.timeline import course_asked, timeline
from qa.language.text import words
from qa.models.reader import Fit, Reader, Reading
from qa.models.trees import Trees, load_trees, probability
from qa.types import Claim, Hit, Part, Question, Span

WEIGHTS = Path(qa.models.__file__).parent / "bundled" / "quote.json"


@dataclass(frozen=True, slots=True)
class Quotes:
    """What the articles say to a question in their own words, and how sure it is that they answer it."""

    claims: tuple[Claim, ...]
    """Verbatim sentences, each citing the span that it is and its copies; empty for a refusal."""
    closest: tuple[Span, ...]
    """Up to three best sentences of different passages, best first, to be shown with a refusal."""
    confidence: float
    """Probability that the articles answer the question, 0 to 1; of a question of several parts, of its surest."""
    unanswered: tuple[str, ...] = ()
    """The parts of the question that the articles do not answer, where they answer another."""


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted weights."""

    lexicon: Lexicon
    sentence: Trees
    """Log-odds that a sentence answers, from FEATURES."""
    answer: Trees
    """Log-odds that the articles answer at all, from SIGNS."""


@cache
def load_model(path: Path = WEIGHTS) -> Model:
    """The weights that training/quote.py wrote."""
    data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Model(Lexicon(**data["lexicon"]), load_trees(data["sentence"]), load_trees(data["answer"]))


def quote(
    question: Question,
    hits: Sequence[Hit],
    *,
    sentences: int = 4,
    refuse_below: float = 0.3,
    reader: Reader | None = None,
) -> Quotes:
    """One to `sentences` sentences that answer `question`; none when `confidence` is lower than `refuse_below`.

    A list is one stretch of its article, from the line that opens it, and counts as one sentence. Sentences of one
    article stand in its order, articles in the order of their best sentence. A question about a course of events gets
    a dated list, one of several parts a line for each. A reader has its say in how sure it is
    and in which sentence it is.
    """
    if len(question.parts) > 1:
        return _by_parts(question, hits, refuse_below, reader)
    course = course_asked(question.standalone)
    scored = score(load_model(), course.topic if course else question.standalone, hits)
    readings = read_first(reader, question.standalone, hits) if reader and not course and _as_typed(question) else []
    confidence = _confidence(load_model(), scored, reader, readings)
    if reader and readings:
        scored = replace(scored, scores=scored.scores + read_sentences(reader.fit, scored.lines, hits, readings))
    closest = tuple(_closest(scored))
    if confidence < refuse_below or not scored.lines or not scored.asked.terms:
        return Quotes((), closest, confidence)
    claims = (timeline(scored, course) if course else []) or _led_by_the_date(scored.asked, choose(scored, sentences))
    return Quotes(tuple(claims), closest, confidence)


def score(model: Model, question: str, hits: Sequence[Hit]) -> Scored:
    """Every sentence of the hits with its FEATURES and the log-odds that it answers; none for an empty question."""
    asked, lines = take_apart(question, model.lexicon), lines_of(hits)
    if not asked.terms or not lines:
        return Scored(asked, lines, np.zeros((len(lines), len(FEATURES)), np.float32), np.zeros(len(lines)))
    return score_lines(model, asked, lines, hits)


def score_lines(model: Model, asked: Asked, lines: Sequence[Line], hits: Sequence[Hit]) -> Scored:
    """The same for sentences and a question that are taken apart already."""
    rows = features(asked, lines, hits)
    plain = Scored(asked, lines, rows, model.sentence.logits(rows))
    return replace(plain, scores=plain.scores + _LIST_BONUS * _opens_the_list(plain))


# A line such as "The meeting was attended by:" says nothing but what follows; too few are in the data to learn it from.
_LIST_BONUS = 2.0


def _opens_the_list(scored: Scored) -> np.ndarray:
    """Which lines open a list, where a list is asked for and the passage is about what the question is about."""
    opens = np.array([line.span.text.endswith(":") for line in scored.lines])
    return opens & (scored.column("answers_many") > 0) & (scored.column("cover_passage") >= 0.8)


def read_first(reader: Reader, question: str, hits: Sequence[Hit]) -> list[Reading]:
    """What the reader says of the first few hits."""
    first = hits[: reader.fit.first]
    return reader.read(question, [(hit.passage.article.title, hit.passage.text) for hit in first])


def read_sentences(
    fit: Fit, lines: Sequence[Line], hits: Sequence[Hit], readings: Sequence[Reading]
) -> NDArray[np.float64]:
    """What the readings of the first hits add to the log-odds of each line: 0 for the one that they like best."""
    weight, most, trust, unread = fit.sentence
    best = max((stretch.score for reading in readings for stretch in reading.spans), default=0.0)
    surest = max(reading.answers for reading in readings)
    gains = np.full(len(lines), unread)
    for number, line in enumerate(lines):
        if line.passage < len(readings):
            reading, begin = readings[line.passage], hits[line.passage].passage.start
            begun = (s.score for s in reading.spans if line.span.start <= begin + s.start < line.span.end)
            behind = max(max(begun, default=-np.inf) - best, -most)
            gains[number] = weight * behind + trust * (reading.answers - surest)
    return gains


def _as_typed(question: Question) -> bool:
    """Whether it was searched for as it was typed: what a rule put together of two questions is none to be read."""
    return words(question.text) == words(question.standalone)


def _confidence(model: Model, scored: Scored, reader: Reader | None, readings: Sequence[Reading]) -> float:
    """How sure it is that the sentences answer; 0 where they hold no word of the question, whatever the models say."""
    held = {term for line in scored.lines for term in (*line.terms, *line.title)}
    if not held.intersection(scored.asked.terms):
        return 0.0
    told = float(model.answer.logits(signs(scored))[0])
    return probability(reader.answered(told, readings) if reader and readings else told)


def _led_by_the_date(asked: Asked, claims: Sequence[Claim]) -> list[Claim]:
    """The claims, the first led by the date that answers a question of when, where the calendar tells it."""
    if asked.expectation.kind == "date":
        for number, claim in enumerate(claims):
            for start, end in claim.bold:
                if day := day_in(claim.text, start, end, claim.cites[0].article.date):
                    return [*claims[:number], replace(claim, lead=str(day)), *claims[number + 1 :]]
    return list(claims)


def _by_parts(question: Question, hits: Sequence[Hit], refuse_below: float, reader: Reader | None) -> Quotes:
    """A line for each part of the question that is answered, led by its side; the same sentence is said once."""
    claims: list[Claim] = []
    closest: dict[Span, None] = {}
    unanswered: list[str] = []
    confidence = 0.0
    for part, side in zip(question.parts, sides_of(question.parts), strict=True):
        mine = _hits_of(part, hits)
        found = quote(Question(part.text, part.text), mine, sentences=1, refuse_below=refuse_below, reader=reader)
        confidence = max(confidence, found.confidence)
        closest.update(dict.fromkeys(found.closest))
        said = {claim.cites[0] for claim in claims}
        new = [claim for claim in found.claims if claim.cites[0] not in said]
        if new:
            opening = replace(new[0], lead=side or new[0].lead, prefix="\n- " if claims else "- ")
            claims += [opening, *(replace(claim, prefix=" ") for claim in new[1:])]
        if not found.claims:
            unanswered.append(part.text)
    return Quotes(tuple(claims), tuple(closest)[:3], confidence, tuple(unanswered) if claims else ())


def _hits_of(part: Part, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that the part may rest on: of the outlets that it names, where any of them was found."""
    named = {outlet.casefold() for outlet in part.outlets}
    return [hit for hit in hits if (hit.passage.article.outlet or "").casefold() in named] or list(hits)


def _closest(scored: Scored) -> Iterator[Span]:
    """The best sentences of three different passages, copies left out."""
    shown: list[Line] = []
    for number in scored.order:
        line = scored.lines[number]
        if any(line.passage == other.passage or alike(line, other) for other in shown):
            continue
        yield line.span
        shown.append(line)
        if len(shown) == 3:
            return
