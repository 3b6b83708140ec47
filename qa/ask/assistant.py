"""Composes the question's journey: understand -> retrieve (search, fuse, rank) -> answer -> cite and check."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from qa.ask.answer.answerer import Answered, Answerer
from qa.ask.answer.extractive import EXTRACTIVE, ExtractiveAnswerer
from qa.ask.answer.generative import GenerativeAnswerer, Made
from qa.ask.answer.policy import graded
from qa.ask.answer.prompt_size import prompt_size
from qa.ask.answer.remarks import Remarks, find_remarks
from qa.ask.choice import CheckedAnswer, check_answer, choose_answer, ended
from qa.ask.notices import notice_of
from qa.ask.refusal import leads, missing_names
from qa.ask.retrieve.retrieve import RANKER_EMBEDDER, Retrieval, retrieve
from qa.ask.smalltalk import Talk, about, talk_of
from qa.ask.stories.asked import BriefingAsked, briefing_asked, without_days
from qa.ask.stories.briefing import Plan, planned, quoted
from qa.ask.stories.reader import StoryReader
from qa.ask.stories.written import BriefingWriter, choose_sections
from qa.ask.suggest import Suggester
from qa.ask.trace import trace_of
from qa.ask.understand import respelled, understand
from qa.check import Checker
from qa.language.translation import Translation, put_into, translated
from qa.library import Library
from qa.models import (
    SERVED,
    LanguageModel,
    Reader,
    Reranker,
    Verifier,
    as_language_model,
    load_language_model,
    load_reader_for,
    load_reranker,
    load_verifier,
)
from qa.models.static import load_bundled
from qa.models.timed import TimedModel
from qa.prompts import refusal
from qa.runtime import Clock, Turnstile, drain
from qa.settings import Settings
from qa.show.marked import marked_text
from qa.store import WordQuery
from qa.types import Answer, Citation, Draft, Filters, Hit, Question, Respelling, Span, Turn

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

MOST_HITS = 50
"""Hits that an answer shows."""


class Assistant:
    """Answers questions from one library. A context manager; safe to use from several threads."""

    def __init__(
        self,
        library: Library,
        model: LanguageModel | LLM | None = None,
        verifier: Verifier | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        """The `model` writes answers: one of ours, or any of llama-index."""
        self.library = library
        self.model = as_language_model(model)
        self.verifier = verifier
        self.reranker = reranker
        self.is_live = True
        """False when old questions are replayed: "last week" then counts from their as-of date only."""
        self.on_answer: Callable[[Answer], None] = lambda answer: None
        """Told of every finished answer, in the thread that made it."""
        self._settings = library.settings
        self._suggester = Suggester(library, self._quoted)
        self.stories = StoryReader(library)

    @classmethod
    def open(cls, settings: Settings, *, background: bool = False) -> Assistant:
        """An assistant over the library at `settings.index` with the models that the settings name.

        In the `background`, embedder, reranker and a language model of this process go on loading while it already
        answers without them. Raises LibraryError, EmbedderMismatch, ModelError, UsageError.
        """
        model = load_language_model(settings.llm, settings, background=background)
        verifier = load_verifier(settings.verify)
        reranker = load_reranker(settings.rerank, settings, background=background)
        return cls(Library.open(settings, background=background), model, verifier, reranker)

    @property
    def settings(self) -> Settings:
        """The settings in force: the library's, or those that `with_` gave it."""
        return self._settings

    def with_(self, model: LanguageModel | None, settings: Settings) -> Assistant:
        """An assistant over the same library, with another model and other settings of how it answers.

        Searches keep the library's settings.
        """
        other = Assistant(self.library, model, self.verifier, self.reranker)
        other.is_live, other._settings, other.on_answer = self.is_live, settings, self.on_answer
        other.stories = self.stories
        return other

    @property
    def mode(self) -> str:
        """`extractive`, or `provider:model` of the language model that writes."""
        return self.model.name if self.model else EXTRACTIVE

    @property
    def reader(self) -> Reader | None:
        """The bundled reader; None where the library is searched without it. Raises ModelError where it is broken."""
        return load_reader_for(self.library.settings.rerank)

    @property
    def where(self) -> str:
        """Where answers are made: "this machine" or the host of a server."""
        return self.model.where if self.model else "this machine"

    def ask(
        self, text: str, *, history: Sequence[Turn] = (), filters: Filters = Filters(), as_of: dt.date | None = None
    ) -> Answer:
        """The finished answer to a question. Raises UsageError for an empty one."""
        *_, answer = self.stream(text, history=history, filters=filters, as_of=as_of)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self,
        text: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters = Filters(),
        as_of: dt.date | None = None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Generator[Draft | Answer]:
        """Drafts as the answer grows, the first as soon as passages are found, then the one Answer.

        With a model, the answer in the articles' own words comes with the drafts, checked, as soon as the passages are
        read; what the model writes takes its place where that makes it no worse. Closing the iterator ends the model's
        request; so does `is_wanted`, once it is false, and the answer is then made without the model.
        """
        clock, turns = Clock("understand", "retrieve", "read", "answer", "check"), self.library.turns
        briefing = briefing_asked(text)
        is_first = not (history or filters.is_choice)
        if not briefing and (talk := talk_of(text, is_first)):
            yield Draft("")
            yield self._talk(talk, Question(text.strip(), text.strip(), filters, as_of), clock)
            return
        model = TimedModel(self.model, is_wanted) if self.model else None
        with clock.stage("understand"):
            question = self._asked(text, briefing, history, filters, as_of, model)
            if question.window and briefing:
                briefing = replace(briefing, topic=without_days(briefing.topic, question.window.words))
            elif question.window:  # "what's new this week"
                briefing = briefing_asked(without_days(text, question.window.words), is_dated=is_first)
        with clock.stage("retrieve", self._search_turns):
            if briefing and not briefing.topic:
                found = Retrieval(())
            else:
                found = self._with_notices(retrieve(self.library, question, self.reranker, self.reader))
            plan = planned(self.library, briefing, question, found.hits) if briefing else None
        if plan:  # without an article about its topic, that is asked for like anything else
            yield from self._brief(plan, question, model, clock)
            return
        hits, top = found.hits[:MOST_HITS], found.hits[: self.settings.top]
        yield Draft("", hits)
        with clock.stage("read", turns):
            remarks = find_remarks(question, top)
        first: CheckedAnswer | None = None
        shown: Answer | None = None
        if model and self.settings.draft and top:
            first = self._first(question, top, remarks, history, clock)
            shown = _answer(question, first, hits)
            yield Draft("", hits, first=shown)
        drafts = self._answerer(model, first).answer(question, top, remarks, history)
        answered, checker = yield from self._checked(drafts, clock, shown)
        with clock.stage("check", turns):
            if first:
                told = choose_answer(question, first, answered, checker, self._extractive())
            else:
                told = check_answer(answered, checker or self._checker(answered))
            answered, sentences = told.answered, told.sentences
            is_told = bool(sentences or answered.beside.text)
            store = self.library.store
            index = store.words()
            if is_told:
                helpful = missing_names(question, index)
            else:
                helpful = leads(question, hits, index, store.articles, self._answers)
        answer = _answer(question, told, hits)
        embedder = self.library.embedder.name
        failure = told.checker.failure or (checker.failure if checker else "")
        notice = notice_of(text, question, found.notice, answered, told.citations, failure, helpful, embedder)
        answer = replace(
            answer,
            notice=notice,
            timings_ms=_timings(clock, model),
            trace=trace_of(
                question, found, answered, answer.citations, clock.ms, self.settings, model.calls if model else ()
            ),
            usage=model.usage if model else None,
        )
        self.on_answer(answer)
        yield answer

    async def aask(
        self, text: str, *, history: Sequence[Turn] = (), filters: Filters = Filters(), as_of: dt.date | None = None
    ) -> Answer:
        """Returns what `ask` returns, without blocking the event loop."""
        async for step in self.astream(text, history=history, filters=filters, as_of=as_of):
            answer = step
        assert isinstance(answer, Answer)
        return answer

    def astream(
        self, text: str, *, history: Sequence[Turn] = (), filters: Filters = Filters(), as_of: dt.date | None = None
    ) -> AsyncGenerator[Draft | Answer]:
        """Yields what `stream` yields, without blocking the event loop. Being cancelled ends the model's request."""
        return drain(self.stream(text, history=history, filters=filters, as_of=as_of))

    def understand(
        self, text: str, *, history: Sequence[Turn] = (), filters: Filters = Filters(), as_of: dt.date | None = None
    ) -> Question:
        """The question as it will be searched for; a model completes one that leans on earlier turns.

        Raises UsageError for an empty one.
        """
        return self._understood(text, history, filters, as_of, self.model)

    def search(self, question: Question, limit: int = 50) -> list[Hit]:
        """The passages found for a question, best first. What the store has to say waits for an answer."""
        with Clock().stage("search", self._search_turns):
            return list(retrieve(self.library, question, self.reranker, self.reader).hits[:limit])

    def retrieve(self, question: Question, limit: int = 50) -> Retrieval:
        """The same passages, with what their reader should know: what was searched without, what has been mended."""
        with Clock().stage("search", self._search_turns):
            found = retrieve(self.library, question, self.reranker, self.reader)
        return self._with_notices(replace(found, hits=found.hits[:limit]))

    def suggestions(self, count: int = 4) -> list[str]:
        """Questions that the library's own articles answer, for an empty screen; none where there are no articles."""
        return self._suggester.openings(count)

    def follow_ups(self, answer: Answer, asked: Sequence[str], count: int = 2) -> list[str]:
        """Questions to go on with, not yet `asked`, about the articles that the answer rests on or was chosen from."""
        return self._suggester.follow_ups(answer, asked, count, self.settings.top)

    def close(self) -> None:
        """Closes the library."""
        self.library.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _checked(
        self, drafts: Generator[Draft, None, Answered], clock: Clock, first: Answer | None
    ) -> Generator[Draft, None, tuple[Answered, Checker | None]]:
        """The drafts, each sentence checked as soon as it is finished, while the model goes on with the next.

        With them the `first` answer, where there is one.

        Returns what was answered and what has checked the sentences of it so far; None where they are others.
        """
        checker: Checker | None = None
        with closing(drafts):
            while True:
                with clock.stage("answer"):
                    try:
                        draft = next(drafts)
                    except StopIteration as end:
                        answered: Answered = end.value
                        return answered, None if answered.failure else checker
                if finished := draft.claims[: draft.finished]:
                    checker = checker or Checker(draft.hits, self.verifier)
                    with clock.stage("check", self.library.turns):
                        draft = replace(draft, sentences=graded(checker.check(finished)[0]))
                yield replace(draft, first=first)

    def _talk(self, talk: Talk, question: Question, clock: Clock) -> Answer:
        """The answer to small talk: a sentence about the library."""
        articles = self.library.store.articles
        rows = articles.rows(replace(question.filters, dated_until=question.as_of))
        said = about(talk, rows, articles.count())
        return Answer(question, said, EXTRACTIVE, abstained=True, timings_ms=_timings(clock))

    def _asked(
        self,
        text: str,
        briefing: BriefingAsked | None,
        history: Sequence[Turn],
        filters: Filters,
        as_of: dt.date | None,
        model: LanguageModel | None,
    ) -> Question:
        """The question as understood; of a briefing its topic, which needs no earlier turn."""
        if not briefing:
            return self._understood(text, history, filters, as_of, model)
        if not briefing.topic:
            return Question(text.strip(), text.strip(), filters, as_of)
        return replace(self._understood(briefing.topic, (), filters, as_of, model), text=text.strip())

    def _brief(
        self, plan: Plan, question: Question, model: TimedModel | None, clock: Clock
    ) -> Generator[Draft | Answer]:
        """A briefing in the articles' own sentences, checked; with a model, what it makes of them where that stands."""
        made = quoted(plan.sections)
        yield Draft("", made.sources)
        with clock.stage("check", self.library.turns):
            told = check_answer(made, self._checker(made))
        if model and plan.sections:
            first = _answer(question, told, made.sources) if self.settings.draft else None
            if first:
                yield Draft("", made.sources, first=first)
            writer = BriefingWriter(model, plan.sections, prompt_size(model, self.settings.prompt_words))
            written, checker = yield from self._checked(writer.answer(question), clock, first)
            with clock.stage("check", self.library.turns):
                told = choose_sections(told, plan.sections, written, checker)
        notice = notice_of(question.text, question, plan.notice, told.answered, told.citations, told.checker.failure)
        answer = _answer(question, told, told.answered.sources)
        if not plan.sections:
            answer = replace(answer, text=plan.nothing)
        usage = model.usage if model else None
        answer = replace(answer, notice=notice, timings_ms=_timings(clock, model), usage=usage)
        self.on_answer(answer)
        yield answer

    def _first(
        self, question: Question, top: Sequence[Hit], remarks: Remarks, history: Sequence[Turn], clock: Clock
    ) -> CheckedAnswer:
        """The answer in the articles' own words, checked."""
        with clock.stage("answer"):
            made = ended(self._extractive().answer(question, top, remarks, history))
        with clock.stage("check", self.library.turns):
            return check_answer(made, self._checker(made))

    def _translate(self, text: str) -> Translation | None:
        store = self.library.store
        index, held = store.words(), store.articles.languages()
        articles = held[0] if held else "en"

        def is_held(word: str) -> bool:
            return any(term.is_held for term in index.query(word, articles).terms)

        if articles != "en":
            return put_into(text, articles, is_held)
        foreign = translated(text, is_held, load_bundled(RANKER_EMBEDDER).knows)
        is_there = foreign and foreign.language in held and _is_held_as_typed(index.query(text, foreign.language))
        return None if is_there else foreign

    def _respell(self, text: str) -> tuple[str, tuple[Respelling, ...]]:
        store = self.library.store
        return respelled(text, store.words(), store.articles, load_bundled(RANKER_EMBEDDER).knows)

    def _understood(
        self,
        text: str,
        history: Sequence[Turn],
        filters: Filters,
        as_of: dt.date | None,
        model: LanguageModel | None,
    ) -> Question:
        return understand(
            text,
            history=history,
            filters=filters,
            as_of=as_of,
            longest=self.settings.question_words,
            today=dt.date.today() if self.is_live else None,
            outlets=self.library.outlets(),
            model=model,
            translate=self._translate,
            respell=self._respell,
        )

    def _with_notices(self, found: Retrieval) -> Retrieval:
        """Takes what the store has to say, for the one who shows it."""
        return replace(found, notice=" ".join(filter(None, [found.notice, *self.library.store.take_notices()])) or None)

    @property
    def _search_turns(self) -> Turnstile | None:
        """Where a search waits for its turn; None where a server makes the vectors, as nobody is to wait for that."""
        is_served = self.library.embedder.name.partition(":")[0] in SERVED
        return None if is_served else self.library.turns

    def _answerer(self, model: LanguageModel | None, first: CheckedAnswer | None) -> Answerer:
        other: Answerer = Made(first.answered) if first else self._extractive()
        if not model:
            return other
        size = prompt_size(model, self.settings.prompt_words)
        return GenerativeAnswerer(model, other, self.settings.answer_sentences, size)

    def _extractive(self) -> ExtractiveAnswerer:
        settings = self.settings
        return ExtractiveAnswerer(settings.answer_sentences, settings.refuse_below, self.reader, self.library.turns)

    def _checker(self, answered: Answered) -> Checker:
        return Checker(answered.sources, self.verifier, answered.claims)

    def _quoted(self, text: str) -> tuple[float, list[Span]]:
        """How sure the answer to a question is in the articles' own words, and its sentences."""
        question = self.understand(text)
        with self.library.turns.turn():
            made = self._quote(question)
        return made.confidence or 0.0, [claim.cites[0] for claim in made.claims if claim.cites]

    def _answers(self, question: Question) -> bool:
        """True for a question that the articles answer in their own words; asked within a turn."""
        return bool(self._quote(question).claims)

    def _quote(self, question: Question) -> Answered:
        """The answer in the articles' own words, unchecked."""
        hits = retrieve(self.library, question, self.reranker, self.reader).hits[: self.settings.top]
        return self._extractive().quote(question, hits)


