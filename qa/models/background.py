"""Models that load in a thread, while search by words already works."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from contextvars import ContextVar
from threading import Event, Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from qa.errors import EmbedderMismatch, ModelError, QAError
from qa.models.apart import TICK
from qa.models.base import Embedder, LanguageModel, Reranker, Vectors
from qa.types import Message

T = TypeVar("T")

LOADING = "The embedder is still loading; found by words alone."
UNRANKED = "The reranker is still loading; this is the order without it."

PROGRESS: ContextVar[Callable[[str], None]] = ContextVar("progress", default=lambda told: None)
"""What a loader tells how far it is, such as "120 of 491 MB fetched"."""
_ONE_AT_A_TIME = Lock()
"""Two threads that import the same large library at once would see it half initialised."""


class Loading(Generic[T]):
    """A value that a thread loads. A failure is kept and raised at every use."""

    def __init__(self, what: str, loader: Callable[[], T], *, is_light: bool = False) -> None:
        """A loader that `is_light` imports no library that others load too, so that it may take long beside them."""
        self.progress = ""
        """How far it is, in words, where the loader says so."""
        self._what = what
        self._loader = loader
        self._lock = nullcontext() if is_light else _ONE_AT_A_TIME
        self._loaded: list[T] = []
        self._failure: Exception | None = None
        self._ended = Event()
        Thread(target=self._load, name=f"loading the {what}", daemon=True).start()

    def ready(self) -> bool:
        """True once it can be used without waiting."""
        return bool(self._loaded)

    @property
    def failure(self) -> str | None:
        """Why it cannot be loaded, in words for the reader; None while it loads and once it has loaded."""
        if self._failure is None or isinstance(self._failure, QAError):
            return str(self._failure) if self._failure else None
        return f"The {self._what} cannot be loaded: {str(self._failure) or type(self._failure).__name__}."

    def ended(self, seconds: float) -> bool:
        """Waits so long, or until it has loaded or failed; whether it has."""
        return self._ended.wait(seconds)

    def wait(self) -> T:
        """The value, once it has loaded. Raises ModelError, or the QAError that its loader raised."""
        self._ended.wait()
        if self._loaded:
            return self._loaded[0]
        if isinstance(self._failure, QAError):
            raise self._failure
        raise ModelError(self.failure or "") from self._failure

    def _load(self) -> None:
        PROGRESS.set(self._tell)
        try:
            with self._lock:
                self._loaded.append(self._loader())
        except Exception as error:
            self._failure = error
        finally:
            self._ended.set()

    def _tell(self, told: str) -> None:
        self.progress = told


class BackgroundEmbedder:
    """An embedder whose name, revision and dimension are known, while a thread loads the rest.

    A caller that needs a vector waits; one that can do without asks `ready()` first or calls `query_vector`.
    """

    def __init__(self, name: str, revision: str, dimension: int, loader: Callable[[], Embedder]) -> None:
        self.name = name
        self.revision = revision
        self.dimension = dimension
        self._loader = loader
        self._embedder = Loading("embedder", self._load)

    def ready(self) -> bool:
        """True once it can be used without waiting."""
        return self._embedder.ready()

    @property
    def failure(self) -> str | None:
        """Why it cannot be loaded, in words for the reader; None while it loads and once it has loaded."""
        return self._embedder.failure

    def wait(self) -> Embedder:
        """The embedder, once it has loaded.

        Raises ModelError if it cannot be loaded, and EmbedderMismatch if it is not the one expected.
        """
        return self._embedder.wait()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension). Waits until it has loaded."""
        return self.wait().embed_passages(texts)

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,). Waits until it has loaded."""
        return self.wait().embed_query(text)

    def _load(self) -> Embedder:
        embedder = self._loader()
        if (embedder.dimension, embedder.revision) != (self.dimension, self.revision):
            raise EmbedderMismatch(
                f"The library was built with other weights of the embedder '{self.name}'. Make its vectors again "
                "with: qa doctor --repair"
            )
        return embedder


class BackgroundReranker:
    """A reranker that a thread loads. A caller that can do without it calls `ready_reranker`."""

    def __init__(self, name: str, loader: Callable[[], Reranker]) -> None:
        self.name = name
        self._reranker = Loading("reranker", loader)

    def ready(self) -> bool:
        """True once it can be used without waiting."""
        return self._reranker.ready()

    @property
    def failure(self) -> str | None:
        """Why it cannot be loaded, in words for the reader; None while it loads and once it has loaded."""
        return self._reranker.failure

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """A score for each text, shape (len(texts),). Waits until it has loaded. Raises ModelError."""
        return self._reranker.wait().scores(question, texts)


class BackgroundModel:
    """A language model that a thread loads. What goes wrong with that is raised as ModelError when it is to write."""

    def __init__(
        self, name: str, where: str, loader: Callable[[], LanguageModel | None], timeout: float, *, is_light: bool
    ) -> None:
        """Who wants it to write waits `timeout` seconds for it to load, at most."""
        self.name = name
        self.where = where
        self._timeout = timeout
        self._loading = Loading("model", loader, is_light=is_light)

    @property
    def has_failed(self) -> bool:
        """Whether it could not be loaded."""
        return self._loading.failure is not None

    def check(self, seconds: float) -> None:
        """Waits so long, at most. Raises ModelError where it could not be loaded by then."""
        if self._loading.ended(seconds):
            self.wait()

    def wait(self) -> LanguageModel:
        """The model itself, once it has loaded. Raises ModelError."""
        try:
            model = self._loading.wait()
        except ModelError:
            raise
        except QAError as error:
            raise ModelError(str(error)) from error
        assert model is not None
        return model

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply, empty ones while it loads. Raises ModelError; closing the iterator ends the request."""
        end = monotonic() + self._timeout
        while not self._loading.ended(TICK):
            if monotonic() >= end:
                told = f" ({self._loading.progress})" if self._loading.progress else ""
                raise ModelError(f"The model {self.name} is still loading{told}. Ask again in a while.")
            yield ""
        yield from self.wait().stream(messages)


def query_vector(embedder: Embedder, text: str) -> tuple[Vectors | None, str | None]:
    """Returns (vector, None), or (None, why the search uses words alone, for the reader)."""
    if isinstance(embedder, BackgroundEmbedder) and not embedder.ready():
        return None, f"{embedder.failure} Found by words alone." if embedder.failure else LOADING
    try:
        return embedder.embed_query(text), None
    except QAError as error:  # a server that has gone away
        return None, f"{error} Found by words alone."


def ready_reranker(reranker: Reranker | None) -> tuple[Reranker | None, str | None]:
    """Returns (reranker, None), or (None, why it is not used yet, for the reader)."""
    if isinstance(reranker, BackgroundReranker) and not reranker.ready():
        return None, f"{reranker.failure} This is the order without it." if reranker.failure else UNRANKED
    return reranker, None
