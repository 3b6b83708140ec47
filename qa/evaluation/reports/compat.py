"""Scores of other benchmarks as their own scripts compute them, and as their names suggest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa.errors import EvalError
from qa.evaluation.metrics import Record
from qa.evaluation.runs import Run
from qa.evaluation.sets import Query
from qa.evaluation.statistics import mean
from qa.language.text import normalise

NULL_QUERY = "null_query"
"""The type of MultiHop-RAG's questions that its articles do not answer; its script leaves them out."""


@dataclass(frozen=True, slots=True)
class CompatibleScore:
    """A score of a benchmark, computed in two ways."""

    name: str
    script: float
    """As the benchmark's script computes it, for comparison with published numbers."""
    correct: float
    """As the name of the score is usually understood."""
    differs: str
    """What the script does differently; empty if nothing."""


@dataclass(frozen=True, slots=True)
class Compatible:
    """The scores of a run under the rules of another benchmark."""

    benchmark: str
    rows: tuple[CompatibleScore, ...]
    n: int
    """Number of questions."""


def compatible(benchmark: str, run: Run) -> Compatible:
    """The scores of a run under the rules of one of COMPAT. Raises EvalError for another name."""
    if benchmark not in COMPAT:
        raise EvalError(f"There is no benchmark '{benchmark}' to be compatible with. Choose from: {', '.join(COMPAT)}.")
    return COMPAT[benchmark](run)


# --- MultiHop-RAG ----------------------------------------------------------------------------------------------------

Texts = Sequence[str]


def multihop_rag(run: Run) -> Compatible:
    """Hits@10, Hits@4, MAP@10 and MRR@10 of the passages found, without null queries.

    The facts are the evidence of the set, with quotes and spaces normalised like stored passages. Raises EvalError if
    no question has evidence.
    """
    facts = {query.id: _facts(query) for query in run.eval_set.queries if query.type != NULL_QUERY and query.evidence}
    asked = [record for record in run.records if record["_id"] in facts]
    if not asked:
        raise EvalError(f"No question of '{run.eval_set.name}' has evidence, which MultiHop-RAG's scores are made of.")
    retrieved, gold = [_texts(record) for record in asked], [facts[record["_id"]] for record in asked]
    script, correct = multihop_rag_script(retrieved, gold), multihop_rag_correct(retrieved, gold)
    rows = tuple(CompatibleScore(name, script[name], correct[name], _DIFFERS.get(name, "")) for name in script)
    return Compatible("multihop-rag", rows, len(asked))


_DIFFERS: Mapping[str, str] = {
    "MAP@10": "the script counts at each rank only the facts that are new there, and so gives a perfect ranking of"
    " three facts (1 + 1/2 + 1/3) / 3 = .611 instead of 1",
}


def multihop_rag_script(retrieved: Sequence[Texts], gold: Sequence[Texts]) -> dict[str, float]:
    """The four numbers that MultiHop-RAG's retrieval_evaluate.py prints, by the names it prints them under.

    A passage is a hit when any gold fact of the question is a substring of it, spaces and line feeds taken out of
    both. At each hit among the first ten, (facts that are new at this rank) / rank is added up; the sum is divided by
    the number of facts, ten at most, and called average precision. github.com/yixuantt/MultiHop-RAG, 5fc3983.
    """
    return _means(_script_scores(_bare(texts), _bare(facts)) for texts, facts in zip(retrieved, gold, strict=True))


def multihop_rag_correct(retrieved: Sequence[Texts], gold: Sequence[Texts]) -> dict[str, float]:
    """The same four as usually understood: the precision at a rank counts every fact found so far."""
    return _means(_correct_scores(_bare(texts), _bare(facts)) for texts, facts in zip(retrieved, gold, strict=True))


def _script_scores(texts: Texts, facts: Texts) -> dict[str, float]:
    new = _new_facts(texts, facts)
    precisions = [count / rank for rank, count in enumerate(new, start=1)]
    return _hits(texts, facts) | {"MAP@10": sum(precisions) / min(len(facts), 10)}


def _correct_scores(texts: Texts, facts: Texts) -> dict[str, float]:
    """Average precision over the ranks at which facts are first found; facts that share a passage share its rank."""
    different = list(dict.fromkeys(facts))
    new = _new_facts(texts, different)
    found = [sum(new[:rank]) for rank in range(1, len(new) + 1)]
    precisions = [count * min(1.0, found[at] / (at + 1)) for at, count in enumerate(new)]
    return _hits(texts, facts) | {"MAP@10": sum(precisions) / min(len(different), 10)}


def _hits(texts: Texts, facts: Texts) -> dict[str, float]:
    ranks = [rank for rank, text in enumerate(texts, start=1) if any(fact in text for fact in facts)]
    first = min(ranks, default=None)
    return {
        "Hits@10": float(first is not None and first <= 10),
        "Hits@4": float(first is not None and first <= 4),
        "MRR@10": 1 / first if first and first <= 10 else 0.0,
    }


def _new_facts(texts: Texts, facts: Texts) -> list[int]:
    """For each of the first ten passages, the number of facts in it and in none before."""
    found: set[str] = set()
    counts = []
    for text in texts[:10]:
        new = {fact for fact in facts if fact in text} - found
        found |= new
        counts.append(len(new))
    return counts


def _means(scores: Iterable[Mapping[str, float]]) -> dict[str, float]:
    rows = list(scores)
    return {name: mean(row[name] for row in rows)[0] or 0.0 for name in ("Hits@10", "Hits@4", "MAP@10", "MRR@10")}


def _bare(texts: Texts) -> list[str]:
    """The texts without spaces and line feeds; other white space stays, as in the script."""
    return [text.replace(" ", "").replace("\n", "") for text in texts]


def _texts(record: Record) -> list[str]:
    return [str(passage["text"]) for passage in record["passages"]]


def _facts(query: Query) -> list[str]:
    return [normalise(evidence.text) for evidence in query.evidence]


COMPAT: Mapping[str, Callable[[Run], Compatible]] = {"multihop-rag": multihop_rag}
