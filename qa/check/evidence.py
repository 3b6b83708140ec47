"""Where an article says what a claim says: word for word, or in the one to three nearest sentences."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from qa.language.lexicon import NEGATIONS, SAID_PLAINLY, any_of
from qa.language.names import country
from qa.language.text import STOPWORDS, normalise, sentence_spans, stem, words
from qa.types import Span

WINDOW = 3
"""The most neighbouring sentences that are one piece of evidence."""

Stems = tuple[str, ...]


@dataclass(frozen=True)
class CitedText:
    """A cited span, cut into sentences once for all the claims that are compared with it."""

    span: Span

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """Its sentences, as spans of the article."""
        shift = self.span.start
        return tuple(Span(self.span.article, shift + a, shift + b) for a, b in sentence_spans(self.span.text))

    @cached_property
    def stems(self) -> tuple[Stems, ...]:
        """The content of each sentence."""
        return tuple(content(sentence.text) for sentence in self.sentences)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every stem of the span."""
        return frozenset(stem for sentence in self.stems for stem in sentence)


@dataclass(frozen=True, slots=True)
class Window:
    """One to three neighbouring sentences."""

    span: Span
    stems: Stems


# --- words that count -------------------------------------------------------------------------------------------------

# Words that report speech: they come and go in fair rewording, and attribution is checked by itself.
REPORTING = SAID_PLAINLY | {"reporters"}
_CONTRACTED = re.compile(
    r"(?P<will>\b(?:wo|sha)n't\b)|(?P<can>\bcan(?:'t|not)\b)|(?P<negated>n't\b)|'(?:re|ve|ll|d|m)\b"
)
_FULL = {"will": "will not", "can": "can not", "negated": " not"}


def spelled_out(text: str) -> str:
    """The text in lower case with its contractions undone: "didn't" becomes "did not"."""
    return _CONTRACTED.sub(lambda match: _FULL.get(match.lastgroup or "", ""), text.lower())


def content(text: str) -> Stems:
    """Stems of the content words, in order."""
    kept = (word for word in words(spelled_out(text)) if word not in STOPWORDS and word not in REPORTING)
    return tuple(country(word) or stem(word) for word in kept)


@dataclass(frozen=True, slots=True)
class Weights:
    """The idf of each stem over the sentences at hand; a stem in none of them has the highest."""

    idf: Mapping[str, float]
    unseen: float

    def of(self, stems: Iterable[str]) -> float:
        """The sum over `stems`."""
        return sum(self.idf.get(stem, self.unseen) for stem in stems)


def weigh(sources: Iterable[CitedText]) -> Weights:
    """Weights from the sentences of `sources`: log(1 + n / (df + 1/2))."""
    sentences = [set(sentence) for source in sources for sentence in source.stems]
    counts = Counter(stem for sentence in sentences for stem in sentence)
    n = len(sentences)
    return Weights(
        {stem: math.log(1 + n / (count + 0.5)) for stem, count in counts.items()}, math.log(1 + 2 * max(n, 1))
    )


# --- verbatim ---------------------------------------------------------------------------------------------------------

# A claim with more characters than this is compared as it is.
_LONGEST = 4000
_ALIKE = {quote: '["“”„«»]' for quote in '"'} | {
    "'": "['‘’]",
    "-": "[-–—‐‑]",
    "–": "[-–—‐‑]",
    "—": "[-–—‐‑]",
    "…": r"(?:…|\.\.\.)",
}
_EDGE = " \t\n\"'“”‘’«».,;:!?…()[]-–—*"
_ELLIPSIS = re.compile(r"\s*(?:\[?\.{3,4}\]?|\[?…\]?)\s*")
_NEGATION = re.compile(rf"\b(?:{any_of(NEGATIONS)}|deny|denies|denied)\b|n't\b", re.IGNORECASE)


