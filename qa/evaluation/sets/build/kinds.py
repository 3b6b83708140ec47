"""The kinds of questions built by rule: a title, a number, a date, a name, a whole sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import blake2b
from random import Random

from qa.evaluation.sets import Evidence, Query
from qa.evaluation.sets.build.cloze import FactQuestion, ask_date, ask_name, ask_number
from qa.evaluation.sets.build.sentences import SourceSentence, read_sentences
from qa.evaluation.sets.build.stories import StoryTexts
from qa.language.text import stems, words
from qa.types import Article, Span

_FEWEST_STEMS = 4
_LIKE_TITLE = 0.5
"""Share of a title's stems that a sentence must contain to be its evidence."""


@dataclass(frozen=True, slots=True)
class BuiltQuestion:
    """A question that was built, and the articles that answer it."""

    query: Query
    relevant: tuple[str, ...]
    hides_titles: bool = False
    """True when the set must leave out the titles of the relevant articles."""


class SourceArticle:
    """An article that questions are built from, with its sentences and the spans already used."""

    def __init__(self, article: Article, stories: StoryTexts, seed: int) -> None:
        self.article = article
        self.stories = stories
        self.seed = seed
        self.asked: list[tuple[int, int]] = []
        """Offsets of the sentences and passages that have a question."""

    @cached_property
    def sentences(self) -> list[tuple[Span, SourceSentence]]:
        """The standalone sentences, in an order set by the seed."""
        found = list(read_sentences(self.article))
        Random(f"{self.seed} {self.article.id}").shuffle(found)
        return found

    def is_asked(self, span: Span) -> bool:
        """True when a part of the span has a question."""
        return any(start < span.end and span.start < end for start, end in self.asked)

    def build(self, kind: str, text: str, answers: Iterable[str], evidence: Iterable[Evidence]) -> BuiltQuestion:
        """A question of this kind, asked on the day the article was published."""
        article, evidence = self.article, tuple(evidence)
        query = Query(
            id=f"{kind}-{blake2b(f'{article.id} {text}'.encode(), digest_size=6).hexdigest()}",
            text=text,
            date=article.date if article.date_precision == "day" else None,
            answers=tuple(answers),
            type=f"synthetic-{kind}",
            answerable=True,
            evidence=evidence,
        )
        return BuiltQuestion(query, tuple(dict.fromkeys(item.article_id for item in evidence)))


QuestionBuilder = Callable[[SourceArticle], Iterator[BuiltQuestion]]
"""Yields questions of one kind; some may repeat earlier ones."""


def by_title(source: SourceArticle) -> Iterator[BuiltQuestion]:
    """Yields the title as a query; all versions of the story are relevant.

    Titles are indexed with the text, so a query that repeats a title would find its article by the title alone. The
    set's corpus therefore leaves it out, for all versions. Articles are skipped if their text repeats the title, if the
    title was made from the text, or if another story has it too. The evidence is the sentence most like the title, if
    it contains half of its stems.
    """
    article, versions = source.article, source.stories.versions_of(source.article)
    text = f" {' '.join(words(article.text))} "
    trivial = article.title_is_made or f" {' '.join(words(article.title))} " in text
    if (
        source.asked
        or trivial
        or len(_stems(article.title)) < _FEWEST_STEMS
        or not source.stories.has_title_alone(article)
    ):
        return
    wanted = _stems(article.title)
    shares = [(len(wanted & _stems(sentence.text)) / len(wanted), span) for span, sentence in source.sentences]
    share, span = max(shares, key=lambda pair: pair[0], default=(0.0, None))
    evidence = [Evidence(article.id, span.text)] if span and share >= _LIKE_TITLE else []
    made = source.build("title", article.title, (), evidence)
    source.asked.append((0, len(article.text)))
    yield BuiltQuestion(made.query, tuple(version.id for version in versions), hides_titles=True)


def by_fact(
    source: SourceArticle, kind: str, ask: Callable[[SourceSentence], Iterator[FactQuestion]]
) -> Iterator[BuiltQuestion]:
    """Yields questions about one fact of an English sentence; those phrased by a rule come before cloze questions."""
    if source.article.language not in (None, "en"):
        return
    asked = [(asked, span) for span, sentence in source.sentences for asked in ask(sentence)]
    for question, span in sorted(asked, key=lambda pair: pair[0].is_blank):
        if not source.is_asked(span) and (evidence := source.stories.evidence_for(span.text)):
            source.asked.append((span.start, span.end))
            yield source.build(
                f"cloze-{kind}" if question.is_blank else kind, question.text, question.answers, evidence
            )


def by_sentence(source: SourceArticle) -> Iterator[BuiltQuestion]:
    """Yields inverse cloze questions: a sentence is both the query and the evidence."""
    for span, sentence in source.sentences:
        if not source.is_asked(span) and (evidence := source.stories.evidence_for(span.text)):
            source.asked.append((span.start, span.end))
            yield source.build("sentence", sentence.text, (), evidence)


RULES: Mapping[str, QuestionBuilder] = {
    "title": by_title,
    "number": partial(by_fact, kind="number", ask=ask_number),
    "date": partial(by_fact, kind="date", ask=ask_date),
    "name": partial(by_fact, kind="name", ask=ask_name),
    "sentence": by_sentence,
}
"""Name -> builder, for the kinds that need no model."""


def _stems(text: str) -> set[str]:
    return set(stems(text))
