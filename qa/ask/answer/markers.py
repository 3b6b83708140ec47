"""Reads what a model writes: its plain text, and which passages its markers cite, however it spells them.

Models are asked for [1], [2]. Every other spelling becomes that one first, so that one pattern reads them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.language.text import normalise, words
from qa.types import Passage

Passages = Sequence[Passage]
"""Those of a prompt. A model cites them by their number there, from 1."""
Marks = list[tuple[int, int]]
"""Each marker as its offset in the plain text and the place of its passage among those of the prompt, from 0."""

_THOUGHT = re.compile(
    r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)|\A(?:(?!<think).)*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE
)
_ESCAPE = re.compile(r"\\(?=[\[\]()*_])")

# --- spellings of a marker --------------------------------------------------------------------------------------------

_NUMBERS = r"\d{1,2}(?:[\]\[ \t,;&–-]+(?:and[ \t]+)?(?:passages?[ \t]+)?\[?\d{1,2})*"
_LABELS = r"(?:(?:see|sources?|passages?|articles?|refs?)\b[ \t.:]*)"
_HEADS = r"(?:sources?|references?|citations?)"
_SPELLED = re.compile(
    rf"(?:\b{_HEADS}[*_]*:[*_]*[ \t]*)?"
    rf"(?:\[{{1,2}}\^?{_LABELS}*{_NUMBERS}(?:†[^\]\n]*)?\]{{1,2}}|【{_LABELS}*{_NUMBERS}[^】\n]*】)"
    rf"|\((?:(?:see|sources?|passages?)\b[ \t.:]*)+\[?{_NUMBERS}[\])]+"
    rf"|<(su[bp])>\[?{_NUMBERS}\]?</\1>|</?passage[ ]{_NUMBERS}>"
    rf"|\b{_HEADS}[*_]*:[*_]*[ \t]*{_NUMBERS}[ \t]*$|^[ \t]*(?:passage|source)[ ]{_NUMBERS}:",
    re.MULTILINE | re.IGNORECASE,
)
_RAISED = re.compile(r"(?:(?<=[.!?,;:)\"'])|(?<=\w{4}))[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:[,⁻ ]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)*")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_COUNTED = re.compile(r"(?<=[\w.!?\"'%)])[ \t]*\(\d\d?(?:[ ,;]+\d\d?)*\)(?=[ \t]*(?:[.!?,;]|$|[A-Z\"]))", re.MULTILINE)
_NAMED = re.compile(rf"(?:\bthe )?\b(?:passage|source)(s?) \[?({_NUMBERS})\]?(?!\w|[.,]\d)", re.IGNORECASE)
_BRACKETS = re.compile(r"\[([^\[\]\n]{1,300})\]|\(([^()\n]{1,300})\)")

# --- markup and lists of sources --------------------------------------------------------------------------------------

_SOURCES = re.compile(
    rf"(?:^[ \t>*_•#-]*|(?<=[.!?\])】])[ \t]+[*_]*){_HEADS}[*_ \t]*(?::[^\n]{{0,120}})?$"
    r"(?:\n+[ \t]*(?:[-*•]|\[?\^?\d{1,2}[\].):])[^\n]*)*",
    re.MULTILINE | re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"<!--.*?-->|<(script|style|iframe|svg)\b.*?</\1\s*>|!\[[^\[\]\n]*\]\([^()\n]*\)", re.DOTALL | re.IGNORECASE
)
_LINK = re.compile(r"\[([^\[\]\n]+)\]\((?=[^()\n]*[/:.#])(?:[^()\n]|\([^()\n]*\))*\)")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_SCHEME = re.compile(r"\b(?:https?|ftp|javascript|data|file):(?://|(?=\w))(?:www\.)?|\bwww\.(?=\w)", re.IGNORECASE)
_HEAD = re.compile(
    r"^[ \t]*(?:(?:[-*_][ \t]*){3,}$|#{1,6}[ \t]+|>[ \t]?)|\A\W*answer\s*:", re.MULTILINE | re.IGNORECASE
)
_EMPHASIS = re.compile(r"\*{2,}|`+|(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)")
_BULLET = re.compile(r"[ \t]*(?:(?:[-*•–]|\d{1,2}[.)])(?:[ \t]+|$))?")
_MARKERS = re.compile(r"[ \t]*\[\d{1,2}\](?:[ \t,;]*(?:and[ \t]+)?\[\d{1,2}\])*[ \t]*")


def spoken_part(raw: str) -> str:
    """The reply without the model's reasoning; some templates drop the tag that opens it."""
    return _THOUGHT.sub("", raw).lstrip()


