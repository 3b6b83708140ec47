"""A question as the word index reads it: for each of its words, the words of the vocabulary that it matches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from qa.language.analyzer import Kind, Term, read_terms, stem_of
from qa.language.spelling import other_spellings
from qa.store.words.typos import Typos

_OTHER_FORM = 0.8
"""What the stem of a name counts, and the name that a word in small letters may be."""
_RELATED = 0.4
"""What another form of the word counts: "parties" of "Labour Party"."""
_PLURAL = 0.7
"""What the plural or singular of a name counts: "Russian" for Russians."""
_SPELLED = 0.9
"""What another spelling of a name counts."""
_TYPOS = {1: 0.6, 2: 0.4}
"""What the word counts that a typo may stand for, by the number of letters that are wrong."""
SAME = 0.75
"""From this weight on it is the same word, in another form or spelling."""
_LONG = 6
"""Letters from which on an ending such as -enko or -ov is looked at in a word that may be no name."""
_MOST = 8


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A word of a question with what it matches."""

    word: str
    """As typed, in lower case."""
    tokens: tuple[int, ...]
    """Numbers of the words of the vocabulary that match, best first; none where no passage holds any."""
    weights: tuple[float, ...]
    """What each of them counts: 1 where it is the word itself."""
    idf: float
    """That of its best token; of a word that no passage holds, the greatest."""
    kind: Kind
    phrase: int = -1
    """The number of the quoted phrase of the question that it stands in, or -1."""
    position: int = -1
    """Its place among all words of the question; -1 where the question does not hold it."""
    boost: float = 1.0
    """Its score is multiplied by this; less than 1 for what was added to the question."""
    meant: tuple[str, ...] = ()
    """Where no passage holds the word, those of the vocabulary that it may be a misspelling of, likeliest first."""

    @property
    def is_held(self) -> bool:
        """Whether a passage holds the word, in some form or spelling."""
        return bool(self.tokens) and not self.meant


@dataclass(frozen=True, slots=True)
class WordQuery:
    """A question in words."""

    text: str
    terms: tuple[QueryTerm, ...]
    """In the order of the question, each once unless a quoted phrase repeats it."""
    language: str | None = None
    """As it was given; None where it was guessed."""
    vocabulary: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)
    """What the numbers of `terms` are numbers in."""


class QueryReader:
    """Reads questions by one state of a vocabulary."""

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        document_frequency: Callable[[int], int],
        idf: Callable[[int | None], float],
        typos: Typos,
    ) -> None:
        """`document_frequency` and `idf` take the number of a word; None is a word that no passage holds."""
        self._vocabulary, self._df, self._idf, self._typos = vocabulary, document_frequency, idf, typos

    def read(self, text: str, language: str | None = None) -> WordQuery:
        """The question; its language is guessed where it is not given."""
        terms: dict[tuple[str, int, int], QueryTerm] = {}
        for term in read_terms(text, language):
            found = self._term(term)
            # The same word again, unless a phrase needs it at its place.
            key = (found.word, term.phrase, term.position if term.phrase >= 0 else 0)
            terms.setdefault(key, found)
        return WordQuery(text, tuple(terms.values()), language, self._vocabulary)

    def _term(self, term: Term) -> QueryTerm:
        matches, meant = self._own(term), list[tuple[str, int]]()
        if term.kind != "number":
            for token, weight in self._variants(term, held=bool(matches)):
                matches[token] = max(weight, matches.get(token, 0.0))
            if not matches:
                meant = self._nearest(term)
                matches = dict(self._meant(meant))
        if not matches:
            return QueryTerm(term.word, (), (), self._idf(None), term.kind, term.phrase, term.position)
        ranked = sorted(matches, key=lambda token: (-matches[token], -self._df(token)))[:_MOST]
        idfs = [self._idf(token) for token in ranked]
        # A form that is far more common, as "well" is for Wells, must not count as the rare one does.
        weights = (matches[token] * min(1.0, idf / idfs[0]) for token, idf in zip(ranked, idfs, strict=True))
        return QueryTerm(
            term.word,
            tuple(ranked),
            tuple(weights),
            idfs[0],
            term.kind,
            term.phrase,
            term.position,
            meant=tuple(word for word, _ in meant),
        )

    def _held(self, word: str) -> int | None:
        """The number of the word where a passage holds it."""
        token = self._vocabulary.get(word) if word else None
        return token if token is not None and self._df(token) else None

    def _own(self, term: Term) -> dict[int, float]:
        """The word itself; of a name and the word that looks like it, what was typed comes first, or the likelier."""
        plain, form = self._held(term.plain), self._held(term.form)
        if plain is not None and plain == form:
            return {plain: 1.0}
        matches = dict[int, float]()
        if form is not None:
            is_name = term.kind == "name" or plain is None or self._df(form) > self._df(plain)
            matches[form] = 1.0 if is_name else _OTHER_FORM
        if plain is not None:
            matches[plain] = _OTHER_FORM if 1.0 in matches.values() else 1.0
        return matches

    def _variants(self, term: Term, held: bool) -> Iterator[tuple[int, float]]:
        """Words that are related, and other spellings of a name."""
        if term.form.isascii():
            for related in _related(term.form, term.plain):
                if (token := self._held(related)) is not None:
                    yield token, _PLURAL if term.kind == "name" else _RELATED
        is_name = term.kind == "name" or not held
        if is_name or (term.form.isascii() and len(term.form) >= _LONG):
            for name in other_spellings(term.form, is_name=is_name):
                if (token := self._held(name)) is not None:
                    yield token, _SPELLED
                if (stem := stem_of(name, "en")) != name and (token := self._held(stem)) is not None:
                    yield token, _SPELLED * _OTHER_FORM

    def _nearest(self, term: Term) -> list[tuple[str, int]]:
        """Words that a word which no passage holds may be a misspelling of, and in how many letters."""
        return self._typos.nearest(term.form) or self._typos.nearest(term.plain)

    def _meant(self, nearest: Iterable[tuple[str, int]]) -> Iterator[tuple[int, float]]:
        for word, distance in nearest:
            yield self._vocabulary[word], _TYPOS[distance]
            # Where it opens a sentence the same name is found by its stem.
            if (stem := stem_of(word, "en")) != word and (token := self._held(stem)) is not None:
                yield token, _TYPOS[distance] * _OTHER_FORM


def _related(form: str, plain: str) -> Iterator[str]:
    """The English singular and plural of the word, as names have them."""
    stem = plain or form
    bodies = (stem, form, stem[:-1] + "y") if stem.endswith("i") else (stem, form)
    for body in bodies:
        for word in (body, body + ("es" if body.endswith(_HISSING) else "s")):
            if word not in (form, plain) and stem_of(word, "en") == stem_of(form, "en"):
                yield word


_HISSING = ("s", "x", "z", "ch", "sh")
