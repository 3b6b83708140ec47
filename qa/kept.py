"""A question with its answer as it is kept and exported: all that a reader needs to see it and to check it again."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, get_args

from qa.errors import ReadError
from qa.fragment import link_to
from qa.present import page_of, web_address
from qa.types import (
    Answer,
    Article,
    Citation,
    DatePrecision,
    DateSource,
    Filters,
    Hit,
    Passage,
    Question,
    Sentence,
    Turn,
    Verdict,
)

MOST_PASSAGES = 50
"""Passages that are kept with a turn, at most: as many as an answer may rest on."""

_LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")

_PREFIX = re.compile(r"\s*(?:(?:[-*•]|\d+[.)])\s+)?")


@dataclass(frozen=True, slots=True)
class KeptCitation:
    """A quotation with what was known of its article when it was made."""

    n: int
    article_id: str
    title: str
    start: int
    end: int
    quote: str
    outlet: str | None = None
    date: dt.date | None = None
    date_source: DateSource = "unknown"
    date_precision: DatePrecision = "day"
    url: str | None = None
    path: str | None = None
    page: int | None = None
    """Of a document with pages."""
    corrections: tuple[str, ...] | None = None
    """Those that the article carried then; None where that was not written down."""
    link: str | None = None
    """The address of the page with the quotation as a text fragment."""


@dataclass(frozen=True, slots=True)
class KeptPassage:
    """A passage that the answer could rest on; its text may have been left out."""

    article_id: str
    start: int
    end: int
    score: float
    text: str | None = None


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question and its answer, without the articles themselves."""

    question: str
    standalone: str
    answer: str
    mode: str
    abstained: bool = False
    notice: str | None = None
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[KeptCitation, ...] = ()
    passages: tuple[KeptPassage, ...] = ()
    filters: Filters = Filters()
    as_of: dt.date | None = None
    asked: dt.datetime | None = None
    """When, with its time zone."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Article id -> `text_hash` of the whole text that offsets point into."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def turn(self) -> Turn:
        """What a follow-up question needs to know of it."""
        return Turn(self.question, self.standalone, self.answer)

    def citing(self, n: int) -> tuple[Sentence, ...]:
        """The sentences that rest on citation `n`, in order."""
        return tuple(sentence for sentence in self.sentences if n in sentence.citations)


def text_hash(text: str) -> str:
    """By which two texts are known to be the same; the library keeps the same one of every article."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def corrections(article: Article) -> tuple[str, ...]:
    """What an article says of its own mistakes."""
    return tuple(note.text for note in article.notes if note.kind == "correction")


def keep(answer: Answer, asked: dt.datetime, *, passages: int = MOST_PASSAGES) -> KeptTurn:
    """The answer as it is kept, with its first `passages` passages; `asked` is the moment, with a time zone."""
    hits = answer.hits[:passages]
    articles = {citation.article.id: citation.article for citation in answer.citations}
    articles |= {hit.passage.article.id: hit.passage.article for hit in hits}
    return KeptTurn(
        answer.question.text,
        answer.question.standalone,
        answer.text,
        answer.mode,
        answer.abstained,
        answer.notice,
        answer.sentences,
        tuple(_kept(citation) for citation in answer.citations),
        tuple(_kept_passage(hit) for hit in hits),
        answer.question.filters,
        answer.question.as_of,
        asked,
        {id_: text_hash(article.text) for id_, article in articles.items()},
        dict(answer.timings_ms),
    )


def _kept(citation: Citation) -> KeptCitation:
    article = citation.article
    return KeptCitation(
        citation.n,
        article.id,
        article.title,
        citation.start,
        citation.end,
        citation.quote,
        article.outlet,
        article.date,
        article.date_source,
        article.date_precision,
        _without_login(article.url),
        article.path,
        page_of(article, citation.start),
        corrections(article),
        link_to(article.text, citation.start, citation.end, _without_login(web_address(article))),
    )


def _without_login(url: str | None) -> str | None:
    """The address without the name and password that some write into it: they are nobody else's business."""
    return url and _LOGIN.sub("", url)


def _kept_passage(hit: Hit) -> KeptPassage:
    passage = hit.passage
    return KeptPassage(passage.article.id, passage.start, passage.end, round(hit.score, 6), passage.text)


def answer_of(turn: KeptTurn, article: Callable[[str], Article | None] = lambda article_id: None) -> Answer:
    """The answer again, to be shown. `article` gives what the library holds under an id.

    Where an article has changed or gone, one takes its place that holds only what was kept of it, at the same offsets.
    """
    articles: dict[str, Article] = {}
    for id_ in dict.fromkeys([*(c.article_id for c in turn.citations), *(p.article_id for p in turn.passages)]):
        now = article(id_)
        articles[id_] = now if now and _holds(now, turn) else _remains(id_, turn)
    citations = (Citation(c.n, articles[c.article_id], c.start, c.end) for c in turn.citations)
    hits = (Hit(Passage(articles[p.article_id], p.start, p.end), p.score) for p in turn.passages)
    return Answer(
        Question(turn.question, turn.standalone, turn.filters, turn.as_of),
        turn.answer,
        turn.mode,
        turn.abstained,
        turn.notice,
        turn.sentences,
        tuple(citations),
        tuple(hits),
        turn.timings_ms,
    )


