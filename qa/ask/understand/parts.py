"""Splits a question that asks several things, by rule, into parts that can be searched for alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence

from qa.ask.understand.coordination import Listed, each, is_one_thing, listed_names
from qa.ask.understand.leaning import leans
from qa.ask.understand.outlets import OutletMention, find_sources, outlets_of
from qa.ask.understand.time_words import TimeWords, find_time_words
from qa.ask.understand.window import window_of
from qa.language.lexicon import OWNERS, SUBJECTS, any_of
from qa.language.text import STOPWORDS, sentence_spans, words
from qa.types import Part, TimeWindow

MOST = 4
"""Parts of a question, at most."""


def parts_of(text: str, outlets: Collection[str] = (), asked: dt.date | None = None) -> tuple[Part, ...]:
    """Two to MOST parts, each with the outlets and the days it names; none for a question that asks one thing.

    What all parts share is written into each. Where a rule is not sure, the question stays whole: a wrong cut
    costs more
    than a missed one.
    """
    sources = find_sources(text, outlets)
    found = [*_by_report_day(text, sources, asked)] or [*_by_source(text, sources, asked)]
    for split in (_by_question, _by_list, _by_question_word):
        if not found and len(texts := list(split(text, sources))) >= 2:
            found = [_part(piece, outlets, asked) for piece in texts]
    parts = tuple(part for part in found if _telling(part.text))[:MOST]
    told_apart = {(tuple(_telling(part.text)), part.outlets, part.window) for part in parts}
    return parts if len(told_apart) >= 2 else ()


def _part(text: str, outlets: Collection[str], asked: dt.date | None) -> Part:
    sources = find_sources(text, outlets)
    return Part(_bare(text), outlets_of(sources), window_of(text, find_time_words(text, asked), sources, asked))


def _bare(text: str) -> str:
    return " ".join(text.split()).rstrip(" ?.,;")


def _telling(text: str) -> list[str]:
    return [word for word in words(text) if word not in STOPWORDS and word not in _QUESTION_WORDS]


_QUESTION_WORDS = frozenset(
    "who what when where why how which whose whom did does do is are was were many much both".split()
)


# --- several questions in one text ------------------------------------------------------------------------------------

_ASKS = r"(?:who|whom|whose|what|when|where|why|how|which)"
_OPENS_QUESTION = re.compile(
    rf"(?i)(?:(?:and|but|so)\s)?(?:(?:in|at|on|to|from|by|for|with)\s)?(?:{_ASKS}|did|does|do|is|are|was|were|has|have|had|will|would|can"
    r"|could|should)\b"
)


def _by_question(text: str, sources: Sequence[OutletMention]) -> Iterator[str]:
    """Each sentence, if all are questions with enough words to search for."""
    sentences = [text[a:b] for a, b in sentence_spans(text)]
    if len(sentences) < 2 or not all(s.endswith("?") and _OPENS_QUESTION.match(s) for s in sentences):
        return
    yield from _each_standalone(sentences)


_SECOND = re.compile(
    rf"(?i),?\s(?:and|but)\s(?:also\s)?(?P<second>(?:(?:in|at|on|to|from|by|for|with|since|until)\s)?{_ASKS}\b[^,]+)$"
)
# What is known, said or explained is one thing, whatever it asks: "Did he say who came and why?"
_INDIRECT = re.compile(
    r"(?i)\b(?:say|said|says|know|knows|known|knew|explain\w*|tell|told|ask|asked|describe\w*|decide\w*|learn\w*|see|show\w*|clear|reveal\w*"
    r"|understand|find\sout|mention\w*|about|matter|depends?\son|disclose\w*|determine\w*|detail\w*)$"
)


def _by_question_word(text: str, sources: Sequence[OutletMention]) -> Iterator[str]:
    """The rule of "Who founded the company and where is it based?": both questions, each by itself."""
    match = _SECOND.search(text.rstrip(" ?"))
    if not match or not re.match(rf"(?i)(?:(?:in|at|on|to|from|by|for|with|and)\s)*{_ASKS}\b", text):
        return
    first, second = text[: match.start()], match["second"]
    if _is_inside(first) or len(words(first)) < 3 or len(words(second)) < 3 or len(_telling(first)) < 1:
        return
    # "how and why did it fail": one question with two words. "Who won and when did he": the second says nothing new.
    new = [word for word in _telling(second) if word not in _telling(first)]
    if not new or re.fullmatch(rf"(?i){_ASKS}", first.split()[-1]) or not _has_verb(second):
        return
    yield from _each_standalone([first + "?", second[0].upper() + second[1:] + "?"])


def _is_inside(first: str) -> bool:
    """True if the second question word depends on a verb of saying or knowing in the first."""
    return any(
        _INDIRECT.search(first[: match.start()].rstrip()) for match in re.finditer(rf"(?i)\s{_ASKS}\b", first)
    ) or bool(_INDIRECT.search(first))


_VERB = re.compile(
    r"(?i)\b(?:did|does|do|is|are|was|were|has|have|had|will|would|can|could|should|must|happened|made|became|came|went|said|took|won|led"
    r"|\w{2,}ed)\b"
)


def _has_verb(text: str) -> bool:
    return bool(_VERB.search(text))


def _each_standalone(questions: Sequence[str]) -> Iterator[str]:
    first = questions[0]
    yield first
    for question in questions[1:]:
        if leans(question) or len(_telling(question)) < _ENOUGH:
            question = f"{_bare(question)} ({_bare(first)})"
        yield question


_ENOUGH = 3
"""Content words that are enough to search for a question alone."""


# --- several sources --------------------------------------------------------------------------------------------------

_CUT_START = re.compile(r"(?i)^[\s,;:]*(?:(?:and|or|but|while|whereas|also|both|that|whether|if|then|with)\b[\s,]*)*")
_CUT_END = re.compile(
    r"(?i)(?:[\s,;:]+(?:and|or|but|while|whereas|both|as|with|between|from|by|in|of|to|the|a|an|than|is|was|did|does))*[\s,;:?.]*$"
)
_TAIL = re.compile(
    rf"(?i),\s(?P<tail>(?:both|(?:did|does|do|is|are|was|were|has|have|had|will|would)\s(?:there|it|they|the|this|that|any)\b|(?:in|to|for|on|by)?\s?{_ASKS}\b)[^,]*)\??$"
    r"|\s(?P<both>both\s[^,]*)\??$"
)
_ABOUT_SOURCES = frozenset(
    """report reports reported article articles story stories piece coverage news information published both change
    changed changes consistency consistent difference differences differ different differently same similar
    compare comparison compared agree disagree inconsistent inconsistency inconsistencies considering given
    based covered portrayal between discussing discuss discusses about regarding reporting describes describe
    mention mentions suggest suggests claim claims say says state states one that there any author outlet
    outlets write written""".split()
)


def _by_source(text: str, sources: Sequence[OutletMention], asked: dt.date | None) -> Iterator[Part]:
    """What is asked of each source, if two or more are named: its own words, and those that apply to all."""
    if len(sources) < 2 or sources[0].outlets == sources[-1].outlets and not find_time_words(text):
        return
    tail = _TAIL.search(text, sources[-1].end)
    end = tail.start() if tail else len(text)
    head = _REPORTED.sub("", _CUT_END.sub("", text[: sources[0].start]))
    said_of_all = (tail["tail"] or tail["both"]) if tail else ""
    starts = [source.start for source in sources]
    pieces = [_CUT_END.sub("", text[a:b]) for a, b in zip(starts, [*starts[1:], end], strict=True)]
    rests = [piece[source.end - source.start :] for piece, source in zip(pieces, sources, strict=True)]
    own = [[word for word in _telling(_undated(rest)) if word not in _ABOUT_SOURCES] for rest in rests]
    shared = [said_of_all] if _counts(said_of_all) else []
    if not any(own) and not _counts(head) and not shared:
        return
    for at, (source, rest) in enumerate(zip(sources, rests, strict=True)):
        # "Did the BBC and Reuters report on the flood?": the last says what all are asked for; "that of Reuters on 7
        # May": the first does.
        follows = at + 1 < len(sources) and not text[source.end : starts[at + 1]].strip(" ,andorAND")
        ahead = range(at, len(own)) if follows or not _counts(head) else range(at, at + 1)
        other = next((later for later in ahead if own[later]), None)
        if other is None:
            other = next((earlier for earlier in range(at) if own[earlier]), at)
        rest = _SOURCE_WORDS.sub(" ", _undated(rests[other]))
        named = f"{text[source.start : source.end]} {rests[at]}"
        said = [_ASKED.sub("", head)] if _counts(head) else []
        yield Part(
            _cleaned(" ".join([*said, rest if said else _ABOUT.sub("", rest.strip()), *shared])),
            source.outlets,
            window_of(
                named,
                find_time_words(named, asked),
                [OutletMention(0, source.end - source.start, source.outlets)],
                asked,
            ),
        )


def _undated(rest: str) -> str:
    """The words without the time words, which the window already has."""
    for said in reversed(find_time_words(rest)):
        rest = _PUBLISHED.sub("", rest[: said.start]) + " " + rest[said.end :].lstrip(" )")
    return rest.strip()


_PUBLISHED = re.compile(r"(?i)[\s,(]*(?:published|reported|dated|printed|posted)?[\s,(]*$")


def _counts(shared: str) -> bool:
    return any(word not in _ABOUT_SOURCES for word in _telling(shared))


_REPORTED = re.compile(
    r"(?i),?\s(?:(?:as|also|was|were|is|are|been|has|have|that|which)\s)*"
    r"(?:reported|covered|described|mentioned|featured|discussed)$"
)
_SOURCE_WORDS = re.compile(
    r"(?i)\b(?:both|(?:as\s|also\s)?(?:was|were)?\s?(?:also\s)?reported(?=\s*$|\s(?:to|that|on|by))|differ(?:s|ed)?)\b"
)
_FIRST_REPORT = re.compile(
    r"(?i)\s(?:between\s)?(?:the|its|their|an?)\s(?:reports?|articles?|story|stories|coverage|pieces?)\s(?:published\s|dated\s)?$"
)
_OTHER_REPORT = re.compile(
    r"(?i),?\s(?:and|to|with)\s(?:(?:the|that|an?)\s?)?(?:one|report|article|story|piece)?\s?(?:published\s|dated\s)?"
)


def _by_report_day(text: str, sources: Sequence[OutletMention], asked: dt.date | None) -> Iterator[Part]:
    """The question for each of two reports that only their days tell apart: "the report of 3 May and that of 9 May"."""
    said = [words for words in find_time_words(text, asked) if words.stretch]
    for first, second in zip(said, said[1:], strict=False):
        before, between = text[: first.start], text[first.end : second.start]
        opening = _FIRST_REPORT.search(before)
        if not opening or not _OTHER_REPORT.fullmatch(between) or len(sources) > 1:
            continue
        bare = text
        for source in sources:
            bare = bare[: source.start] + " " * (source.end - source.start) + bare[source.end :]
        rest = bare[: opening.start()] + " " + bare[second.end :]
        for day in (first, second):
            yield Part(_cleaned(_ASKED.sub("", rest)), outlets_of(sources), _published(day))
        return


def _published(day: TimeWords) -> TimeWindow:
    assert day.stretch
    return TimeWindow(day.stretch.first, day.stretch.last, True, day.words)


_ABOUT = re.compile(
    r"(?i)^(?:(?:on|about|of|that|discussing|covering|regarding|concerning|for|in|and|or|is|was|has|does|did|do)\s)+"
)
_ASKED = re.compile(
    rf"(?i)^(?:(?:and|so|but)\s)?(?:{_ASKS}\s)?(?:(?:did|does|do|is|are|was|were|has|have|had)\s)?(?:the\s)?(?=\w)"
)


def _cleaned(text: str) -> str:
    """The words to search with: without those that only join several sources into one question."""
    text = re.sub(r"\s+(?=[,.;])", "", " ".join(_SOURCE_WORDS.sub(" ", text).split()))
    return _bare(_CUT_START.sub("", text)) or _bare(text)


# --- several things -------------------------------------------------------------------------------------------------

_BOTH = re.compile(
    r"(?i)^(?:and\s|so\s)?(?P<aux>did|do|does|have|has|had|were|was|are|is|will|would|can|could|should)\s(?P<both>both\s)?"
)
_SAID_ALONE = re.compile(
    r"""(?xi)^\s(?:each\s|both\s|separately\s)?(?:say|said|think|announce[d]?|promise[d]?|propose[d]?|claim(?:ed)?|argue[d]?|suggest(?:ed)?|report(?:ed)?|respond(?:ed)?
    |react(?:ed)?|want(?:ed)?|demand(?:ed)?|call(?:ed)?\sfor|tell|told|offer(?:ed)?|plan(?:ned)?|pledge[d]?|warn(?:ed)?|accuse[d]?|deny|denied|deploy(?:ed)?
    |send|sent|spend|spent|contribute[d]?|earn(?:ed)?|lose|lost|score[d]?|export(?:ed)?|import(?:ed)?|invest(?:ed)?|pay|paid|recommend(?:ed)?|have\sto\ssay)\b"""
)
_EACH = re.compile(
    r"(?i)\b(?:both|each|respectively|compare[ds]?|comparison|differ(?:s|ed|ent|ently|ences?)?|versus|vs\.?|in\scommon)\b"
)
_COMPARE = re.compile(
    r"""(?xi)^(?:(?:please|can\syou|could\syou)\s)?(?:
      compare\s(?P<a1>.+?)\s(?:with|to|and|against)\s(?P<b1>.+)
    | how\s(?:do|does|did|is|are)\s(?P<a2>.+?)\s(?:compare[d]?|differ|different)\s(?:with|to|from)\s(?P<b2>.+)
    | (?:what|which|where)\s(?:is|are|was|were)\s(?:the\s)?(?:main\s|key\s
    |biggest\s)?differences?\s(?:there\s)?between\s(?P<a3>.+?)\sand\s(?P<b3>.+)
    | (?P<a4>.+?)\s(?:versus|vs\.?)\s(?P<b4>.+?)
    )[?.]*$"""
)
_WHICH_OF = re.compile(r"(?i)^(?:(?:in|for|by|at|to|from)\s)?(?P<which>which|who)\sof\s(?:the\s(?:two|three|four)\s)?")
_CHOICE = re.compile(
    r"(?i)^(?P<asked>(?:which|who|whose)\b.+?)[,:]\s(?P<choices>[^,:]+(?:,[^,:]+)*,?\sor\s[^,:]+?)\??$"
)
_SPOKEN_OF = re.compile(
    rf"(?i)^(?:(?:that|if|whether)\s)?{any_of(SUBJECTS)}(?:\sboth)?\s(?=(?:would|will|had|have|were|was|are|could|can|should|did|do)\b)"
)


def _by_list(text: str, sources: Sequence[OutletMention]) -> Iterator[str]:
    """The question once for each of the things that it asks about alike."""
    lists = [listed for listed in listed_names(text) if not _is_a_source(listed, sources)]
    yield from _both(text, lists) or _which_of(text, lists) or _compared(text, lists)


def _is_a_source(listed: Listed, sources: Sequence[OutletMention]) -> bool:
    return any(source.start < listed.end and listed.start < source.end for source in sources)


def _both(text: str, lists: Sequence[Listed]) -> list[str]:
    """The rule of "Did both X and Y say ...", "Are X and Y both ...", "What did X and Y each say ..."."""
    opening = _BOTH.match(text)
    for listed in lists:
        rest = text[listed.end :]
        if opening and listed.start == opening.end():
            if opening["both"] or re.match(r"(?i)\s(?:both|each)\b", rest):
                rest = re.sub(r"(?i)^\s(?:both|each)\b", "", rest)
                return [f"{member} {_told(rest)}" for member in listed.members]
        elif _asks_each(text[: listed.start], rest):
            return [_searched(part) for part in each(text, listed)]
    if opening and opening["both"] and not lists:
        return _both_nouns(text[opening.end() :])
    return []


def _told(rest: str) -> str:
    """The rule of "say they would attend" -> "say would attend"."""
    told = rest.strip(" ?.,")
    verb, _, after = told.partition(" ")
    return f"{verb} {_SPOKEN_OF.sub('', after)}".strip()


def _asks_each(before: str, rest: str) -> bool:
    asks = re.fullmatch(rf"(?i)(?:and\s)?(?:{_ASKS})\b[^,]{{0,40}}\s(?:did|do|does|have|has|had|will|would)\s", before)
    if asks and _SAID_ALONE.match(rest):
        return True
    return bool(asks and re.match(r"(?i)\s(?:both|each)\b|[^?]*\b(?:respectively|each)\b", rest))


_NOUNS = re.compile(
    r"(?i)^(?P<a>(?:the|a|an)\s[\w-]+(?:\s[\w-]+)?)\sand\s(?P<b>(?:the|a|an)\s[\w-]+(?:\s[\w-]+)?)\s"
    r"(?P<rest>(?:say|claim|announce|report|want|vote|agree|support|oppose|reject|attend|condemn|deny|call|plan|promise|propose|demand|suggest|fall|rise"
    r"|grow|lose|win|sign|visit|close|open|approve|have|mention)\b.+)$"
)


def _both_nouns(rest: str) -> list[str]:
    match = _NOUNS.match(rest)
    if not match or is_one_thing(rest, match.start("a"), match.end("b")):
        return []
    return [f"{match[side]} {_told(match['rest'])}" for side in ("a", "b")]


def _which_of(text: str, lists: Sequence[Listed]) -> list[str]:
    """The rule of "Which of A, B and C ...?" and "Who ..., A or B?"."""
    opening = _WHICH_OF.match(text)
    for listed in lists:
        if opening and listed.start == opening.end():
            return [f"{member} {text[listed.end :].strip(' ?')}" for member in listed.members]
        choice = _CHOICE.match(text)
        if choice and choice.start("choices") <= listed.start and listed.end >= choice.end("choices") - 1:
            asked = re.sub(rf"(?i)^{_ASKS}\s(?:one\s)?", "", choice["asked"])
            return [f"{member} {asked}" for member in listed.members]
    return []


def _compared(text: str, lists: Sequence[Listed]) -> list[str]:
    """The rule of "Compare X with Y" and "the difference between X and Y"; what is said of both goes to each."""
    match = _COMPARE.match(text)
    if not match:
        return []
    if lists and _EACH.search(text):
        return [_searched(_without_comparing(part)) for part in each(text, lists[0])]
    side = next(number for number in "1234" if match[f"a{number}"])
    first, second = match[f"a{side}"].strip(), match[f"b{side}"].strip(" ?.")
    if side == "4" and re.search(rf"(?i)\b{_ASKS}\b|\b(?:game|match|case|fight|final)\b", text):
        return []
    if re.match(rf"(?i)(?:each other|one another|{_ASKS}|\w+ing)\b", second):
        return []
    if re.fullmatch(r"(?i)the\s[\w-]+", first) and (noun := re.fullmatch(r"(?i)the\s[\w-]+(?P<noun>\s[\w-]+)", second)):
        first = f"{first}{noun['noun']}"  # "the first and the second summit"
    if is_one_thing(text, match.start(f"a{side}"), match.end(f"b{side}")) and side != "3":
        return []
    if not _telling(first) or not _telling(second):
        return []
    # "Compare the reaction of Russia with that of China" lacks its noun on one side.
    that = re.match(r"(?i)(?:that|those|the\sone|the\sones)\b(?P<of>.*)", second)
    if that:
        counted = re.split(r"(?i)\s(?:of|in|from|by|at|on)\s", first, maxsplit=1)[0]
        second = counted + that["of"]
    elif owned := re.match(r"(?i)(?P<owner>.+?)'s?\s(?P<noun>[\w\s-]+)$", first):
        if re.search(r"'s?$", second):
            second = f"{second} {owned['noun']}"
    elif side == "3" and not _is_definite(first, second):
        return []
    return [first, second]


def _is_definite(first: str, second: str) -> bool:
    """True if both items are something in particular: "the first summit", a name, a year."""
    return all(
        re.match(rf"(?i)(?:the|this|that|{any_of(OWNERS)})\b", side) or re.search(r"\d|^[A-Z]", side)
        for side in (first, second)
    )


def _without_comparing(text: str) -> str:
    text = re.sub(r"(?i)^(?:(?:please|can you|could you)\s)?compare[ds]?\s", "", text)
    text = re.sub(
        r"(?i)^(?:what|which|where)\s(?:is|are|was|were)\s(?:the\s)?(?:main\s|key\s|biggest\s)?differences?\s(?:there\s)?between\s",
        "",
        text,
    )
    return re.sub(r"(?i)\s(?:compare|differ)\b|\sboth\b", "", text)


def _searched(text: str) -> str:
    return re.sub(r"(?i)\s(?:each|both|respectively)\b", "", text)
