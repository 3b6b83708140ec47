"""An answer as one document: for `qa ask --json`, the HTTP API, kept conversations and exports, written and read again.

A new field of an answer is a line in its dataclass here or in `qa.types`, and is in all four from then on.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict, Field, GetJsonSchemaHandler, PlainSerializer, TypeAdapter
from pydantic.json_schema import JsonSchemaValue, SkipJsonSchema
from pydantic_core import CoreSchema

from qa.show.from_json import read
from qa.show.text_fragment import link_to
from qa.show.wording import page_of, web_address
from qa.store.articles.articles import ArticleRow
from qa.types import (
    Answer,
    Article,
    Citation,
    Correction,
    DatePrecision,
    DateSource,
    Dropped,
    Filters,
    Hit,
    Passage,
    Question,
    Respelling,
    Sentence,
    Trace,
    Turn,
    Usage,
)

VERSION = 2
"""Of the document. Version 1 named none, and called the question of a trace `understood`."""
MOST_PASSAGES = 50
"""Passages that are kept with an answer, at most: as many as an answer may rest on."""
LONGEST_TITLE = 200
"""Characters of a title that are kept with each passage of a trace."""

_LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")
_PREFIX = re.compile(r"\s*(?:(?:[-*•]|\d+[.)])\s+)?")
_ALIASES = {"date_from": "from", "date_to": "to"}


def _alias(name: str) -> str:
    return _ALIASES.get(name, name)


CONFIG = ConfigDict(
    strict=True,
    alias_generator=_alias,
    serialize_by_alias=True,
    validate_by_name=True,
    validate_by_alias=True,
    allow_inf_nan=False,
    use_attribute_docstrings=True,
    json_schema_serialization_defaults_required=True,
)
"""For every dataclass in a document, those of `qa.types` too."""


# --- the form ---------------------------------------------------------------------------------------------------------


def _in_utc(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("a moment lies outside the years 1 to 9999") from None


def _sound(sentence: Sentence) -> Sentence:
    if not _PREFIX.fullmatch(sentence.prefix):
        raise ValueError("'prefix' of a sentence is neither white space nor the mark of a list")
    for name, spans in (("bold", sentence.bold), ("missed", sentence.missed)):
        if not all(0 <= start <= end <= len(sentence.text) for start, end in spans):
            raise ValueError(f"'{name}' of a sentence is not a list of offsets in its text")
    return sentence


def _known(version: int) -> int:
    if version > VERSION:
        raise ValueError(f"it is of version {version}, and this program reads version {VERSION}")
    return VERSION


Moment = Annotated[
    dt.datetime, AfterValidator(_in_utc), PlainSerializer(lambda moment: moment.isoformat(timespec="seconds"), str)
]
Milliseconds = Annotated[float, PlainSerializer(lambda ms: round(ms, 2), float)]
Number = Annotated[int, Field(ge=0, lt=1 << 40)]  # no offset and no number that means anything is higher


# What neither `qa ask --json` nor the API gives; whoever keeps or exports an answer keeps it.
_BEYOND_ANSWER = frozenset({"version", "as_of", "asked", "texts", "trace", "verifier"})
_BEYOND_SENTENCE = frozenset({"prefix", "lead", "bold", "missed", "heading"})
_BEYOND_CITATION = frozenset({"date_precision", "updated", "page", "link", "corrections"})
_BEYOND_FILTERS = frozenset({"articles", "stories", "any_time", "dated_until"})


@dataclass(frozen=True, slots=True)
class _Without:
    """Leaves these fields out of the JSON Schema, which describes the contract."""

    names: frozenset[str]

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core)
        fields = handler.resolve_ref_schema(schema)
        kept = {name: each for name, each in fields["properties"].items() if name not in self.names}
        for each in kept.values():
            each.pop("default", None)
        fields |= {"properties": kept, "required": list(kept)}  # every one of them is always written
        return schema


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationDocument:
    """A quotation: the article's text from `start` to `end`, exactly, with what was known of the article."""

    __pydantic_config__: ClassVar[ConfigDict] = CONFIG

    n: Number
    article_id: str
    title: str = ""
    outlet: str | None = None
    date: dt.date | None = None
    date_source: DateSource = "unknown"
    date_precision: DatePrecision = "day"
    updated: dt.date | None = None
    """A later day on which the page says that it was changed."""
    url: str | None = None
    path: str | None = None
    page: Number | None = None
    """Of an article with pages."""
    start: Number
    end: Number
    quote: str
    link: str | None = None
    """The address of the page with the quotation as a text fragment."""
    corrections: tuple[str, ...] | None = None
    """Those that the article carried then; None where that was not written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageDocument:
    """A passage that was found."""

    __pydantic_config__: ClassVar[ConfigDict] = CONFIG

    rank: Number = 0
    article_id: str
    start: Number
    end: Number
    score: float = 0.0
    text: str | None = None
    """None where it was left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedDocument:
    """The answer in the articles' own words that a language model's took the place of."""

    __pydantic_config__: ClassVar[ConfigDict] = CONFIG

    mode: str
    answer: str
    """Text with [1] markers, which are those of its own citations."""
    sentences: tuple[Annotated[Sentence, AfterValidator(_sound), _Without(_BEYOND_SENTENCE)], ...] = ()
    citations: tuple[Annotated[CitationDocument, _Without(_BEYOND_CITATION)], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDocument:
    """A question and its answer: all that a reader needs to see it and to check it again."""

    __pydantic_config__: ClassVar[ConfigDict] = CONFIG

    version: Annotated[int, AfterValidator(_known)] = VERSION
    question: str
    standalone_question: str
    answer: str
    """Text with [1] markers."""
    abstained: bool = False
    mode: str
    """extractive, or provider:model of the language model that wrote it."""
    verifier: str = ""
    """provider:model@revision of what read the sentences beside their evidence; empty where rules alone checked."""
    notice: str | None = None
    respelled: tuple[Respelling, ...] = ()
    """The misspelled words of the question, and what was searched for instead."""
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    """How likely the question is answered, 0 to 1; None where nobody judged that."""
    sentences: tuple[Annotated[Sentence, AfterValidator(_sound), _Without(_BEYOND_SENTENCE)], ...] = ()
    citations: tuple[Annotated[CitationDocument, _Without(_BEYOND_CITATION)], ...] = ()
    passages: tuple[PassageDocument, ...] = ()
    filters: Annotated[Filters, _Without(_BEYOND_FILTERS)] = Filters()
    as_of: dt.date | None = None
    asked: Moment | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    """Article id -> `text_hash` of the whole text that offsets point into."""
    timings_ms: Mapping[str, Milliseconds] = field(default_factory=dict)
    rejected: tuple[Annotated[Sentence, AfterValidator(_sound), _Without(_BEYOND_SENTENCE)], ...] = ()
    """What a language model wrote and the sources do not bear out: no part of the answer."""
    replaced: ReplacedDocument | None = None
    """What a language model's answer took the place of."""
    usage: Usage | None = None
    """What the answer took of a language model; None where none was asked."""
    trace: SkipJsonSchema[Trace | None] = None
    """How the answer came about; None where it was not kept."""

    @property
    def turn(self) -> Turn:
        """What a follow-up question needs to know of it."""
        return Turn(self.question, self.standalone_question, self.answer)

    def citing(self, n: int) -> tuple[Sentence, ...]:
        """The sentences that rest on citation `n`, in order."""
        return tuple(sentence for sentence in self.sentences if n in sentence.citations)


_BEYOND: Mapping[str, Any] = {
    **dict.fromkeys(_BEYOND_ANSWER, True),
    "sentences": {"__all__": _BEYOND_SENTENCE},
    "citations": {"__all__": _BEYOND_CITATION},
    "filters": _BEYOND_FILTERS,
    "rejected": {"__all__": _BEYOND_SENTENCE},
    "replaced": {"sentences": {"__all__": _BEYOND_SENTENCE}, "citations": {"__all__": _BEYOND_CITATION}},
}


def _consistent(document: AnswerDocument) -> AnswerDocument:
    numbers = [citation.n for citation in document.citations]
    if len(set(numbers)) < len(numbers):
        raise ValueError("two citations of one answer have the same number")
    if strays := {n for sentence in document.sentences for n in sentence.citations} - set(numbers):
        raise ValueError(f"a sentence cites [{min(strays)}], which is not among the citations")
    return replace(document, passages=document.passages[:MOST_PASSAGES])


WholeAnswer = Annotated[AnswerDocument, AfterValidator(_consistent), _Without(_BEYOND_ANSWER)]
"""An answer in which what is cited is there."""

_ANSWER: TypeAdapter[AnswerDocument] = TypeAdapter(WholeAnswer)
_PASSAGE = TypeAdapter(PassageDocument)


# --- of an answer, and as an answer again -----------------------------------------------------------------------------


def text_hash(text: str) -> str:
    """By which two texts are known to be the same; the library keeps the same one of every article."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def corrections(article: Article) -> tuple[str, ...]:
    """What an article says of its own mistakes."""
    return tuple(note.text for note in article.notes if note.kind == "correction")


def document_of(
    answer: Answer, asked: dt.datetime | None = None, *, passages: int | None = MOST_PASSAGES
) -> AnswerDocument:
    """The answer as a document, with its first `passages` passages; `asked` is the moment, with a time zone."""
    hits = answer.hits[:passages]
    replaced = answer.replaced
    cited = (*answer.citations, *(replaced.citations if replaced else ()))
    articles = {citation.article.id: citation.article for citation in cited}
    articles |= {hit.passage.article.id: hit.passage.article for hit in hits}
    return AnswerDocument(
        question=answer.question.text,
        standalone_question=answer.question.standalone,
        answer=answer.text,
        abstained=answer.abstained,
        mode=answer.mode,
        verifier=answer.verifier,
        notice=answer.notice,
        respelled=answer.question.respelled,
        confidence=answer.confidence,
        sentences=answer.sentences,
        citations=tuple(map(_citation, answer.citations)),
        passages=tuple(_passage(rank, hit) for rank, hit in enumerate(hits, start=1)),
        filters=answer.question.filters,
        as_of=answer.question.as_of,
        asked=asked,
        texts={id_: text_hash(article.text) for id_, article in articles.items()},
        timings_ms=dict(answer.timings_ms),
        rejected=answer.rejected,
        replaced=_replaced(replaced) if replaced else None,
        usage=answer.usage,
        trace=answer.trace and _trimmed(answer.trace),
    )


def _replaced(answer: Answer) -> ReplacedDocument:
    return ReplacedDocument(
        mode=answer.mode,
        answer=answer.text,
        sentences=answer.sentences,
        citations=tuple(map(_citation, answer.citations)),
    )


def _citation(citation: Citation) -> CitationDocument:
    article, address = citation.article, _without_login(web_address(citation.article))
    return CitationDocument(
        n=citation.n,
        article_id=article.id,
        title=article.title,
        outlet=article.outlet,
        date=article.date,
        date_source=article.date_source,
        date_precision=article.date_precision,
        updated=article.updated,
        url=_without_login(article.url),
        path=article.path,
        page=page_of(article, citation.start),
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        link=link_to(article.text, citation.start, citation.end, address),
        corrections=corrections(article),
    )


def _without_login(url: str | None) -> str | None:
    """The address without the name and password that some write into it: they are nobody else's business."""
    return url and _LOGIN.sub("", url)


def _passage(rank: int, hit: Hit) -> PassageDocument:
    passage = hit.passage
    return PassageDocument(
        rank=rank,
        article_id=passage.article.id,
        start=passage.start,
        end=passage.end,
        score=round(hit.score, 6),
        text=passage.text,
    )


def _trimmed(trace: Trace) -> Trace:
    return replace(trace, considered=tuple(replace(row, title=row.title[:LONGEST_TITLE]) for row in trace.considered))


def answer_of(document: AnswerDocument, article: Callable[[str], Article | None] = lambda article_id: None) -> Answer:
    """The answer again, to be shown. `article` gives what the library holds under an id.

    Where an article has changed or gone, one takes its place that holds only what was kept of it, at the same offsets.
    """
    articles: dict[str, Article] = {}
    cited = _cited(document)
    for id_ in dict.fromkeys([*(c.article_id for c in cited), *(p.article_id for p in document.passages)]):
        now = article(id_)
        articles[id_] = now if now and _holds(now, document) else _remains(id_, document)

    def citations(those: Sequence[CitationDocument]) -> tuple[Citation, ...]:
        return tuple(Citation(c.n, articles[c.article_id], c.start, c.end) for c in those)

    question = Question(
        document.question,
        document.standalone_question,
        document.filters,
        document.as_of,
        respelled=document.respelled,
    )
    replaced = None
    if first := document.replaced:
        told = citations(first.citations)
        replaced = Answer(question, first.answer, first.mode, sentences=first.sentences, citations=told)
    hits = (Hit(Passage(articles[p.article_id], p.start, p.end), p.score) for p in document.passages)
    return Answer(
        question,
        document.answer,
        document.mode,
        document.abstained,
        document.notice,
        document.sentences,
        citations(document.citations),
        tuple(hits),
        document.timings_ms,
        document.verifier,
        document.rejected,
        replaced,
        document.confidence,
        usage=document.usage,
    )


def _cited(document: AnswerDocument) -> list[CitationDocument]:
    """The citations of the answer, and those of the one that it replaced."""
    return [*document.citations, *(document.replaced.citations if document.replaced else ())]


def _holds(article: Article, document: AnswerDocument) -> bool:
    if known := document.texts.get(article.id):
        return known == text_hash(article.text)
    cited = (c for c in _cited(document) if c.article_id == article.id)
    return all(article.text[c.start : c.end] == c.quote for c in cited)


def _remains(article_id: str, document: AnswerDocument) -> Article:
    """What was kept of an article, each piece where it stood; the rest is white space."""
    cited = [c for c in _cited(document) if c.article_id == article_id]
    pieces = [(p.start, p.text) for p in document.passages if p.article_id == article_id and p.text]
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
        updated=known.updated,
        url=known.url,
        path=known.path,
    )