def find_verbatim(text: str, source: CitedText) -> Span | None:
    """The whole sentences of the source that are word for word `text`; white space and punctuation at the ends aside.

    If an ellipsis joins stretches of `text`, the first opens a sentence and the last closes one.
    """
    wanted = normalise(text).strip(_EDGE)
    if not wanted:
        return None
    for found in _finds(wanted, source, source.span.start):
        if (whole := _whole(found, found, source)) and _is_said_alike(text, whole, found):
            return whole
    stretches = [stretch for part in _ELLIPSIS.split(wanted) if (stretch := part.strip(_EDGE))]
    return _find_in_order(stretches, source) if len(stretches) > 1 else None


_QUOTES = frozenset('"“”„«»')


def _is_said_alike(text: str, whole: Span, found: Span) -> bool:
    """Whether the text is a question where the source asks, and is in quotation marks where somebody else says it."""
    edges = set(whole.article.text[whole.start : found.start] + whole.article.text[found.end : whole.end])
    return ("?" not in edges or "?" in text) and (not edges & _QUOTES or bool(_QUOTES & set(text)))


def _finds(wanted: str, source: CitedText, start: int) -> Iterator[Span]:
    """Every place where the source has these words, from `start` on."""
    article, end = source.span.article, source.span.end
    if len(wanted) > _LONGEST:
        at = article.text.find(wanted, start, end)
        yield from [Span(article, at, at + len(wanted))] if at >= 0 else []
        return
    for match in _pattern(wanted).finditer(article.text, start, end):
        yield Span(article, *match.span())


def _find(wanted: str, source: CitedText, start: int) -> Span | None:
    return next(_finds(wanted, source, start), None)


@lru_cache(maxsize=256)
def _pattern(wanted: str) -> re.Pattern[str]:
    tokens = ("".join(_ALIKE.get(c) or re.escape(c) for c in token.replace("...", "…")) for token in wanted.split())
    return re.compile(r"(?<!\w)" + r"\s+".join(tokens) + r"(?!\w)")


def _find_in_order(stretches: Sequence[str], source: CitedText) -> Span | None:
    found: list[Span] = []
    for stretch in stretches:
        span = _find(stretch, source, found[-1].end if found else source.span.start)
        if not span or (found and not _may_follow(found[-1], span, source)):
            return None
        found.append(span)
    return _whole(found[0], found[-1], source)


def _may_follow(before: Span, after: Span, source: CitedText) -> bool:
    """Whether an ellipsis may stand for what lies between: part of a sentence, or whole ones, without a "not"."""
    if _NEGATION.search(before.article.text, before.end, after.start):
        return False
    one_sentence = any(s.start <= before.start and after.end <= s.end for s in source.sentences)
    return one_sentence or (_closes(before, source) and _opens(after, source))


def _whole(first: Span, last: Span, source: CitedText) -> Span | None:
    """From the sentence that `first` opens to the one that `last` closes; None if either starts or ends inside one."""
    if not _opens(first, source) or not _closes(last, source):
        return None
    start = next(s.start for s in source.sentences if first.start < s.end)
    end = next(s.end for s in source.sentences if last.end <= s.end)
    return Span(first.article, start, end)


def _opens(span: Span, source: CitedText) -> bool:
    start = next((s.start for s in source.sentences if s.start <= span.start < s.end), None)
    return start is not None and not span.article.text[start : span.start].strip(_EDGE)


def _closes(span: Span, source: CitedText) -> bool:
    end = next((s.end for s in source.sentences if s.start < span.end <= s.end), None)
    return end is not None and not span.article.text[span.end : end].strip(_EDGE)


def holds_words(wanted: str, span: Span) -> bool:
    """Whether the span has the words `wanted` verbatim, as a quotation must; an ellipsis may leave some out."""
    source = CitedText(span)
    start = span.start
    for part in _ELLIPSIS.split(normalise(wanted)):
        if stretch := part.strip(_EDGE):
            found = _find(stretch, source, start) or _find(stretch[0].swapcase() + stretch[1:], source, start)
            if not found:
                return False
            start = found.end
    return True


# --- what a verifier reads --------------------------------------------------------------------------------------------

PREMISE_WORDS = 120
"""Words of evidence that a verifier reads, so that a long passage costs no more than a short one."""


