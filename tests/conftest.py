"""Parts that many tests share.

    settings   makes Settings with a library folder of the test's own: settings(passage_words=50)
    library    makes a Library over them, with `HashingEmbedder`; closed when the test ends
    write      writes a file below the test's folder, text or bytes: write("news/a.txt", "...") -> its path
    write_rows writes a JSONL file: write_rows("news.jsonl", [{...}, ...]) -> its path

`HashingEmbedder` is a small honest embedder: texts that share words are near to each other. `ARTICLES` are three tiny
ones, and `story(n)` gives any number of sentences that have nothing in common.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

from qa.library import Library
from qa.models import Vectors
from qa.settings import Settings, load_settings
from qa.store import Store
from qa.text import stems

# The same examples in every run, and none fails for the sake of a busy machine.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("steady")

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
    embedder = HashingEmbedder()
    return Library(settings, embedder, Store(settings.index, embedder.name, embedder.dimension))


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(**flags: Any) -> Settings:
        return load_settings(**{"index": tmp_path / "library", **flags})

    return make


@pytest.fixture
def library(settings: Callable[..., Settings]) -> Iterator[Callable[..., Library]]:
    opened: list[Library] = []

    def make(**flags: Any) -> Library:
        opened.append(open_library(settings(**flags)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def write_rows(write: Callable[[str, str | bytes], Path]) -> Callable[[str, Sequence[Any]], Path]:
    def make(name: str, rows: Sequence[Any]) -> Path:
        return write(name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    return make
