"""Aligns a claim with its evidence word by word: what both say in the same order, and where they differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qa.check.evidence import REPORTING, spelled_out
from qa.language.facts import Fact, same
from qa.language.lexicon import NEGATIONS
from qa.language.names import country
from qa.language.text import STOPWORDS, stem, words

# Each negates what follows in its own way: what someone denied may still have happened.
_REFUSAL = {
    form: word
    for word, forms in {
        "deny": "deny denies denied denying denial",
        "refuse": "refuse refuses refused refusing refusal decline declines declined",
        "fail": "fail fails failed failing failure",
    }.items()
    for form in forms.split()
}
_REFUSALS = frozenset(_REFUSAL.values())
_HEDGES = frozenset(
    """may might could would should alleged allegedly reportedly possibly probably perhaps likely unlikely expected
        planned plans plan proposed proposal proposes threatened suspected potential potentially considering
        claims claimed rumoured rumored if unless whether former attempted partly partially so-called""".split()
)
# Words that a "not" skips on its way to the word it negates.
_PASSED = frozenset("longer yet even ever any much necessarily".split())
# Each row has two sides that contradict each other.
_OPPOSITES = """
    rise rises rose risen rising increase increases increased increasing grow grows grew grown growing growth climb
        climbed jump jumped surge surged soar soared gain gained up higher more above over expand expanded raise
        raised | fall falls fell fallen falling decrease decreased decreasing decline declined drop dropped shrink
        shrank shrinking plunge plunged slump slumped lose lost slide slid down lower lowered less fewer below under
        reduce reduced cut cuts ;
    win wins won victory winner beat defeated | lose loses lost defeat loser ;
    before prior earlier early | after following later since late ;
    accept accepted accepts approve approved agree agreed pass passed adopt adopted | reject rejected rejects refuse
        refused disapprove veto vetoed disagree disagreed ;
    support supported supports back backed favour favor for | oppose opposed opposes against ;
    allow allowed allows permit permitted legalise legalize legal lawful | ban banned bans prohibit prohibited
        forbid illegal unlawful outlaw outlawed ;
    begin began begins begun start started starts open opened launch launched | end ended ends finish finished close
        closed stop stopped ;
    join joined joins enter entered arrive arrived | leave left leaves quit exit exited depart departed ;
    buy buys bought purchase purchased | sell sells sold ;
    import imports imported | export exports exported ;
    guilty convicted | innocent acquitted cleared ;
    arrest arrested detain detained jailed | release released freed ;
    alive survived | dead died killed ;
    high highest largest biggest most best maximum top | low lowest smallest least worst minimum bottom ;
    strengthen strengthened improve improved strong stronger | weaken weakened worsen worsened weak weaker ;
    profit profits surplus | loss losses deficit ;
    north northern | south southern ;
    east eastern | west western ;
    hire hired appoint appointed | fire fired sack sacked dismiss dismissed resign resigned ;
    confirm confirmed confirms admit admitted | deny denied denies ;
    likely possible | unlikely impossible ;
    man men boy male husband father son brother | woman women girl female wife mother daughter sister ;
    first | last ;
    ally allies friend | enemy rival foe ;
    success succeed succeeded successful | failure fail failed ;
    attack attacked | defend defended ;
    good better best | bad worse worst ;
    long longer | short shorter ;
    morning | evening
