"""Builds question sets from a library's own articles: by rule, or with a language model whose questions are checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from qa.errors import EvalError, ModelError, UsageError
from qa.evaluation.sets import CORPUS, QRELS, QUERIES, EvalSet, load_set
from qa.evaluation.sets.build.kinds import RULES, BuiltQuestion, QuestionBuilder, SourceArticle
from qa.evaluation.sets.build.prompted import Prompted
from qa.evaluation.sets.build.stories import StoryTexts
from qa.evaluation.sets.new_folder import new_folder
from qa.evaluation.sets.rows import article_row, qrels_lines, query_row, row_lines
from qa.library import Library
from qa.models import LanguageModel
from qa.types import Article, Filters

__all__ = ["QUESTION_KINDS", "BuiltQuestion", "BuiltSet", "build_questions", "build_set"]

MODEL = "model"
QUESTION_KINDS = (*RULES, MODEL)
"""The kinds of questions; the last one needs a language model."""


@dataclass(frozen=True, slots=True)
class BuiltSet:
    """A set that was built, and what its user must know."""

    eval_set: EvalSet
    dropped: Mapping[str, int]
    """Reason for rejecting questions of the model -> how many."""
    notices: tuple[str, ...] = ()
    """Why there are fewer questions than requested."""

    @property
    def types(self) -> Mapping[str, int]:
        """Type -> how many questions."""
        return Counter(query.type or "" for query in self.eval_set.queries)


def build_questions(
    articles: Iterable[Article],
    count: int,
    *,
    kinds: Sequence[str] = (),
    model: LanguageModel | None = None,
    seed: int = 0,
    on_dropped: Callable[[str], None] = lambda reason: None,
) -> Iterator[BuiltQuestion]:
    """Yields up to `count` questions that the articles answer. The same seed gives the same questions.

    Outlets take turns, and so do the months of an outlet. The versions of a story count once, and every story gives one
    question before any gives a second, of the kind that has been built least. `kinds` are some of QUESTION_KINDS; by
    default all that need no model, or only the model's where a model is given. `on_dropped` receives the reason for
    each question of the model that was rejected. All articles are read before the first question and stay in memory.
    Raises UsageError for unknown kinds, and ModelError.
    """
    builders = _builders(kinds, model, on_dropped)
    stories = StoryTexts(articles)
    sources = [SourceArticle(article, stories, seed) for article in stories.spread(Random(seed))]
    waiting = [{kind: build(source) for kind, build in builders.items()} for source in sources]
    made = Counter(dict.fromkeys(builders, 0))
    asked: set[str] = set()
    while waiting and made.total() < count:
        # In rounds: a story without further questions drops out.
        waiting, turn = [], waiting
        for questions in turn:
            if made.total() == count:
                return
            for kind in sorted(questions, key=lambda kind: made[kind]):
                question = next((m for m in questions[kind] if m.query.text not in asked), None)
                if question:
                    made[kind] += 1
                    asked.add(question.query.text)
                    waiting.append(questions)
                    yield question
                    break


def build_set(
    library: Library,
    out: Path,
    count: int,
    *,
    kinds: Sequence[str] = (),
    model: LanguageModel | None = None,
    seed: int = 0,
    filters: Filters = Filters(),
    on_progress: Callable[[int, int], None] = lambda done, wanted: None,
) -> BuiltSet:
    """A set of questions about a library, written to the folder `out`. Its corpus is the articles that pass.

    See `build_questions`. `on_progress` receives the numbers of questions built and requested. If the model fails after
    some questions, the set is smaller and has a notice. Raises EvalError if `out` is not empty, if the library is
    empty, or if no question can be built; `out` is then unchanged.
    """
    with new_folder(out) as folder:
        articles = [_plain(article) for row in library.articles(filters) if (article := library.article(row.id))]
        if not articles and filters.collection:
            raise EvalError(f"The collection “{filters.collection.name}” holds no article. Put some in first.")
        if not articles:
            raise EvalError(f"The library {library.settings.index} is empty. Fill it with: qa ingest PATH")
        dropped: Counter[str] = Counter()
        questions = build_questions(
            articles, count, kinds=kinds, model=model, seed=seed, on_dropped=lambda reason: dropped.update([reason])
        )
        made, notice = _take(questions, count, on_progress)
        if not made:
            why = "".join(f" {number} were dropped: {reason}." for reason, number in dropped.most_common(3))
            raise EvalError(
                f"No question could be made of the {len(articles)} articles in {library.settings.index}.{why}"
            )
        _write(folder, articles, made)
    return BuiltSet(load_set(out.absolute()), dropped, tuple(filter(None, [notice])))


def _take(
    questions: Iterator[BuiltQuestion], count: int, on_progress: Callable[[int, int], None]
) -> tuple[list[BuiltQuestion], str | None]:
    """The questions, and why there are fewer than requested. Raises ModelError if the model fails before the first."""
    made: list[BuiltQuestion] = []
    on_progress(0, count)
    try:
        for question in questions:
            made.append(question)
            on_progress(len(made), count)
    except ModelError as error:
        if not made:
            raise
        return made, f"{error} The set has the questions that were made before: {len(made)} of {count}."
    enough = len(made) >= count
    return made, None if enough else f"{len(made)} of {count} questions could be made: the articles hold no more."


def _builders(
    kinds: Sequence[str], model: LanguageModel | None, on_dropped: Callable[[str], None]
) -> dict[str, QuestionBuilder]:
    wanted = tuple(kinds) or ((MODEL,) if model else tuple(RULES))
    if unknown := [kind for kind in wanted if kind not in QUESTION_KINDS]:
        raise UsageError(f"There is no kind of question '{unknown[0]}'. Choose from: {', '.join(QUESTION_KINDS)}.")
    if MODEL in wanted and not model:
        raise UsageError("Questions of the kind 'model' need a language model. Name one with --llm PROVIDER:MODEL.")
    return {kind: Prompted(model, on_dropped) if kind == MODEL and model else RULES[kind] for kind in wanted}


def _plain(article: Article) -> Article:
    """The article with an id without white space, as run and judgement files require."""
    return replace(article, id="-".join(article.id.split()), story="-".join(article.story.split()))


def _write(folder: Path, articles: Iterable[Article], made: Sequence[BuiltQuestion]) -> None:
    untitled = {id for question in made if question.hides_titles for id in question.relevant}
    corpus = row_lines(article_row(article, with_title=article.id not in untitled) for article in articles)
    qrels = qrels_lines({question.query.id: dict.fromkeys(question.relevant, 1) for question in made})
    (folder / QRELS).parent.mkdir()
    (folder / CORPUS).write_text(corpus, encoding="utf-8")
    (folder / QUERIES).write_text(row_lines(query_row(question.query) for question in made), encoding="utf-8")
    (folder / QRELS).write_text(qrels, encoding="utf-8")
