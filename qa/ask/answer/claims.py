"""The sentences of a finished reply, each with the passages that it cites."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.ask.answer.markers import Passages, bullet_end, read_markers
from qa.language.text import sentence_spans
from qa.types import Claim, Passage


def read_claims(raw: str, passages: Passages) -> tuple[Claim, ...]:
    """The reply's sentences, each with the passages it cites; repeated sentences are left out."""
    plain, marks = read_markers(raw, passages)
    spans: list[tuple[int, int]] = []
    cited: dict[int, list[Passage]] = {}
    for line in re.finditer(r"[^\n]*", plain):
        here = [(offset, i) for offset, i in marks if line.start() <= offset <= line.end()]
        sentences = _sentences(line)
        for owner, i in _owners(sentences, here, plain[: line.end()]):
            cited.setdefault(max(len(spans) + owner, 0), []).append(passages[i])
        spans += sentences
    claims: dict[str, Claim] = {}
    last = 0
    for at, (start, end) in enumerate(spans):
        text = plain[start:end].lstrip(" :,;.–—-)").rstrip(" [(【")
        prefix = _prefix(plain[last:start], first=not claims)
        claims.setdefault(text, Claim(text, tuple(dict.fromkeys(cited.get(at, ()))), prefix))
        last = end
    return tuple(claims.values())


def _sentences(line: re.Match[str]) -> list[tuple[int, int]]:
    """The sentences of one line, without its bullet; list items often have no full stop, so lines are split apart."""
    start = line.start() + bullet_end(line[0])
    spans = [(start + s, start + e) for s, e in sentence_spans(line.string[start : line.end()])]
    return [(s, e) for s, e in spans if any(c.isalnum() for c in line.string[s:e])]


def _owners(
    sentences: Sequence[tuple[int, int]], marks: Sequence[tuple[int, int]], text: str
) -> Iterator[tuple[int, int]]:
    """The sentence of a line that each mark belongs to: the one it is in or after; -1 is the last one above the line.

    If the line opens with a mark, each mark belongs to the sentence after it, unless the line, up to the end of `text`,
    also closes with a mark. Marks after the last full stop of a paragraph with no others belong to all its sentences.
    """
    forward = (
        bool(marks and sentences) and marks[0][0] <= sentences[0][0] and any(c.isalnum() for c in text[marks[-1][0] :])
    )
    # A marker after the last full stop, with none before it, is for the whole paragraph.
    whole = bool(sentences) and all(offset >= sentences[-1][1] and text[offset - 1] in ".!?\"'" for offset, _ in marks)
    for offset, i in marks:
        begun = sum(start < offset for start, _ in sentences)
        if not sentences:
            yield -1, i
        elif begun == 0 or (forward and begun < len(sentences) and offset >= sentences[begun - 1][1]):
            yield begun, i
        elif whole:
            yield from ((owner, i) for owner in range(len(sentences)))
        else:
            yield begun - 1, i


def _prefix(gap: str, first: bool) -> str:
    """White space and bullet before a sentence, without punctuation that a marker left."""
    breaks = "" if first else "\n" * min(gap.count("\n"), 2)
    line = gap.rpartition("\n")[2].lstrip()
    return breaks + line[: bullet_end(line)] if first or breaks else " "
