"""What in a claim its evidence does not bear out: facts, quotations, negation, direction, certainty and who said it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

from qa.check.align import LONGEST, Gap, Token, align, contradict, gaps, tokens
from qa.check.evidence import Stems, Window, content, holds_words
from qa.language.dates import date_of
from qa.language.facts import Fact, find_facts, same
from qa.language.lexicon import DEMONSTRATIVES, OBJECTS, OWNERS, SAID, SUBJECTS, any_of
from qa.language.names import initials, name_matches, named_in, text_words
from qa.language.text import sentence_spans, words
from qa.types import Article, Span

# A quotation shorter than this many words is a manner of speaking.
_QUOTATION_WORDS = 3


@dataclass(frozen=True)
class Cited:
    """The evidence of a claim: the windows shown, and the spans and articles they come from."""

    windows: Sequence[Window]
    spans: Sequence[Span]
    known: frozenset[str]
    """Lower-case words that are names."""

    @cached_property
    def text(self) -> str:
        """The evidence, window after window."""
        return "\n\n".join(window.span.text for window in self.windows)

    @property
    def shown(self) -> tuple[Span, ...]:
        """The evidence that the reader is shown, best first."""
        return tuple(window.span for window in self.windows)

    @cached_property
    def articles(self) -> list[Article]:
        """Each article once."""
        return list({span.article.id: span.article for span in self.spans}.values())

    @cached_property
    def heads(self) -> str:
        """What stands above the articles: title, outlet and authors."""
        return "\n\n".join(
            head for article in self.articles for head in (article.title, article.outlet or "", *article.authors)
        )

    @cached_property
    def in_order(self) -> list[Span]:
        """The evidence in the order of the articles."""
        return sorted((window.span for window in self.windows), key=lambda span: (span.article.id, span.start))

    @cached_property
    def sentences(self) -> list[tuple[str, list[Fact]]]:
        """Each sentence of the evidence with its facts."""
        texts = [(span.text[a:b], span.article.date) for span in self.in_order for a, b in sentence_spans(span.text)]
        return [(text, find_facts(text, date, self.known)) for text, date in texts]

    @cached_property
    def all_facts(self) -> list[Fact]:
        """Facts of the evidence."""
        return [fact for _, facts in self.sentences for fact in facts]

    @cached_property
    def measures(self) -> list[Fact]:
        """Numbers and dates of the evidence and of the titles."""
        titles = [fact for article in self.articles for fact in find_facts(article.title, article.date)]
        return [fact for fact in [*self.all_facts, *titles] if fact.kind not in ("name", "quotation")]

    @cached_property
    def published(self) -> list[Fact]:
        """The days of publication."""
        days = [article.date for article in self.articles if article.date]
        return [Fact("date", 0, 0, str(day), date_of(day)) for day in days]

    @cached_property
    def tokens(self) -> list[tuple[int, Token]]:
        """The evidence word by word, each with the number of its sentence."""
        return [(i, token) for i, (text, facts) in enumerate(self.sentences) for token in tokens(text, facts)]

    @cached_property
    def near_words(self) -> list[str]:
        """Words of the evidence and of the titles, to look for names in."""
        return text_words(f"{self.text}\n\n{self.heads}")

    @cached_property
    def all_words(self) -> list[str]:
        """Words of the whole articles and of their titles."""
        return text_words("\n\n".join([self.heads, *(article.text for article in self.articles)]))

    @cached_property
    def all_initials(self) -> str:
        """The initials of the articles' names, to find acronyms in."""
        return initials("\n\n".join([self.heads, *(article.text for article in self.articles)]))


@dataclass(frozen=True, slots=True)
class Discrepancies:
    """What its evidence does not bear out, in words for the reader."""

    hard: tuple[str, ...]
    """Enough by itself to call the claim unsupported."""
    soft: tuple[str, ...]
    """Enough to withhold `supported`."""
    in_order: float
    """Share of the claim's words that the evidence has in the same order, 0 to 1."""


def find_discrepancies(claim: str, cited: Cited) -> Discrepancies:
    """Compares everything in the claim that can be compared."""
    days = {article.date for article in cited.articles}
    facts = find_facts(claim, days.pop() if len(days) == 1 else None, cited.known)
    hard: list[str] = []
    soft: list[str] = []
    for fact in facts[:LONGEST]:
        if fact.kind == "quotation":
            hard += _quotation(fact, cited)
        elif fact.kind == "name":
            _name(fact, cited, hard, soft)
        else:
            _measure(fact, cited, hard, soft)
    speaking, claimed = speakers(claim, facts), tokens(claim, facts)
    names = [content(fact.text) for fact in facts if fact.kind == "name"]
    turned_round = _only_turned_round(claim, facts, cited)
    wording = _wording(claim, claimed, cited, speaking, names, turned_round)
    hard += [*_attribution(facts, speaking, claimed, cited), *wording.hard]
    soft += [*wording.soft, *([] if turned_round else _swapped(facts, speaking, cited))]
    return Discrepancies(tuple(dict.fromkeys(hard)), tuple(dict.fromkeys(soft)), wording.in_order)


