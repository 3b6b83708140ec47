"""Which outlet a text says it comes from: "(Reuters) -", "By The Associated Press", "originally appeared on X"."""

from __future__ import annotations

import re

_NAME = r"(?P<name>(?:[Tt]he )?[A-Z][\w.&'-]*(?: (?:of |and |& )?[A-Z][\w.&'-]*){0,4})"
_PLACE = r"[A-Z][\w ,./'-]{1,60}"
_CREDITS = [
    # LONDON, March 3 (Reuters) -     ASTANA. KAZINFORM -
    re.compile(rf"^(?:{_PLACE} )?\({_NAME}\)\s?[-–—]", re.MULTILINE),
    re.compile(rf"^{_PLACE}[.,:] (?P<name>[A-Z]{{2,15}})\s?[-–—/]", re.MULTILINE),
    # By The Associated Press     By Jane Roe, Associated Press
    re.compile(rf"^(?:By|BY) (?:[\w.' -]{{3,40}}, )?{_NAME}$", re.MULTILINE),
    re.compile(rf"\b(?:originally|first) (?:appeared|published|ran) (?:on|in|by|at) {_NAME}"),
    re.compile(rf"^\(?(?:Source|Credit|Copyright|©)(?: \d{{4}})?:? {_NAME}", re.MULTILINE),
]
_CREDIT_LINE = re.compile(
    r"(?:By|BY) [A-Z][\w.'-]*(?:,? (?:and |of )?[A-Z][\w.'-]*){0,6}"
    r"|(?:This|The) (?:article|story|report|piece) (?:was |has )?(?:originally |first )+(?:appeared|published|ran) .*"
    r"|\(?(?:Source|Credit|Copyright|©)(?: \d{4})?:? [A-Z].{0,60}"
)
_DATELINE = re.compile(rf"(?:{_PLACE} )?\([A-Z][^()\n]{{1,40}}\)\s?[-–—]+\s*|[A-Z]{{3}}[A-Z ,./'-]{{0,40}}\s[-–—]+\s+")
# The ends of a text are where it says whose it is.
_EDGE = 600
# The ways to write an agency; the first is the one it is known by here.
_AGENCIES = {
    name: names.split()[0]
    for names in """ap apnews associatedpress; afp agencefrancepresse; kazinform inform; xinhua xinhuanet; dpa
        deutschepresseagentur; ria rianovosti; tass itartass; upi unitedpressinternational; pti presstrustofindia;
        pa pressassociation pamedia; bbc bbcnews; reuters thomsonreuters""".split(";")
    for name in names.split()
}


def credits(text: str) -> set[str]:
    """The outlets that the text names as its origin, written as `outlet_names` writes them."""
    edges = [text] if len(text) <= 2 * _EDGE else [text[:_EDGE], text[-_EDGE:]]
    return {_plain(match["name"]) for edge in edges for pattern in _CREDITS for match in pattern.finditer(edge)}


def outlet_names(outlet: str) -> set[str]:
    """The ways to name an outlet or its host: "apnews.com" and "The Associated Press" share one."""
    host = outlet.lower().removeprefix("www.")
    return {name for name in (_plain(outlet), *map(_plain, host.split(".")[:-1])) if name}


def _plain(name: str) -> str:
    plain = re.sub(r"\W", "", name.lower().removeprefix("the "))
    return _AGENCIES.get(plain, plain)


def is_credit_line(sentence: str) -> bool:
    """Whether a sentence says where the text comes from and nothing else."""
    return bool(_CREDIT_LINE.fullmatch(sentence))


def without_dateline(sentence: str) -> str:
    """The sentence without the place and agency that open a report."""
    return _DATELINE.sub("", sentence, count=1) if _DATELINE.match(sentence) else sentence