def _holds(article: Article, turn: KeptTurn) -> bool:
    if known := turn.texts.get(article.id):
        return known == text_hash(article.text)
    quotes = ((c.start, c.end, c.quote) for c in turn.citations if c.article_id == article.id)
    return all(article.text[start:end] == quote for start, end, quote in quotes)


def _remains(article_id: str, turn: KeptTurn) -> Article:
    """What was kept of an article, each piece where it stood; the rest is white space."""
    cited = [c for c in turn.citations if c.article_id == article_id]
    pieces = [(p.start, p.text) for p in turn.passages if p.article_id == article_id and p.text]
    pieces += [(c.start, c.quote) for c in cited]
    text = ""
    for start, piece in pieces:
        text = text.ljust(start)
        text = text[:start] + piece + text[start + len(piece) :]
    if not cited:
        return Article(article_id, article_id, text)
    known = cited[0]
    return Article(
        article_id,
        known.title,
        text,
        known.outlet,
        known.date,
        known.date_source,
        known.date_precision,
        url=known.url,
        path=known.path,
    )


# --- as JSON ----------------------------------------------------------------------------------------------------------


def turn_json(turn: KeptTurn, *, texts_of_passages: bool = True) -> dict[str, Any]:
    """The document of `qa ask --json`, with what is known besides. `read_turn` reads it back."""
    return {
        "question": turn.question,
        "standalone_question": turn.standalone,
        "answer": turn.answer,
        "abstained": turn.abstained,
        "mode": turn.mode,
        "notice": turn.notice,
        "sentences": [
            {
                "text": s.text,
                "citations": list(s.citations),
                "verdict": s.verdict,
                "reasons": list(s.reasons),
                "prefix": s.prefix,
                "lead": s.lead,
                "bold": [list(span) for span in s.bold],
            }
            for s in turn.sentences
        ],
        "citations": [_citation_json(citation) for citation in turn.citations],
        "passages": [
            {"rank": rank, "article_id": p.article_id, "start": p.start, "end": p.end, "score": p.score}
            | ({"text": p.text} if texts_of_passages and p.text is not None else {})
            for rank, p in enumerate(turn.passages, start=1)
        ],
        "filters": {
            "from": _day(turn.filters.date_from),
            "to": _day(turn.filters.date_to),
            "outlets": list(turn.filters.outlets),
            **_choice_json(turn.filters),
        },
        "as_of": _day(turn.as_of),
        "asked": turn.asked.isoformat(timespec="seconds") if turn.asked else None,
        "timings_ms": {stage: round(ms, 2) for stage, ms in turn.timings_ms.items()},
        "texts": dict(turn.texts),
    }


def _choice_json(filters: Filters) -> dict[str, Any]:
    """What else narrowed the search, where it did."""
    choice = {"articles": list(filters.articles), "stories": list(filters.stories), "any_time": filters.any_time}
    return {name: value for name, value in choice.items() if value}


def _read_filters(document: object) -> Filters:
    fields = Fields(document, "filters")
    return Filters(
        fields.day("from"),
        fields.day("to"),
        fields.texts("outlets"),
        fields.texts("articles"),
        fields.texts("stories"),
        fields.get("any_time") is True,
    )


def _citation_json(citation: KeptCitation) -> dict[str, Any]:
    return {
        "n": citation.n,
        "article_id": citation.article_id,
        "title": citation.title,
        "outlet": citation.outlet,
        "date": _day(citation.date),
        "date_source": citation.date_source,
        "date_precision": citation.date_precision,
        "url": citation.url,
        "path": citation.path,
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "link": citation.link,
        "corrections": None if citation.corrections is None else list(citation.corrections),
    }


