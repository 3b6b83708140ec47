"""Names as a reader would list them: whole, and without the office or the headline word that stands before them.

`find_names` is made for comparing texts, and what it finds is what the fitted models read. It cuts "New York" down to
"York", "Bank of England" down to "Bank", and takes "Climate" of "the envoy for Climate John Kerry" for his first name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.language.names import NO_NAMES, ORDINARY, PARTICLES, bare_word, first_words, is_title
from qa.language.text import NAME_WORD, STOPWORDS

_ROLES = frozenset(
    """republican democrat democratic actor actress singer rapper comedian author writer journalist reporter
    correspondent columnist anchor host producer filmmaker cfo coo cto cio gm qb mvp founder co-founder co-chair
    billionaire executive superintendent coroner manager owner striker midfielder defender goalkeeper quarterback
    linebacker receiver pitcher driver skipper analyst economist scientist astronaut lawyer prosecutor
    congressmember assemblyman assemblywoman councilman councilwoman councillor alderman lawmaker delegate whip
    policeman co-host leader commander provost consort mp vice-president administrator adviser advisor aide
    treasurer principal teacher pastor rabbi imam gunman suspect victim champion ap afp""".split()
)
"""What somebody is, before the name, beside the titles that every text reads; and agencies of a dateline."""
_ROYAL = frozenset("king queen prince princess pope saint duke duchess emperor".split())
"""Belongs to the name that follows: nobody is called Charles III alone."""
_SURNAMES = frozenset("king kings judge prince pope bishop dean cardinals royals generals".split())
"""A title that is a name where it follows one: Aaron Judge, Sacramento Kings."""
_PORTFOLIOS = frozenset(
    """state defense defence health homeland security transportation transport energy commerce labor labour education
    interior treasury agriculture veterans housing foreign finance justice climate environment trade culture economy
    affairs national intelligence human services urban development international public""".split()
)
"""What somebody is minister of or envoy for: no first name of theirs."""
_BODIES = frozenset(
    """committee party conference association assembly council caucus convention office department club cup court
    center centre motors electric dynamics mills union federation agency service services league institute board
    commission group company corp inc bank university college school hospital foundation society""".split()
)
"""Ends the name of something that people belong to, whatever stands before it."""
_FOR = frozenset(
    """center centers centre centres institute institutes committee council foundation fund association academy
    campaign ministry department office coalition alliance society""".split()
)
"""What "for" joins to what follows: Centers for Disease Control."""
_OF = _FOR | frozenset(
    """departments bank university college school museum library bureau board court church cathedral union federation
    league organization organisation republic kingdom states port gulf bay cape isle strait sea battle bill
    declaration treaty duke duchess prince princess earl brotherhood commission agency game lord lords heads chiefs
    conservatory chamber house hall tower statue festival call""".split()
)
"""What "of" joins to what follows: Bank of England; but not Mark Kelly of Arizona."""
_AND = frozenset(
    """securities food customs control health arts science sciences immigration alcohol energy budget oversight oceanic
    aeronautics ways armed banking turks trinidad bosnia antigua procter johnson standard marks""".split()
)
"""What "and" joins to what follows: Securities and Exchange Commission."""
_SMALL_WORDS = {"of": _OF, "for": _FOR, "and": _AND}
_GROUPS = frozenset("women men girls boys children people veterans players workers writers correspondents".split())
"""Whose own things carry them in their name: the Women's Open."""
_BEFORE_ROLES = frozenset(
    """vice prime former foreign defense defence interior finance press executive acting deputy chief district senior
    minority majority crown associate assistant""".split()
)
"""Part of what somebody is, where a role follows."""
_ALONE = (
    _BODIES
    | _OF
    | _PORTFOLIOS
    | frozenset(
        """house district city county black white west east north south northern southern eastern western central
        latino latina hispanic christian christians muslim muslims jewish catholic catholics islamic arab arabs
        conservative liberal communist category phase section chapter season episode day days week
        part title group""".split()
    )
)
"""Says nothing by itself: the Court, the Department, 9 a.m. ET."""
_ZONES = frozenset("est edt et gmt bst pt pst pdt ct cst mst".split())
_IN_NAMES = frozenset("new national federal international global local public private".split())
"""Ordinary at the beginning of a sentence, and all the same the first word of many names."""
_BESIDE = frozenset("beneath underneath alongside aboard atop read".split())
_OPENING = (ORDINARY | STOPWORDS | _BESIDE) - _IN_NAMES
"""Opens a sentence and is no part of the name that follows."""
_OFFICE = re.compile(r"(?i)\b([\w-]+) (?:of|for)(?: the)? \Z")
_PARTY = re.compile(r"[DRI]-[A-Z]")
_JOINING = frozenset("a an and as at but by for from in of on or the to with".split())
"""Small in a headline too."""


@dataclass(frozen=True, slots=True)
class WholeName:
    """A name in a sentence."""

    text: str
    is_first: bool
    """True where it opens the sentence, so that the capital of its first word says nothing."""


def whole_names(sentence: str) -> list[WholeName]:
    """The names of a sentence of running text, in order; of a headline none."""
    if _is_headline(sentence):
        return []
    first = first_words(sentence)
    found = []
    for run in _runs(sentence):
        for piece in _without_roles(_without_portfolio(sentence, run)):
            if kept := _trimmed(piece, first):
                found.append(WholeName(_text(sentence, kept), kept[0].start() in first))
    return found


Tokens = Sequence[re.Match[str]]


def _is_headline(sentence: str) -> bool:
    """Whether every word but the smallest has a capital: these mark no names."""
    words = [token[0] for token in NAME_WORD.finditer(sentence) if token[0] not in _JOINING]
    return len(words) > 3 and not any(word[0].islower() for word in words)


