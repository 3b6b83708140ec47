"""Checks an export again: does the library still say what it cites, and is the verdict on every sentence the same?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, Literal

from qa.check import Checker
from qa.ingest.fetch import plain_address
from qa.language.text import sentence_spans, stems
from qa.library import Library
from qa.models import BUNDLED, Verifier, load_verifier
from qa.show.document import corrections, text_hash
from qa.show.document_form import AnswerDocument, CitationDocument
from qa.show.export import ReadExport
from qa.show.wording import VERDICT_WORDS, date_text
from qa.types import Article, Claim, Hit, Passage, Sentence, Span, Verdict

Status = Literal["holds", "moved", "changed", "missing", "gone", "altered"]
"""What became of a quotation, from best to worst: it stands where it stood, elsewhere in the article, in other words,
not at all; its article is gone; or the article never said it, so that the file was altered."""

STATUS_WORDS: Mapping[Status, str] = {
    "holds": "still there",
    "moved": "still there, at another place",
    "changed": "reads differently now",
    "missing": "no longer in the article",
    "gone": "article gone",
    "altered": "not what the article says",
}
ORDER: Sequence[Verdict] = tuple(VERDICT_WORDS)
RULES = "the rules alone"
_ALIKE = 0.5
"""Share of words that a changed sentence has in common with the quotation, at least, in order."""
_MOST_WINDOWS = 20


@dataclass(frozen=True, slots=True)
class CitationCheck:
    """A citation, then and now."""

    then: CitationDocument
    status: Status
    article: Article | None = None
    """As it is now; None where it is gone."""
    start: int = 0
    end: int = 0
    """Where the quotation, or what comes closest to it, stands now."""
    changes: tuple[str, ...] = ()
    """What else no longer holds: a correction since, another outlet or date."""
    remarks: tuple[str, ...] = ()
    """What a reader may want to know and that changes nothing."""

    @property
    def quote(self) -> str | None:
        """The words that stand there now; None where there are none."""
        return self.article.text[self.start : self.end] if self.article and self.end > self.start else None

    @property
    def holds(self) -> bool:
        """Whether the article still says it, and is still what the citation says of it."""
        return self.status in ("holds", "moved") and not self.changes


@dataclass(frozen=True, slots=True)
class SentenceCheck:
    """The verdict on a sentence, then and now."""

    then: Sentence
    now: Sentence
    why: str = ""
    """Where the two differ and no article has changed: what may have."""

    @property
    def holds(self) -> bool:
        """Whether the verdict is as good as it was."""
        return ORDER.index(self.now.verdict) <= ORDER.index(self.then.verdict)


@dataclass(frozen=True, slots=True)
class TurnCheck:
    """All of one question."""

    turn: AnswerDocument
    citations: tuple[CitationCheck, ...]
    sentences: tuple[SentenceCheck, ...]
    verifier: str = ""
    """`provider:model@revision` of what read the sentences again; empty where the rules decided alone."""

    @property
    def verifier_change(self) -> str:
        """Where another verifier read the sentences than then: which, in words."""
        if self.turn.verifier == self.verifier:
            return ""
        return f"{self.turn.verifier or RULES} checked it then, {self.verifier or RULES} now"

    @property
    def holds(self) -> bool:
        """Whether everything does."""
        return all(one.holds for one in self.citations) and all(one.holds for one in self.sentences)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of an export found."""

    read: ReadExport
    turns: tuple[TurnCheck, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether everything does, and nothing in the file was edited."""
        return not self.read.edits and all(turn.holds for turn in self.turns)

    def summary(self) -> str:
        """The outcome in a sentence."""
        cited = [citation for turn in self.turns for citation in turn.citations]
        sentences = [sentence for turn in self.turns for sentence in turn.sentences]
        if not cited and not sentences:
            return "The file cites nothing; there is nothing to check."
        broken = sum(not citation.holds for citation in cited)
        worse = sum(not sentence.holds for sentence in sentences)
        if not broken and not worse:
            edited = ", but the file was edited" if self.read.edits else ""
            moved = sum(citation.status == "moved" for citation in cited)
            places = f" ({moved} at another place)" if moved else ""
            said = _count(len(cited), "citation", f"still {'holds' if len(cited) == 1 else 'hold'}")
            return f"{said}{places}{edited}."
        parts = [_count(broken, "citation", f"of {len(cited)} no longer {'holds' if broken == 1 else 'hold'}")] * bool(
            broken
        )
        if worse:
            parts.append(_count(worse, "sentence", f"{'has' if worse == 1 else 'have'} a worse verdict"))
        return f"{', '.join(parts)}."


def _count(number: int, noun: str, rest: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'} {rest}"


def verify(read: ReadExport, library: Library) -> Verification:
    """Compares an export with what the library holds now. It reads, and changes nothing."""
    articles, top = _Articles(library), library.settings.top
    turns = (replace(turn, passages=turn.passages[:top]) for turn in read.export.turns)  # what an answer may rest on
    return Verification(read, tuple(_verify_turn(turn, articles, read) for turn in turns))


class _Articles:
    """The library's articles, each looked up and hashed once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._found: dict[str, Article | None] = {}
        self._hashes: dict[str, str] = {}

    def get(self, article_id: str) -> Article | None:
        if article_id not in self._found:
            self._found[article_id] = self._library.article(article_id)
        return self._found[article_id]

    def hash_of(self, article: Article) -> str:
        if article.id not in self._hashes:
            self._hashes[article.id] = text_hash(article.text)
        return self._hashes[article.id]

    def verifier(self, turn: AnswerDocument) -> Verifier | None:
        """What reads the turn's sentences again: the bundled verifier where one read them then, else none."""
        return self._verifier if turn.verifier else None

    @cached_property
    def _verifier(self) -> Verifier | None:
        return load_verifier(BUNDLED)

    def is_as_then(self, article: Article, turn: AnswerDocument, cited: str) -> bool | None:
        """Whether its text is what that of the article `cited` was; None where the file does not say what that was."""
        known = turn.texts.get(cited)
        return known == self.hash_of(article) if known else None

    def instead_of(self, citation: CitationDocument, turn: AnswerDocument) -> tuple[Article | None, str]:
        """What the library holds under another id: the same text, or the same page; and which of the two it is."""
        articles = self._library.store.articles
        known = turn.texts.get(citation.article_id)
        same_text = articles.known(text_hashes=[known]) if known else []
        if same_text:
            return self.get(same_text[0].id), f"the article is in the library as {same_text[0].id} now"
        same_page = articles.known(url_keys=[plain_address(citation.url)]) if citation.url else []
        if same_page:
            id_ = same_page[0].id
            return self.get(id_), f"the article was replaced by another version of its page, {id_}"
        return None, ""


def _verify_turn(turn: AnswerDocument, articles: _Articles, read: ReadExport) -> TurnCheck:
    citations = tuple(_verify_citation(citation, turn, articles) for citation in turn.citations)
    claims = _claims(turn, citations)
    checker = _checker(turn, claims, articles)
    now, _ = checker.check(claims)
    unchanged = all(
        one.status == "holds" and one.article and articles.is_as_then(one.article, turn, one.then.article_id)
        for one in citations
    )
    sentences = []
    for then, again in zip(turn.sentences, now, strict=True):
        why = ""
        if then.verdict != again.verdict and unchanged:
            made_by = f"; the file was made by {read.export.program}" if read.export.program else ""
            why = f"no article has changed: the file was edited, or the check has become another{made_by}"
        sentences.append(SentenceCheck(then, again, why))
    return TurnCheck(turn, citations, tuple(sentences), checker.made_by)


# --- one citation -----------------------------------------------------------------------------------------------------


def _verify_citation(citation: CitationDocument, turn: AnswerDocument, articles: _Articles) -> CitationCheck:
    article = articles.get(citation.article_id)
    remarks: tuple[str, ...] = ()
    if article is None:
        article, remark = articles.instead_of(citation, turn)
        if article is None:
            return CitationCheck(citation, "gone")
        remarks = (remark,)
    found = _find(citation, article)
    is_as_then = articles.is_as_then(article, turn, citation.article_id)
    if found.status != "holds" and is_as_then:
        # The article says what it said, at the same offsets: so it never said this, or not there.
        here = article.text[citation.start : citation.end]
        found = replace(found, status="altered", start=citation.start, end=citation.start + len(here))
    changes, more = _about(citation, article)
    if is_as_then is False and not remarks and found.status in ("holds", "moved"):
        more = (*more, "the article has changed elsewhere")
    return replace(found, changes=changes, remarks=(*remarks, *more))


def _find(citation: CitationDocument, article: Article) -> CitationCheck:
    """The quotation where it stands now, or what comes closest to it."""
    text, quote = article.text, citation.quote
    if quote.strip() and text[citation.start : citation.end] == quote:
        return CitationCheck(citation, "holds", article, citation.start, citation.end)
    if span := _nearest(text, quote, citation.start):
        return CitationCheck(citation, "moved", article, *span)
    if span := _closest(text, quote):
        return CitationCheck(citation, "changed", article, *span)
    return CitationCheck(citation, "missing", article)


def _nearest(text: str, quote: str, start: int) -> tuple[int, int] | None:
    """The same words nearest to where they stood, whatever white space is between them; whole words only."""
    words = quote.split()
    if not words:
        return None
    pattern = r"\s+".join(map(re.escape, words))
    spans = [match.span() for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", text)]
    return min(spans, key=lambda span: abs(span[0] - start), default=None)


def _closest(text: str, quote: str) -> tuple[int, int] | None:
    """The neighbouring sentences that have most of the quotation's words in common, if that is half of them."""
    count = len(sentence_spans(quote))
    spans = sentence_spans(text)
    sizes = sorted({size for size in (count - 1, count, count + 1) if 1 <= size <= len(spans)})
    windows = [(spans[n][0], spans[n + size - 1][1]) for size in sizes for n in range(len(spans) - size + 1)]
    wanted = set(stems(quote))
    if not wanted:
        return None

    def shared(window: tuple[int, int]) -> float:
        there = set(stems(text[slice(*window)]))
        return len(wanted & there) / (len(wanted | there) or 1)

    likely = sorted(windows, key=shared, reverse=True)[:_MOST_WINDOWS]
    best = max(likely, key=lambda window: _alike(quote, text[slice(*window)]), default=None)
    return best if best and _alike(quote, text[slice(*best)]) >= _ALIKE else None


def _alike(a: str, b: str) -> float:
    return SequenceMatcher(None, a.split(), b.split(), autojunk=False).ratio()


def _about(citation: CitationDocument, article: Article) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is said of the article now and was not then: what matters, and what is only told."""
    changes, remarks = [], []
    if (citation.outlet or "") != (article.outlet or ""):
        changes.append(f"the outlet was {citation.outlet or 'unknown'}, and is {article.outlet or 'unknown'} now")
    if citation.date != article.date:
        then, now = (date_text(date) if date else "unknown" for date in (citation.date, article.date))
        changes.append(f"the date was {then}, and is {now} now")
    elif citation.date_source != article.date_source:
        remarks.append(f"the date is known otherwise than before: {article.date_source}, not {citation.date_source}")
    said = corrections(article)
    if citation.corrections is None:
        remarks += [f"the article carries a correction: {text}" for text in said]
    else:
        changes += [f"corrected since: {text}" for text in said if text not in citation.corrections]
    if citation.title and citation.title != article.title:
        remarks.append(f'the title is now "{article.title}"')
    return tuple(changes), tuple(remarks)


# --- the verdicts -----------------------------------------------------------------------------------------------------


def _claims(turn: AnswerDocument, citations: Sequence[CitationCheck]) -> list[Claim]:
    """The sentences as they were before they were checked, each with what it cites where that is now."""
    spans = {one.then.n: span for one in citations if (span := _cited_span(one, turn))}
    return [
        Claim(
            sentence.text,
            tuple(spans[n] for n in sentence.citations if n in spans),
            sentence.prefix,
            sentence.lead,
            sentence.bold,
            sentence.heading,
        )
        for sentence in turn.sentences
    ]


def _checker(turn: AnswerDocument, claims: Sequence[Claim], articles: _Articles) -> Checker:
    """The check as it is now, over the same passages as far as they are there."""
    hits = []
    for passage in turn.passages:
        article = articles.get(passage.article_id)
        if article and _is_there(
            passage.start, passage.end, passage.text, article, articles.is_as_then(article, turn, article.id)
        ):
            hits.append(Hit(Passage(article, passage.start, passage.end), passage.score))
    return Checker(hits, articles.verifier(turn), claims)


def _is_there(start: int, end: int, text: str | None, article: Article, is_as_then: bool | None) -> bool:
    if not 0 <= start < end <= len(article.text):
        return False
    return article.text[start:end] == text if is_as_then is None else is_as_then


def _cited_span(one: CitationCheck, turn: AnswerDocument) -> Span | None:
    """What the sentence cited: the passage around the quotation, as wide as it was, where the quotation is now."""
    if one.article is None or one.end <= one.start:
        return None
    then = one.then
    around = [
        (passage.start, passage.end)
        for passage in turn.passages
        if passage.article_id == then.article_id and passage.start <= then.start and then.end <= passage.end
    ]
    left, right = min(around, key=lambda span: span[1] - span[0], default=(then.start, then.end))
    start, end = one.start - (then.start - left), one.end + (right - then.end)
    return Span(one.article, max(0, start), min(end, len(one.article.text)))


# --- as JSON ----------------------------------------------------------------------------------------------------------


def verification_json(found: Verification) -> dict[str, Any]:
    """The document that `qa verify --json` prints."""
    export = found.read.export
    return {
        "holds": found.holds,
        "summary": found.summary(),
        "format": found.read.format,
        "program": export.program,
        "made": export.made.isoformat() if export.made else None,
        "edits": list(found.read.edits),
        "turns": [
            {
                "question": one.turn.question,
                "verifier": one.turn.verifier or None,
                "verifier_now": one.verifier or None,
                "holds": one.holds,
                "citations": [_citation_json(citation) for citation in one.citations],
                "sentences": [_sentence_json(sentence) for sentence in one.sentences],
            }
            for one in found.turns
        ],
    }


def _citation_json(one: CitationCheck) -> dict[str, Any]:
    is_there = one.quote is not None
    return {
        "n": one.then.n,
        "holds": one.holds,
        "status": one.status,
        "article_id": one.article.id if one.article else None,
        "start": one.start if is_there else None,
        "end": one.end if is_there else None,
        "quote": one.quote,
        "then": {
            "article_id": one.then.article_id,
            "start": one.then.start,
            "end": one.then.end,
            "quote": one.then.quote,
        },
        "changes": list(one.changes),
        "remarks": list(one.remarks),
    }


def _sentence_json(one: SentenceCheck) -> dict[str, Any]:
    return {
        "text": one.then.text,
        "holds": one.holds,
        "verdict": one.now.verdict,
        "reasons": list(one.now.reasons),
        "then": {"verdict": one.then.verdict, "reasons": list(one.then.reasons)},
        "why": one.why or None,
    }


def word_changes(then: str, now: str) -> list[tuple[str, str]]:
    """The words in order as pairs of what they were and what they are: alike where they stayed, one empty where not."""
    before, after = then.split(), now.split()
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [(" ".join(before[a:b]), " ".join(after[c:d])) for _, a, b, c, d in opcodes]
