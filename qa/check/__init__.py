"""The check composed: claim -> evidence -> discrepancies -> verifier -> verdict -> numbered citations."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from qa.check.citations import numbered
from qa.check.claims import NO_STATEMENT, Composed, is_borne_out, not_a_statement
from qa.check.discrepancies import Cited, find_discrepancies
from qa.check.evidence import CitedText, content, find_verbatim, gather, premise, recall, weigh
from qa.check.highlight import highlight
from qa.check.injections import is_injected
from qa.check.verdict import PASSED, UNSUPPORTED_RECALL, Judgement, judge, judge_read, shared
from qa.errors import ModelError
from qa.language.languages import language_of
from qa.language.text import normalise
from qa.models.base import Entailment, Verifier
from qa.types import Citation, Claim, Hit, Sentence, Span


def check(
    claims: Sequence[Claim], hits: Sequence[Hit], verifier: Verifier | None = None
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """The claims with a verdict and reasons each, and the citations they share, numbered in the order of first use.

    A claim that its own citation does not bear out is given the passage among `hits` that does, where there is one.
    With a `verifier` its reading and the rules decide together; without one, or where it fails, the rules alone.
    """
    return Checker(hits, verifier, claims).check(claims)


def _unsupported_words(claim: Claim, judgement: Judgement) -> tuple[tuple[int, int], ...]:
    passed = judgement.verdict in PASSED
    return () if passed else highlight(claim.text, judgement.reasons, judgement.evidence)


class Checker:
    """Every source of one answer, prepared once for all its claims.

    Claims may come one by one, as they are written: each is judged once, and gets the verdict that it would get among
    all of them. Where nothing was found, what the `claims` cite counts instead.
    """

    def __init__(self, hits: Sequence[Hit], verifier: Verifier | None = None, claims: Iterable[Claim] = ()) -> None:
        self.verifier = verifier
        self.failure = ""
        """Why the verifier failed, in a sentence; from then on the rules decide alone."""
        self.sources: dict[tuple[str, int, int], CitedText] = {}
        self.found = list(dict.fromkeys(self.source(hit.passage) for hit in hits))
        for span in () if hits else (span for claim in claims for span in claim.cites):
            self.source(span)
        self._judged: dict[tuple[str, tuple[CitedText, ...]], Judgement] = {}
        self._read_before: dict[tuple[str, str], Entailment] = {}
        self.weights = weigh(self.sources.values())
        self.known = frozenset(word for source in self.sources.values() for word in _capitalised(source.span.text))

    @property
    def made_by(self) -> str:
        """`provider:model@revision` of the verifier; empty where it read nothing and the rules decided alone."""
        if not self.verifier or not self._read_before:
            return ""
        return "@".join(filter(None, (self.verifier.name, self.verifier.revision)))

    def check(self, claims: Sequence[Claim]) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
        """The claims with their verdicts, and the citations that they share."""
        judgements = [self.judge(claim) for claim in claims]
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
                judgement.support,
                claim.heading,
            )
            for claim, judgement, used in zip(claims, judgements, numbers, strict=True)
        )
        return sentences, citations

    def source(self, span: Span) -> CitedText:
        """The span, prepared."""
        return self.sources.setdefault((span.article.id, span.start, span.end), CitedText(span))

    def judge(self, claim: Claim) -> Judgement:
        """The verdict on one claim, from what it cites or else from what was found."""
        if isinstance(claim, Composed):
            fault = ("a value is not in the passage that is cited for it",)
            good = Judgement("supported", (), claim.cites, CERTAIN)
            return good if is_borne_out(claim) else Judgement("unsupported", fault)
        cited = tuple(self.source(span) for span in claim.cites if span.text.strip())
        if (key := (claim.text, cited)) not in self._judged:
            self._judged[key] = self._judge(normalise(claim.text), cited)
        return self._judged[key]

    def _judge(self, text: str, cited: Sequence[CitedText]) -> Judgement:
        nothing = Judgement("unverified" if self.verifier else "unsupported", (NO_CITATION,))
        judgement = self.compare(text, cited) if cited else nothing
        if judgement.verdict in PASSED:
            return judgement
        if not_a_statement(text):
            return Judgement("unverified", (NO_STATEMENT,))
        others = self._others(text, cited)
        if not cited and others:  # judged as if it cited what has most of its words
            judgement = self.compare(text, others[:1])
        return self.repair(text, cited, others) or self._contradiction(text, cited, others) or judgement

    def compare(self, text: str, cited: Sequence[CitedText]) -> Judgement:
        """The verdict on a text from these sources alone; what an article tells a model to say, it does not say."""
        judgement = self._compare(text, cited)
        if judgement.verdict not in PASSED or not any(map(is_injected, judgement.evidence)):
            return judgement
        told = ("the passage tells a program what to write here",)
        return replace(judgement, verdict="unverified", reasons=told)

    def _compare(self, text: str, cited: Sequence[CitedText]) -> Judgement:
        exact = {source: span for source in cited if (span := find_verbatim(text, source))}
        if exact:
            return Judgement("verbatim", (), (*exact.values(), *self._also(text, cited, exact)), CERTAIN)
        said = content(text)
        windows = gather(said, cited, self.weights)
        if not windows:
            unread = self._unread(text, cited[0].span.text)
            return Judgement("unverified" if self.verifier else "unsupported", (unread or NOTHING,), ())
        evidence = Cited(windows, [source.span for source in cited], self.known)
        found = find_discrepancies(text, evidence)
        if not self.verifier:
            return judge(said, evidence, found, self.weights)
        pair = premise(windows, cited), text
        if unread := self._unread(text, pair[0]):
            return Judgement("unverified", (*found.hard, *found.soft, unread), evidence.shown)
        read = self._read(pair)
        if not self.verifier or not read:
            return judge(said, evidence, found, self.weights)
        return judge_read(read, self.verifier, shared(said, evidence, self.weights), evidence, found)

    def _unread(self, text: str, evidence: str) -> str:
        """Why the verifier cannot read a sentence beside its evidence; empty where it can, or where there is none."""
        if not self.verifier:
            return ""
        spoken = {language_of(text), language_of(evidence)}
        if (known := self.verifier.languages) and not spoken <= known:
            return f"{self.verifier.name} does not read the language"
        try:
            return "" if self.verifier.reads(text) else f"too long a sentence for {self.verifier.name}"
        except ModelError:
            return ""  # which is told when it is asked to read

    def _read(self, pair: tuple[str, str]) -> Entailment | None:
        """What the verifier says of evidence and sentence; None where none works, or where the text claims nothing."""
        if not self.verifier or not_a_statement(pair[1]):
            return None
        if pair not in self._read_before:
            try:
                (self._read_before[pair],) = self.verifier.judge([pair])
            except ModelError as error:
                self.verifier, self.failure = None, str(error)
                return None
        return self._read_before[pair]

    def _also(self, text: str, cited: Sequence[CitedText], exact: Collection[CitedText]) -> Iterator[Span]:
        """Where else the text is borne out, of what it cites beside the sources that say it word for word."""
        for source in cited:
            if source not in exact and (judgement := self.compare(text, [source])).verdict == "supported":
                yield from judgement.evidence

    def repair(self, text: str, cited: Sequence[CitedText], others: Sequence[CitedText]) -> Judgement | None:
        """A judgement from another passage that does support the text; None where no passage does."""
        for source in others:
            if (span := find_verbatim(text, source)) and not is_injected(span):
                return Judgement("verbatim", (_moved(cited),), (span,), CERTAIN)
        for source in others[:MOST_REPAIRS] if self.verifier else others:
            judgement = self.compare(text, [source])
            if judgement.verdict == "supported":
                return replace(judgement, reasons=(_moved(cited),))
        return None

    def _contradiction(self, text: str, cited: Sequence[CitedText], others: Sequence[CitedText]) -> Judgement | None:
        """A judgement from the passage that says most of the text, where it says otherwise and is none of the cited."""
        if not (self.verifier and others):
            return None
        said = content(text)
        most, *own = (recall(said, source.vocabulary, self.weights) for source in (others[0], *cited))
        if most <= max(own, default=0.0):
            return None
        judgement = self.compare(text, others[:1])
        return judgement if judgement.verdict == "unsupported" else None

    def _others(self, text: str, cited: Sequence[CitedText]) -> list[CitedText]:
        """What was found beside the cited and holds some of the text's words, most first."""
        said = content(text)
        shares = {one: recall(said, one.vocabulary, self.weights) for one in self.found if one not in cited}
        likely = [one for one, share in shares.items() if share >= UNSUPPORTED_RECALL]
        return sorted(likely, key=lambda one: -shares[one])


MOST_REPAIRS = 3
"""Other passages that a verifier reads for a sentence, those with most of its words."""
CERTAIN = 1.0
"""The support of what stands there word for word."""
NOTHING = "the cited passage says nothing of this"
NO_CITATION = "no citation"


def _moved(cited: Sequence[CitedText]) -> str:
    return "citation moved to the passage that says it" if cited else "citation added: this passage says it"


_INNER_CAPITAL = re.compile(r"(?<=[a-z,;] )[^\W\d_a-z][\w'-]+")


def _capitalised(text: str) -> Iterable[str]:
    """Lower-case words that the text capitalises within a sentence."""
    return (word.lower().removesuffix("'s") for word in _INNER_CAPITAL.findall(text))
