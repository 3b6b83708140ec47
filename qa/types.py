"""The values that travel through Citewire, from an article to a checked answer. Imports nothing else of Citewire."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["verbatim", "supported", "unverified", "unsupported"]
"""The result of comparing a sentence with the text it cites, from best to worst."""

DateSource = Literal["field", "json-ld", "meta", "page", "url", "dateline", "inferred", "set", "unknown"]
"""How the date of publication is known; "set" by a person."""

DatePrecision = Literal["day", "month", "year"]
"""How exact a date is; a month or a year is written as its first day."""


@dataclass(frozen=True, slots=True)
class Note:
    """What an editor says about an article, kept apart from its text."""

    kind: Literal["correction", "update", "editor"]
    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line that cleaning took out of an article, kept so that a reader can judge."""

    text: str
    reason: str
    """Such as "photo credit" or "in 12 articles of this outlet"."""


CorrectedField = Literal["title", "date", "outlet", "authors"]
"""What of an article can be set by hand."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A field of an article that a person has set: it stands over what the file says."""

    field: CorrectedField
    value: str
    """A date as YYYY-MM-DD, YYYY-MM or YYYY; authors with "; " between them; empty where there is said to be none."""
    said: str
    """What the file says, in the same form."""


@dataclass(frozen=True, slots=True)
class Article:
    """One news article as stored. Every offset in the program points into `text`."""

    id: str
    title: str
    text: str
    """Cleaned: NFC, plain spaces and quotes, paragraphs separated by one empty line."""
    outlet: str | None = None
    date: dt.date | None = None
    """Day of publication, never of ingest; None where it is unknown."""
    date_source: DateSource = "unknown"
    date_precision: DatePrecision = "day"
    first_published: dt.date | None = None
    """Day of the first version of the page; None where this is the only one."""
    updated: dt.date | None = None
    """The day of the last revision that its page names, later than `date`; None where it names none."""
    authors: tuple[str, ...] = ()
    url: str | None = None
    path: str | None = None
    """The file it was read from."""
    language: str | None = None
    """Two letters (ISO 639-1)."""
    place: str | None = None
    """The place in its dateline."""
    notes: tuple[Note, ...] = ()
    pages: tuple[int, ...] = ()
    """Offsets at which the pages of a document begin; empty for other files."""
    title_is_made: bool = False
    """True where the title is only the first words of the text."""
    story: str = ""
    """Id of the article that leads the story; its own id where it leads or stands alone."""
    also_in: tuple[str, ...] = ()
    """Other outlets that published a version of it."""


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

    def overlaps(self, other: Span) -> bool:
        """Whether both have a character of one article in common."""
        return self.article.id == other.article.id and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Passage(Span):
    """A span that is indexed and found as one."""

    id: int = 0
    """Key of the passage in the database, the vectors and the word index; never used twice."""
    is_copy: bool = False
    """True where the article that leads its story says all of it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found, with the scores that placed it."""

    passage: Passage
    score: float
    """The score of the final order; higher is better, roughly 0 to 1."""
    bm25: float = 0.0
    """Score of the word index."""
    cosine: float | None = None
    """Similarity of the vectors; None where they did not find it."""
    words: float = 0.0
    """BM25, scaled over the candidates to 0 to 1."""
    vectors: float = 0.0
    """Cosine similarity, scaled over the candidates to 0 to 1."""
    coverage: float = 0.0
    """Share of the question's words, weighted by idf, in the passage's best sentence, 0 to 1."""