"""
POLES: dict[str, set[tuple[int, int]]] = {}
for _row, _pair in enumerate(_OPPOSITES.split(";")):
    for _side, _group in enumerate(_pair.split("|")):
        for _word in _group.split():
            POLES.setdefault(_word, set()).add((_row, _side))


@dataclass(frozen=True, slots=True)
class Token:
    """A word that says something, or a whole number or date."""

    kind: Literal["word", "fact", "small"]
    """"small" is a function word that only counts when its opposite stands in its place: up, after, more."""
    text: str
    stem: str
    marks: Mapping[str, str]
    """What negates it or makes it uncertain ("not", "deny", "hedge" ...), each with the word that does so."""
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """The unaligned tokens of both sides between two aligned ones, or at an end."""

    claimed: tuple[Token, ...]
    stated: tuple[Token, ...]


def tokens(text: str, facts: Sequence[Fact]) -> list[Token]:
    """The tokens of a text; each number-like fact is one token."""
    found: list[Token] = []
    marks: dict[str, str] = {}
    at = 0
    for fact in [fact for fact in facts if fact.kind not in ("name", "quotation")]:
        found += _words(text[at : fact.start], marks)
        found.append(Token("fact", fact.text, "", dict(marks), fact))
        marks.clear()
        at = fact.end
    return found + list(_words(text[at:], marks))


def _words(text: str, marks: dict[str, str]) -> Iterator[Token]:
    """The tokens of a stretch without facts; `marks` holds what waits for the next word, before and after."""
    first, *rest = _PAUSE.split(spelled_out(text))
    yield from _piece(first, marks)
    for piece in rest:
        # "The mechanism fails, ..." and "It is not over, and ..." negate nothing that follows.
        for mark in list(marks) if piece.split(None, 1)[:1] in _NEW_CLAUSE else _REFUSALS & marks.keys():
            marks.pop(mark, None)
        yield from _piece(piece, marks)


_NEW_CLAUSE = (["and"], ["but"], ["while"], ["who"], ["which"], ["so"], ["yet"])
_PAUSE = re.compile(r"[,;:.!?()–—]+(?!\d)")


def _piece(text: str, marks: dict[str, str]) -> Iterator[Token]:
    for word in words(text):
        if word in NEGATIONS:
            marks["not again" if "not" in marks else "not"] = word
        elif word in _HEDGES:
            marks["hedge"] = word
        elif word in STOPWORDS or word in REPORTING:
            if word in POLES:
                yield Token("small", word, word, {})
            if "not" in marks and word in ("only", "just"):
                marks["not only"] = marks.pop("not")
        else:
            passed = word in _PASSED or word.endswith("ly")
            yield Token("word", word, country(word) or stem(word), {} if passed else dict(marks))
            if not passed:
                marks.clear()
            if word in _REFUSAL:
                marks[_REFUSAL[word]] = word


# At most this many tokens of each side are aligned, for the table has a cell for each pair. The rest counts as not
# borne out.
LONGEST = 400


def align(claimed: Sequence[Token], stated: Sequence[Token]) -> list[tuple[int, int]]:
    """Positions of a longest common subsequence; of several, the one nearest the end of the evidence."""
    equal = _equal(claimed[:LONGEST], stated[:LONGEST])
    width = min(len(stated), LONGEST)
    start = 0
    while start < min(len(equal), width) and equal[start][start]:
        start += 1
    table = [[0] * (width + 1 - start)]
    for row in equal[start:]:
        above, line, left = table[-1], [0], 0
        for j, is_equal in enumerate(row[start:]):
            left = above[j] + 1 if is_equal else max(above[j + 1], left)
            line.append(left)
        table.append(line)
    pairs = []
    i, j = len(equal) - start, width - start
    while i and j:
        if table[i][j] == table[i - 1][j]:
            i -= 1
        elif table[i][j] == table[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((start + i, start + j))
    return [(at, at) for at in range(start)] + pairs[::-1]


def _equal(claimed: Sequence[Token], stated: Sequence[Token]) -> list[list[bool]]:
    """For each token of the claim, the tokens of the source with the same stem or the same fact."""
    stems = [token.stem for token in stated]
    facts = [token.fact for token in stated]
    return [
        [other is not None and same(token.fact, other) for other in facts]
        if token.fact
        else [token.stem == other for other in stems]
        for token in claimed
    ]


def gaps(claimed: Sequence[Token], stated: Sequence[Token], pairs: Sequence[tuple[int, int]]) -> Iterator[Gap]:
    """The gaps between aligned pairs that are not empty."""
    i = j = 0
    for a, b in [*pairs, (len(claimed), len(stated))]:
        if a > i or b > j:
            yield Gap(tuple(claimed[i:a]), tuple(stated[j:b]))
        i, j = a + 1, b + 1


def contradict(word: str, other: str) -> bool:
    """Whether two words are opposites."""
    return any((row, 1 - side) in POLES.get(other, ()) for row, side in POLES.get(word, ()))
