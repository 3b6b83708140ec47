"""Puts in place of a pronoun what it stands for: somebody or something that the conversation named."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.ask.understand.leaning import open_pronouns
from qa.ask.understand.mentions import Kind, Mention, mentions
from qa.ask.understand.time_words import find_time_words
from qa.language.lexicon import OWNERS, SUBJECT_OF
from qa.language.text import STOPWORDS, sentence_spans, stem

# What each pronoun may stand for, the likelier kinds first.
_PERSON: tuple[Kind, ...] = ("person", "name")
_THING: tuple[Kind, ...] = ("event", "organisation", "thing", "country", "name", "place")
_MANY: tuple[Kind, ...] = ("several", "organisation", "country", "person", "name")
_KINDS: dict[str, tuple[Kind, ...]] = (
    {form: {"it": _THING, "they": _MANY}.get(subject, _PERSON) for form, subject in SUBJECT_OF.items()}
    | dict.fromkeys(("this", "that"), _THING)
    | dict.fromkeys(("these", "those"), _MANY)
    | {"there": ("place", "country", "event")}
)
_ASKS_WHO = re.compile(r"(?i)^(?:(?:by|from|to|with|for|of)\s)?(?:who|whom|whose)\b")
_ASKS_WHICH = re.compile(
    r"(?i)^(?:(?:in|at|by|from|to|with|for|of|on)\s)?(?:which|what)\s(?!(?:is|are|was|were|did|does|do|has|have|will|would|can|could)\b)"
)
_ASKS_WHERE = re.compile(r"(?i)^(?:where\b|(?:in|at|to|from)\s(?:which|what)\s)")
_TAKES_PLACE = re.compile(
    r"(?i)\b(?:held|take\splace|took\splace|happen(?:ed)?|organi[sz]ed|opened?|begin|began|start(?:ed)?|end(?:ed)?|last(?:ed)?|attend(?:ed)?|host(?:ed)?)\b"
)
_THAT_TIME = re.compile(
    r"(?i)\b(?:then(?=\s*[?.!]|$)|at\sthat\stime|on\sthat\sday|that\s(?:same\s)?(?:day|week|month|year)|in\sthat\syear)\b"
)


def resolved(asked: str, said: Sequence[tuple[str, str]]) -> str:
    """The question with its pronouns replaced; "" where nothing was said that one of them could stand for.

    `said` are the questions and answers before, the last one first.
    """
    text, found = _with_the_time(asked, said)
    pronouns = [p for p in open_pronouns(text) if _stands_for_something(text, p)]
    names: dict[str, str] = {}
    for pronoun in pronouns:
        group = SUBJECT_OF.get(pronoun[0].lower(), pronoun[0].lower())
        if group in names:
            continue
        if noun := _noun_after(text, pronoun):
            name = _with_noun(noun, said)
        else:
            name = _antecedent(text, pronoun, said, taken=names.values())
        if not name:
            return ""
        names[group] = name
    for pronoun in reversed(pronouns):
        group = SUBJECT_OF.get(pronoun[0].lower(), pronoun[0].lower())
        first = next(p for p in pronouns if SUBJECT_OF.get(p[0].lower(), p[0].lower()) == group)
        if pronoun is first:
            text = _replaced(text, pronoun, names[group])
            found = True
    return text if found else ""


def _stands_for_something(text: str, pronoun: re.Match[str]) -> bool:
    """Whether a noun can take its place; what "that" stands for in "Why did he say that?" is a whole sentence."""
    said = pronoun[0].lower()
    return said != "then" and (
        said not in ("this", "that") or bool(_noun_after(text, pronoun)) or _is_subject(text, pronoun)
    )


def _with_the_time(asked: str, said: Sequence[tuple[str, str]]) -> tuple[str, bool]:
    match = _THAT_TIME.search(asked)
    if not match:
        return asked, False
    for question, answer in said:
        for source in (question, answer):
            if times := find_time_words(source):
                time = times[0]
                worded = source[time.start : time.end]
                if not time.link and not time.counted:
                    worded = f"{'on' if time.unit == 'day' else 'in'} {worded}"
                if re.search(r"(?i)\b(?:for|on|in|at|by|since|until|before|after|from)\s$", asked[: match.start()]):
                    worded = time.words
                return asked[: match.start()] + worded + asked[match.end() :], True
    return asked, False


def _noun_after(text: str, pronoun: re.Match[str]) -> str:
    """The noun of "that meeting", "these talks"; none of an owner's."""
    if pronoun[0].lower() not in ("this", "that", "these", "those"):
        return ""
    match = re.match(r"\s([\w-]+)", text[pronoun.end() :])
    if (
        not match
        or match[1].lower() in STOPWORDS
        or re.fullmatch(r"(?i)\w+ed|held|made|said|true|possible|done|important|mean|happen", match[1])
    ):
        return ""
    return match[1]


def _with_noun(noun: str, said: Sequence[tuple[str, str]]) -> str:
    head = stem(noun.lower())
    for question, answer in said:
        for mention in [*mentions(question), *mentions(_opening_of(answer))]:
            if mention.head == head:
                return mention.text
    return ""


