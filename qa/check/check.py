"""Checks every sentence of an answer against the passages it cites, without a model, and numbers the citations."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa.check.composed import Composed, is_borne_out
from qa.check.discrepancies import Cited, Findings, examine
from qa.check.evidence import (
    Source,
    Stems,
    Weights,
    content,
    find_verbatim,
    gather,
    recall,
    weigh,
)
from qa.check.highlight import missed
from qa.check.injections import is_ordered
from qa.language.facts import find_facts
from qa.language.text import normalise, words
from qa.models.base import Verifier
from qa.prompts import refusal
from qa.types import Citation, Claim, Hit, Sentence, Span, Verdict

# training/check_thresholds.py measures both on falsified and fairly reworded news sentences.
SUPPORTED_ORDER = 0.75
"""Share of a claim's words that must stand in its evidence in the same order for `supported`.

0.6 to 0.9 let the same fair sentences through; 0.9 stops one more in a hundred with two names exchanged, but also a
short sentence whose date was moved to the front.
"""
UNSUPPORTED_RECALL = 0.35
"""Share of a claim's words, by weight, under which its citation is called wrong rather than not verified."""


PASSED: tuple[Verdict, ...] = ("verbatim", "supported")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about one claim, before citations have numbers."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    evidence: tuple[Span, ...] = ()


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
        judgements = _verified(claims, judgements, verifier)
    numbers, citations = _numbered(judgements)
    sentences = tuple(
        Sentence(
            claim.text,
            used,
            judgement.verdict,
            judgement.reasons,
            claim.prefix,
            claim.lead,
            claim.bold,
            _missed(claim, judgement),
        )
        for claim, judgement, used in zip(claims, judgements, numbers, strict=True)
    )
    return sentences, citations


def _missed(claim: Claim, judgement: Judgement) -> tuple[tuple[int, int], ...]:
    passed = judgement.verdict in PASSED
    return () if passed else missed(claim.text, judgement.reasons, judgement.evidence)


class Checker:
    """Every source of one answer, prepared once for all its claims."""

    def __init__(self, claims: Iterable[Claim], hits: Iterable[Hit]) -> None:
        self.sources: dict[tuple[str, int, int], Source] = {}
        self.found = list(dict.fromkeys(self.source(hit.passage) for hit in hits))
        for claim in claims:
            for span in claim.cites:
                self.source(span)
        self.weights = weigh(self.sources.values())
        self.known = frozenset(word for source in self.sources.values() for word in _capitalised(source.span.text))

    def source(self, span: Span) -> Source:
        """The span, prepared."""
        return self.sources.setdefault((span.article.id, span.start, span.end), Source(span))

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
            return Judgement("unverified", (UNTOLD,))
        return self.repair(text, cited) or judgement

    def compare(self, text: str, cited: Sequence[Source]) -> Judgement:
        """The verdict on a text from these sources alone; what an article tells a model to say, it does not say."""
        judgement = self._compare(text, cited)
        if judgement.verdict not in PASSED or not any(map(is_ordered, judgement.evidence)):
            return judgement
        return Judgement("unverified", ("the passage tells a program what to write here",), judgement.evidence)

    def _compare(self, text: str, cited: Sequence[Source]) -> Judgement:
        exact = {source: span for source in cited if (span := find_verbatim(text, source))}
        if exact:
            return Judgement("verbatim", (), (*exact.values(), *self._also(text, cited, exact)))
        said = content(text)
        windows = gather(said, cited, self.weights)
        if not windows:
            return Judgement("unsupported", ("the cited passage says nothing of this",), ())
        evidence = Cited(windows, [source.span for source in cited], self.known)
        return _verdict(said, evidence, examine(text, evidence), self.weights)

    def _also(self, text: str, cited: Sequence[Source], exact: Collection[Source]) -> Iterator[Span]:
        """Where else the text is borne out, of what it cites beside the sources that say it word for word."""
        for source in cited:
            if source not in exact and (judgement := self.compare(text, [source])).verdict == "supported":
                yield from judgement.evidence

    def repair(self, text: str, cited: Sequence[Source]) -> Judgement | None:
        """A judgement from another passage that does support the text; None where no passage does."""
        said = content(text)
        others = [source for source in self.found if source not in cited]
        likely = [source for source in others if recall(said, source.vocabulary, self.weights) >= UNSUPPORTED_RECALL]
        for source in likely:
            if (span := find_verbatim(text, source)) and not is_ordered(span):
                return Judgement("verbatim", (_moved(cited),), (span,))
        for source in likely:
            judgement = self.compare(text, [source])
            if judgement.verdict == "supported":
                return Judgement("supported", (_moved(cited),), judgement.evidence)
        return None


def _moved(cited: Sequence[Source]) -> str:
    return "citation moved to the passage that says it" if cited else "citation added: this passage says it"


_INNER_CAPITAL = re.compile(r"(?<=[a-z,;] )[^\W\d_a-z][\w'-]+")


def _capitalised(text: str) -> Iterable[str]:
    """Lower-case words that the text capitalises within a sentence."""
    return (word.lower().removesuffix("'s") for word in _INNER_CAPITAL.findall(text))