def _only_turned_round(claim: str, facts: Sequence[Fact], cited: Cited) -> bool:
    """Whether the claim is a quotation with its speaker, and the source has the two in the other order."""
    quoted = [fact for fact in facts if fact.kind == "quotation"]
    if len(quoted) != 1 or len(words(quoted[0].text)) < _QUOTATION_WORDS:
        return False
    frame = content(claim[: quoted[0].start] + claim[quoted[0].end :])
    for text, stated in cited.sentences:
        there = [fact for fact in stated if fact.kind == "quotation"]
        if len(there) == 1 and words(there[0].text)[: len(words(quoted[0].text))] == words(quoted[0].text):
            left = iter(content(text[: there[0].start] + text[there[0].end :]))
            if all(stem in left for stem in frame):
                return True
    return False


_KIND = {"number": "number", "percent": "percentage", "money": "sum", "date": "date", "time": "time"}


def _measure(fact: Fact, cited: Cited, hard: list[str], soft: list[str]) -> None:
    if any(same(fact, stated) for stated in cited.measures):
        return
    if any(same(fact, day) for day in cited.published):
        soft.append(f"{fact.text} is when the article was published; the cited passage does not give the date")
    else:
        hard.append(f"the {_KIND[fact.kind]} {fact.text} is not in the cited passage")


def _quotation(fact: Fact, cited: Cited) -> list[str]:
    if len(words(fact.text)) < _QUOTATION_WORDS or any(holds_words(fact.text, span) for span in cited.spans):
        return []
    return [f'the quotation "{fact.text}" is not verbatim']


def _name(fact: Fact, cited: Cited, hard: list[str], soft: list[str]) -> None:
    if named_in(fact.text, cited.near_words):
        return
    if named_in(fact.text, cited.all_words) or _is_short_for(fact.text, cited):
        soft.append(f"the cited sentences do not name {fact.text}")
    else:
        hard.append(f"the name {fact.text} is not in the cited article")


def _is_short_for(name: str, cited: Cited) -> bool:
    letters = name.replace(".", "")
    return len(letters) > 2 and letters.isupper() and letters in cited.all_initials


# --- order ------------------------------------------------------------------------------------------------------------


def _swapped(facts: Sequence[Fact], speaking: Sequence[str], cited: Cited) -> list[str]:
    """A reason if two names or numbers change places, for that changes who did what; only a speaker may move."""
    stated = [fact for fact in cited.all_facts if fact.kind not in ("date", "time", "quotation")][:LONGEST]
    claimed = [fact for fact in facts if fact.kind not in ("date", "time", "quotation") and fact.text not in speaking]
    for a, b in pairwise(claimed[:LONGEST]):
        first = [i for i, fact in enumerate(stated) if _alike(a, fact)]
        second = [i for i, fact in enumerate(stated) if _alike(b, fact)]
        if first and second and min(first) > max(second):
            return [f"{a.text} and {b.text} stand the other way round in the source"]
    return []


def _alike(claimed: Fact, stated: Fact) -> bool:
    if claimed.kind == stated.kind == "name":
        return _alike_names(claimed.text, stated.text)
    return same(claimed, stated)


_ROLE = r"\b(in|at|on|near|from|to|by|for|with|of|against|after)\s+(?:the\s+)?"


def _crossed(
    claim: str, claimed: Sequence[Token], pairs: Sequence[tuple[int, int]], cited: Cited, names: Sequence[Stems]
) -> Iterator[str]:
    """A reason for each two names in the other order than the source has them, everywhere it has them.

    A name with the same preposition has the same role, wherever it stands: "In Riga, ..." and "... in Riga".
    """
    there = dict(pairs)
    taken = set(there.values())
    owner = {stem: name for name in names for stem in name}
    named = [i for i, token in enumerate(claimed) if token.stem in owner]
    for at, i in enumerate(named):
        name = owner[claimed[i].stem]
        free = [j for j, (_, token) in enumerate(cited.tokens) if token.stem == claimed[i].stem and j not in taken]
        if i in there or not free or _keeps_its_part(claimed[i].text, claim, cited.text):
            continue
        before = next((k for k in reversed(named[:at]) if k in there and owner[claimed[k].stem] != name), None)
        after = next((k for k in named[at + 1 :] if k in there and owner[claimed[k].stem] != name), None)
        if before is not None and _inverted(there[before], free, cited, after=False):
            yield _round(claimed[before], claimed[i], claim)
        elif after is not None and _inverted(there[after], free, cited, after=True):
            yield _round(claimed[i], claimed[after], claim)


