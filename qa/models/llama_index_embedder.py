"""Any embedding of llama-index as the embedder: one of a class that is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.errors import ModelError
from qa.models.base import Vectors
from qa.models.llama_index_chat import PROVIDER, first_line, made_of

if TYPE_CHECKING:
    from qa.settings import Settings


def load_llama_index_embedder(model: str, settings: Settings) -> LlamaIndexEmbedder:
    """The embedding that the class MODULE:CLASS makes without arguments: keys come from its own variables.

    Raises ModelError where there is no such class, or where it cannot be made.
    """
    made = made_of(model)
    if not hasattr(made, "get_text_embedding_batch"):
        raise ModelError(f"{PROVIDER}:{model} is no embedding of llama-index: it has no get_text_embedding_batch.")
    return LlamaIndexEmbedder(made, f"{PROVIDER}:{model}")


class LlamaIndexEmbedder:
    """An embedding of llama-index, with vectors of unit length."""

    def __init__(self, embedding: Any, name: str) -> None:
        self.name = name
        self.revision = str(getattr(embedding, "model_name", "") or "")
        """What it says that it runs; of its weights it says nothing."""
        self._embedding = embedding
        self.dimension = int(self.embed_query("dimension").shape[0])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension). Raises ModelError."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return self._unit(lambda: self._embedding.get_text_embedding_batch(list(texts)))

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,). Raises ModelError."""
        vector: Vectors = self._unit(lambda: [self._embedding.get_query_embedding(text)])[0]
        return vector

    def _unit(self, make: Any) -> Vectors:
        try:
            vectors = np.array(make(), np.float32)
        except Exception as error:  # each provider's package raises types of its own
            raise ModelError(f"The embedder {self.name} failed: {first_line(error)}.") from error
        if vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise ModelError(f"The embedder {self.name} gave something else than vectors.")
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors
