"""The details of a question in a report: answers, passages found, their evidence, and what was missed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.evaluation.metrics import Case, Record, contains_answer, evidence_in_passages, metric_named
from qa.evaluation.metrics.matching import locate
from qa.evaluation.reports.html.runs import Labelled
from qa.evaluation.reports.words import NOT_APPLICABLE, failures_of, number
from qa.evaluation.runs.folder import StoredArticle
from qa.evaluation.sets import EvalSet, Evidence, Query
from qa.show.wording import VERDICT_WORDS

SHOWN = 5
"""Number of passages shown for each run, besides those with evidence."""
AROUND = 220
"""Characters shown on either side of a mark."""
HEAD = 260
"""Characters shown of a passage without marks."""


_CUT = " … "


@dataclass(frozen=True, slots=True)
class PassagePart:
    """A stretch of a passage."""

    text: str
    kind: str = ""
    """"evidence", "answer", "evidence answer", or nothing."""


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage as shown."""

    rank: int
    source: str
    parts: tuple[PassagePart, ...]
    holds: str
    """Which of the targets it contains, in words."""


@dataclass(frozen=True, slots=True)
class FoundEvidence:
    """Where a run found a piece of evidence."""

    run: Labelled
    words: str
    tone: str
    """"fine", "late" or "missed"."""


