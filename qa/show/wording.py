"""Answers, citations and dates in plain words, for the command line, the window and exports alike."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from qa.types import Answer, Article, Citation, Filters, Note, Question, Sentence, TimeWindow, Verdict

VERDICT_WORDS: Mapping[Verdict, str] = {
    "verbatim": "Verbatim",
    "supported": "Supported",
    "unverified": "Not verified",
    "unsupported": "Not in the source",
}
"""Each verdict in the words that a reader sees, best first."""

VERDICT_SIGNS: Mapping[Verdict, str] = {"verbatim": "✓✓", "supported": "✓", "unverified": "?", "unsupported": "✗"}
"""A sign for each verdict, where nothing can be drawn: what the window draws, as a letter."""

VERDICT_MEANINGS: Mapping[Verdict, str] = {
    "verbatim": "Word for word in the source.",
    "supported": "The source says this in nearly the same words.",
    "unverified": "The check could not tell whether the source says this. Read the passage.",
    "unsupported": "The check did not find this in the cited source.",
}
"""What each verdict means: the legend of the marks."""

SUPPORT_WORDS = (
    (0.9, "almost certainly borne out"),
    (0.6, "likely borne out"),
    (0.4, "open"),
    (0.1, "hardly borne out"),
)
"""The least support of each in the words that a reader sees; under the last, `NOT_BORNE_OUT`."""
NOT_BORNE_OUT = "almost certainly not borne out"

CONFIDENCE_WORDS = (
    (0.7, "sure", "Citewire is sure that this answers the question"),
    (0.45, "likely", "This likely answers the question"),
)
"""The least confidence of each, and what a reader sees; under the last, `UNSURE`."""
UNSURE = ("unsure", "Citewire is not sure that this answers the question")
CLOSEST = "The closest the articles come:"
"""Stands before the passages that were found, where none was taken for an answer."""

NOTE_WORDS: Mapping[str, str] = {"correction": "Correction", "update": "Update", "editor": "Note"}
"""Each kind of an editor's note in the words that a reader sees."""
_NOTE_LABELS = {
    kind: re.compile(rf"(?i)\A\W*(?:editor['’]?s?['’]?\s)?(?:note\W+)?{words}(?:\s*[:.,–—-]\s*|\s+(?=\())")
    for kind, words in {"correction": "corrections?", "update": "updated?", "editor": "notes?"}.items()
}


class Dated(Protocol):
    """What has a day of publication."""

    @property
    def date(self) -> dt.date | None:
        """The day, or the first day of the month or year."""

    @property
    def date_precision(self) -> str:
        """Whether day, month or year is known."""


class Changed(Dated, Protocol):
    """What may have been changed after its day of publication."""

    @property
    def updated(self) -> dt.date | None:
        """The day of the last change, where that is a later one."""


def byline(article: Article) -> str:
    """Outlet and date in a few words, such as "BelTA, 19 Jan 2017"; says so where either is unknown."""
    return f"{article.outlet or 'unknown outlet'}, {days(article)}"


def days(article: Changed, how: str = "") -> str:
    """The day of publication and `how` it is known; with a later change "published 3 May 2024, updated 9 May 2024"."""
    published = day(article) + how
    return f"published {published}, updated {date_text(article.updated)}" if article.updated else published


def note_text(note: Note) -> str:
    """An editor's note without the word that says what it is, which NOTE_WORDS has."""
    return _NOTE_LABELS[note.kind].sub("", note.text).strip() or note.text


def told_by(article: Article) -> str:
    """Who says it and when, as a sentence names its source: "BelTA, 19 Jan 2017", "MIL OSI, undated"."""
    return f"{article.outlet or article.title}, {day(article)}"


def day(article: Dated) -> str:
    """Day of publication as far as it is known, such as "19 Jan 2017", "Jan 2017" or "2017", or "undated"."""
    if article.date is None:
        return "undated"
    exact = {"year": f"{article.date:%Y}", "month": f"{article.date:%b %Y}"}
    return exact.get(article.date_precision) or date_text(article.date)


def also_in_text(article: Article) -> str:
    """Who else published it, such as "also in BelTA, Kazinform"; empty where nobody did."""
    return f"also in {', '.join(article.also_in)}" if article.also_in else ""


def page_of(article: Article, offset: int) -> int | None:
    """The number of the page that an offset lies on, from 1; None where the article has no pages."""
    return bisect_right(article.pages, offset) or 1 if article.pages else None


def bare_name(path: str | None) -> str | None:
    """The name of a file of this machine or another without its folders; None where there is none."""
    return path and re.split(r"[\\/]", path)[-1]


def date_text(date: dt.date) -> str:
    """The date as it is shown everywhere, such as "19 Jan 2017"."""
    return f"{date.day} {date:%b %Y}"


def days_text(first: dt.date | None, last: dt.date | None) -> str:
    """A stretch of days as short as it can be said, such as "9 to 15 Nov 2026"; empty where it is open at both ends."""
    if first is None or last is None:
        return f"since {date_text(first)}" if first else f"until {date_text(last)}" if last else ""
    if first == last:
        return date_text(last)
    start = str(first.day) if (first.year, first.month) == (last.year, last.month) else f"{first.day} {first:%b}"
    return f"{start if first.year == last.year else date_text(first)} to {date_text(last)}"


