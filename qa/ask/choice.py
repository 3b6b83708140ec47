"""Two checked answers to one question, in the articles' own words and in a language model's: what the reader gets."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TypeVar

from qa.ask.answer.answerer import Answered
from qa.ask.answer.extractive import ExtractiveAnswerer
from qa.ask.answer.policy import Outcome, decide, divided, graded, keeps_answer, sure_of
from qa.check import Checker
from qa.types import Citation, Draft, Question, Sentence

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """What was answered, and what the check says of it."""

    answered: Answered
    checker: Checker
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    rejected: tuple[Sentence, ...] = ()
    """What a model wrote besides and the sources do not bear out."""
    replaced: CheckedAnswer | None = None
    """What it took the place of."""


def ended(drafts: Generator[Draft, None, T]) -> T:
    """What the drafts end with."""
    while True:
        try:
            next(drafts)
        except StopIteration as end:
            made: T = end.value
            return made


def check_answer(answered: Answered, checker: Checker) -> CheckedAnswer:
    """The answer with a verdict on each sentence."""
    sentences, citations = checker.check(answered.claims)
    is_written = bool(answered.exchange) and not answered.failure
    return CheckedAnswer(answered, checker, graded(sentences) if is_written else sentences, citations)


def choose_answer(
    question: Question,
    first: CheckedAnswer,
    written: Answered,
    checker: Checker | None,
    answerer: ExtractiveAnswerer,
) -> CheckedAnswer:
    """The answer that stands: the first one, or the sentences of a model's that pass the check, whole.

    `written` is what the model made of the question and `checker` what has checked it so far; the `answerer` of the
    first one says how surely each answers.
    """
    checker = checker or Checker(written.sources, first.checker.verifier)
    claims = () if written.failure else written.claims
    sentences = graded(checker.check(claims)[0])
    split = divided(sentences)
    passed = tuple(claims[number] for number in split.passed)
    said = " ".join(claim.text for claim in passed)
    prose = CheckedAnswer(replace(written, claims=passed), checker, *checker.check(passed))
    is_asked = bool(passed) and not first.answered.is_correction
    outcome = Outcome(
        "correction" if first.answered.is_correction else "answer" if first.sentences else "refusal",
        "failure" if written.failure else "answer" if claims else "refusal",
        len(passed),
        _sure(answerer, question, prose) if is_asked else 0.0,
        _sure(answerer, question, first) if is_asked and first.sentences else 0.0,
        keeps_answer(first.answered, said),
        bool(checker.made_by),
    )
    decision = decide(outcome, answerer.refuse_below)
    if decision.is_written:
        note = _joined(written.note, left_out(written.mode, len(split.rejected)))
        answered = replace(prose.answered, confidence=outcome.sure, note=note)
        replaced = first if first.sentences else None
        return replace(prose, answered=answered, rejected=split.rejected, replaced=replaced)
    why = decision.why.format(model=written.mode)
    if outcome.first == outcome.written == "refusal":
        return replace(first, answered=replace(written, note=_joined(written.note, why)))
    made = replace(
        first.answered,
        sources=written.sources,
        failure=written.failure,
        exchange=written.exchange,
        beside=first.answered.beside if first.sentences else written.beside,
        note=_joined(written.note, why),
    )
    return replace(first, answered=made, rejected=split.rejected)


def _sure(answerer: ExtractiveAnswerer, question: Question, told: CheckedAnswer) -> float:
    title = told.citations[0].article.title if told.citations else ""
    return sure_of(answerer, question, " ".join(sentence.text for sentence in told.sentences), title)


def _joined(*notes: str | None) -> str | None:
    return " ".join(filter(None, notes)) or None


def left_out(model: str, count: int) -> str | None:
    """That sentences of a model are left out, and why; None where none are."""
    if not count:
        return None
    return f"{count} sentence{'s' * (count > 1)} that {model} wrote {'are' if count > 1 else 'is'} left out: " + (
        f"the sources do not bear {'them' if count > 1 else 'it'} out."
    )
