"""What every embedder and every language model can do, whoever makes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns text into vectors of unit length, so that a dot product is the cosine."""

    @property
    def name(self) -> str:
        """`provider:model`, recorded with a library that is built with it."""

    @property
    def revision(self) -> str:
        """Tells its weights apart from others of the same name; empty where nothing does."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension), of the texts as they are to be found."""

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,), of a text as it is searched with."""


class Reranker(Protocol):
    """Reads a question together with each text, and says how well the text answers it."""

    @property
    def name(self) -> str:
        """`provider:model`."""

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """A score for each text, shape (len(texts),); higher is better, on a scale of its own. Raises ModelError."""


class Entailment(NamedTuple):
    """How likely each is, 0 to 1, that a premise entails a hypothesis, leaves it open, or contradicts it."""

    entailed: float
    neutral: float
    contradicted: float


class Verifier(Protocol):
    """Reads evidence together with a claim, and says whether the one follows from the other."""

    @property
    def name(self) -> str:
        """`provider:model`."""

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Entailment]:
        """What holds between each premise and hypothesis. Raises ModelError."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a language model."""

    role: Literal["system", "user", "assistant"]
    content: str


class LanguageModel(Protocol):
    """Writes text, piece by piece."""

    @property
    def name(self) -> str:
        """`provider:model`."""

    @property
    def where(self) -> str:
        """Where it runs, for the reader: the host of the server, or "this machine"."""

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, without what it only thinks. Closing the iterator ends the request.

        Raises ModelError; ContextTooLong where fewer passages would help.
        """


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A language model that could answer now."""

    name: str
    """`provider:model`, or "extractive"."""
    where: str
    """The host of its server, or "this machine"."""
    note: str = ""
    """What a reader may want to know before choosing it, such as its size."""
