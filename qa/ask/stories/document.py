"""Stories and briefings as JSON documents, for the command line and HTTP."""

from __future__ import annotations

from typing import Any

from qa.ask.stories.event import Event
from qa.ask.stories.story import Story
from qa.show.document import answer_json, article_json
from qa.types import Answer, Span


def event_json(event: Event) -> dict[str, Any]:
    """A story in numbers."""
    days = event.days
    return {
        "id": event.id,
        "title": event.title,
        "articles": len(event.rows),
        "outlets": dict(event.outlets),
        "from": days[0].isoformat() if days else None,
        "to": days[-1].isoformat() if days else None,
    }


def story_json(story: Story) -> dict[str, Any]:
    """A story with all that its page tells; every sentence with the place where it stands."""
    return {
        **event_json(story.event),
        "timeline": [{"day": str(entry.day), **_span_json(entry.span)} for entry in story.timeline],
        "named": [{"name": one.name, "articles": one.articles} for one in story.named],
        "differences": [
            {"text": claim.text, "sources": [_span_json(span) for span in claim.cites]} for claim in story.differences
        ],
        "corrections": [
            {"article_id": article.id, "kind": note.kind, "text": note.text} for article, note in story.corrections
        ],
        "members": [article_json(row) for row in story.event.rows],
    }


def briefing_json(answer: Answer) -> dict[str, Any]:
    """The document of `qa ask --json`, and which of its sentences stand under which heading."""
    sections: list[dict[str, Any]] = []
    for number, sentence in enumerate(answer.sentences):
        if sentence.heading or not sections:
            sections.append({"heading": sentence.heading, "sentences": []})
        sections[-1]["sentences"].append(number)
    return answer_json(answer) | {"sections": sections}


def _span_json(span: Span) -> dict[str, Any]:
    article = span.article
    date = article.date.isoformat() if article.date else None
    place = {"article_id": article.id, "start": span.start, "end": span.end, "outlet": article.outlet, "date": date}
    return {"quote": span.text, **place}
