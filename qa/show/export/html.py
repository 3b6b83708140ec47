"""A conversation as one HTML file that runs nothing and loads nothing; what comes from outside is escaped."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from markupsafe import Markup

from qa.show.document_form import AnswerDocument, CitationDocument
from qa.show.export.record import Export, encoded
from qa.show.export.words import LEGEND, about, dated, in_question, making, place
from qa.show.html import GOOD, VERDICT_MEANINGS, blocks, paragraphs_of, render
from qa.show.wording import as_sentence, web_url
from qa.types import Sentence

RECORD = re.compile(r'<data id="citewire-record" hidden value="(?P<record>[A-Za-z0-9+/=\s]*)"></data>')
"""Where an HTML export carries its record; in what it shows every `<` is escaped, so nothing else looks like it."""

_STYLE = Path(__file__).parent / "assets" / "export.css"


def as_html(export: Export) -> str:
    """The file: what people read, and the record in an element that is not shown."""
    style = _style()
    opening = render(
        "export.html",
        title=export.title,
        made=making(export),
        legend=LEGEND,
        style=Markup(style),
        digest=base64.b64encode(sha256(style.encode()).digest()).decode(),
        turns=[_turn(turn) for turn in export.turns],
        why=_why,
    )
    closing = "</body>\n</html>\n"
    record = encoded(export, opening + closing)
    return f'{opening}<data id="citewire-record" hidden value="{record}"></data>{closing}'


@cache
def _style() -> str:
    return _STYLE.read_text("utf-8")


def _turn(turn: AnswerDocument) -> dict[str, Any]:
    return {
        "question": turn.question,
        "notice": turn.notice,
        "texts": paragraphs_of(turn.answer),
        "sentences": blocks((one.prefix, one.heading, one) for one in turn.sentences),
        "facts": list(about(turn)),
        "doubts": list(in_question(turn.sentences)),
        "sources": [_source(citation, turn.citing(citation.n)) for citation in turn.citations],
    }


def _source(citation: CitationDocument, sentences: Sequence[Sentence]) -> dict[str, Any]:
    address = web_url(citation.url)
    return {
        "citation": citation,
        "how": dated(citation),
        "verdicts": list(dict.fromkeys(sentence.verdict for sentence in sentences)),
        "place": place(citation),
        "address": address,
        "link": web_url(citation.link) or address,
    }


def _why(sentence: Sentence) -> str:
    reasons = [as_sentence(reason) for reason in sentence.reasons]
    if sentence.verdict in GOOD or not reasons:
        reasons.insert(0, VERDICT_MEANINGS[sentence.verdict])
    return " ".join(reasons)
