"""An assistant that answers as told, so that the window can be seen in every state: a small honest implementation."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from qa.ask.stories.event import Event
from qa.ask.stories.story import Story
from qa.errors import ModelError
from qa.language.text import sentence_spans, words
from qa.settings import Settings
from qa.store import Collections, Conversations, FollowedSources, Overview, Shares, Windows
from qa.store.database import Database
from qa.store.tables import schema
from qa.types import (
    Answer,
    Article,
    Citation,
    Correction,
    Draft,
    Dropped,
    Filters,
    Hit,
    Passage,
    Question,
    Sentence,
    Turn,
    Verdict,
)
from qa.ui.app import serve

HARBOUR = Article(
    id="harbour",
    title="Harbour bridge to close for repairs",
    outlet="Coast Courier",
    date=dt.date(2024, 3, 12),
    date_source="dateline",
    authors=("Mara Lind",),
    url="https://news.example/harbour-bridge",
    path="articles/harbour.md",
    text=(
        "The harbour bridge will close to traffic on 2 April for eleven weeks, the city council decided on Monday.\n\n"
        + "\n\n".join(
            f"Paragraph {n} tells how the bridge was built, painted and paid for, and what the people who cross it "
            "every morning have said about the noise, the wind and the view. None of it is about the closure."
            for n in range(1, 13)
        )
        + "\n\nInspectors found rust in forty of its cables. "
        "The repairs will cost 18 million crowns, mayor Ida Berg said. "
        'She called the work "long overdue". Ferries will run every ten minutes while the bridge is shut. '
        "Cyclists may cross on Sundays."
    ),
)
FERRY = Article(
    id="ferry",
    title="Ferry company hires sixty for the bridge closure",
    outlet="North Wire",
    text=(
        "Sund Ferries will hire sixty people before the bridge closes. The company's director, Olaf Rehn, said that "
        "tickets would stay at 30 crowns. Two ferries come from the northern line."
    ),
)
CANARY = Article(
    id="canary",
    title='<script>window.canary="title"</script><img src=x onerror="window.canary=1"> ![x](http://elsewhere.example/a.png)',
    outlet="<b onmouseover=\"window.canary='outlet'\">Outlet</b>",
    url="javascript:window.canary='url'",
    path='"><img src=x onerror="window.canary=2">.md',
    text=(
        "The canary sings <script>window.canary='text'</script> in the mine. "
        '<img src="http://elsewhere.example/b.png" onerror="window.canary=3"> '
        "![image](http://elsewhere.example/c.png) ${window.canary=4} {{window.canary}} "
        "<a href=\"javascript:window.canary='link'\">link</a> </blockquote></article><iframe src='http://elsewhere.example'>"
    ),
)
ARTICLES = (HARBOUR, FERRY, CANARY)
EXAMPLES = (
    "When will the harbour bridge close?",
    "What will the repairs cost?",
    "Who is the director of Sund Ferries?",
)
REFUSAL = "The articles do not say."


class FakeStore:
    """Conversations in a real database; without a path, in a folder that goes with the store."""

    is_read_only = is_shared = False

    def __init__(self, path: Path | None = None) -> None:
        self.folder = path.parent if path else Path(mkdtemp(prefix="citewire-fake-"))
        if path is None:
            weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        database = Database(path or self.folder / "library.db")
        with database.writing() as db:
            schema.create_all(db)
        self.conversations = Conversations(database)
        self.collections = Collections(database)
        self.followed = FollowedSources(database)
        self.shares = Shares(database)
        self.windows = Windows(database)


@dataclass
class FakeLibrary:
    """Articles in memory."""

    held: Sequence[Article] = ARTICLES
    store: FakeStore = field(default_factory=FakeStore)

    def count(self) -> int:
        return len(self.held)

    def overview(self) -> Overview:
        days = Counter(article.date for article in self.held if article.date)
        outlets = Counter(article.outlet for article in self.held if article.outlet)
        return Overview(len(self.held), dict(sorted(days.items())), tuple(outlets.most_common()))

    def generation(self) -> int:
        return len(self.held)

    def behind(self) -> float:
        return 0.0

    def keep_up(self) -> None:
        pass

    def article(self, article_id: str) -> Article | None:
        return next((article for article in self.held if article.id == article_id), None)

    def outlets(self) -> tuple[str, ...]:
        return tuple(sorted({article.outlet for article in self.held if article.outlet}))

    def corrections(self, article_id: str) -> tuple[Correction, ...]:
        return ()

    def dropped(self, article_id: str) -> tuple[Dropped, ...]:
        return (Dropped("Share this article", "share line"),)


class FakeStories:
    """Each article stands alone."""

    def busiest(self, count: int) -> list[Event]:
        return []

    def story(self, article_id: str) -> Story | None:
        return None


@dataclass
class FakeAssistant:
    """Finds sentences by shared words, and takes the verdicts it gives from words in the question.

    "paraphrase" makes the second sentence unverified and "invent" makes it unsupported; "slow" writes word by word
    until the stream is closed; "fail" fails. Everything else is verbatim, or a refusal where
    fewer than two words are found.
    """

    library: FakeLibrary = field(default_factory=FakeLibrary)
    mode: str = "extractive"
    where: str = "this machine"
    questions: list[str] = field(default_factory=list)
    histories: list[tuple[Turn, ...]] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    stories: FakeStories = field(default_factory=lambda: FakeStories())

    def forget(self) -> None:
        """As if nothing had been asked."""
        for row in self.library.store.conversations.rows():
            self.library.store.conversations.delete(row.id)
        self.questions.clear()
        self.histories.clear()
        self.closed.clear()

    @property
    def settings(self) -> Settings:
        return Settings(index=self.library.store.folder)

    def follow_ups(self, answer: Answer, asked: Sequence[str], count: int = 2) -> list[str]:
        return [example for example in EXAMPLES if example not in asked][:count]

    def suggestions(self, count: int = 4) -> list[str]:
        if not self.library.count():
            return []
        return list(EXAMPLES)

    def stream(
        self,
        text: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters = Filters(),
        as_of: dt.date | None = None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Iterator[Draft | Answer]:
        self.questions.append(text)
        self.histories.append(tuple(history))
        standalone = f"{text} (after: {history[-1].question})" if history and "it" in words(text) else text
        question = Question(text, standalone, filters, as_of)
        passages = self._search(text)
        hits = tuple(Hit(passage, 1 / rank) for rank, passage in enumerate(passages, start=1))
        yield Draft("", hits)
        if "fail" in words(text):
            raise ModelError("The model's server at 127.0.0.1:11434 does not answer. Start it, or leave out --llm.")
        if "slow" in words(text):
            yield from self._slowly(hits)
        yield self._answer(question, hits)

    def _search(self, text: str) -> list[Passage]:
        asked = {word for word in words(text) if len(word) > 3}
        scored = [
            (len(asked & set(words(article.text[start:end]))), Passage(article, start, end))
            for article in self.library.held
            for start, end in sentence_spans(article.text)
        ]
        return [passage for score, passage in sorted(scored, key=lambda pair: -pair[0]) if score][:4]

    def _slowly(self, hits: tuple[Hit, ...]) -> Iterator[Draft]:
        text = "<img src=x onerror=window.canary=20> ![m](http://elsewhere.example/d.png) "
        try:
            for n in range(10_000):
                text += f"word{n} [1] "
                yield Draft(text, hits)
                time.sleep(0.01 if n < 80 else 0.2)  # no test waits for more words: a busy browser must keep up
        finally:
            self.closed.set()

    def _answer(self, question: Question, hits: tuple[Hit, ...]) -> Answer:
        asked = {word for word in words(question.text) if len(word) > 3}
        best = hits[0].passage.text if hits else ""
        citations = tuple(
            Citation(n, h.passage.article, h.passage.start, h.passage.end) for n, h in enumerate(hits[:3], start=1)
        )
        timings = {"total": 412.0}
        if len(asked & set(words(best))) < 2:
            return Answer(question, REFUSAL, self.mode, True, citations=citations, hits=hits, timings_ms=timings)
        verdicts: list[tuple[Verdict, tuple[str, ...]]] = [("verbatim", ())] * 3
        if "paraphrase" in words(question.text):
            verdicts[1] = ("unverified", ("too few of its words stand in the source",))
        if "invent" in words(question.text):
            verdicts[1] = ("unsupported", ('"25 million" is not in the source',))
        if "supported" in words(question.text):
            verdicts[0] = ("supported", ())
        pairs = zip(citations, verdicts, strict=False)
        texts = [c.quote if verdict == "verbatim" else _reworded(c.quote) for c, (verdict, _) in pairs]
        sentences = tuple(
            Sentence(text, (c.n,), verdict, reasons, prefix=" " if c.n > 1 else "", missed=_missed(text, verdict))
            for text, c, (verdict, reasons) in zip(texts, citations, verdicts, strict=False)
        )
        text = " ".join(f"{s.text} [{s.citations[0]}]" for s in sentences)
        notice = "The question was cut after 400 words." if len(words(question.text)) > 400 else None
        return Answer(question, text, self.mode, False, notice, sentences, citations, hits, timings)


def _reworded(text: str) -> str:
    return re.sub(r"\d+ million", "25 million", f"Reportedly, {text[0].lower()}{text[1:]}")


def _missed(text: str, verdict: Verdict) -> tuple[tuple[int, int], ...]:
    return ((0, text.index(",")),) if verdict == "unsupported" else ()


def serve_until_told(library: Path, port: int) -> None:
    """A window over the articles of this file that keeps its conversations in a database, until the process is told."""
    serve(
        FakeAssistant(FakeLibrary(store=FakeStore(library))),
        host="127.0.0.1",
        port=port,
        auth=None,
        announce=lambda address: print(address, flush=True),
    )
    print("ended", flush=True)
