"""Finds what a reply cites, however the model writes its citations.

Every marker becomes one private-use character for its passage; all reading of a reply starts there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence

from qa.language.lexicon import MONTH_NUMBERS, WEEKDAY_NUMBERS, any_of
from qa.language.text import normalise, words
from qa.types import Article, Passage

Keys = Mapping[str, Passage]
"""What a model may cite: the number or key of each passage in its prompt, in the order of the prompt."""

FIRST_MARK = 0xE000
CITES_NOTHING = "\uf8ff"
"""Stands for a marker that cites no passage of the prompt."""
MARK = "[\ue000-\uf8ff]"

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_LATE_THOUGHT = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?=[\[\]()*_])")
_SOURCE_LINE = re.compile(
    r"(?:^[ \t>*_•-]*|(?<=[.!?\])】])[ \t]+[*_]*)(?:sources?|references?|citations?)[*_]*[ \t]*:[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
BRACKETS = re.compile(r"\[+([^\[\]\n]{1,300})\]+|【([^【】\n]{1,300})】|<([^<>\n]{1,300})>")
_IMAGE = re.compile(r"(?<!\w)!\[[^\[\]\n]{0,300}\]\([^()\n]{0,600}\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\((?!\s*see\b)(?=[^()\n]*[/:.#])(?:[^()\n]|\([^()\n]*\)){0,600}\)")
_SCHEME = re.compile(r"\b(?:https?|ftp|javascript|data|file):(?://|(?=\w))(?:www\.)?|\bwww\.(?=\w)", re.IGNORECASE)
_RAISED = re.compile(r"<(?:sup|sub|cite|ref|small)\b[^<>]{0,100}>\s*\[?([^<>\[\]\n]{1,60})\]?\s*</\w+>", re.IGNORECASE)
_HIDDEN = re.compile(r"<!--.*?-->|<(script|style|iframe|svg)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|abbr|audio|b|base|blockquote|body|br|button|center|cite|code|details|div|em|embed|font|form|h[1-6]|head|hr"
    r"|html|i|iframe|img|input|li|link|meta|object|ol|p|pre|ref|s|script|small|span|strong|style|sub|summary|sup|svg"
    r"|table|tbody|td|th|tr|u|ul|video)\b[^<>]{0,600}>",
    re.IGNORECASE,
)
_SUPERSCRIPT = re.compile(r"(?:(?<=[.!?,;:)\"'])|(?<=\w{4}))[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:[,⁻ ]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)*")
_COUNTED = re.compile(
    r"(?<=[\w.!?\"'%)])[ \t]*\((\d{1,2}(?:[ ,;]+\d{1,2})*)\)(?=[ \t]*(?:[.!?,;]|$|[A-Z\"]))", re.MULTILINE
)
PARENTHESES = re.compile(r"\(([^()\n]{1,300})\)")
_LABELS = frozenset("passage passages source sources article articles key keys ref see and citation needed".split())
KEY_LIKE = re.compile(r"\b[a-z]\d[a-z]\d\b", re.IGNORECASE)
# Numbers and small letters with digits; [2017], [G20] and [the minister] are words put into a quotation.
_LIKE_A_MARKER = re.compile(r"\d{1,2}|(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{2,6}")
_RULE_OR_HEAD = re.compile(r"^[ \t]*(?:(?:[-*_][ \t]*){3,}$|#{1,6}[ \t]+|>[ \t]?)", re.MULTILINE)
_EMPHASIS = re.compile(
    r"\*{2,}|`+|(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)",
)
_PREFACE = re.compile(r"\A\s*answer\s*:\s*", re.IGNORECASE)
_BULLET = re.compile(r"[ \t]*(?:(?:[-*•–]|\d{1,2}[.)])(?:[ \t]+|$))?")


def spoken_part(raw: str) -> str:
    """The reply without the model's reasoning; some templates drop the tag that opens it."""
    return _LATE_THOUGHT.sub("", _THOUGHT.sub("", raw)).lstrip()


def mark_citations(spoken: str, keys: Keys) -> str:
    """The reply with a private-use character for each citation, and without Markdown."""
    text = plain_links(_ESCAPE.sub("", normalise(spoken)))
    text = _SOURCE_LINE.sub(lambda match: _read_source(match[0], keys), text)
    text = BRACKETS.sub(lambda match: _read_brackets(match, keys), text)
    text = PARENTHESES.sub(lambda match: _read_parentheses(match, keys), text)
    text = _SUPERSCRIPT.sub(lambda match: marks_by_key(match[0].translate(_LOWERED), keys) or CITES_NOTHING, text)
    text = _read_bare_keys(_read_counted(text, keys), keys)
    text = _PREFACE.sub("", _EMPHASIS.sub("", _RULE_OR_HEAD.sub("", text)))
    return "\n".join(_read_title_line(line, keys) for line in _without_tables(text.split("\n")))


