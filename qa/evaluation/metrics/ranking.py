"""What was found: rankings of articles, passages and evidence, measured by ir_measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.evaluation.metrics.base import Case, Record
from qa.evaluation.metrics.matching import contains, contains_answer

WHOLE, MOST = 1.0, 0.8
"""Share of a piece of evidence that one passage must hold on end for the piece to be found."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Things in the order in which they were found, and what is known of their relevance."""

    found: list[str]
    judgements: Mapping[str, int]
    """Those that were not found among them; above zero is relevant."""


Level = Callable[[Record, Case], Ranking]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of ir_measures, such as "R@5", over the rankings of a level."""

    level: Level
    formula: str

    def __call__(self, record: Record, case: Case) -> float | None:
        """Its value for one question; None where nothing is relevant, of Judged where nothing was found or judged."""
        return measure_all([self], [(record, case)])[self][0]


def measure_all(measures: Iterable[Measure], asked: Sequence[tuple[Record, Case]]) -> dict[Measure, list[float | None]]:
    """Measure -> its value for each question; one call of ir_measures for all, since each costs a few milliseconds."""
    import ir_measures  # A tenth of a second that whoever only compares texts need not wait for.

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
    """The measures that are taken of the same rankings."""
    groups: dict[tuple[Level, Callable[[Ranking], bool]], list[Measure]] = defaultdict(list)
    for measure in measures:
        groups[measure.level, _was_judged if measure.formula.startswith("Judged") else _has_relevant].append(measure)
    return groups


def _has_relevant(ranking: Ranking) -> bool:
    return any(relevance > 0 for relevance in ranking.judgements.values())


def _was_judged(ranking: Ranking) -> bool:
    return bool(ranking.found and ranking.judgements)


def descending_scores(found: Iterable[str]) -> dict[str, float]:
    """Id -> 1 / rank: scores without ties, since every tool breaks ties in its own way."""
    return {id: 1 / rank for rank, id in enumerate(found, start=1)}


# --- levels ----------------------------------------------------------------------------------------------------------


def articles(record: Record, case: Case) -> Ranking:
    """The articles in the order in which a passage of each first appears, and the set's judgements of them."""
    return Ranking(ranked_articles(record), case.judgements)


def ranked_articles(record: Record) -> list[str]:
    """Ids of the articles found, in the order in which a passage of each first appears."""
    return list(dict.fromkeys(passage["article_id"] for passage in record["passages"]))


def passages(record: Record, case: Case) -> Ranking:
    """The passages as they were found; relevant are those that hold a piece of evidence whole.

    Where the set has no evidence for a question, relevant are the passages of a relevant article that hold an accepted
    answer. A library has other passages with every splitter, so that only those of the record can be judged: each
    piece of evidence, or answer, that none of them holds counts as one more relevant passage, which was not found.
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
    """The passages as they were found, each worth the pieces of evidence that no passage before it holds.

    So a second passage that says the same gains nothing: nDCG is alpha-nDCG with alpha = 1 (Clarke et al. 2008). Each
    piece that was not found counts as one more relevant passage.
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
    """Rank -> gain, zero for the other passages of articles that somebody judged or took evidence from."""
    known = case.judgements.keys() | {piece.article_id for piece in case.query.evidence}
    worth = zip(record["passages"], gains, strict=True)
    return {str(n): gain for n, (passage, gain) in enumerate(worth) if gain or passage["article_id"] in known}


def _missed(held: Sequence[frozenset[int]], case: Case) -> dict[str, int]:
    found = frozenset[int]().union(*held)
    return {f"piece {n}": 1 for n in range(len(case.query.evidence)) if n not in found}


# --- evidence and answers in passages --------------------------------------------------------------------------------


def evidence_in_passages(record: Record, case: Case, share: float = WHOLE) -> list[frozenset[int]]:
    """For each passage the numbers of the pieces of evidence that it holds and that are of its article.

    A piece is held when the passage has at least `share` of its characters on end, 1 for the whole piece, once white
    space and quotes are normalised.
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
    """The share of the pieces of evidence that the first k passages, or all, hold; None for a question without any.

    Subtopic recall (Zhai et al. 2003); ir_measures has it only with a package that must be compiled.
    """
    if not case.query.evidence:
        return None
    found = frozenset[int]().union(*evidence_in_passages(record, case, share)[:k])
    return len(found) / len(case.query.evidence)


def all_evidence(record: Record, case: Case, k: int | None, share: float = WHOLE) -> float | None:
    """1 when the first k passages hold every piece of evidence, else 0; None for a question without evidence."""
    found = evidence_recall(record, case, k, share)
    return None if found is None else float(found == 1)


def answer_passage(record: Record, case: Case, k: int | None) -> float | None:
    """1 when one of the first k passages holds an accepted answer and comes from a relevant article, else 0.

    Of a question that asks for several items, any one. None without answers or without a relevant article.
    """
    if not case.query.answers or not case.relevant:
        return None
    return float(any(_answers(passage, case) for passage in record["passages"][:k]))


def _answers(passage: Mapping[str, Any], case: Case) -> bool:
    return case.judgements.get(passage["article_id"], 0) > 0 and contains_answer(passage["text"], case.query.answers)