def read_markers(raw: str, passages: Passages) -> tuple[str, Marks]:
    """The plain text of a reply, without reasoning, markup, links and lists of sources, and its markers.

    What cites no passage of the prompt vanishes.
    """
    text = _ESCAPE.sub("", normalise(spoken_part(raw)))
    text = _SPELLED.sub(lambda match: _plain(match[0].partition("†")[0]), text)
    text = _RAISED.sub(lambda match: _plain(match[0].translate(_LOWERED)), text)
    text = _NAMED.sub(_as_article, _COUNTED.sub(_counted, text))
    text = _SCHEME.sub("", _TAG.sub("", _LINK.sub(_link_text, _HIDDEN.sub("", text))))
    text = _BRACKETS.sub(lambda match: _titled(match, passages), text)
    text = _EMPHASIS.sub("", _HEAD.sub("", _SOURCES.sub("", text)))
    return _lifted("\n".join(_title_line(line, passages) for line in _without_tables(text.split("\n"))), len(passages))


def _plain(numbers: str) -> str:
    return "".join(f"[{number}]" for number in re.findall(r"\d+", numbers))


def _counted(match: re.Match[str]) -> str:
    """A marker for (1), (2) ... at the end of a clause, once there is a (1): a lone (2) may be anything."""
    return _plain(match[0]) if re.search(r"\(1\b", match.string[: match.end()]) else match[0]


def _as_article(match: re.Match[str]) -> str:
    """What a reader sees of "passage 2" in a sentence, as it is none of his."""
    the = "The" if match[0][0].isupper() else "the"
    return f"{the} article{match[1]} {_plain(match[2])}"


def _link_text(match: re.Match[str]) -> str:
    return f"[{match[1]}]" if match[1].isdecimal() else match[1]


def _titled(match: re.Match[str], passages: Passages) -> str:
    """A marker for the title of an article, with at most six more words, or for four words of it."""
    said = words(match[1] or match[2])
    for number, title in enumerate(titles_of(passages), start=1):
        is_whole = len(title) > 1 and len(said) - len(title) <= 6 and _is_within(title, said)
        if is_whole or (len(said) >= 4 and _is_within(said, title)):
            return f"[{number}]"
    return match[0]


def _title_line(line: str, passages: Passages) -> str:
    """A marker for a line that is only an article's title."""
    bullet = bullet_end(line)
    said = words(_MARKERS.sub(" ", line[bullet:]))
    titles = titles_of(passages) if len(said) > 1 else []
    return f"{line[:bullet]}[{titles.index(said) + 1}]" if said in titles else line


def titles_of(passages: Passages) -> list[list[str]]:
    """The words of the title above each passage."""
    return [words(passage.article.title) for passage in passages]


def _is_within(part: Sequence[str], whole: Sequence[str]) -> bool:
    return f" {' '.join(part)} " in f" {' '.join(whole)} "


def _without_tables(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with each row of a Markdown table as a list of its cells; the header row ends with a colon."""
    in_table = False
    for line in lines:
        is_row = line.lstrip().startswith("|")
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if is_row else []
        if is_row and not re.sub(r"[\s:|-]", "", line):
            continue
        if not is_row:
            yield line
        elif any(cells):
            yield ", ".join(filter(None, cells)) + ("" if in_table else ":")
        in_table = is_row


def bullet_end(line: str) -> int:
    """Where the bullet of a line ends; 0 where it has none."""
    match = _BULLET.match(line)
    return match.end() if match else 0


def _lifted(text: str, count: int) -> tuple[str, Marks]:
    """The text without its markers, and those that cite one of `count` passages."""
    plain, marks, last = "", [], 0
    for run in _MARKERS.finditer(text):
        plain += text[last : run.start()]
        cited = [int(number) - 1 for number in re.findall(r"\d+", run[0])]
        marks += [(len(plain), place) for place in cited if 0 <= place < count]
        after = text[run.end() : run.end() + 1]
        if plain and not plain[-1].isspace() and (after.isalnum() or run[0][-1] in " \t") and after not in ".,;:!?)…\n":
            plain += " "
        last = run.end()
    return plain + text[last:], marks