@dataclass(frozen=True, slots=True)
class CollectionName:
    """A named set of articles, as a search is limited to it."""

    id: str
    name: str
    """As it was called then; one that is renamed keeps its id."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits of a search. Undated articles are outside every date range."""

    date_from: dt.date | None = None
    date_to: dt.date | None = None
    """Inclusive."""
    outlets: tuple[str, ...] = ()
    """Any of these; empty means all."""
    articles: tuple[str, ...] = ()
    """Ids of articles: only these and the `stories` are searched; empty means all."""
    stories: tuple[str, ...] = ()
    """Ids of articles that lead stories: every version of these and the `articles` are searched; empty means all."""
    any_time: bool = False
    """True where the time words of the question are ignored; leaves no article out by itself."""
    dated_until: dt.date | None = None
    """Nothing dated later passes, and undated articles do. An as-of day sets it; a reader's own days are `date_to`."""
    collection: CollectionName | None = None
    """Only its articles are searched: those that it holds when the question is asked."""

    def __bool__(self) -> bool:
        """True where any article is left out."""
        return bool(self.date_from or self.date_to or self.dated_until or self.outlets or self.is_choice)

    @property
    def is_choice(self) -> bool:
        """True where articles were chosen one by one, by story or by collection."""
        return bool(self.articles or self.stories or self.collection)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """When the events asked about were reported, as far as the question says; either end may be open."""

    date_from: dt.date | None = None
    date_to: dt.date | None = None
    """Inclusive."""
    hard: bool = False
    """True where articles outside are left out; otherwise articles inside are favoured."""
    words: str = ""
    """The words that say so, such as "last March"."""
    days: tuple[dt.date | None, dt.date | None] = field(default=(None, None), compare=False)
    """First and last day that the words name; a window that is not hard reaches further."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of several questions in one, searched for alone."""

    text: str
    outlets: tuple[str, ...] = ()
    """Outlets that it names; empty means any."""
    window: TimeWindow | None = None


_MARKER = re.compile(r" ?\[\d+\]|\*\*")


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same conversation, with its answer."""

    question: str
    standalone_question: str
    answer: str

    @property
    def said(self) -> str:
        """The answer without the markers of its sources."""
        return _MARKER.sub("", self.answer)


@dataclass(frozen=True, slots=True)
class Respelling:
    """A word of a question that no article holds, and what was searched for instead."""

    typed: str
    searched: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood: as typed, and as searched for, which needs no earlier turn."""

    text: str
    standalone: str
    filters: Filters = Filters()
    as_of: dt.date | None = None
    """The day the question is asked on: nothing dated later is found. None means that nobody said."""
    window: TimeWindow | None = None
    """The time that its words name; None where they name none."""
    is_present: bool = False
    """True where it asks how things stand now, so that the newest article counts most."""
    parts: tuple[Part, ...] = ()
    """The questions in it, where there are two or more; otherwise empty."""
    outlets: tuple[str, ...] = ()
    """Outlets that it names, which are favoured."""
    respelled: tuple[Respelling, ...] = ()
    """Its misspelled words, which `standalone` spells as the articles do."""
    is_reworded: bool = False
    """True where `standalone` is the question as typed but for single words in another spelling or language."""
    language: str = "en"
    """The language that it was asked in, as far as that matters: two letters (ISO 639-1)."""
    besides: tuple[str, ...] = ()
    """What is searched for besides, in a conversation: the question with what was asked and said before."""
    read_as: str = ""
    """The question as the reader reads it: behind the turn before, where it leans on it, and without relative days.

    Empty where that is `standalone`.
    """
    articles_language: str = "en"
    """The language of most articles, where the question is in another."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer before it is checked, with the spans that it cites."""

    text: str
    """Without citation markers."""
    cites: tuple[Span, ...] = ()
    prefix: str = ""
    """White space, bullet or line break before the sentence."""
    lead: str = ""
    """Set by the program before the sentence: the date of an entry, or the label of a part."""
    bold: tuple[tuple[int, int], ...] = ()
    """Offsets in `text` of the few words that are the answer."""
    heading: str = ""
    """Set by the program over the sentence, where a section of a briefing begins with it."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quotation that a reader can check: `quote` is `article.text[start:end]`."""

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
    """Numbers of its citations, ascending."""
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    """Why the verdict is not better, or that a citation was moved, in words for the reader."""
    prefix: str = ""
    lead: str = ""
    """As in a Claim."""
    bold: tuple[tuple[int, int], ...] = ()
    """As in a Claim."""
    missed: tuple[tuple[int, int], ...] = ()
    """Offsets in `text` of words that the check did not find in the source."""
    support: float | None = None
    """How likely the evidence bears it out, 0 to 1, calibrated; None where it is verbatim or no verifier read it."""
    heading: str = ""
    """As in a Claim."""


Fate = Literal["cited", "closest", "read", "cut"]
"""What became of a passage: a sentence cites it, a refusal shows it, it was only read, or it was cut."""