def _day(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None


def read_turn(document: object) -> KeptTurn:
    """The turn of a document that `turn_json` or `qa ask --json` made. Raises ReadError, which says what is wrong."""
    fields = Fields(document, "the answer")
    turn = KeptTurn(
        fields.text("question"),
        fields.text("standalone_question"),
        fields.text("answer"),
        fields.text("mode"),
        fields.truth("abstained"),
        fields.text_or_none("notice"),
        tuple(_read_sentence(item) for item in fields.items("sentences")),
        tuple(_read_citation(item) for item in fields.items("citations")),
        tuple(_read_passage(item) for item in fields.items("passages")[:MOST_PASSAGES]),
        _read_filters(fields.get("filters") or {}),
        fields.day("as_of"),
        fields.moment("asked"),
        {id_: hash_ for id_, hash_ in fields.mapping("texts").items() if isinstance(hash_, str)},
        {stage: float(ms) for stage, ms in fields.mapping("timings_ms").items() if isinstance(ms, int | float)},
    )
    numbers = [citation.n for citation in turn.citations]
    if len(set(numbers)) < len(numbers):
        raise ReadError("two citations of one answer have the same number")
    if strays := {n for sentence in turn.sentences for n in sentence.citations} - set(numbers):
        raise ReadError(f"a sentence cites [{min(strays)}], which is not among the citations")
    return turn


def _read_sentence(document: object) -> Sentence:
    fields = Fields(document, "a sentence")
    numbers = fields.items("citations")
    if not all(isinstance(n, int) for n in numbers):
        raise ReadError("'citations' of a sentence are not numbers")
    verdict: Verdict = fields.choice("verdict", get_args(Verdict))
    prefix = fields.text_or_none("prefix") or ""
    if not _PREFIX.fullmatch(prefix):
        raise ReadError("'prefix' of a sentence is neither white space nor the mark of a list")
    text, lead = fields.text("text"), fields.text_or_none("lead") or ""
    bold = tuple(_read_bold(item, text) for item in fields.items("bold"))
    return Sentence(text, tuple(numbers), verdict, fields.texts("reasons"), prefix, lead, bold)


def _read_bold(document: object, text: str) -> tuple[int, int]:
    match document:
        case [int(start), int(end)] if 0 <= start <= end <= len(text):
            return start, end
    raise ReadError("'bold' of a sentence is not a list of offsets in its text")


def _read_citation(document: object) -> KeptCitation:
    fields = Fields(document, "a citation")
    noted = fields.get("corrections") is not None
    source: DateSource = fields.choice("date_source", get_args(DateSource), default="unknown")
    precision: DatePrecision = fields.choice("date_precision", get_args(DatePrecision), default="day")
    return KeptCitation(
        fields.number("n"),
        fields.text("article_id"),
        fields.text_or_none("title") or "",
        fields.number("start"),
        fields.number("end"),
        fields.text("quote"),
        fields.text_or_none("outlet"),
        fields.day("date"),
        source,
        precision,
        fields.text_or_none("url"),
        fields.text_or_none("path"),
        fields.number("page") if fields.get("page") is not None else None,
        fields.texts("corrections") if noted else None,
        fields.text_or_none("link"),
    )


def _read_passage(document: object) -> KeptPassage:
    fields = Fields(document, "a passage")
    score = fields.get("score")
    return KeptPassage(
        fields.text("article_id"),
        fields.number("start"),
        fields.number("end"),
        float(score) if isinstance(score, int | float) and math.isfinite(score) else 0.0,
        fields.text_or_none("text"),
    )


_MOST = 1 << 40  # no offset and no number that means anything is higher


class Fields:
    """The fields of a JSON object from outside; each way to read one raises ReadError where it is something else."""

    def __init__(self, document: object, name: str) -> None:
        if not isinstance(document, Mapping):
            raise ReadError(f"{name} is not a JSON object")
        self._document, self._name = document, name

    def get(self, key: str) -> Any:
        """Whatever stands there; None where nothing does."""
        return self._document.get(key)

    def _read(self, key: str, kind: type, words: str) -> Any:
        value = self.get(key)
        if not isinstance(value, kind):
            raise ReadError(f"'{key}' of {self._name} is not {words}")
        return value

    def text(self, key: str) -> str:
        """A string, as far as it can be written again: lone surrogates are replaced."""
        return _writable(str(self._read(key, str, "text")))

    def text_or_none(self, key: str) -> str | None:
        """A string, or None where there is none."""
        return None if self.get(key) is None else self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; empty where there is none."""
        values = self.items(key)
        if not all(isinstance(value, str) for value in values):
            raise ReadError(f"'{key}' of {self._name} is not a list of texts")
        return tuple(map(_writable, values))

    def items(self, key: str) -> Sequence[Any]:
        """A list; empty where there is none."""
        return () if self.get(key) is None else tuple(self._read(key, list, "a list"))

    def mapping(self, key: str) -> Mapping[str, Any]:
        """A JSON object; empty where there is none."""
        return {} if self.get(key) is None else dict(self._read(key, Mapping, "a JSON object"))

    def truth(self, key: str) -> bool:
        """True or false; false where it is not said."""
        return False if self.get(key) is None else bool(self._read(key, bool, "true or false"))

    def number(self, key: str) -> int:
        """A whole number from 0."""
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
            raise ReadError(f"'{key}' of {self._name} is not a whole number from 0")
        return value

    def day(self, key: str) -> dt.date | None:
        """A day written as YYYY-MM-DD, or None where there is none."""
        if (value := self.text_or_none(key)) is None:
            return None
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise ReadError(f"'{key}' of {self._name} is not a day written as YYYY-MM-DD") from None

    def moment(self, key: str) -> dt.datetime | None:
        """A moment in ISO 8601, in UTC where it names no time zone; None where there is none."""
        if (value := self.text_or_none(key)) is None:
            return None
        try:
            moment = dt.datetime.fromisoformat(value)
            return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            raise ReadError(f"'{key}' of {self._name} is not a moment in ISO 8601") from None

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> Any:
        """One of the choices; the default, where there is one, if nothing is said."""
        value = default if self.get(key) is None else self.get(key)
        if value not in tuple(choices):
            raise ReadError(f"'{key}' of {self._name} is not one of: {', '.join(choices)}")
        return value


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
