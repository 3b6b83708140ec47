"""What exports for people say of a turn and its sources, in plain text; the same in Markdown and HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from qa.show.document_form import AnswerDocument, CitationDocument
from qa.show.export.record import Export
from qa.show.html import DATE_WORDS, GOOD
from qa.show.wording import VERDICT_SIGNS, VERDICT_WORDS, date_text, filters_text
from qa.types import Sentence

LEGEND = "  ".join(f"{VERDICT_SIGNS[verdict]} {words}" for verdict, words in VERDICT_WORDS.items())
"""What each sign means."""


def in_question(sentences: Iterable[Sentence]) -> list[Sentence]:
    """The sentences of which there is more to say than their sign does: they did not pass, or not at once."""
    return [sentence for sentence in sentences if sentence.verdict not in GOOD or sentence.reasons]


def moment_text(moment: dt.datetime) -> str:
    """A moment as it is shown, such as "19 Jan 2017, 14:05 UTC"."""
    moment = moment.astimezone(dt.UTC)
    return f"{date_text(moment.date())}, {moment:%H:%M} UTC"


def making(export: Export) -> str:
    """By what and when the file was made."""
    by = f"Made by {export.program}" if export.program else "Made"
    return f"{by} on {moment_text(export.made)}" if export.made else by


def about(turn: AnswerDocument) -> Iterator[tuple[str, str]]:
    """How the question was read and answered, as pairs of a label and what there is to say."""
    if turn.standalone_question.strip() != turn.question.strip():
        yield "Searched for", turn.standalone_question
    if narrowing := filters_text(turn.filters):
        yield "Filter", narrowing
    if turn.as_of:
        yield "Asked from the day", date_text(turn.as_of)
    yield "Answered by", "sentences of the articles, word for word" if turn.mode == "extractive" else turn.mode
    if turn.asked:
        yield "Asked", moment_text(turn.asked)


def dated(citation: CitationDocument) -> str:
    """How the day of publication is known, such as "from its dateline"; empty where nobody knows it."""
    return DATE_WORDS[citation.date_source] if citation.date else ""


def place(citation: CitationDocument) -> str:
    """Where the quotation stands in the library's own text of the article."""
    page = f"page {citation.page}, " if citation.page else ""
    return f"{page}characters {citation.start}-{citation.end} of article {citation.article_id}"
