"""The values that travel through Citewire, from an article to a checked answer. This file imports nothing of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["verbatim", "supported", "unverified", "unsupported"]
"""What code found when it compared a sentence with the text it cites, from best to worst."""

DateSource = Literal["field", "json-ld", "meta", "url", "dateline", "inferred", "unknown"]
"""How the date of publication is known."""

DatePrecision = Literal["day", "month", "year"]
"""How exact a date is; of a month or a year the first day is written."""


@dataclass(frozen=True, slots=True)
class Note:
    """What an editor says about an article, kept apart from its text."""

    kind: Literal["correction", "update", "editor"]
    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line that cleaning took out of an article, so that a reader can judge."""

    text: str
    reason: str
    """Such as "photo credit" or "in 12 articles of this outlet"."""


@dataclass(frozen=True, slots=True)
class Article:
    """One news article as the library holds it. Every offset in the program points into `text`."""

    id: str
    title: str
    text: str
    """Cleaned: NFC, plain spaces and quotes, paragraphs separated by one empty line."""
    outlet: str | None = None
    date: dt.date | None = None
    """Day of publication; None where nobody knows. Never the day of ingest."""
    date_source: DateSource = "unknown"
    date_precision: DatePrecision = "day"
    first_published: dt.date | None = None
    """Where this is a later version of a page that was published before."""
    updated: dt.date | None = None
    """The day of the last revision that its page names, later than `date`; None where it names none."""
    authors: tuple[str, ...] = ()
    url: str | None = None
    path: str | None = None
    """The file it was read from."""
    language: str | None = None
    """Two letters (ISO 639-1)."""
    place: str | None = None
    """The place that its dateline names."""
    notes: tuple[Note, ...] = ()
    pages: tuple[int, ...] = ()
    """Offsets at which the pages of a document begin; empty where it has none."""
    title_is_made: bool = False
    """Whether nobody gave it a title, so that the first words of the text stand in."""
    story: str = ""
    """Id of the article that leads the story this is a version of; its own id where it leads or stands alone."""
    also_in: tuple[str, ...] = ()
    """Who else published a version of it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an article: characters `start` to `end` (exclusive) of its text."""

    article: Article
    start: int
    end: int

    @property
    def text(self) -> str:
        """The article's own words between the two offsets."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Passage(Span):
    """A span that is indexed and found as one piece."""

    id: int = 0
    """Key of the passage in all three stores; never used twice."""
    is_copy: bool = False
    """Whether it says nothing that the article which leads its story does not say."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found, and the scores that brought it to its place."""

    passage: Passage
    score: float
    """What the final order is by; higher is better, roughly 0 to 1."""
    bm25: float = 0.0
    """As the word index gives it."""
    cosine: float | None = None
    """As the vectors give it; None where they did not find it."""
    words: float = 0.0
    """BM25, min-max normalised over the candidates, 0 to 1."""
    vectors: float = 0.0
    """Cosine similarity, min-max normalised over the candidates, 0 to 1."""
    coverage: float = 0.0
    """Share of the question's words, weighted by idf, that the passage's best sentence holds, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search. Undated articles are outside every date range."""

    date_from: dt.date | None = None
    date_to: dt.date | None = None
    """Inclusive."""
    outlets: tuple[str, ...] = ()
    """Any of these; empty means all."""
    articles: tuple[str, ...] = ()
    """Ids of articles that were chosen: only those, and the `stories`; empty means all."""
    stories: tuple[str, ...] = ()
    """Ids of articles that lead stories: every version of these, besides the chosen `articles`; empty means all."""
    any_time: bool = False
    """Whether the time words of a question neither narrow nor favour; of itself it leaves nothing out."""
    dated_until: dt.date | None = None
    """Nothing dated later passes, and undated articles do. An as-of day sets it; a reader's own days are `date_to`."""

    def __bool__(self) -> bool:
        """Whether anything is left out."""
        return bool(self.date_from or self.date_to or self.dated_until or self.outlets or self.is_choice)

    @property
    def is_choice(self) -> bool:
        """Whether single articles or stories were chosen."""
        return bool(self.articles or self.stories)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """When what is asked about was reported, as far as the question's own words say; either end may be open."""

    date_from: dt.date | None = None
    date_to: dt.date | None = None
    """Inclusive."""
    hard: bool = False
    """Whether articles outside are left out; otherwise those inside are favoured."""
    words: str = ""
    """The words of the question that say so, such as "last March"."""
    days: tuple[dt.date | None, dt.date | None] = field(default=(None, None), compare=False)
    """First and last of the days that the words themselves name; a window that is not hard reaches further."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the questions that a question of several parts is made of; it is searched for alone."""

    text: str
    outlets: tuple[str, ...] = ()
    """Outlets that this part names; empty means any."""
    window: TimeWindow | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was asked before in the same conversation, and what was answered."""

    question: str
    standalone_question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood: what was typed, and what can be searched for without knowing the conversation."""

    text: str
    standalone: str
    filters: Filters = Filters()
    as_of: dt.date | None = None
    """The day the question is asked on: nothing dated later is found. None means that nobody said."""
    window: TimeWindow | None = None
    """What its words say of when; None where they say nothing."""
    is_present: bool = False
    """Whether it asks how things stand now, so that the newest article counts most."""
    parts: tuple[Part, ...] = ()
    """Where it asks several things: two or more; otherwise empty."""
    outlets: tuple[str, ...] = ()
    """Outlets that it names; those are favoured."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer before it is checked, with the spans it says it rests on."""

    text: str
    """Without citation markers."""
    cites: tuple[Span, ...] = ()
    prefix: str = ""
    """White space, list bullet or line break that stood before the sentence."""
    lead: str = ""
    """What the program puts before the sentence: the date of an entry, or the side that it speaks for."""
    bold: tuple[tuple[int, int], ...] = ()
    """Offsets in `text` of the few words that are the answer; to be drawn, never part of the text."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quotation that a reader can check: `quote` equals `article.text[start:end]`."""

    n: int
    article: Article
    start: int
    end: int

    @property
    def quote(self) -> str:
        """The cited words exactly as they stand in the article."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One checked sentence of an answer."""

    text: str
    citations: tuple[int, ...]
    """Numbers of the citations behind it, ascending."""
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    """Why the verdict is not better, or where the citation was moved from, in words for the reader."""
    prefix: str = ""
    lead: str = ""
    """As in a Claim."""
    bold: tuple[tuple[int, int], ...] = ()
    """As in a Claim."""
    missed: tuple[tuple[int, int], ...] = ()
    """Offsets in `text` of the words that the check did not find in the source."""


