"""Questions made by rule from news: a sentence with a name or number taken out, and a passage that tells it or not."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.language.lexicon import WEEKDAYS, any_of, months
from qa.language.text import STOPWORDS

LONGEST = 6000
"""Characters of an article that are used."""
WORDS = 150
"""Words of a passage, about."""


@dataclass(frozen=True)
class Cloze:
    """A made question on a passage."""

    question: str
    passage: str
    title: str
    answer: str
    """As it stands in the passage; empty where the passage does not answer."""


_SENTENCE = re.compile(r"(?<=[.!?])[\"'”’]?\s+(?=[\"'“‘A-Z0-9])|\n+")
_THING = re.compile(
    r"(?P<number>[$£€]?\b\d[\d,.]*\d\b(?: (?:million|billion|trillion|percent|per cent))?%?|\b\d%?)"
    rf"|(?P<date>\b{any_of([*months('en'), *WEEKDAYS])}\b(?: \d{{1,2}}\b)?)"
    r"|(?P<name>(?<=[a-z,;:'’] )[A-Z][\w'-]+(?: (?:of|the|and|de|van|al) (?=[A-Z]))?(?: ?[A-Z][\w.'-]+)*)"
)


def _things(text: str) -> list[tuple[str, str]]:
    """Kind and words of each name, number and day of a sentence."""
    return [(m.lastgroup or "", m[0].rstrip(".,'")) for m in _THING.finditer(text)]


def _content(text: str) -> set[str]:
    return {w for w in re.findall(r"[a-z0-9]+", text.lower()) if w not in STOPWORDS and len(w) > 3}


def _holds(text: str, thing: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(thing)}(?!\w)", text))


def _asked(sentence: str, kind: str, thing: str, chance: random.Random) -> str:
    """The sentence as a question for the thing that stood in it."""
    found = re.search(rf"(?<!\w){re.escape(thing)}(?!\w)", sentence)
    assert found
    before, after = sentence[: found.start()].split(), sentence[found.end() :].split()
    led = before[-1].lower() if before else ""
    if kind == "date":
        word = chance.choice(["when", "what day", "when"])
        before = before[:-1] if led in ("on", "in", "since", "until", "by") else before
    elif kind == "number":
        year = re.fullmatch(r"(?:19|20)\d\d", thing)
        word = (
            chance.choice(["when", "in what year"]) if year else chance.choice(["how many", "how much", "what number"])
        )
    elif led in ("in", "at", "from", "near", "to"):
        word = chance.choice(["where", "where", "what place", "which country", "what"])
    else:
        word = chance.choice(["who", "who", "what", "which", "what company", "which person"])
    rest = [w for w in (*before, *after) if chance.random() > 0.15] if chance.random() < 0.5 else [*before, *after]
    if chance.random() < 0.6:
        return f"{word} {' '.join(rest).rstrip('.')}?"
    return f"{' '.join(before)} {word} {' '.join(after)}".strip()


def clozes(title: str, text: str, chance: random.Random, most: int) -> Iterator[Cloze]:
    """Up to `most` questions of an article that it answers elsewhere in other words, and some that nothing answers."""
    sentences = [s.strip() for s in _SENTENCE.split(text[:LONGEST]) if 5 <= s.count(" ") < 60]
    passages = list(_passages(sentences))
    if len(passages) < 2 or len(sentences) < 6:
        return
    held = [_content(" ".join(sentences[a:b])) for a, b in passages]
    queries = [(-1, title), *enumerate(sentences)]
    every = [thing for s in sentences for thing in _things(s)]
    made = 0
    order = [0, 1, 2, *chance.sample(range(3, len(queries)), len(queries) - 3)]
    for number in order:
        if made >= most:
            return
        at, sentence = queries[number]
        things = [(kind, thing) for kind, thing in _things(sentence) if _holds(sentence, thing)]
        if not things:
            continue
        kind, thing = chance.choice(things)
        words = _content(sentence.replace(thing, " "))
        inside = chance.random() < 0.2
        scored = []
        for place, (a, b) in enumerate(passages):
            own = a <= at < b
            if own != inside:
                continue
            joined = " ".join(sentences[a:b])
            scored.append((_holds(joined, thing), len(words & held[place]), joined))
        right = [(n, p) for told, n, p in scored if told and n >= max(3, 0.3 * len(words))]
        if not right:
            continue
        made += 1
        passage = max(right)[1]
        shown = title if at >= 0 and chance.random() < 0.5 else ""
        question = _asked(sentence, kind, thing, chance)
        yield Cloze(question, passage, shown, thing)
        wrong = [(n, p) for told, n, p in scored if not told and n >= 2]
        if wrong and chance.random() < 0.6:
            yield Cloze(question, max(wrong)[1], shown, "")
        others = [t for t in things if t[1] != thing and _holds(passage, t[1])]
        if others and chance.random() < 0.6:
            old_kind, old = chance.choice(others)
            fits = [t for k, t in every if k == old_kind and t not in sentence and old not in t]
            if fits:
                yield Cloze(question.replace(old, chance.choice(fits), 1), passage, shown, "")


def _passages(sentences: Sequence[str]) -> Iterator[tuple[int, int]]:
    begun = count = 0
    for number, sentence in enumerate(sentences):
        count += sentence.count(" ") + 1
        if count >= WORDS:
            yield begun, number + 1
            begun, count = number + 1, 0
    if count >= WORDS // 3:
        yield begun, len(sentences)
