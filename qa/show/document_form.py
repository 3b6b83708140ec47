"""The form of an answer as one document, that of `qa ask --json`, the HTTP API, kept conversations and exports.

A new field of an answer is a line in its dataclass here or in `qa.types`, and is in all four from then on.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict, Field, GetJsonSchemaHandler, PlainSerializer
from pydantic.json_schema import JsonSchemaValue, SkipJsonSchema
from pydantic_core import CoreSchema

from qa.types import DatePrecision, DateSource, Filters, Respelling, Sentence, Trace, Turn, Usage

VERSION = 2
"""Of the document. Version 1 named none, and called the question of a trace `understood`."""
MOST_PASSAGES = 50
"""Passages that are kept with an answer, at most: as many as an answer may rest on."""

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


BEYOND_CONTRACT: Mapping[str, Any] = {
    **dict.fromkeys(_BEYOND_ANSWER, True),
    "sentences": {"__all__": _BEYOND_SENTENCE},
    "citations": {"__all__": _BEYOND_CITATION},
    "filters": _BEYOND_FILTERS,
    "rejected": {"__all__": _BEYOND_SENTENCE},
    "replaced": {"sentences": {"__all__": _BEYOND_SENTENCE}, "citations": {"__all__": _BEYOND_CITATION}},
}
"""What `answer_json` leaves out: how pydantic excludes it."""


def _consistent(document: AnswerDocument) -> AnswerDocument:
    numbers = [citation.n for citation in document.citations]
    if len(set(numbers)) < len(numbers):
        raise ValueError("two citations of one answer have the same number")
    if strays := {n for sentence in document.sentences for n in sentence.citations} - set(numbers):
        raise ValueError(f"a sentence cites [{min(strays)}], which is not among the citations")
    return replace(document, passages=document.passages[:MOST_PASSAGES])


WholeAnswer = Annotated[AnswerDocument, AfterValidator(_consistent), _Without(_BEYOND_ANSWER)]
"""An answer in which what is cited is there."""