def _antecedent(text: str, pronoun: re.Match[str], said: Sequence[tuple[str, str]], taken: object = ()) -> str:
    kinds = _KINDS[pronoun[0].lower()]
    is_subject = _is_subject(text, pronoun)
    if kinds is _THING and not _TAKES_PLACE.search(text):
        kinds = ("organisation", "thing", "event", "country", "name", "place")
    for question, answer in said:
        asked_for = _asked_for(question, answer, kinds, pronoun[0].lower())
        if asked_for:
            return asked_for.text
        if kinds is _MANY and (counted := [m for m in mentions(question) if m.kind == "several"]):
            return counted[0].text
        in_question = [m for m in mentions(question) if m.kind in kinds and not _is_question_word(question, m)]
        if chosen := _chosen(in_question, kinds, is_subject, pronoun[0].lower()):
            return chosen.text
        in_answer = [m for m in mentions(_opening_of(answer)) if m.kind in kinds]
        if chosen := _chosen(in_answer, kinds, True, pronoun[0].lower()):
            return chosen.text
    return ""


def _opening_of(answer: str) -> str:
    return " ".join(answer[a:b] for a, b in sentence_spans(answer)[:2])


def _is_question_word(question: str, mention: Mention) -> bool:
    return bool(re.match(r"(?i)(?:which|what|how\smany|how\smuch)\b", question[mention.start : mention.end]))


def _asked_for(question: str, answer: str, kinds: Sequence[Kind], pronoun: str) -> Mention | None:
    """What the answer names because the question asked for it: after "Who ...?" it is whom "he" stands for."""
    who = kinds is _PERSON and _ASKS_WHO.match(question) and not _says_who(question)
    where = pronoun == "there" and _ASKS_WHERE.match(question)
    which = kinds not in (_PERSON, _MANY) and _ASKS_WHICH.match(question)
    if not (who or where or which):
        return None
    new = [m for m in _names_in(answer) if m.is_name and m.text.lower() not in question.lower()]
    if which and not where:
        new = [m for m in new if m.kind not in ("person", "several")]
    fitting = [m for m in new if m.kind in kinds]
    return fitting[0] if fitting else None


_WHO_IS = re.compile(r"(?i)^who\s(?:is|was|are|were)\s")


def _says_who(question: str) -> bool:
    """Whether it names whom it asks about, as "Who is Ida Berg?" does and "Who is the mayor?" does not."""
    opening = _WHO_IS.match(question)
    return bool(opening) and any(m.is_name and m.start == opening.end() for m in mentions(question) if opening)


_FIRST_WORD = re.compile(
    r"(?P<name>[A-Z][\w-]*[^\Ws])\s(?:\w+ed|is|was|has|had|will|took|won|made|gave|sent|sold|bought|held|left|lost|beat)\b"
)


def _names_in(answer: str) -> list[Mention]:
    """What the answer to "Who" or "Which" names: the word it opens with, too, where that does something."""
    opening = _opening_of(answer)
    first = _FIRST_WORD.match(opening)
    known = {first["name"].lower()} if first and first["name"].lower() not in STOPWORDS else set()
    return mentions(opening, known)


def answer_to_which(question: str, answer: str, head: str) -> str:
    """What the answer names, to a question that asked which of such things; `head` is the stem of their noun."""
    asked = next((m for m in mentions(question) if m.start == 0 and m.head == head), None)
    if not asked or not _ASKS_WHICH.match(question):
        return ""
    new = [m for m in _names_in(answer) if m.is_name and m.text.lower() not in question.lower()]
    return new[0].text if new else ""


def _chosen(there: Sequence[Mention], kinds: Sequence[Kind], is_subject: bool, pronoun: str) -> Mention | None:
    """The first that is named where the pronoun is a subject, the last where it is none; names before descriptions."""
    if not there:
        return None
    if kinds is _PERSON or kinds is _MANY:
        for kind in kinds:
            if alike := [m for m in there if m.kind == kind]:
                named = [m for m in alike if m.is_name] or alike
                return named[0] if is_subject or kinds is _MANY else named[-1]
        return None
    if pronoun == "there":
        return there[-1]
    events = [m for m in there if m.kind == "event"]
    if kinds[0] == "event" and events:
        return events[-1]
    if is_subject:
        ranked = sorted(there, key=lambda m: m.kind in ("place",))
        return ranked[0]
    objects = [m for m in there if m.kind != "place"] or list(there)
    return objects[-1]


def _is_subject(text: str, pronoun: re.Match[str]) -> bool:
    if pronoun[0].lower() in ("him", "them"):
        return False
    before = text[: pronoun.start()].rstrip().lower()
    return bool(
        re.search(
            r"(?:^|\b(?:did|does|do|will|would|can|could|should|is|are|was|were|has|have|had|that|if|because|and|but|what|who|when|why))$",
            before,
        )
    )


def _replaced(text: str, pronoun: re.Match[str], name: str) -> str:
    said = pronoun[0].lower()
    start, end = pronoun.span()
    after = re.match(r"\s([\w'-]+)", text[end:])
    owns = said in OWNERS and (said != "her" or (after is not None and after[1].lower() not in STOPWORDS))
    if said in ("this", "that", "these", "those") and (noun := _noun_after(text, pronoun)):
        end += 1 + len(noun)
    if owns:
        name += "'" if name.endswith("s") else "'s"
    elif said == "there":
        has_preposition = re.search(r"(?i)\b(?:from|near|around|in|to|over)\s$", text[:start])
        is_place = name[0].isupper() or _kind(name) == "place"
        name = name if has_preposition else f"{'in' if is_place else 'at'} {name}"
    return text[:start] + name + text[end:]


def _kind(name: str) -> Kind | None:
    found = mentions(name)
    return found[0].kind if found else None
