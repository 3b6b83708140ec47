"""The sentences of a finished reply, each with the passages that it cites."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from qa.ask.answer.markers import (
    FIRST_MARK,
    Keys,
    bullet_end,
    lift_marks,
    mark_citations,
    marks_by_key,
    marks_by_title,
    spoken_part,
)
from qa.language.text import sentence_spans
from qa.types import Claim, Passage


def read_claims(raw: str, keys: Keys) -> tuple[Claim, ...]:
    """The reply's sentences, each with the passages it cites; repeated sentences are left out."""
    plain, marks = lift_marks(mark_citations(_legend(spoken_part(raw), keys), keys))
    passages = list(keys.values())
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


_ENTRY = re.compile(
    r"^[ \t>*_-]*(?:\[\^?(?P<a>\d{1,2})\]:?|\^?(?P<b>\d{1,2})[.):]|【(?P<c>\d{1,2})】|\((?P<d>\d{1,2})\))"
    r"[ \t]*(?P<rest>\S[^\n]*)$",
    re.MULTILINE,
)
_COUNTED_MARKER = re.compile(
    r"\[\^?(\d{1,2}(?:[ ,;]+\d{1,2})*)\]|【(\d{1,2})】|(?<=[\w.!?])[ \t]*\((\d{1,2})\)(?=[ \t]*(?:[.!?]|$))"
)


_LIST_HEAD = re.compile(
    r"^[ \t#*_]*(?:sources?|references?|citations?|footnotes?|notes)[*_]*[ \t]*:?[*_ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)


def _legend(spoken: str, keys: Keys) -> str:
    """The reply with its own numbers replaced by keys, where it lists what they stand for, and without that list."""
    names, entries = list(keys), {}
    for match in _ENTRY.finditer(spoken):
        found = set(marks_by_key(match["rest"], keys) or marks_by_title(match["rest"], keys, others=12))
        if len(found) == 1:
            entries[_number(match)] = names[ord(found.pop()) - FIRST_MARK]
    if not entries:
        return spoken
    rest = _ENTRY.sub(lambda match: "" if _number(match) in entries else match[0], spoken)
    if not any(_cited(match, entries) for match in _COUNTED_MARKER.finditer(rest)):
        return spoken
    return _COUNTED_MARKER.sub(
        lambda match: f" [{', '.join(cited)}]" if (cited := _cited(match, entries)) else match[0],
        _LIST_HEAD.sub("", rest),
    )


def _number(entry: re.Match[str]) -> str:
    return next(number for number in entry.group("a", "b", "c", "d") if number)


def _cited(marker: re.Match[str], entries: Mapping[str, str]) -> list[str]:
    return [entries[number] for number in re.findall(r"\d+", marker[0]) if number in entries]


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
