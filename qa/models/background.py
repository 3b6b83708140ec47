"""An embedder that loads while words alone already find something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Thread

from qa.errors import EmbedderMismatch, ModelError, QAError
from qa.models.base import Embedder, Vectors

LOADING = "The embedder is still loading; found by words alone."


class BackgroundEmbedder:
    """An embedder whose name, revision and dimension are known, while a thread loads the rest.

    Whoever needs a vector waits for it; whoever can do without asks `ready()` first, or calls `query_vector`.
    """

    def __init__(self, name: str, revision: str, dimension: int, loader: Callable[[], Embedder]) -> None:
        self.name = name
        self.revision = revision
        self.dimension = dimension
        self._loader = loader
        self._embedder: Embedder | None = None
        self._failure: Exception | None = None
        self._ended = Event()
        Thread(target=self._load, name="embedder", daemon=True).start()

    def ready(self) -> bool:
        """Whether it can be used without waiting."""
        return self._embedder is not None

    @property
    def failure(self) -> Exception | None:
        """Why it cannot be loaded; None while it loads, and when it has."""
        return self._failure

    def wait(self) -> Embedder:
        """The embedder itself, once it has loaded.

        Raises ModelError where it cannot be, and EmbedderMismatch where it is not the one that was expected.
        """
        self._ended.wait()
        if self._embedder is None:
            assert self._failure is not None
            if isinstance(self._failure, QAError):
                raise self._failure
            raise ModelError(_words(self._failure)) from self._failure
        return self._embedder

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension). Waits until it has loaded."""
        return self.wait().embed_passages(texts)

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,). Waits until it has loaded."""
        return self.wait().embed_query(text)

    def _load(self) -> None:
        try:
            embedder = self._loader()
            if (embedder.dimension, embedder.revision) != (self.dimension, self.revision):
                raise EmbedderMismatch(
                    f"The library was built with other weights of the embedder '{self.name}'. Make its vectors again "
                    "with: qa doctor --repair"
                )
            self._embedder = embedder
        except Exception as error:
            self._failure = error
        finally:
            self._ended.set()


def query_vector(embedder: Embedder, text: str) -> tuple[Vectors | None, str | None]:
    """The vector of a question, and nothing to say; or None, and why words alone must do, for the reader."""
    if isinstance(embedder, BackgroundEmbedder) and not embedder.ready():
        if embedder.failure is None:
            return None, LOADING
        return None, f"{_words(embedder.failure)} Found by words alone."
    try:
        return embedder.embed_query(text), None
    except QAError as error:  # a server that has gone away
        return None, f"{error} Found by words alone."


def _words(error: Exception) -> str:
    if isinstance(error, QAError):
        return str(error)
    return f"The embedder cannot be loaded: {str(error) or type(error).__name__}."
