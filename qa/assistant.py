"""Composes the question's journey: understand -> search -> fuse -> rank -> answer -> cite and check."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from types import TracebackType

from qa.answer.check import check
from qa.answer.quote import Quotes, quote
from qa.answer.write import write
from qa.errors import ModelError
from qa.fuse import fuse
from qa.library import Library
from qa.models import LanguageModel, load_language_model
from qa.prompts import refusal
from qa.rank import rank
from qa.search import search
from qa.settings import Settings
from qa.suggest import suggest
from qa.types import Answer, Citation, Claim, Draft, Filters, Hit, Question, Sentence, Span, Turn
from qa.understand import understand


class Assistant:
    """Answers questions from one library. A context manager; safe to use from several threads."""

    def __init__(self, library: Library, model: LanguageModel | None = None) -> None:
        self.library = library
        self.model = model
        self._suggested: tuple[int, int, list[str]] | None = None

    @classmethod
    def open(cls, settings: Settings) -> Assistant:
        """An assistant over the library at `settings.index` with the model `settings.llm`.

        Raises LibraryError, EmbedderMismatch, ModelError, UsageError.
        """
        model = load_language_model(settings.llm, timeout=settings.model_timeout)
        return cls(Library.open(settings), model)

    @property
    def settings(self) -> Settings:
        """The settings of the library, which are the assistant's as well."""
        return self.library.settings

    @property
    def mode(self) -> str:
        """`extractive`, or `provider:model` of the language model that writes."""
        return self.model.name if self.model else "extractive"

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
        self, text: str, *, history: Sequence[Turn] = (), filters: Filters = Filters(), as_of: dt.date | None = None
    ) -> Iterator[Draft | Answer]:
        """Drafts as the answer grows, the first as soon as passages are found, then the one Answer.

        Closing the iterator ends the model's request. Verbatim sentences take the place of a model that fails.
        """
        clock = _Clock()
        question = self.understand(text, history=history, filters=filters, as_of=as_of)
        with clock.stage("retrieve"):
            hits = self.search(question)
        yield Draft("", tuple(hits))
        top = hits[: self.settings.top]
        notice = _cut_notice(text, question)
        mode = self.mode
        claims: Sequence[Claim] = ()
        closest: Sequence[Span] = ()
        with clock.stage("answer"):
            if self.model and top:
                try:
                    claims = yield from _written(self.model, question, top, history)
                except ModelError as error:
                    mode, notice = "extractive", _join(notice, f"{error} {_TAKEN_OVER}")
            if not claims:
                # A model that says the articles do not answer is believed; what they hold closest is shown.
                quotes = self._quotes(question, top)
                claims, closest = quotes.claims if mode == "extractive" else (), quotes.closest
                if claims and quotes.unanswered:
                    open_parts = "; ".join(quotes.unanswered)
                    notice = _join(notice, f"The articles found do not answer this part: {open_parts}.")
        with clock.stage("check"):
            sentences, citations = check(claims, top)
        yield Answer(
            question,
            marked(sentences) if sentences else refusal(),
            mode,
            abstained=not sentences,
            notice=notice,
            sentences=sentences,
            citations=citations or _numbered(closest),
            hits=tuple(hits),
            timings_ms=clock.timings(),
        )

    def understand(
        self, text: str, *, history: Sequence[Turn] = (), filters: Filters = Filters(), as_of: dt.date | None = None
    ) -> Question:
        """The question as it will be searched for. Raises UsageError for an empty one."""
        longest = self.settings.question_words
        return understand(text, history=history, filters=filters, as_of=as_of, longest=longest)

    def search(self, question: Question, limit: int = 50) -> list[Hit]:
        """The passages found for a question, best first."""
        settings, store = self.settings, self.library.store
        candidates = search(store, self.library.embedder, question, settings.candidates)
        hits = fuse(candidates, settings.words_weight)[: settings.candidates]
        ranked = rank(
            hits,
            question,
            store.words().coverage(question.standalone, [hit.passage.id for hit in hits]),
            coverage_weight=settings.coverage_weight,
            recency_weight=settings.recency_weight,
            recency_days=settings.recency_days,
            per_article=settings.per_article,
        )
        return ranked[:limit]

    def suggestions(self, count: int = 4) -> list[str]:
        """Questions that the library's own articles answer, for an empty screen; none where there are no articles."""
        generation = self.library.store.articles.generation()
        if self._suggested is None or self._suggested[:2] != (generation, count):
            self._suggested = generation, count, self._suggest(count)
        return self._suggested[2]

    def _suggest(self, count: int) -> list[str]:
        newest = [row.id for row in self.library.articles()[: count * 3]]
        suggested = suggest(article for id_ in newest if (article := self.library.article(id_)))
        return list(islice(filter(self._answers, suggested), count))

    def _answers(self, text: str) -> bool:
        question = self.understand(text)
        return bool(self._quotes(question, self.search(question)[: self.settings.top]).claims)

    def close(self) -> None:
        """Closes the library."""
        self.library.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _quotes(self, question: Question, hits: Sequence[Hit]) -> Quotes:
        settings = self.settings
        return quote(question, hits, sentences=settings.answer_sentences, refuse_below=settings.refuse_below)


_TAKEN_OVER = "These are sentences from the articles instead."


def _written(
    model: LanguageModel, question: Question, hits: Sequence[Hit], history: Sequence[Turn]
) -> Generator[Draft, None, Sequence[Claim]]:
    """Drafts while the model writes; returns the claims it made, none where it refused."""
    reply = write(model, question, hits, history)
    for text in reply:
        yield Draft(text, tuple(hits))
    return () if reply.refused else reply.claims


def _numbered(spans: Sequence[Span]) -> tuple[Citation, ...]:
    return tuple(Citation(n, span.article, span.start, span.end) for n, span in enumerate(spans, start=1))


def marked(sentences: Sequence[Sentence]) -> str:
    """The sentences as one text, each after what leads it and followed by its `[n]` markers."""
    leads = (f"{s.prefix}{s.lead}: " if s.lead else s.prefix for s in sentences)
    markers = ("".join(f" [{n}]" for n in s.citations) for s in sentences)
    pieces = (lead + s.text + marker for lead, s, marker in zip(leads, sentences, markers, strict=True))
    return "".join(pieces).strip()


class _Clock:
    """Milliseconds by stage; the total runs from its making."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._stages = {"retrieve": 0.0, "answer": 0.0, "check": 0.0}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._stages[name] += (time.perf_counter() - began) * 1000

    def timings(self) -> dict[str, float]:
        return {**self._stages, "total": (time.perf_counter() - self._began) * 1000}


def _cut_notice(text: str, question: Question) -> str | None:
    asked, read = len(text.split()), len(question.text.split())
    return f"The question has {asked:,} words; the first {read:,} were read." if read < asked else None


def _join(first: str | None, second: str) -> str:
    return f"{first} {second}" if first else second
