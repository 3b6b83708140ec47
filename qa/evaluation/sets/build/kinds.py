"""The kinds of questions that are made by rule: a title, a number, a date, a name, a whole sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import blake2b
from random import Random

from qa.evaluation.sets import Evidence, Query
from qa.evaluation.sets.build.cloze import FactQuestion, ask_date, ask_name, ask_number
from qa.evaluation.sets.build.sentences import SourceSentence, read_sentences
from qa.evaluation.sets.build.stories import Stories
from qa.language.text import stems, words
from qa.types import Article, Span

_FEWEST_STEMS = 4
_LIKE_TITLE = 0.5
"""Share of a title's stems that the sentence has to hold which stands for the article."""


@dataclass(frozen=True, slots=True)
class BuiltQuestion:
    """A question that was made, and which articles answer it."""

    query: Query
    relevant: tuple[str, ...]
    hides_titles: bool = False
    """Whether the set may not show the titles of the relevant articles."""


class SourceArticle:
    """An article that questions are made of. Holds what was found in it, and where it was asked about already."""

    def __init__(self, article: Article, stories: Stories, seed: int) -> None:
        self.article = article
        self.stories = stories
        self.seed = seed
        self.asked: list[tuple[int, int]] = []
        """Offsets of the sentences and passages that a question was made of."""

    @cached_property
    def sentences(self) -> list[tuple[Span, SourceSentence]]:
        """The telling sentences, in an order that the seed decides."""
        found = list(read_sentences(self.article))
        Random(f"{self.seed} {self.article.id}").shuffle(found)
        return found

    def is_asked(self, span: Span) -> bool:
        """Whether a question was made of a part of the span."""
        return any(start < span.end and span.start < end for start, end in self.asked)

    def build(self, kind: str, text: str, answers: Iterable[str], evidence: Iterable[Evidence]) -> BuiltQuestion:
        """The question of this kind: the day it is asked is the day that the article was published."""
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
"""Questions of one kind, which may have been asked already."""


def by_title(source: SourceArticle) -> Iterator[BuiltQuestion]:
    """The title as the query; all versions of the story are relevant.

    A title is searched with the words of the text, so that a query that repeats it finds its article by the title
    alone. It is therefore left out of the set's corpus, for all versions; articles whose text repeats the title, whose
    title was made of their text, or is that of another story too, are not asked about like this. The evidence is the
    sentence most like the title, where one holds half of it.
    """
    article, versions = source.article, source.stories.versions_of(source.article)
    told = f" {' '.join(words(article.text))} "
    trivial = article.title_is_made or f" {' '.join(words(article.title))} " in told
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
    """Questions for one fact of an English sentence; all that a rule puts into words before any with a blank."""
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
    """Inverse cloze: a sentence as the query, and itself, where it stands, as the evidence."""
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
"""What can be made without a model, by name."""


def _stems(text: str) -> set[str]:
    return set(stems(text))
