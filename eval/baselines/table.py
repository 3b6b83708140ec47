"""The baselines by name. A row is loaded only when used, because llama-index takes seconds to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from qa.errors import UsageError


@dataclass(frozen=True, slots=True)
class Baseline:
    """A row of BASELINES."""

    title: str
    function: str
    """`module.function`, which builds a Finder or an Answerer from a Corpus."""
    answers: bool = False
    """True when it also writes answers and needs a language model."""

    dates: bool = False
    """True when it only adds a date prior to another baseline, which does nothing for a question without a date."""

    def load(self) -> Callable[..., Any]:
        """The function."""
        module, _, name = self.function.rpartition(".")
        loaded: Callable[..., Any] = getattr(import_module(f"eval.baselines.{module}"), name)
        return loaded


BASELINES: Mapping[str, Baseline] = {
    "bm25": Baseline("BM25 over passages with their title", "plain.bm25"),
    "bm25-dates": Baseline("the same, nearer dates first", "plain.bm25_dates", dates=True),
    "vectors": Baseline("exact vector search, bundled embedder", "plain.vectors"),
    "vectors-dates": Baseline("the same, nearer dates first", "plain.vectors_dates", dates=True),
    "llama-vectors": Baseline("llama-index, VectorStoreIndex", "llama.llama_vectors"),
    "llama-bm25": Baseline("llama-index, BM25 over its chunks", "llama.llama_bm25"),
    "llama-fusion": Baseline("llama-index, QueryFusionRetriever of both", "llama.llama_fusion"),
    "llama-citations": Baseline("llama-index, CitationQueryEngine", "llama.llama_citations", answers=True),
}


def baseline_named(name: str) -> Baseline:
    """The baseline of that name. Raises UsageError, which lists them."""
    if name not in BASELINES:
        raise UsageError(f"There is no baseline '{name}'. Choose from: {', '.join(BASELINES)}.")
    return BASELINES[name]
