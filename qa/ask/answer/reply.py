"""A language model's reply: as it streams, and as claims, however the model writes its citations."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing

from qa.errors import ContextTooLong, ModelError
from qa.language.lexicon import MONTH_NUMBERS, WEEKDAY_NUMBERS, any_of
from qa.language.text import normalise, sentence_spans, words
from qa.models.base import LanguageModel
from qa.prompts import refusal
from qa.types import Article, Claim, Message, Passage

Keys = Mapping[str, Passage]
"""What a model may cite: the key under which each passage stands in its prompt, in the order of the prompt."""
Prompt = tuple[Sequence[Message], Keys]

REPLY_LIMIT = 4_000
"""Characters after which a reply is cut off; four sentences need a fifth of it."""
THOUGHT_LIMIT = 60_000
"""Characters that a model may think aloud before it answers."""
LOOP = 60
"""Length of the tail of a reply that, standing in it three times, shows that the model goes round in circles."""


class Reply:
    """A model's reply, read by iterating once: each step is the text so far as a reader may see it, unchecked.

    Afterwards `refused` and `claims` tell what it says. Leaving the iteration early ends the request. Raises ModelError
    when the model fails or writes no answer. Where the prompt is too long for it, `shorter` ones are tried.
    """

    def __init__(
        self, model: LanguageModel, messages: Sequence[Message], keys: Keys, shorter: Iterable[Prompt] = ()
    ) -> None:
        self.raw = ""
        self.messages = messages
        """What is sent: a shorter prompt where the first was too long."""
        self._model = model
        self._keys = keys
        self._shorter = shorter

    def __iter__(self) -> Iterator[str]:
        shorter = iter(self._shorter)
        while True:
            try:
                yield from self._read()
                return
            except ContextTooLong:
                if (prompt := next(shorter, None)) is None:
                    raise
                self.messages, self._keys = prompt

    def _read(self) -> Iterator[str]:
        self.raw, shown = "", ""
        with closing(_pieces(self._model, self.messages)) as pieces:
            for piece in pieces:
                self.raw += piece
                if (runaway := _runaway(self.raw)) is not None:
                    self.raw = runaway
                    break
                if (text := read_draft(self.raw, self._keys)) != shown:
                    yield (shown := text)
        text = read_draft(self.raw, self._keys, finished=True)
        if not text:
            raise ModelError(
                f"{self._model.name} on {self._model.where} wrote no answer. Ask again or try another model."
            )
        if text != shown:
            yield text

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Those that the prompt holds, whole or in part."""
        return tuple(self._keys.values())

    @property
    def refused(self) -> bool:
        """Whether the model says that the articles do not answer the question."""
        return refuses(self.raw)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The sentences of the reply with the passages they cite, ready for the check."""
        return read_claims(self.raw, self._keys)


def _pieces(model: LanguageModel, messages: Sequence[Message]) -> Generator[str]:
    """The model's stream as a generator, which can be closed whatever kind of iterator it is."""
    yield from model.stream(messages)


def _runaway(raw: str) -> str | None:
    """What to keep of a reply that repeats itself or does not end; None for one that may go on."""
    spoken = _spoken(raw)
    if not spoken:
        return "" if len(raw) > THOUGHT_LIMIT else None
    tail = spoken[-LOOP:]
    if len(tail) == LOOP and spoken.count(tail) >= 3:
        spoken = spoken[: spoken.index(tail) + LOOP]
    elif len(spoken) <= REPLY_LIMIT:
        return None
    spans = sentence_spans(spoken)
    return spoken[: spans[-2][1]] if len(spans) > 1 else spoken


# --- the reply: what is said, and where it cites ---------------------------------------------------------------------
# However a model writes a marker, it becomes one private-use character for each passage; all reading starts there.