@dataclass(frozen=True, slots=True)
class Considered:
    """A passage that a search found: where each score put it, and what became of it."""

    article_id: str
    title: str
    start: int
    end: int
    outlet: str | None = None
    date: dt.date | None = None
    date_precision: DatePrecision = "day"
    rank: int | None = None
    """Its final place, from 1; None where another took its place."""
    ranks: Mapping[str, int] = field(default_factory=dict)
    """Its place, from 1, in each order: "words", "vectors", "ranker" and so on."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Its score, 0 to 1, in each order of `ranks`, and its "coverage" and "nearness"."""
    fate: Fate = "cut"
    reason: str = ""
    """Why it was cut, in words for the reader."""
    cites: tuple[int, ...] = ()
    """Numbers of the citations in it."""
    part: str = ""
    """The part of the question that it was found for; empty for the whole question."""
    is_second: bool = False
    """True where only the second search found it."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search, for a whole question or a part of it."""

    text: str
    found: int
    """Passages that words and vectors found."""
    best: float | None = None
    """Best score before a second search; None where nothing was found."""
    added: int | None = None
    """Passages that only a second search found, with words of the best ones; None where none was made."""


Role = Literal["system", "user", "assistant"]
"""Who speaks, to a language model."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a language model."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of a language model: to complete a question, to split it, or to answer."""

    ms: float = 0.0
    """In which it was waited for."""
    first_ms: float | None = None
    """Until its first word; None where none came."""
    prompt_tokens: int | None = None
    """None where nobody says, as of a reply that was ended before its end."""
    completion_tokens: int | None = None
    model: str = ""
    """`provider:model`."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took of a language model, over all its calls."""

    calls: int = 0
    prompt_tokens: int | None = None
    """None where one of the calls does not say."""
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer came about."""

    question: Question
    searches: tuple[Search, ...] = ()
    look_again_below: float = 0.0
    """A second search is made where the best score is lower."""
    considered: tuple[Considered, ...] = ()
    """Best first; passages that lost their place come last."""
    left_out: int = 0
    """Number of further passages, which are not listed."""
    confidence: float | None = None
    """Probability that the passages answer, 0 to 1, or that a model's sentences do; None where it was not asked."""
    refuse_below: float = 0.0
    prompt: tuple[Message, ...] | None = None
    """The messages to the language model; None without one."""
    raw: str | None = None
    """Its reply, before its citations were read and anything was checked."""
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds of each stage, in order: understand, search, rank, read, answer, check."""
    calls: tuple[ModelCall, ...] = ()
    """Those of the language model, in order."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, with all that is needed to show, check and measure it."""

    question: Question
    text: str
    """The sentences with their `[n]` markers."""
    mode: str
    """`extractive`, or `provider:model` of the language model that wrote it."""
    abstained: bool = False
    """True where the question was not answered; sentences then say what is wrong with the question."""
    notice: str | None = None
    """A sentence for the reader, such as why a model's answer was replaced."""
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    """Those of the sentences; without sentences, the closest passages that were found."""
    hits: tuple[Hit, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    verifier: str = ""
    """`provider:model@revision` of what read the sentences beside their evidence; empty where rules alone checked."""
    rejected: tuple[Sentence, ...] = ()
    """What a language model wrote and the sources do not bear out; it is no part of the answer and cites nothing."""
    replaced: Answer | None = None
    """The answer in the articles' own words that a language model's took the place of, with its own citations."""
    confidence: float | None = None
    """How likely the articles answer the question, and these sentences of them do, 0 to 1; None where nobody judged."""
    trace: Trace | None = field(default=None, compare=False, repr=False)
    """How it came about; None for an answer that was read from a file or a conversation."""
    usage: Usage | None = None
    """What it took of a language model; None where none was asked."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One step of a stream: what can be shown while the answer is still being made."""

    text: str
    """The answer so far, unchecked."""
    hits: tuple[Hit, ...] = ()
    """What it may rest on."""
    claims: tuple[Claim, ...] = ()
    """Its sentences so far."""
    finished: int = 0
    """How many of them neither grow nor get another citation."""
    sentences: tuple[Sentence, ...] = ()
    """The finished ones, checked."""
    first: Answer | None = None
    """The answer in the articles' own words, checked; None before it is there, and where nothing else is made."""
