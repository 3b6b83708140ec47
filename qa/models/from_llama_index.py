"""Any language model or embedding of llama-index: one of a class that is named, or one that a program has made."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.errors import ModelError, first_line
from qa.models.apart import read_apart
from qa.models.base import Counted, Vectors
from qa.models.thinking import without_thinking
from qa.types import Message

if TYPE_CHECKING:
    from qa.settings import Settings

PROVIDER = "llama-index"


def load_llama_index_chat(model: str, settings: Settings) -> LlamaIndexChat:
    """The language model of the class MODULE:CLASS. Raises ModelError."""
    return LlamaIndexChat(_made(model, "stream_chat", "language model"), f"{PROVIDER}:{model}")


def load_llama_index_embedder(model: str, settings: Settings) -> LlamaIndexEmbedder:
    """The embedding of the class MODULE:CLASS. Raises ModelError."""
    return LlamaIndexEmbedder(_made(model, "get_text_embedding_batch", "embedding"), f"{PROVIDER}:{model}")


def _made(model: str, method: str, kind: str) -> Any:
    """What the class makes without arguments: keys come from its own variables. Raises ModelError where it is no such.

    The class has to have the `method` that every one of the `kind` has.
    """
    module, _, name = model.partition(":")
    if not (module and name):
        raise ModelError(
            f"'{PROVIDER}:{model}' names no class. Write it as {PROVIDER}:MODULE:CLASS, such as "
            f"{PROVIDER}:llama_index.llms.mistralai:MistralAI."
        )
    try:
        made = getattr(import_module(module), name)()
    except Exception as error:  # a package can raise anything while it is imported, or its class is made
        raise ModelError(
            f"The model {PROVIDER}:{model} cannot be made ({first_line(error)}). "
            "Install its package, and set what it needs in the environment."
        ) from error
    if not hasattr(made, method):
        raise ModelError(f"{PROVIDER}:{model} is no {kind} of llama-index: it has no {method}.")
    return made


class LlamaIndexChat:
    """A language model of llama-index. Where it runs, it alone knows."""

    def __init__(self, llm: Any, name: str = "") -> None:
        kind = type(llm)
        self.name = name or f"{PROVIDER}:{kind.__module__}:{kind.__name__}"
        self.where = f"the server of llama-index's {kind.__name__}"
        self._llm = llm

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, without a model's thinking. Raises ModelError for whatever goes wrong."""
        said = False
        try:
            with closing(read_apart(self._pieces(messages))) as pieces:
                for piece in without_thinking(pieces):
                    said = said or bool(piece)
                    yield piece
        except Exception as error:  # each provider's package raises types of its own
            raise ModelError(f"The model {self.name} failed: {first_line(error)}.") from error
        if not said:
            raise ModelError(f"The model {self.name} replied without a word. Ask again, or choose another model.")

    def _pieces(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        from llama_index.core.llms import ChatMessage

        whole, counted = "", Counted(None, None)
        for part in self._llm.stream_chat([ChatMessage(role=one.role, content=one.content) for one in messages]):
            piece = part.delta if part.delta is not None else str(part.message.content or "")[len(whole) :]
            whole += piece
            yield piece
            told = part.additional_kwargs
            counted = Counted(told.get("prompt_tokens"), told.get("completion_tokens")) if told else counted
        yield counted


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
