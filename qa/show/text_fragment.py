"""Links that open a page at the quoted words: text fragments, https://wicg.github.io/scroll-to-text-fragment/."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote as percent_encoded

from qa.language.text import WRITTEN_WORD

LONGEST_EXACT = 120
"""Characters of a quotation that is written out; of a longer one its first and last words are."""
NEAR = 100_000
"""Characters before and after a quotation within which the link tells it apart from other places."""
_FEW, _MANY = 4, 10  # words that stand for a long quotation's beginning or end, and how many are tried to tell it apart

# What the page may write otherwise than the cleaned text: quotation marks, apostrophes, dashes, dots, white space.
_UNSURE = re.compile(r"[\"'`…–—]|\.\.\.|-\s|\s-|\s{2}|[^\S ]")


def link_to(text: str, start: int, end: int, address: str | None) -> str | None:
    """The address with the words `text[start:end]` as its text fragment; None where there is no address."""
    if not address:
        return None
    # An article may have megabytes: what stands far away is left out of what the words are told apart from.
    offset = max(0, start - NEAR)
    text, start, end = text[offset : end + NEAR], start - offset, end - offset
    page, _, fragment = address.partition("#")
    fragment = fragment.partition(":~:")[0]
    directive = text_directive(text, start, end)
    joined = f"{fragment}:~:text={directive}" if directive else fragment
    return f"{page}#{joined}" if joined else page


@lru_cache(maxsize=128)  # one answer asks for each of its quotations several times, while it grows and once it stands
def text_directive(text: str, start: int, end: int) -> str:
    """What follows `text=` for the words `text[start:end]`; empty where there is no word in them.

    Whole words only. A short quotation as it stands, another as `start,end`. Words before it as `prefix-,` or behind it
    as `,-suffix` only where the same words stand in the text before, for a browser takes the first place it finds.
    """
    words = [(match.start(), match.end()) for match in WRITTEN_WORD.finditer(text)]
    ends = [right for _, right in words]
    inside = words[bisect_right(ends, start) : bisect_left(words, (end, end))]
    if start >= end or not inside:
        return ""
    return _exact(text, words, inside) or _range(text, words, inside)


Words = list[tuple[int, int]]


def _exact(text: str, words: Words, inside: Words) -> str:
    """The words as they stand, where they are few and the page surely writes them the same way."""
    left, right = inside[0][0], inside[-1][1]
    said = text[left:right]
    if len(said) > LONGEST_EXACT or _UNSURE.search(said):
        return ""
    return _encoded(said, prefix=_prefix(text, words, left, said))


def _range(text: str, words: Words, inside: Words) -> str:
    """The first and the last words, as many as tell the place apart."""
    sure = [n for n, word in enumerate(inside) if not _UNSURE.search(text[slice(*word)])]
    inside = inside[sure[0] : sure[-1] + 1] if sure else inside
    first = _run(text, inside)
    last = _run(text, inside[::-1])
    if len(inside) < 2 or first[-1][1] > last[-1][0]:
        half = max(1, len(inside) // 2)
        first, last = _run(text, inside[:half]), _run(text, inside[half:][::-1])
        if not last:
            only = text[slice(*inside[0])]
            return _encoded(only, prefix=_prefix(text, words, inside[0][0], only))
    start, is_first = _telling_start(text, first)
    finish, is_next = _telling_end(text, last, first[0][0])
    prefix = "" if is_first else _prefix(text, words, first[0][0], start)
    suffix = "" if is_next else _suffix(text, words, last[0][1])
    return _encoded(start, finish, prefix=prefix, suffix=suffix)


def _run(text: str, inside: Words) -> Words:
    """The first words up to where the page may differ; backwards where the words are given backwards. One at least."""
    run = inside[:1]
    for word in inside[1:_MANY]:
        between = text[min(run[-1][1], word[1]) : max(run[-1][0], word[0])]
        if _UNSURE.search(between) or _UNSURE.search(text[slice(*word)]):
            break
        run.append(word)
    return run


def _telling_start(text: str, run: Words) -> tuple[str, bool]:
    """A beginning that stands nowhere before, else the longest; and whether it does."""
    left = run[0][0]
    for count in range(min(_FEW, len(run)), len(run) + 1):
        said = text[left : run[count - 1][1]]
        if _place(text, said) == left:
            return said, True
    return said, False


def _telling_end(text: str, run: Words, start: int) -> tuple[str, bool]:
    """An end that stands nowhere between the beginning and its own place, else the longest; and whether it does."""
    right = run[0][1]
    for count in range(min(_FEW, len(run)), len(run) + 1):
        left = run[count - 1][0]
        said = text[left:right]
        if _place(text, said, start) == left:
            return said, True
    return said, False


def _prefix(text: str, words: Words, left: int, said: str) -> str:
    """The words before, where what is said stands earlier as well: as few as tell the two apart."""
    if _place(text, said) == left:
        return ""
    before = words[: bisect_left(words, (left, left))]
    prefix = ""
    for start, _ in list(_same_line(text, before[::-1], left))[:_MANY]:
        prefix = text[start:left].rstrip()  # nothing but white space may stand between it and the words
        if _place(text, text[start:left] + said) == start:
            break
    return prefix


def _suffix(text: str, words: Words, right: int) -> str:
    after = words[bisect_left(words, (right, right)) :]
    reached = list(_same_line(text, after, right))[:_FEW]
    return text[right : reached[-1][1]].lstrip() if reached else ""


def _same_line(text: str, words: Words, edge: int) -> Iterator[tuple[int, int]]:
    """The words in order until one stands in another paragraph, or the page may write what is between otherwise."""
    for start, end in words:
        between = text[end:edge] if end <= edge else text[edge:start]
        if _UNSURE.search(between) and not between.isspace():
            return
        yield start, end
        edge = start if end <= edge else end


def _place(text: str, said: str, start: int = 0) -> int:
    """Where a browser finds the words first, from `start` on: whole words, in small or capital letters."""
    found = re.compile(rf"(?<!\w){re.escape(said)}(?!\w)", re.IGNORECASE).search(text, start)
    return found.start() if found else -1


def _encoded(start: str, end: str = "", *, prefix: str = "", suffix: str = "") -> str:
    before = f"{_percent(prefix)}-" if prefix else ""
    behind = f"-{_percent(suffix)}" if suffix else ""
    return ",".join(filter(None, [before, _percent(start), _percent(end), behind]))


def _percent(text: str) -> str:
    """All but letters, digits, `_`, `.` and `~` in percent encoding: `-`, `,` and `&` mean something there."""
    return percent_encoded(text, safe="", errors="replace").replace("-", "%2D")
