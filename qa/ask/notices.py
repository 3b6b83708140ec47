"""The notice beside an answer: everything about the way to it that its reader has to know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from qa.ask.answer.answerer import Answered
from qa.language.own_words import ANSWERED, NAMES, REFUSED
from qa.language.text import WRITTEN_WORD, normalise
from qa.show.wording import note_text, told_by
from qa.types import Citation, Note, Question

MULTILINGUAL = "pip install 'citewire[multilingual]', then qa doctor --repair --embed multilingual"
"""What changes a library over to an embedder of many languages."""
CORRECTION_LIMIT = 300
"""Characters of a correction in a notice; the article shows the whole."""


_INSTEAD = "These are sentences from the articles instead."


def notice_of(
    typed: str,
    question: Question,
    found: str | None,
    answered: Answered,
    citations: Sequence[Citation],
    unread: str = "",
    leads: str | None = None,
    embedder: str = "",
) -> str | None:
    """One line of all that the reader should know, in the order of the journey; None where there is nothing.

    `typed` is the question before it was cut, `found` what there is to say of the search, `unread` why the verifier
    failed, `leads` what helps on where nothing was answered, `embedder` the library's.
    """
    notices = [
        _cut(typed, question),
        _in_own_words(question, is_answered=bool(answered.claims), embedder=embedder),
        _respelled(question),
        found,
        answered.failure,
        _INSTEAD if answered.failure and answered.claims else None,
        answered.note,
        unread and f"The sentences were checked by rules alone: {unread}",
        leads,
        _open_parts(answered),
        answered.beside.text,
        *_corrections(citations),
    ]
    return " ".join(filter(None, notices)) or None


def _cut(typed: str, question: Question) -> str | None:
    whole = " ".join(normalise(typed).split())
    if len(question.text) >= len(whole):
        return None
    asked, read = (sum(1 for _ in WRITTEN_WORD.finditer(text)) for text in (whole, question.text))
    kind = "words"
    if asked == read:  # one without end
        asked, read, kind = len(whole), len(question.text), "characters"
    return f"The question has {asked:,} {kind}; the first {read:,} were read."


def _in_own_words(question: Question, *, is_answered: bool, embedder: str) -> str | None:
    """Where the question is in another language than most articles: that it is, in both, and what would help."""
    asked, articles = question.language, question.articles_language
    if asked == articles:
        return None
    language = NAMES.get(articles, "another language")
    if is_answered:
        put = f"The articles are in {language}; the question was searched for in {language}, word by word."
        return ANSWERED.get(asked) if articles == "en" else put if question.is_reworded else None
    said = REFUSED.get(asked) if articles == "en" else None
    help_ = f"The question seems to be in {NAMES.get(asked, 'another language')} and most articles are in {language}."
    more = "" if "multilingual" in embedder else f"A multilingual embedder finds more: {MULTILINGUAL}."
    return " ".join(filter(None, [said, help_, more]))


def _respelled(question: Question) -> str | None:
    if not question.respelled:
        return None
    searched = " and ".join(f"“{one.searched}”" for one in question.respelled)
    typed = " or ".join(f"“{one.typed}”" for one in question.respelled)
    return f"Searched for {searched}: no article has {typed}. A word in quotes is searched for as typed."


def _open_parts(answered: Answered) -> str | None:
    if not answered.claims or not answered.unanswered:
        return None
    return f"The articles found do not answer this part: {'; '.join(answered.unanswered)}."


def _corrections(citations: Iterable[Citation]) -> Iterator[str]:
    """The corrections of the cited articles, each with who made it."""
    articles = {citation.article.id: citation.article for citation in citations}
    for article in articles.values():
        for note in article.notes:
            if note.kind == "correction":
                yield f"{told_by(article)}, corrected this article: {short_note(note)}"


_WHEN = re.compile(r"\A\([^)]*\)\s*[:.–—-]\s*")


def short_note(note: Note) -> str:
    """An editor's note in a line, without the word that says what it is and when."""
    line = _WHEN.sub("", " ".join(note_text(note).split()))
    return line if len(line) <= CORRECTION_LIMIT else line[:CORRECTION_LIMIT].rsplit(" ", 1)[0] + " ..."