_FIRST = 0xE000
_NOTHING = "\uf8ff"
"""Stands for a marker that cites no passage of the prompt."""
_MARK = "[\ue000-\uf8ff]"

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_LATE_THOUGHT = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?=[\[\]()*_])")
_SOURCE_LINE = re.compile(
    r"(?:^[ \t>*_•-]*|(?<=[.!?\])】])[ \t]+[*_]*)(?:sources?|references?|citations?)[*_]*[ \t]*:[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
_BRACKETS = re.compile(r"\[+([^\[\]\n]{1,300})\]+|【([^【】\n]{1,300})】|<([^<>\n]{1,300})>")
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
_PARENTHESES = re.compile(r"\(([^()\n]{1,300})\)")
_LABELS = frozenset("passage passages source sources article articles key keys ref see and citation needed".split())
_KEY_LIKE = re.compile(r"\b[a-z]\d[a-z]\d\b", re.IGNORECASE)
# Numbers and small letters with digits; [2017], [G20] and [the minister] are words put into a quotation.
_LIKE_A_MARKER = re.compile(r"\d{1,2}|(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{2,6}")
_RULE_OR_HEAD = re.compile(r"^[ \t]*(?:(?:[-*_][ \t]*){3,}$|#{1,6}[ \t]+|>[ \t]?)", re.MULTILINE)
_EMPHASIS = re.compile(
    r"\*{2,}|`+|(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)",
)
_PREFACE = re.compile(r"\A\s*answer\s*:\s*", re.IGNORECASE)
_BULLET = re.compile(r"[ \t]*(?:(?:[-*•–]|\d{1,2}[.)])(?:[ \t]+|$))?")


def _spoken(raw: str) -> str:
    """The reply without what the model thought aloud; some templates swallow the tag that opens the thought."""
    return _LATE_THOUGHT.sub("", _THOUGHT.sub("", raw)).lstrip()


def _mark(spoken: str, keys: Keys) -> str:
    """The reply with a private-use character for each citation, and without Markdown's signs."""
    text = _plain_links(_ESCAPE.sub("", normalise(spoken)))
    text = _SOURCE_LINE.sub(lambda match: _read_source(match[0], keys), text)
    text = _BRACKETS.sub(lambda match: _read_brackets(match, keys), text)
    text = _PARENTHESES.sub(lambda match: _read_parentheses(match, keys), text)
    text = _read_bare_keys(_read_counted(_SUPERSCRIPT.sub(_NOTHING, text)), keys)
    text = _PREFACE.sub("", _EMPHASIS.sub("", _RULE_OR_HEAD.sub("", text)))
    return "\n".join(_read_title_line(line, keys) for line in _without_tables(text.split("\n")))


def _plain_links(text: str) -> str:
    """The text without anything that a page or a Markdown reader would load or follow; what a link shows stays."""
    text = _RAISED.sub(r"[\1]", _HIDDEN.sub("", text))
    text = _LINK.sub(lambda match: f"[{match[1]}]" if _is_marker(match[1]) else match[1], _IMAGE.sub("", text))
    return _SCHEME.sub("", _TAG.sub("", text))


def _is_marker(text: str) -> bool:
    tokens = _tokens(text)
    return len(tokens) == 1 and bool(_KEY_LIKE.fullmatch(tokens[0]) or _LIKE_A_MARKER.fullmatch(tokens[0]))


def _read_counted(text: str) -> str:
    """Marks that cite nothing for (1), (2) ... at the end of a sentence; a number in parentheses is one of them only
    after a (1).
    """
    counting = False

    def read(match: re.Match[str]) -> str:
        nonlocal counting
        counting = counting or "1" in re.findall(r"\d+", match[1])
        return _NOTHING if counting else match[0]

    return _COUNTED.sub(read, text)


def _without_tables(lines: Sequence[str]) -> Iterator[str]:
    """The lines, a row of a Markdown table as its cells in a row; the row that names the columns ends with a colon."""
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
    """Marks for "Source: ..."; where a sentence follows, or the line is too long to name a source, that stays."""
    found, named = _by_key(line, keys), _by_title(line, keys, others=12)
    rest = line.partition(":")[2]
    beside = words(re.sub("|".join(keys) or "$", "", rest, flags=re.IGNORECASE))
    if not named and (len(beside) > 12 or (len(beside) > 1 and rest.rstrip().endswith((".", "!", "?")))):
        return rest if found else line
    return found + named or _NOTHING


def _read_brackets(match: re.Match[str], keys: Keys) -> str:
    content = match[1] or match[2] or match[3]
    found = _by_key(content, keys)
    if found or match[3]:
        return found or match[0]
    tokens = re.findall(r"[^\W_]+", content)
    if tokens and all(token.casefold() in _LABELS or _LIKE_A_MARKER.fullmatch(token) for token in tokens):
        return _NOTHING
    return _by_title(content, keys) or match[0]


def _read_parentheses(match: re.Match[str], keys: Keys) -> str:
    """As in brackets, but only where nothing else stands between them: parentheses belong to prose, and so does (2)."""
    content = match[1]
    tokens = _tokens(content)
    marks = "".join(re.findall(_MARK, content))
    if all(t in keys or t in _LABELS or _KEY_LIKE.fullmatch(t) for t in tokens):
        if found := _by_key(content, keys) + marks:
            return found
        if any(_KEY_LIKE.fullmatch(t) for t in tokens):
            return _NOTHING
    return _by_title(content, keys) or match[0]


def _read_bare_keys(text: str, keys: Keys) -> str:
    """Marks for keys outside any brackets; "passage b7k2" as the subject of a sentence becomes "the article"."""
    if not keys:
        return text
    pattern = (
        rf"(?P<the>\bthe )?(?P<noun>\b(?:passage|source|article|text|key) )?(?<!\w)(?P<key>{'|'.join(keys)})(?!\w)"
    )

    def read(match: re.Match[str]) -> str:
        the, noun = match["the"] or "", match["noun"] or ""
        if noun:
            the, noun = the or ("The " if noun[0].isupper() else "the "), "article"
        return the + noun + _by_key(match["key"], keys)

    return re.sub(pattern, read, text, flags=re.IGNORECASE)


def _read_title_line(line: str, keys: Keys) -> str:
    """A mark in place of a line that holds only an article's title, as in a list of sources."""
    bare = re.sub(_MARK, "", line)
    bullet = _bullet(bare)
    said = words(bare[bullet:])
    found = (chr(_FIRST + i) for i, title in enumerate(_titles(keys)) if said == title and len(said) > 1)
    return next((bare[:bullet] + mark for mark in found), line)


def _by_key(text: str, keys: Keys) -> str:
    order = {key: chr(_FIRST + i) for i, key in enumerate(keys)}
    return "".join(order[token] for token in _tokens(text) if token in order)


def _by_title(text: str, keys: Keys, others: int = 6) -> str:
    """Marks for the articles whose title stands in the text, among at most so many other words, or four words of it."""
    said = words(text)
    found: dict[tuple[str, ...], str] = {}
    for i, title in enumerate(_titles(keys)):
        whole = len(title) > 1 and len(said) - len(title) <= others and _within(title, said)
        if whole or (len(said) >= 4 and _within(said, title)):
            found.setdefault(tuple(title), chr(_FIRST + i))
    return "".join(found.values()) or _by_outlet(said, keys)


def _by_outlet(said: Sequence[str], keys: Keys) -> str:
    """Marks for the passages of the one outlet that is named, with nothing but a date; those of that date, if any."""
    rest = " ".join(word for word in said if word not in _LABELS and word != "from")
    articles = [passage.article for passage in keys.values()]
    named = [(i, article) for i, article in enumerate(articles) if article.outlet and _only_names(article, rest)]
    of_day = [i for i, article in named if article.date and _dated(article.date).search(rest)]
    outlets = {article.outlet for _, article in named}
    return "".join(chr(_FIRST + i) for i in of_day or [i for i, _ in named]) if len(outlets) == 1 else ""


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
    """What finds the day in words: "19 january 2017", "january 19", "2017 01 19"."""
    month = f"{day:%B}".lower()[:3]
    return re.compile(rf"\b(?:0?{day.day} {month}|{month}\w* 0?{day.day}\b|{day.year} 0?{day.month} 0?{day.day}\b)")


def _titles(keys: Keys) -> list[list[str]]:
    return [words(passage.article.title) for passage in keys.values()]


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    return f" {' '.join(part)} " in f" {' '.join(whole)} "


def _tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _bullet(line: str) -> int:
    match = _BULLET.match(line)
    return match.end() if match else 0


_MARKS = re.compile(rf"[ \t]*{_MARK}(?:[ \t,;]*(?:and[ \t]+)?{_MARK})*[ \t]*")


def _lift(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without marks, and for each mark its offset there and the place of its passage among the keys."""
    plain, marks, last = "", [], 0
    for run in _MARKS.finditer(marked):
        plain += marked[last : run.start()]
        marks += [(len(plain), ord(c) - _FIRST) for c in re.findall(_MARK, run[0]) if c != _NOTHING]
        after = marked[run.end() : run.end() + 1]
        if plain and not plain[-1].isspace() and (after.isalnum() or run[0][-1] in " \t") and after not in ".,;:!?)…\n":
            plain += " "
        last = run.end()
    return plain + marked[last:], marks


# --- the reply as it streams -----------------------------------------------------------------------------------------

# The end of a text that may yet turn into a marker or vanish: it waits, so that nothing shown is taken back.
_UNFINISHED = re.compile(
    r"(?:(?<=[\])】])[ \t,;]*(?:and[ \t]+)?)?"
    r"(?:\\?[\[【<]+[^\[\]【】<>\n]{0,300}|!?\\?\[[^\[\]\n]{1,300}\]\\?(?:\([^()\n]{0,600})?"
    r"|\\?\([^()\n]{0,120}"
    r"|\([\d,; ]{1,20}\)[ \t]?|(?<!\w)!"
    r"|\b(?:https?|ftp|javascript|data|file):/?(?:/(?:w{1,3}\.?)?)?|\bwww\.|<[^<>]{0,600}"
    r"|(?:^|(?<=[.!?\])】]))[ \t*_>•-]*(?:sources?|references?|citations?)[*_ \t]*:[^\n]*"
    r"|[*_`]*(?:\b(?:passage|source|article|text|key) )?\w*)[*_`#\\]*\Z",
    re.IGNORECASE | re.MULTILINE,
)


def read_draft(raw: str, keys: Keys, finished: bool = False) -> str:
    """The reply so far as a reader may see it: citations as `[n]`, numbered by first use, no thoughts, no Markdown."""
    spoken = _spoken(raw)
    plain, marks = _lift(_mark(spoken if finished else _settled(spoken, keys), keys))
    numbers: dict[int, int] = {}
    text, last = "", 0
    for offset in sorted({offset for offset, _ in marks}):
        cited = dict.fromkeys(i for at, i in marks if at == offset)
        text += plain[last:offset]
        text += " " if text and not text[-1].isspace() else ""
        text += "".join(f"[{numbers.setdefault(i, len(numbers) + 1)}]" for i in cited)
        text += " " if plain[offset : offset + 1].isalnum() else ""
        last = offset
    return re.sub(r"\n{3,}", "\n\n", text + plain[last:]).strip()


# What vanishes with all it holds, once it is closed.
_OPEN = re.compile(
    r"<(?P<name>sup|sub|cite|ref|small|script|style|iframe|svg)\b(?:(?!</(?P=name)\s*>).)*\Z|<!--(?:(?!-->).)*\Z"
    r"|!\[[^\[\]\n]*(?:\](?:\([^()\n]*)?)?\Z|\[[^\[\]\n]+\]\((?:[^()\n]|\([^()\n]*\))*(?:\([^()\n]*)?\Z",
    re.DOTALL | re.IGNORECASE,
)


def _settled(spoken: str, keys: Keys) -> str:
    """The reply without an end that may yet turn into a marker, and without a last line that may become a title."""
    if opened := _OPEN.search(spoken):  # what stands before it has settled
        spoken = spoken[: opened.start()]
    plain = _plain_links(spoken)
    # A tag or a link that has just been closed ends the word before it.
    closed = spoken.endswith((">", ")")) and not plain.endswith((">", ")"))
    spoken = plain
    unfinished = None if opened or closed else _UNFINISHED.search(spoken, max(len(spoken) - 1_000, 0))
    text = spoken[: unfinished.start()] if unfinished else spoken
    above, _, line = text.rpartition("\n")
    if line.lstrip().startswith("|"):
        return above
    bare = _BRACKETS.sub("", line)
    said = words(bare[_bullet(bare) :])
    return above if any(title[: len(said)] == said for title in _titles(keys)) else text


# --- the finished reply ----------------------------------------------------------------------------------------------


def read_claims(raw: str, keys: Keys) -> tuple[Claim, ...]:
    """The reply's sentences, each with the passages it cites; a sentence that comes a second time is left out."""
    plain, marks = _lift(_mark(_legend(_spoken(raw), keys), keys))
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
    """The reply with its own numbers exchanged for keys, where it lists what they stand for; without that list."""
    names, entries = list(keys), {}
    for match in _ENTRY.finditer(spoken):
        found = set(_by_key(match["rest"], keys) or _by_title(match["rest"], keys, others=12))
        if len(found) == 1:
            entries[_number(match)] = names[ord(found.pop()) - _FIRST]
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
    """Sentences of one line, since items of a list often end without a full stop; a bullet is no part of one."""
    start = line.start() + _bullet(line[0])
    spans = [(start + s, start + e) for s, e in sentence_spans(line.string[start : line.end()])]
    return [(s, e) for s, e in spans if any(c.isalnum() for c in line.string[s:e])]


def _owners(
    sentences: Sequence[tuple[int, int]], marks: Sequence[tuple[int, int]], text: str
) -> Iterator[tuple[int, int]]:
    """Which sentence of a line each mark belongs to: the one it stands in or after; -1 is the last one above the line.

    A mark that opens the line belongs to the first sentence; so do the others to the next one each, unless the line, up
    to the end of `text`, also closes with a mark. Marks behind the full stop of a paragraph that has no others
    belong to all of its sentences.
    """
    forward = (
        bool(marks and sentences) and marks[0][0] <= sentences[0][0] and any(c.isalnum() for c in text[marks[-1][0] :])
    )
    # Only behind the last full stop: such a marker is for the whole paragraph.
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
    """White space and bullet before a sentence, without the punctuation that a marker left behind."""
    breaks = "" if first else "\n" * min(gap.count("\n"), 2)
    line = gap.rpartition("\n")[2].lstrip()
    return breaks + line[: _bullet(line)] if first or breaks else " "


_FIRST_WORDS = frozenset("unfortunately sorry answer based on the provided given passages".split())


def refuses(text: str) -> bool:
    """Whether a reply is the agreed refusal and nothing else, give or take quotes, a key, or what is not said."""
    bare = _KEY_LIKE.sub("", _PARENTHESES.sub("", _BRACKETS.sub("", normalise(_spoken(text)))))
    said = [words(bare[start:end]) for start, end in sentence_spans(bare)]
    return any(said) and all(_is_refusal(sentence) for sentence in said if sentence)


def _is_refusal(sentence: list[str]) -> bool:
    before, agreed, after = f" {' '.join(sentence)} ".partition(f" {' '.join(words(refusal()))} ")
    return (
        bool(agreed) and set(before.split()) <= _FIRST_WORDS and not {"but", "however", "although"} & set(after.split())
    )
