"""Verifiers: the bundled network, and cross-encoders of sentence-transformers with three labels or with one score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from qa.errors import MissingExtra, ModelError, UsageError
from qa.models.base import Entailment, SupportFit
from qa.models.cross_encoder import PROVIDER, Scorer, open_cross_encoder
from qa.models.hub import Family, find_model
from qa.models.reader import load_reader

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

    from qa.settings import Settings

FAMILY = Family("cross-encoder", ("config.json",), f"--verify {PROVIDER}:", cache_variable="SENTENCE_TRANSFORMERS_HOME")
LABELS = ("entailment", "neutral", "contradiction")
MOST_WORDS = 70
"""Words of the longest hypothesis that a cross-encoder is asked about: as long as those that they learn from."""


NEWS = "news"
"""The model that ships."""


def load_bundled_verifier(model: str, settings: Settings | None = None) -> BundledVerifier:
    """The network that ships. Raises UsageError for another name than "news"; it is opened when it is first used."""
    if model != NEWS:
        raise UsageError(f"There is no bundled verifier '{model}'. Choose bundled:{NEWS}.")
    return BundledVerifier()


class BundledVerifier:
    """The network that also reads questions. Opened on first use; raises ModelError where its file is broken."""

    name = f"bundled:{NEWS}"
    languages = frozenset({"en"})

    @property
    def fit(self) -> SupportFit:
        """Fitted by training/verifier_fit.py."""
        return load_reader().fit.support

    @property
    def revision(self) -> str:
        """Identifies the weights."""
        return load_reader().revision

    def reads(self, sentence: str) -> bool:
        """Whether it reads a sentence of this length to its end."""
        return load_reader().reads_whole(sentence)

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Entailment]:
        """For each (evidence, sentence), how likely the one bears the other out."""
        return [_one_score(float(expit(odds))) for odds in load_reader().supports(pairs)]


def load_cross_encoder_verifier(model: str, settings: Settings | None = None) -> CrossEncoderVerifier:
    """The cross-encoder in the folder `model`, or of that name in the local cache or on the model hub.

    Code that comes with a model is never run. No setting matters to it. Raises MissingExtra without the package, and
    ModelError for a model that cannot be loaded, or that gives neither one score nor the labels of natural-language
    inference.
    """
    if find_spec("sentence_transformers") is None:
        raise MissingExtra(f"The verifier {PROVIDER}:{model}", PROVIDER)
    return CrossEncoderVerifier(model, open_cross_encoder(find_model(model, FAMILY), FAMILY))


class CrossEncoderVerifier:
    """A cross-encoder with three labels, whose order its own configuration gives, or with one score, the support."""

    revision = ""
    languages: frozenset[str] = frozenset()
    fit = SupportFit()

    def __init__(self, model: str, encoder: CrossEncoder) -> None:
        self.name = f"{PROVIDER}:{model}"
        self._scorer = Scorer(encoder, f"The verifier {self.name}")
        labels = getattr(encoder.config, "id2label", None) or {}
        self._columns = None if len(labels) == 1 else _columns(model, labels)

    def reads(self, hypothesis: str) -> bool:
        """Whether it reads a hypothesis of this length to its end."""
        return len(hypothesis.split()) <= MOST_WORDS

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Entailment]:
        """For each (premise, hypothesis), how likely the one entails, leaves open or contradicts the other.

        Raises ModelError.
        """
        if not pairs:
            return []
        if self._columns is None:
            odds = np.asarray(self._scorer.scores(pairs), np.float64)
            return [_one_score(float(support)) for support in expit(odds.reshape(-1))]
        rows = np.asarray(self._scorer.scores(pairs, apply_softmax=True), np.float64)
        return [Entailment(float(a), float(b), float(c)) for a, b, c in rows[:, self._columns]]


def _one_score(support: float) -> Entailment:
    """What a model says that tells support from all else, and not what contradicts."""
    return Entailment(support, 1 - support, 0.0)


def _columns(model: str, labels: Mapping[Any, Any]) -> list[int]:
    """The column of each of LABELS; a model may write them in capitals or shorten them."""
    found = [
        next((int(at) for at, name in labels.items() if str(name).lower().startswith(label[:6])), None)
        for label in LABELS
    ]
    if None in found or len(labels) != len(LABELS):
        names = ", ".join(map(str, labels.values())) or "none"
        raise ModelError(
            f"{PROVIDER}:{model} cannot verify: its labels are {names}. "
            f"Choose a cross-encoder of one score, or with the labels {', '.join(LABELS)}."
        )
    return [column for column in found if column is not None]
