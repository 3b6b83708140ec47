"""Rewrites a follow-up so that it can be understood by somebody who has not heard the conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.ask.understand.antecedents import answer_to_which, resolved
from qa.ask.understand.leaning import OPENING, leans
from qa.ask.understand.mentions import JOINS, Mention, mentions
from qa.ask.understand.question_word import asked_otherwise
from qa.ask.understand.time_words import TimeWords, find_time_words
from qa.language.lexicon import OBJECTS, ORDINALS, SUBJECTS, UNITS, WEEKDAYS, any_of
from qa.language.text import STOPWORDS, sentence_spans, stem, words
from qa.prompts import refusal
from qa.types import Turn

_ITEM_WORDS = 40
"""Words of a point of an answer that are carried into a question."""
_CITATION = re.compile(r"\s?\[\d+\]")


def standalone(asked: str, history: Sequence[Turn]) -> str:
    """The question as it would be asked first: what it leaves out is put in, what it points at is named.

    Where no rule fits, a question that leans on the one before takes that one's words along in brackets.
    """
    if not history:
        return asked
    if new := _new_topic(asked):
        return new
    last = history[-1]
    before, answer = _question_of(last), _answer_of(last)
    for said in (
        _corrected(asked, before, history),
        _point_of(asked, answer),
        _who_said(asked, answer),
        _the_same_of(asked, before),
    ):
        if said:
            return _tidy(said)
    if match := _BARE.match(asked):
        said = asked_otherwise(before, match["word"], answer)
        return _tidy(said) if said else f"{asked} ({_subject(before)})"
    if not leans(asked):
        return _named_in_full(asked, before, answer)
    if said := resolved(asked, [(_question_of(turn), _answer_of(turn)) for turn in reversed(history[-3:])]):
        return _tidy(OPENING.sub("", said) if _is_question(OPENING.sub("", said)) else said)
    return f"{asked} ({_subject(before)})"


def _question_of(turn: Turn) -> str:
    """What the turn before asked, as it was searched for."""
    bracketed = re.fullmatch(r"[^()]*\((?P<subject>[^()]+)\)", turn.standalone_question)
    before = bracketed["subject"] if bracketed else turn.standalone_question
    return re.sub(r"(?i)^(?:and|but|or|so|also|ok|okay)\b[\s,]*", "", before).strip()


def _answer_of(turn: Turn) -> str:
    answer = _CITATION.sub("", turn.answer).replace("**", "").strip()
    return "" if answer.startswith(refusal()) else answer


def _subject(before: str) -> str:
    """What the turn before was about: its question without an opening."""
    return " ".join(OPENING.sub("", before).strip(" ?").split()[:60])


def _tidy(question: str) -> str:
    question = re.sub(r"\s+([?.!,])", r"\1", " ".join(question.split())).strip()
    return question[:1].upper() + question[1:]


def _is_question(text: str) -> bool:
    return bool(
        re.match(
            r"(?i)(?:\w+\s){0,2}?(?:who|whom|whose|what|when|where|why|how|which|did|does|do|is|are|was|were|has|have|had|will"
            r"|would|can|could|should|tell|explain|describe|list|show|give)\b",
            text,
        )
    )


# --- a new topic, a correction ----------------------------------------------------------------------------------------

_NEW_TOPIC = re.compile(
    r"""(?xi)^(?:ok(?:ay)?[,.]?\s|well[,.]?\s|now[,.]?\s)?(?:
      (?:a\s)?(?:new|different|another|other|separate|unrelated)\s(?:question|topic|subject)(?:\snow)?\s?[:,.!-]\s?
    | (?:let's|let\sus)\s(?:change\sthe\s(?:subject|topic)|talk\sabout\ssomething\selse|move\son)\s?[:,.!-]?\s?
    | (?:on\sa|to\sa)\sdifferent\s(?:topic|note|subject)\s?[:,.-]\s?
    | (?:changing|to\schange)\sthe\s(?:subject|topic)\s?[:,.-]\s?
    | something\s(?:else|different)(?:\sentirely)?\s?[:,.-]\s?
    | forget\s(?:that|it|about\s(?:that|it))\s?[:,.-]\s? )"""
)


def _new_topic(asked: str) -> str:
    match = _NEW_TOPIC.match(asked)
    rest = asked[match.end() :].strip() if match else ""
    return rest[:1].upper() + rest[1:] if words(rest) else ""


_NO = r"(?:no|nope|not\squite|sorry|oops|wait|actually|hm+|oh|ah|pardon|excuse\sme|apologies|correction)"
_MEANT = re.compile(
    rf"""(?xi)^(?:{_NO}[\s,.!:;-]+)*(?:
      (?:i\s(?:actually\s|really\s)?(?:mean|meant|was\sasking\s(?:about|for)|am\sasking\s(?:about|for)|wanted\sto\sask\sabout)|make\sthat|rather)\s
      (?:to\ssay\s|to\sask\s)?(?P<meant>.+?)(?:,?\snot\s(?P<wrong2>[^,?]+))?
    | not\s(?P<wrong>[^,;]{{1,40}}?)\s?(?:[,;]|but|-)\s(?:but\s|i\smean\s|i\smeant\s)?(?P<instead>.+?)
    )[.?!]*$"""
)
_SORRY = re.compile(
    rf"(?i)^{_NO}[\s,.!:;-]+(?P<meant>(?:(?!\b(?:is|was|are|were|did|do|does|has|have)\b)[\w'.-]+\s?){{1,6}})[.?!]*$"
)


def _corrected(asked: str, before: str, history: Sequence[Turn]) -> str:
    match = _MEANT.match(asked) or _SORRY.match(asked)
    if not match:
        return ""
    groups = match.groupdict()
    meant = (groups.get("meant") or groups.get("instead") or "").strip()
    wrong = (groups.get("wrong") or groups.get("wrong2") or "").strip()
    if not words(meant):
        return ""
    if _is_question(meant) and len(words(meant)) > 2:
        return standalone(meant[:1].upper() + meant[1:] + "?", history[:-1]) or meant
    if wrong and (at := re.search(rf"(?i)\b{re.escape(wrong)}\b", before)):
        return before[: at.start()] + meant + before[at.end() :]
    return _with_instead(before, meant, sure=True) or f"{meant} ({_subject(before)})"


# --- the same of something else ---------------------------------------------------------------------------------------

_SHIFT = re.compile(
    r"""(?xi)^(?:(?:and|but|or|so|also|ok(?:ay)?)[\s,]+)*(?:(?:what|how)\sabout\s|the\ssame\s(?:for|of|in|about)\s|same\sfor\s)?
    (?P<what>[^?!.;:]{1,80}?)(?:\s(?:then|instead|too|as\swell))?[?.!\s]*$"""
)
_PREPOSITION = re.compile(
    r"(?i)^(?:in|on|for|from|by|at|to|with|of|about|since|before|after|until|during|under|against)\s"
)
_CLAUSE = re.compile(
    r"(?i)\b(?:who|whom|whose|what|when|where|why|how|which|did|does|do|is|are|was|were|has|have|had|will|would|can|could|should|tell|explain"
    rf"|more|else|{any_of((*SUBJECTS, 'him', 'them'))}|this|these|there|that|anything|anyone|me|you|i|list|show|give"
    r"|compare)\b"
)


def _the_same_of(asked: str, before: str) -> str:
    """The rule of "What about Belarus?", "And in 2022?", "And the deputy?": the question before, asked of that."""
    shift = _SHIFT.match(asked)
    if shift and not _CLAUSE.search(shift["what"]) and len(words(shift["what"])) <= 6:
        is_marked = bool(OPENING.match(asked)) or asked.endswith("?") or bool(re.match(r"(?i)(?:the )?same\b", asked))
        if is_marked or (len(words(asked)) <= 3 and len(mentions(asked)) == 1):
            return _with_instead(before, shift["what"].strip(), sure=False)
        return ""
    return _same_with_other_name(asked, before)


def _same_with_other_name(asked: str, before: str) -> str:
    """The rule of "And how many did Belarus send?": all it says but the name was said before."""
    rest = OPENING.sub("", asked)
    if not OPENING.match(asked) or not _is_question(rest):
        return ""
    names = [mention for mention in mentions(rest) if mention.is_name]
    if len(names) != 1:
        return ""
    known = {stem(word) for word in words(before)}
    said = rest[: names[0].start] + rest[names[0].end :]
    content = [stem(word) for word in words(said) if word not in STOPWORDS]
    same_word = words(said)[:1] == words(before)[:1]
    if same_word and set(content) <= known and not set(words(said)) & {*SUBJECTS, *OBJECTS}:
        return _with_instead(before, names[0].text, sure=False)
    return ""


def _with_instead(before: str, what: str, sure: bool) -> str:
    """The question before with `what` in place of what is like it; "" where nothing is. A correction is `sure`."""
    times = find_time_words(what)
    said = what
    for time in reversed(times):
        said = said[: time.start] + said[time.end :]
    result = before
    said = " ".join(said.split()).strip(" ,")
    if words(said):
        result = _with_thing(result, said, sure)
        if not result:
            return ""
    for time in times:
        result = _with_time(result, what, time)
    return result if times or words(said) else ""


def _with_time(before: str, what: str, time: TimeWords) -> str:
    there = find_time_words(before)
    core = time.words
    linked = what[time.start : time.end]
    if there:
        old = next((t for t in there if t.unit == time.unit), there[-1])
        keeps_link = linked == core or not old.link
        start = old.end - len(before[old.start : old.end]) if not keeps_link else before.rfind(old.words, 0, old.end)
        new = core if keeps_link and old.link and old.words in before else _linked(linked, time)
        return before[: max(start, 0)] + new + before[old.end :]
    return f"{before.rstrip(' ?.')} {_linked(linked, time)}?"


def _linked(linked: str, time: TimeWords) -> str:
    if time.link or time.counted and time.unit not in ("day",):
        return linked
    if time.counted and not re.match(rf"(?i){any_of(WEEKDAYS)}", linked):
        return linked
    return f"{'on' if time.unit == 'day' else 'in'} {linked}"


def _with_thing(before: str, said: str, sure: bool) -> str:
    preposition = _PREPOSITION.match(said)
    thing = said[preposition.end() :] if preposition else said
    new = _mention_of(thing)
    old = _like(
        new, [mention for mention in mentions(before) if mention.kind != "several" or not mention.is_name], sure
    )
    if old is None:
        return ""
    written = new.text if new.is_name else thing
    if old.text.lower().startswith("the ") and not written.lower().startswith("the ") and old.is_name:
        return before[: old.start] + written + before[old.end :]
    question = re.match(r"(?i)(?:which|what|how\smany|how\smuch)\b", before[old.start : old.end])
    if question:
        return ""
    end = old.end
    more = JOINS.search(before, old.start, old.end)
    if not old.is_name and more and not JOINS.search(thing):  # "the chairman of the council", "the deputy"
        end = more.start()
    return before[: old.start] + written + before[end:]


def _mention_of(thing: str) -> Mention:
    """The thing as a mention: as in "of X", where a name by itself is no first word of a sentence."""
    lead = "It is about "
    found = [m for m in mentions(f"{lead}{thing}.") if m.start >= len(lead) - 4]
    whole = next((m for m in found if m.end >= len(lead) + len(thing) - 1), None) or (found[0] if found else None)
    if whole:
        return whole._replace(text=thing) if not whole.is_name else whole
    head = words(thing)[-1]
    is_name = thing[:1].isupper()
    return Mention(0, len(thing), thing, "name" if is_name else "thing", stem(head), is_name)


_NEAR_KINDS = {
    "country": ("country", "place", "name", "organisation"),
    "place": ("place", "country", "name"),
    "person": ("person", "name"),
    "organisation": ("organisation", "name", "country"),
    "event": ("event",),
    "name": ("name", "person", "place", "organisation", "country", "event"),
    "thing": ("thing",),
    "several": ("several",),
}


def _like(new: Mention, there: Sequence[Mention], sure: bool) -> Mention | None:
    """What the question before names of the same kind: the same noun first, then the same kind."""
    if not new.is_name and (same := [m for m in there if m.head == new.head]):
        return same[0]
    for kind in _NEAR_KINDS[new.kind]:
        if alike := [m for m in there if m.kind == kind and m.is_name == new.is_name]:
            if kind == "thing" and not sure:
                return None
            return alike[0]
    if sure and not new.is_name:
        # What is corrected is what the question was about, whatever its kind.
        phrases = [m for m in there if not m.is_name]
        return phrases[-1] if phrases else None
    return None


# --- a point of the answer, who said it, and bare question words ------------------------------------------------------

_ORDINALS = {word: n for word, n in ORDINALS.items() if n <= 10} | {"1st": 1, "2nd": 2, "3rd": 3, "last": 0, "final": 0}
_ORDINALS |= {f"{n}th": n for n in range(4, 11)}
_COUNTS = {word: n for word, n in UNITS.items() if 1 <= n <= 10}
_POINT = re.compile(
    rf"""(?xi)\b(?:the\s)?(?: (?P<nth>{any_of(_ORDINALS)})\s(?:point|item|one|part|sentence|reason|thing|bullet|fact
    |statement|finding)
    | (?:point|item|bullet|sentence|reason|number)\s(?:number\s)?(?P<number>\d{{1,2}}|{any_of(_COUNTS)}) )\b"""
)
_MORE = re.compile(
    r"(?i)^(?:(?:and|but|so|ok|okay|please|can you|could you|would you)[\s,]+)*(?:please\s)?(?:tell|more"
    r"|explain|elaborate|expand|say|go\sinto|give|what\s(?:is|was|about)"
    r"|describe|details?|i(?:'d| would)\slike|how\sabout|the\s|point\b|item\b)"
)
_LIST_ITEM = re.compile(r"(?m)^\s*(?:[-*•]|\d{1,2}[.)])\s+(?P<item>.+)$")


def _point_of(asked: str, answer: str) -> str:
    match = _POINT.search(asked)
    if not match or not _MORE.match(asked) or len(words(asked)) > 14:
        return ""
    points = [item["item"].strip() for item in _LIST_ITEM.finditer(answer)]
    if len(points) < 2:
        points = [answer[a:b] for a, b in sentence_spans(answer)]
    said = (match["nth"] or match["number"]).lower()
    at = int(said) if said.isdecimal() else (_ORDINALS | _COUNTS)[said]
    if at > len(points) or not points:
        return ""
    return f"Tell me more about this: {_short(points[at - 1])}"


def _short(point: str) -> str:
    kept = point.split()
    return " ".join(kept[:_ITEM_WORDS]) + ("..." if len(kept) > _ITEM_WORDS else "")


_WHO_SAID = re.compile(
    r"""(?xi)^(?:(?:and|but|so)[\s,]+)*(?P<who>
      who\s(?:has\s|had\s)?(?:said|says|told\s(?:them|you|us)|claimed|claims|reported|reports|announced|wrote|stated|confirmed)\s(?:that|so|this|it)
    | (?:which|what)\s(?:paper|newspaper|outlet|article|source|agency)\s(?:said|says|reported|reports|wrote|claims
    |claimed)\s(?:that|so|this|it)
    | according\sto\swhom? | says\swho | where\sdoes\sit\ssay\s(?:that|so|this) )\s*[?.!]*$"""
)


def _who_said(asked: str, answer: str) -> str:
    match = _WHO_SAID.match(asked)
    spans = sentence_spans(answer)
    if not match or not spans:
        return ""
    statement = answer[slice(*spans[0])].rstrip(" .")
    if said := re.match(
        r"(?i)(?:[\w.'-]+\s){1,6}?(?:said|says|told\s[\w' ]{1,30}?|announced|claimed|reported|wrote)\sthat\s", statement
    ):
        statement = statement[said.end() :]
    statement = _lowered(statement)
    who = match["who"]
    if not who.lower().startswith(("who", "which", "what")) or len(words(statement)) < 4:
        who = "Who said that"
    return re.sub(r"(?i)\s(?:that|so|this|it)$", "", who) + f" that {_short(statement)}?"


def _lowered(sentence: str) -> str:
    """The sentence as it stands after "that": without a capital letter where it begins with no name."""
    first = sentence.split(" ", 1)[0]
    is_plain = first.lower() in STOPWORDS or first.lower() in ("one", "two", "three", "most", "many", "several")
    return sentence[:1].lower() + sentence[1:] if is_plain and first != "I" else sentence


_BARE = re.compile(
    r"""(?xi)^(?:(?:and|but|so|ok(?:ay)?)[\s,]+)*(?P<word> when | where | why | how | since\swhen | until\swhen |
    how\slong\sago | (?:in|on|at)?\s?(?:what|which)\s
    (?:year|month|day|date|time|place|city|country|town) )(?:\sexactly|\sprecisely)?
    (?:\s(?:was|is|did|does|will|has)\s(?:that|this|all\sthis|all\sthat|it(?=\s(?:happen|take|occur|was|\?)))(?:\s(?:be|happen(?:ed)?|take\splace|taken\splace|occur(?:red)?|come\sabout|so))?
    | \s(?:so|not|exactly))?\s*[?.!]*$"""
)


# --- a name cut short -------------------------------------------------------------------------------------------------


def _named_in_full(asked: str, before: str, answer: str) -> str:
    """The question with "the summit" as "the CIS summit", where it names nothing else and that was said before."""
    here = mentions(asked)
    if any(mention.is_name for mention in here):
        return asked
    said = [*mentions(before), *mentions(" ".join(answer[a:b] for a, b in sentence_spans(answer)[:2]))]
    for mention in here:
        if not re.fullmatch(r"(?i)the\s[\w-]+", asked[mention.start : mention.end]):
            continue
        if name := answer_to_which(before, answer, mention.head):
            return asked[: mention.start] + name + asked[mention.end :]
        alike = [m for m in said if m.head == mention.head and len(m.text.split()) > 2]
        if fuller := [m for m in alike if re.search(r"[A-Z\d]", m.text)]:
            return asked[: mention.start] + fuller[0].text + asked[mention.end :]
    return asked
