"""Any CrossEncoder of sentence-transformers as the reranker: from a folder, the local cache, or the model hub."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qa.errors import MissingExtra, ModelError
from qa.models.backends import backend_for, batch_size
from qa.models.hub import Family, ModelLocation, find_model, loading

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

    from qa.settings import Settings

PROVIDER = "sentence-transformers"
FAMILY = Family("cross-encoder", ("config.json",), f"--rerank {PROVIDER}:", cache_variable="SENTENCE_TRANSFORMERS_HOME")
LONGEST = 512
"""Longest input in tokens, question and text together; the rest is cut."""


def load_cross_encoder(model: str, settings: Settings | None = None) -> CrossEncoderReranker:
    """The reranker in the folder `model`, or of that name on the model hub, from the local cache where it is cached.

    NAME@REVISION pins a commit. Code that comes with a model is never run. No setting matters to it. Raises
    MissingExtra without the package, and ModelError.
    """
    if find_spec("sentence_transformers") is None:
        raise MissingExtra(f"The reranker {PROVIDER}:{model}", PROVIDER)
    encoder = open_cross_encoder(find_model(model, FAMILY), FAMILY)
    labels = int(encoder.num_labels)
    if labels != 1:
        raise ModelError(
            f"{model} is no reranker: it tells {labels} labels apart and gives no score. "
            f"Choose another, such as {PROVIDER}:cross-encoder/ms-marco-MiniLM-L6-v2."
        )
    return CrossEncoderReranker(model, encoder)


class CrossEncoderReranker:
    """A model that reads question and text together. Its scores are logits: any number, higher is better."""

    def __init__(self, model: str, encoder: CrossEncoder) -> None:
        self.name = f"{PROVIDER}:{model}"
        self._scorer = Scorer(encoder, f"The reranker {self.name}")
        self._batch = batch_size()

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """A score for each text, shape (len(texts),). Raises ModelError."""
        scores = np.zeros(len(texts), np.float32)
        if not texts:
            return scores
        # Texts of similar length share a batch, to save padding; the order is deterministic.
        order = sorted(range(len(texts)), key=lambda n: (-len(texts[n]), n))
        pairs = [(question, texts[n]) for n in order]
        scores[order] = np.asarray(self._scorer.scores(pairs, batch_size=self._batch), np.float32)
        return scores


class Scorer:
    """A cross-encoder that several threads may ask; `what` it is stands in its errors."""

    def __init__(self, encoder: CrossEncoder, what: str) -> None:
        self._encoder, self._what = encoder, what
        self._lock = Lock()
        """A tokenizer cannot serve two threads at once."""

    def scores(self, pairs: Sequence[tuple[str, str]], **options: Any) -> Any:
        """What `predict` gives for the pairs, with these options. Raises ModelError."""
        with self._lock:
            try:
                return self._encoder.predict(list(pairs), show_progress_bar=False, **options)
            except RuntimeError as error:  # out of memory, for the most part
                reason = str(error).strip().partition("\n")[0].rstrip(".")
                raise ModelError(f"{self._what} failed: {reason}.") from error


def open_cross_encoder(place: ModelLocation, family: Family) -> CrossEncoder:
    """The model at that place, set to return plain logits. Raises ModelError."""
    with loading(family.kind, place.name):
        from sentence_transformers import CrossEncoder
        from torch.nn import Identity

        encoder: CrossEncoder = CrossEncoder(
            place.name,
            revision=place.revision,
            local_files_only=place.local,
            trust_remote_code=False,
            # A sigmoid would make the best scores equal.
            activation_fn=Identity(),
            **backend_for(place),
        )
        encoder.max_seq_length = min(LONGEST, encoder.max_seq_length or LONGEST)
    if _has_random_head(encoder, place):
        raise ModelError(
            f"{place.name} is no {family.kind}: its files hold no weights that score a pair of texts, as those of "
            f"an embedder do not. Choose another, such as {PROVIDER}:cross-encoder/ms-marco-MiniLM-L6-v2."
        )
    return encoder


def _has_random_head(encoder: CrossEncoder, place: ModelLocation) -> bool:
    """Whether a head was put on a model that has none: transformers fills it with random numbers, without an error."""
    file = place.file("config.json")
    saved = json.loads(file.read_text("utf-8")).get("architectures") if file else None
    made = type(getattr(encoder, "model", None)).__name__
    return bool(saved) and made.endswith(_HEAD) and not any(str(name).endswith(_HEAD) for name in saved or ())


_HEAD = "ForSequenceClassification"
