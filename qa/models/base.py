"""What every embedder and every language model can do, whoever makes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from qa.types import Message

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns text into vectors of unit length, so that a dot product is the cosine."""

    @property
    def name(self) -> str:
        """`provider:model`, recorded with a library that is built with it."""

    @property
    def revision(self) -> str:
        """Identifies the weights behind the name; empty when nothing does."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors for the index, shape (len(texts), dimension)."""

    def embed_query(self, text: str) -> Vectors:
        """The vector of a query, shape (dimension,)."""


class Reranker(Protocol):
    """Reads a question together with each text and scores how well the text answers it."""

    @property
    def name(self) -> str:
        """`provider:model`."""

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """A score for each text, shape (len(texts),). Higher is better; scales differ by model. Raises ModelError."""


class Entailment(NamedTuple):
    """Probabilities, 0 to 1, that a premise entails a hypothesis, leaves it open, or contradicts it."""

    entailed: float
    neutral: float
    contradicted: float


@dataclass(frozen=True, slots=True)
class SupportFit:
    """A logistic regression: a verifier's reading and what the rules found -> how likely a claim is borne out.

    Without others, the reading is taken as it is.
    """

    reading: float = 1.0
    """Of the verifier's log-odds."""
    share: float = 0.0
    """Of the share of the claim's words that the evidence contains, 0 to 1."""
    in_order: float = 0.0
    """Of the share that it contains in the same order, 0 to 1."""
    hard: float = 0.0
    """Of a hard discrepancy, where there is one."""
    soft: float = 0.0
    """Of a soft one."""
    constant: float = 0.0
    sure: float = 0.8
    """Probability from which a claim is `supported`."""
    doubted: float = 0.5
    """Probability under which a hard discrepancy makes a claim `unsupported`: both speak against it."""


class Verifier(Protocol):
    """Reads evidence together with a claim and says if the claim follows."""

    @property
    def name(self) -> str:
        """`provider:model`."""

    @property
    def revision(self) -> str:
        """Identifies the weights behind the name; empty when nothing does."""

    @property
    def languages(self) -> frozenset[str]:
        """Those that it reads, as two letters; empty where nobody says."""

    @property
    def fit(self) -> SupportFit:
        """How its reading and the rules of the check come together."""

    def reads(self, hypothesis: str) -> bool:
        """Whether it reads a hypothesis of this length to its end. Raises ModelError."""

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Entailment]:
        """The entailment of each (premise, hypothesis). Raises ModelError."""


class LanguageModel(Protocol):
    """Writes text, piece by piece."""

    @property
    def name(self) -> str:
        """`provider:model`."""

    @property
    def where(self) -> str:
        """Where it runs, for the reader: the host of the server, or "this machine"."""

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, without the model's thinking. Closing the iterator ends the request.

        An empty piece says nothing but that the reply is still waited for, or is `Counted`. Raises ModelError;
        ContextTooLong when fewer passages would help.
        """


class Counted(str):
    """An empty piece at the end of a reply, with how many tokens were read and written."""

    prompt_tokens: int | None
    completion_tokens: int | None
    is_cut: bool
    """Whether the model was stopped because it had written all that it may, maybe in the middle of a sentence."""

    def __new__(
        cls, prompt_tokens: int | None = None, completion_tokens: int | None = None, *, is_cut: bool = False
    ) -> Counted:
        """Each number None where it is not known."""
        piece = super().__new__(cls, "")
        piece.prompt_tokens, piece.completion_tokens, piece.is_cut = prompt_tokens, completion_tokens, is_cut
        return piece


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A language model that could answer now."""

    name: str
    """`provider:model`, or "extractive"."""
    where: str
    """The host of its server, or "this machine"."""
    note: str = ""
    """A fact that helps to choose, such as its size."""
