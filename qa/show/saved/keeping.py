"""An answer as a kept turn, and a kept turn as an answer again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from hashlib import sha256

from qa.show.json_text import page_of, web_address
from qa.show.saved.trace import trace_json
from qa.show.saved.values import MOST_PASSAGES, KeptCitation, KeptPassage, KeptTurn
from qa.show.text_fragment import link_to
from qa.types import Answer, Article, Citation, Hit, Passage, Question

_LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")


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
        trace_json(answer.trace) if answer.trace else None,
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
        article.updated,
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
        updated=known.updated,
        url=known.url,
        path=known.path,
    )