def _round(first: Token, second: Token, claim: str) -> str:
    return f"{_few([first], claim)} and {_few([second], claim)} stand the other way round in the source"


def _inverted(place: int, free: Sequence[int], cited: Cited, after: bool) -> bool:
    """Whether every free token in the sentence of `place` stands after it, or before it."""
    sentence = cited.tokens[place][0]
    near = [j for j in free if cited.tokens[j][0] == sentence]
    return bool(near) and all((j > place) == after for j in near)


def _keeps_its_part(word: str, claim: str, source: str) -> bool:
    mine = re.search(_ROLE + re.escape(word), claim, re.IGNORECASE)
    return bool(mine and re.search(rf"\b{mine[1]}\s+(?:the\s+)?{re.escape(word)}", source, re.IGNORECASE))


# --- wording ----------------------------------------------------------------------------------------------------------

# The most words that one reason lists.
_LISTED = 6


@dataclass(frozen=True, slots=True)
class WordingComparison:
    """What a word-by-word comparison shows."""

    hard: list[str]
    soft: list[str]
    in_order: float
    """Share of the claim's words that the evidence has in the same order, 0 to 1."""


def _wording(
    claim: str,
    claimed: Sequence[Token],
    cited: Cited,
    speaking: Sequence[str],
    names: Sequence[Stems],
    turned_round: bool,
) -> WordingComparison:
    """Compares the claim with its evidence word by word."""
    stated = [token for _, token in cited.tokens]
    pairs = align(claimed, stated)
    between = list(gaps(claimed, stated, pairs))
    turned = [*_turned(claimed, stated, pairs, between), *_opposed(between)]
    doubted = [reason for i, j in pairs for reason in _doubted(claimed[i], stated[j])]
    moving = _moving(speaking, cited)
    differing = _differing(between, {token.stem for token in stated}, moving, claim, cited.text)
    aligned = {i for i, _ in pairs}
    placed = [i in aligned for i, t in enumerate(claimed) if t.kind != "small" and (t.fact or t.stem not in moving)]
    in_order = sum(placed) / max(len(placed), 1)
    soft = [*doubted, *differing, *_from_elsewhere(claimed, pairs, cited, names)]
    if turned_round:
        return WordingComparison(turned, soft, 1.0)
    crossed = _crossed(claim, claimed, pairs, cited, [name for name in names if moving.isdisjoint(name)])
    return WordingComparison(turned, [*soft, *crossed], in_order)


def _moving(speaking: Sequence[str], cited: Cited) -> set[str]:
    """Words of speakers who speak in the evidence too: they may stand before or after what is said."""
    there = [name for text, facts in cited.sentences for name in speakers(text, facts)]
    return {word for name in speaking if any(_alike_names(name, other) for other in there) for word in content(name)}


def _turned(
    claimed: Sequence[Token], stated: Sequence[Token], pairs: Sequence[tuple[int, int]], between: Sequence[Gap]
) -> Iterator[str]:
    """A reason for each word negated on one side only, and for a "not" where the evidence has none."""
    for i, j in pairs:
        a, b = claimed[i].marks.keys() - {"hedge"}, stated[j].marks.keys() - {"hedge"}
        if a != b:
            marks = {**stated[j].marks, **claimed[i].marks}
            yield f'negation differs: "{marks[min(a ^ b)]}"'
    if not any("not" in token.marks for token in stated):
        for gap in between:
            yield from (f'negation differs: "{token.marks["not"]}"' for token in gap.claimed if "not" in token.marks)


def _opposed(between: Sequence[Gap]) -> Iterator[str]:
    for gap in between:
        for a, b in product(gap.claimed, gap.stated):
            if contradict(a.text, b.text):
                yield f"direction differs: {a.text} / {b.text}"


def _doubted(claimed: Token, stated: Token) -> Iterator[str]:
    a, b = claimed.marks.get("hedge"), stated.marks.get("hedge")
    if b and not a:
        yield f'the source is less certain: "{b}"'
    if a and not b:
        yield f'the source does not say "{a}"'


def _differing(
    between: Sequence[Gap], held: Collection[str], moving: Collection[str], claim: str, source: str
) -> list[str]:
    """The words that the evidence lacks; if none, the first place where it has other words."""
    missing: list[str] = []
    replaced: list[str] = []
    for gap in between:
        added = [token for token in gap.claimed if token.kind != "small" and (token.fact or token.stem not in moving)]
        instead = [token for token in gap.stated if token.kind != "small"]
        missing += [token.text for token in added if not token.fact and token.stem not in held]
        if added and instead:
            replaced.append(f'the source says "{_few(instead, source)}" where this says "{_few(added, claim)}"')
    if missing:
        return [f"not in the words of the cited passage: {', '.join(dict.fromkeys(missing[:_LISTED]))}"]
    return replaced[:1]


