"""The forms that an answer in the articles' own words can have, and which questions ask for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from qa.ask.answer.choose import Scored, choose
from qa.ask.answer.question_terms import QuestionTerms
from qa.ask.answer.timeline import course_asked, timeline
from qa.language.told_days import day_in
from qa.types import Claim


@dataclass(frozen=True, slots=True)
class Form:
    """A form of answer."""

    name: str
    is_asked: Callable[[str, QuestionTerms], bool]
    """True for a question, whole and taken apart, that asks for this form."""
    compose: Callable[[str, Scored, int], Sequence[Claim]]
    """The claims, so many at most, for a question and its scored sentences; none where those do not make this form."""


def compose(question: str, scored: Scored, limit: int) -> tuple[Claim, ...]:
    """The claims in the first form that the question asks for and the sentences make."""
    forms = (form.compose(question, scored, limit) for form in FORMS if form.is_asked(question, scored.asked))
    return tuple(next(filter(None, forms), ()))


def _asks_for_timeline(question: str, _: QuestionTerms) -> bool:
    return course_asked(question) is not None


def _timeline(question: str, scored: Scored, _: int) -> Sequence[Claim]:
    course = course_asked(question)
    return timeline(scored, course) if course else ()


def _asks_for_date(_: str, asked: QuestionTerms) -> bool:
    return asked.expectation.kind == "date"


def _date(_: str, scored: Scored, limit: int) -> Sequence[Claim]:
    """The chosen sentences; the first one that names the day, where the calendar tells it, is led by it."""
    claims = choose(scored, limit)
    for number, claim in enumerate(claims):
        for start, end in claim.bold:
            if day := day_in(claim.text, start, end, claim.cites[0].article.date):
                return [*claims[:number], replace(claim, lead=str(day)), *claims[number + 1 :]]
    return claims


def _asks_for_anything(_: str, __: QuestionTerms) -> bool:
    return True


def _sentences(_: str, scored: Scored, limit: int) -> Sequence[Claim]:
    return choose(scored, limit)


FORMS = (
    Form("timeline", _asks_for_timeline, _timeline),
    Form("date", _asks_for_date, _date),
    Form("sentences", _asks_for_anything, _sentences),
)
"""In the order in which they are tried. A list is one stretch of sentences, so that it needs no form of its own."""