# --- verdicts ---------------------------------------------------------------------------------------------------------


def _verdict(said: Stems, cited: Cited, findings: Findings, weights: Weights) -> Judgement:
    spans = tuple(window.span for window in cited.windows)
    share = recall(said, (stem for window in cited.windows for stem in window.stems), weights)
    if findings.hard:
        return Judgement("unsupported", findings.hard + findings.soft, spans)
    if share < UNSUPPORTED_RECALL:
        return Judgement("unsupported", ("the cited passage says little of this", *findings.soft), spans)
    if findings.soft:
        return Judgement("unverified", findings.soft, spans)
    if findings.in_order < SUPPORTED_ORDER:
        return Judgement("unverified", ("the cited passage puts it in another order",), spans)
    return Judgement("supported", (), spans)


# --- what a model decides ---------------------------------------------------------------------------------------------

SURE = 0.8
"""Probability from which a verifier's word counts."""
UNTOLD = "not a statement of fact"


def _verified(claims: Sequence[Claim], judgements: Sequence[Judgement], verifier: Verifier) -> list[Judgement]:
    """The judgements, with those that left a claim unverified decided where the verifier is sure."""
    open_ = [
        i for i, j in enumerate(judgements) if j.verdict == "unverified" and j.evidence and UNTOLD not in j.reasons
    ]
    pairs = [(" ".join(span.text for span in judgements[i].evidence), normalise(claims[i].text)) for i in open_]
    decided = list(judgements)
    for i, found in zip(open_, verifier.judge(pairs) if pairs else (), strict=True):
        evidence, reasons = judgements[i].evidence, judgements[i].reasons
        if found.entailed >= SURE:
            decided[i] = Judgement("supported", (f"follows from the passage, says {verifier.name}",), evidence)
        elif found.contradicted >= SURE:
            decided[i] = Judgement(
                "unsupported", (f"contradicts the passage, says {verifier.name}", *reasons), evidence
            )
    return decided


# --- what claims nothing ----------------------------------------------------------------------------------------------

_SILENT = re.compile(
    r"(?:unfortunately,? |sorry,? |however,? |based on [^,]{1,40}, )*"
    r"(?:(?:the|these|this|provided|given|cited|retrieved|available) )*"
    r"(?:articles?|passages?|sources?|texts?|context|excerpts?)(?: provided| given| cited| above)?"
    r"(?: do| does)?(?: not|n't)(?: \w+)? (?:say|mention|state|contain|provide|specify|give|tell|answer|include)\b"
    r"|i (?:do not|don't|can't|cannot|could not|couldn't) (?:find|say|tell|answer|know)\b"
    r"|there is no (?:information|mention)\b|no (?:article|passage|source)s? (?:says?|mentions?)\b",
    re.IGNORECASE,
)
_TURN = re.compile(r"\b(?:but|however|although|though|yet|while|whereas|except)\b|;", re.IGNORECASE)
_POLITE = re.compile(
    r"(?:hello|hi|hey|thanks|thank you|you're welcome|sure|certainly|of course|great question|i hope|i'm sorry"
    r"|let me know|here (?:is|are))\b",
    re.IGNORECASE,
)
_HEADING_WORDS = 12


def not_a_statement(text: str) -> bool:
    """Whether a normalised text claims nothing about the world: a question, greeting, heading, or "they do not say"."""
    bare = text.strip("*_#> \n\t")
    count = len(words(bare))
    if not count or bare == refusal() or bare.endswith("?") or (bare.endswith(":") and count <= _HEADING_WORDS):
        return True
    if silent := _SILENT.match(bare):
        return not _TURN.search(bare, silent.end())
    return bool(_POLITE.match(bare)) and not find_facts(bare)


# --- numbering --------------------------------------------------------------------------------------------------------


def _numbered(judgements: Sequence[Judgement]) -> tuple[list[tuple[int, ...]], tuple[Citation, ...]]:
    """The citation numbers of each judgement, ascending, and the citations in order of first use.

    Evidence inside a wider piece of evidence shares its number; only a verbatim claim keeps just its own words.
    """
    every = {_key(span): span for judgement in judgements for span in judgement.evidence}
    citations: dict[tuple[str, int, int], Citation] = {}
    numbers = []
    for judgement in judgements:
        used = set()
        for span in judgement.evidence:
            shown = span if judgement.verdict == "verbatim" else _widest(span, every.values())
            citation = Citation(len(citations) + 1, shown.article, shown.start, shown.end)
            used.add(citations.setdefault(_key(shown), citation).n)
        numbers.append(tuple(sorted(used)))
    return numbers, tuple(citations.values())


def _key(span: Span) -> tuple[str, int, int]:
    return span.article.id, span.start, span.end


def _widest(span: Span, others: Iterable[Span]) -> Span:
    """The longest of the spans that contain this one, itself among them."""
    around = [s for s in others if s.article.id == span.article.id and s.start <= span.start and span.end <= s.end]
    return max(around, key=lambda other: other.end - other.start)
