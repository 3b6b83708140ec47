"""Composes the question's journey: understand -> retrieve (search, fuse, rank) -> answer -> cite and check."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from types import TracebackType

from qa.ask.answer.context import widened
from qa.ask.answer.differ import find_difference
from qa.ask.answer.notices import corrections, remarked, remarks
from qa.ask.answer.premise import find_false_premise
from qa.ask.answer.quote import Quotes, quote
from qa.ask.answer.reply import Reply
from qa.ask.answer.write import write
from qa.ask.retrieve.retrieve import Found, retrieve
from qa.ask.retrieve.trace import decided, listed
from qa.ask.suggest import suggest
from qa.ask.understand import understand
from qa.check.check import check
from qa.errors import ModelError
from qa.language.text import words
from qa.library import Library
from qa.models import (
    SERVED,
    LanguageModel,
    Reader,
    Reranker,
    Verifier,
    load_language_model,
    load_reader_for,
    load_reranker,
    load_verifier,
)
from qa.prompts import refusal
from qa.runtime import Clock, drain
from qa.settings import Settings
from qa.types import (
    Answer,
    Citation,
    Claim,
    Draft,
    Filters,
    Hit,
    Question,
    Sentence,
    Span,
    Trace,
    Turn,
)


class Assistant:
    """Answers questions from one library. A context manager; safe to use from several threads."""

    def __init__(
        self,
        library: Library,
        model: LanguageModel | None = None,
        verifier: Verifier | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self.library = library
        self.model = model
        self.verifier = verifier
        self.reranker = reranker
        self.is_live = True
        """Whether "last week" counts from today where a question has no as-of date; not where old ones are replayed."""
        self._settings = library.settings
        self._suggested: tuple[int, int, list[str]] | None = None

    @classmethod
    def open(cls, settings: Settings, *, background: bool = False) -> Assistant:
        """An assistant over the library at `settings.index` with the models that the settings name.

        In the `background`, embedder and reranker go on loading while it already answers without them. Raises
        LibraryError, EmbedderMismatch, ModelError, UsageError.
        """
        model = load_language_model(settings.llm, settings)
        verifier = load_verifier(settings.verify)
        reranker = load_reranker(settings.rerank, settings, background=background)
        return cls(Library.open(settings, background=background), model, verifier, reranker)

    @property
    def settings(self) -> Settings:
        """The settings in force: the library's, unless it was made `with_` others."""
        return self._settings

    def with_(self, model: LanguageModel | None, settings: Settings) -> Assistant:
        """The same over the same library, with another model and other settings of how it answers.

        What a search is made with stays the library's.
        """
        other = Assistant(self.library, model, self.verifier, self.reranker)
        other.is_live, other._settings = self.is_live, settings
        return other

    @property
    def mode(self) -> str:
        """`extractive`, or `provider:model` of the language model that writes."""
        return self.model.name if self.model else "extractive"

    @property
    def reader(self) -> Reader | None:
        """The reader that ships, unless the library is searched without it. Raises ModelError where it is broken."""
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
        self, text: str, *, history: Sequence[Turn] = (), filters: Filters = Filters(), as_of: dt.date | None = None
    ) -> Generator[Draft | Answer]:
        """Drafts as the answer grows, the first as soon as passages are found, then the one Answer.

        Closing the iterator ends the model's request. Verbatim sentences take the place of a model that fails.
        """
        clock, turns = Clock("understand", "retrieve", "read", "answer", "check"), self.library.turns
        with clock.stage("understand"):
            question = self.understand(text, history=history, filters=filters, as_of=as_of)
        with self._retrieval_turn(), clock.stage("retrieve"):
            found = retrieve(self.library, question, self.reranker, self.reader)
        hits = found.hits[:_KEPT]
        yield Draft("", hits)
        top = hits[: self.settings.top]
        notice = _join(_cut_notice(text, question), found.notice)
        mode = self.mode
        read: Sequence[Hit] = widened(top) if self.model else top
        claims: Sequence[Claim] = ()
        closest: Sequence[Span] = ()
        reply, quotes = None, None
        with clock.stage("answer"):
            with turns.turn(), clock.stage("read"):
                premise, difference = find_false_premise(question, top), find_difference(question, top)
            if self.model and top:
                reply = write(self.model, question, read, history)
                try:
                    claims = yield from _written(reply, read)
                except ModelError as error:
                    mode, notice = "extractive", _join(notice, f"{error} {_TAKEN_OVER}")
            if not claims:
                # A model that says the articles do not answer is believed; what they hold closest is shown.
                with turns.turn():
                    quotes = self._quotes(question, top)
                said = remarked(quotes.claims, premise, difference) if mode == "extractive" else ()
                claims, closest = said, quotes.closest
                if claims and quotes.unanswered:
                    open_parts = "; ".join(quotes.unanswered)
                    notice = _join(notice, f"The articles found do not answer this part: {open_parts}.")
            if mode != "extractive":
                notice = _join(notice, remarks(premise, difference))
        with turns.turn(), clock.stage("check"):
            sentences, citations = check(claims, read, self.verifier)
            notice = _join(notice, corrections(citations))
        citations = citations or _numbered(closest)
        trace = self._trace(question, found, clock, citations, reply, quotes, bool(sentences), mode)
        yield Answer(
            question,
            marked(sentences) if sentences else refusal(),
            mode,
            abstained=not sentences or premise in claims,
            notice=notice,
            sentences=sentences,
            citations=citations,
            hits=hits,
            timings_ms={name: clock.ms[name] for name in ("retrieve", "answer", "check")} | {"total": clock.total},
            trace=trace,
        )

    async def aask(
        self, text: str, *, history: Sequence[Turn] = (), filters: Filters = Filters(), as_of: dt.date | None = None
    ) -> Answer:
        """What `ask` gives, while the event loop goes on."""
        async for step in self.astream(text, history=history, filters=filters, as_of=as_of):
            answer = step
        assert isinstance(answer, Answer)
        return answer

    def astream(
        self, text: str, *, history: Sequence[Turn] = (), filters: Filters = Filters(), as_of: dt.date | None = None
    ) -> AsyncGenerator[Draft | Answer]:
        """What `stream` gives, while the event loop goes on. Being cancelled ends the model's request."""
        return drain(self.stream(text, history=history, filters=filters, as_of=as_of))

    def understand(
        self, text: str, *, history: Sequence[Turn] = (), filters: Filters = Filters(), as_of: dt.date | None = None
    ) -> Question:
        """The question as it will be searched for; a model completes one that leans on what was said before.

        Raises UsageError for an empty one.
        """
        return understand(
            text,
            history=history,
            filters=filters,
            as_of=as_of,
            longest=self.settings.question_words,
            today=dt.date.today() if self.is_live else None,
            outlets=self.library.outlets(),
            model=self.model,
        )

    def search(self, question: Question, limit: int = 50) -> list[Hit]:
        """The passages found for a question, best first."""
        with self._retrieval_turn():
            return list(retrieve(self.library, question, self.reranker, self.reader).hits[:limit])

    def suggestions(self, count: int = 4) -> list[str]:
        """Questions that the library's own articles answer, for an empty screen; none where there are no articles."""
        generation = self.library.store.articles.generation()
        if self._suggested is None or self._suggested[:2] != (generation, count):
            self._suggested = generation, count, self._suggest(count)
        return self._suggested[2]

    def follow_ups(self, answer: Answer, asked: Sequence[str], count: int = 2) -> list[str]:
        """Questions to go on with, not yet `asked`: of the articles that the answer rests on or was chosen from."""
        cited = [citation.article for citation in answer.citations]
        found = [hit.passage.article for hit in answer.hits[: self.settings.top]]
        articles = {article.id: article for article in (*cited, *found)}
        known = {tuple(words(question)) for question in asked}
        new = (text for text in suggest(islice(articles.values(), count * 2)) if tuple(words(text)) not in known)
        return list(islice(filter(self._answers, new), count))

    def _suggest(self, count: int) -> list[str]:
        newest = [row.id for row in self.library.articles()[: count * 3]]
        suggested = suggest(article for id_ in newest if (article := self.library.article(id_)))
        return list(islice(filter(self._answers, suggested), count))

    def _answers(self, text: str) -> bool:
        question = self.understand(text)
        with self.library.turns.turn():
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

    def _retrieval_turn(self) -> AbstractContextManager[None]:
        """A turn to compute in; none where a server makes the vectors, for which nobody else is to wait."""
        is_served = self.library.embedder.name.partition(":")[0] in SERVED
        return nullcontext() if is_served else self.library.turns.turn()

    def _quotes(self, question: Question, hits: Sequence[Hit]) -> Quotes:
        settings = self.settings
        return quote(
            question,
            hits,
            sentences=settings.answer_sentences,
            refuse_below=settings.refuse_below,
            reader=self.reader,
        )

    def _trace(
        self,
        question: Question,
        found: Found,
        clock: Clock,
        citations: Sequence[Citation],
        reply: Reply | None,
        quotes: Quotes | None,
        is_answered: bool,
        mode: str,
    ) -> Trace:
        """How the answer came about; of `quotes` where the articles' own sentences were looked at."""
        is_written = reply is not None and mode != "extractive"
        room = reply.passages if reply and is_written else None
        rows = decided(found.considered, self.settings.top, citations, is_refusal=not is_answered, in_prompt=room)
        kept = listed(rows)
        ms = clock.ms
        return Trace(
            question,
            found.searches,
            self.settings.look_again_below,
            kept,
            len(rows) - len(kept),
            quotes.confidence if quotes else None,
            self.settings.refuse_below,
            tuple(reply.messages) if reply else None,
            reply.raw if reply else None,
            {
                "understand": ms["understand"],
                **found.stages_ms,
                "read": ms["read"],
                "answer": ms["answer"] - ms["read"],
                "check": ms["check"],
            },
        )


_KEPT = 50  # hits that an answer shows
_TAKEN_OVER = "These are sentences from the articles instead."


def _written(reply: Reply, hits: Sequence[Hit]) -> Generator[Draft, None, Sequence[Claim]]:
    """Drafts while the model writes; returns the claims it made, none where it refused."""
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


def _cut_notice(text: str, question: Question) -> str | None:
    asked, read = len(text.split()), len(question.text.split())
    return f"The question has {asked:,} words; the first {read:,} were read." if read < asked else None


def _join(first: str | None, second: str | None) -> str | None:
    return " ".join(part for part in (first, second) if part) or None
