"""What tests of the library are made of: tiny articles, stories without end, an embedder that is quick to make."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence

import numpy as np

from qa.library import Library
from qa.models import Vectors
from qa.settings import Settings
from qa.text import stems

ARTICLES = {
    "harbour.md": "---\ntitle: Harbour bridge opens\noutlet: Tern Valley Herald\ndate: 2021-05-04\n---\n\n"
    "The harbour bridge in Port Ellery opened on Tuesday after six years of work.\n\n"
    'Mayor Ines Falk cut the ribbon. "It cost 48 million crowns," she said.\n',
    "school.md": "---\ntitle: School wins chess cup\noutlet: The Morning Lark\ndate: 2022-11-20\n---\n\n"
    "Pupils of the Lindgren School won the national chess cup on Sunday.\n\n"
    "They beat last year's winners by three games to one.\n",
    "storm.txt": "Storm closes mountain road\n\n"
    "A storm closed the road over the Karsk pass for two days.\n\nNobody was hurt, the police said.\n",
}


def story(number: int) -> str:
    """A sentence of eight words that hardly any other story has."""
    luck = random.Random(number)
    return " ".join("".join(luck.choices("bdfgklmnprstvz", k=5)) for _ in range(8)).capitalize() + "."


class HashingEmbedder:
    """Every stem of a text adds one to a place that its hash chooses; then the length is made 1."""

    def __init__(self, dimension: int = 256) -> None:
        self.dimension = dimension
        self.name = "hashing:stems"
        self.revision = "1"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension)."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for stem in stems(text) or [""]:
                vector[zlib.crc32(stem.encode()) % self.dimension] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,)."""
        return self.embed_passages([text])[0]


def open_library(settings: Settings) -> Library:
    """The library at `settings.index`, with the hashing embedder."""
    return Library.over(settings, HashingEmbedder())
