"""A conversation as one HTML file that runs nothing and loads nothing; what comes from outside is escaped here."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

from qa.show.document import AnswerDocument, CitationDocument
from qa.show.export.record import Export, encoded
from qa.show.export.words import LEGEND, about, dated, in_question, making, place
from qa.show.html import GOOD, VERDICT_MEANINGS, as_sentence, blocks, icon, paragraphs
from qa.show.wording import VERDICT_WORDS, days, verdict_words, web_url
from qa.types import Sentence, Verdict

RECORD = re.compile(r'<data id="citewire-record" hidden value="(?P<record>[A-Za-z0-9+/=\s]*)"></data>')
"""Where an HTML export carries its record; in what it shows every `<` is escaped, so nothing else looks like it."""

_STYLE = Path(__file__).parent / "assets" / "export.css"


def as_html(export: Export) -> str:
    """The file: what people read, and the record in an element that is not shown."""
    style = _style()
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    turns = "".join(_turn(number, turn) for number, turn in enumerate(export.turns, start=1))
    opening = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'\">\n"
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(export.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<header><h1 dir="auto">{escape(export.title)}</h1>\n'
        f"<p>{escape(making(export))}. Check it again with <code>qa verify</code>.<br>{escape(LEGEND)}</p></header>\n"
        f"<main>\n{turns}</main>\n"
    )
    closing = "</body>\n</html>\n"
    record = encoded(export, opening + closing)
    return f'{opening}<data id="citewire-record" hidden value="{record}"></data>{closing}'


@cache
def _style() -> str:
    return _STYLE.read_text("utf-8")


def _turn(number: int, turn: AnswerDocument) -> str:
    notice = f'<p class="notice">{escape(turn.notice)}</p>\n' if turn.notice else ""
    facts = "".join(f'<dt>{label}</dt><dd dir="auto">{escape(said)}</dd>' for label, said in about(turn))
    heading = "Sources" if turn.sentences else "The closest passages found"
    sources = "".join(_source(number, citation, turn.citing(citation.n)) for citation in turn.citations)
    return (
        f'<section class="turn" id="q{number}">\n<h2 dir="auto">{escape(turn.question)}</h2>\n{notice}'
        f'<div class="answer">{_answer(number, turn)}</div>\n<dl class="facts">{facts}</dl>\n{_doubts(turn.sentences)}'
        + (f'<h3>{heading}</h3>\n<ol class="sources">\n{sources}</ol>\n' if sources else "")
        + "</section>\n"
    )


def _answer(number: int, turn: AnswerDocument) -> str:
    if not turn.sentences:
        return paragraphs(turn.answer)
    return blocks((sentence.prefix, _sentence(number, sentence)) for sentence in turn.sentences)


def _sentence(number: int, sentence: Sentence) -> str:
    marks = "".join(f'<a class="cite" href="#s{number}-{n}">{n}</a>' for n in sentence.citations)
    words = "" if sentence.verdict in GOOD else f" {verdict_words(sentence)}"
    lead = f"<strong>{escape(sentence.lead)}:</strong> " if sentence.lead else ""
    return (
        f'{lead}<span class="sentence" data-verdict="{sentence.verdict}" dir="auto">{escape(sentence.text)}</span>'
        f'<span class="marks" data-verdict="{sentence.verdict}" title="{escape(_why(sentence))}">\u2060{marks}'
        f'{icon(sentence.verdict)}<span class="{"said" if words else "unseen"}">'
        f"{words or VERDICT_WORDS[sentence.verdict]}</span></span>"
    )


def _doubts(sentences: Iterable[Sentence]) -> str:
    """What the check found of the sentences of which there is something to say."""
    lines = "".join(
        f'<li data-verdict="{s.verdict}">{icon(s.verdict)}<span><strong>{verdict_words(s)}</strong> '
        f'<q dir="auto">{escape(s.text)}</q> <span class="why">{escape(_why(s))}</span></span></li>'
        for s in in_question(sentences)
    )
    return f'<h3>What the check found</h3>\n<ul class="checked">{lines}</ul>\n' if lines else ""


def _why(sentence: Sentence) -> str:
    reasons = [as_sentence(reason) for reason in sentence.reasons]
    if sentence.verdict in GOOD or not reasons:
        reasons.insert(0, VERDICT_MEANINGS[sentence.verdict])
    return " ".join(reasons)


def _source(number: int, citation: CitationDocument, sentences: Sequence[Sentence]) -> str:
    how = f' <span class="how">({escape(dated(citation))})</span>' if dated(citation) else ""
    outlet = escape(citation.outlet or "Unknown outlet")
    verdicts = "".join(_badge(verdict) for verdict in dict.fromkeys(sentence.verdict for sentence in sentences))
    return (
        f'<li class="source" id="s{number}-{citation.n}" value="{citation.n}">'
        f'<p class="kicker"><span dir="auto">{outlet}</span> \u00b7 {days(citation, how)}</p>'
        f'<h4 dir="auto">{escape(citation.title)}</h4>{verdicts}'
        f'<blockquote dir="auto">{escape(citation.quote)}</blockquote>'
        f'<p class="place">{escape(place(citation))}{_origin(citation)}</p></li>\n'
    )


def _badge(verdict: Verdict) -> str:
    return f'<p class="verdict" data-verdict="{verdict}">{icon(verdict)}{VERDICT_WORDS[verdict]}</p>'


def _origin(citation: CitationDocument) -> str:
    if address := web_url(citation.url):
        link = web_url(citation.link) or address
        return (
            f'<br><a class="address" href="{escape(address)}" rel="noopener noreferrer">{escape(address)}</a>'
            f' \u00b7 <a href="{escape(link)}" rel="noopener noreferrer">open the page at these words</a>'
        )
    return f'<br><span dir="auto">{escape(citation.path)}</span>' if citation.path else ""