def counted_text(articles: int, outlets: Sequence[str]) -> str:
    """How many articles there are and who published them: "12 articles in 5 outlets", "1 article in BelTA"."""
    told = f"{articles:,} article{'' if articles == 1 else 's'}"
    by = outlets[0] if len(outlets) == 1 else f"{len(outlets):,} outlets"
    return f"{told} in {by}" if outlets else told


def when_text(days: Collection[dt.date]) -> str:
    """When they are, as a sentence goes on: "of 19 Jan 2017", "from 4 May 2021 to 10 Nov 2021"; empty without days."""
    if not days:
        return ""
    first, last = date_text(min(days)), date_text(max(days))
    return f"of {first}" if first == last else f"from {first} to {last}"


def window_text(window: TimeWindow) -> str:
    """The days that a question's words name, such as "9 to 15 Nov 2026"."""
    named = window.days if any(window.days) else (window.date_from, window.date_to)
    return days_text(*named)


def mode_text(mode: str) -> str:
    """What answers, in words: the model's name, or that the answer is quoted from the articles."""
    return "quoted from the articles" if mode == "extractive" else mode


def made_text(mode: str, seconds: float) -> str:
    """What answered and how long it took, such as "quoted from the articles · 2.1 s"."""
    return f"{mode_text(mode)} · {seconds:.1f} s" if seconds >= 0.05 else mode_text(mode)


def filters_text(filters: Filters) -> str:
    """What a search was narrowed to, such as "BelTA, from 1 Jan 2017"; empty where it was not."""
    first = f"from {date_text(filters.date_from)}" if filters.date_from else ""
    last = f"until {date_text(filters.date_to)}" if filters.date_to else ""
    chosen = " and ".join(
        f"{len(ids)} chosen {one if len(ids) == 1 else many}"
        for ids, one, many in ((filters.articles, "article", "articles"), (filters.stories, "story", "stories"))
        if ids
    )
    days = " ".join(filter(None, [first, last]))
    any_time = "whatever time the question names" if filters.any_time else ""
    collection = f"collection “{filters.collection.name}”" if filters.collection else ""
    return ", ".join(filter(None, [collection, " or ".join(filters.outlets), chosen, days, any_time]))


def outcome_text(outcome: str, count: int = 1) -> str:
    """What became of articles that were added, such as "12 added" or "1 copy of an article you have"."""
    copies = "copy of an article you have" if count == 1 else "copies of articles you have"
    return f"{count:,} {copies if outcome == 'duplicate' else outcome}"


def outcomes_text(counts: Mapping[str, int]) -> str:
    """What became of all of them, in a line: "12 added, 1 copy of an article you have, 2 failed"."""
    order = ("added", "updated", "unchanged", "duplicate", "removed", "failed")
    return ", ".join(outcome_text(name, counts[name]) for name in order if counts.get(name)) or "nothing was found"


def citation_text(citation: Citation) -> str:
    """The quotation and where it stands, ready to paste: quote, title, outlet, date and, where known, the address."""
    article = citation.article
    place = ", ".join(filter(None, [f'"{article.title}"', article.outlet, days(article), web_address(article)]))
    return f'"{citation.quote}" - {place}'


def answer_text(answer: Answer) -> str:
    """The answer with its `[n]` markers, the sentences in doubt, and the quotations under it; ready to paste."""
    doubts = [f'{verdict_words(s)}: "{s.text}"' for s in answer.sentences if s.verdict in ("unverified", "unsupported")]
    sources = [f"[{citation.n}] {citation_text(citation)}" for citation in answer.citations]
    return "\n\n".join(filter(None, [answer.text, "\n".join(doubts), "\n".join(sources)]))


def confidence_words(answer: Answer) -> tuple[str, str] | None:
    """How sure the program is that it answers the question, in a word and a sentence; None where it does not say."""
    if answer.confidence is None or answer.abstained:
        return None
    known = ((word, said) for least, word, said in CONFIDENCE_WORDS if answer.confidence >= least)
    return next(known, UNSURE)


def verdict_words(sentence: Sentence) -> str:
    """The verdict on the sentence as a reader sees it."""
    return VERDICT_WORDS[sentence.verdict] if sentence.citations else "No source"


def as_sentence(reason: str) -> str:
    """The reason as a sentence of its own: a capital and a full stop."""
    reason = reason.strip()
    return f"{reason[:1].upper()}{reason[1:]}" + ("" if reason.endswith((".", "!", "?")) else ".")


def support_words(support: float) -> str:
    """How likely a passage bears a sentence out, in words, with the number: "likely borne out (81%)"."""
    words = next((words for least, words in SUPPORT_WORDS if support >= least), NOT_BORNE_OUT)
    return f"{words} ({support:.0%})"


def as_typed(question: Question) -> str:
    """The question that is searched for as it was typed: with quotes around the words that were respelled."""
    typed = "|".join(re.escape(one.typed) for one in question.respelled)
    return re.sub(rf"\b(?:{typed})\b", r'"\g<0>"', question.text) if typed else question.text


def web_address(article: Article) -> str | None:
    """The article's address where it is one that a browser may follow; None for `javascript:` and everything else."""
    return web_url(article.url)


def web_url(url: str | None) -> str | None:
    """The address where it is one that a browser may follow, else None."""
    url = (url or "").strip()
    return url if url.lower().startswith(("https://", "http://")) else None


def sentences_citing(answer: Answer, n: int) -> tuple[Sentence, ...]:
    """The sentences of the answer that rest on citation `n`, in order."""
    return tuple(sentence for sentence in answer.sentences if n in sentence.citations)
