"""A question as the word index reads it: for each of its words, the words of the vocabulary that it matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from qa.language.analyzer import Kind, Term, read_terms, stem_of
from qa.language.spelling import other_spellings
from qa.store.fuzzy import Slips

_OTHER_FORM = 0.8
"""What the stem of a name counts, and the name that a word in small letters may be."""
_RELATED = 0.4
"""What another form of the word counts: "parties" of "Labour Party"."""
_PLURAL = 0.7
"""What the plural or singular of a name counts: "Russian" for Russians."""
_SPELLED = 0.9
"""What another spelling of a name counts."""
_SLIPS = {1: 0.6, 2: 0.4}
"""What the word counts that a slip may have meant, by the number of letters that are wrong."""
SAME = 0.75
"""From this weight on it is the same word, in another form or spelling."""
_LONG = 6
"""Letters from which on an ending such as -enko or -ov is looked at in a word that may be no name."""
_MOST = 8


@dataclass(frozen=True, slots=True)
class AskedTerm:
    """A word of a question with what it matches."""

    word: str
    """As typed, in lower case."""
    tokens: tuple[int, ...]
    """Numbers of the words of the vocabulary that match, best first; none where no passage holds any."""
    weights: tuple[float, ...]
    """What each of them counts: 1 where it is the word itself."""
    idf: float
    """How telling it is: that of its best token; of a word that no passage holds, the greatest."""
    kind: Kind
    phrase: int = -1
    """The number of the quoted phrase of the question that it stands in, or -1."""
    position: int = -1
    """Its place among all words of the question; -1 where the question does not hold it."""
    boost: float = 1.0
    """What its score is multiplied by; less than 1 for what was added to the question."""


@dataclass(frozen=True, slots=True)
class AskedWords:
    """A question in words."""

    text: str
    terms: tuple[AskedTerm, ...]
    """In the order of the question, each once unless a quoted phrase repeats it."""
    language: str | None = None
    """As it was given; None where it was guessed."""
    vocabulary: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)
    """What the numbers of `terms` are numbers in."""


class Asking:
    """Reads questions by one state of a vocabulary."""

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        holding: Callable[[int], int],
        idf: Callable[[int], float],
        slips: Callable[[], Slips],
    ) -> None:
        """`holding` and `idf` say of a word's number how many passages hold it, and of so many how telling it is."""
        self._vocabulary, self._holding, self._idf, self._slips = vocabulary, holding, idf, slips

    def read(self, text: str, language: str | None = None) -> AskedWords:
        """The question; its language is guessed where it is not given."""
        terms: dict[tuple[str, int, int], AskedTerm] = {}
        for term in read_terms(text, language):
            asked = self._asked(term)
            # The same word again, unless a phrase needs it at its place.
            key = (asked.word, term.phrase, term.position if term.phrase >= 0 else 0)
            terms.setdefault(key, asked)
        return AskedWords(text, tuple(terms.values()), language, self._vocabulary)

    def _asked(self, term: Term) -> AskedTerm:
        matches = self._own(term)
        if term.kind != "number":
            for token, weight in self._variants(term, held=bool(matches)):
                matches[token] = max(weight, matches.get(token, 0.0))
            if not matches:
                matches = dict(self._meant(term))
        if not matches:
            return AskedTerm(term.word, (), (), self._idf(0), term.kind, term.phrase, term.position)
        ranked = sorted(matches, key=lambda token: (-matches[token], -self._holding(token)))[:_MOST]
        telling = [self._idf(self._holding(token)) for token in ranked]
        # A form that is far more common, as "well" is for Wells, must not count as the rare one does.
        weights = (matches[token] * min(1.0, idf / telling[0]) for token, idf in zip(ranked, telling, strict=True))
        return AskedTerm(term.word, tuple(ranked), tuple(weights), telling[0], term.kind, term.phrase, term.position)

    def _held(self, word: str) -> int | None:
        """The number of the word where a passage holds it."""
        token = self._vocabulary.get(word) if word else None
        return token if token is not None and self._holding(token) else None

    def _own(self, term: Term) -> dict[int, float]:
        """The word itself; of a name and the word that looks like it, what was typed comes first, or the likelier."""
        plain, form = self._held(term.plain), self._held(term.form)
        if plain is not None and plain == form:
            return {plain: 1.0}
        matches = dict[int, float]()
        if form is not None:
            is_name = term.kind == "name" or plain is None or self._holding(form) > self._holding(plain)
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

    def _meant(self, term: Term) -> Iterator[tuple[int, float]]:
        """What a word may mean that no passage holds."""
        for word, distance in self._slips().nearest(term.form) or self._slips().nearest(term.plain):
            yield self._vocabulary[word], _SLIPS[distance]
            # Where it opens a sentence the same name is found by its stem.
            if (stem := stem_of(word, "en")) != word and (token := self._held(stem)) is not None:
                yield token, _SLIPS[distance] * _OTHER_FORM


def _related(form: str, plain: str) -> Iterator[str]:
    """The English singular and plural of the word, as names have them."""
    stem = plain or form
    bodies = (stem, form, stem[:-1] + "y") if stem.endswith("i") else (stem, form)
    for body in bodies:
        for word in (body, body + ("es" if body.endswith(_HISSING) else "s")):
            if word not in (form, plain) and stem_of(word, "en") == stem_of(form, "en"):
                yield word


_HISSING = ("s", "x", "z", "ch", "sh")
