"""Any sentence-transformers model as the embedder: from a folder, the local cache, or the model hub."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from qa.errors import MissingExtra
from qa.models.backends import backend_for, batch_size
from qa.models.base import Vectors
from qa.models.embedding_prompts import prompts_for
from qa.models.hub import Family, ModelLocation, find_model, loading

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from qa.settings import Settings

PROVIDER = "sentence-transformers"
FAMILY = Family(
    "sentence-transformers model",
    ("modules.json", "config.json"),
    f"--embed {PROVIDER}:",
    home="sentence-transformers",
    cache_variable="SENTENCE_TRANSFORMERS_HOME",
)


def load_sentence_encoder(model: str, settings: Settings | None = None) -> SentenceEncoder:
    """The embedder in the folder `model`, or of that name on the model hub, from the local cache where it is cached.

    NAME@REVISION pins a commit. Code that comes with a model is never run. No setting matters to it. Raises
    MissingExtra without the package, and ModelError.
    """
    if find_spec("sentence_transformers") is None:
        raise MissingExtra(f"The embedder {PROVIDER}:{model}", PROVIDER)
    place = find_model(model, FAMILY)
    encoder = _load(place)
    if not any(encoder.prompts.values()) and any(prompts := prompts_for(model)):
        encoder.prompts = {"query": prompts.query, "document": prompts.passage}
    return SentenceEncoder(model, encoder, place.digest())


class SentenceEncoder:
    """A sentence-transformers model, with its own prompts for queries and documents."""

    def __init__(self, model: str, encoder: SentenceTransformer, digest: str = "") -> None:
        """`digest` identifies the weights; the prompts are part of every vector too."""
        self.name = f"{PROVIDER}:{model}"
        self.revision = sha256(repr((sorted(encoder.prompts.items()), digest)).encode()).hexdigest()[:12]
        self._encoder = encoder
        self._batch = batch_size()
        self._lock = Lock()
        """A tokenizer cannot serve two threads at once."""
        self.dimension = int(encoder.get_embedding_dimension() or self.embed_query("dimension").shape[0])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension), made with the model's prompt for documents."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        with self._lock:
            vectors = self._encoder.encode_document(
                list(texts), batch_size=self._batch, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, np.float32)

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,), made with the model's prompt for queries."""
        with self._lock:
            vector = self._encoder.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, np.float32)


def _load(place: ModelLocation) -> SentenceTransformer:
    with loading(FAMILY.kind, place.name):
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(
            place.name,
            revision=place.revision,
            local_files_only=place.local,
            trust_remote_code=False,
            **backend_for(place),
        )