def premise(found: Sequence[Window], sources: Sequence[CitedText]) -> str:
    """What a verifier reads: the title, and the windows with the sentences round them, in the order of the article.

    The windows come whole, best first, as far as PREMISE_WORDS go; then the sentence before and the one after each.
    """
    chosen: dict[tuple[str, int], Span] = {}
    room = PREMISE_WORDS
    around: list[Span] = []
    for window in found:
        source = next(one for one in sources if _contains(one.span, window.span))
        inside = [n for n, sentence in enumerate(source.sentences) if _contains(window.span, sentence)]
        for number in inside:
            room = _take(source.sentences[number], chosen, room, is_first=not chosen)
        around += [source.sentences[n] for n in (inside[0] - 1, inside[-1] + 1) if 0 <= n < len(source.sentences)]
    for sentence in around:
        room = _take(sentence, chosen, room)
    title = found[0].span.article.title
    text = " ".join(normalise(chosen[key].text) for key in sorted(chosen))
    return f"{title.rstrip('.')}. {text}" if title else text


def _contains(outer: Span, inner: Span) -> bool:
    return outer.article.id == inner.article.id and outer.start <= inner.start and inner.end <= outer.end


def _take(sentence: Span, chosen: dict[tuple[str, int], Span], room: int, is_first: bool = False) -> int:
    """Adds the sentence where there is room; returns the words that are left."""
    key, size = (sentence.article.id, sentence.start), len(sentence.text.split())
    if key in chosen or (size > room and not is_first):
        return room
    chosen[key] = sentence
    return room - size


# --- the nearest sentences --------------------------------------------------------------------------------------------

# The share of the claim that one more sentence, or one more window, must add.
_WORTH_A_SENTENCE = 0.03
_WORTH_A_WINDOW = 0.10
# Of windows with the same words, prefer the one in the claim's order, then the shorter one.
_WORTH_ORDER = 0.1
_WORTH_A_WORD = 0.0005


def gather(claim: Stems, sources: Sequence[CitedText], weights: Weights, most: int = 3) -> list[Window]:
    """The windows that together cover most of the claim, best first; one that adds little is left out."""
    chosen: list[Window] = []
    missing = claim
    total = weights.of(claim)
    while missing and total and len(chosen) < most:
        best = max(_scored(missing, claim, sources, weights, total), key=lambda pair: pair[0], default=None)
        if best is None or (chosen and best[0] < _WORTH_A_WINDOW):
            break
        chosen.append(best[1])
        held = set(best[1].stems)
        missing = tuple(stem for stem in missing if stem not in held)
    return chosen


def _scored(
    missing: Stems, claim: Stems, sources: Sequence[CitedText], weights: Weights, total: float
) -> Iterator[tuple[float, Window]]:
    """Each window with the share of the claim it adds; words in the claim's order add a little more."""
    for source in sources:
        if weights.of(word for word in missing if word in source.vocabulary) < _WORTH_A_WINDOW * total:
            continue
        for window, count in windows(source):
            held = set(window.stems)
            share = weights.of(stem for stem in missing if stem in held) / total
            if share:
                order = bigram_recall(claim, window.stems)
                cost = _WORTH_A_SENTENCE * (count - 1) + _WORTH_A_WORD * len(window.stems)
                yield share + _WORTH_ORDER * order * share - cost, window


def windows(source: CitedText) -> Iterator[tuple[Window, int]]:
    """Every window of the source, with its number of sentences."""
    for count in range(1, WINDOW + 1):
        for at in range(len(source.sentences) - count + 1):
            first, last = source.sentences[at], source.sentences[at + count - 1]
            held = tuple(stem for sentence in source.stems[at : at + count] for stem in sentence)
            yield Window(Span(first.article, first.start, last.end), held), count


def recall(claim: Stems, held: Iterable[str], weights: Weights) -> float:
    """Share of the claim, by weight, that `held` contains, 0 to 1."""
    total, known = weights.of(claim), set(held)
    return weights.of(stem for stem in claim if stem in known) / total if total else 1.0


def bigram_recall(claim: Stems, held: Stems) -> float:
    """Share of the claim's neighbouring pairs that are neighbours in the evidence, 0 to 1."""
    pairs = set(pairwise(claim))
    return len(pairs & set(pairwise(held))) / len(pairs) if pairs else 1.0
