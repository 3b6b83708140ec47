"""The embedder that ships with the package: the mean of word vectors, read and computed without torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load
from tokenizers import Tokenizer

from qa.errors import UsageError
from qa.models.base import Vectors

if TYPE_CHECKING:
    from qa.settings import Settings

FOLDER = Path(__file__).parent / "bundled"
BATCH = 512
"""Texts tokenised at once: enough for every core, few enough to keep memory small."""
REMEMBERED = 30_000
"""Words whose tokens stay in memory, some 250 bytes each. Three times as many save an ingest a hundredth of time."""


def load_bundled(model: str, settings: Settings | None = None) -> StaticEmbedder:
    """The bundled embedder of that name; it reads no setting.

    Raises UsageError, which lists the choices.
    """
    return _bundled(model)


@cache
def _bundled(model: str) -> StaticEmbedder:
    choices = sorted(path.parent.name for path in FOLDER.glob("*/model.safetensors"))
    if model not in choices:
        raise UsageError(f"Unknown bundled embedder '{model}'. Choose one of: {', '.join(choices)}.")
    return StaticEmbedder(f"bundled:{model}", FOLDER / model)


class StaticEmbedder:
    """A sentence-transformers StaticEmbedding model with a Normalize module; gives the same vectors as that library.

    Token order plays no part. A text without a known token, such as an empty one, gets a vector of zeros.
    """

    def __init__(self, name: str, folder: Path) -> None:
        data = (folder / "model.safetensors").read_bytes()
        tensors = load(data)
        self.name = name
        self.revision = sha256(data).hexdigest()[:12]
        """Changes whenever the weights do."""
        # Eight bits per number and one scale per row, under the names that sentence-transformers reads.
        self._rows, self._scales = tensors["embeddings"], tensors["weights"].astype(np.float32)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._known: dict[str, list[int]] = {}
        self.dimension = int(self._rows.shape[1])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension)."""
        sums = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            self._add_up(batch, sums[start : start + BATCH])
        sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
        return sums

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,)."""
        vector: Vectors = self.embed_passages([text])[0]
        return vector

    def knows(self, word: str) -> bool:
        """Whether a lower-case word has a vector of its own."""
        return self._tokenizer.token_to_id(word) is not None

    def tokens(self, texts: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """The token ids of all texts in one array, and the offset of each text in it, shape (len(texts) + 1,)."""
        found = self._tokenise(texts)
        bounds = np.cumsum([0, *map(len, found)])
        return np.fromiter(chain.from_iterable(found), np.intp, bounds[-1]), bounds

    def vectors_of(self, ids: NDArray[np.intp]) -> Vectors:
        """The vectors of tokens before averaging, shape (len(ids), dimension). Frequent tokens have shorter ones."""
        vectors: Vectors = self._rows.take(ids, axis=0) * self._scales.take(ids)[:, None]
        return vectors

    def _add_up(self, texts: Sequence[str], sums: Vectors) -> None:
        """Writes the sum of each text's word vectors into `sums`; normalising later makes sum and mean equal."""
        ids, bounds = self.tokens(texts)
        # Measured on 200-word passages: several times as fast as np.add.reduceat over the whole batch.
        for row, start, end in zip(sums, bounds, bounds[1:], strict=False):
            np.add.reduce(self.vectors_of(ids[start:end]), axis=0, out=row)

    def _tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of each text.

        No token crosses white space, so each word is tokenised once and remembered.
        """
        if len(self._known) > REMEMBERED:
            self._known = {}
        known = self._known  # another thread may replace it
        pieces = [text.split() for text in texts]
        new = [piece for piece in dict.fromkeys(chain.from_iterable(pieces)) if piece not in known]
        encodings = self._tokenizer.encode_batch_fast(new, add_special_tokens=False)
        known.update((piece, encoding.ids) for piece, encoding in zip(new, encodings, strict=True))
        return [list(chain.from_iterable(map(known.__getitem__, words))) for words in pieces]
