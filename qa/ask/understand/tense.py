"""Says whether a question asks how things stand now, so that newer articles count more."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from qa.ask.understand.calendar import shifted
from qa.ask.understand.time_words import TimeWords
from qa.language.lexicon import OWNERS, SEASONS, any_of

LATELY = 31
"""Days that "now" reaches back: a question about last month is still put in the present tense."""

_NOW = re.compile(
    r"""(?xi)\b(?: currently | now (?!\sdefunct|\sfamous|\sknown) | nowadays | at\spresent | at\sthe\smoment |
    presently | right\snow
    | latest | newest | most\srecent(?:ly)? | recent(?:ly)? | lately | of\slate | these\sdays | so\sfar | to\sdate
    | today | tonight
    | still | yet | ongoing | current | incumbent | up\sto\sdate | breaking | as\sof\s(?:now|today) | this\s(?:week
    |month|year|morning|weekend)
    | until\snow | till\snow | up\sto\snow | новейш\w+ | последни[еяйх]+ | сейчас | теперь | сегодня |
    на\sданный\sмомент | пока | нынешн\w+ )\b"""
)
# "Still" and "yet" of a past, "now" of a story.
_THEN = re.compile(
    rf"""(?xi)\b(?: was | were | did | had | used\sto | former(?:ly)? | originally | previously | historically |
    back\sthen
    | at\sthe\stime | in\sthe\spast | ago | founded | born | first | once | invented | discovered | ended\sup |
    in\sthose\sdays
    | last\s(?:year|decade|century|{any_of(SEASONS)}) | был[аои]? | раньше | основан\w* | впервые )\b"""
)
_PRESENT_VERB = (
    r"(?:is|are|isn't|aren't|has|have|hasn't|haven't|does|do|doesn't|don't|can|will|won't|may|must|should|am)"
)
_OPENING = r"^(?:(?:and|but|so|or|also|ok|please|well)[\s,]+)*"
_ASKED_NOW = re.compile(
    rf"""(?xi){_OPENING}(?:
      {_PRESENT_VERB}\s
    | (?:who|what|where|when|why|how)(?:'s|'re|\s{_PRESENT_VERB}\b)
    | (?:which|what|whose|how\s(?:many|much|old|long|far|big|high|large|often))\s(?:(?!(?:was|were|did
    |had)\b)[\w'.&-]+\s){{0,7}}?{_PRESENT_VERB}\s
    | (?:to|in|at|on|for|from|by|with|of|under)\s(?:which|what|whom|whose)\s(?:(?!(?:was|were|did
    |had)\b)[\w'.&-]+\s){{0,6}}?{_PRESENT_VERB}\s
    | who\s(?!was\b)(?:\w+ly\s)?[a-z]+(?<!ss)s\s
    | (?:which|what)\s[a-z]+(?:\s[a-z]+)?(?<!s)\s(?!was\b)[a-z]{{3,}}(?<!ss)s\s(?:the|a|an|{any_of(OWNERS)}|this
    |these|that|to|for|in|at|from|most)\b
    | кто\s(?:является|возглавляет|руководит) | кто\s(?:сейчас|теперь) | сколько\s(?:стоит|людей\sживет) )"""
)
# The state of the world does not change these.
_TIMELESS = re.compile(
    r"""(?xi)\b(?: mean(?:s|ing)? | stand(?:s)?\sfor | definition | abbreviation | acronym | spell(?:ed)? |
    pronounce[ds]? | capital\sof
    | born | etymology | translat\w+ )\b"""
)


_NEWEST = re.compile(r"\s(?:latest|newest|most recent|current)\b", re.I)


def without_time(text: str, words: str) -> str:
    """The question without the `words` of its time, where they are no date, and without "latest" and its like.

    For the network that reads: it sees one passage and no day, and what was found has been chosen by its day already.
    """
    named = words if words and not any(sign.isdigit() for sign in words) else ""
    left = re.sub(rf"\s?\b{re.escape(named)}\b", "", text) if named else text
    return _NEWEST.sub("", left) if len(left.split()) > _FEWEST else text


_FEWEST = 3
"""Words of a question of which some may go."""


def asks_of_now(text: str, said: Sequence[TimeWords] = (), asked: dt.date | None = None) -> bool:
    """True if the question asks how things stand at the time it is asked.

    The rule, first match first. (1) Days that lie more than LATELY back, a year where nobody knows the day of asking,
    and years long past make it a question of the past. (2) Words of now ("currently", "latest", "this week", "so far",
    "still") make it one of the present, unless "still" and "yet" stand beside a past tense. (3) Words of the past
    ("was", "did", "first", "founded", "former", "ago") make it one of the past. (4) What never changes ("what does CIS
    stand for") is neither. (5) A main verb in the present or future ("Who is", "How many ... have", "Which country
    hosts the") makes it one of the present. Everything else, a bare list of words too, is not.
    """
    if any(_is_past(words, asked) for words in said):
        return False
    then = _THEN.search(text)
    for now in _NOW.finditer(text):
        if now[0].lower() not in ("still", "yet", "now", "first") or not then:
            return True
    if then or _TIMELESS.search(text):
        return False
    return bool(_ASKED_NOW.search(text))


def _is_past(words: TimeWords, asked: dt.date | None) -> bool:
    if words.link in ("since", "after", "from", "с") and words.stretch and words.stretch.last is None:
        return False  # "since 2019" reaches until now
    if words.counted:
        last = words.stretch.last if words.stretch else None
        if asked and last:
            return last < shifted(asked, -LATELY) or (words.unit == "day" and last < asked)
        return bool(re.search(r"(?i)\b(?:yesterday|last|ago|вчера|прошл\w+)\b", words.words)) and not re.search(
            r"(?i)\blast\s\w+\s(?:days|weeks)\b", words.words
        )
    if not asked:
        return True
    return bool(words.stretch and words.stretch.last and words.stretch.last < shifted(asked, -LATELY))
