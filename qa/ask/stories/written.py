"""A briefing that a language model writes, story by story: each stands only where the check leaves enough of it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from qa.ask.answer.answerer import Answered
from qa.ask.answer.context import widened
from qa.ask.answer.generative import GenerativeAnswerer, Made
from qa.ask.answer.policy import INSTEAD, divided, graded, stands_in_section
from qa.ask.answer.prompt_size import PromptSize
from qa.ask.answer.remarks import Remarks
from qa.ask.choice import CheckedAnswer, left_out
from qa.ask.stories.briefing import Section, quoted
from qa.check import Checker
from qa.models.base import LanguageModel
from qa.types import Claim, Draft, Hit, Question, Sentence

ASKED = "What has happened, and how do things stand now? Sum up what these passages report."
"""What the model is asked of the passages of each story."""


@dataclass(frozen=True, slots=True)
class BriefingWriter:
    """Lets a language model write a briefing, each section from its own passages."""

    model: LanguageModel
    sections: Sequence[Section]
    size: PromptSize

    def answer(self, question: Question) -> Generator[Draft, None, Answered]:
        """Drafts as it writes; its claims, each section's first one under the heading. A failure ends it."""
        hits = tuple(widened([hit for section in self.sections for hit in section.hits]))
        asked = replace(question, text=ASKED, standalone=ASKED)
        made = Answered(self.model.name, hits)
        for section in self.sections:
            writer = GenerativeAnswerer(self.model, Made(quoted([section])), len(section.sentences), self.size)
            with closing(writer.answer(asked, section.hits, Remarks())) as drafts:
                answered = yield from _drafts(drafts, section, hits, made.claims)
            if answered.failure:
                return replace(made, failure=answered.failure)
            made = replace(made, claims=_with(made.claims, answered.claims, section), exchange=answered.exchange)
        return made


def _drafts(
    drafts: Generator[Draft, None, Answered], section: Section, hits: tuple[Hit, ...], done: tuple[Claim, ...]
) -> Generator[Draft, None, Answered]:
    """The drafts of a section behind what is done."""
    while True:
        try:
            draft = next(drafts)
        except StopIteration as end:
            answered: Answered = end.value
            return answered
        claims = _with(done, draft.claims, section)
        yield replace(draft, hits=hits, claims=claims, finished=len(done) + draft.finished)


def _with(done: tuple[Claim, ...], claims: Sequence[Claim], section: Section) -> tuple[Claim, ...]:
    """What is done, and a section of prose behind it: one paragraph under its heading."""
    opening = "\n\n" if done else ""
    return done + tuple(
        replace(claim, prefix=" " if number else opening, heading="" if number else section.heading)
        for number, claim in enumerate(claims)
    )


def choose_sections(
    first: CheckedAnswer, sections: Sequence[Section], written: Answered, checker: Checker | None
) -> CheckedAnswer:
    """The briefing that stands: of each section what the model wrote and the check bears out, or else the first one."""
    checker = checker or Checker(written.sources, first.checker.verifier)
    claims: tuple[Claim, ...] = ()
    rejected: list[Sentence] = []
    count = 0
    for section, own in zip(sections, _by_section(written.claims, sections), strict=True):
        split = divided(graded(checker.check(own)[0]))
        rejected += split.rejected
        if stands_in_section(len(split.passed), len(split.rejected), len(section.sentences)):
            claims = _with(claims, [own[number] for number in split.passed], section)
            count += 1
        else:
            claims += section.claims(is_first=not claims)
    if not count:
        note = None if written.failure else f"The sources bear out too little of what {written.mode} wrote; {INSTEAD}."
        made = replace(first.answered, failure=written.failure, exchange=written.exchange, note=note)
        return replace(first, answered=made, rejected=tuple(rejected))
    rest = len(sections) - count
    instead = f"Of {rest} of {len(sections)} stories {INSTEAD}." if rest else None
    note = " ".join(filter(None, [written.failure, left_out(written.mode, len(rejected)), instead])) or None
    made = replace(written, claims=claims, failure=None, note=note)
    return CheckedAnswer(made, checker, *checker.check(claims), tuple(rejected), first)


def _by_section(claims: Sequence[Claim], sections: Sequence[Section]) -> Iterator[tuple[Claim, ...]]:
    """The claims of each section, in order; none of one that was not written."""
    at = 0
    for section in sections:
        end = at
        if at < len(claims) and claims[at].heading == section.heading:
            end = next((n for n in range(at + 1, len(claims)) if claims[n].heading), len(claims))
        yield tuple(claims[at:end])
        at = end
