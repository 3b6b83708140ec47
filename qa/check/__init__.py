"""The check composed: claim -> evidence -> discrepancies -> verdict -> verifier -> numbered citations."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from qa.check.citations import numbered
from qa.check.claims import NO_STATEMENT, Composed, is_borne_out, not_a_statement
from qa.check.discrepancies import Cited, find_discrepancies
from qa.check.evidence import CitedText, content, find_verbatim, gather, recall, weigh
from qa.check.highlight import highlight
from qa.check.injections import is_injected
from qa.check.verdict import PASSED, UNSUPPORTED_RECALL, Judgement, judge
from qa.check.verifier import verified
from qa.language.text import normalise
from qa.models.base import Verifier
from qa.types import Citation, Claim, Hit, Sentence, Span


def check(
    claims: Sequence[Claim], hits: Sequence[Hit], verifier: Verifier | None = None
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """The claims with a verdict and reasons each, and the citations they share, numbered in the order of first use.

    A claim that its own citation does not bear out is given the passage among `hits` that does, where there is one. A
    `verifier` decides what would be left unverified, and nothing else. Raises its ModelError.
    """
    checker = Checker(claims, hits)
    judgements = [checker.judge(claim) for claim in claims]
    if verifier:
        judgements = verified(claims, judgements, verifier)
    numbers, citations = numbered(judgements)
    sentences = tuple(
        Sentence(
            claim.text,
            used,
            judgement.verdict,
            judgement.reasons,
            claim.prefix,
            claim.lead,
            claim.bold,
            _unsupported_words(claim, judgement),
        )
        for claim, judgement, used in zip(claims, judgements, numbers, strict=True)
    )
    return sentences, citations


def _unsupported_words(claim: Claim, judgement: Judgement) -> tuple[tuple[int, int], ...]:
    passed = judgement.verdict in PASSED
    return () if passed else highlight(claim.text, judgement.reasons, judgement.evidence)


class Checker:
    """Every source of one answer, prepared once for all its claims."""

    def __init__(self, claims: Iterable[Claim], hits: Iterable[Hit]) -> None:
        self.sources: dict[tuple[str, int, int], CitedText] = {}
        self.found = list(dict.fromkeys(self.source(hit.passage) for hit in hits))
        for claim in claims:
            for span in claim.cites:
                self.source(span)
        self.weights = weigh(self.sources.values())
        self.known = frozenset(word for source in self.sources.values() for word in _capitalised(source.span.text))

    def source(self, span: Span) -> CitedText:
        """The span, prepared."""
        return self.sources.setdefault((span.article.id, span.start, span.end), CitedText(span))

    def judge(self, claim: Claim) -> Judgement:
        """The verdict on one claim, from what it cites or else from what was found."""
        if isinstance(claim, Composed):
            fault = ("a value is not in the passage that is cited for it",)
            return Judgement("supported", (), claim.cites) if is_borne_out(claim) else Judgement("unsupported", fault)
        text = normalise(claim.text)
        cited = [self.source(span) for span in claim.cites if span.text.strip()]
        judgement = self.compare(text, cited) if cited else Judgement("unsupported", ("no citation",))
        if judgement.verdict in PASSED:
            return judgement
        if not_a_statement(text):
            return Judgement("unverified", (NO_STATEMENT,))
        return self.repair(text, cited) or judgement

    def compare(self, text: str, cited: Sequence[CitedText]) -> Judgement:
        """The verdict on a text from these sources alone; what an article tells a model to say, it does not say."""
        judgement = self._compare(text, cited)
        if judgement.verdict not in PASSED or not any(map(is_injected, judgement.evidence)):
            return judgement
        return Judgement("unverified", ("the passage tells a program what to write here",), judgement.evidence)

    def _compare(self, text: str, cited: Sequence[CitedText]) -> Judgement:
        exact = {source: span for source in cited if (span := find_verbatim(text, source))}
        if exact:
            return Judgement("verbatim", (), (*exact.values(), *self._also(text, cited, exact)))
        said = content(text)
        windows = gather(said, cited, self.weights)
        if not windows:
            return Judgement("unsupported", ("the cited passage says nothing of this",), ())
        evidence = Cited(windows, [source.span for source in cited], self.known)
        return judge(said, evidence, find_discrepancies(text, evidence), self.weights)

    def _also(self, text: str, cited: Sequence[CitedText], exact: Collection[CitedText]) -> Iterator[Span]:
        """Where else the text is borne out, of what it cites beside the sources that say it word for word."""
        for source in cited:
            if source not in exact and (judgement := self.compare(text, [source])).verdict == "supported":
                yield from judgement.evidence

    def repair(self, text: str, cited: Sequence[CitedText]) -> Judgement | None:
        """A judgement from another passage that does support the text; None where no passage does."""
        said = content(text)
        others = [source for source in self.found if source not in cited]
        likely = [source for source in others if recall(said, source.vocabulary, self.weights) >= UNSUPPORTED_RECALL]
        for source in likely:
            if (span := find_verbatim(text, source)) and not is_injected(span):
                return Judgement("verbatim", (_moved(cited),), (span,))
        for source in likely:
            judgement = self.compare(text, [source])
            if judgement.verdict == "supported":
                return Judgement("supported", (_moved(cited),), judgement.evidence)
        return None


def _moved(cited: Sequence[CitedText]) -> str:
    return "citation moved to the passage that says it" if cited else "citation added: this passage says it"


_INNER_CAPITAL = re.compile(r"(?<=[a-z,;] )[^\W\d_a-z][\w'-]+")


def _capitalised(text: str) -> Iterable[str]:
    """Lower-case words that the text capitalises within a sentence."""
    return (word.lower().removesuffix("'s") for word in _INNER_CAPITAL.findall(text))