def _is_held_as_typed(query: WordQuery) -> bool:
    """True where articles hold the words of a question as it was typed, and not its names and numbers alone."""
    words = [term for term in query.terms if term.kind == "word"]
    return len(words) >= 2 and sum(term.is_held for term in words) >= 0.7 * len(words)


def _answer(question: Question, told: CheckedAnswer, hits: tuple[Hit, ...] = ()) -> Answer:
    """A checked answer as its reader gets it, without what is to be said of the way to it."""
    answered, sentences = told.answered, told.sentences
    return Answer(
        question,
        marked_text(sentences) if sentences else refusal(),
        answered.mode,
        abstained=not sentences or answered.is_correction,
        sentences=sentences,
        citations=told.citations or _numbered(answered.closest),
        hits=hits,
        verifier=told.checker.made_by if sentences else "",
        confidence=None if answered.confidence is None else round(answered.confidence, 3),
        rejected=told.rejected,
        replaced=_answer(question, told.replaced) if told.replaced else None,
    )


def _numbered(spans: Sequence[Span]) -> tuple[Citation, ...]:
    return tuple(Citation(n, span.article, span.start, span.end) for n, span in enumerate(spans, start=1))


def _timings(clock: Clock, model: TimedModel | None = None) -> dict[str, float]:
    """The milliseconds of the stages that a reader of the answer is told, and of all calls of a model."""
    ms = clock.ms
    asked = {"model": model.ms} if model and model.calls else {}
    stages = {"retrieve": ms["retrieve"], "answer": ms["read"] + ms["answer"], "check": ms["check"]}
    return {**stages, **asked, "total": clock.total}
