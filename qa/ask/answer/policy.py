"""Which answer stands when a language model has written one beside that in the articles' own words: the one policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qa.ask.answer.answerer import Answered
from qa.ask.answer.choose import points_back
from qa.ask.answer.extractive import ExtractiveAnswerer
from qa.check.claims import not_a_statement
from qa.check.verdict import PASSED
from qa.language.facts import find_facts, find_measures, same
from qa.language.languages import language_of
from qa.language.text import STOPWORDS, normalise, stems, words
from qa.types import Article, Claim, Hit, Passage, Question, Sentence, Span

CLOSE = 0.1
"""By how much less sure the reader may be of what a model wrote: the same fact in other words varies by as much."""
INSTEAD = "these are sentences from the articles instead"


# --- the policy -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """Two answers to one question: the first, in the articles' own words, and what a language model wrote."""

    first: Literal["answer", "correction", "refusal"]
    """A correction says what is wrong with the question."""
    written: Literal["answer", "refusal", "failure"]
    passed: int = 0
    """Sentences of the model that the sources bear out."""
    sure: float = 0.0
    """Probability that those answer the question, 0 to 1."""
    first_sure: float = 0.0
    """The same of the first answer, read alone like them."""
    keeps: bool = True
    """Whether they hold the number, name or day that is the first answer."""
    is_read: bool = False
    """Whether a verifier has read them beside their sources, so that they may give another."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Which answer stands."""

    is_written: bool
    """True where what the model wrote takes the place of the first answer."""
    why: str = ""
    """Why it does not, to be filled in with the `{model}`; empty where there is nothing to say."""


def decide(outcome: Outcome, refuse_below: float) -> Decision:
    """What stands at the end. A model's sentences do only where that makes the answer no worse."""
    match outcome:
        case Outcome(written="failure"):
            return Decision(False)  # the failure itself is told
        case Outcome(first="correction"):
            return Decision(False, "The articles contradict the question, so that {model} does not answer it.")
        case Outcome(first="refusal", written="refusal"):
            return Decision(False)
        case Outcome(written="refusal"):
            return Decision(False, f"{{model}} finds no answer in the passages; {INSTEAD}.")
        case Outcome(passed=0, first="refusal"):
            return Decision(False, "The sources bear out nothing that {model} wrote.")
        case Outcome(passed=0):
            return Decision(False, f"The sources bear out nothing that {{model}} wrote; {INSTEAD}.")
        case Outcome(first="refusal", sure=sure) if sure >= refuse_below:
            return Decision(True)
        case Outcome(first="refusal"):
            return Decision(False, "What {model} wrote is in the sources, but does not answer the question.")
        case Outcome(sure=sure, first_sure=first_sure) if sure < _least(first_sure, refuse_below):
            return Decision(False, f"What {{model}} wrote answers the question less surely; {INSTEAD}.")
        case Outcome(keeps=False, is_read=is_read) if not is_read or outcome.sure <= outcome.first_sure:
            return Decision(False, f"{{model}} leaves out or changes what the articles give as the answer; {INSTEAD}.")
    return Decision(True)


def stands_in_section(passed: int, rejected: int, first: int) -> bool:
    """Whether what a model wrote of a story in a briefing takes the place of the `first` sentences of the articles.

    The check has to bear out half of it, and no single sentence stands for several.
    """
    return passed >= max(rejected, min(first, 2))


def _least(first_sure: float, refuse_below: float) -> float:
    """How sure of a model's sentences the reader has to be, who is as sure as this of the first answer."""
    return first_sure if first_sure < refuse_below else max(refuse_below, first_sure - CLOSE)


# --- what it goes by --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Split:
    """The sentences of a model, divided by the check, as numbers of its claims."""

    passed: tuple[int, ...]
    rejected: tuple[Sentence, ...]


def divided(sentences: Sequence[Sentence]) -> Split:
    """Which sentences, `graded`, may be an answer. What claims nothing, such as a greeting, is on neither side."""
    passed: list[int] = []
    rejected: list[Sentence] = []
    for number, sentence in enumerate(sentences):
        if sentence.verdict in PASSED:
            passed.append(number)
        elif not not_a_statement(normalise(sentence.text)):
            rejected.append(sentence)
    return Split(tuple(passed), tuple(replace(one, citations=(), prefix="", lead="", heading="") for one in rejected))


def sure_of(answerer: ExtractiveAnswerer, question: Question, text: str, title: str) -> float:
    """Probability that a text answers the question, 0 to 1, as if it were all that was found."""
    if not text.strip():
        return 0.0
    hit = Hit(Passage(Article("", title, text), 0, len(text)), 1.0)
    return answerer.quote(question, [hit]).confidence or 0.0


def keeps_answer(first: Answered, text: str) -> bool:
    """Whether a text holds the number, name or day that is the answer of the first one's best sentence.

    Of a list, half of its items. True where the first answer has no such words.
    """
    claim = _best(first.claims, first.closest)
    if not claim or not claim.bold:
        return True
    published = claim.cites[0].article.date if claim.cites else None
    kept = [_holds(text, claim.text[start:end], published) for start, end in claim.bold]
    return sum(kept) >= len(kept) / 2


def _best(claims: Sequence[Claim], closest: Sequence[Span]) -> Claim | None:
    """The claim that rests on the best sentence; the first one where none does."""
    best = next((one for one in claims if closest and closest[0] in one.cites), None)
    return best or next(iter(claims), None)


def _holds(text: str, answer: str, published: dt.date | None) -> bool:
    """Whether the text gives the number, day or name, however it writes it."""
    if facts := find_measures(answer, published):
        said = find_measures(text, published)
        return all(any(same(a, b, about=True) or same(b, a, about=True) for b in said) for a in facts)
    wanted = set(stems(answer))
    return len(wanted & set(stems(text))) >= len(wanted) / 2


# --- pieces -----------------------------------------------------------------------------------------------------------

LEANS = "it goes on from a sentence that the sources do not bear out"
FRAGMENT = "no whole sentence: it says nothing that can be checked"
_FEWEST_WORDS = 3
_UNSPACED = frozenset("ja zh th".split())


def graded(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The sentences of a model with their verdicts, in which none has a tick that says nothing by itself.

    That is a piece of a sentence ("2020"), and one that stands behind what did not pass and points back to it ("This
    happened on Monday."). They may be the first ones of a reply that goes on: their verdicts stay.
    """
    found: list[Sentence] = []
    for one in sentences:
        before = found[-1] if found and not one.heading else None
        is_left_alone = before is not None and before.verdict not in PASSED and points_back(one.text)
        if one.verdict in PASSED and (is_left_alone or is_fragment(one.text)):
            why = LEANS if is_left_alone else FRAGMENT
            one = replace(one, verdict="unverified", reasons=(why,), support=None)
        found.append(one)
    return tuple(found)


def is_fragment(text: str) -> bool:
    """Whether a text says nothing of anything: a number, a name, a day, or a word or two."""
    if language_of(text) in _UNSPACED:
        return len(text) < _FEWEST_WORDS
    bare = normalise(text)
    if len(words(bare)) < _FEWEST_WORDS:
        return True
    for fact in reversed([fact for fact in find_facts(bare) if fact.kind != "quotation"]):
        bare = bare[: fact.start] + " " + bare[fact.end :]
    return not [word for word in words(bare) if word not in STOPWORDS]
