"""What an answer says besides what was asked: a false premise, articles that differ, corrections of what it cites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from qa.check.composed import Composed, told_by
from qa.types import Citation, Claim

CORRECTION_LIMIT = 300
"""Characters of a correction in a notice; the article shows the whole."""


def remarked(claims: Sequence[Claim], premise: Composed | None, difference: Composed | None) -> Sequence[Claim]:
    """The claims of an answer in the articles' own words: only what puts a false question right, or else the claims,
    and after them the sentence that says where articles differ.
    """
    if premise:
        return (premise,)
    return (*claims, replace(difference, prefix=" ")) if claims and difference else claims


def remarks(premise: Composed | None, difference: Composed | None) -> str | None:
    """The same beside the answer of a model, which was not told of it; None where there is nothing to say."""
    return " ".join(claim.text for claim in (premise, difference) if claim) or None


def corrections(citations: Iterable[Citation]) -> str | None:
    """The corrections of the cited articles, each with who made it; None where nothing was corrected."""
    articles = {citation.article.id: citation.article for citation in citations}.values()
    said = [
        f"{told_by(article)}, corrected this article: {_short(note.text)}"
        for article in articles
        for note in article.notes
        if note.kind == "correction"
    ]
    return " ".join(said) or None


_LABEL = re.compile(r"\A\W*(?:editor'?s? note\W+)?correction(?: \([^)]*\))?s?\s*[:.–—-]\s*", re.IGNORECASE)


def _short(text: str) -> str:
    line = _LABEL.sub("", " ".join(text.split()))
    return line if len(line) <= CORRECTION_LIMIT else line[:CORRECTION_LIMIT].rsplit(" ", 1)[0] + " ..."
