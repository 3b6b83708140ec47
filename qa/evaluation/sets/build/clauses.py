"""Parses a simple sentence into subject, auxiliary and predicate, so that a question can be built from it.

Only clear sentences are parsed: a short subject without commas, then a verb from the table.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from qa.language.lexicon import UNITS, WEEKDAYS, any_of
from qa.language.text import STOPWORDS


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence in question order: "did" "the mayor" "open the bridge"."""

    subject: str
    """As written in the middle of a sentence."""
    auxiliary: str
    """ "did", or the sentence's own: "was", "will"."""
    predicate: str
    """From the verb on, in the form after the auxiliary; without the full stop."""
    told: str
    """From the verb on, as in the sentence; without the full stop."""


_IRREGULAR = dict(
    pair.split()
    for pair in """beat beat; became become; began begin; bought buy; brought bring; broke break; built build; came
        come; caught catch; chose choose; cost cost; cut cut; drew draw; drove drive; fell fall; felt feel; fled flee;
        flew fly; fought fight; found find; froze freeze; gave give; got get; grew grow; held hold; hit hit; hurt hurt;
        kept keep; knew know; laid lay; led lead; left leave; lent lend; lost lose; made make; meant mean; met meet;
        paid pay; ran run; rose rise; said say; sank sink; saw see; sent send; set set; shot shoot; showed show; shut
        shut; sold sell; sought seek; spent spend; spoke speak; stole steal; stood stand; struck strike; swore swear;
        taught teach; thought think; threw throw; told tell; took take; underwent undergo; undertook undertake; went go;
        withdrew withdraw; won win; wore wear; wrote write""".split(";")
)
_REGULAR = """accept accuse achieve acquire add address admit adopt advise agree aim air allow announce appeal appear
    appoint approve argue arrest arrive ask assess attack attend award back ban believe block bomb boost borrow call
    cancel capture carry cause celebrate change charge chair claim climb close collapse collect complain complete
    concede conclude condemn conduct confirm consider contain continue contribute convict crash create criticize
    criticise cross damage debut decide declare decline defeat defend delay deliver demand deny describe destroy detain
    develop die direct discover discuss dismiss display dissolve donate double drop earn edge elect emerge employ enact
    end endorse enter establish estimate evacuate examine exceed expand expect expel explain explode export express
    extend face fail file finish fine fire force form found gain gather handle hail halt happen head help hire host
    identify impose improve include increase indicate inform injure insist inspect install introduce invest investigate
    invite issue join jump kill land last launch leak lift list live locate lock look lower manage march mark marry
    merge mention miss move name need negotiate nominate note notice number obtain occur offer open operate oppose order
    organize organise oust outline oversee own participate pass perform plan play plead pledge plunge point post
    postpone praise predict prepare present press prevent produce promise promote propose protest provide publish pull
    push question raise rank rate reach reappoint rebuild recall receive recognize recognise recommend record recover
    recruit reduce refuse reject release remain remove rename renew reopen repair replace report represent request
    rescue resign resolve respond restore result resume retire return reveal review rule sack scare score seize select
    sentence serve settle share sign slam slip spark stage stay star start state stop stress submit succeed sue suffer
    suggest support surge surpass surrender suspend target test testify threaten top total tour train transfer travel
    treat trigger turn tweet unveil urge use vacate veto visit voice vote vow walk want warn wait welcome widen witness
    work worry wound""".split()
_DOUBLED = frozenset("admit ban drop expel permit plan rob slip stop swap".split())


def _past(base: str) -> str:
    """The past tense of a regular verb."""
    if base in _DOUBLED:
        return f"{base}{base[-1]}ed"
    if base.endswith("e"):
        return f"{base}d"
    return f"{base[:-1]}ied" if re.search(r"[^aeiou]y$", base) else f"{base}ed"


_BASES = {_past(base): base for base in _REGULAR} | _IRREGULAR
_AUXILIARIES = frozenset("is are was were will would can could must should".split())
# Words that may follow a verb. In "The planned visit" a bare noun follows, so "planned" is no verb.
_AFTER = STOPWORDS | frozenset(
    """across along among around as away back behind down forward free home inside like much near nearly out outside
    past since today toward towards underway without yesterday according ahead almost over under alongside despite
    following late early last next off public police officials people hundreds thousands millions dozens""".split()
).union(list(UNITS)[3:13])
_NO_SUBJECT = frozenset(
    """after although amid among and as at because before both but by despite during each earlier even few for from
    he her here his how however i if in instead it its last later like many meanwhile more most much my no none
    nor not now of on once one only or other others our out over she since so some still such than that their then
    there these they this those though through thus to today under unlike until we what when where whether which while
    who whose why with without yet you your asked according another also again speaking including several""".split()
)
_LINKS = frozenset("who whom whose which that while when where after before if because since although what how".split())
_LONGEST_SUBJECT = 9
_TAIL = re.compile(r";|\s[–—-]+\s|—")
_APPOSITION = re.compile(r"(?P<name>[A-Z][^,]{1,60}), (?:\d+|[a-z]+)\b[^,]{2,100}, ")


