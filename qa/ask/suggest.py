"""Suggests questions that a sentence of the articles surely answers, for a reader who does not know the library yet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from qa.language.lexicon import any_of
from qa.language.names import find_names
from qa.language.text import sentence_spans, words
from qa.library import Library
from qa.types import Answer, Article, Span

SURE = 0.6
"""How sure an answer has to be, 0 to 1, for its question to be suggested."""
_TRIED = 16
"""Articles that are looked at for each question that is wanted."""
_MANY = 100
"""Articles of a library, at least, in which what is asked about has to be named by more than one."""
_LOOKED_AT = 40
"""Passages with a name, at most, whose articles are counted; half as many articles are those of a household name."""
_READ = 25
"""Sentences of an article that questions are made of."""
_LONGEST_SENTENCE = 400
"""Characters of a sentence that a question is made of; in a longer one links and captions have run together."""
_LONGEST = 12
"""Words of what a question asks about."""

Quoted = Callable[[str], tuple[float, Sequence[Span]]]
"""From a question to how sure its answer is and the sentences of it, the best first."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question and the sentence that it was made of, which answers it."""

    question: str
    source: Span
    about: str
    """The name that every sentence of its answer has to hold."""


class Suggester:
    """Suggests questions whose answer was made beforehand; remembers those for an empty screen until the library
    changes.
    """

    def __init__(self, library: Library, quoted: Quoted) -> None:
        self._library = library
        self._quoted = quoted
        self._openings: tuple[int, int, list[str]] | None = None

    def openings(self, count: int) -> list[str]:
        """Up to `count` questions about the stories with the most articles, the newest first among equals."""
        generation = self._library.store.articles.generation()
        if self._openings is None or self._openings[:2] != (generation, count):
            self._openings = (
                generation,
                count,
                list(islice(self._sure(self._known(self._leading(count * _TRIED))), count)),
            )
        return self._openings[2]

    def follow_ups(self, answer: Answer, asked: Sequence[str], count: int, top: int) -> list[str]:
        """Up to `count` questions, not yet `asked`, about the articles cited or among the first `top` hits."""
        cited = [citation.article for citation in answer.citations]
        found = [hit.passage.article for hit in answer.hits[:top]]
        articles = {article.id: article for article in (*cited, *found)}
        known = {tuple(words(question)) for question in asked}
        made = suggest(islice(articles.values(), count * 2))
        new = (text for text in self._sure(made) if tuple(words(text)) not in known)
        return list(islice(new, count))

    def _leading(self, count: int) -> Iterator[Article]:
        """The articles that lead the largest stories."""
        rows = self._library.articles()
        sizes = Counter(row.story for row in rows)
        leads = [row for row in rows if row.story in (row.id, "")]
        leads.sort(key=lambda row: (-sizes[row.story], row.date is None, -(row.date.toordinal() if row.date else 0)))
        return (article for row in leads[:count] if (article := self._library.article(row.id)))

    def _known(self, articles: Iterable[Article]) -> list[Suggestion]:
        """The questions about what most articles name first.

        Of many articles none about what only one names, and none about what everybody knows.
        """
        counted = [(self._articles_with(made.about), made) for made in suggest(articles)]
        fewest, most = (2, _LOOKED_AT // 2) if self._library.count() >= _MANY else (1, _LOOKED_AT)
        counted.sort(key=lambda one: -one[0])
        return [made for count, made in counted if fewest <= count <= most]

    def _articles_with(self, name: str) -> int:
        """How many articles have the name, up to those of the first passages with it."""
        index = self._library.store.words()
        rows = index.phrase_rows(f'"{name}"')
        ids = [] if rows is None else [int(id_) for id_ in index.passage_ids[rows][:_LOOKED_AT]]
        return len({passage.article.id for passage in self._library.store.articles.passages(ids).values()})

    def _sure(self, suggestions: Iterable[Suggestion]) -> Iterator[str]:
        """The questions surely answered, by the sentence that each was made of or another that gives the office.

        No sentence of the answer lacks the name that is asked about.
        """
        for made in suggestions:
            sure, spans = self._quoted(made.question)
            if sure < SURE or not spans or not all(made.about in span.text for span in spans):
                continue
            is_office = made.question == f"Who is {made.about}?" and gives_office(spans[0].text, made.about)
            if is_office or made.source.overlaps(spans[0]):
                yield made.question


def suggest(articles: Iterable[Article]) -> Iterator[Suggestion]:
    """Questions in the words of the articles: one for each article before a second for any, none twice."""
    seen = set[str]()
    by_article = (list(islice(_questions(article), 3)) for article in articles)
    for made in chain.from_iterable(zip_longest(*by_article)):
        if made and made.question not in seen:
            seen.add(made.question)
            yield made


def _questions(article: Article) -> Iterator[Suggestion]:
    """The questions that single sentences of the article answer, in its order."""
    if article.language not in (None, "en"):
        return
    for start, end in islice(sentence_spans(article.text), _READ):
        sentence = article.text[start:end]
        if len(sentence) > _LONGEST_SENTENCE or _NO_SENTENCE.search(sentence):
            continue
        question = _how_many(sentence) or _who_won(sentence) or _who_was(sentence) or _who_is(sentence, article.text)
        if question:
            names = [question[a:b] for a, b in find_names(question)]
            yield Suggestion(question, Span(article, start, end), max(names, key=len, default=""))


_NO_SENTENCE = re.compile(r"^\W*[•*|]|^\W*(?i:file photo|hide caption|photo|image|watch|read more|related)\b|\n")
"""What is no sentence of an article's running text: a caption, a line of a list, a link."""
_NUMBER = r"(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens|hundreds|thousands)"
_COUNTED = re.compile(
    rf"""(?x)^(?:(?:At\sleast|More\sthan|About|Nearly|Some|As\smany\sas)\s)?(?:(?i:{_NUMBER}))\s
    (?P<what>(?:[a-z-]+\s){{0,2}}?(?:people|workers|soldiers|civilians|children|students|passengers|migrants|protesters|homes
    |houses|buildings|women|men|officers|firefighters|residents))\s
    (?P<done>(?:were|have\sbeen|had\sbeen|are)\s(?:killed|injured|wounded|arrested|rescued|evacuated|displaced|destroyed
    |damaged|missing|hospitali[sz]ed|detained)|died)\s(?P<where>(?:in|by|after|during|at|when)\s.+)$"""
)
_END = re.compile(
    r"[,.;:–—]\s|[,.;:–—]$|\s(?:and|but|while|as|which|who|that|according|officials|police|authorities)\s"
)


def _how_many(sentence: str) -> str:
    """The question for the number that begins the sentence: "At least 12 people were killed in Kabul"."""
    match = _COUNTED.match(sentence)
    where = _about(match["where"]) if match else ""
    return f"How many {match['what'].strip()} {match['done']} {where}?" if match and where else ""


_WON = re.compile(r"^(?P<who>.{3,60}?)\s(?P<won>won|has won)\s(?P<what>the\s.+)$")


def _who_won(sentence: str) -> str:
    """The question for who won: "Anna Berg won the Harbour Prize" -> "Who won the Harbour Prize?"."""
    match = _WON.match(sentence)
    what = _about(match["what"]) if match else ""
    if not match or not what or not _is_name(match["who"]):
        return ""
    return f"Who won {what}?"


_WAS = re.compile(
    r"""(?x)^(?P<who>.{3,60}?)\s(?P<done>(?:was|has\sbeen)\s(?:elected|re-elected|appointed|named|nominated|chosen\sas|sworn\sin
    \sas|inaugurated\sas|confirmed\sas|crowned))\s(?P<what>.+)$"""
)


def _who_was(sentence: str) -> str:
    """The question for who got an office: "Anna Berg was elected mayor of Larvik" -> "Who was elected mayor ...?"."""
    match = _WAS.match(sentence)
    what = _about(match["what"]) if match else ""
    if not match or not what or not _ROLE.search(what) or not _is_name(match["who"]):
        return ""
    return f"Who {match['done']} {what}?"


def _about(text: str) -> str:
    """What a question asks about, up to the end of its clause; empty where it is long or holds no name."""
    end = _END.search(text)
    said = text[: end.start()] if end else text.rstrip(".")
    said = re.sub(
        r"\s(?:on\s)?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?:\s(?:morning|afternoon|evening|night))?$", "", said
    )
    has_name = any(start > 0 for start, _ in find_names(f"in {said}"))
    is_whole = 2 <= len(said.split()) <= _LONGEST and not _POINTING.search(said) and said.count('"') == 0
    return said if has_name and is_whole else ""


_POINTING = re.compile(r"(?i)\b(?:he|she|it|they|his|her|its|their|him|them|this|that|these|those|here|there|we|our)\b")


def _is_name(text: str) -> bool:
    """Whether the whole text is one name of two words or more, titles aside."""
    names = find_names(f"It is {text}")
    return len(text.split()) >= 2 and len(names) == 1 and names[0][1] == len(text) + 6 and names[0][0] <= 6


_ROLES = any_of(
    """president minister premier chancellor governor senator mayor chairman chairwoman chair director secretary
    spokesman spokeswoman spokesperson commissioner ambassador chief leader founder executive officer professor
    researcher scientist economist analyst lawyer attorney judge coach captain actor actress singer general commander
    bishop king queen prince princess astronaut activist lawmaker deputy representative""".split()
)
_ROLE = re.compile(rf"(?i:{_ROLES})")
_OFFICE = re.compile(
    rf"(?x)^(?:,\s(?:who\sis\s)?|\s(?:is|was)\s)(?:the\s|a\s|an\s)?(?:[\w'’-]+\s){{0,4}}?"
    rf"(?i:{_ROLES})(?:\s(?:of|for|at)\s|\s[a-z]+\s(?:of|for|at)\s)(?:the\s|a\s|an\s)?(?:[a-z]+\s)?[A-Z]"
)
"""Behind a name: an office, and of what. "One expert" tells nobody who that is."""
_RANKS = any_of(
    """chief operating executive financial vice deputy assistant associate senior junior former acting interim prime
    foreign finance interior defense press lead co committee panel board
    republican democrat democratic independent""".split()
)
_OFFICE_BEFORE = re.compile(
    rf"\b(?!(?i:{_RANKS}|{_ROLES})\b)[A-Z][\w-]+(?:['’]s)?\s(?:[\w-]+\s){{0,3}}(?i:{_ROLES})\s$"
)


_NO_FIRST_NAME = re.compile(rf"(?i:{_ROLES}|{_RANKS}|republicans|democrats|mr|mrs|ms|dr|sir|dame|lord|lady)\.?")


def _who_is(sentence: str, text: str) -> str:
    """The question for a person whose office the sentence gives: "Anna Berg, the mayor of Harbour City"."""
    for start, end in find_names(sentence):
        name = sentence[start:end]
        first, last = name.split()[0], name.split()[-1]
        # The text also has the surname alone, as it has for people and hardly for anything else.
        alone = re.search(rf"(?<!{re.escape(first)} )(?<!-)\b{re.escape(last)}\b", text)
        is_once = len(set(name.split())) == len(name.split())  # else the page ran two names together
        is_person = alone and is_once and 2 <= len(name.split()) <= 3 and not _NO_FIRST_NAME.fullmatch(first)
        if is_person and _has_office(sentence, start, end):
            return f"Who is {name}?"
    return ""


def _has_office(sentence: str, start: int, end: int) -> bool:
    return bool(_OFFICE.match(sentence[end:]) or _OFFICE_BEFORE.search(sentence[:start]))


def gives_office(sentence: str, name: str) -> bool:
    """Whether the sentence says which office the person with the name has."""
    return any(_has_office(sentence, *match.span()) for match in re.finditer(rf"\b{re.escape(name)}\b", sentence))
