"""Which words of a sentence the source does not bear out: the places that the reasons of its verdict name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from qa.check.evidence import content
from qa.language.text import WRITTEN_WORD
from qa.types import Span

Spans = tuple[tuple[int, int], ...]

# What stands in the sentence itself, out of each reason that qa.check gives.
_IN_REASON = (
    re.compile(r"the (?:number|percentage|sum|date|time|name) (?P<a>.+) is not in the cited (?:passage|article)"),
    re.compile(r"(?P<a>.+) is when the article was published; the cited passage does not give the date"),
    re.compile(r'the quotation "(?P<a>.+)" is not verbatim', re.DOTALL),
    re.compile(r"the cited sentences do not name (?P<a>.+)"),
    re.compile(r'negation differs: "(?P<a>.+)"'),
    re.compile(r"direction differs: (?P<a>.+) / .+"),
    re.compile(r'the source does not say "(?P<a>.+)"'),
    re.compile(r'the source says ".*" where this says "(?P<a>.+)"'),
    re.compile(r'the source says "(?P<a>.+)" in another sentence'),
    re.compile(r"(?P<a>.+) and (?P<b>.+) stand the other way round in the source"),
    re.compile(r"these words are attributed to (?P<a>.+), who does not say them there"),
)
_LISTED = "not in the words of the cited passage: "
_TOO_LITTLE = ("the cited passage says little of this", "the cited passage says nothing of this")


def highlight(text: str, reasons: Sequence[str], evidence: Iterable[Span]) -> Spans:
    """Offsets in `text` of the words that the reasons name, ascending, none overlapping.

    Where the source says little or nothing of the sentence, all the words of it that the evidence lacks.
    """
    found = [place for reason in reasons for words in _named(reason) for place in _places(text, words)]
    if any(reason in _TOO_LITTLE for reason in reasons):
        held = {stem for span in evidence for stem in content(span.text)}
        found += [
            word.span() for word in WRITTEN_WORD.finditer(text) if (said := content(word[0])) and held.isdisjoint(said)
        ]
    return _merged(text, found)


def _named(reason: str) -> Iterator[str]:
    """The words of the sentence that a reason repeats."""
    if reason.startswith(_LISTED):
        yield from reason.removeprefix(_LISTED).split(", ")
        return
    for pattern in _IN_REASON:
        if match := pattern.fullmatch(reason):
            yield from match.groupdict().values()
            return


def _places(text: str, words: str) -> Iterator[tuple[int, int]]:
    """Everywhere the words stand in the text; one by one where they do not stand side by side."""
    whole = list(_found(text, words))
    yield from whole
    if not whole and len(pieces := words.split()) > 1:
        for piece in pieces:
            yield from _found(text, piece)


def _found(text: str, words: str) -> Iterator[tuple[int, int]]:
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    if pattern:
        yield from (match.span() for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE))


def _merged(text: str, places: Iterable[tuple[int, int]]) -> Spans:
    """The places in order, those that touch or overlap as one; with nothing but white space between them as well."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)
