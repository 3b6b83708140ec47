"""The answer as HTML: its sentences with their chips and flags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape

from qa.show.html.words import GOOD, MISSED, PARAGRAPH, icon, shortened, why_text, with_marks
from qa.show.wording import VERDICT_WORDS, byline, verdict_words
from qa.types import Answer, Citation, Draft, Sentence, Verdict

_MARKER = re.compile(r"\[(\d{1,3})\]")
_BULLET = re.compile(r"(?:^|\n)[ \t]*(?P<mark>[-*\u2022]|\d+[.)])[ \t]+$")


def answer_html(answer: Answer) -> str:
    """The answer's sentences as paragraphs and lists, each with its numbered chips and, where in doubt, a flag."""
    if answer.abstained and not answer.sentences:
        return _refusal(answer)
    if not answer.sentences:
        return paragraphs(answer.text)
    cited = {citation.n: citation for citation in answer.citations}
    return blocks((sentence.prefix, _sentence(sentence, cited)) for sentence in answer.sentences)


def draft_html(draft: Draft) -> str:
    """The unchecked text so far; its markers are shown, but lead nowhere yet."""
    return _MARKER.sub(r'<span class="chip" data-verdict="pending">\1</span>', paragraphs(draft.text))


def _refusal(answer: Answer) -> str:
    chips = "".join(_chip(citation, None) for citation in answer.citations)
    closest = f'<p class="closest">The closest passages found: {chips}</p>' if chips else ""
    return f'<div class="refusal">{paragraphs(_MARKER.sub("", answer.text))}{closest}</div>'


def _sentence(sentence: Sentence, cited: Mapping[int, Citation]) -> str:
    chips = "".join(_chip(cited[n], sentence.verdict) for n in sentence.citations if n in cited)
    return (
        f"{_lead(sentence)}"
        f'<span class="sentence" data-verdict="{sentence.verdict}">{_words(sentence)}</span>'
        # A word joiner keeps the chips on the line of the last word.
        f'<span class="chips">\u2060{chips}{_flag(sentence)}</span>'
    )


def _lead(sentence: Sentence) -> str:
    return f'<strong class="lead">{escape(sentence.lead)}:</strong> ' if sentence.lead else ""


def _words(sentence: Sentence) -> str:
    """The words of the sentence: those that are the answer in bold, or those that the check missed marked."""
    if sentence.missed:
        return with_marks(sentence.text, sentence.missed, *MISSED)
    return with_marks(sentence.text, sentence.bold, "<strong>", "</strong>")


def _chip(citation: Citation, verdict: Verdict | None) -> str:
    words = f"{VERDICT_WORDS[verdict]}. " if verdict else ""
    return (
        f'<button type="button" class="chip" data-action="cite" data-cite="{citation.n}"'
        f' data-verdict="{verdict or "none"}" data-tip="{escape(shortened(citation.quote, 300))}"'
        f' data-tip-label="{escape(words + byline(citation.article))}"'
        f' aria-label="Source {citation.n}. {escape(words + byline(citation.article))}">'
        f"{citation.n}{icon(verdict) if verdict else ''}</button>"
    )


def _flag(sentence: Sentence) -> str:
    """The words behind a sentence that did not pass the check; nothing behind one that did."""
    if sentence.verdict in GOOD:
        return ""
    words = verdict_words(sentence)
    return (
        f'<button type="button" class="flag" data-action="why" data-verdict="{sentence.verdict}"'
        f' data-tip-label="{words}" data-tip="{escape(why_text([sentence]))}">{icon(sentence.verdict)}{words}</button>'
    )


def blocks(pieces: Iterable[tuple[str, str]]) -> str:
    """Paragraphs and lists of pairs: (what stood before the sentence, the sentence as HTML)."""
    blocks: list[tuple[str, str]] = []
    for prefix, html in pieces:
        bullet = _BULLET.search(prefix)
        if bullet:
            blocks.append(("ol" if bullet["mark"][0].isdigit() else "ul", html))
        elif "\n" in prefix or not blocks:
            blocks.append(("p", html))
        else:
            kind, before = blocks[-1]
            blocks[-1] = (kind, f"{before} {html}")
    joined = "".join(f"<p>{html}</p>" if kind == "p" else f"<{kind}><li>{html}</li></{kind}>" for kind, html in blocks)
    return joined.replace("</ul><ul>", "").replace("</ol><ol>", "")


def paragraphs(text: str) -> str:
    """The text as paragraphs."""
    return "".join(f'<p dir="auto">{escape(part.strip())}</p>' for part in PARAGRAPH.split(text) if part.strip())
