"""What is no running text is no answer: articles as they stand on pages, with headings between paragraphs."""

import pytest

from qa.ask.answer.running_text import FEATURES, features, other_text
from qa.language.text import sentence_spans
from qa.types import Article

TEXT = """Harbour City CNN —

The storm tore the roof from the town hall of Northbridge on Tuesday, the fire service said. Nobody was hurt.

What happened in Northbridge?

A gust of 140 kilometres an hour lifted the roof shortly after noon, the town's engineer told reporters on Wednesday.

How long will repairs take?

Repairs will take six weeks and cost 2 million crowns, the town council said in a statement published on Thursday.

A long week for the council

The council has met every evening since Tuesday, and it expects to meet again before the end of the month.

READ MORE: Ten storms that changed the coast

The town hall will be closed until the new year, the mayor said, and weddings have been moved to the library.
"""
ARTICLE = Article("storm", "Storm takes a roof", TEXT)
OTHER = [
    "Harbour City CNN —",
    "What happened in Northbridge?",
    "How long will repairs take?",
    "A long week for the council",
    "READ MORE: Ten storms that changed the coast",
]


def other(article: Article) -> list[str]:
    starts = other_text(article)
    return [article.text[start:end] for start, end in sentence_spans(article.text) if start in starts]


def test_headings_questions_labels_and_links_are_told_from_running_text() -> None:
    assert other(ARTICLE) == OTHER


def test_a_line_that_opens_a_list_belongs_to_its_items() -> None:
    text = "The meeting was attended by:\n- Anna Berg, the chair\n- Otto Lind, her predecessor\n\nIt ended at noon."
    assert "The meeting was attended by:" not in other(Article("list", "Meeting", text))


@pytest.mark.parametrize("text", ["A ferry sank on Monday.", "The pier\n\nIt was closed on Monday, the town said."])
def test_a_text_of_a_sentence_or_two_is_nothing_but_its_text(text: str) -> None:
    assert other(Article("short", "Ferry sinks", text)) == []


@pytest.mark.parametrize("text", ["", " ", "?", "\n\n", "🙂", "x" * 10_000, "A.\n" * 500])
def test_any_text_can_be_told_apart(text: str) -> None:
    spans = sentence_spans(text)
    assert other_text(Article("a", "", text)) <= {start for start, _ in spans}
    if spans:
        assert features(text, spans).shape == (len(spans), len(FEATURES))