def _runs(sentence: str) -> Iterator[Tokens]:
    """Neighbouring words with a capital, and the small ones that join them; a possessive 's ends a run."""
    run: list[re.Match[str]] = []
    joining: list[re.Match[str]] = []
    for token in NAME_WORD.finditer(sentence):
        if run and (not _touch(sentence, (joining or run)[-1], token) or _is_owner(run, joining) or token[0] == "The"):
            yield run
            run, joining = [], []
        if _may_be_named(token[0]):
            run += [*joining, token]
            joining = []
        elif run and _joins(run, joining, token[0]):
            joining.append(token)
        elif run:
            yield run
            run, joining = [], []
    if run:
        yield run


def _touch(sentence: str, before: re.Match[str], token: re.Match[str]) -> bool:
    """Whether only a space separates two words, and any full stop is that of an initial, acronym or title."""
    word = before[0]
    if sentence[before.end() : token.start()] != " ":
        return False
    return (
        not word.endswith(".")
        or len(word) == 2
        or word.count(".") > 1
        or is_title(bare_word(word))
        or word in ("St.", "Jr.", "vs.")
    )


def _is_owner(run: Tokens, joining: Tokens) -> bool:
    """Whether the run is whose that is which follows; but St. Peter's Basilica is one name."""
    word = run[-1][0]
    is_own = bare_word(word) in _GROUPS or (len(run) > 1 and run[-2][0] in ("St.", "St"))
    return not joining and word.endswith(("'s", "’s", "'", "’")) and not is_own


def _may_be_named(word: str) -> bool:
    """Whether a word looks like part of a name: a capital in each of its parts, and no day, party or time."""
    bare = bare_word(word)
    if bare in NO_NAMES or _PARTY.match(word) or bare.endswith("n't") or re.split("['’]", bare)[0] in ("i", "it", "we"):
        return False
    parts = [part for part in re.split(r"[-&]", word) if part and part not in PARTICLES and part != "a"]
    return bool(parts) and all(part[0].isupper() or (part[0].isdigit() and part != parts[0]) for part in parts)


def _joins(run: Tokens, joining: Tokens, word: str) -> bool:
    """Whether a small word may stand within the name that the run has begun."""
    if word in ("v.", "vs."):
        return not joining
    if word in PARTICLES:
        return True
    if joining:
        return word == "the" and joining[-1][0] in ("of", "for")
    joined = {token[0] for token in run if token[0] in ("of", "for")}
    return bare_word(run[-1][0]) in _SMALL_WORDS.get(word, ()) or (word in ("of", "for") and bool(joined - {word}))


def _without_portfolio(sentence: str, run: Tokens) -> Tokens:
    """The run without what somebody is minister of: "the envoy for Climate John Kerry" names John Kerry."""
    office = _OFFICE.search(sentence, 0, run[0].start())
    if not office or not _is_role(bare_word(office[1])):
        return run
    start = next((at for at, token in enumerate(run) if bare_word(token[0]) not in _PORTFOLIOS), len(run))
    return run[start:]


def _is_role(word: str) -> bool:
    return is_title(word) or word in _ROLES


def _without_roles(run: Tokens) -> Iterator[Tokens]:
    """The run cut at what somebody is: "Yankees GM Brian Cashman" names the Yankees and Brian Cashman."""
    if not run or bare_word(run[-1][0]) in _BODIES:
        yield run
        return
    piece: list[re.Match[str]] = []
    for at, token in enumerate(run):
        word = bare_word(token[0])
        is_last = at + 1 == len(run)
        is_joined = not is_last and run[at + 1][0] in ("of", "for")
        is_surname = is_last and word in _SURNAMES and 0 < len(piece) < 3
        if not _is_role(word) or is_joined or is_surname:
            piece.append(token)
            continue
        while piece and bare_word(piece[-1][0]) in _BEFORE_ROLES:
            piece.pop()
        yield piece
        piece = [token] if word in _ROYAL and not is_last else []
    yield piece


def _trimmed(piece: Tokens, first: set[int]) -> Tokens:
    """The piece without function words at its ends and, where it opens a sentence, without an ordinary first word."""
    start, end = 0, len(piece)
    while start < end and (
        bare_word(piece[start][0]) in (_OPENING if piece[start].start() in first else STOPWORDS | PARTICLES)
        and not _is_acronym(piece[start][0])
    ):
        start += 1
    while start < end and bare_word(piece[end - 1][0]) in STOPWORDS and not _is_acronym(piece[end - 1][0]):
        end -= 1
    kept = piece[start:end]
    return [] if _is_nothing(kept) else kept


def _is_nothing(name: Tokens) -> bool:
    """Whether it is a common word with a capital, or a list of shares: American AAL United UAL Delta DAL."""
    acronyms = sum(_is_acronym(token[0]) for token in name)
    if len(name) == 1:
        word = bare_word(name[0][0])
        return not acronyms and (word in _ALONE or word in ORDINARY or len(word) < 2) or word in _ZONES
    return len(name) > 4 and acronyms > 1


def _is_acronym(word: str) -> bool:
    letters = word.replace(".", "")
    return len(letters) > 1 and letters.isupper()


def _text(sentence: str, tokens: Tokens) -> str:
    text = sentence[tokens[0].start() : tokens[-1].end()]
    last = tokens[-1][0]
    if last.endswith(".") and last.count(".") == 1 and len(last) > 2 and last not in ("Jr.", "Sr."):
        text = text[:-1]
    return re.sub(r"(?:['’]s|['’])\Z", "", text)