# --- as JSON ----------------------------------------------------------------------------------------------------------


def answer_json(answer: Answer) -> dict[str, Any]:
    """The document that `qa ask --json` prints. Its shape is a contract: people script against it."""
    return _dump(_ANSWER, document_of(answer, passages=None), exclude=_BEYOND)


def document_json(document: AnswerDocument, *, texts_of_passages: bool = True) -> dict[str, Any]:
    """What an export holds of an answer: the contract and what is known besides, without the trace."""
    texts = {} if texts_of_passages else {"passages": {"__all__": {"text"}}}
    return _dump(_ANSWER, document, exclude={"trace": True, **texts})


def stored_json(document: AnswerDocument) -> dict[str, Any]:
    """What the library keeps of an answer: `document_json` with its trace, in which defaults are left out."""
    trace = _dump(_ANSWER, document, include={"trace"}, exclude_defaults=True)
    return {**document_json(document), **_rounded(trace)}


def passage_json(rank: int, hit: Hit) -> dict[str, Any]:
    """One entry of `passages`."""
    return _dump(_PASSAGE, _passage(rank, hit))


def article_json(article: Article | ArticleRow) -> dict[str, Any]:
    """What `qa articles --json` prints of an article: the whole, or, in the list of all, a row without text."""
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in asdict(article).items()}


def whole_article_json(
    article: Article, dropped: Sequence[Dropped], corrections: Sequence[Correction] = ()
) -> dict[str, Any]:
    """What `qa articles --json ID` prints: the article, its notes, what cleaning took out, and what was set by hand."""
    beside = {"dropped": list(map(asdict, dropped)), "corrections": list(map(asdict, corrections))}
    return article_json(article) | beside


def _dump(adapter: TypeAdapter[Any], value: object, **options: Any) -> dict[str, Any]:
    document: dict[str, Any] = adapter.dump_python(value, mode="json", **options)
    return document


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 4)
        case dict():
            return {name: _rounded(each) for name, each in value.items()}
        case list():
            return [_rounded(each) for each in value]
    return value


# --- read again -------------------------------------------------------------------------------------------------------


def read_answer(document: object) -> AnswerDocument:
    """The answer of a document that this file wrote, today or before. Raises ReadError, which says what is wrong."""
    return read(_ANSWER, _migrated(document), "the answer")


def _migrated(document: object) -> object:
    """A document of version 1 as one of today."""
    match document:
        case {"trace": {"understood": question, **trace}, **rest}:
            return {**rest, "trace": {**trace, "question": question}}
    return document