def _few(listed: Sequence[Token], text: str) -> str:
    """The first few tokens, spelled as in the text."""
    written = (re.search(rf"\b{re.escape(token.text)}\b", text, re.IGNORECASE) for token in listed[:_LISTED])
    return " ".join(found[0] if found else token.text for found, token in zip(written, listed, strict=False))


_PRONOUNS = frozenset({*SUBJECTS, *OBJECTS, *OWNERS, *DEMONSTRATIVES, "who"})


# The claim comes from a sentence of the evidence that shares this many words with it.
_ENOUGH = 3
# It comes from another sentence too that shares this part of what the first shares.
_ALSO_HOME = 0.25


def _from_elsewhere(
    claimed: Sequence[Token], pairs: Sequence[tuple[int, int]], cited: Cited, names: Sequence[Stems]
) -> list[str]:
    """A reason for a word or name from another sentence than the rest.

    None if a pronoun of the rest may stand for it, or the rest has another part of the name.
    """
    places = [(i, cited.tokens[j][0]) for i, j in pairs if claimed[i].kind != "small"]
    common = Counter(at for _, at in places)
    most = max(common.values(), default=0)
    home = {at for at, count in common.items() if count >= _ENOUGH or 1 < count == most}
    held = {other: {token.stem for at, token in cited.tokens if at == other} for other in home}
    for at in sorted(common.keys()):
        there = [claimed[i] for i, place in places if place == at]
        stems = {token.stem for token in there}
        name = next((name for name in names if stems <= set(name)), None)
        others = home - {at}
        if not others or (len(there) > 1 and not name) or (at in home and not name):
            continue
        if any(at < other and _has_pronoun(other, cited) for other in others):
            continue
        if name and any(i in _positions(name, claimed) and place in others for i, place in places):
            continue
        if any(stems <= held[other] for other in others):
            continue
        return [f'the source says "{there[0].text}" in another sentence']
    return []


def _positions(name: Stems, claimed: Sequence[Token]) -> set[int]:
    """Where the claim has the name, as numbers of its tokens."""
    size = len(name)
    starts = [i for i in range(len(claimed)) if tuple(token.stem for token in claimed[i : i + size]) == name]
    return {i + k for i in starts for k in range(size)}


def _has_pronoun(sentence: int, cited: Cited) -> bool:
    return not _PRONOUNS.isdisjoint(words(cited.sentences[sentence][0]))


# --- attribution ------------------------------------------------------------------------------------------------------

_SPEECH = any_of(SAID)
_AFTER_NAME = re.compile(
    r"(?:,[^,.\"]{1,90},|\s\([^)]{1,40}\))?(?:'s (?:office|spokes\w+))?"
    rf"(?:\s(?:also|later|has|had|then|earlier|on \w+))?\s{_SPEECH}\b"
)
_BEFORE_NAME = re.compile(rf"(?:[,\"'?!]\s?{_SPEECH}|\b[Aa]ccording to)\s(?:the\s)?(?:[\w'.-]+\s){{0,5}}$")
# How far back from a name "said the chairman of its committee" may begin.
_LOOK_BACK = 90


def speakers(text: str, facts: Sequence[Fact]) -> list[str]:
    """The names among `facts` that are said to speak."""
    return [fact.text for fact in facts if fact.kind == "name" and _speaks(text, fact)]


def _speaks(text: str, name: Fact) -> bool:
    before = text[max(0, name.start - _LOOK_BACK) : name.start]
    return bool(_AFTER_NAME.match(text, name.end) or _BEFORE_NAME.search(before))


def _attribution(
    facts: Sequence[Fact], speaking: Sequence[str], claimed: Sequence[Token], cited: Cited
) -> Iterator[str]:
    """A reason for each speaker of the claim if others speak in the sentences with most of its words."""
    names = {word for fact in facts if fact.kind == "name" for word in content(fact.text)}
    said = {token.stem for token in claimed} - names
    common = Counter(at for at, stem in {(at, token.stem) for at, token in cited.tokens} if stem in said)
    if not speaking or not common:
        return
    most = common.most_common(1)[0][1]
    homes = [at for at, count in common.items() if count == most or count >= max(_ENOUGH, most * _ALSO_HOME)]
    there = [name for at in homes for name in speakers(*cited.sentences[at])]
    for name in speaking:
        if there and not any(_alike_names(name, speaker) for speaker in there):
            yield f"these words are attributed to {name}, who does not say them there"


def _alike_names(name: str, other: str) -> bool:
    return name_matches(name, other) or name_matches(other, name)
