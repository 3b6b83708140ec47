"""An answer as one document and back: for `qa ask --json`, the HTTP API, kept conversations and exports."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from qa.show.document_form import (
    BEYOND_CONTRACT,
    MOST_PASSAGES,
    AnswerDocument,
    CitationDocument,
    PassageDocument,
    ReplacedDocument,
    WholeAnswer,
)
from qa.show.from_json import read
from qa.show.text_fragment import link_to
from qa.show.wording import page_of, web_address
from qa.store.articles.articles import ArticleRow
from qa.types import Answer, Article, Citation, Correction, Dropped, Hit, Passage, Question, Trace

LONGEST_TITLE = 200
"""Characters of a title that are kept with each passage of a trace."""

_LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")
_ANSWER: TypeAdapter[AnswerDocument] = TypeAdapter(WholeAnswer)
_PASSAGE = TypeAdapter(PassageDocument)


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
    return _dump(_ANSWER, document_of(answer, passages=None), exclude=BEYOND_CONTRACT)


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
