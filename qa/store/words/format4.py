"""Reads the word index of a version that kept it as one set of arrays: it becomes the first segment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from qa.store.checksums import find_damage, from_json
from qa.store.words.files import Damaged
from qa.store.words.postings import Postings
from qa.store.words.segment import Segment
from qa.store.words.vocabulary import Words

_FORMAT = "4"


def read_format_4(folder: Path) -> tuple[Segment, int] | None:
    """The newest index in `folder/<generation>` and its generation; None without any. Raises Damaged, OSError."""
    generations = [int(path.name) for path in folder.glob("*") if path.name.isdecimal()]
    if not generations:
        return None
    place = folder / str(max(generations))
    if (place / "format").read_bytes().decode(errors="replace") != _FORMAT:
        return None
    noted = from_json((place / "checksums.json").read_text("utf-8", "replace"))
    if damage := "checksums.json has other bytes than were written" if noted is None else find_damage(place, noted):
        raise Damaged(damage)

    def mapped(name: str) -> Any:
        return np.asarray(np.load(place / f"{name}.npy", mmap_mode="r"))

    words = json.loads((place / "vocabulary.json").read_text("utf-8"))
    terms = np.arange(len(words), dtype=np.int32)
    postings = Postings(terms, *(mapped(name) for name in ("starts", "rows", "counts", "headings")))
    ids, offsets, tokens, lengths = (mapped(name) for name in ("passages", "offsets", "tokens", "lengths"))
    return Segment(ids, offsets, tokens, lengths, postings, Words.of(words)), max(generations)
