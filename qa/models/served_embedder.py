"""Embedders on a server, by OpenAI's protocol or Ollama's: in batches, with retries, vectors of unit length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from qa.errors import ContextTooLong
from qa.models import ollama, openai_chat
from qa.models.base import Vectors
from qa.models.embedding_prompts import Prompts, prompts_for
from qa.models.faults import Fault, Listed, httpx_faults, package_faults
from qa.models.server import Server
from qa.models.trying import BATCH, READER, Patience, called

if TYPE_CHECKING:
    from qa.settings import Settings

BATCH_TEXTS = 64
"""Texts per request: at 200 words each far below servers' limits, and at most a minute's work for a slow one."""
SHORTEST = 100
"""A text shorter than this, in characters, is not cut further."""

Ask = Callable[[Sequence[str]], "list[list[float]]"]
"""Sends texts, and returns their vectors in order. Raises Fault."""


def load_openai_embedder(model: str, settings: Settings) -> ServedEmbedder:
    """The embedding model of the server that OPENAI_EMBED_BASE_URL or OPENAI_BASE_URL names; without one, of OpenAI.

    Sends nothing yet. Raises ModelError when no server is set.
    """
    is_other = bool((settings.openai_embed_base_url or "").strip())
    server = openai_chat.openai_server(
        settings,
        settings.openai_embed_base_url if is_other else settings.openai_base_url,
        address_name="OPENAI_EMBED_BASE_URL" if is_other else "OPENAI_BASE_URL",
        protocol="the OpenAI embeddings protocol",
    )

    def ask(texts: Sequence[str]) -> list[list[float]]:
        import openai

        with package_faults(openai), openai_chat.openai_client(server) as client:
            reply = client.embeddings.create(model=model, input=list(texts), encoding_format="float")
            return [one.embedding for one in sorted(reply.data, key=lambda one: one.index)]

    return ServedEmbedder(f"openai:{model}", model, server, ask, lambda: openai_chat.list_models(server))


def load_ollama_embedder(model: str, settings: Settings) -> ServedEmbedder:
    """The embedding model `model` of Ollama. Sends nothing yet. Raises ModelError where OLLAMA_HOST is no address."""
    server = ollama.ollama_server(settings)

    def ask(texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = ollama.posted(server, "/api/embed", {"model": model, "input": list(texts)})[
            "embeddings"
        ]
        return vectors

    def digest() -> str:
        wanted = model if ":" in model else f"{model}:latest"
        found = (one for one in ollama.list_models(server) or () if one["name"] == wanted)
        return str(next(found, {}).get("digest", ""))[:12]

    return ServedEmbedder(f"ollama:{model}", model, server, ask, lambda: ollama.model_names(server), digest)


class ServedEmbedder:
    """An embedding model, the server that runs it, and its prompts for questions and passages."""

    def __init__(
        self,
        name: str,
        model: str,
        server: Server,
        ask: Ask,
        listed: Listed,
        digest: Callable[[], str] = lambda: "",
    ) -> None:
        self.name = name
        self._model = model
        self._server = server
        self._ask = ask
        self._listed = listed
        self._digest = digest
        self._prompts = prompts_for(model)
        self._longest: int | None = None
        """The longest text in characters that the model accepts; None until one was refused."""
        self._facts: tuple[int, str] | None = None
        self._asking = Lock()

    @property
    def dimension(self) -> int:
        """Numbers in a vector; the server is asked on first use. Raises ModelError."""
        return self._known()[0]

    @property
    def revision(self) -> str:
        """The digest of the weights where the server gives one, and of the prompts. Raises ModelError."""
        return self._known()[1]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension); of a text without a word, zeros. Raises ModelError."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        rows = [row for row, text in enumerate(texts) if text.strip()]
        for start in range(0, len(rows), BATCH_TEXTS):
            some = rows[start : start + BATCH_TEXTS]
            vectors[some] = self._embed([self._prompts.passage + texts[row] for row in some], BATCH)
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,); of a text without a word, zeros. Raises ModelError."""
        if not text.strip():
            return np.zeros(self.dimension, np.float32)
        vector: Vectors = self._embed([self._prompts.query + text], READER)[0]
        return vector

    def _known(self) -> tuple[int, str]:
        with self._asking:
            if self._facts is None:
                dimension = self._embed(["dimension"], READER).shape[1]
                self._facts = dimension, _revision(self._digest(), self._prompts)
            return self._facts

    def _embed(self, texts: Sequence[str], patience: Patience) -> Vectors:
        """Their vectors. A text beyond the context is cut at its end, because servers refuse the whole batch."""
        if self._longest:
            texts = [text[: self._longest] for text in texts]
        try:
            return called(self._server, self._model, lambda: self._vectors(texts), self._listed, patience)
        except ContextTooLong:
            if len(texts) > 1:
                half = len(texts) // 2
                return np.concatenate([self._embed(texts[:half], patience), self._embed(texts[half:], patience)])
            if len(texts[0]) < SHORTEST:
                raise
            self._longest = len(texts[0]) * 4 // 5
            return self._embed(texts, patience)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        """One request. Raises Fault, also for a reply without exactly one vector per text."""
        with httpx_faults():
            vectors = np.array(self._ask(texts), np.float32)
        dimension = self._facts[0] if self._facts else vectors.shape[-1]
        if vectors.shape != (len(texts), dimension) or not dimension or not np.isfinite(vectors).all():
            raise Fault("nonsense")
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def _revision(digest: str, prompts: Prompts) -> str:
    told = sha256(repr(prompts).encode()).hexdigest()[:12] if any(prompts) else ""
    return "-".join(filter(None, (digest, told)))