@dataclass(frozen=True, slots=True)
class Target:
    """A piece of evidence, or an article that answers the question, and where each run found it."""

    text: str
    """Empty for an article."""
    source: str
    places: tuple[FoundEvidence, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """What a run did not find."""

    words: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of an answer with its verdict in words."""

    text: str
    citations: tuple[int, ...]
    verdict: str
    words: str


@dataclass(frozen=True, slots=True)
class Column:
    """The result of one run for a question."""

    run: Labelled
    outcome: str
    failures: tuple[str, ...]
    sentences: tuple[AnswerSentence, ...]
    cited: tuple[tuple[int, str], ...]
    """Number and source of each citation."""
    reply: str
    """The text to show if there are no sentences."""
    missed: tuple[Missed, ...]
    passages: tuple[ShownPassage, ...]
    more: str
    scores: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A question of the report."""

    id: str
    text: str
    type: str
    status: tuple[str, ...]
    known: tuple[tuple[str, str], ...]
    evidence: tuple[Target, ...]
    columns: tuple[Column, ...]


def entry(query: Query, runs: Sequence[Labelled]) -> Entry:
    """The question with a column for each run."""
    records = [labelled.records[query.id] for labelled in runs]
    sought = _targets(query, runs[0])
    found = [_ranks(record, query, sought) for record in records]
    columns = tuple(
        _column(query, labelled, record, sought, ranks)
        for labelled, record, ranks in zip(runs, records, found, strict=True)
    )
    targets = tuple(
        Target(
            item.text,
            source_text(item.article_id, runs[0].sources),
            tuple(_finding(labelled, ranks[number]) for labelled, ranks in zip(runs, found, strict=True)),
        )
        for number, item in enumerate(sought)
    )
    return Entry(
        query.id, query.text, query.type or "other", _status(columns), _known(query, runs[0]), targets, columns
    )


def source_text(article_id: str, sources: Mapping[str, StoredArticle]) -> str:
    """Title, outlet and day of an article, as far as known; otherwise its id."""
    source = sources.get(article_id)
    return ", ".join(filter(None, [source.title, source.outlet, source.date])) if source else article_id


# --- what is known of a question -------------------------------------------------------------------------------------


def _targets(query: Query, labelled: Labelled) -> tuple[Evidence, ...]:
    """The evidence of a question; without any, the articles that answer it, as evidence without text."""
    return query.evidence or tuple(Evidence(id, "") for id in relevant_articles(labelled.run.eval_set, query))


def _known(query: Query, labelled: Labelled) -> tuple[tuple[str, str], ...]:
    rows = {
        "Asked after": "\n".join(f"{turn.question} – {turn.answer}" for turn in query.history),
        "Asked on": query.date.isoformat() if query.date else "",
        "Type": query.type or "",
        "All of these" if query.wants_all else "Accepted answers": " · ".join(query.answers),
        "Right is": "a refusal: the articles do not say" if query.answerable is False else "",
    }
    return tuple((name, value) for name, value in rows.items() if value)


def relevant_articles(eval_set: EvalSet, query: Query) -> list[str]:
    """Ids of the articles that answer a question: those judged relevant, or else those of its evidence."""
    judged = [article for article, relevance in eval_set.qrels.get(query.id, {}).items() if relevance > 0]
    return judged or list(dict.fromkeys(evidence.article_id for evidence in query.evidence))


def _status(columns: Sequence[Column]) -> tuple[str, ...]:
    facts = {
        "failed": any(column.failures for column in columns),
        "differs": len({(column.outcome, bool(column.missed)) for column in columns}) > 1,
        "missed": any(column.missed for column in columns),
    }
    return tuple(name for name, holds in facts.items() if holds)


# --- what a run made of it -------------------------------------------------------------------------------------------


def _column(
    query: Query, labelled: Labelled, record: Record, sought: Sequence[Evidence], ranks: Sequence[int | None]
) -> Column:
    scores, sources = labelled.run.scores[query.id], labelled.sources
    found = {rank: "holds evidence" for rank in ranks if rank} if query.evidence else _answering(sought, query, record)
    shown = [p for p in record["passages"] if p["rank"] <= SHOWN or p["rank"] in found]
    left = len(record["passages"]) - len(shown)
    return Column(
        run=labelled,
        outcome=_outcome(record, scores),
        failures=tuple(failures_of(labelled.run, query.id)),
        sentences=tuple(map(_answer_sentence, record["sentences"])),
        cited=tuple((c["n"], source_text(c["article_id"], sources)) for c in record["citations"]),
        reply=record["answer"] or "Finds passages, and writes no answer.",
        missed=tuple(_missed(sought, ranks, sources)),
        passages=tuple(_passage(p, query, sources, found.get(p["rank"], "")) for p in shown),
        more=f"and {left} more passages" if left > 0 else "" if shown else "No passage was found.",
        scores=tuple((metric_named(name).title, number(value)) for name, value in scores.items() if value is not None),
    )


def _outcome(record: Record, scores: Mapping[str, float | None]) -> str:
    if record["abstained"]:
        return "refused"
    if not record["sentences"]:
        first = scores.get("mrr@10")
        return "" if first is None else f"article at {round(1 / first)}" if first else "article not found"
    correct = scores.get("answer_correct")
    return "answered" if correct is None else "answered right" if correct else "answered wrong"


def _answer_sentence(sentence: Mapping[str, Any]) -> AnswerSentence:
    verdict = sentence["verdict"]
    words = VERDICT_WORDS.get(verdict, NOT_APPLICABLE) if sentence["citations"] else "No source"
    return AnswerSentence(sentence["text"], tuple(sentence["citations"]), verdict, words)


def _ranks(record: Record, query: Query, sought: Sequence[Evidence]) -> list[int | None]:
    """For each target the rank of the first passage that contains it or is from its article; otherwise None."""
    held = evidence_in_passages(record, Case(query, {}, {}))
    articles = [passage["article_id"] for passage in record["passages"]]
    places = [
        [number in pieces for pieces in held] if item.text else [article == item.article_id for article in articles]
        for number, item in enumerate(sought)
    ]
    return [found.index(True) + 1 if True in found else None for found in places]


def _answering(sought: Sequence[Evidence], query: Query, record: Record) -> dict[int, str]:
    """The rank of the first passage that contains an accepted answer and is from a relevant article."""
    relevant = {item.article_id for item in sought}
    ranks = (
        p["rank"]
        for p in record["passages"]
        if p["article_id"] in relevant and contains_answer(p["text"], query.answers)
    )
    return {rank: "holds an answer" for rank in [next(ranks, None)] if rank}


def _missed(
    sought: Sequence[Evidence], ranks: Sequence[int | None], sources: Mapping[str, StoredArticle]
) -> Iterator[Missed]:
    """Yields evidence that no passage contains; without evidence, the articles if no passage is from any."""
    for item, rank in zip(sought, ranks, strict=True):
        if item.text and rank is None:
            yield Missed("No passage found holds", item.text)
        elif not item.text and not any(ranks):
            yield Missed("No passage found is from", source_text(item.article_id, sources))


def _finding(labelled: Labelled, rank: int | None) -> FoundEvidence:
    if rank is None:
        return FoundEvidence(labelled, "missed, in no passage found", "missed")
    words, outcome = ("found", "fine") if rank <= 10 else ("late,", "late")
    return FoundEvidence(labelled, f"{words} at {rank}", outcome)


# --- what is marked --------------------------------------------------------------------------------------------------


def _passage(
    passage: Mapping[str, Any], query: Query, sources: Mapping[str, StoredArticle], holds: str
) -> ShownPassage:
    text = passage["text"]
    evidence = [locate(e.text, text) for e in query.evidence if e.article_id == passage["article_id"]]
    parts = parts_of(text, [span for span in evidence if span[1]], list(_answer_spans(text, query.answers)))
    return ShownPassage(passage["rank"], source_text(passage["article_id"], sources), parts, holds)


def parts_of(
    text: str, evidence: Sequence[tuple[int, int]], answers: Sequence[tuple[int, int]]
) -> tuple[PassagePart, ...]:
    """The text in parts, cut where marks begin and end, without text far from a mark."""
    marked = [*evidence, *answers]
    if not marked:
        return (PassagePart(text if len(text) <= HEAD else text[:HEAD].rsplit(None, 1)[0] + " …"),)
    kept = [_with_context(text, start, end) for start, end in marked]
    cuts = sorted({0, len(text), *(bound for span in [*marked, *kept] for bound in span)})
    parts: list[PassagePart] = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        kinds = ["evidence"] * _within(start, end, evidence) + ["answer"] * _within(start, end, answers)
        kind = " ".join(kinds)
        piece = text[start:end] if _within(start, end, kept) else _CUT
        if not parts or parts[-1].kind != kind:
            parts.append(PassagePart(piece, kind))
        elif not (piece == _CUT and parts[-1].text.endswith(_CUT)):
            parts[-1] = PassagePart(parts[-1].text + piece, kind)
    return tuple(parts)


def _with_context(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with up to AROUND characters before and after, cut between words."""
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    if first:
        first = text.find(" ", first, start) + 1 or start
    if last < len(text):
        last = max(text.rfind(" ", end, last), end)
    return first, last


def _within(start: int, end: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(low <= start and end <= high for low, high in spans)


def _answer_spans(text: str, answers: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yields the spans of accepted answers; only non-word characters may differ."""
    for answer in answers:
        words = re.findall(r"\w+", answer)
        if words:
            pattern = r"\b" + r"\W+".join(map(re.escape, words)) + r"\b"
            yield from (match.span() for match in re.finditer(pattern, text, re.IGNORECASE))