def parse(sentence: str, small: Container[str] = ()) -> Clause | None:
    """The parsed sentence; None if it does not clearly begin with a subject and a verb.

    An apposition between commas after a name is left out, and so is everything after a dash or semicolon. `small` are
    words that are not names even if they open the sentence with a capital letter.
    """
    plain = _TAIL.split(sentence, maxsplit=1)[0].removesuffix('."').rstrip(" .")
    plain += '"' * (plain.count('"') % 2)
    if apposition := _APPOSITION.match(plain):
        plain = f"{apposition['name']} {plain[apposition.end() :]}"
    first = plain.split(" ", 1)[0].lower()
    if first in _NO_SUBJECT or first.endswith("ing"):
        return None
    words = list(re.finditer(r"\S+", plain))
    for before, word in zip(words, words[1 : _LONGEST_SUBJECT + 1], strict=False):
        if not _goes_on(before[0]):
            return None
        following = plain[word.end() :].split(maxsplit=1)
        if form := _verb(word[0], following[0] if following else ""):
            subject, told = plain[: word.start()].strip(), plain[word.start() :]
            if _is_subject(subject):
                rest = plain[word.end() :].strip()
                auxiliary, verb = form
                return Clause(_inside(subject, small), auxiliary, f"{verb} {rest}".strip(), told)
    return None


def inverted(clause: Clause, predicate: str) -> str | None:
    """The clause with this predicate in question order; None if a speaker follows ("..., the mayor said").

    A second verb of the same subject is left out, because only the first changes its form in a question.
    """
    predicate = _SECOND.split(predicate, maxsplit=1)[0].rstrip(" ,.")
    if _SAID.search(predicate) or (clause.auxiliary == "did" and _OTHER.search(_LINKED.split(predicate)[0])):
        return None
    return f"{clause.auxiliary} {clause.subject} {predicate}"


_SECOND = re.compile(
    rf",? (?:and|but) (?:is|are|was|were|has|had|have|will|then|later|also|{'|'.join(_BASES)})\b|, (?:while|but)\b"
)
# "Crimes targeted at them increased": with a second verb in the past, the first was none.
_LINKED = re.compile(rf"[,:\"]|\b(?:{'|'.join(sorted(_LINKS))}|as|and|but|by)\b")
_OTHER = re.compile(rf"\s(?:{'|'.join(sorted(_BASES.keys() - _BASES.values()))})\b")
_SAID = re.compile(
    r"\b(?:said|says|told [\w ]+|reported|reports|shows?)"
    rf"(?: in an? [\w ]+| {any_of(WEEKDAYS)})?$"
)


def _goes_on(word: str) -> bool:
    """True when a subject can contain the word: no comma, bracket or quotation, and no start of another clause."""
    return word.lower() not in _LINKS and not re.search(r"[,;:()\"“”—–!?…]|(?<!\w)-", word)


def _verb(word: str, following: str) -> tuple[str, str] | None:
    """Auxiliary and verb of the question; None if the word is not a verb here."""
    if word in _AUXILIARIES:
        return word, ""
    if word == "had" and (following in ("a", "an", "no", "the") or following[:1].isdigit()):
        return "did", "have"
    bare = following.strip(",.\"'").lower()
    after = not following or following[:1].isupper() or not following[:1].isalpha() or bare in _AFTER
    return ("did", _BASES[word]) if word in _BASES and after else None


def _is_subject(subject: str) -> bool:
    """True when the words before a verb can be its whole subject."""
    last = subject.split()[-1].lower()
    return subject[0].isalnum() and last not in STOPWORDS and not last.endswith(("ly", "ing"))


def _inside(subject: str, small: Container[str]) -> str:
    """The subject as written inside a sentence: an ordinary first word is lower-cased."""
    first = subject.split()[0]
    return subject[0].lower() + subject[1:] if first.lower() in STOPWORDS or first.lower() in small else subject
