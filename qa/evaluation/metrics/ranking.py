"""Metrics of retrieval: rankings of articles, passages and evidence, measured by ir_measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.evaluation.metrics.base import Case, Record
from qa.evaluation.metrics.matching import contains, contains_answer

WHOLE, MOST = 1.0, 0.8
"""Share of a piece of evidence that one passage must contain in a row for the piece to count as found."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Found items in order, and the known relevance of items."""

    found: list[str]
    judgements: Mapping[str, int]
    """Includes items that were not found; above zero is relevant."""


Level = Callable[[Record, Case], Ranking]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of ir_measures, such as "R@5", over the rankings of a level."""

    level: Level
    formula: str

    def __call__(self, record: Record, case: Case) -> float | None:
        """Its value for one question; None if nothing is relevant, for Judged if nothing was found or judged."""
        return measure_all([self], [(record, case)])[self][0]


def measure_all(measures: Iterable[Measure], asked: Sequence[tuple[Record, Case]]) -> dict[Measure, list[float | None]]:
    """Measure -> its value for each question. One call of ir_measures for all: each call takes milliseconds."""
    import ir_measures  # Takes a tenth of a second; comparing texts does not need it.

    values: dict[Measure, list[float | None]] = {measure: [None] * len(asked) for measure in measures}
    levels = dict.fromkeys(measure.level for measure in values)
    rankings = {level: [level(*pair) for pair in asked] for level in levels}
    for (level, applies), group in _grouped(values).items():
        kept = {str(n): ranking for n, ranking in enumerate(rankings[level]) if applies(ranking)}
        formulas = {ir_measures.parse_measure(measure.formula): measure for measure in group}
        judgements = {id: dict(ranking.judgements) for id, ranking in kept.items()}
        run = {id: descending_scores(ranking.found) for id, ranking in kept.items()}
        for result in ir_measures.iter_calc(formulas, judgements, run) if kept else ():
            values[formulas[result.measure]][int(result.query_id)] = float(result.value)
    return values


def _grouped(measures: Iterable[Measure]) -> dict[tuple[Level, Callable[[Ranking], bool]], list[Measure]]:
    """The measures by the rankings they use."""
    groups: dict[tuple[Level, Callable[[Ranking], bool]], list[Measure]] = defaultdict(list)
    for measure in measures:
        groups[measure.level, _was_judged if measure.formula.startswith("Judged") else _has_relevant].append(measure)
    return groups


def _has_relevant(ranking: Ranking) -> bool:
    return any(relevance > 0 for relevance in ranking.judgements.values())


def _was_judged(ranking: Ranking) -> bool:
    return bool(ranking.found and ranking.judgements)


def descending_scores(found: Iterable[str]) -> dict[str, float]:
    """Id -> 1 / rank: scores without ties, because tools break ties differently."""
    return {id: 1 / rank for rank, id in enumerate(found, start=1)}


# --- levels ----------------------------------------------------------------------------------------------------------


def articles(record: Record, case: Case) -> Ranking:
    """Articles in order of their first passage, with the set's judgements."""
    return Ranking(ranked_articles(record), case.judgements)


def ranked_articles(record: Record) -> list[str]:
    """Ids of the articles found, in order of their first passage."""
    return list(dict.fromkeys(passage["article_id"] for passage in record["passages"]))


def passages(record: Record, case: Case) -> Ranking:
    """Passages in the order found; those that contain a whole piece of evidence are relevant.

    If the set has no evidence for a question, passages of a relevant article with an accepted answer are relevant.
    Each splitter makes other passages, so only those in the record can be judged. Each piece of evidence, or answer,
    that none of them contains counts as one more relevant passage that was not found.
    """
    found = [str(rank) for rank in range(len(record["passages"]))]
    if not case.query.evidence:
        right = [int(_answers(passage, case)) for passage in record["passages"]]
        wanted = bool(case.query.answers and case.relevant)
        missed = {"answer": 1} if wanted and not any(right) else {}
        return Ranking(found, _judged(record, case, right) | missed)
    held = evidence_in_passages(record, case)
    return Ranking(found, _judged(record, case, [int(bool(pieces)) for pieces in held]) | _missed(held, case))


def evidence(record: Record, case: Case, share: float = WHOLE) -> Ranking:
    """Passages in the order found, each worth the number of its pieces of evidence that no earlier one contains.

    A second passage with the same evidence gains nothing: nDCG is alpha-nDCG with alpha = 1 (Clarke et al. 2008). Each
    missing piece counts as one more relevant passage.
    """
    held = evidence_in_passages(record, case, share)
    seen: set[int] = set()
    gains = []
    for pieces in held:
        gains.append(len(pieces - seen))
        seen |= pieces
    found = [str(rank) for rank in range(len(gains))]
    return Ranking(found, _judged(record, case, gains) | _missed(held, case))


def _judged(record: Record, case: Case, gains: Sequence[int]) -> dict[str, int]:
    """Rank -> gain; zero for the other passages of articles with a judgement or evidence."""
    known = case.judgements.keys() | {piece.article_id for piece in case.query.evidence}
    worth = zip(record["passages"], gains, strict=True)
    return {str(n): gain for n, (passage, gain) in enumerate(worth) if gain or passage["article_id"] in known}


def _missed(held: Sequence[frozenset[int]], case: Case) -> dict[str, int]:
    found = frozenset[int]().union(*held)
    return {f"piece {n}": 1 for n in range(len(case.query.evidence)) if n not in found}


# --- evidence and answers in passages --------------------------------------------------------------------------------


def evidence_in_passages(record: Record, case: Case, share: float = WHOLE) -> list[frozenset[int]]:
    """For each passage, the numbers of the pieces of evidence from its article that it contains.

    It contains a piece when it has at least `share` of the piece's characters in a row (1: the whole piece), after
    normalising white space and quotes.
    """
    pieces = list(enumerate(case.query.evidence))
    return [
        frozenset(
            n
            for n, piece in pieces
            if piece.article_id == passage["article_id"] and contains(passage["text"], piece.text, share)
        )
        for passage in record["passages"]
    ]


def evidence_recall(record: Record, case: Case, k: int | None, share: float = WHOLE) -> float | None:
    """The share of the pieces of evidence in the first k passages, or in all; None for a question without any.

    Subtopic recall (Zhai et al. 2003). In ir_measures it needs a package that must be compiled.
    """
    if not case.query.evidence:
        return None
    found = frozenset[int]().union(*evidence_in_passages(record, case, share)[:k])
    return len(found) / len(case.query.evidence)


def all_evidence(record: Record, case: Case, k: int | None, share: float = WHOLE) -> float | None:
    """1 when the first k passages contain every piece of evidence, else 0; None for a question without evidence."""
    found = evidence_recall(record, case, k, share)
    return None if found is None else float(found == 1)


def answer_passage(record: Record, case: Case, k: int | None) -> float | None:
    """1 when one of the first k passages is from a relevant article and contains an accepted answer, else 0.

    One item is enough if the question asks for several. None without answers or without a relevant article.
    """
    if not case.query.answers or not case.relevant:
        return None
    return float(any(_answers(passage, case) for passage in record["passages"][:k]))


def _answers(passage: Mapping[str, Any], case: Case) -> bool:
    return case.judgements.get(passage["article_id"], 0) > 0 and contains_answer(passage["text"], case.query.answers)