def plain_links(text: str) -> str:
    """The text without images, links and tags that a page could load or follow; the text of a link stays."""
    text = _RAISED.sub(r"[\1]", _HIDDEN.sub("", text))
    text = _LINK.sub(lambda match: f"[{match[1]}]" if _is_marker(match[1]) else match[1], _IMAGE.sub("", text))
    return _SCHEME.sub("", _TAG.sub("", text))


def _is_marker(text: str) -> bool:
    tokens = _tokens(text)
    return len(tokens) == 1 and bool(KEY_LIKE.fullmatch(tokens[0]) or _LIKE_A_MARKER.fullmatch(tokens[0]))


def are_numbers(keys: Keys) -> bool:
    """Whether passages are cited by their number, which may stand in a text for many things."""
    return next(iter(keys), "").isdecimal()


def _read_counted(text: str, keys: Keys) -> str:
    """The text with marks for (1), (2) ... at the end of sentences, where there is a (1); empty ones beside keys."""
    counting = False

    def read(match: re.Match[str]) -> str:
        nonlocal counting
        counting = counting or "1" in re.findall(r"\d+", match[1])
        return (marks_by_key(match[1], keys) or CITES_NOTHING) if counting else match[0]

    return _COUNTED.sub(read, text)


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


def _read_source(line: str, keys: Keys) -> str:
    """Marks for "Source: ..."; the text stays where a sentence follows or the line is too long to name a source."""
    found, named = marks_by_key(line, keys), marks_by_title(line, keys, others=12)
    rest = line.partition(":")[2]
    beside = words(re.sub("|".join(keys) or "$", "", rest, flags=re.IGNORECASE))
    if not named and (len(beside) > 12 or (len(beside) > 1 and rest.rstrip().endswith((".", "!", "?")))):
        return rest if found else line
    return found + named or CITES_NOTHING


def _read_brackets(match: re.Match[str], keys: Keys) -> str:
    content = match[1] or match[2] or match[3]
    found = marks_by_key(content, keys)
    if found or match[3]:
        return found or (CITES_NOTHING if _FENCE.fullmatch(content) else match[0])
    tokens = re.findall(r"[^\W_]+", content)
    if tokens and all(token.casefold() in _LABELS or _LIKE_A_MARKER.fullmatch(token) for token in tokens):
        return CITES_NOTHING
    return marks_by_title(content, keys) or match[0]


_FENCE = re.compile(r"/?passage *\w{0,6}", re.IGNORECASE)


def _read_parentheses(match: re.Match[str], keys: Keys) -> str:
    """The same for parentheses, but only for keys and titles alone: other parentheses, such as (2), are prose."""
    content = match[1]
    tokens = _tokens(content)
    marks = "".join(re.findall(MARK, content))
    if are_numbers(keys) and not marks and not _LABELS & set(tokens):
        return marks_by_title(content, keys) or match[0]
    if all(t in keys or t in _LABELS or KEY_LIKE.fullmatch(t) for t in tokens):
        if found := marks_by_key(content, keys) + marks:
            return found
        if any(KEY_LIKE.fullmatch(t) for t in tokens):
            return CITES_NOTHING
    return marks_by_title(content, keys) or match[0]


def _read_bare_keys(text: str, keys: Keys) -> str:
    """Marks for keys outside brackets; "passage b7k2" as the subject of a sentence becomes "the article"."""
    if not keys:
        return text
    noun = r"(?:passage|source) )" if are_numbers(keys) else r"(?:passage|source|article|text|key) )?"
    pattern = rf"(?P<the>\bthe )?(?P<noun>\b{noun}(?<!\w)(?P<key>{'|'.join(keys)}|{MARK})(?!\w|[.,]\d)"

    def read(match: re.Match[str]) -> str:
        the, noun = match["the"] or "", match["noun"] or ""
        if noun:
            the, noun = the or ("The " if noun[0].isupper() else "the "), "article"
        return the + noun + (marks_by_key(match["key"], keys) or match["key"])

    return re.sub(pattern, read, text, flags=re.IGNORECASE)