Fate = Literal["cited", "closest", "read", "cut"]
"""What became of a passage: a sentence cites it, a refusal shows it, the answer was made with it, or it was cut."""


@dataclass(frozen=True, slots=True)
class Considered:
    """A passage that a search found for a question, where each score put it, and what became of it."""

    article_id: str
    title: str
    start: int
    end: int
    outlet: str | None = None
    date: dt.date | None = None
    date_precision: DatePrecision = "day"
    rank: int | None = None
    """Its place in the end, from 1; None where it lost its place to another."""
    ranks: Mapping[str, int] = field(default_factory=dict)
    """Its place by "words", "vectors", "ranker" and whatever else ordered the passages, each from 1."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """What each score said of it; those of `ranks`, and "coverage" and "nearness", each 0 to 1."""
    fate: Fate = "cut"
    reason: str = ""
    """Why it was cut, in words for the reader."""
    cites: tuple[int, ...] = ()
    """Numbers of the citations that lie in it."""
    part: str = ""
    """The part of the question that it was found for; empty for the whole of it."""
    is_second: bool = False
    """Whether only the second search found it."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search, of a whole question or of a part of it."""

    text: str
    found: int
    """Passages that words and vectors brought."""
    best: float | None = None
    """Score of the best of them before anything was searched again; None where nothing was found."""
    added: int | None = None
    """Passages that a second search brought besides, with the words of the best ones; None where none was made."""


Role = Literal["system", "user", "assistant"]
"""Who speaks, to a language model."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a language model."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer came about."""

    question: Question
    searches: tuple[Search, ...] = ()
    look_again_below: float = 0.0
    """Score of the best passage under which a second search was to be made."""
    considered: tuple[Considered, ...] = ()
    """Best first; those that lost their place to another at the end."""
    left_out: int = 0
    """Passages behind these, which are not listed."""
    confidence: float | None = None
    """How sure it was that the passages answer, 0 to 1; None where a model was to say."""
    refuse_below: float = 0.0
    prompt: tuple[Message, ...] | None = None
    """What was sent to the language model; None without one."""
    raw: str | None = None
    """What that wrote, before its citations were read and anything was checked."""
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    """Time of each stage, in their order: understand, search, rank, read, answer, check."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer with everything needed to show it, check it and measure it."""

    question: Question
    text: str
    """The sentences with their `[n]` markers."""
    mode: str
    """`extractive`, or `provider:model` of the language model that wrote it."""
    abstained: bool = False
    """Whether the question was not answered; the sentences, where there are any, say what is wrong with it."""
    notice: str | None = None
    """A sentence for the reader, such as why a model's answer was replaced."""
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    """Of the sentences; of an answer that abstained, what was found closest."""
    hits: tuple[Hit, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    trace: Trace | None = field(default=None, compare=False, repr=False)
    """How it came about; None where it was read from somewhere."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What can be shown while an answer is still being made: a streaming step."""

    text: str
    """The answer so far, unchecked."""
    hits: tuple[Hit, ...] = ()
