"""What tests of the library are made of: tiny articles, stories without end, an embedder that is quick to make."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence

import numpy as np
import pytest

from qa.language.text import stems
from qa.library import IngestReport, Library
from qa.models import Vectors
from qa.settings import Settings
from qa.store import Store, Windows
from qa.store.database import scratch_database

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


def own_windows() -> Windows:
    """What windows share, of a test's own."""
    return Windows(scratch_database())


def open_library(settings: Settings) -> Library:
    """The library at `settings.index`, with the hashing embedder."""
    return Library.over(settings, HashingEmbedder())


EMBEDDER = HashingEmbedder()


def assert_in_step(store: Store) -> None:
    """Every passage is found by its own text through both indexes, and neither index holds anything else."""
    ids = store.articles.passage_ids()
    passages = list(store.articles.all_passages(ids))
    for passage in passages[:1]:  # whoever searches brings both up to date
        found = store.find(passage.text, EMBEDDER.embed_query(passage.text), 20, copies=True)
        assert passage.id in {one.passage.id for one in found}
    words, vectors = store.words(), store._vectors
    assert words.passage_ids.tolist() == ids
    for passage in passages:
        assert vectors.nearest(EMBEDDER.embed_query(passage.text), 20)[passage.id] == pytest.approx(1, abs=1e-3)
        assert words.score_of(passage.id, words.scores(passage.text)) > 0
    assert vectors.ids() == set(ids) and vectors.count() == len(ids)
    assert not store.articles.pending(1)


def counts(report: IngestReport) -> tuple[int, int, int, int, int]:
    """Added, updated, unchanged, duplicates, failures."""
    return tuple(map(len, (report.added, report.updated, report.unchanged, report.duplicates, report.failures)))  # type: ignore[return-value]


def texts(library: Library) -> dict[str, str]:
    return {row.id: article.text for row in library.articles() if (article := library.article(row.id))}


MESSY = (
    "07:14\nGBP 1.17\nJPY 0.0063\nNOK 86,50\n\n"
    "Ministers agree on\u00a0ferry timetable\n\n"
    "  \u2022 2\n"
    "The two ministers met in\u00a0\u00a0Vik on\u00a012\u00a0March.\r\n\r\n"
    "Popular\n\n"
    "\u00abWe shall sail every day,\u00bb the minister\u2019s office said.\n \t\n"
    "Editor\u2019s note: the timetable was put right on Friday.\n\n\n"
    "\u2014\n\nRead more\n\nPost sponsored by Fjord Lines\n\nShare this article with your friends\n"
)