def _read_title_line(line: str, keys: Keys) -> str:
    """A mark for a line that is only an article's title, as in a list of sources."""
    bare = re.sub(MARK, "", line)
    bullet = bullet_end(bare)
    said = words(bare[bullet:])
    found = (chr(FIRST_MARK + i) for i, title in enumerate(titles_of(keys)) if said == title and len(said) > 1)
    return next((bare[:bullet] + mark for mark in found), line)


def marks_by_key(text: str, keys: Keys) -> str:
    """A mark for each key that stands in the text, in its order."""
    order = {key: chr(FIRST_MARK + i) for i, key in enumerate(keys)}
    tokens = _tokens(text)
    if are_numbers(keys) and not all(token in _LABELS or _NUMBER.fullmatch(token) for token in tokens):
        return ""  # a day, or an item of a list
    return "".join(order[token] for token in tokens if token in order)


_NUMBER = re.compile(r"\d{1,2}")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def marks_by_title(text: str, keys: Keys, others: int = 6) -> str:
    """Marks for the articles whose title is in the text, with at most `others` more words, or four words of a title."""
    said = words(text)
    found: dict[tuple[str, ...], str] = {}
    for i, title in enumerate(titles_of(keys)):
        whole = len(title) > 1 and len(said) - len(title) <= others and _is_within(title, said)
        if whole or (len(said) >= 4 and _is_within(said, title)):
            found.setdefault(tuple(title), chr(FIRST_MARK + i))
    return "".join(found.values()) or _by_outlet(said, keys)


def _by_outlet(said: Sequence[str], keys: Keys) -> str:
    """Marks for the passages of the only outlet named, if only a date is with it; those of that date, if any."""
    rest = " ".join(word for word in said if word not in _LABELS and word != "from")
    articles = [passage.article for passage in keys.values()]
    named = [(i, article) for i, article in enumerate(articles) if article.outlet and _only_names(article, rest)]
    of_day = [i for i, article in named if article.date and _dated(article.date).search(rest)]
    outlets = {article.outlet for _, article in named}
    return "".join(chr(FIRST_MARK + i) for i in of_day or [i for i, _ in named]) if len(outlets) == 1 else ""


def _only_names(article: Article, said: str) -> bool:
    outlet = " ".join(words(article.outlet or ""))
    return (
        bool(outlet)
        and not _OF_A_DATE.sub("", re.sub(rf"\b{re.escape(outlet)}\b", "", said, count=1)).strip()
        and outlet in said
    )


_OF_A_DATE = re.compile(
    rf"\b(?:\d{{1,4}}(?:st|nd|rd|th)?|{any_of(name[:3] for name in MONTH_NUMBERS)}\w*|{any_of(WEEKDAY_NUMBERS)}"
    r"|on|of|dated|the|undated)\b"
)


def _dated(day: dt.date) -> re.Pattern[str]:
    """A pattern for the day in words: "19 january 2017", "january 19", "2017 01 19"."""
    month = f"{day:%B}".lower()[:3]
    return re.compile(rf"\b(?:0?{day.day} {month}|{month}\w* 0?{day.day}\b|{day.year} 0?{day.month} 0?{day.day}\b)")


def titles_of(keys: Keys) -> list[list[str]]:
    """The words of the title above each passage."""
    return [words(passage.article.title) for passage in keys.values()]


def _is_within(part: Sequence[str], whole: Sequence[str]) -> bool:
    return f" {' '.join(part)} " in f" {' '.join(whole)} "


def _tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def bullet_end(line: str) -> int:
    """Where the bullet of a line ends; 0 where it has none."""
    match = _BULLET.match(line)
    return match.end() if match else 0


_MARKS = re.compile(rf"[ \t]*{MARK}(?:[ \t,;]*(?:and[ \t]+)?{MARK})*[ \t]*")


def lift_marks(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without marks, and each mark as its offset there and the place of its passage among the keys."""
    plain, marks, last = "", [], 0
    for run in _MARKS.finditer(marked):
        plain += marked[last : run.start()]
        marks += [(len(plain), ord(c) - FIRST_MARK) for c in re.findall(MARK, run[0]) if c != CITES_NOTHING]
        after = marked[run.end() : run.end() + 1]
        if plain and not plain[-1].isspace() and (after.isalnum() or run[0][-1] in " \t") and after not in ".,;:!?)…\n":
            plain += " "
        last = run.end()
    return plain + marked[last:], marks
